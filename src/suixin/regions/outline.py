"""A county's own map: the outlines of its townships from GeoJSON (RFC 7946), as paths of a picture.

No boundary comes with the product: in China a map that is shown to others carries an approval number. Whoever has an
approved one brings it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import cos, isfinite, radians
from typing import Any

import orjson

from suixin.errors import SourceError

WIDTH = 800
MOST_BYTES, MOST_PLACES, MOST_POINTS = 8_000_000, 500, 20_000
_TOWNSHIP = re.compile(r"[0-9]{9}")
_KEYS = ("code", "township", "adcode", "id")
Point = tuple[float, float]
Ring = list[Point]


@dataclass(frozen=True, slots=True)
class Shape:
    """A township on the picture: an SVG path, and where its name stands."""

    path: str
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Outline:
    """A map: its size, and the shape of each township by its code of nine digits."""

    width: int
    height: int
    shapes: Mapping[str, Shape]


def outline(content: bytes) -> Outline:
    """Read a GeoJSON FeatureCollection of polygons, each with a township's code in `code`, `township`, `adcode` or `id`.

    Longitudes are shortened by the cosine of the middle latitude, which for a county is as good as any projection.

    Raises:
        SourceError: it is no such file, a code is none or stands twice, or there is too much for a page.
    """
    if not content:
        raise SourceError("the map's file is empty; choose another one", zh="地图文件是空的，请另选一个文件")
    if len(content) > MOST_BYTES:
        raise SourceError(
            f"the map has {len(content):,} bytes; at most {MOST_BYTES:,}: simplify it",
            zh=f"地图文件有 {len(content):,} 字节，最多 {MOST_BYTES:,}；请先简化",
        )
    places = dict(_places(_document(content)))
    if not places:
        raise SourceError(
            "the map has no polygon with a township's code of nine digits; add the property 'code'",
            zh="地图里没有带 9 位乡镇代码的面；请补上属性 code",
        )
    every = [point for rings in places.values() for ring in rings for point in ring]
    left, right = (pick(x for x, _ in every) for pick in (min, max))
    low, high = (pick(y for _, y in every) for pick in (min, max))
    narrow = cos(radians((low + high) / 2))
    scale = WIDTH / max((right - left) * narrow, high - low, 1e-9)

    def put(ring: Ring) -> list[tuple[int, int]]:
        drawn = [(round((x - left) * narrow * scale), round((high - y) * scale)) for x, y in ring]
        return [drawn[0], *(then for before, then in pairwise(drawn) if then != before)]

    drawn = {code: [put(ring) for ring in rings] for code, rings in places.items()}
    points = sum(len(ring) for rings in drawn.values() for ring in rings)
    if points > MOST_POINTS:
        raise SourceError(
            f"the map has {points:,} points; a page bears {MOST_POINTS:,}: simplify it",
            zh=f"地图有 {points:,} 个点，页面最多 {MOST_POINTS:,} 个；请先简化",
        )
    width, height = round((right - left) * narrow * scale), round((high - low) * scale)
    return Outline(max(width, 1), max(height, 1), {code: _shape(rings) for code, rings in drawn.items()})


def _document(content: bytes) -> list[Any]:
    try:
        held = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise SourceError(
            f"the map is no JSON: {error}",
            zh=f"这不是 JSON 文件：第 {error.lineno} 行第 {error.colno} 个字符起读不下去",
        ) from error
    features = held.get("features") if isinstance(held, dict) else None
    if not isinstance(features, list) or held.get("type") != "FeatureCollection":
        raise SourceError(
            "the map is no GeoJSON FeatureCollection; export it as one",
            zh="这不是 GeoJSON 的 FeatureCollection；请按此格式导出",
        )
    if len(features) > MOST_PLACES:
        raise SourceError(
            f"the map has {len(features):,} places; a page bears {MOST_PLACES:,}",
            zh=f"地图有 {len(features):,} 个面，页面最多 {MOST_PLACES:,} 个",
        )
    return features


def _places(features: list[Any]) -> Iterator[tuple[str, list[Ring]]]:
    seen: set[str] = set()
    for number, feature in enumerate(features, start=1):
        code = _code(feature)
        if not _TOWNSHIP.fullmatch(code):
            raise SourceError(
                f"place {number} of the map has the code {code!r}; a township's has nine digits",
                zh=f"第 {number} 个面的代码是 {code!r}；乡镇代码为 9 位数字",
            )
        if code in seen:
            raise SourceError(
                f"township {code} stands twice on the map; join its parts in one MultiPolygon",
                zh=f"乡镇 {code} 出现两次；请合并为一个 MultiPolygon",
            )
        seen.add(code)
        yield code, list(_rings(feature.get("geometry"), number))


def _code(feature: Any) -> str:
    if not isinstance(feature, dict):
        return ""
    held = feature.get("properties")
    told = {"id": feature.get("id")} | (held if isinstance(held, dict) else {})
    return str(next((told[key] for key in _KEYS if told.get(key) is not None), ""))


def _rings(geometry: Any, number: int) -> Iterator[Ring]:
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind not in {"Polygon", "MultiPolygon"}:
        raise SourceError(
            f"place {number} of the map is a {kind}; it must be a Polygon or a MultiPolygon",
            zh=f"第 {number} 个面的类型是 {kind}；应为 Polygon 或 MultiPolygon",
        )
    try:
        polygons = [geometry["coordinates"]] if kind == "Polygon" else geometry["coordinates"]
        rings = [[(float(x), float(y)) for x, y, *_ in ring] for polygon in polygons for ring in polygon]
    except (KeyError, TypeError, ValueError) as error:
        raise SourceError(
            f"place {number} of the map has no list of rings of [longitude, latitude]",
            zh=f"第 {number} 个面的坐标不是 [经度, 纬度] 的环",
        ) from error
    for ring in rings:
        if len(ring) < 4 or not all(_on_earth(*point) for point in ring):
            raise SourceError(
                f"place {number} of the map has a ring of fewer than four points, or one off the earth; "
                "coordinates are degrees of longitude and latitude",
                zh=f"第 {number} 个面有少于四点的环，或坐标不是经纬度（度）",
            )
        yield ring


def _on_earth(x: float, y: float) -> bool:
    return isfinite(x) and isfinite(y) and abs(x) <= 180 and abs(y) <= 90


def _shape(rings: list[list[tuple[int, int]]]) -> Shape:
    path = "".join("M" + "L".join(f"{x} {y}" for x, y in ring) + "Z" for ring in rings)
    x, y = _middle(max(rings, key=lambda ring: abs(_twice_the_area(ring))))
    return Shape(path, x, y)


def _twice_the_area(ring: list[tuple[int, int]]) -> int:
    return sum(x * then_y - then_x * y for (x, y), (then_x, then_y) in pairwise([*ring, ring[0]]))


def _middle(ring: list[tuple[int, int]]) -> tuple[int, int]:
    """The centroid of a ring; of one without an area the mean of its corners."""
    area = _twice_the_area(ring)
    if not area:
        return round(sum(x for x, _ in ring) / len(ring)), round(sum(y for _, y in ring) / len(ring))
    sides = [(a, b, a[0] * b[1] - b[0] * a[1]) for a, b in pairwise([*ring, ring[0]])]
    return (
        round(sum((a[0] + b[0]) * cross for a, b, cross in sides) / (3 * area)),
        round(sum((a[1] + b[1]) * cross for a, b, cross in sides) / (3 * area)),
    )
