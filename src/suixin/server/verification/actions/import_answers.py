"""Import the file in which a licensed provider answered a list: each line once, however often the file comes."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Literal

from suixin.errors import UsageError
from suixin.server import locks, tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity.access import Actor
from suixin.server.merchants.queries import merchant_of
from suixin.server.origination.desk import desk
from suixin.server.origination.models import Desk
from suixin.server.origination.sheet import Fault, fault
from suixin.server.verification import sheet
from suixin.server.verification.actions.verify import verify
from suixin.server.verification.models import WORDS, IdentityRequest
from suixin.server.verification.people import is_of
from suixin.server.verification.providers import FromFile
from suixin.server.verification.sheet import Told

ACTION = "verification.identity.import"


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a file: how many answers were kept, how many were there already, and what is wrong with the rest."""

    kept: int
    there: int
    faults: tuple[Fault, ...]


def import_answers(name: str, content: bytes, provider: str, *, by: Actor, at: datetime) -> Imported:
    """Keep the answers of a file; a row that answers nothing that was asked is a fault and stops none of the others.

    Args:
        name: the file's, which says by its ending what it is.
        content: its bytes.
        provider: who answered.
        by: who imports.
        at: when.

    Raises:
        SourceError: the file cannot be read as one of answers.
        UsageError: no provider is named.
        AccessError: the actor may not.
    """
    if not 0 < len(provider.strip()) <= WORDS:
        raise UsageError(
            f"name the provider who answered, in at most {WORDS} characters",
            zh=f"请填写答复的机构名称，最多 {WORDS} 字",
        )
    with tenancy.within(by.organisation_id):
        by.require(ACTION)
        house = desk()
        locks.rows(Desk.objects.filter(pk=house.pk))  # two files at once wait for each other
        told, faults = sheet.read(name, content)
        asked = _asked(told)
        made = [_made_of(one, asked.get(one.reference), provider, by, at) for one in told]
        kept, there = made.count("kept"), made.count("there")
        faults += [one for one in made if isinstance(one, Fault)]
        after = {"digest": sha256(content).hexdigest(), "kept": kept, "there": there, "faults": len(faults)}
        record(by, ACTION, house, after=after, reason=provider.strip(), at=at)
        return Imported(kept, there, tuple(sorted(faults, key=lambda one: (one.row, one.column))))


def _asked(told: list[Told]) -> dict[str, IdentityRequest]:
    found = IdentityRequest.objects.filter(reference__in=[one.reference for one in told])
    return {one.reference: one for one in found.select_related("answer")}


def _same(request: IdentityRequest, told: Told) -> bool:
    answer = getattr(request, "answer", None)
    said = (told.verdict, told.number, told.expires_on)
    return answer is not None and (answer.verdict, answer.reference, answer.expires_on) == said


def _made_of(
    told: Told, request: IdentityRequest | None, provider: str, by: Actor, at: datetime
) -> Fault | Literal["kept", "there"]:
    """What became of a row; what was kept stands in the request from then on, for a row that says it again."""
    if request is None:
        return _fault(told, "没有问过这个编号", "nothing was asked under this number")
    if _same(request, told):
        return "there"
    if getattr(request, "answer", None) is not None:
        return _fault(
            told,
            "已有另一个结果，重新导出名单再问",
            "it was answered otherwise; take a new list and ask again",
        )
    merchant = merchant_of(request.merchant_id)
    if not is_of(merchant.holder, request.fingerprint):
        return _fault(
            told,
            "姓名或证件号已变更，重新导出名单再问",
            "name or number have changed since; take a new list and ask again",
        )
    if by.name in merchant.relatives:
        return _fault(told, "是您的亲属，请同事导入", "a relative of yours; let a colleague import it")
    answer = FromFile(provider, told.number, told.verdict, told.expires_on)
    verify(merchant, answer, by=by, at=at, request=request)
    return "kept"


def _fault(told: Told, zh: str, en: str) -> Fault:
    return fault(told.row, "reference", told.reference, zh, en)
