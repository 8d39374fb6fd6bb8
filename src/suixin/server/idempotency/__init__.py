"""A write is done once, however often it is asked for."""
