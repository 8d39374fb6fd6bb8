"""The policies that ship, one a currency."""
