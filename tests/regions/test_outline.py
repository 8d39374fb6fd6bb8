"""A county's own map: exact paths of small maps, and a refusal with the mend for whatever is none."""

import orjson
import pytest

from suixin.errors import SourceError
from suixin.regions.outline import MOST_BYTES, Shape, outline


def square(x, y, side=1.0):
    return [[x, y], [x + side, y], [x + side, y + side], [x, y + side], [x, y]]


def place(code, *rings, kind="Polygon", **properties):
    held = {"type": kind, "coordinates": list(rings) if kind == "Polygon" else [[ring] for ring in rings]}
    return {"type": "Feature", "properties": {"code": code} | properties, "geometry": held}


def collection(*features):
    return orjson.dumps({"type": "FeatureCollection", "features": list(features)})


def test_two_squares_at_the_equator():
    """North is up, the wider side fills the picture, a name stands in the middle of its place."""
    drawn = outline(collection(place("371302001", square(0, -0.5)), place(371302002, square(1, -0.5))))
    assert (drawn.width, drawn.height) == (800, 400)
    assert drawn.shapes == {
        "371302001": Shape("M0 400L400 400L400 0L0 0L0 400Z", 200, 200),
        "371302002": Shape("M400 400L800 400L800 0L400 0L400 400Z", 600, 200),
    }


def test_at_sixty_degrees_a_degree_of_longitude_is_half_as_long():
    """A square of degrees is drawn half as wide as high."""
    drawn = outline(collection(place("371302001", square(118, 59.5))))
    assert (drawn.width, drawn.height) == (400, 800)


def test_the_name_of_a_place_in_two_parts_stands_in_the_larger():
    """Islands are part of the path."""
    drawn = outline(collection(place("371302001", square(0, 0, 0.1), square(1, 0, 1.0), kind="MultiPolygon")))
    assert drawn.shapes["371302001"].path.count("M") == 2
    assert drawn.shapes["371302001"].x == 600


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "the map's file is empty"),
        (b"x", "the map is no JSON"),
        (b"[1]", "no GeoJSON FeatureCollection"),
        (b"{}", "no GeoJSON FeatureCollection"),
        (collection(), "no polygon with a township's code"),
        (collection(1), "place 1 of the map has the code ''"),
        (collection(place("371302", square(0, 0))), "place 1 of the map has the code '371302'"),
        (collection(place("371302001", square(0, 0)), place("371302001", square(1, 0))), "stands twice"),
        (collection({"properties": {"code": "371302001"}, "geometry": None}), "place 1 of the map is a None"),
        (collection(place("371302001", square(0, 0)) | {"geometry": {"type": "Point"}}), "is a Point"),
        (collection(place("371302001", [[0, 0], [1, 1], [0, 0]])), "fewer than four points"),
        (collection(place("371302001", square(500_000, 4_000_000))), "off the earth"),
        (collection(place("371302001", ["abcd"])), "no list of rings"),
        (collection(*(place(str(100_000_000 + n), square(0, 0)) for n in range(501))), "501 places"),
        (b" " * (MOST_BYTES + 1), "8,000,001 bytes"),
    ],
)
def test_what_is_no_map_is_refused_with_the_mend(content, told):
    """Before anything is kept."""
    with pytest.raises(SourceError, match=r".") as refused:
        outline(content)
    assert told in str(refused.value)


def test_more_points_than_a_page_bears_are_refused():
    """A thousand teeth each in thirty places."""
    teeth = [[n / 1000, (n % 2) / 2] for n in range(1000)]
    places = (place(str(100_000_000 + n), [*teeth, teeth[0]]) for n in range(30))
    with pytest.raises(SourceError, match="points; a page bears 20,000"):
        outline(collection(*places))
