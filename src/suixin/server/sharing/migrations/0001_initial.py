import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("identity", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Consent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("consent_id", models.CharField(max_length=32)),
                ("handle", models.CharField(max_length=100)),
                ("merchant_id", models.CharField(max_length=100)),
                ("purpose", models.CharField(max_length=10)),
                ("terms", models.JSONField()),
                ("notice", models.TextField()),
                ("status", models.CharField(max_length=12)),
                ("version", models.IntegerField()),
                ("hash", models.CharField(max_length=64)),
                ("starts_at", models.DateTimeField(null=True)),
                ("expires_at", models.DateTimeField(null=True)),
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
                    models.Index(fields=["organisation", "merchant_id", "purpose"], name="consent_merchant")
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("organisation", "consent_id"), name="consent_number"),
                    models.UniqueConstraint(fields=("organisation", "handle"), name="consent_handle"),
                    models.UniqueConstraint(
                        condition=models.Q(("status__in", ("active", "paused"))),
                        fields=("organisation", "merchant_id", "purpose"),
                        name="consent_live_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "status__in",
                                [
                                    "requested",
                                    "active",
                                    "paused",
                                    "rejected",
                                    "lapsed",
                                    "revoked",
                                    "expired",
                                    "consumed",
                                    "superseded",
                                ],
                            )
                        ),
                        name="consent_status",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ConsentEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.IntegerField()),
                ("kind", models.CharField(max_length=12)),
                ("at", models.DateTimeField()),
                ("by", models.CharField(max_length=80)),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("auth_method", models.CharField(blank=True, max_length=20)),
                ("evidence", models.CharField(blank=True, max_length=200)),
                ("witness", models.CharField(blank=True, max_length=80)),
                ("hash", models.CharField(max_length=64)),
                ("jws", models.TextField()),
                (
                    "consent",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="sharing.consent",
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
                    models.UniqueConstraint(fields=("consent", "version"), name="consent_event_version"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "requested",
                                    "granted",
                                    "rejected",
                                    "lapsed",
                                    "paused",
                                    "resumed",
                                    "withdrawn",
                                    "expired",
                                    "consumed",
                                    "superseded",
                                ],
                            )
                        ),
                        name="consent_event_kind",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Receipt",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("receipt_id", models.CharField(max_length=32)),
                ("number", models.IntegerField()),
                ("version", models.IntegerField()),
                ("merchant_id", models.CharField(max_length=100)),
                ("purpose", models.CharField(max_length=10)),
                ("scopes", models.JSONField()),
                ("what", models.CharField(max_length=200)),
                ("since", models.DateField()),
                ("by", models.CharField(max_length=80)),
                ("at", models.DateTimeField()),
                (
                    "consent",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="receipts",
                        to="sharing.consent",
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
                        fields=["organisation", "merchant_id", "id"], name="consent_receipt_merchant"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("organisation", "receipt_id"), name="consent_receipt_id"),
                    models.UniqueConstraint(fields=("consent", "number"), name="consent_receipt_number"),
                ],
            },
        ),
    ]
