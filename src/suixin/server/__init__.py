"""The product around the library: organisations, people and the stored ledger, on SQLite or PostgreSQL by Django.

Nothing outside imports this package; the command line loads it when a command needs it.
"""
