"""The book's loans in figures, as the bank's own page has them, tied to the ledger."""

from collections.abc import Iterable
from datetime import date

from ninja import Field, Router, Schema

from suixin.server.api.calls import Call, reads
from suixin.server.api.shapes import CLASSED_ON, Money, money
from suixin.server.identity.scopes import Scope
from suixin.server.pages.bank import house
from suixin.server.servicing import portfolio as figures

router = Router(tags=["portfolio"])


class PortfolioPart(Schema):
    """A part of the book."""

    code: str
    loans: int
    principal: Money
    allowance: Money
    share: float = Field(ge=0, le=1, description="of the principal")


class AtRisk(Schema):
    """Principal of loans more than so many days past due."""

    days: int
    principal: Money
    share: float = Field(ge=0, le=1)


class VintageView(Schema):
    """The loans granted in a quarter."""

    quarter: str
    loans: int
    drawn: Money
    principal: Money
    ever_late: int = Field(description="of the loans, those ever over 30 days past due")


class PortfolioView(Schema):
    """The book on its business date."""

    business_on: date
    classed_on: date = Field(description=CLASSED_ON)
    loans: int
    borrowers: int
    principal: Money
    allowance: Money
    ledger_principal: Money = Field(description="the same by the ledger")
    non_performing: Money
    at_risk: list[AtRisk]
    by_days_past_due: list[PortfolioPart]
    by_class: list[PortfolioPart]
    by_township: list[PortfolioPart] = Field(description="the ten largest; … is the rest")
    by_crop: list[PortfolioPart]
    vintages: list[VintageView]


@reads(router, "/portfolio", Scope.PORTFOLIO_READ, PortfolioView, "Show the portfolio")
def show_portfolio(request: Call) -> PortfolioView:
    """The book's figures; no borrower is named."""
    del request
    book = house.book()
    held, currency = figures.portfolio(book), book.currency
    return PortfolioView(
        business_on=held.day,
        classed_on=held.ended_on,
        loans=held.loans,
        borrowers=held.borrowers,
        principal=money(held.principal_minor, currency),
        allowance=money(held.allowance_minor, currency),
        ledger_principal=money(held.tie.ledger_minor, currency),
        non_performing=money(held.non_performing[0], currency),
        at_risk=[_at_risk(held, days, currency) for days in (30, 90)],
        by_days_past_due=_parts(held.aging, currency),
        by_class=_parts(held.classes, currency),
        by_township=_parts(held.townships, currency),
        by_crop=_parts(held.crops, currency),
        vintages=[_vintage(one, currency) for one in held.vintages],
    )


def _at_risk(held: figures.Portfolio, days: int, currency: str) -> AtRisk:
    minor, share = held.at_risk(days)
    return AtRisk(days=days, principal=money(minor, currency), share=share)


def _parts(found: Iterable[figures.Part], currency: str) -> list[PortfolioPart]:
    return [
        PortfolioPart(
            code=one.code,
            loans=one.loans,
            principal=money(one.principal_minor, currency),
            allowance=money(one.allowance_minor, currency),
            share=one.share,
        )
        for one in found
    ]


def _vintage(one: figures.Vintage, currency: str) -> VintageView:
    return VintageView(
        quarter=one.code,
        loans=one.loans,
        drawn=money(one.drawn_minor, currency),
        principal=money(one.principal_minor, currency),
        ever_late=one.ever,
    )
