import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("identity", "0002_owners_are_bound"),
        ("ledger", "0002_book_serviced"),
    ]

    operations = [
        migrations.CreateModel(
            name="Application",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=30)),
                ("merchant_id", models.CharField(max_length=100)),
                ("amount_minor", models.BigIntegerField()),
                ("purpose", models.CharField(max_length=60)),
                (
                    "channel",
                    models.CharField(
                        choices=[("self", "本人手机"), ("assisted", "员工协助"), ("bulk", "批量导入")],
                        max_length=10,
                    ),
                ),
                ("by_people", models.BooleanField(default=False)),
                ("filed_by", models.CharField(max_length=80)),
                ("filed_at", models.DateTimeField()),
                ("filed_on", models.DateField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("filed", "待评估"),
                            ("review", "待审查"),
                            ("approval", "待审批"),
                            ("committee", "待贷审会"),
                            ("offered", "待签约"),
                            ("signed", "已签约"),
                            ("declined", "已拒绝"),
                            ("withdrawn", "已撤回"),
                        ],
                        default="filed",
                        max_length=10,
                    ),
                ),
                ("automatic", models.BooleanField(default=False)),
                ("granted_minor", models.BigIntegerField(default=0)),
                ("rate_ppm", models.IntegerField(default=0)),
                ("agreement", models.TextField(blank=True)),
                ("signature", models.JSONField(null=True)),
                ("facility", models.CharField(blank=True, max_length=40)),
                ("settled_at", models.DateTimeField(null=True)),
                (
                    "book",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="applications",
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
            },
        ),
        migrations.CreateModel(
            name="Desk",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("lake", models.CharField(max_length=500)),
                ("demo", models.BooleanField(default=False)),
                (
                    "book",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.book"
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
            },
        ),
        migrations.CreateModel(
            name="Opinion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("file", "提交"),
                            ("policy", "系统评估"),
                            ("review", "审查"),
                            ("approval", "审批"),
                            ("committee", "贷审会"),
                            ("signature", "签约"),
                            ("appeal", "申诉"),
                            ("withdrawal", "撤回"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "verdict",
                    models.CharField(
                        choices=[
                            ("noted", "已登记"),
                            ("approve", "同意"),
                            ("refer", "转人工"),
                            ("decline", "不同意"),
                        ],
                        max_length=10,
                    ),
                ),
                ("amount_minor", models.BigIntegerField(null=True)),
                ("reason", models.CharField(blank=True, max_length=500)),
                ("on", models.DateField()),
                ("by", models.CharField(max_length=80)),
                ("at", models.DateTimeField()),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="opinions",
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
            },
        ),
        migrations.CreateModel(
            name="PolicyRelease",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("hash", models.CharField(max_length=64)),
                ("name", models.CharField(max_length=60)),
                ("version", models.CharField(max_length=30)),
                ("text", models.TextField()),
                ("released_by", models.CharField(max_length=80)),
                ("seconded_by", models.CharField(blank=True, max_length=80)),
                ("released_at", models.DateTimeField()),
                ("reason", models.CharField(blank=True, max_length=500)),
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
            },
        ),
        migrations.CreateModel(
            name="DecisionRecord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("decision_id", models.CharField(max_length=64)),
                ("outcome", models.CharField(max_length=10)),
                ("score", models.FloatField()),
                ("grade", models.CharField(max_length=10)),
                ("pd", models.FloatField()),
                ("limit_minor", models.BigIntegerField()),
                ("document", models.TextField()),
                ("case", models.TextField()),
                ("evidence", models.JSONField(default=list)),
                ("digest", models.CharField(max_length=64)),
                ("made_by", models.CharField(max_length=80)),
                ("made_at", models.DateTimeField()),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
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
                (
                    "policy",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="origination.policyrelease",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.AddIndex(
            model_name="application",
            index=models.Index(fields=["organisation", "state", "id"], name="application_queue"),
        ),
        migrations.AddIndex(
            model_name="application",
            index=models.Index(fields=["organisation", "merchant_id"], name="application_merchant"),
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.UniqueConstraint(fields=("organisation", "number"), name="application_number"),
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["filed", "review", "approval", "committee", "offered"])),
                fields=("organisation", "merchant_id"),
                name="application_open_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_minor__gt", 0)), name="application_amount"
            ),
        ),
        migrations.AddConstraint(
            model_name="desk",
            constraint=models.UniqueConstraint(fields=("organisation",), name="desk_once"),
        ),
        migrations.AddIndex(
            model_name="opinion",
            index=models.Index(fields=["application", "id"], name="opinion_order"),
        ),
        migrations.AddIndex(
            model_name="policyrelease",
            index=models.Index(fields=["organisation", "id"], name="policy_order"),
        ),
        migrations.AddIndex(
            model_name="decisionrecord",
            index=models.Index(fields=["application", "id"], name="decision_order"),
        ),
    ]
