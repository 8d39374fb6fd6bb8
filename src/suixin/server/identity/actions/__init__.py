"""What is done to organisations and people; one file a verb."""
