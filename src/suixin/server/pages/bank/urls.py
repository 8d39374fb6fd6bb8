"""Addresses of the bank's pages."""

from django.urls import URLPattern, path

from suixin.server.pages.bank import application, assisted, papers, payout, queue, steps, whatif

CASES: list[URLPattern] = [
    path("", queue.show, name="bank-home"),
    path("applications.xlsx", queue.export, name="bank-applications-export"),
    path("applications/<str:number>", application.show, name="bank-application"),
    path("applications/<str:number>/decision.json", application.document, name="bank-decision"),
    path("applications/<str:number>/agreement", papers.agreement, name="bank-agreement"),
    path("applications/<str:number>/whatif", whatif.show, name="bank-whatif"),
    path("applications/<str:number>/review", steps.review_now, name="bank-review"),
    path("applications/<str:number>/approve", steps.approve_now, name="bank-approve"),
    path("applications/<str:number>/decline", steps.decline_now, name="bank-decline"),
    path("applications/<str:number>/vote", steps.vote_now, name="bank-vote"),
    path("applications/<str:number>/assess", steps.assess_now, name="bank-assess"),
    path("applications/<str:number>/withdraw", steps.withdraw_now, name="bank-withdraw"),
    path("assisted", assisted.start, name="bank-assisted"),
    path("assisted/merchants/<str:merchant_id>", assisted.merchant, name="bank-assisted-merchant"),
    path("assisted/<str:number>", assisted.case, name="bank-assisted-case"),
    path("assisted/<str:number>/consents", assisted.consents, name="bank-assisted-consents"),
    path("assisted/<str:number>/sign", assisted.sign_now, name="bank-assisted-sign"),
    path("assisted/<str:number>/draw", assisted.draw_now, name="bank-assisted-draw"),
    path("payouts", payout.listed, name="bank-payouts"),
    path("payouts/<str:number>", payout.pay, name="bank-pay-out"),
]

urlpatterns: list[URLPattern] = [*CASES]
