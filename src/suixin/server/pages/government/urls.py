"""Addresses of the pages for government and fund."""

from django.urls import URLPattern, path

from suixin.server.pages.government import county

urlpatterns: list[URLPattern] = [
    path("", county.show, name="government-home"),
    path("county.xlsx", county.workbook, name="government-county-xlsx"),
]
"""Pages for government and fund."""
