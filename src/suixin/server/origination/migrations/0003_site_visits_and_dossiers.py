import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0002_owners_are_bound"),
        ("origination", "0002_proposals_and_batches"),
    ]

    operations = [
        migrations.CreateModel(
            name="Dossier",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("digest", models.CharField(max_length=64)),
                ("gaps", models.JSONField()),
                ("content", models.BinaryField()),
                ("made_by", models.CharField(max_length=80)),
                ("made_at", models.DateTimeField()),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="dossiers",
                        to="origination.application",
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
                "indexes": [models.Index(fields=["application", "id"], name="dossier_order")],
            },
        ),
        migrations.CreateModel(
            name="SiteVisit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(choices=[("before", "贷前调查"), ("after", "贷后检查")], max_length=10),
                ),
                ("on", models.DateField()),
                ("place", models.CharField(max_length=100)),
                ("with_whom", models.CharField(blank=True, max_length=60)),
                ("findings", models.CharField(max_length=1000)),
                ("used_as_agreed", models.BooleanField(null=True)),
                ("by", models.CharField(max_length=80)),
                ("at", models.DateTimeField()),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="visits",
                        to="origination.application",
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
                "indexes": [models.Index(fields=["application", "id"], name="visit_order")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "before"), ("used_as_agreed", None)),
                            models.Q(("kind", "after"), ("used_as_agreed__isnull", False)),
                            _connector="OR",
                        ),
                        name="visit_use",
                    )
                ],
            },
        ),
    ]
