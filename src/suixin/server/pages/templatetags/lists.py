"""Lists: a table whose columns the reader chooses, and the views of it that one has kept.

    {% table rows as row %}
    {% column "number" "编号" "Number" head %}<a href="…">{{ row.loan.number }}</a>
    {% column "rate" "年利率" "Rate" n %}{{ row.loan.rate_ppm|rate }}
    {% column "crop" "作物" "Crop" more %}{{ row.loan.profile.crop|crop }}
    {% endtable %}

A column stands in one place: its code, its heading, its cell. Which are shown the address says (`?col=number&col=rate`).

Above the table stand the views and the form of questions, below it what is done to each row that was ticked:

    {% questions %}{% typed "text" "编号" "Number" wanted.text %}{% choice "state" "状态" "State" states wanted.state %}{% endquestions %}
    {% take_away "bank-loans-xlsx" %}
    {% for_chosen where %}<button>受理所选</button>{% endfor_chosen %}
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django import template
from django.http import QueryDict
from django.template.base import FilterExpression, Node, NodeList, Parser, Token
from django.template.context import Context
from django.template.exceptions import TemplateSyntaxError
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from suixin.server.pages.asking import LONGEST
from suixin.server.pages.menus import sees_scores
from suixin.server.pages.templatetags.words import pair, worded
from suixin.server.savedviews.models import NAME
from suixin.server.savedviews.queries import views_of

register = template.Library()
CHOSEN = "col"
"""The part of an address that names a column."""
_WORDS = frozenset({"head", "more", "n", "scores", "whole", "wide"})


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a list.

    Attributes:
        code: its name in an address.
        zh, en: the heading.
        words: 'head' for the row's own heading, which is always shown; 'more' for one that is shown to those who
            choose it; 'n' for figures; 'scores' for what is not there at all for who sees no scores; 'whole' for what is
            not broken into lines; 'wide' for sentences, which a phone gives more room.
        cell: what stands in it.
    """

    code: str
    zh: str
    en: str
    words: frozenset[str]
    cell: NodeList

    @property
    def is_head(self) -> bool:
        """Whether it is the row's own heading."""
        return "head" in self.words

    def heading(self) -> SafeString:
        """The cell of the heading."""
        kind = format_html(' class="{}"', "n") if "n" in self.words else ""
        return format_html('<th scope="col"{}>{}</th>', kind, pair(self.zh, self.en))

    def render(self, context: Context) -> str:
        """The cell of a row."""
        tag, scope = ("th", ' scope="row"') if self.is_head else ("td", "")
        kinds = " ".join(sorted(self.words & {"n", "whole", "wide"}))
        kind = f' class="{kinds}"' if kinds else ""
        return f"<{tag}{scope}{kind}>{self.cell.render(context).strip()}</{tag}>"


class TableNode(Node):
    """The table, with the chooser of its columns above it."""

    def __init__(self, rows: FilterExpression, names: list[str], columns: list[Column]) -> None:
        self.rows, self.names, self.columns = rows, names, columns

    def render(self, context: Context) -> SafeString:
        """Draw it."""
        sent, columns = context["request"].GET, self._open_to(context["request"])
        shown = shown_of(columns, sent)
        head = "".join(column.heading() for column in shown)
        body = "".join(self._row(context, row, shown) for row in self.rows.resolve(context))
        table = f"<table><thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody></table>"
        # Every part is a rendered template or went through format_html.
        chooser = self._chooser(sent, columns, shown)
        return mark_safe(f'{chooser}<div class="scroll" tabindex="0">{table}</div>')  # noqa: S308

    def _row(self, context: Context, row: Any, shown: list[Column]) -> str:
        held = dict(zip(self.names, row, strict=True)) if len(self.names) > 1 else {self.names[0]: row}
        with context.push(**held):
            return f"<tr>{''.join(column.render(context) for column in shown)}</tr>\n"

    def _open_to(self, visit: Any) -> list[Column]:
        """The columns that there are for a reader, whatever an address or a view of theirs names."""
        return [one for one in self.columns if "scores" not in one.words or sees_scores(visit.roles)]

    def _chooser(self, sent: QueryDict, columns: list[Column], shown: list[Column]) -> str:
        choices = [(one, one in shown) for one in columns if not one.is_head]
        context = {"choices": choices, "shown": len(shown), "all": len(columns), "held": _held(sent)}
        return render_to_string("parts/columns.html", context)


def shown_of(columns: list[Column], sent: QueryDict) -> list[Column]:
    """The columns that an address asks for; the usual ones if it asks for none that there is."""
    asked = set(sent.getlist(CHOSEN)) & {one.code for one in columns if not one.is_head}
    if not asked:
        return [one for one in columns if "more" not in one.words]
    return [one for one in columns if one.is_head or one.code in asked]


def _held(sent: QueryDict) -> list[tuple[str, str]]:
    """What else an address asks, for a form that asks it again."""
    return [
        (name, value) for name, values in sent.lists() if name not in {CHOSEN, "page"} for value in values
    ]


@register.tag
def table(parser: Parser, token: Token) -> TableNode:
    """`{% table ROWS as NAME [NAME …] %}`, then columns, then `{% endtable %}`."""
    said = token.split_contents()
    if len(said) < 4 or said[2] != "as":
        raise TemplateSyntaxError("{% table ROWS as NAME %} needs rows and a name for each")
    columns: list[Column] = []
    parser.parse(("column", "endtable"))
    following = parser.next_token()
    while following.split_contents()[0] == "column":
        _, code, zh, en, *words = following.split_contents()
        if unknown := set(words) - _WORDS:
            raise TemplateSyntaxError(f"a column is {sorted(_WORDS)}, not {sorted(unknown)}")
        cell = parser.parse(("column", "endtable"))
        columns.append(Column(code.strip('"'), zh.strip('"'), en.strip('"'), frozenset(words), cell))
        following = parser.next_token()
    return TableNode(parser.compile_filter(said[1]), said[3:], columns)


@register.simple_block_tag(takes_context=True)
def questions(context: Context, content: str) -> SafeString:
    """The reader's own views of this list, then the form of its questions: what stands within, search and reset.

    The columns stay as they are when it is asked anew.
    """
    visit = context["request"]
    page = visit.resolver_match.url_name
    held = {
        "views": views_of(visit.person, page),
        "path": visit.path,
        "question": visit.GET.urlencode(),
        "most": NAME,
        "csrf_token": context.get("csrf_token"),
        "codes": visit.GET.getlist(CHOSEN),
        "content": content,
    }
    return render_to_string("parts/questions.html", held)


@register.simple_tag
def typed(name: str, zh: str, en: str, value: str) -> SafeString:
    """A question that is typed."""
    drawn = '<label>{}<input name="{}" value="{}" maxlength="{}" autocapitalize="none"></label>'
    return format_html(drawn, pair(zh, en), name, value, LONGEST)


@register.simple_tag
def dated(name: str, zh: str, en: str, value: date | None) -> SafeString:
    """A question for a day."""
    drawn = '<label>{}<input type="date" name="{}" value="{}"></label>'
    return format_html(drawn, pair(zh, en), name, value.isoformat() if value else "")


@register.simple_tag
def choice(
    name: str,
    zh: str,
    en: str,
    options: Iterable[tuple[Any, Any]],
    chosen: Any,
    *,
    every_zh: str = "全部",
    every_en: str = "all",
) -> SafeString:
    """A question with given answers, (code, words) each, and one for all of them, which asks nothing.

    Words are a text, or what has `zh` and `en`.
    """
    held = [(code, said if isinstance(said, str) else worded(said)) for code, said in options]
    every = pair(every_zh, every_en)
    context = {"name": name, "label": pair(zh, en), "options": held, "chosen": chosen, "every": every}
    return render_to_string("parts/choice.html", context)


@register.simple_tag(takes_context=True)
def take_away(context: Context, page: str, *parts: Any) -> SafeString:
    """The way to the workbook of all that is asked for."""
    held = urlencode(_held(context["request"].GET))
    address = reverse(page, args=parts)
    return format_html(
        '<a class="button second" href="{}" download>{}</a>',
        f"{address}?{held}" if held else address,
        pair("导出 xlsx", "Export xlsx"),
    )


@register.simple_tag(takes_context=True)
def none_fits(context: Context, zh: str, en: str) -> SafeString:
    """That nothing is as it was asked for, and the way back to all of it."""
    return format_html(
        '<p class="empty">{} <a href="{}">{}</a></p>',
        pair(zh, en),
        context["request"].path,
        pair("重置条件", "Reset the question"),
    )


@register.simple_block_tag(takes_context=True)
def for_chosen(context: Context, content: str, where: str) -> SafeString:
    """The form that does something to each row that `parts/pick.html` let one tick; it comes back to the same list."""
    held = {"where": where, "question": context["request"].GET.urlencode(), "content": content}
    return render_to_string("parts/for_chosen.html", held | {"csrf_token": context.get("csrf_token")})
