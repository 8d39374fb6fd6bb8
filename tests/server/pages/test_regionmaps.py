"""Squares, shades and changes of a measure by township."""

from suixin.regions.table import WHOLE, Figure, Table
from suixin.server.pages.regionmaps import BY_KEY, drawn


def table(**counts):
    held = {area: None if n is None else Figure(n, 100 * n) for area, n in counts.items()}
    return Table(dict.fromkeys(counts, WHOLE), {"borrowers": {WHOLE: Figure(90, 9000), **held}})


def test_what_is_hidden_has_no_shade_and_no_change():
    """The largest is darkest; a change needs both months."""
    now = {"lending": table(a=40, b=None, c=10)}
    then = {"lending": table(a=35, b=20, c=None)}
    made = drawn(BY_KEY["borrowers"], now, {"a": "东坪镇"}, then)
    assert [(one.row.name, one.shade, one.x, one.y) for one in made.squares] == [
        ("东坪镇", 4, 0, 0),
        ("b", None, 114, 0),
        ("c", 1, 0, 114),
    ]
    assert [row.change for row in made.rows] == [Figure(0, 0), Figure(5, 500), None, None]
    assert (made.width, made.height, made.hidden) == (450, 222, 1)
