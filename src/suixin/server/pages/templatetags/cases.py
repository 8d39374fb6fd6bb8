"""The words of a case in a template: `{{ case.state|state }}` is a word with its badge's colour."""

from django import template

from suixin.server.pages.casewords import NEXT, STAGES, STATES, VERDICTS, Said
from suixin.server.pages.loanwords import CLASSES, LOANS

register = template.Library()


@register.filter
def state(code: str) -> Said:
    """An application's state."""
    return STATES[code]


@register.filter
def stage(code: str) -> Said:
    """In which part of a case something was said."""
    return STAGES[code]


@register.filter
def verdict(code: str) -> Said:
    """What was said."""
    return VERDICTS[code]


@register.filter
def next_step(code: str) -> Said:
    """What has to be done next."""
    return NEXT[code]


@register.filter
def loan_state(code: str) -> Said:
    """A loan's state."""
    return LOANS[code]


@register.filter
def five_class(number: int) -> Said:
    """One of the five classes."""
    return CLASSES[number]
