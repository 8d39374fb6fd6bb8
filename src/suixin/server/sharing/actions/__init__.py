"""What is done to consents and under them; one file a verb."""
