"""Addresses of the bank's pages."""

from django.urls import path

from suixin.server.pages.bank import disaster, loan, loans, log, portfolio, relief, report

_LOANS = [
    path("loans", loans.listed, name="bank-loans"),
    path("loans.xlsx", loans.workbook, name="bank-loans-xlsx"),
    path("loans/<str:number>", loan.show, name="bank-loan"),
    path("loans/<str:number>/receive", loan.receive_now, name="bank-loan-receive"),
    path("loans/<str:number>/take-back", loan.take_back_now, name="bank-loan-take-back"),
    path("loans/<str:number>/pay-out", loan.pay_out_now, name="bank-loan-pay-out"),
    path("loans/<str:number>/freeze", loan.freeze_now, name="bank-loan-freeze"),
    path("loans/<str:number>/write-off", loan.write_off_now, name="bank-loan-write-off"),
    path("loans/<str:number>/relief", relief.show, name="bank-loan-relief"),
    path("portfolio", portfolio.show, name="bank-portfolio"),
    path("disasters", disaster.show, name="bank-disasters"),
    path("disasters/<str:key>", disaster.show_one, name="bank-disaster"),
    path("report", report.show, name="bank-report"),
    path("report.xlsx", report.workbook, name="bank-report-xlsx"),
    path("log", log.show, name="bank-log"),
]

urlpatterns = [*_LOANS]
