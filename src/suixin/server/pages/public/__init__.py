"""Pages for everybody: the way in, and what is said when there is no way."""
