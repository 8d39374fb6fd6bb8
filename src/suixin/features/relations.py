"""The people a merchant is tied to, and what the businesses among them owe.

One economic unit is a household with its owner's businesses; a connected group is that unit and whoever is tied to it
by blood, law, guarantee, co-op, supply, telephone, address or account. A lender's limits hold for the group.
"""

import narwhals.stable.v2 as nw

from suixin.features.debts import by_lender
from suixin.features.expressions import count, major, total
from suixin.features.feature import Direction, Family, Feature, Forgeable, Frames, Rows, Unit

SHARED = ("shared_phone", "shared_address", "shared_account", "shared_device")


def _relations(frames: Frames) -> Rows:
    kind, core = nw.col("kind"), nw.col("core")
    sums = (
        frames["contacts"]
        .group_by("subject")
        .agg(
            unit_size=count(core == 1),
            shared_contacts=count((core == 0) & kind.is_in(SHARED)),
            guarantees=count((core == 0) & (kind == "guarantor_of")),
            coop_member=count((core == 0) & (kind == "member_of")),
        )
    )
    return sums.select("subject", "unit_size", "shared_contacts", "guarantees", "coop_member")


def _household(frames: Frames) -> Rows:
    """How many live of it, as the household's own record says: persons that are known by name are not all."""
    told = frames["unit"].filter((nw.col("kind") == "household") & (nw.col("members") > 0))
    return told.group_by("subject").agg(household_members=nw.col("members").max().cast(nw.Int64))


def _group(frames: Frames) -> Rows:
    everyone = frames["contacts"].select("subject").unique()
    beyond = frames["group"].filter(nw.col("core") == 0)  # what its own unit owes is the household's
    owed = by_lender(beyond, ("subject", "merchant_id"))
    sums = owed.group_by("subject").agg(
        debt=total(nw.col("balance")), service=total(nw.col("service")), loans=count(nw.col("loans") > 0)
    )
    both = everyone.join(sums, on="subject", how="left")
    return both.select(
        "subject",
        group_debt=major(nw.col("debt").fill_null(0)),
        group_debt_service=major(nw.col("service").fill_null(0)),
        group_loans=nw.col("loans").fill_null(0),
    )


_R, _N, _LOW, _MEDIUM = Direction.RISKIER, Direction.NEUTRAL, Forgeable.LOW, Forgeable.MEDIUM

RELATIONS = Family(
    "relations",
    tables=("merchants", "relations"),
    compute=_relations,
    features=(
        Feature("unit_size", Unit.COUNT, _N, _LOW, "parties of the own unit", "{value} parties in one economic unit"),
        Feature(
            "shared_contacts", Unit.COUNT, _N, _MEDIUM, "shared contacts",
            "{value} other parties share a telephone, an address or an account",
        ),
        Feature("guarantees", Unit.COUNT, _R, _LOW, "guarantee ties", "{value} ties of guarantee"),
        Feature("coop_member", Unit.COUNT, _N, _LOW, "co-op memberships", "{value} memberships of a co-op"),
    ),
)  # fmt: skip

HOUSEHOLD = Family(
    "household",
    tables=("merchants", "relations", "parties"),
    compute=_household,
    features=(
        Feature(
            "household_members", Unit.COUNT, _N, _MEDIUM, "people in the household",
            "{value} people live of the household's income",
        ),
    ),
)  # fmt: skip

GROUP = Family(
    "group",
    tables=("merchants", "relations", "exposures"),
    compute=_group,
    features=(
        Feature(
            "group_debt", Unit.MONEY, _R, _LOW, "debt of the connected group",
            "{value} owed by businesses of the connected group",
        ),
        Feature(
            "group_debt_service", Unit.MONEY, _R, _LOW, "debt service of the connected group",
            "{value} of debt service a month in the connected group",
        ),
        Feature("group_loans", Unit.COUNT, _R, _LOW, "loans of the connected group", "{value} loans in the connected group"),
    ),
)  # fmt: skip
