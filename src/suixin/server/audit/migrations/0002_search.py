from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0001_initial"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="record",
            index=models.Index(fields=["organisation", "actor", "id"], name="audit_actor"),
        ),
        migrations.AddIndex(
            model_name="record",
            index=models.Index(fields=["organisation", "action", "id"], name="audit_action"),
        ),
    ]
