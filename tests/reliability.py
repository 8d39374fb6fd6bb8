"""The reliability properties of `reference/lending-rules.md` that are checked in more than one place, each by its number.

A check raises AssertionError; the tests call it on what the library makes, and on what a planted bug makes of it.
"""

from collections import Counter
from datetime import timedelta

from suixin.ledger.balances import fold as balances
from suixin.ledger.end_of_day import end_of_day
from suixin.ledger.rules import ACCOUNT_OF
from suixin.ledger.servicing import happen, journal_order, taken_on
from suixin.lending.account import fold
from suixin.lending.allocation import Bucket, Future, Timing, Within
from suixin.lending.positions import positions

DAY = timedelta(days=1)


def lived(contract, heard, end_on, parts=1):
    """A loan of which events are heard on days: (the loan on an open day, its journal)."""
    loan, journal = taken_on(contract), []
    day = contract.terms.start_on
    while day < end_on:
        for event in [event for known_on, event in heard if known_on == day]:
            changed = happen(loan, event, day)
            loan = changed.loan
            journal += changed.booked
        for _ in range(parts):  # a night that is ended again is ended already
            ended = end_of_day([loan] if loan.is_live else [], day)
            known = {made.key for made in journal}
            journal += [made for made in ended.booked if made.key not in known]
        loan = ended.changed[0] if ended.changed else loan
        day += DAY
    return loan, journal_order(journal)


def check_8(contract, events, end_on):
    """Ended once or twice a day it is the same journal; it adds up to the events folded over all days at once."""
    heard = [(event.on, event) for event in events]
    loan, journal = lived(contract, heard, end_on)
    assert lived(contract, heard, end_on, parts=2)[1] == journal
    anew = positions(fold(contract, events, end_on))
    assert loan.positions_on(end_on) == anew
    found = Counter()
    for (account, _, _), minor in balances(journal).items():
        found[account] += minor
    found[ACCOUNT_OF["allowance"]] += loan.allowance_fen  # what the nights have provided
    for name, minor in anew._asdict().items():
        if name not in {"allowance", "write_off_loss", "provision"}:
            assert found[ACCOUNT_OF[name]] == minor, name


def check_9(contract, events, late, known_on, end_on):
    """A payment that is heard of late comes to what it would have come to, had it been heard of on its day."""
    in_time = lived(contract, [(event.on, event) for event in events], end_on)
    heard = [(known_on if event is late else event.on, event) for event in events]
    after = lived(contract, heard, end_on)
    assert after[0].positions_on(end_on) == in_time[0].positions_on(end_on)
    assert after[0].account.arrears.bills == in_time[0].account.arrears.bills
    assert balances(after[1]) == balances(in_time[1])


def check_10(principal, start_on, rows):
    """Principal sums to what was paid out, the last balance is 0, nothing is negative, dates increase."""
    assert sum(row.principal_fen for row in rows) == principal
    assert rows[-1].balance_fen == 0
    assert all(row.principal_fen >= 0 and row.interest_fen >= 0 for row in rows)
    assert [start_on, *(row.due_on for row in rows)] == sorted({start_on, *(row.due_on for row in rows)})


def sums(lines):
    """What comes to a bucket and date."""
    found = Counter()
    for bucket, due_on, fen in lines:
        found[bucket, due_on] += fen
    return found


def check_11_whole(amount, owed, rule, done):
    """Parts and overpayment are the payment, no part over what is owed, none of 0, and none left that could be taken."""
    assert sum(part.amount_fen for part in done.parts) + done.overpaid_fen == amount
    assert all(part.amount_fen > 0 for part in done.parts)
    assert sums(done.parts) <= sums(owed)
    takes = sum(fen for bucket, _, fen in owed if bucket in rule.order)
    assert done.overpaid_fen == max(0, amount - takes)


def check_11_order(owed, rule, done):
    """A sum gets money only when all that stands before it is settled."""
    paid, have = sums(done.parts), sums(owed)

    def before(one, other):
        ahead = [bucket.timing is Timing.IN_ADVANCE for bucket, _ in (one, other)]
        rank = rule.order.index(one[0]), rule.order.index(other[0])
        dates = (other[1], one[1]) if all(ahead) and rule.future is Future.LAST else (one[1], other[1])
        if rule.within is Within.BUCKET:
            return (rank[0], dates[0]) < (rank[1], dates[1])
        return (ahead[0], dates[0], rank[0]) < (ahead[1], dates[1], rank[1])

    spread = Bucket.IN_ADVANCE_PRINCIPAL if rule.future is Future.REAMORTISE else None
    taken = [key for key in have if key[0] in rule.order and key[0] is not spread]
    for key in taken:
        if paid[key]:
            assert all(paid[other] == have[other] for other in taken if before(other, key))
