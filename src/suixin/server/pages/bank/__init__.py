"""A bank's pages."""
