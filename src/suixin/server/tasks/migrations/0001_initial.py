import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("identity", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Task",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("applications", "提交批量申请"), ("mended_rows", "提交修正的隔离行")],
                        max_length=20,
                    ),
                ),
                ("subject", models.BigIntegerField()),
                ("asked_by", models.CharField(max_length=80)),
                ("asked_at", models.DateTimeField()),
                ("begun_at", models.DateTimeField(null=True)),
                ("told_at", models.DateTimeField(null=True)),
                ("tries", models.IntegerField(default=0)),
                ("phase", models.CharField(blank=True, max_length=20)),
                ("total", models.IntegerField(null=True)),
                ("done", models.IntegerField(default=0)),
                ("refused", models.IntegerField(default=0)),
                ("ended_at", models.DateTimeField(null=True)),
                ("why_zh", models.CharField(blank=True, max_length=500)),
                ("why_en", models.CharField(blank=True, max_length=500)),
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
                "indexes": [models.Index(fields=["organisation", "kind", "subject"], name="task_of_subject")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)),
                        fields=("organisation", "kind", "subject"),
                        name="task_open_once",
                    )
                ],
            },
        ),
    ]
