"""A bank that has lived: two years of a seeded county, made by the same actions that people use."""
