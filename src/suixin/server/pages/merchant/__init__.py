"""A merchant's own pages, for a phone."""
