"""The stored ledger's tables. Its rules stand in the database: `guards_postgresql.sql` and `guards_sqlite.sql`.

Transactions and entries are written by set-based SQL (`suixin.server.ledger.store`), never a model instance an entry.
"""

from typing import Any, ClassVar

from django.db import models

from suixin.server import tenancy

MAX_MINOR = 10**15
"""The largest sum of one entry, minor units: ten thousand billion yuan. A slip of the hand is found here."""

MAX_BALANCE_MINOR = 9 * 10**18
"""The largest balance: SQLite would silently go on in floating point just above."""


class Book(tenancy.OrganisationModel):
    """One lender's ledger: its currency, and the business date, which never goes back."""

    never_deleted: ClassVar[bool] = True

    code = models.SlugField(max_length=40)
    currency = models.CharField(max_length=3)
    business_on = models.DateField()
    opened_on = models.DateField()
    serviced = models.BooleanField(default=False)  # it has loans: only the end of its days moves its date

    class Meta(tenancy.OrganisationModel.Meta):
        """A code names one book of an organisation."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["organisation", "code"], name="book_code")
        ]

    def __str__(self) -> str:
        return self.code


class Balance(tenancy.OrganisationModel):
    """What an account, a subject and a currency come to in a book.

    `posted_minor` is the fold of the entries: the database adds each entry as it is written, and nobody else may.
    `pending_minor` is the sum of the holds that are placed. `side` is +1 where a debit adds to what is available
    (assets, expenses, memo) and -1 where a credit does; available = side · posted - pending, never below 0 while
    anything is held.
    """

    never_deleted: ClassVar[bool] = True

    book = models.ForeignKey(Book, on_delete=models.PROTECT, related_name="balances", db_index=False)
    account = models.CharField(max_length=20)
    subject = models.CharField(max_length=200, blank=True)
    currency = models.CharField(max_length=3)
    side = models.SmallIntegerField()
    posted_minor = models.BigIntegerField(default=0, db_default=0)
    pending_minor = models.BigIntegerField(default=0, db_default=0)

    class Meta(tenancy.OrganisationModel.Meta):
        """One balance a line of the books, and never less than what is held on it."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["book", "account", "subject", "currency"], name="balance_line"),
            models.CheckConstraint(condition=models.Q(side__in=[-1, 1]), name="balance_side"),
            models.CheckConstraint(
                condition=models.Q(
                    posted_minor__gte=-MAX_BALANCE_MINOR,
                    posted_minor__lte=MAX_BALANCE_MINOR,
                    pending_minor__gte=0,
                    pending_minor__lte=MAX_BALANCE_MINOR,
                ),
                name="balance_size",
            ),
            models.CheckConstraint(
                condition=models.Q(pending_minor=0)
                | models.Q(side=1, posted_minor__gte=models.F("pending_minor"))
                | models.Q(side=-1, posted_minor__lte=-models.F("pending_minor")),
                name="balance_available",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.subject} {self.currency}"

    @property
    def available_minor(self) -> int:
        """What may still be taken, minor units."""
        return self.side * self.posted_minor - self.pending_minor


class Transaction(tenancy.OrganisationModel):
    """A balanced transaction; `digest` is that of its canonical content (`suixin.ledger.chain`)."""

    append_only: ClassVar[bool] = True

    # The guards look book and organisation up once a statement; foreign keys would do so once a row.
    organisation = models.ForeignKey(
        "identity.Organisation",
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    book = models.ForeignKey(
        Book, on_delete=models.PROTECT, related_name="transactions", db_index=False, db_constraint=False
    )
    key = models.CharField(max_length=200)
    kind = models.CharField(max_length=200)
    booked_on = models.DateField()
    value_on = models.DateField()
    reference = models.CharField(max_length=200, blank=True)
    reverses = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    entry_count = models.SmallIntegerField()
    digest = models.BinaryField(max_length=32)
    posted_by = models.CharField(max_length=80)
    posted_at = models.DateTimeField()

    class Meta(tenancy.OrganisationModel.Meta):
        """A key once a book; taken back once, with a reason."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["book", "key"], name="transaction_key"),
            models.UniqueConstraint(
                fields=["book", "reverses"],
                condition=~models.Q(reverses=""),
                name="transaction_reversed_once",
            ),
            models.CheckConstraint(
                condition=models.Q(reverses="") | ~models.Q(reason=""), name="transaction_reason"
            ),
            models.CheckConstraint(
                condition=models.Q(value_on__lte=models.F("booked_on")), name="transaction_days"
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["book", "id"], name="transaction_order"),
            models.Index(
                fields=["book", "reference"], condition=~models.Q(reference=""), name="transaction_reference"
            ),
        ]

    def __str__(self) -> str:
        return self.key


class Entry(tenancy.OrganisationModel):
    """A line of a transaction: debit above 0, credit below, minor units of its balance's currency."""

    append_only: ClassVar[bool] = True

    pk = models.CompositePrimaryKey("transaction_id", "balance_id")
    organisation = models.ForeignKey(  # that of its transaction, as the guards see to
        "identity.Organisation",
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    transaction = models.ForeignKey(
        Transaction, on_delete=models.PROTECT, related_name="entries", db_index=False
    )
    balance = models.ForeignKey(
        Balance, on_delete=models.PROTECT, related_name="entries", db_index=False, db_constraint=False
    )
    amount_minor = models.BigIntegerField()

    class Meta(tenancy.OrganisationModel.Meta):
        """Read by balance in the order of posting; the guards see to it that transaction and balance exist."""

        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=models.Q(amount_minor__gte=-MAX_MINOR, amount_minor__lte=MAX_MINOR)
                & ~models.Q(amount_minor=0),
                name="entry_amount",
            )
        ]
        indexes: ClassVar[list[Any]] = [models.Index(fields=["balance", "transaction"], name="entry_balance")]

    def __str__(self) -> str:
        return f"{self.transaction_id} {self.balance_id} {self.amount_minor}"


class Hold(tenancy.OrganisationModel):
    """A sum set aside on a balance until it is posted or voided; both are for good."""

    never_deleted: ClassVar[bool] = True

    class State(models.TextChoices):
        """Where a hold is in its life."""

        PLACED = "placed"
        POSTED = "posted"
        VOIDED = "voided"

    book = models.ForeignKey(Book, on_delete=models.PROTECT, related_name="holds", db_index=False)
    balance = models.ForeignKey(Balance, on_delete=models.PROTECT, related_name="holds")
    key = models.CharField(max_length=200)
    amount_minor = models.BigIntegerField()
    state = models.CharField(max_length=6, choices=State.choices, default=State.PLACED)
    reference = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    transaction_key = models.CharField(max_length=200, blank=True)  # what it was posted by
    placed_by = models.CharField(max_length=80)
    placed_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta(tenancy.OrganisationModel.Meta):
        """A key once a book; what is posted names its transaction."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["book", "key"], name="hold_key"),
            models.UniqueConstraint(
                fields=["book", "transaction_key"],
                condition=~models.Q(transaction_key=""),
                name="hold_posted_once",
            ),
            models.CheckConstraint(
                condition=models.Q(amount_minor__gt=0, amount_minor__lte=MAX_MINOR), name="hold_amount"
            ),
            models.CheckConstraint(
                condition=(models.Q(state="posted") & ~models.Q(transaction_key=""))
                | models.Q(state__in=["placed", "voided"], transaction_key=""),
                name="hold_state",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.state}"


class Seal(tenancy.OrganisationModel):
    """A transaction's place in its book's chain."""

    append_only: ClassVar[bool] = True

    pk = models.CompositePrimaryKey("book_id", "sequence")
    book = models.ForeignKey(Book, on_delete=models.PROTECT, related_name="seals", db_index=False)
    sequence = models.BigIntegerField()
    transaction = models.OneToOneField(
        Transaction, on_delete=models.PROTECT, related_name="seal", db_constraint=False
    )
    digest = models.BinaryField(max_length=32)
    link = models.BinaryField(max_length=32)

    class Meta(tenancy.OrganisationModel.Meta):
        """As the house's other rows."""

    def __str__(self) -> str:
        return f"{self.book_id}/{self.sequence}"


class Head(tenancy.OrganisationModel):
    """The last link of a batch of seals, signed if the house has a key; a copy kept elsewhere shows a cut tail."""

    append_only: ClassVar[bool] = True

    pk = models.CompositePrimaryKey("book_id", "sequence")
    book = models.ForeignKey(Book, on_delete=models.PROTECT, related_name="heads", db_index=False)
    sequence = models.BigIntegerField()
    link = models.BinaryField(max_length=32)
    signature = models.JSONField(null=True)
    sealed_at = models.DateTimeField()

    class Meta(tenancy.OrganisationModel.Meta):
        """As the house's other rows."""

    def __str__(self) -> str:
        return f"{self.book_id}/{self.sequence}"
