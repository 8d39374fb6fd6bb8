import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("identity", "0001_initial"),
        ("ledger", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Facility",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=40)),
                ("borrower", models.CharField(max_length=100)),
                ("limit_minor", models.BigIntegerField()),
                ("frozen", models.BooleanField(default=False)),
                ("opened_on", models.DateField()),
                ("expires_on", models.DateField()),
                (
                    "book",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="facilities",
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
                    models.UniqueConstraint(fields=("book", "number"), name="facility_number"),
                    models.CheckConstraint(condition=models.Q(("limit_minor__gt", 0)), name="facility_limit"),
                    models.CheckConstraint(
                        condition=models.Q(("expires_on__gt", models.F("opened_on"))), name="facility_days"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Loan",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=40)),
                ("borrower", models.CharField(max_length=100)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("offered", "Offered"),
                            ("withdrawn", "Withdrawn"),
                            ("accepted", "Accepted"),
                            ("active", "Active"),
                            ("arrears", "Arrears"),
                            ("restructured", "Restructured"),
                            ("renewed", "Renewed"),
                            ("closed", "Closed"),
                            ("written_off", "Written Off"),
                            ("recovered", "Recovered"),
                        ],
                        default="offered",
                        max_length=12,
                    ),
                ),
                ("offered_as", models.CharField(max_length=64)),
                ("offered_by", models.CharField(max_length=80)),
                ("accepted_by", models.CharField(blank=True, max_length=80)),
                ("signature", models.CharField(blank=True, max_length=64)),
                ("contract", models.TextField()),
                ("risk", models.JSONField(null=True)),
                ("flags", models.JSONField(default=list)),
                ("restructurings", models.SmallIntegerField(default=0)),
                ("restructured_on", models.JSONField(default=list)),
                ("small_retail", models.BooleanField(default=True)),
                ("non_performing_on", models.DateField(null=True)),
                ("reprices", models.JSONField(null=True)),
                ("account", models.TextField()),
                ("begins", models.JSONField()),
                ("five_class", models.SmallIntegerField(default=1)),
                ("allowance_minor", models.BigIntegerField(default=0)),
                ("is_live", models.BooleanField(default=False)),
                ("principal_minor", models.BigIntegerField(default=0)),
                ("drawn_minor", models.BigIntegerField(default=0)),
                ("rate_ppm", models.IntegerField(default=0)),
                ("overdue_days", models.IntegerField(default=0)),
                ("overdue_on", models.DateField(null=True)),
                ("worst_days", models.IntegerField(default=0)),
                ("bills_on", models.DateField(null=True)),
                ("from_on", models.DateField()),
                ("until_on", models.DateField()),
                ("interest", models.BigIntegerField()),
                ("interest_daily", models.BigIntegerField()),
                ("cap_minor", models.BigIntegerField()),
                ("late", models.BigIntegerField()),
                ("late_daily", models.BigIntegerField()),
                ("late_paid_minor", models.BigIntegerField()),
                ("year_days", models.SmallIntegerField()),
                ("books_state", models.CharField(max_length=12)),
                (
                    "book",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="loans",
                        to="ledger.book",
                    ),
                ),
                (
                    "facility",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="loans",
                        to="servicing.facility",
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
                "indexes": [
                    models.Index(
                        condition=models.Q(("is_live", True)), fields=["book", "id"], name="loan_live"
                    ),
                    models.Index(
                        condition=models.Q(("is_live", True)), fields=["book", "bills_on"], name="loan_bills"
                    ),
                    models.Index(fields=["book", "borrower"], name="loan_borrower"),
                    models.Index(
                        fields=[
                            "organisation",
                            "book",
                            "id",
                            "is_live",
                            "state",
                            "five_class",
                            "from_on",
                            "overdue_on",
                            "overdue_days",
                            "worst_days",
                            "principal_minor",
                            "drawn_minor",
                            "allowance_minor",
                            "rate_ppm",
                            "borrower",
                            "number",
                        ],
                        name="loan_list",
                    ),
                ],
                "constraints": [models.UniqueConstraint(fields=("book", "number"), name="loan_number")],
            },
        ),
        migrations.CreateModel(
            name="LoanEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=100)),
                ("kind", models.CharField(max_length=20)),
                ("on", models.DateField()),
                ("document", models.TextField(blank=True)),
                ("takes_back", models.CharField(blank=True, max_length=100)),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("booked_on", models.DateField()),
                ("by", models.CharField(max_length=80)),
                ("at", models.DateTimeField()),
                (
                    "loan",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="servicing.loan",
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
                "indexes": [models.Index(fields=["loan", "id"], name="loan_event_order")],
                "constraints": [
                    models.UniqueConstraint(fields=("loan", "key"), name="loan_event_key"),
                    models.UniqueConstraint(
                        condition=models.Q(("takes_back", ""), _negated=True),
                        fields=("loan", "takes_back"),
                        name="loan_event_taken_back_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MonthEnd",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                ("five_class", models.SmallIntegerField()),
                ("principal_minor", models.BigIntegerField()),
                (
                    "loan",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="month_ends",
                        to="servicing.loan",
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
                "indexes": [
                    models.Index(
                        fields=["organisation", "day", "five_class", "loan", "principal_minor"],
                        name="month_end_day",
                    )
                ],
                "constraints": [models.UniqueConstraint(fields=("loan", "day"), name="month_end_once")],
            },
        ),
        migrations.CreateModel(
            name="Profile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("borrower_class", models.CharField(max_length=20)),
                ("client_credit_minor", models.BigIntegerField()),
                ("purpose", models.CharField(max_length=60)),
                ("industry", models.CharField(max_length=6)),
                ("agricultural", models.BooleanField()),
                ("inclusive", models.BooleanField()),
                ("green", models.BooleanField()),
                ("first_time", models.BooleanField()),
                ("credit_only", models.BooleanField()),
                ("renewal", models.BooleanField()),
                ("security", models.CharField(max_length=20)),
                ("channel", models.CharField(max_length=40)),
                ("partner", models.CharField(blank=True, max_length=60)),
                ("payment_mode", models.CharField(max_length=20)),
                ("county", models.CharField(max_length=6)),
                ("village", models.CharField(max_length=12)),
                ("crop", models.CharField(blank=True, max_length=30)),
                ("granted_on", models.DateField()),
                (
                    "loan",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="profile",
                        to="servicing.loan",
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
                "indexes": [
                    models.Index(fields=["organisation", "village", "crop", "loan"], name="profile_place"),
                    models.Index(fields=["organisation", "crop", "loan"], name="profile_crop"),
                    models.Index(fields=["organisation", "granted_on", "loan"], name="profile_granted"),
                ],
            },
        ),
        migrations.CreateModel(
            name="RiskShare",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("party", models.CharField(max_length=20)),
                ("share_ppm", models.IntegerField()),
                ("cap_minor", models.BigIntegerField(null=True)),
                ("from_on", models.DateField()),
                ("until_on", models.DateField()),
                ("claim_by_on", models.DateField()),
                (
                    "loan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="risk_shares",
                        to="servicing.loan",
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
                    models.UniqueConstraint(fields=("loan", "party"), name="risk_share_party"),
                    models.CheckConstraint(
                        condition=models.Q(("share_ppm__gte", 0), ("share_ppm__lte", 1000000)),
                        name="risk_share_size",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SweepAuthorisation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("platform", models.CharField(max_length=40)),
                ("shop", models.CharField(max_length=100)),
                ("share_ppm", models.IntegerField()),
                ("keep_minor", models.BigIntegerField()),
                ("return_days", models.SmallIntegerField()),
                ("signed_on", models.DateField()),
                ("signature", models.CharField(max_length=64)),
                ("ended_on", models.DateField(null=True)),
                (
                    "loan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sweeps",
                        to="servicing.loan",
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
                    models.UniqueConstraint(
                        condition=models.Q(("ended_on", None)),
                        fields=("loan", "platform", "shop"),
                        name="sweep_authorisation_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("keep_minor__gte", 0), ("share_ppm__gt", 0), ("share_ppm__lte", 1000000)
                        ),
                        name="sweep_authorisation_share",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Settlement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=100)),
                ("sales_minor", models.BigIntegerField()),
                ("settled_on", models.DateField()),
                ("due_on", models.DateField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("swept", "Swept"),
                            ("left", "Left"),
                            ("returned", "Returned"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("withheld_minor", models.BigIntegerField(default=0)),
                ("returned_minor", models.BigIntegerField(default=0)),
                ("lessened", models.SmallIntegerField(default=0)),
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
                    "authorisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="settlements",
                        to="servicing.sweepauthorisation",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "waiting")), fields=["due_on"], name="settlement_waiting"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("authorisation", "key"), name="settlement_key"),
                    models.CheckConstraint(
                        condition=models.Q(("sales_minor__gt", 0)), name="settlement_sales"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("returned_minor__gte", 0), ("returned_minor__lte", models.F("sales_minor"))
                        ),
                        name="settlement_returned",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DayEnd",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                ("step", models.CharField(max_length=10)),
                ("done_to", models.BigIntegerField(default=0)),
                ("counts", models.JSONField(default=dict)),
                ("began_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "book",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="day_ends",
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
                "constraints": [models.UniqueConstraint(fields=("book", "day"), name="day_end_once")],
            },
        ),
    ]
