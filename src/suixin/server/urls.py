"""Every address of the server. A view that does not say who may see it is refused (`suixin.server.pages.door`)."""

from django.urls import include, path

from suixin.server.pages.public import entrance, probes
from suixin.server.pages.public import views as public

urlpatterns = [
    path("healthz", public.health, name="health"),
    path("readyz", probes.ready, name="ready"),
    path("metrics", probes.figures, name="metrics"),
    path("", public.home, name="home"),
    path("sign-in", entrance.sign_in, name="sign-in"),
    path("sign-in/code", entrance.sign_in_code, name="sign-in-code"),
    path("sign-out", entrance.sign_out, name="sign-out"),
    path("language", public.language, name="language"),
    path("account/", include("suixin.server.pages.account.urls")),
    path("me/", include("suixin.server.pages.merchant.urls")),
    path("bank/", include("suixin.server.pages.bank.urls")),
]
handler400 = "suixin.server.pages.public.views.bad_request"
handler403 = "suixin.server.pages.public.views.forbidden"
handler404 = "suixin.server.pages.public.views.not_found"
handler500 = "suixin.server.pages.public.views.server_error"
