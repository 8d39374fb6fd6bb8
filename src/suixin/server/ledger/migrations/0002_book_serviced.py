from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="book",
            name="serviced",
            field=models.BooleanField(default=False),
        ),
    ]
