"""The map of squares."""

from suixin.regions.tiles import Tile, tiles


def test_the_squares_follow_the_codes():
    """Row by row, as square as can be, whatever the order in which the places come."""
    assert tiles(["c", "a", "b", "e", "d"]) == (
        Tile("a", 0, 0),
        Tile("b", 1, 0),
        Tile("c", 2, 0),
        Tile("d", 0, 1),
        Tile("e", 1, 1),
    )
    assert tiles([]) == ()
    assert [tile.row for tile in tiles("abcd")] == [0, 0, 1, 1]
