"""Two policies side by side: over all dates, by date, and with one yardstick."""

from datetime import date

from suixin.underwriting.comparison import comparison
from suixin.underwriting.decision import Outcome
from suixin.underwriting.figures import Change
from suixin.underwriting.policy import parse_policy, shipped_policy
from suixin.underwriting.portfolio import Pair, Verdict

FIRST, SECOND = date(2025, 12, 1), date(2026, 1, 1)
SHIPPED = shipped_policy("CNY")
KINDER = parse_policy(SHIPPED.text.replace("lgd: {value: 0.6", "lgd: {value: 0.5"), "kinder").policy
NO = Verdict(Outcome.DECLINE, 0, 0, 0.04)


def yes(limit: int, pd: float) -> Verdict:
    """An approval at 6 %."""
    return Verdict(Outcome.APPROVE, limit, 60_000, pd)


def test_a_kinder_yardstick_is_told_from_a_smaller_loss() -> None:
    """B halves the PD, lowers the LGD and lends more: its own loss falls, by A's measure it rises."""
    pairs = [
        Pair("m1", FIRST, yes(1_000_000, 0.02), yes(1_000_000, 0.01)),
        Pair("m1", SECOND, yes(1_000_000, 0.02), yes(1_200_000, 0.01)),
        Pair("m2", SECOND, NO, yes(100_000, 0.02)),
    ]
    told = comparison(pairs, [FIRST, SECOND], SHIPPED.policy, KINDER)
    a, b = told.sides
    assert (told.merchants, told.decisions, told.days) == (2, 3, (FIRST, SECOND))
    assert told.changes == (Change("price.lgd", 0.6, 0.5),)
    assert (a.limit_fen, b.limit_fen) == (1_000_000, 1_150_000)
    assert a.expected_loss_fen == 12_000  # 2 x 1,000,000 x 0.02 x 0.6 / 2
    assert b.expected_loss_fen == 6_000  # (1,000,000 x 0.01 + 1,200,000 x 0.01 + 100,000 x 0.02) x 0.5 / 2
    # (1,000,000 x 0.02 + 1,200,000 x 0.02 + 100,000 x 0.04) x 0.6 / 2
    assert told.loss_of_b_by_a_fen == 14_400
    assert [side.limit_fen for side in told.by_date[SECOND]] == [1_000_000, 1_300_000]
    assert [pair.merchant_id for pair in told.swapped_in] == ["m2"]
    assert told.swapped_out == ()
