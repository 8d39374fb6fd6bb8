"""Each sign of self-dealing on a few orders written by hand, how the signs add up, and what is left as genuine."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from features.village import AS_OF, Row, Tables, asking, at, on, together, write
from suixin.adapters import open_source
from suixin.features.build import Built, build
from suixin.features.self_dealing import ENOUGH, SIGNS
from suixin.lake.ingest import ingest
from suixin.lake.store import Lake

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def order(merchant: str, name: str, days: int = 20, **more: str) -> Row:
    """An order of 10 yuan, delivered three days later."""
    own = {
        "order_id": name,
        "merchant_id": merchant,
        "buyer_id": f"{merchant}-{name}",
        "ordered_at": at(days),
    }
    return {**own, "amount": "10", "delivered_at": at(days - 3), **more}


def parcel(merchant: str, name: str, grams: int, days: int = 19, **more: str) -> Row:
    own = {"shipment_id": f"s-{name}", "order_id": name, "merchant_id": merchant, "collected_at": at(days)}
    return {**own, "weight_g": str(grams), "township_at": at(days, 18), **more}


def praise(merchant: str, name: str, days: int = 16, stars: int = 5) -> Row:
    own = {"review_id": f"r-{name}", "order_id": name, "merchant_id": merchant}
    return {**own, "reviewed_at": at(days), "score": str(stars)}


def paid(merchant: str, name: str, payer: str, yuan: int, days: int = 20) -> Row:
    own = {"payment_id": f"p-{name}", "order_id": name, "merchant_id": merchant, "payer_id": payer}
    return {**own, "paid_at": at(days), "amount": str(yuan)}


def flow(merchant: str, name: str, other: str, yuan: int, days: int) -> Row:
    own = {"cashflow_id": name, "merchant_id": merchant, "counterparty_id": other, "kind": "transfer"}
    return {**own, "occurred_at": at(days), "amount": str(yuan)}


def kin(merchant: str, *buyers: str, kind: str = "spouse", **more: str) -> list[Row]:
    owner = f"{merchant}-owner"
    return [
        {"party_id": buyer, "other_party_id": owner, "kind": kind, "since_on": on(300), **more}
        for buyer in buyers
    ]


# A case: the tables of one merchant, and the signs that count against his orders. Every case has its own merchant.
Case = Callable[[str], tuple[Tables, dict[str, set[str]]]]
TIED = {"tied_buyer", "tied_often"}


def five_of_the_family(m: str) -> tuple[Tables, dict[str, set[str]]]:
    """Five orders of the wife among six: five, and more than one in twenty."""
    mine = [order(m, f"o{n}", buyer_id="wife" if n < 5 else "b") for n in range(6)]
    return {"orders": mine, "relations": kin(m, "wife")}, {f"o{n}": TIED for n in range(5)}


def four_of_the_family(m: str) -> tuple[Tables, dict[str, set[str]]]:
    """Four orders of the wife are a family's own shopping, however few the others are."""
    mine = [order(m, f"o{n}", buyer_id="wife" if n < 4 else "b") for n in range(6)]
    return {"orders": mine, "relations": kin(m, "wife")}, {}


def within_a_familys_share(m: str) -> tuple[Tables, dict[str, set[str]]]:
    """Five orders of the wife among a hundred are exactly one in twenty, and not more."""
    mine = [order(m, f"o{n}", buyer_id="wife" if n < 5 else f"b{n}") for n in range(100)]
    return {"orders": mine, "relations": kin(m, "wife")}, {}


def beyond_a_familys_share(m: str) -> tuple[Tables, dict[str, set[str]]]:
    """Five among 99 are more."""
    mine = [order(m, f"o{n}", buyer_id="wife" if n < 5 else f"b{n}") for n in range(99)]
    return {"orders": mine, "relations": kin(m, "wife")}, {f"o{n}": TIED for n in range(5)}


def a_member_of_the_coop(m: str) -> tuple[Tables, dict[str, set[str]]]:
    """A co-op and a guarantor are ties, and no kin."""
    mine = [order(m, f"o{n}", buyer_id="coop" if n < 5 else "b") for n in range(6)]
    ties = kin(m, "coop", kind="member_of") + kin(m, "coop", kind="guarantor_of")
    return {"orders": mine, "relations": ties}, {}


def divorced(m: str) -> tuple[Tables, dict[str, set[str]]]:
    """A tie that has ended is none."""
    mine = [order(m, f"o{n}", buyer_id="ex") for n in range(6)]
    return {"orders": mine, "relations": kin(m, "ex", ended_on=on(100))}, {}


def payment_ring(m: str) -> tuple[Tables, dict[str, set[str]]]:
    """What was paid goes back, less a little for the helper, on the 45th day."""
    tables = {"payments": [paid(m, "o0", "purse", 500, 60)], "cashflows": [flow(m, "c", "purse", -480, 15)]}
    return {"orders": [order(m, "o0", 60)], **tables}, {"o0": {"payment_ring"}}


def back_too_late(m: str) -> tuple[Tables, dict[str, set[str]]]:
    """The 46th day is a new affair."""
    tables = {"payments": [paid(m, "o0", "purse", 500, 60)], "cashflows": [flow(m, "c", "purse", -480, 14)]}
    return {"orders": [order(m, "o0", 60)], **tables}, {}


def paid_back_before(m: str) -> tuple[Tables, dict[str, set[str]]]:
    """Money that left before the payment came is no way back."""
    tables = {"payments": [paid(m, "o0", "purse", 500, 20)], "cashflows": [flow(m, "c", "purse", -480, 21)]}
    return {"orders": [order(m, "o0")], **tables}, {}


def two_payments_one_way_back(m: str) -> tuple[Tables, dict[str, set[str]]]:
    """One transfer that pays two orders back is a ring of both."""
    tables = {
        "payments": [paid(m, "o0", "purse", 300), paid(m, "o1", "purse", 200)],
        "cashflows": [flow(m, "c", "purse", -500, 10)],
    }
    ring = {"payment_ring"}
    return {"orders": [order(m, "o0"), order(m, "o1")], **tables}, {"o0": ring, "o1": ring}


def refunded_openly(m: str) -> tuple[Tables, dict[str, set[str]]]:
    """Money that goes back for a refund on record is no ring: such an order is no sale in the first place."""
    back = {"refund_id": f"f-{m}", "order_id": "o0", "merchant_id": m, "refunded_at": at(17), "amount": "10"}
    tables = {
        "payments": [paid(m, "o0", f"{m}-payer", 10)],
        "cashflows": [flow(m, "c0", f"{m}-payer", -10, 17)],
    }
    return {"orders": [order(m, "o0")], "refunds": [back], **tables}, {}


def split_parcels(m: str) -> tuple[Tables, dict[str, set[str]]]:
    """An order in two scanned parcels is one scanned order: it hides none that nobody saw."""
    mine = [order(m, f"o{n}") for n in range(5)]
    twice = [
        {**parcel(m, f"o{n}", 1000), "shipment_id": f"s-{m}-{n}-{k}"} for n in range(4) for k in range(2)
    ]
    return {"orders": mine, "shipments": twice, "reviews": [praise(m, "o4")]}, {
        "o4": {"unscanned", "praise_at_once"}
    }


def an_account_known_for_rings(m: str) -> tuple[Tables, dict[str, set[str]]]:
    """An account that got its money back twice is doubted in whatever else it pays; the other account is not."""
    mine = [order(m, f"o{n}") for n in range(4)]
    payers = ("purse", "purse", "purse", "other")
    tables = {
        "payments": [paid(m, f"o{n}", payer, 100, (100, 40, 5, 5)[n]) for n, payer in enumerate(payers)],
        "cashflows": [flow(m, "c0", "purse", -95, 90), flow(m, "c1", "purse", -95, 30)],
    }
    both = {"payment_ring", "ring_account"}
    return {"orders": mine, **tables}, {"o0": both, "o1": both, "o2": {"ring_account"}}


def own_draw(m: str) -> tuple[Tables, dict[str, set[str]]]:
    """An owner who buys a jar of his own tea and draws his income is no ring: far more leaves than came."""
    tables = {"payments": [paid(m, "o0", "owner", 100)], "cashflows": [flow(m, "c", "owner", -3000, 10)]}
    return {"orders": [order(m, "o0")], **tables}, {}


def wages(m: str) -> tuple[Tables, dict[str, set[str]]]:
    """A worker who buys at work gets wages, not his money back; 111 for 100 is more than a tenth too much."""
    tables = {"payments": [paid(m, "o0", "worker", 100)], "cashflows": [flow(m, "c", "worker", -111, 10)]}
    return {"orders": [order(m, "o0")], **tables}, {}


def family_device(m: str) -> tuple[Tables, dict[str, set[str]]]:
    """Three buyers on one device are one point: not enough."""
    return {"orders": [order(m, f"o{n}", device_id="d") for n in range(3)]}, {}


def five_on_a_device(m: str) -> tuple[Tables, dict[str, set[str]]]:
    """Five buyers on one device are no farm yet."""
    return {"orders": [order(m, f"o{n}", device_id="d") for n in range(5)]}, {}


def device_farm(m: str) -> tuple[Tables, dict[str, set[str]]]:
    """Six buyers on one device are a shared device and a farm: three points."""
    farm = {"shared_device", "device_farm"}
    mine = [order(m, f"o{n}", device_id="d") for n in range(6)]
    return {"orders": [*mine, order(m, "own", device_id="e")]}, {f"o{n}": farm for n in range(6)}


def one_loyal_buyer(m: str) -> tuple[Tables, dict[str, set[str]]]:
    """Six orders of one buyer on one device are a customer."""
    return {"orders": [order(m, f"o{n}", device_id="d", buyer_id="b") for n in range(6)]}, {}


def a_workplace(m: str) -> tuple[Tables, dict[str, set[str]]]:
    """Six buyers at one address, three of them on one device: two points and not enough."""
    mine = [order(m, f"o{n}", address_id="a", **({"device_id": "d"} if n < 3 else {})) for n in range(6)]
    return {"orders": mine}, {}


def crowd_on_a_device_with_praise(m: str) -> tuple[Tables, dict[str, set[str]]]:
    """A crowded address, a shared device and praise at once make three points, order by order."""
    mine = [order(m, f"o{n}", address_id="a", **({"device_id": "d"} if n < 3 else {})) for n in range(6)]
    praised = [praise(m, "o0"), praise(m, "o3")]
    return {"orders": mine, "reviews": praised}, {
        "o0": {"crowded_address", "shared_device", "praise_at_once"}
    }


def empty_and_praised(m: str) -> tuple[Tables, dict[str, set[str]]]:
    """A parcel of 90 g where two kilos are usual, and five stars on the day after the delivery."""
    sent = [parcel(m, "o0", 90), parcel(m, "o1", 2000), parcel(m, "o2", 2000)]
    mine = [order(m, f"o{n}") for n in range(3)]
    found = {"o0": {"empty_parcel", "praise_at_once"}}
    return {"orders": mine, "shipments": sent, "reviews": [praise(m, "o0"), praise(m, "o1")]}, found


def empty_without_praise(m: str) -> tuple[Tables, dict[str, set[str]]]:
    """An empty parcel alone is two points; praise after three days, or of four stars, adds none."""
    sent = [parcel(m, "o0", 90), parcel(m, "o1", 90), parcel(m, "o2", 2000), parcel(m, "o3", 2000)]
    mine = [order(m, f"o{n}") for n in range(4)]
    late = [praise(m, "o0", 14), praise(m, "o1", 16, stars=4)]
    return {"orders": mine, "shipments": sent, "reviews": late}, {}


def light_goods(m: str) -> tuple[Tables, dict[str, set[str]]]:
    """Saffron always weighs so little: a quarter of the usual weight is not reached."""
    sent = [parcel(m, "o0", 60), parcel(m, "o1", 80), parcel(m, "o2", 80)]
    mine = [order(m, f"o{n}") for n in range(3)]
    return {"orders": mine, "shipments": sent, "reviews": [praise(m, "o0")]}, {}


def two_parcels_one_full(m: str) -> tuple[Tables, dict[str, set[str]]]:
    """A receipt sent after the goods: the order has a full parcel too."""
    sent = [parcel(m, "o0", 50), {**parcel(m, "o0", 2000), "shipment_id": "s-more"}, parcel(m, "o1", 2000)]
    mine = [order(m, "o0"), order(m, "o1")]
    return {"orders": mine, "shipments": sent, "reviews": [praise(m, "o0")]}, {}


def unscanned_and_praised(m: str) -> tuple[Tables, dict[str, set[str]]]:
    """Delivered, seen by no station where half of the parcels are, and praised at once."""
    mine = [order(m, "o0"), order(m, "o1")]
    sent = [parcel(m, "o0", 900, township_at=""), parcel(m, "o1", 900)]
    found = {"o0": {"unscanned", "praise_at_once"}}
    return {"orders": mine, "shipments": sent, "reviews": [praise(m, "o0"), praise(m, "o1")]}, found


def a_carrier_that_seldom_scans(m: str) -> tuple[Tables, dict[str, set[str]]]:
    """Where two parcels of three are never scanned, a missing scan says nothing."""
    mine = [order(m, f"o{n}") for n in range(3)]
    sent = [parcel(m, "o0", 900, township_at=""), parcel(m, "o1", 900, township_at=""), parcel(m, "o2", 900)]
    return {"orders": mine, "shipments": sent, "reviews": [praise(m, "o0")]}, {}


def praise_alone(m: str) -> tuple[Tables, dict[str, set[str]]]:
    """Happy buyers are no sign by themselves."""
    mine = [order(m, f"o{n}") for n in range(3)]
    return {"orders": mine, "reviews": [praise(m, f"o{n}") for n in range(3)]}, {}


def ring_known_too_late(m: str) -> tuple[Tables, dict[str, set[str]]]:
    """A payment that the lake learns of on the as-of date is no evidence on that date."""
    late = {**paid(m, "o0", "purse", 500), "known_at": f"{AS_OF} 00:00:00"}
    return {
        "orders": [order(m, "o0")],
        "payments": [late],
        "cashflows": [flow(m, "c", "purse", -480, 10)],
    }, {}


def kin_known_too_late(m: str) -> tuple[Tables, dict[str, set[str]]]:
    """Nor is a marriage that becomes known then."""
    mine = [order(m, f"o{n}", buyer_id="wife") for n in range(6)]
    return {"orders": mine, "relations": kin(m, "wife", known_at=f"{AS_OF} 00:00:00")}, {}


CASES: list[Case] = [
    five_of_the_family, four_of_the_family, within_a_familys_share, beyond_a_familys_share, a_member_of_the_coop, divorced,
    payment_ring, back_too_late, paid_back_before, two_payments_one_way_back,
    an_account_known_for_rings, own_draw, wages, refunded_openly, split_parcels,
    family_device, five_on_a_device, device_farm, one_loyal_buyer, a_workplace, crowd_on_a_device_with_praise,
    empty_and_praised, empty_without_praise, light_goods, two_parcels_one_full,
    unscanned_and_praised, a_carrier_that_seldom_scans, praise_alone, ring_known_too_late, kin_known_too_late,
]  # fmt: skip


def apart(tables: Tables, merchant: str) -> Tables:
    """Names of buyers, devices and parties that no other case has."""
    names = ("buyer_id", "party_id", "device_id", "address_id")
    return {
        table: [{c: f"{merchant}-{v}" if c in names else v for c, v in row.items()} for row in rows]
        for table, rows in tables.items()
    }


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """A merchant a case, all in one lake."""
    folder = tmp_path_factory.mktemp("signs")
    names = [case.__name__ for case in CASES]
    shops = [{"merchant_id": m, "party_id": f"{m}-owner", "opened_on": on(400)} for m in names]
    cases = together(apart(case(case.__name__)[0], case.__name__) for case in CASES)
    source = write(folder / "source", {"merchants": shops, **cases})
    reports = ingest(open_source("standard", source), folder / "lake", now=NOW).tables
    assert {name: report.quarantined for name, report in reports.items() if report.quarantined} == {}
    return Lake.open(folder / "lake")


@pytest.fixture(scope="module")
def checked(lake: Lake) -> Built:
    return build(lake, asking(merchants=[case.__name__ for case in CASES]), processes=0)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_signs(case: Case, checked: Built) -> None:
    """Exactly the orders and signs that the case states count as self-dealing."""
    subject = CASES.index(case)
    rows = [row for row in checked.evidence.iter_rows() if row[0] == subject]
    found: dict[str, set[str]] = {}
    for _, name, sign in rows:
        found.setdefault(name, set()).add(sign)
    assert found == case(case.__name__)[1]


def test_every_sign_is_tried() -> None:
    """Each sign counts in some case, and no case counts an order with fewer points than the threshold."""
    expected = [signs for case in CASES for signs in case(case.__name__)[1].values()]
    assert set().union(*expected) == set(SIGNS)
    assert min(sum(SIGNS[sign].points for sign in signs) for signs in expected) == ENOUGH == 3


def row_of(found: Built, case: Case) -> dict[str, float | None]:
    return found.features.row(CASES.index(case), named=True)


def test_gross_and_genuine_forms(checked: Built) -> None:
    """Six of seven orders are a farm's: 70 yuan gross, 10 genuine, six sevenths self-dealing."""
    row = row_of(checked, device_farm)
    names = ("gmv_365d", "genuine_gmv_365d", "orders_365d", "genuine_orders_365d", "buyers_365d")
    assert [row[name] for name in names] == [70.0, 10.0, 7.0, 1.0, 1.0]
    assert row["self_dealing_share_365d"] == pytest.approx(6 / 7, abs=1e-15)
    assert row["self_dealing_orders_365d"] == 6.0


def test_nothing_genuine_is_zero_and_not_unknown(checked: Built) -> None:
    """Who has sold to himself only has genuine sales of 0, and no genuine ticket."""
    row = row_of(checked, two_payments_one_way_back)
    assert (row["gmv_365d"], row["genuine_gmv_365d"], row["genuine_orders_365d"]) == (20.0, 0.0, 0.0)
    assert row["genuine_ticket_365d"] is None
    assert row["self_dealing_share_365d"] == 1.0


def test_an_honest_merchant_has_two_equal_forms(checked: Built) -> None:
    """Without a flag the genuine form is the gross one, bit for bit."""
    row = row_of(checked, a_workplace)
    pairs = {name: value for name, value in row.items() if name.startswith("genuine_")}
    assert len(pairs) >= 17
    assert {name: row[name.removeprefix("genuine_")] for name in pairs} == pairs
    assert row["self_dealing_share_365d"] == 0.0


def test_kinds_of_evidence_that_were_there(checked: Built) -> None:
    """Device and address by their columns; ties, counterparties and weights by the tables; nobody else's."""
    assert row_of(checked, crowd_on_a_device_with_praise)["signs_checked"] == 3.0  # its owner is known too
    assert row_of(checked, payment_ring)["signs_checked"] == 2.0


def test_without_the_check_every_order_is_genuine(lake: Lake) -> None:
    """What the check is worth can be seen: without it nothing is flagged and both forms are gross."""
    found = build(
        lake, asking(merchants=[case.__name__ for case in CASES]), processes=0, check_self_dealing=False
    )
    row = row_of(found, device_farm)
    assert found.evidence.is_empty()
    assert (row["gmv_365d"], row["genuine_gmv_365d"], row["buyers_365d"]) == (70.0, 70.0, 7.0)
