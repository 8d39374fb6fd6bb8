"""Every address of the server. A view that does not say who may see it is refused (`suixin.server.pages.door`)."""

from django.urls import include, path

from suixin.server.api.problems import or_page
from suixin.server.api.urls import nothing
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
    path("government/", include("suixin.server.pages.government.urls")),
    path("platform/", include("suixin.server.pages.platform.urls")),
    path("api/v1/", include("suixin.server.api.urls")),
    path("api/", nothing),
    path("api/<path:rest>", nothing),
]
handler400 = or_page(400, "unreadable", "the request cannot be understood", public.bad_request)
handler403 = or_page(403, "access", "this is nobody's to see", public.forbidden)
handler404 = or_page(404, "not_found", "there is nothing at this address", public.not_found)
csrf_failure = or_page(403, "access", "a form of a page needs its token", public.forged)
handler500 = or_page(
    500, "fault", "something went wrong here and was noted; try again later", public.server_error
)
