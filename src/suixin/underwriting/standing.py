"""How a shop stands on the day of its forecast: whether it still sells, and as much as it used to."""

from dataclasses import dataclass

SILENT, FALLEN, GROWN = "silent", "fallen", "grown"

_DOUBTED = 0.9  # a shop that trades with less is called silent
_APART = 0.75  # of the one the other: where the level and the average are told apart


@dataclass(frozen=True, slots=True)
class Standing:
    """What a forecast holds of a shop.

    Attributes:
        months: for how many months its sales are known.
        silent_months: since the last sale.
        trades: the probability that it still trades in the month to come.
        level_fen: an average month as it sells now, newer months counting more, season apart; fen.
        average_fen: an average month of all that are known, season apart; fen.
    """

    months: int
    silent_months: int
    trades: float
    level_fen: int
    average_fen: int

    @property
    def sign(self) -> str:
        """What moves its forecast most: 'silent', 'fallen', 'grown' or ''."""
        if not self.average_fen:
            return ""
        if self.silent_months and self.trades < _DOUBTED:
            return SILENT
        if self.level_fen < _APART * self.average_fen:
            return FALLEN
        return GROWN if self.average_fen < _APART * self.level_fen else ""
