"""Features: what a trading record says of a merchant on a day, and nothing that was not known then."""
