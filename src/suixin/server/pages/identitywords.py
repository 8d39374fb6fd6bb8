"""The words of identity checks and queries of the bureau; the Chinese ones of verdicts are the model's own labels."""

from suixin.server.pages.casewords import Said, labelled
from suixin.server.verification.checks import OVER, SOON, SOON_DAYS
from suixin.server.verification.log import Answer
from suixin.server.verification.models import IdentityCheck
from suixin.server.verification.queries import Standing

VERDICTS = labelled(
    IdentityCheck.Verdict,
    matched=("they belong together", "good"),
    mismatch=("they do not belong together", "bad"),
    unknown=("no such number", "bad"),
)
WAYS = labelled(
    IdentityCheck.How,
    provider=("a provider", ""),
    counter=("paper seen at the counter", ""),
    demo=("demonstration", "calm"),
)
PAPERS = {
    OVER: Said("已过期", "no longer good"),
    SOON: Said(f"{SOON_DAYS} 天内到期", f"ends within {SOON_DAYS} days"),
}
STANDINGS = {
    Standing.VERIFIED: Said("已核验", "verified", "good"),
    Standing.NONE: Said("未核验", "not verified", "bad"),
    Standing.FAILED: Said("核验未通过", "not confirmed", "bad"),
    Standing.CHANGED: Said("信息有变，需重新核验", "changed since; verify anew", "bad"),
    Standing.EXPIRED: Said("证件已过期", "paper no longer good", "bad"),
}
ANSWERS = {
    Answer.WAITING: Said("未答复", "not answered", "warn"),
    Answer.REPORT: Said("有报告", "report", "good"),
    Answer.NONE: Said("无报告", "no report", "warn"),
    Answer.GIVEN_UP: Said("已放弃", "given up", "calm"),
}
