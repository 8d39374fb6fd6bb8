"""What is done about endpoints and deliveries; one file a verb."""
