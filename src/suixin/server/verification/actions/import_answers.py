"""Import the file in which a licensed provider answered a list: each line once, however often the file comes."""

from datetime import datetime
from hashlib import sha256
from typing import Literal

from suixin.errors import UsageError
from suixin.server import locks, tenancy
from suixin.server.audit.actions.record import record
from suixin.server.identity.access import Actor
from suixin.server.merchants.models import Merchant
from suixin.server.merchants.queries import merchant_of
from suixin.server.origination.desk import desk
from suixin.server.origination.models import Desk
from suixin.server.origination.sheet import Fault, fault
from suixin.server.verification import sheet
from suixin.server.verification.actions.verify import verify
from suixin.server.verification.imported import Imported, imported
from suixin.server.verification.models import WORDS, IdentityRequest
from suixin.server.verification.people import is_of
from suixin.server.verification.providers import FromFile
from suixin.server.verification.sheet import Told

ACTION = "verification.identity.import"


def import_answers(
    name: str, content: bytes, provider: str, *, by: Actor, at: datetime, dry_run: bool = False
) -> Imported:
    """Keep the answers of a file; a row that answers nothing that was asked is a fault and stops none of the others.

    Args:
        name: the file's, which says by its ending what it is.
        content: its bytes.
        provider: who answered.
        by: who imports.
        at: when.
        dry_run: say what would become of it; nothing is written, in the audit log neither.

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
        if not dry_run:
            locks.rows(Desk.objects.filter(pk=house.pk))  # two files at once wait for each other
        told, faults = sheet.read(name, content)
        asked, said, there = _asked(told), dict[str, Told](), 0
        for one in told:
            request = asked.get(one.reference)
            found = _judged(one, request, said.get(one.reference), by)
            if isinstance(found, Fault):
                faults.append(found)
            elif found == "there":
                there += 1
            else:
                said[one.reference] = one
                if not dry_run:
                    answer = FromFile(provider, one.number, one.verdict, one.expires_on)
                    verify(found, answer, by=by, at=at, request=request)
        if not dry_run:
            digest = sha256(content).hexdigest()
            after = {"digest": digest, "kept": len(said), "there": there, "faults": len(faults)}
            record(by, ACTION, house, after=after, reason=provider.strip(), at=at)
        return imported(len(said), there, faults)


def _asked(told: list[Told]) -> dict[str, IdentityRequest]:
    found = IdentityRequest.objects.filter(reference__in=[one.reference for one in told])
    return {one.reference: one for one in found.select_related("answer")}


def _judged(
    told: Told, request: IdentityRequest | None, before: Told | None, by: Actor
) -> Merchant | Fault | Literal["there"]:
    """Whom a row answers about, unless it says again what is there, or is wrong; `before` is what a row above said."""
    if request is None:
        return _fault(told, "没有问过这个编号", "nothing was asked under this number")
    answer = getattr(request, "answer", None)
    held = (
        _said(before) if before else (answer.verdict, answer.reference, answer.expires_on) if answer else None
    )
    if held == _said(told):
        return "there"
    if held is not None:
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
    return merchant


def _said(told: Told) -> tuple[object, ...]:
    return told.verdict, told.number, told.expires_on


def _fault(told: Told, zh: str, en: str) -> Fault:
    return fault(told.row, "reference", told.reference, zh, en)
