import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("identity", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Book",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.SlugField(max_length=40)),
                ("currency", models.CharField(max_length=3)),
                ("business_on", models.DateField()),
                ("opened_on", models.DateField()),
                ("serviced", models.BooleanField(default=False)),
                (
                    "organisation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="identity.organisation",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "constraints": [models.UniqueConstraint(fields=("organisation", "code"), name="book_code")],
            },
        ),
        migrations.CreateModel(
            name="Balance",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("account", models.CharField(max_length=20)),
                ("subject", models.CharField(blank=True, max_length=200)),
                ("currency", models.CharField(max_length=3)),
                ("side", models.SmallIntegerField()),
                ("posted_minor", models.BigIntegerField(db_default=0, default=0)),
                ("pending_minor", models.BigIntegerField(db_default=0, default=0)),
                (
                    "organisation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="identity.organisation",
                    ),
                ),
                (
                    "book",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="balances",
                        to="ledger.book",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("book", "account", "subject", "currency"), name="balance_line"
                    ),
                    models.CheckConstraint(condition=models.Q(("side__in", [-1, 1])), name="balance_side"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("pending_minor__gte", 0),
                            ("pending_minor__lte", 9000000000000000000),
                            ("posted_minor__gte", -9000000000000000000),
                            ("posted_minor__lte", 9000000000000000000),
                        ),
                        name="balance_size",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("pending_minor", 0),
                            models.Q(("posted_minor__gte", models.F("pending_minor")), ("side", 1)),
                            models.Q(
                                (
                                    "posted_minor__lte",
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("pending_minor"), "*", models.Value(-1)
                                    ),
                                ),
                                ("side", -1),
                            ),
                            _connector="OR",
                        ),
                        name="balance_available",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Head",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "book_id", "sequence", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("sequence", models.BigIntegerField()),
                ("link", models.BinaryField(max_length=32)),
                ("signature", models.JSONField(null=True)),
                ("sealed_at", models.DateTimeField()),
                (
                    "book",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="heads",
                        to="ledger.book",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="identity.organisation",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="Hold",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=200)),
                ("amount_minor", models.BigIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[("placed", "Placed"), ("posted", "Posted"), ("voided", "Voided")],
                        default="placed",
                        max_length=6,
                    ),
                ),
                ("reference", models.CharField(blank=True, max_length=200)),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("transaction_key", models.CharField(blank=True, max_length=200)),
                ("placed_by", models.CharField(max_length=80)),
                ("placed_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "balance",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="holds", to="ledger.balance"
                    ),
                ),
                (
                    "book",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="holds",
                        to="ledger.book",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="identity.organisation",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("book", "key"), name="hold_key"),
                    models.UniqueConstraint(
                        condition=models.Q(("transaction_key", ""), _negated=True),
                        fields=("book", "transaction_key"),
                        name="hold_posted_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor__gt", 0), ("amount_minor__lte", 1000000000000000)),
                        name="hold_amount",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "posted"), models.Q(("transaction_key", ""), _negated=True)),
                            models.Q(("state__in", ["placed", "voided"]), ("transaction_key", "")),
                            _connector="OR",
                        ),
                        name="hold_state",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Transaction",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=200)),
                ("kind", models.CharField(max_length=200)),
                ("booked_on", models.DateField()),
                ("value_on", models.DateField()),
                ("reference", models.CharField(blank=True, max_length=200)),
                ("reverses", models.CharField(blank=True, max_length=200)),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("entry_count", models.SmallIntegerField()),
                ("digest", models.BinaryField(max_length=32)),
                ("posted_by", models.CharField(max_length=80)),
                ("posted_at", models.DateTimeField()),
                (
                    "book",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transactions",
                        to="ledger.book",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="identity.organisation",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [
                    models.Index(fields=["book", "id"], name="transaction_order"),
                    models.Index(
                        condition=models.Q(("reference", ""), _negated=True),
                        fields=["book", "reference"],
                        name="transaction_reference",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("book", "key"), name="transaction_key"),
                    models.UniqueConstraint(
                        condition=models.Q(("reverses", ""), _negated=True),
                        fields=("book", "reverses"),
                        name="transaction_reversed_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("reverses", ""), models.Q(("reason", ""), _negated=True), _connector="OR"
                        ),
                        name="transaction_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("value_on__lte", models.F("booked_on"))), name="transaction_days"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Seal",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "book_id", "sequence", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("sequence", models.BigIntegerField()),
                ("digest", models.BinaryField(max_length=32)),
                ("link", models.BinaryField(max_length=32)),
                (
                    "book",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="seals",
                        to="ledger.book",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="identity.organisation",
                    ),
                ),
                (
                    "transaction",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="seal",
                        to="ledger.transaction",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="Entry",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "transaction_id",
                        "balance_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("amount_minor", models.BigIntegerField()),
                (
                    "balance",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="ledger.balance",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="identity.organisation",
                    ),
                ),
                (
                    "transaction",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="ledger.transaction",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [models.Index(fields=["balance", "transaction"], name="entry_balance")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("amount_minor__gte", -1000000000000000),
                            ("amount_minor__lte", 1000000000000000),
                            models.Q(("amount_minor", 0), _negated=True),
                        ),
                        name="entry_amount",
                    )
                ],
            },
        ),
    ]
