"""Loans: schedules, and later products, allocation of repayments, classes, provisions and end of day."""
