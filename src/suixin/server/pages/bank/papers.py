"""The agreement on paper: to be read aloud, printed, and signed face to face."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from suixin.errors import SuixinError
from suixin.server.merchants.queries import merchant_of
from suixin.server.origination.actions.sign import to_sign
from suixin.server.origination.models import Application
from suixin.server.pages.agreements import read
from suixin.server.pages.bank.application import case_of
from suixin.server.pages.door import Visit, for_roles
from suixin.server.pages.menus import HOUSE
from suixin.server.pages.paper.download import download
from suixin.server.pages.refusals import refusal


@require_GET
@for_roles(*HOUSE)
def agreement(visit: Visit, number: str) -> HttpResponse:
    """What was signed, or what would be signed today; before an offer there is none."""
    case = case_of(visit, number)
    signed = case.state == Application.State.SIGNED
    try:
        text = case.agreement if signed else to_sign(number)[1]
    except SuixinError as error:
        messages.error(visit, refusal(error))
        return redirect("bank-application", number)
    context = {"case": case, "signed": signed, "merchant": merchant_of(case.merchant_id)}
    return render(visit, "bank/agreement.html", context | {"agreement": read(text)})


@require_GET
@for_roles(*HOUSE)
def agreement_pdf(visit: Visit, number: str) -> HttpResponse:
    """The same as a PDF."""
    case = case_of(visit, number)
    try:
        return download(case)
    except SuixinError as error:
        messages.error(visit, refusal(error))
        return redirect("bank-application", number)
