"""Addresses of the merchant's pages."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
