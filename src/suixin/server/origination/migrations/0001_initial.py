import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("identity", "0001_initial"),
        ("ledger", "0001_initial"),
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
                        choices=[
                            ("self", "本人手机"),
                            ("assisted", "员工协助"),
                            ("bulk", "批量导入"),
                            ("api", "系统接口"),
                        ],
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
                "indexes": [
                    models.Index(fields=["organisation", "state", "id"], name="application_queue"),
                    models.Index(fields=["organisation", "merchant_id"], name="application_merchant"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("organisation", "number"), name="application_number"),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("state__in", ["filed", "review", "approval", "committee", "offered"])
                        ),
                        fields=("organisation", "merchant_id"),
                        name="application_open_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor__gt", 0)), name="application_amount"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ApplicationBatch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("digest", models.CharField(max_length=64)),
                ("name", models.CharField(max_length=100)),
                ("rows", models.JSONField()),
                ("faults", models.JSONField()),
                ("read_by", models.CharField(max_length=80)),
                ("read_at", models.DateTimeField()),
                ("filed", models.JSONField(default=list)),
                ("filed_by", models.CharField(blank=True, max_length=80)),
                ("filed_at", models.DateTimeField(null=True)),
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
                    models.UniqueConstraint(fields=("organisation", "digest"), name="application_batch_once")
                ],
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
                "constraints": [models.UniqueConstraint(fields=("organisation",), name="desk_once")],
            },
        ),
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
                ("by", models.CharField(max_length=80)),
                ("on", models.DateField()),
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
                "indexes": [models.Index(fields=["application", "id"], name="opinion_order")],
            },
        ),
        migrations.CreateModel(
            name="PolicyProposal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("hash", models.CharField(max_length=64)),
                ("text", models.TextField()),
                ("reason", models.CharField(max_length=500)),
                ("proposed_by", models.CharField(max_length=80)),
                ("proposed_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "待发布"), ("released", "已发布"), ("withdrawn", "已撤回")],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("settled_by", models.CharField(blank=True, max_length=80)),
                ("settled_at", models.DateTimeField(null=True)),
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
                        condition=models.Q(("state", "open")),
                        fields=("organisation",),
                        name="policy_proposal_once",
                    )
                ],
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
                "indexes": [models.Index(fields=["organisation", "id"], name="policy_order")],
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
                "indexes": [models.Index(fields=["application", "id"], name="decision_order")],
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
