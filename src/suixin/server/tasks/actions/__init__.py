"""What is done with tasks: one file a verb."""
