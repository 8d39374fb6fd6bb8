from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("origination", "0003_site_visits_and_dossiers"),
    ]

    operations = [
        migrations.AlterField(
            model_name="application",
            name="channel",
            field=models.CharField(
                choices=[
                    ("self", "本人手机"),
                    ("assisted", "员工协助"),
                    ("bulk", "批量导入"),
                    ("api", "系统接口"),
                ],
                max_length=10,
            ),
        ),
    ]
