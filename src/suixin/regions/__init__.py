"""Figures by township for those outside the bank: what may be shown of them, and how they lie on a map of squares."""
