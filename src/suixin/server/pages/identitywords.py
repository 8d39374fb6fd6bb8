"""The words of an identity check, each in one place; the Chinese ones of answers are the model's own labels."""

from suixin.server.pages.casewords import Said, labelled
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
STANDINGS = {
    Standing.VERIFIED: Said("已核验", "verified", "good"),
    Standing.NONE: Said("未核验", "not verified", "bad"),
    Standing.FAILED: Said("核验未通过", "not confirmed", "bad"),
    Standing.CHANGED: Said("信息有变，需重新核验", "changed since; verify anew", "bad"),
    Standing.EXPIRED: Said("证件已过期", "paper no longer good", "bad"),
}
