"""The merchants that a lender knows, and who they are."""
