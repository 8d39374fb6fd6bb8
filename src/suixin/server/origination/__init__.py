"""From an application to a signed contract: consents, decision, authority, offer, signature, appeal."""
