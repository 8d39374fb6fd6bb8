"""No figure is cut, however narrow the terminal, and a file is as wide as its tables need."""

import io
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console, Group
from rich.panel import Panel

from suixin.reporting.card import render_card
from suixin.reporting.terminal import Figures, whole
from suixin.reporting.wording import words


def printed(renderable: object, width: int, *, terminal: bool = True) -> str:
    out = io.StringIO()
    console = Console(file=out, width=width, force_terminal=terminal, color_system=None)
    console.print(whole(renderable, console), crop=False)  # type: ignore[arg-type]
    return out.getvalue()


def table(rows: list[tuple[str, ...]], spare: int = 0) -> Figures:
    made = Figures(note="more")
    for number in range(len(rows[0])):
        made.add_column(f"a long head of {number}", right=True, spare=number >= len(rows[0]) - spare)
    for row in rows:
        made.add_row(*row)
    return made


amounts = st.integers(0, 10**13).map(lambda fen: f"¥{Decimal(fen) / 100:,.2f}")


@given(rows=st.lists(st.tuples(*[amounts] * 4), min_size=1, max_size=5), width=st.integers(10, 120))
def test_every_amount_is_whole_at_every_width(rows: list[tuple[str, ...]], width: int) -> None:
    """Heads fold; amounts stand in one piece, in a frame too."""
    for inner in (table(rows), Panel(Group(table(rows)))):
        text = printed(inner, width)
        assert all(amount in text for row in rows for amount in row)
        assert "…" not in text


def test_columns_that_only_compare_give_way() -> None:
    """The last spare column goes first, a line says so, and a file has them all."""
    rows = [("¥1,000.00", "¥2,000.00", "¥3,000.00", "¥4,000.00")]
    text = printed(table(rows, spare=2), 40)
    assert "¥3,000.00" in text
    assert "¥4,000.00" not in text
    assert max(map(len, text.splitlines())) <= 40
    assert text.endswith("more\n")
    assert "¥4,000.00" in printed(table(rows, spare=2), 40, terminal=False)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("width", [60, 80, 100])
def test_the_card_is_whole_in_a_narrow_terminal(county, lang, width) -> None:
    """Each amount of the schedule stands in one piece; at 80 columns nothing runs over."""
    say = words(lang)
    decision = max((d for d in county(2000).decisions if d.terms), key=lambda d: d.limit_fen)
    text = printed(render_card(decision, lang), width)
    assert "…" not in text
    for row in decision.terms.schedule.rows:
        for fen in (row.principal_fen, row.interest_fen, row.total_fen, row.balance_fen):
            assert say.money(fen, "CNY", exact=True) in text
    assert decision.policy_hash in text
