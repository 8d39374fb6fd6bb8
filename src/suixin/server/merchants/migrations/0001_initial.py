import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("identity", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Merchant",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("merchant_id", models.CharField(max_length=100)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("farmer", "农户"),
                            ("sole_trader", "个体工商户"),
                            ("firm_owner", "小微企业主"),
                            ("small_firm", "小微企业"),
                            ("coop", "合作社"),
                        ],
                        max_length=20,
                    ),
                ),
                ("county", models.CharField(max_length=6)),
                ("village", models.CharField(max_length=12)),
                ("industry", models.CharField(max_length=6)),
                ("crop", models.CharField(blank=True, max_length=30)),
                ("platform", models.CharField(blank=True, max_length=40)),
                ("shop", models.CharField(blank=True, max_length=100)),
                ("relatives", models.JSONField(default=list)),
                ("enrolled_at", models.DateTimeField()),
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
                    models.UniqueConstraint(fields=("organisation", "merchant_id"), name="merchant_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind__in", ["farmer", "sole_trader", "firm_owner", "small_firm", "coop"])
                        ),
                        name="merchant_kind",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Holder",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60)),
                ("shop_name", models.CharField(blank=True, max_length=60)),
                ("identity_number", models.CharField(blank=True, max_length=18)),
                ("telephone", models.CharField(blank=True, max_length=20)),
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
                    "merchant",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="holder",
                        to="merchants.merchant",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
    ]
