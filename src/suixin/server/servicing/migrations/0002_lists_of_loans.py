from datetime import date, timedelta
from typing import Any

from django.db import migrations, models

from suixin.lending.contract import rate_ppm
from suixin.lending.documents import read_account, read_contract


def count(_: Any, schema_editor: Any) -> None:
    """What the new columns say of the loans that are there; how late they once were nobody has written down."""
    db = schema_editor.connection
    told = db.vendor == "postgresql"
    with db.cursor() as cursor:
        if told:
            cursor.execute("SELECT set_config('suixin.operator', 'on', true)")
        cursor.execute("SELECT id FROM identity_organisation ORDER BY id")
        houses = [row[0] for row in cursor.fetchall()]
        for house in houses:
            if told:
                cursor.execute("SELECT set_config('suixin.organisation', %s, true)", [str(house)])
            cursor.execute(
                "SELECT id, contract, account FROM servicing_loan WHERE organisation_id = %s ORDER BY id",
                [house],
            )
            cursor.executemany(_UPDATE, [_counted(*row) for row in cursor.fetchall()])
        if told:
            cursor.execute("SELECT set_config('suixin.operator', '', true)")
            cursor.execute("SELECT set_config('suixin.organisation', '', true)")


_UPDATE = """
UPDATE servicing_loan SET drawn_minor = %s, rate_ppm = %s, overdue_days = %s, overdue_on = %s, worst_days = %s
WHERE id = %s
"""


def _counted(pk: int, contract: str, document: str) -> tuple[int, int, int, date | None, int, int]:
    account = read_account(read_contract(contract), document)
    today, next_day = account.today, account.today + timedelta(days=1)
    days, tomorrow = account.days_past_due, account.arrears.days_past_due(next_day)
    since = next_day - timedelta(days=tomorrow) if tomorrow > days else None
    terms = account.contract.terms if account.course is None else account.course.terms
    return account.drawn, rate_ppm(terms.rate_on(today)), days, since, days, pk


class Migration(migrations.Migration):
    dependencies = [
        ("servicing", "0001_initial"),
    ]

    operations = [
        migrations.AddField(model_name="loan", name="drawn_minor", field=models.BigIntegerField(default=0)),
        migrations.AddField(model_name="loan", name="overdue_days", field=models.IntegerField(default=0)),
        migrations.AddField(model_name="loan", name="overdue_on", field=models.DateField(null=True)),
        migrations.AddField(model_name="loan", name="rate_ppm", field=models.IntegerField(default=0)),
        migrations.AddField(model_name="loan", name="worst_days", field=models.IntegerField(default=0)),
        migrations.RunPython(count, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="loan",
            index=models.Index(
                fields=[
                    "organisation",
                    "book",
                    "id",
                    "is_live",
                    "state",
                    "five_class",
                    "from_on",
                    "overdue_on",
                    "overdue_days",
                    "worst_days",
                    "principal_minor",
                    "drawn_minor",
                    "allowance_minor",
                    "rate_ppm",
                    "borrower",
                    "number",
                ],
                name="loan_list",
            ),
        ),
        migrations.AddIndex(
            model_name="profile",
            index=models.Index(fields=["organisation", "village", "crop", "loan"], name="profile_place"),
        ),
        migrations.AddIndex(
            model_name="profile",
            index=models.Index(fields=["organisation", "crop", "loan"], name="profile_crop"),
        ),
        migrations.AddIndex(
            model_name="profile",
            index=models.Index(fields=["organisation", "granted_on", "loan"], name="profile_granted"),
        ),
    ]
