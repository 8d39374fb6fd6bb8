import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Organisation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.SlugField(max_length=40, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("bank", "银行"),
                            ("merchant", "商户"),
                            ("platform", "电商平台"),
                            ("government", "政府"),
                            ("guarantee_fund", "担保基金"),
                            ("insurer", "保险公司"),
                        ],
                        max_length=20,
                    ),
                ),
                ("name", models.CharField(max_length=100)),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                ["bank", "merchant", "platform", "government", "guarantee_fund", "insurer"],
                            )
                        ),
                        name="organisation_kind",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="User",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                ("username", models.CharField(max_length=60, unique=True)),
                ("name", models.CharField(max_length=60)),
                ("is_active", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField()),
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
            name="Membership",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("customer_manager", "客户经理"),
                            ("reviewer", "审查"),
                            ("approver", "审批"),
                            ("committee", "贷审会"),
                            ("disbursement", "放款"),
                            ("post_loan", "贷后"),
                            ("collection", "催收"),
                            ("model_owner", "模型负责人"),
                            ("validator", "独立验证"),
                            ("auditor", "内审"),
                            ("village_agent", "村级协办员"),
                            ("administrator", "管理员"),
                            ("owner", "商户本人"),
                            ("operator", "平台运营"),
                            ("official", "政府工作人员"),
                            ("fund_manager", "基金经办"),
                            ("claims", "理赔"),
                        ],
                        max_length=20,
                    ),
                ),
                ("granted_at", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memberships",
                        to="identity.user",
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
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "role__in",
                                [
                                    "customer_manager",
                                    "reviewer",
                                    "approver",
                                    "committee",
                                    "disbursement",
                                    "post_loan",
                                    "collection",
                                    "model_owner",
                                    "validator",
                                    "auditor",
                                    "village_agent",
                                    "administrator",
                                    "owner",
                                    "operator",
                                    "official",
                                    "fund_manager",
                                    "claims",
                                ],
                            )
                        ),
                        name="membership_role",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("withdrawn_at", None)),
                        fields=("organisation", "user", "role"),
                        name="membership_once",
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="user",
            index=models.Index(fields=["organisation"], name="user_organisation"),
        ),
    ]
