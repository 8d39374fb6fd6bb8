"""Sales on the county map: of merchants who agreed to it and of nobody else, exact, hidden like the rest, a receipt each."""

import shutil
from datetime import UTC, date, datetime, timedelta
from io import BytesIO

import openpyxl
import pytest
from house import AT as FOUNDED
from journeys import POLICY
from screens import Screens

from samples import write_csv
from suixin.adapters import open_source
from suixin.errors import AccessError
from suixin.lake.ingest import ingest
from suixin.regions.attack import exposed
from suixin.regions.table import WHOLE
from suixin.server import tenancy
from suixin.server.identity.roles import Role
from suixin.server.merchants.models import Merchant
from suixin.server.origination.actions.release_policy import release_policy
from suixin.server.origination.actions.set_up_desk import set_up_desk
from suixin.server.regions import documents
from suixin.server.regions.actions.answer_sales import answer_sales
from suixin.server.regions.actions.publish_regions import publish_regions
from suixin.server.regions.actions.read_sales import read_sales
from suixin.server.regions.queries import agreeing, draft
from suixin.server.sharing.actions.pause import pause
from suixin.server.sharing.actions.use import use
from suixin.server.sharing.models import Consent, Receipt

ONE, TWO, THREE = "371302001", "371302002", "371302003"
PLACES = {ONE: 12, TWO: 11, THREE: 3}
MAP = "/government/?measure=sales"
AT = datetime(2026, 2, 2, 1, 0, tzinfo=UTC)  # nine in the morning in China, on the business date
BEFORE = AT - timedelta(days=20)


def house(folder, orders, code="rural"):
    """A bank on 2 February whose lake holds these orders: (merchant, civil time, yuan, cancelled)."""
    made = Screens(code, opened_on=date(2026, 1, 30))
    made.end(3)
    who = sorted({order[0] for order in orders})
    write_csv(
        folder / "source" / "merchants.csv",
        [["merchant_id", "opened_on"], *([one, "2024-01-01"] for one in who)],
    )
    rows = [[f"o{at}", *order[:3], "9.90", *order[3:]] for at, order in enumerate(orders)]
    head = ["order_id", "merchant_id", "ordered_at", "amount", "freight", "cancelled_at"]
    write_csv(folder / "source" / "orders.csv", [head, *([*row, ""][:6] for row in rows)])
    ingest(open_source("standard", folder / "source"), folder / "lake", now=AT)
    set_up_desk(made.book, folder / "lake", by=made.first, at=FOUNDED)
    owner, second = made.as_(Role.MODEL_OWNER), made.as_(Role.APPROVER, 9)
    release_policy(POLICY, reason="first", by=owner, second=second, at=FOUNDED)
    return made


def enrolled(made, merchant_id, township):
    with tenancy.within(made.organisation.pk):
        place = {"county": "371302", "village": f"{township}201", "industry": "0141"}
        row = Merchant(merchant_id=merchant_id, kind="farmer", enrolled_at=FOUNDED, **place)
        row.save()
        return row


def answered(made, merchant, agrees=True, at=BEFORE):
    """As staff record it on paper."""
    by, witness = made.as_(Role.CUSTOMER_MANAGER), made.as_(Role.REVIEWER)
    paper = {"signed_paper": "box 3, sheet 8", "witness": witness}
    return answer_sales(merchant, agrees=agrees, by=by, at=at, **paper)


def publish(made):
    with tenancy.within(made.organisation.pk):
        shown = documents.digest(draft(made.book).document)
    return publish_regions(made.book, shown=shown, by=made.actor(Role.APPROVER), at=AT)


def receipts(made):
    with tenancy.within(made.organisation.pk):
        return list(
            Receipt.objects.filter(purpose="P108", at=AT)
            .order_by("id")
            .values_list("merchant_id", "scopes", "since")
        )


def known_all_month(merchant="edge"):
    """Orders before the month and after it, so that the lake knows all of it; they count for nobody's month."""
    return [(merchant, "2025-12-31 23:59:59", "7"), (merchant, "2026-02-01 00:00:00", "7")]


def test_nobody_is_read_without_an_active_consent(database, tmp_path):
    """Every state of a consent once: one reads, and as many receipts stand as merchants were read, who sold or not."""
    states = (
        "active",
        "sold nothing",
        "never asked",
        "refused",
        "paused",
        "withdrawn",
        "expired",
        "capped",
    )
    made = house(
        tmp_path,
        [
            *known_all_month("active"),
            *((who, "2026-01-10", "100") for who in states if who != "sold nothing"),
        ],
    )
    rows = {who: enrolled(made, who.replace(" ", "-"), ONE) for who in states}
    for who in set(states) - {"never asked"}:
        asked_at = BEFORE - timedelta(days=548 if who == "expired" else 0)
        held = answered(made, rows[who], agrees=who != "refused", at=asked_at)
        if who == "paused":
            pause(
                held.consent_id, by=made.as_(Role.CUSTOMER_MANAGER), at=BEFORE, signed_paper="box 3, sheet 9"
            )
        if who == "withdrawn":
            assert answered(made, rows[who], agrees=False).status == "revoked"
        if who == "capped":
            for _ in range(3):
                with tenancy.within(made.organisation.pk):
                    use(
                        made.program,
                        merchant_id=who,
                        purpose="P108",
                        scopes=["orders"],
                        at=AT - timedelta(hours=1),
                        what="x",
                    )
    with tenancy.within(made.organisation.pk):
        month = draft(made.book).month
        assert agreeing(AT) == 3  # the cap is no answer of theirs
        read = read_sales(month, [ONE], by=made.as_(Role.APPROVER), at=AT).columns["sales"]
        assert read == {WHOLE: (1, 10_000), ONE: (1, 10_000)}
        assert (
            dict(Consent.objects.values_list("merchant_id", "status"))["expired"] == "active"
        )  # the clock ended it
    january = ["orders"], date(2026, 1, 1)
    assert receipts(made) == [("active", *january), ("sold-nothing", *january)]
    with pytest.raises(AccessError), tenancy.within(made.organisation.pk):
        read_sales(month, [ONE], by=made.as_(Role.AUDITOR), at=AT)


def test_a_month_of_sales_is_exact_and_hidden_also_by_difference(database, tmp_path):
    """By the civil day, called-off orders out, each merchant once; three of a township pull the smallest neighbour along."""
    orders, places = [], {}
    for township, count in PLACES.items():
        for number in range(count):
            who = f"{township}-{number}"
            places[who] = township
            orders += [
                (who, "2026-01-01 00:00:00", f"{100 + number}.25"),
                (who, "2026-01-31 23:59:59", "0.75"),
            ]
            orders += [(who, "2026-01-15 12:00:00", "1000", "2026-01-16 12:00:00"), *known_all_month(who)]
    orders += [
        (f"{ONE}-0", "2026-01-20 12:00:00", "40", "2026-02-02 08:00:00")
    ]  # called off on the business date: not known
    made = house(tmp_path, orders)
    for who, township in places.items():
        answered(made, enrolled(made, who, township))
    kept = publish(made)
    first, second, third = (
        sum(10_100 + 100 * number for number in range(count)) for count in PLACES.values()
    )
    first += 4_000
    columns = kept.tables["tables"]["sales"]["columns"]["sales"]
    assert columns == {WHOLE: [26, first + second + third], ONE: [12, first], TWO: None, THREE: None}
    assert exposed(documents.read(kept.tables)["sales"]) == []
    assert [one[0] for one in receipts(made)] == sorted(places)
    assert (kept.tables["absent"], kept.digest) == ({}, documents.digest(kept.tables))
    page = made.page(Role.OFFICIAL, MAP)
    for said in ("同意统计且有销售的商户", "不是全部商户的销售", "1,318.00", ">12<"):
        assert said in page, said


@pytest.mark.parametrize(
    ("harm", "why", "said"),
    [
        ("gone", "lake", "发布时无法读取交易数据"),
        ("damaged", "lake", "发布时无法读取交易数据"),
        ("early", "month", "发布时交易数据不含整个月"),
    ],
)
def test_without_a_lake_that_knows_the_month_the_rest_is_published(sqlite, tmp_path, harm, why, said):
    """The folder is gone, a file was cut, or the last day is not there yet: said so, and nobody has a receipt."""
    last = "2026-01-30 12:00:00" if harm == "early" else "2026-02-01 12:00:00"
    made = house(tmp_path, [("m1", "2025-12-01", "1"), ("m1", "2026-01-10", "1"), ("m1", last, "1")])
    answered(made, enrolled(made, "m1", ONE))
    text = made.page(Role.APPROVER, "/bank/regions?measure=sales")
    assert "现有 1 户同意" in text
    assert receipts(made) == []
    if harm == "gone":
        shutil.rmtree(tmp_path / "lake")
    if harm == "damaged":
        for file in (tmp_path / "lake" / "data" / "orders").rglob("*.parquet"):
            file.write_bytes(file.read_bytes()[:-1])
    kept = publish(made)
    assert (kept.tables["absent"], sorted(kept.tables["tables"])) == ({"sales": why}, ["demand", "lending"])
    assert receipts(made) == []
    assert said in made.page(Role.OFFICIAL, MAP)
    answer = made.client(Role.OFFICIAL).get("/government/county.xlsx")
    sheet = list(openpyxl.load_workbook(BytesIO(answer.content)).active.values)
    assert [row[-2:] for row in sheet[1:]] == [("本月无此数字 none this month",) * 2] * 2
