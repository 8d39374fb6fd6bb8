"""The app's name."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """The stored ledger: books, transactions, entries, balances, holds and their chain."""

    name = "suixin.server.ledger"
    label = "ledger"
