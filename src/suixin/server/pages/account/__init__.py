"""Everybody's own way in: password, second factor, sessions."""
