"""Loans in the lender's hands: offered, paid out, repaid from sales or by hand, relieved, ended day by day."""
