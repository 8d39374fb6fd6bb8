"""A list's table: a column is written once, the address chooses among them, and what is shown is escaped."""

import re
from types import SimpleNamespace

import pytest
from django.http import QueryDict
from django.template import Context, Template, TemplateSyntaxError

TABLE = """{% load lists %}{% table rows as row %}
{% column "number" "编号" "Number" head whole %}<b>{{ row.number }}</b>
{% column "name" "名称" "Name" %}{{ row.name }}
{% column "rate" "年利率" "Rate" n %}{{ row.rate }}
{% column "crop" "作物" "Crop" more %}{{ row.crop }}
{% endtable %}"""
ROWS = [SimpleNamespace(number=7, name="<张>", rate=4, crop="apple")]


def drawn(asked, rows=ROWS, template=TABLE):
    request = SimpleNamespace(GET=QueryDict(asked))
    return Template(template).render(Context({"request": request, "rows": rows}))


def heads(html):
    return re.findall(r"<th scope=\"col\"[^>]*>([^<]*)</th>", html)


def test_heading_and_cell_stand_together():
    """The usual columns, the row's own heading as such, figures on the right, names escaped."""
    html = drawn("")
    assert heads(html) == ["编号", "名称", "年利率"]
    assert '<th scope="col" class="n">年利率</th>' in html
    body = html.partition("<tbody>")[2].partition("</tbody>")[0].strip()
    assert body == (
        '<tr><th scope="row" class="whole"><b>7</b></th><td>&lt;张&gt;</td><td class="n">4</td></tr>'
    )


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("col=crop", ["编号", "作物"]),
        ("col=crop&col=name", ["编号", "名称", "作物"]),
        ("col=nothing", ["编号", "名称", "年利率"]),
        ("col=", ["编号", "名称", "年利率"]),
        ("col=number", ["编号", "名称", "年利率"]),
    ],
)
def test_the_address_chooses(asked, shown):
    """What it names beside the row's heading; a name that is none, alone, changes nothing."""
    assert heads(drawn(asked)) == shown


def test_the_chooser_asks_the_same_anew():
    """It has a tick for every column but the heading's, and keeps the question, but the page and the old choice."""
    html = drawn("state=%22%3E%3Cb%3E&page=3&col=crop")
    ticks = re.findall(r'<input type="checkbox" name="col" value="(\w+)"( checked)?>', html)
    assert ticks == [("name", ""), ("rate", ""), ("crop", " checked")]
    assert re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', html) == [
        ("state", "&quot;&gt;&lt;b&gt;")
    ]


def test_a_row_may_have_several_names():
    """As in a loop."""
    template = '{% load lists %}{% table rows as a b %}{% column "x" "甲" "X" %}{{ b }}{{ a }}{% endtable %}'
    assert "<td>21</td>" in drawn("", [(1, 2)], template)


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{% table rows %}{% endtable %}", "needs rows and a name"),
        ('{% table rows as row %}{% column "x" "甲" "X" tall %}{% endtable %}', r"not \['tall'\]"),
    ],
)
def test_a_mistake_in_a_template_is_told(template, said):
    """When the template is read, not when a page is asked for."""
    with pytest.raises(TemplateSyntaxError, match=said):
        Template("{% load lists %}" + template)
