"""Saved views: lists as one person asks for them, under names of their own."""
