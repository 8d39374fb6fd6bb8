import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("identity", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Message",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("topic", models.CharField(max_length=60)),
                ("key", models.CharField(max_length=200)),
                ("payload", models.JSONField()),
                ("written_at", models.DateTimeField()),
                ("sent_at", models.DateTimeField(null=True)),
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
                        condition=models.Q(("sent_at", None)),
                        fields=["organisation", "id"],
                        name="message_waiting",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("organisation", "topic", "key"), name="message_once")
                ],
            },
        ),
    ]
