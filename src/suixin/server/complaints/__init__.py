"""Complaints: who is dissatisfied with what, by when they get an answer, what it was, and why it happened."""
