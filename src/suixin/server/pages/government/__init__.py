"""Pages for government and fund: published figures alone, never a live row."""
