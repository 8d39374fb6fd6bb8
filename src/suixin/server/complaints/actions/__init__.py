"""What is done about a complaint: one file a verb."""
