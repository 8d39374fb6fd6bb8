"""Who is told what happens: endpoints of a house's own systems, and what was sent to each, by Standard Webhooks."""
