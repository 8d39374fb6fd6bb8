"""How an identity is checked: a port, and the three ways that need no line to a provider.

In production a licensed provider stands behind `Provider`, asked over a line or by a file; or an officer sees the paper at
the counter. The demonstration's own provider knows everybody, and is refused anywhere else.
"""

from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Protocol

from suixin.errors import AccessError, LendingError, UsageError
from suixin.server.verification.models import WORDS, IdentityCheck
from suixin.server.verification.people import Person

How, Verdict = IdentityCheck.How, IdentityCheck.Verdict
_FEWEST = 6  # signs of a note that says where the copy lies
LATEST = date(2099, 12, 31)


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found about a person.

    Attributes:
        verdict: of `IdentityCheck.Verdict`.
        how: of `IdentityCheck.How`.
        provider: who says so.
        reference: the provider's own number for it.
        checked: which of name, identity_number and telephone.
        expires_on: the paper's last day, None for one without end and where nobody told it.
    """

    verdict: str
    how: str
    provider: str
    reference: str
    checked: tuple[str, ...]
    expires_on: date | None = None


class Provider(Protocol):
    """Something that says whether a name and a number belong together."""

    def check(self, who: Person, today: date) -> Answer:
        """Check a person.

        Raises:
            AccessError, LendingError, UsageError: it may not answer, or the answer is none that can be kept.
        """


@dataclass(frozen=True, slots=True)
class Demo:
    """The demonstration's: everybody is who they say they are."""

    demo: bool

    def check(self, who: Person, today: date) -> Answer:
        """See `Provider`."""
        del today
        if not self.demo:
            raise AccessError(
                "the demonstration's provider answers in the demonstration only",
                zh="演示用的核验服务只在演示中使用",
            )
        number = sha256(who.merchant_id.encode()).hexdigest()[:10]
        return Answer(Verdict.MATCHED, How.DEMO, "演示核验 demo", f"demo-{number}", who.told)


@dataclass(frozen=True, slots=True)
class Counter:
    """An officer has seen the paper, and types its number off it; `kept_at` says where the copy lies."""

    number: str
    kept_at: str
    expires_on: date | None

    def check(self, who: Person, today: date) -> Answer:
        """See `Provider`."""
        if self.number != who.identity_number:
            raise LendingError(
                "the number on the paper is not the one on file; look at both again",
                zh="证件号码与登记的不一致；请重新核对两处",
            )
        if self.expires_on is not None and not today <= self.expires_on <= LATEST:
            raise LendingError(
                f"the paper was good until {self.expires_on}; ask for one that is good on {today}",
                zh=f"证件有效期到 {self.expires_on}；请客户出示 {today} 仍有效的证件",
            )
        if not _FEWEST <= len(self.kept_at.strip()) <= WORDS:
            raise UsageError(
                f"say where the copy of the paper is kept, in {_FEWEST} to {WORDS} characters",
                zh=f"请写明证件复印件的存放处，{_FEWEST} 到 {WORDS} 字",
            )
        checked = ("name", "identity_number")
        return Answer(
            Verdict.MATCHED, How.COUNTER, "柜台 counter", self.kept_at.strip(), checked, self.expires_on
        )


@dataclass(frozen=True, slots=True)
class FromFile:
    """A line of the file in which a licensed provider answered a list."""

    provider: str
    reference: str
    verdict: str
    expires_on: date | None = None

    def check(self, who: Person, today: date) -> Answer:
        """See `Provider`."""
        del (
            today
        )  # a paper that has ended is kept as the provider told it; it holds for nothing (`queries.standing`)
        name, reference = self.provider.strip(), self.reference.strip()
        if not name or not reference or max(len(name), len(reference)) > WORDS:
            raise UsageError(
                f"name the provider and its number for the answer, each of at most {WORDS} characters",
                zh=f"请填写核验机构名称和答复编号，各不超过 {WORDS} 字",
            )
        return Answer(self.verdict, How.PROVIDER, name, reference, who.told, self.expires_on)
