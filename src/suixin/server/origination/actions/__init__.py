"""What is done in a case: one file a verb."""
