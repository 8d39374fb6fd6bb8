import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("identity", "0001_initial"),
        ("origination", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="MendedFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("ingest", models.IntegerField()),
                ("table", models.CharField(max_length=30)),
                ("digest", models.CharField(max_length=64)),
                ("name", models.CharField(max_length=100)),
                ("good", models.IntegerField()),
                ("there", models.IntegerField()),
                ("faults", models.JSONField()),
                ("read_by", models.CharField(max_length=80)),
                ("read_at", models.DateTimeField()),
                ("begun_at", models.DateTimeField(null=True)),
                ("claimed", models.JSONField(default=list)),
                ("let_go_at", models.DateTimeField(null=True)),
                ("done_by", models.CharField(blank=True, max_length=80)),
                ("done_at", models.DateTimeField(null=True)),
                ("made", models.IntegerField(null=True)),
                ("mended", models.IntegerField(default=0)),
                (
                    "desk",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="origination.desk"
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
                        fields=("desk", "ingest", "table", "digest"), name="mended_file_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RowOutcome",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("ingest", models.IntegerField()),
                ("table", models.CharField(max_length=30)),
                ("place", models.CharField(max_length=32)),
                (
                    "kind",
                    models.CharField(choices=[("mended", "已修正"), ("dismissed", "已搁置")], max_length=10),
                ),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("by", models.CharField(max_length=80)),
                ("at", models.DateTimeField()),
                (
                    "desk",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="origination.desk",
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="outcomes",
                        to="intake.mendedfile",
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
                        fields=("desk", "ingest", "table", "place"), name="row_outcome_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("file__isnull", False), ("kind", "mended"), ("reason", "")),
                            models.Q(
                                ("file", None), ("kind", "dismissed"), models.Q(("reason", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="row_outcome_why",
                    ),
                ],
            },
        ),
    ]
