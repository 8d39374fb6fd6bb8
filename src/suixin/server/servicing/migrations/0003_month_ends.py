import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0002_owners_are_bound"),
        ("servicing", "0002_lists_of_loans"),
    ]

    operations = [
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
    ]
