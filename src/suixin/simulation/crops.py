"""What the county grows and makes: seasons, prices, weights and what spoils.

Months of harvest and sale are those of the hills of central China in broad strokes. Loss shares are set so
that produce loss in the county lies at 20 to 30 % of the harvest (reference/credit-risk.md, 'Rural China').
"""

from dataclasses import dataclass

import numpy as np

from suixin.simulation.streams import Floats


@dataclass(frozen=True, slots=True)
class Crop:
    """One product line.

    Attributes:
        code, zh: its code in `merchants.crop` and `prices.commodity`, and its name.
        share: share of merchants that live on it.
        growing, harvest: calendar months (1 to 12).
        sales: relative sales of the twelve calendar months.
        piece_yuan, piece_g: price and weight of the usual piece.
        loss: share of the harvest lost before sale in an ordinary year; 0 for what is made, not grown.
        frost, rain: how strongly frost and heavy rain while growing cut the crop, 0 to 1.
        cost: direct cost of a yuan harvested.
        mu_yuan: what a mu sells in an ordinary year; 0 for what needs no field.
    """

    code: str
    zh: str
    share: float
    growing: tuple[int, ...]
    harvest: tuple[int, ...]
    sales: tuple[float, ...]
    piece_yuan: float
    piece_g: float
    loss: float
    frost: float
    rain: float
    cost: float
    mu_yuan: float = 0.0

    @property
    def kilo_fen(self) -> float:
        """Wholesale price of a kilogram in fen: about half of what a buyer pays for a piece."""
        return self.piece_yuan * 100 * 1000 / self.piece_g * 0.5


CROPS: tuple[Crop, ...] = (
    Crop(
        "tea",
        "茶叶",
        0.13,
        (1, 2, 3),
        (3, 4, 5, 9),
        (0.6, 0.5, 1.5, 2.6, 1.9, 1.1, 0.7, 0.6, 0.9, 0.8, 0.7, 0.7),
        138.0,
        300.0,
        0.16,
        0.9,
        0.2,
        0.44,
        6000.0,
    ),
    Crop(
        "citrus",
        "柑橘",
        0.14,
        (4, 5, 6, 7, 8, 9),
        (10, 11, 12, 1),
        (1.9, 1.0, 0.4, 0.2, 0.1, 0.1, 0.1, 0.2, 0.7, 1.9, 2.7, 2.6),
        46.0,
        4500.0,
        0.29,
        0.6,
        0.5,
        0.38,
        7000.0,
    ),
    Crop(
        "kiwi",
        "猕猴桃",
        0.09,
        (4, 5, 6, 7, 8),
        (9, 10),
        (0.6, 0.3, 0.2, 0.1, 0.1, 0.1, 0.2, 0.8, 2.9, 3.2, 2.2, 1.2),
        58.0,
        3000.0,
        0.30,
        0.4,
        0.5,
        0.38,
        8000.0,
    ),
    Crop(
        "apple",
        "苹果",
        0.08,
        (4, 5, 6, 7, 8),
        (9, 10, 11),
        (1.5, 1.0, 0.6, 0.4, 0.2, 0.2, 0.2, 0.5, 1.5, 2.3, 2.0, 1.7),
        52.0,
        5000.0,
        0.24,
        0.7,
        0.3,
        0.40,
        7000.0,
    ),
    Crop(
        "rice",
        "大米",
        0.09,
        (5, 6, 7, 8),
        (9, 10),
        (1.1, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 1.2, 1.6, 1.4, 1.1),
        62.0,
        5000.0,
        0.14,
        0.1,
        0.6,
        0.46,
        2500.0,
    ),
    Crop(
        "mushroom",
        "香菇木耳",
        0.10,
        (8, 9, 10),
        (11, 12, 1, 2, 3),
        (1.7, 1.4, 1.1, 0.8, 0.5, 0.4, 0.4, 0.5, 0.8, 1.1, 1.5, 1.8),
        78.0,
        500.0,
        0.25,
        0.3,
        0.4,
        0.40,
        18000.0,
    ),
    Crop(
        "honey",
        "蜂蜜",
        0.07,
        (3, 4),
        (5, 6, 7),
        (0.9, 0.7, 0.6, 0.8, 1.3, 1.6, 1.4, 1.0, 0.9, 0.9, 1.0, 0.9),
        96.0,
        1000.0,
        0.10,
        0.4,
        0.5,
        0.42,
    ),
    Crop(
        "cured_meat",
        "腊肉",
        0.08,
        (),
        (11, 12, 1),
        (2.9, 1.2, 0.5, 0.3, 0.2, 0.2, 0.2, 0.3, 0.6, 0.9, 1.8, 2.9),
        118.0,
        1500.0,
        0.12,
        0.0,
        0.1,
        0.52,
    ),
    Crop(
        "bamboo_shoot",
        "笋干",
        0.07,
        (2, 3),
        (3, 4, 5),
        (1.2, 0.8, 1.0, 1.7, 1.7, 1.0, 0.6, 0.6, 0.7, 0.8, 0.9, 1.0),
        66.0,
        500.0,
        0.22,
        0.3,
        0.3,
        0.40,
        2500.0,
    ),
    Crop(
        "vegetable",
        "蔬菜",
        0.09,
        (3, 4, 5, 6, 7, 8),
        (5, 6, 7, 8, 9, 10),
        (0.7, 0.6, 0.7, 0.9, 1.1, 1.3, 1.4, 1.3, 1.2, 1.1, 0.9, 0.8),
        34.0,
        3000.0,
        0.33,
        0.4,
        0.8,
        0.36,
        9000.0,
    ),
    Crop("handicraft", "手工艺品", 0.06, (), (), (1.0,) * 12, 88.0, 600.0, 0.0, 0.0, 0.0, 0.42),
)
"""Every product line; the index in this tuple is the crop number used inside the simulation."""


def column(name: str) -> Floats:
    """One numeric attribute of all crops, by crop number."""
    return np.array([getattr(crop, name) for crop in CROPS], dtype=np.float64)


def daily_season(year_part: Floats) -> Floats:
    """Sales of each day against the year's mean, crops × days: months joined by straight lines, mean 1."""
    rows = []
    for crop in CROPS:
        curve = np.array(crop.sales) / np.mean(crop.sales)
        middle = (np.arange(-1, 13) + 0.5) / 12
        rows.append(np.interp(year_part, middle, np.concatenate([curve[-1:], curve, curve[:1]])))
    return np.array(rows)
