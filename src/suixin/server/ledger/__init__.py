"""The stored ledger: books, transactions, entries, balances, holds and their chain."""
