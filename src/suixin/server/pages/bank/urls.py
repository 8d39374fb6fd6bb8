"""Addresses of the bank's pages."""

from django.urls import URLPattern, path

from suixin.server.pages.bank import (
    application,
    assisted,
    imports,
    papers,
    payout,
    policy,
    queue,
    steps,
    whatif,
)

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
    path("imports", imports.start, name="bank-imports"),
    path("imports/template.csv", imports.template, name="bank-import-template"),
    path("imports/<int:number>", imports.show, name="bank-import"),
    path("imports/<int:number>/file", imports.file_now, name="bank-import-file"),
    path("imports/<int:number>/faults.xlsx", imports.faults, name="bank-import-faults"),
    path("policy", policy.show, name="bank-policy"),
    path("policy/check", policy.check, name="bank-policy-check"),
    path("policy/propose", policy.propose, name="bank-policy-propose"),
    path("policy/dry-run", policy.dry_run, name="bank-policy-dry-run"),
    path("policy/releases/<int:number>/return", policy.go_back, name="bank-policy-return"),
    path("policy/proposals/<int:number>/release", policy.release, name="bank-policy-release"),
    path("policy/proposals/<int:number>/withdraw", policy.withdraw, name="bank-policy-withdraw"),
    path("payouts", payout.listed, name="bank-payouts"),
    path("payouts/<str:number>", payout.pay, name="bank-pay-out"),
]

urlpatterns: list[URLPattern] = [*CASES]
