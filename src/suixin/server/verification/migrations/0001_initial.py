import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("identity", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="BureauQuery",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reference", models.CharField(max_length=20)),
                ("merchant_id", models.CharField(max_length=100)),
                ("application", models.CharField(max_length=30)),
                ("purpose", models.CharField(max_length=10)),
                ("provider", models.CharField(max_length=100)),
                ("by_file", models.BooleanField()),
                ("receipt_id", models.CharField(max_length=32)),
                ("by", models.CharField(max_length=80)),
                ("at", models.DateTimeField()),
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
                "indexes": [models.Index(fields=["organisation", "application"], name="bureau_application")],
                "constraints": [
                    models.UniqueConstraint(fields=("organisation", "reference"), name="bureau_reference"),
                    models.UniqueConstraint(fields=("organisation", "receipt_id"), name="bureau_receipt"),
                ],
            },
        ),
        migrations.CreateModel(
            name="BureauReport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reported_on", models.DateField(null=True)),
                ("rows", models.IntegerField()),
                ("digest", models.CharField(max_length=64)),
                ("snapshot", models.CharField(max_length=60)),
                ("by", models.CharField(max_length=80)),
                ("at", models.DateTimeField()),
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
                    "query",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="report",
                        to="verification.bureauquery",
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
            name="GivenUp",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", models.CharField(max_length=200)),
                ("by", models.CharField(max_length=80)),
                ("at", models.DateTimeField()),
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
                    "query",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="given_up",
                        to="verification.bureauquery",
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
            name="IdentityRequest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reference", models.CharField(max_length=20)),
                ("merchant_id", models.CharField(max_length=100)),
                ("fingerprint", models.CharField(max_length=64)),
                ("by", models.CharField(max_length=80)),
                ("at", models.DateTimeField()),
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
                    models.Index(fields=["organisation", "merchant_id"], name="identity_request_merchant")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organisation", "reference"), name="identity_request_reference"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="IdentityCheck",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("merchant_id", models.CharField(max_length=100)),
                ("fingerprint", models.CharField(max_length=64)),
                ("ending", models.CharField(max_length=2)),
                (
                    "how",
                    models.CharField(
                        choices=[("provider", "核验机构"), ("counter", "柜台核验证件"), ("demo", "演示")],
                        max_length=10,
                    ),
                ),
                ("provider", models.CharField(max_length=100)),
                ("reference", models.CharField(max_length=100)),
                (
                    "verdict",
                    models.CharField(
                        choices=[("matched", "一致"), ("mismatch", "不一致"), ("unknown", "库中无此号")],
                        max_length=10,
                    ),
                ),
                ("checked", models.JSONField()),
                ("expires_on", models.DateField(null=True)),
                ("by", models.CharField(max_length=80)),
                ("at", models.DateTimeField()),
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
                    "request",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answer",
                        to="verification.identityrequest",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [
                    models.Index(fields=["organisation", "merchant_id", "id"], name="identity_merchant")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("verdict__in", ["matched", "mismatch", "unknown"])),
                        name="identity_verdict",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("how__in", ["counter", "demo"]), ("request", None)),
                            models.Q(("how", "provider"), ("request__isnull", False)),
                            _connector="OR",
                        ),
                        name="identity_how",
                    ),
                ],
            },
        ),
    ]
