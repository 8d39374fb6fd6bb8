"""Publish figures by township: what the month that is due would show, what it would hide, and what was published."""

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from suixin.errors import BusinessDateError, LendingError, UsageError
from suixin.regions.outline import MOST_BYTES
from suixin.server.identity.roles import Role
from suixin.server.pages import regionmaps
from suixin.server.pages.bank import house
from suixin.server.pages.door import Visit, act, for_roles, now
from suixin.server.pages.refusals import refusal
from suixin.server.pages.templatetags.words import pair
from suixin.server.regions import documents
from suixin.server.regions.actions.publish_regions import publish_regions
from suixin.server.regions.actions.set_ground import set_ground
from suixin.server.regions.queries import agreeing, draft, ground, published


@require_GET
@for_roles(Role.APPROVER, Role.AUDITOR)
def show(visit: Visit) -> HttpResponse:
    """The draft of the month that is due, and the months that are published."""
    book = house.book()
    months = published(book)
    people = house.called(one.made_by for one in months)
    context: dict[str, Any] = {
        "published": [(one, people[one.made_by]) for one in months],
        "measures": regionmaps.MEASURES,
        "ground": ground(book),
        "may_publish": visit.actor.may("regions.month.publish", book),
    }
    try:
        made = draft(book)
    except BusinessDateError as error:
        return render(visit, "bank/regions.html", context | {"waits": refusal(error)})
    except LendingError:
        return render(visit, "bank/regions.html", context)
    measure = regionmaps.BY_KEY.get(visit.GET.get("measure", ""), regionmaps.MEASURES[0])
    before = documents.read(months[0].tables) if months else {}
    context["draft"] = made.month
    context["map"] = regionmaps.drawn(measure, made.tables, made.names, before, context["ground"], "draft")
    context["agreeing"] = agreeing(now())
    context["before"] = months[0] if months else None
    context["digest"] = documents.digest(made.document)
    return render(visit, "bank/regions.html", context)


@require_POST
@for_roles(Role.APPROVER)
def publish_now(visit: Visit) -> HttpResponse:
    """Publish what was shown."""
    back = reverse("bank-regions")
    shown = visit.POST.get("digest", "")
    return act(
        visit,
        lambda: publish_regions(house.book(), shown=shown, by=visit.actor, at=now()),
        done=back,
        back=back,
        said=pair("已发布，政府和基金可以看到", "Published; government and fund see it"),
    )


@require_POST
@for_roles(Role.APPROVER)
def ground_now(visit: Visit) -> HttpResponse:
    """Bring the county's own map, or go back to squares."""
    back = reverse("bank-regions")

    squares = visit.POST.get("squares") == "yes"

    def do() -> None:
        sent = visit.FILES.get("file")
        if squares:
            set_ground(house.book(), None, "", by=visit.actor, at=now())
        elif isinstance(sent, UploadedFile):
            content = sent.read(MOST_BYTES + 1)
            set_ground(house.book(), content, visit.POST.get("approval", ""), by=visit.actor, at=now())
        else:
            raise UsageError("Choose a GeoJSON file", zh="请选择一个 GeoJSON 文件")

    said = pair("已恢复方格", "Squares again") if squares else pair("地图已更换", "The map is in use")
    return act(visit, do, done=back, back=back, said=said)
