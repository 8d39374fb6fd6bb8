"""The agreement to take away, as it was signed or as it would be signed today."""

from django.http import HttpResponse

from suixin.server.identity.queries import names_of
from suixin.server.merchants.queries import merchant_of
from suixin.server.origination.actions.sign import to_sign
from suixin.server.origination.agreement import digest_of
from suixin.server.origination.models import Application
from suixin.server.pages.agreements import read
from suixin.server.pages.paper import pdf
from suixin.server.pages.templatetags.words import pair


def download(case: Application) -> HttpResponse:
    """The agreement of a case as a PDF.

    Raises:
        LendingError: nothing was signed and nothing is offered.
        UsageError: no font here prints one of the names.
    """
    text = case.agreement if case.signature else to_sign(case.number)[1]
    made = pdf(
        read(text),
        lender=case.book.organisation.name,
        borrower=merchant_of(case.merchant_id).holder.name,
        text=text,
        digest=digest_of(text),
        signed=_signed(case.signature) if case.signature else [],
    )
    answer = HttpResponse(made, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="agreement-{case.number}.pdf"'
    return answer


def _signed(held: dict[str, str]) -> list[tuple[str, str]]:
    """How it was signed, and by whom."""
    people = names_of([held["signer"], held["witness"]])
    if held["method"] == "face_to_face":
        return [
            (pair("签署方式", "How"), pair("当面签署纸质合同", "on paper, face to face")),
            (pair("经办人", "Officer"), people.get(held["signer"], held["signer"])),
            (pair("见证人", "Witness"), people.get(held["witness"], held["witness"])),
            (pair("纸质文件", "The paper"), held["evidence"]),
        ]
    typed = pair("输入姓名和一次性验证码（仅演示）", "name typed and one-time code (demonstration only)")
    return [
        (pair("签署方式", "How"), typed if held["method"] == "typed_name" else held["method"]),
        (pair("签署人", "Signed by"), people.get(held["signer"], held["signer"])),
    ]
