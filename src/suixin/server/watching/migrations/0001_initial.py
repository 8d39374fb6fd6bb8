import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("identity", "0001_initial"),
        ("ledger", "0001_initial"),
        ("servicing", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Alert",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("borrower", models.CharField(max_length=100)),
                ("code", models.CharField(max_length=30)),
                ("severity", models.SmallIntegerField()),
                ("raised", models.JSONField()),
                ("opened_on", models.DateField()),
                ("seen_on", models.DateField()),
                ("value", models.FloatField(null=True)),
                ("points", models.IntegerField()),
                ("chance", models.FloatField()),
                ("horizon_days", models.IntegerField()),
                ("proposed", models.CharField(max_length=20)),
                ("evidence", models.JSONField()),
                ("orders", models.JSONField()),
                ("months", models.JSONField()),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "待处理"), ("taken", "处理中"), ("closed", "已关闭")],
                        default="open",
                        max_length=6,
                    ),
                ),
                ("taken_by", models.CharField(blank=True, max_length=80)),
                ("taken_at", models.DateTimeField(null=True)),
                ("closed_on", models.DateField(null=True)),
                ("closed_by", models.CharField(blank=True, max_length=80)),
                ("closed_because", models.CharField(blank=True, max_length=20)),
                ("reason", models.CharField(blank=True, max_length=500)),
                ("gone_on", models.DateField(null=True)),
                (
                    "book",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.book",
                    ),
                ),
                (
                    "loan",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="alerts",
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
                    models.Index(fields=["organisation", "state", "-severity", "id"], name="alert_board"),
                    models.Index(fields=["loan", "id"], name="alert_loan"),
                    models.Index(
                        condition=models.Q(("gone_on", None)),
                        fields=["book", "borrower"],
                        name="alert_lasting",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("gone_on", None)), fields=("loan", "code"), name="alert_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("severity__gte", 1), ("severity__lte", 3)), name="alert_severity"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_on__isnull", False), ("state", "closed")),
                            models.Q(
                                ("closed_on", None), ("gone_on", None), ("state__in", ["open", "taken"])
                            ),
                            _connector="OR",
                        ),
                        name="alert_closed_on",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Look",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                ("snapshot", models.CharField(blank=True, max_length=80)),
                ("known_until", models.DateField(null=True)),
                ("rules", models.CharField(max_length=64)),
                ("counts", models.JSONField()),
                ("unread", models.JSONField()),
                ("made_by", models.CharField(max_length=80)),
                ("made_at", models.DateTimeField()),
                (
                    "book",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
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
                "constraints": [models.UniqueConstraint(fields=("book", "day"), name="look_once")],
            },
        ),
    ]
