"""Whether a book is what was posted: its chain, its sums, its balances, its holds, and the guards around them."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from django.db.models import Max, Sum

from suixin.ledger import balances as folds
from suixin.ledger import chain
from suixin.scoring.signing import verified
from suixin.server import guards
from suixin.server.ledger import queries
from suixin.server.ledger.actions.seal import head_name
from suixin.server.ledger.models import Balance, Book, Head, Hold, Seal, Transaction


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: what, at which number of the chain (0: none), and in words."""

    what: str
    sequence: int
    words: str


@dataclass(slots=True)
class Report:
    """What was looked at, and what was found; nothing found is right."""

    transactions: int = 0
    sealed: int = 0
    findings: list[Finding] = field(default_factory=list)


def verify(book: Book, *, signer: str | None = None, kept: Sequence[chain.Head] = ()) -> Report:
    """Look at everything that the book's tables say, in one pass over its journal.

    Args:
        book: one of the current organisation's.
        signer: the public key (hex) that must have signed every head.
        kept: heads that were kept outside the database; they show a tail that was cut off with its own heads.
    """
    report = Report()
    last = Transaction.objects.filter(book_id=book.pk).aggregate(last=Max("id"))["last"] or 0
    seals = list(Seal.objects.filter(book_id=book.pk).order_by("sequence"))
    places = {one.transaction_id: one.sequence for one in seals}
    horizon = max((one.transaction_id for one in seals), default=0)
    found: list[tuple[int, bytes]] = []
    sums: Counter[folds.Line] = Counter()
    for number, stored, made in queries.rows(book, last):
        report.transactions += 1
        digest = chain.digest(made) if made else b""
        if made:
            sums.update({entry[:3]: entry.amount_minor for entry in made.entries})
        if number in places:
            found.append((places[number], digest))
        elif number < horizon:
            at = min(one.sequence for one in seals if one.transaction_id > number)
            report.findings.append(Finding("inserted", at, f"transaction {number} stands before sealed ones"))
        elif digest != stored:
            report.findings.append(Finding("edited", 0, f"transaction {number}, not sealed yet"))
    report.sealed = len(seals)
    links = [chain.Link(one.sequence, bytes(one.digest), bytes(one.link)) for one in seals]
    heads, unsigned = _heads(book, signer)
    report.findings += unsigned
    if (broken := chain.first_break(links, found, [*heads, *kept])) is not None:
        report.findings.append(Finding(broken.fault, broken.sequence, "the chain does not hold from here on"))
    report.findings += _balances(book, sums)
    report.findings += _holds(book)
    report.findings += [Finding("unguarded", 0, f"the guard {name} is gone") for name in guards.missing()]
    return report


def _heads(book: Book, signer: str | None) -> tuple[list[chain.Head], list[Finding]]:
    heads, findings = [], []
    for row in Head.objects.filter(book_id=book.pk).order_by("sequence"):
        head = chain.Head(row.sequence, bytes(row.link))
        heads.append(head)
        if signer is None and row.signature is None:
            continue
        signed_by = verified(row.signature or {}, chain.head_content(head_name(book), head))
        if signed_by is None or signer not in {None, signed_by}:
            findings.append(Finding("unsigned", head.sequence, "the head does not bear the right signature"))
    return heads, findings


def _balances(book: Book, sums: Counter[folds.Line]) -> Iterator[Finding]:
    stored = queries.stored_balances(book)
    for line in sorted(set(stored) | set(sums)):
        if stored.get(line, 0) != sums[line]:
            words = f"{' '.join(line)}: the balance says {stored.get(line, 0)}, the entries {sums[line]}"
            yield Finding("balance", 0, words)
    for side, minor in folds.out_of_balance(folds.trial_balance(stored)).items():
        yield Finding("trial-balance", 0, f"{side}: debits exceed credits by {minor}")


def _holds(book: Book) -> Iterator[Finding]:
    placed = Hold.objects.filter(book_id=book.pk, state=Hold.State.PLACED)
    sums = dict(placed.values_list("balance_id").annotate(total=Sum("amount_minor")))
    for number, pending in Balance.objects.filter(book_id=book.pk).values_list("id", "pending_minor"):
        if sums.get(number, 0) != pending:
            yield Finding(
                "pending", 0, f"balance {number}: {pending} is held, the holds say {sums.get(number, 0)}"
            )
