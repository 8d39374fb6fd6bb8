"""What was done, by whom and why: append-only and sealed."""
