"""Addresses of the pages for who looks after what comes in and what runs by itself."""

from django.urls import URLPattern, path

from suixin.server.pages.platform import deliveries, jobs, mended, rows

INTAKE: list[URLPattern] = [
    path("", deliveries.connectors, name="platform-home"),
    path("connectors.xlsx", deliveries.connectors_xlsx, name="platform-connectors-xlsx"),
    path("ingests", deliveries.listed, name="platform-ingests"),
    path("ingests.xlsx", deliveries.listed_xlsx, name="platform-ingests-xlsx"),
    path("ingests/<int:number>", deliveries.show, name="platform-ingest"),
    path("ingests/<int:number>/<str:table>.xlsx", rows.workbook, name="platform-rows-xlsx"),
    path("ingests/<int:number>/<str:table>", rows.show, name="platform-rows"),
    path("ingests/<int:number>/<str:table>/take", rows.take_now, name="platform-rows-take"),
    path("ingests/<int:number>/<str:table>/dismiss", rows.dismiss_now, name="platform-rows-dismiss"),
    path("ingests/<int:number>/<str:table>/mend", mended.read_now, name="platform-rows-mend"),
    path("mended/<int:number>", mended.show, name="platform-mended"),
    path("mended/<int:number>/put", mended.put_now, name="platform-mended-put"),
    path("mended/<int:number>/faults.xlsx", mended.faults_xlsx, name="platform-mended-faults-xlsx"),
]

JOBS: list[URLPattern] = [
    path("jobs", jobs.show, name="platform-jobs"),
    path("jobs.xlsx", jobs.workbook, name="platform-jobs-xlsx"),
]

urlpatterns: list[URLPattern] = [*INTAKE, *JOBS]
