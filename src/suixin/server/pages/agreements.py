"""An agreement as pages show it: what was signed, or would be, word for word."""

from datetime import date

import orjson

from suixin.server.pages.templatetags.words import spoken


def shown(text: str) -> dict[str, object]:
    """Everything that the template needs of the canonical text."""
    held = orjson.loads(text)
    say = spoken()
    costs = [{**item, "name": say.cost(item["code"])} for item in held["costs"]]
    return {
        "held": held,
        "costs": [item for item in costs if not item["on_default"]],
        "on_default": [item for item in costs if item["on_default"]],
        "method": say.method(held["method"]),
        "signed_on": date.fromisoformat(held["signed_on"]),
        "draw_until": date.fromisoformat(held["draw_until"]),
        "rows": [(date.fromisoformat(due), *parts, parts[0] + parts[1]) for due, *parts in held["schedule"]],
        "extra_minor": held["interest_minor"] - held["even_interest_minor"],
    }
