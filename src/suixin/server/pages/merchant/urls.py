"""Addresses of the merchant's pages."""

from django.urls import path

from suixin.server.pages.merchant import application, complaint, consent, home, learn, loan

urlpatterns = [
    path("", home.show, name="merchant-home"),
    path("season", home.season, name="merchant-season"),
    path("apply", application.apply, name="merchant-apply"),
    path("applications/<str:number>", application.show, name="merchant-application"),
    path("applications/<str:number>/assess", application.assess_now, name="merchant-assess"),
    path("applications/<str:number>/withdraw", application.withdraw, name="merchant-withdraw"),
    path("applications/<str:number>/appeal", application.appeal_now, name="merchant-appeal"),
    path("applications/<str:number>/agreement", application.agreement, name="merchant-agreement"),
    path("applications/<str:number>/agreement.pdf", application.agreement_pdf, name="merchant-agreement-pdf"),
    path("draw/<str:number>", loan.draw_now, name="merchant-draw"),
    path("loans/<str:number>", loan.show, name="merchant-loan"),
    path("loans/<str:number>/give-up", loan.give_up_now, name="merchant-give-up"),
    path("loans/<str:number>/pay", loan.pay_now, name="merchant-pay"),
    path("consents", consent.listed, name="merchant-consents"),
    path("consents/sales", consent.agree_to_sales, name="merchant-consent-sales"),
    path("consents/<str:consent_id>/withdraw", consent.withdraw_now, name="merchant-consent-withdraw"),
    path("complaints", complaint.listed, name="merchant-complaints"),
    path("complaints/file", complaint.file_now, name="merchant-complaint-file"),
    path("learn", learn.show, name="merchant-learn"),
]
