import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("identity", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Complaint",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=30)),
                ("merchant_id", models.CharField(max_length=100)),
                ("about", models.CharField(blank=True, max_length=40)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("data", "数据有误"),
                            ("decision", "额度或决定"),
                            ("price", "利率与收费"),
                            ("conduct", "服务或催收"),
                            ("privacy", "隐私与授权"),
                            ("other", "其他"),
                        ],
                        max_length=10,
                    ),
                ),
                ("feature", models.CharField(blank=True, max_length=60)),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("self", "本人手机"),
                            ("counter", "柜台"),
                            ("telephone", "电话"),
                            ("letter", "信函"),
                        ],
                        max_length=10,
                    ),
                ),
                ("words", models.CharField(max_length=1000)),
                ("filed_by", models.CharField(max_length=80)),
                ("filed_at", models.DateTimeField()),
                ("filed_on", models.DateField()),
                ("due_on", models.DateField(null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "待答复"), ("answered", "已答复")], default="open", max_length=10
                    ),
                ),
                ("owner", models.CharField(blank=True, max_length=80)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[("upheld", "成立"), ("partly", "部分成立"), ("rejected", "不成立")],
                        max_length=10,
                    ),
                ),
                (
                    "cause",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("data", "数据错误"),
                            ("process", "流程"),
                            ("people", "人员"),
                            ("terms", "产品条款"),
                            ("system", "系统"),
                            ("none", "无过错"),
                        ],
                        max_length=10,
                    ),
                ),
                ("answer", models.CharField(blank=True, max_length=1000)),
                ("answered_by", models.CharField(blank=True, max_length=80)),
                ("answered_at", models.DateTimeField(null=True)),
                ("answered_on", models.DateField(null=True)),
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
                    models.Index(fields=["organisation", "state", "due_on"], name="complaint_queue"),
                    models.Index(fields=["organisation", "merchant_id"], name="complaint_merchant"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("organisation", "number"), name="complaint_number"),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "open"), models.Q(("feature", ""), _negated=True)),
                        fields=("organisation", "merchant_id", "feature"),
                        name="complaint_disputed_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("feature", ""), ("kind", "data"), _connector="OR"),
                        name="complaint_feature",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answered_at", None), ("outcome", ""), ("state", "open")),
                            models.Q(
                                ("answered_at__isnull", False),
                                ("state", "answered"),
                                models.Q(("outcome", ""), _negated=True),
                                models.Q(("cause", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="complaint_answer",
                    ),
                ],
            },
        ),
    ]
