"""What is done about figures by township: one file a verb."""
