"""The words of a case, each in one place: its states, what was said in it, what comes next.

The Chinese words of states, stages and verdicts are the models' own labels.
"""

from dataclasses import dataclass

from django.db import models

from suixin.server.origination.models import STATES_EN, Application, Opinion


@dataclass(frozen=True, slots=True)
class Said:
    """A word in both languages, and the colour of its badge: good, bad, warn, calm, or none."""

    zh: str
    en: str
    tone: str = ""


def labelled(kind: type[models.TextChoices], **said: tuple[str, str]) -> dict[str, Said]:
    """The words of each choice by its code: the model's own label in Chinese, then English with the badge's colour."""
    return {one.value: Said(str(one.label), *said[one.value]) for one in kind}


_TONES = dict.fromkeys(("review", "approval", "committee"), "warn") | {
    "filed": "calm",
    "offered": "good",
    "signed": "good",
    "declined": "bad",
}
STATES = labelled(Application.State, **{code: (en, _TONES.get(code, "")) for code, en in STATES_EN.items()})
STAGES = labelled(
    Opinion.Stage,
    file=("filed", ""),
    policy=("assessed by the policy", ""),
    review=("reviewed", ""),
    approval=("approver", ""),
    committee=("committee", ""),
    signature=("signed", ""),
    appeal=("appealed", ""),
    withdrawal=("withdrawn", ""),
)
VERDICTS = labelled(
    Opinion.Verdict,
    noted=("noted", ""),
    approve=("yes", "good"),
    refer=("to people", "warn"),
    decline=("no", "bad"),
)
NEXT = {
    "consent": Said("补授权", "take the consents"),
    "identity": Said("核验身份", "verify the identity"),
    "bureau": Said("等待征信报告", "wait for the bureau"),
    "assess": Said("评估", "have it assessed"),
    "review": Said("审查", "review"),
    "approve": Said("审批", "approve"),
    "vote": Said("表决", "vote"),
    "sign": Said("签约", "have it signed"),
    "draw": Said("用款", "draw"),
    "": Said("–", "–"),
}
"""What has to be done next, by the codes of `suixin.server.origination.work`."""
