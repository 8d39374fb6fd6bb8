"""Addresses of everybody's own way in."""

from django.urls import URLPattern, path

from suixin.server.pages.account import views

urlpatterns: list[URLPattern] = [
    path("", views.show, name="account"),
    path("password", views.password, name="account-password"),
    path("sign-out-everywhere", views.sign_out_everywhere, name="account-sign-out-everywhere"),
    path("second-factor", views.second_factor, name="account-factor"),
    path("second-factor/begin", views.begin, name="account-factor-begin"),
]
