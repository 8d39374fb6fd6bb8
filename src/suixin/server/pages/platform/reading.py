"""The lake as pages meet it: what is wrong with it is told, and never where it lies."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.http import HttpResponse
from django.shortcuts import render

from suixin.errors import LakeError
from suixin.server.intake import lakes
from suixin.server.pages.door import Visit, act_alone
from suixin.server.pages.templatetags.words import pair

P = ParamSpec("P")
View = Callable[Concatenate[Visit, P], HttpResponse]


def wrong() -> str:
    """That the lake cannot be read, and what is done about it."""
    return pair(
        "数据湖无法读取，请管理员运行 suixin lake verify",
        "the lake cannot be read; whoever runs the server asks suixin lake verify",
    )


def reads_lake(view: View[P]) -> View[P]:
    """A page that reads files of the lake: while one of them cannot be read it says so."""

    @wraps(view)
    def whole(visit: Visit, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(visit, *args, **kwargs)
        except LakeError:
            return render(visit, "platform/damaged.html", {"wrong": wrong()}, status=503)

    return whole  # type: ignore[return-value]


def act_on_lake(visit: Visit, do: Callable[[], Any], *, done: str, back: str, said: str = "") -> HttpResponse:
    """As `act_alone`; what the lake says is told without the server's own paths."""

    def whole() -> None:
        with lakes.without_place(visit.actor.organisation_id):
            do()

    return act_alone(visit, whole, done=done, back=back, said=said)
