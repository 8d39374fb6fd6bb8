"""Which figures of a policy differ, by the path at which its author finds them."""

from suixin.underwriting.figures import Change, changes, figures
from suixin.underwriting.policy import parse_policy, shipped_policy

SHIPPED = shipped_policy("CNY")


def changed(old: str, new: str) -> list[Change]:
    """The figures that differ after one replacement in the shipped policy's text."""
    assert SHIPPED.text.count(old) == 1, old
    return changes(SHIPPED.policy, parse_policy(SHIPPED.text.replace(old, new), "ours").policy)


def test_a_parameter() -> None:
    """The path is that of the file; the figure stands without its origin."""
    assert changed("  service_share: {value: 0.7", "  service_share: {value: 0.6") == [
        Change("capacity.service_share", 0.7, 0.6)
    ]


def test_an_origin_is_no_figure() -> None:
    """Another source or date of the same figure changes no decision."""
    assert changed("base: 600\n", "base: 600\n") == []
    assert (
        changed("board; debt service within 70 % of what is left in a bad year", "measured in our county")
        == []
    )


def test_a_band_that_moves() -> None:
    """Bands are named by their edges: the old one goes, the new one comes."""
    band = "{to: 21, points: 5}, {from: 21, to: 60, points: -6}"
    moved = "{to: 30, points: 5}, {from: 30, to: 60, points: -6}"
    path = "card.items.genuine_days_since_order.bands"
    assert changed(band, moved) == [
        Change(f"{path}.[-inf, 21)", 5.0, None),
        Change(f"{path}.[21, 60)", -6.0, None),
        Change(f"{path}.[-inf, 30)", None, 5.0),
        Change(f"{path}.[30, 60)", None, -6.0),
    ]


def test_a_rule_that_goes() -> None:
    """A rule is named by its code, and each part of it is gone."""
    line = next(text for text in SHIPPED.text.splitlines() if "code: one_buyer" in text)
    assert changed(line + "\n", "") == [
        Change("rules.one_buyer.feature", "top_buyer_share", None),
        Change("rules.one_buyer.above", 0.8, None),
        Change("rules.one_buyer.decision", "refer", None),
    ]


def test_a_route_that_goes() -> None:
    """A list of words is one figure."""
    found = changed("public_research_set, simulation]\n    source", "public_research_set]\n    source")
    assert [(c.path, c.a.removeprefix(c.b)) for c in found] == [("data.routes", ", simulation")]


def test_a_cap_of_later_days() -> None:
    """A cap that becomes a list keeps its name; the one with a first day is called by it, in a list and alone."""
    cap = "{value: 0.15, source: board; courts cut interest penalty and fees above 24 % on request, since: 2026-11-01}"
    later = "{value: 0.12, source: board, since: 2026-11-01, from_day: 2028-01-01}"
    assert changed(f"bank: {cap}", f"bank: [{cap}, {later}]") == [
        Change("price.caps.bank.2028-01-01", None, 0.12)
    ]
    assert changed(f"bank: {cap}", f"bank: [{cap}]") == []
    gone = Change("price.caps.bank", 0.15, None)
    for alone in (later, f"[{later}]"):
        assert changed(f"bank: {cap}", f"bank: {alone}") == [
            gone,
            Change("price.caps.bank.2028-01-01", None, 0.12),
        ]


def test_every_figure_is_named_once() -> None:
    """No two figures share a path: the count is that of the shipped file, and known ones have their values."""
    held = figures(SHIPPED.policy)
    assert held["card.items.genuine_trading_days.bands.[730, inf)"] == 18.0
    assert held["loan_prime_rate.2025-05-20.one_year"] == 0.03
    assert held["price.caps.small_loan_company.prime_rate_multiple"] == 4.0
    assert held["grades.A.multiple"] == 2.0
    bands = sum(len(item.bands) for item in SHIPPED.policy.card.items)
    assert sum(path.startswith("card.items.") and ".bands." in path for path in held) == bands
