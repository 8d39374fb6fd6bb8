"""The due-diligence file of a case: what must be in it, what is missing, and all of it sealed."""
