"""What if: the stored case decided again with other figures, live, and never stored."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from suixin.errors import SuixinError
from suixin.server.origination import authority, documents, offering
from suixin.server.origination.desk import policy_of
from suixin.server.origination.models import Application, DecisionRecord
from suixin.server.pages import forms
from suixin.server.pages.bank import told
from suixin.server.pages.bank.application import case_of, record_of
from suixin.server.pages.door import Visit, for_roles
from suixin.server.pages.menus import SCORES
from suixin.server.pages.refusals import refusal
from suixin.server.pages.templatetags.words import spoken
from suixin.underwriting.decide import decide
from suixin.underwriting.decision import Decision, Outcome, Terms
from suixin.underwriting.policy import LoadedPolicy
from suixin.underwriting.whatif import read_settings, with_features


@dataclass(frozen=True, slots=True)
class Side:
    """One of two decisions, beside the sum that somebody would be granted of it and who would grant it."""

    decision: Decision
    outcome: str
    binding: str
    granted_minor: int
    state: str
    automatic: bool
    terms: Terms | None

    @property
    def rate_ppm(self) -> int | None:
        """The contract rate, None if nothing is offered."""
        return self.decision.terms.annual_rate_ppm if self.decision.terms else None

    @property
    def interest_minor(self) -> int | None:
        """What the sum costs in interest over the term."""
        return self.terms.schedule.total_interest_fen if self.terms else None


@require_GET
@for_roles(*SCORES)
def show(visit: Visit, number: str) -> HttpResponse:
    """The two decisions side by side: a part of the page for htmx, a page of its own without."""
    case = case_of(visit, number)
    record = record_of(case)
    context: dict[str, object] = {"case": case}
    try:
        context |= _compared(visit, case, record)
    except SuixinError as error:
        context["refused"] = refusal(error)
    name = "bank/whatif_part.html" if getattr(visit, "htmx", False) else "bank/whatif.html"
    return render(visit, name, context)


def _compared(visit: Visit, case: Application, record: DecisionRecord) -> dict[str, object]:
    before, loaded = documents.read_decision(record.document), policy_of(record.policy)
    amount = forms.amount_of(visit.GET) if visit.GET.get("amount", "").strip() else case.amount_minor
    changed = _settings(visit, before)
    after = decide(with_features(documents.read_case(record.case), changed), loaded, hints=False)
    say = spoken()
    shown = [
        told.Fact(
            say.feature_label(name),
            say.value(name, before.features.get(name), before.currency),
            say.value(name, value, before.currency),
        )
        for name, value in changed.items()
    ]
    return {
        "before": _side(before, case, case.amount_minor, loaded),
        "after": _side(after, case, amount, loaded),
        "amount_minor": amount,
        "changed": shown,
        "reasons": told.against(told.reasons(after, say))[:3],
    }


def _settings(visit: Visit, before: Decision) -> dict[str, float | None]:
    """What was moved: a field that still holds the case's own figure moves nothing, an empty one leaves it as it is."""
    own = {one.name: one.own for one in told.sliders(before, spoken())}
    sent = [(name, visit.GET.get(f"f_{name}", "").strip()) for name in own]
    moved = [f"{name}={value}" for name, value in sent if value and value != own[name]]
    return read_settings(moved)


def _side(decision: Decision, case: Application, amount_minor: int, loaded: LoadedPolicy) -> Side:
    granted = min(decision.limit_fen, amount_minor)
    way = authority.way_of(decision.outcome, granted, loaded.policy, by_people=case.by_people)
    terms = None
    if decision.terms is not None and decision.outcome is not Outcome.DECLINE and granted > 0:
        rate = decision.terms.annual_rate_ppm
        terms = offering.offered(decision, loaded.policy, granted, rate, decision.as_of)
    say = spoken()
    return Side(
        decision,
        say.outcome(decision.outcome.value),
        told.binding(decision, say),
        granted,
        way.state,
        way.automatic,
        terms,
    )
