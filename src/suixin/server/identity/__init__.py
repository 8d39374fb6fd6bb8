"""Organisations, people, and who may do what."""
