"""What is done to merchants: one file a verb."""
