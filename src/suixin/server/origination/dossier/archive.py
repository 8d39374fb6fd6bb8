"""The due-diligence file as an archive: every document of a case, the checklist, and a manifest of their digests."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

import orjson
from django.db.models import Model

from suixin.server.audit import content
from suixin.server.audit.models import Record
from suixin.server.origination.dossier.checks import PARTS, Check, Standing
from suixin.server.origination.dossier.facts import Facts
from suixin.server.servicing.models import LoanEvent
from suixin.server.sharing.models import Consent, ConsentEvent
from suixin.server.verification.models import BureauQuery

MANIFEST = "manifest.json"
_MARKS = {Standing.KEPT: "[x]", Standing.GAP: "[!]", Standing.LATER: "[ ]", Standing.NOT_ASKED: "[-]"}
_STEADY = (1980, 1, 1, 0, 0, 0)  # an archive's bytes say nothing of the machine's clock
_HOW = """\
尽职档案 {number}
本档案的 SHA-256 记在审计日志和申请页面上。核对：sha256sum 文件名；manifest.json 是每个文件的 SHA-256。
[x] 齐备  [!] 缺失  [ ] 未到步骤  [-] 不要求

Due-diligence file of {number}
The SHA-256 of this archive stands in the audit log and on the application's page. To check it: sha256sum FILE;
manifest.json holds the SHA-256 of each file in it.
[x] there  [!] missing  [ ] not yet due  [-] not asked for
"""


def archive(facts: Facts, found: Sequence[Check]) -> bytes:
    """The bytes of a ZIP archive; equal facts give equal bytes.

    Of the merchant it knows the pseudonym alone: who that is stands in one table, and not in a file that is handed on.
    """
    files = _files(facts, found)
    files[MANIFEST] = _json({name: sha256(held).hexdigest() for name, held in sorted(files.items())})
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, held in sorted(files.items()):
            told = zipfile.ZipInfo(name, _STEADY)
            told.compress_type = zipfile.ZIP_DEFLATED
            zipped.writestr(told, held)
    return made.getvalue()


def _files(facts: Facts, found: Sequence[Check]) -> dict[str, bytes]:
    case = facts.case
    files = {
        "checklist.txt": _checklist(case.number, found).encode(),
        "checklist.json": _json([one._asdict() | {"found": one.found._asdict()} for one in found]),
        "application.json": _json(_row(case, "agreement", "signature")),
        "opinions.json": _rows(facts.said),
        "visits.json": _rows(facts.visits),
        "consents.json": _json(_consents(facts)),
        "receipts.json": _rows(facts.receipts),
        "bureau.json": _json(
            [_row(one) | {"report": _report(one), "given_up": _given_up(one)} for one in facts.bureau]
        ),
        "loans.json": _json(_loans(facts)),
        "alerts.json": _rows(facts.alerts),
        "complaints.json": _rows(facts.complaints),
        "audit.json": _json(_audit(facts)),
    }
    for number, record in enumerate(facts.records, start=1):
        files[f"decisions/{number}/decision.json"] = record.document.encode()
        files[f"decisions/{number}/case.json"] = record.case.encode()
        files[f"decisions/{number}/record.json"] = _json(_row(record, "document", "case"))
        files[f"policies/{record.policy.hash}.yaml"] = record.policy.text.encode()
    if case.signature:
        files["agreement.json"] = case.agreement.encode()
        files["signature.json"] = _json(case.signature)
    return files


def _checklist(number: str, found: Sequence[Check]) -> str:
    lines = [_HOW.format(number=number)]
    for part, (zh, en) in PARTS.items():
        lines.append(f"== {zh} / {en}")
        for one in found:
            if one.part == part:
                mark = _MARKS[one.found.standing]
                lines.append(f"{mark} {one.zh} / {one.en}\n    {one.found.zh}\n    {one.found.en}")
        lines.append("")
    return "\n".join(lines)


def _consents(facts: Facts) -> list[dict[str, Any]]:
    """Those under which the case was assessed, each with all that happened to it."""
    held = {one.consent_id for one in facts.receipts}
    events = list(ConsentEvent.objects.filter(consent_id__in=held).order_by("id"))
    return [
        _row(one) | {"events": [_row(event) for event in events if event.consent_id == one.pk]}
        for one in Consent.objects.filter(pk__in=held).order_by("id")
    ]


def _report(query: BureauQuery) -> dict[str, Any] | None:
    held = getattr(query, "report", None)
    return (
        None if held is None else _row(held) | {"corrections": [_row(one) for one in held.corrections.all()]}
    )


def _given_up(query: BureauQuery) -> dict[str, Any] | None:
    held = getattr(query, "given_up", None)
    return None if held is None else _row(held)


def _loans(facts: Facts) -> list[dict[str, Any]]:
    events = list(LoanEvent.objects.filter(loan_id__in=[one.pk for one in facts.loans]).order_by("id"))
    return [
        {
            "number": loan.number,
            "state": loan.state,
            "contract": loan.contract,
            "signature": loan.signature,
            "events": [_row(event) for event in events if event.loan_id == loan.pk],
        }
        for loan in facts.loans
    ]


def _audit(facts: Facts) -> list[dict[str, Any]]:
    """What the audit log says of the case and its loans, each line with its digest and its place in the sealed chain."""
    things: list[Model] = [facts.case, *facts.loans]
    kinds = {one._meta.label_lower: [str(it.pk) for it in things if type(it) is type(one)] for one in things}
    rows = [
        row
        for kind, ids in kinds.items()
        for row in Record.objects.filter(object_kind=kind, object_id__in=ids).select_related("seal")
    ]
    return [
        _row(row)
        | {
            "digest": content.digest(row).hex(),
            "sequence": seal.sequence if (seal := getattr(row, "seal", None)) else None,
        }
        for row in sorted(rows, key=lambda one: one.pk)
    ]


def _rows(rows: Sequence[Model]) -> bytes:
    return _json([_row(one) for one in rows])


def _row(row: Model, *without: str) -> dict[str, Any]:
    """The columns of a row but the organisation's."""
    left_out = {"organisation", *without}
    return {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if field.name not in left_out
    }


def _json(held: Mapping[str, Any] | Sequence[Any]) -> bytes:
    return orjson.dumps(held, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
