"""The checklist of due diligence: what a lender's people must be able to show later, and what is missing of it.

Each item is looked at anew from what was kept: digests are computed, signatures are verified, the decision is made again.
"""

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from enum import StrEnum
from typing import Literal, NamedTuple

from suixin.server.origination import agreement, authority, documents
from suixin.server.origination.consents import BUREAU, READS, TRADE
from suixin.server.origination.dossier.facts import Facts
from suixin.server.origination.models import Application, Opinion, SiteVisit
from suixin.server.sharing.queries import first_break
from suixin.server.verification.queries import Standing as Known
from suixin.underwriting.decide import decide

State, Stage, Verdict = Application.State, Opinion.Stage, Opinion.Verdict
Part = Literal["before", "decided", "signed", "after"]
PARTS: dict[Part, tuple[str, str]] = {
    "before": ("审批前", "Before the approval"),
    "decided": ("审批", "The approval"),
    "signed": ("签约", "The agreement"),
    "after": ("放款与贷后", "Paying out, and after"),
}
_UNVERIFIED = {
    Known.NONE: ("身份未核验：请核验", "the identity is not verified: verify it"),
    Known.FAILED: ("身份核验未通过：请核对证件", "the identity was not confirmed: look at the paper"),
    Known.CHANGED: ("核验后姓名或证件号有变：请重新核验", "name or number changed since: verify it anew"),
    Known.EXPIRED: ("证件已过有效期：请核验新证件", "the paper is no longer good: verify the new one"),
}
_BUREAU_AGE = "bureau_age_days"


class Standing(StrEnum):
    """How an item stands."""

    KEPT = "kept"
    GAP = "gap"
    LATER = "later"  # it is not due yet
    NOT_ASKED = "not_asked"  # nobody asks for it in this case


class Found(NamedTuple):
    """What was found: how the item stands, and what is to be said of it in both languages."""

    standing: Standing
    zh: str
    en: str


class Check(NamedTuple):
    """An item of the checklist with what was found."""

    code: str
    part: Part
    zh: str
    en: str
    found: Found

    @property
    def is_gap(self) -> bool:
        """Whether it is missing."""
        return self.found.standing is Standing.GAP


def checks(facts: Facts) -> list[Check]:
    """Every item, in the order of the file."""
    return [Check(code, part, zh, en, look(facts)) for code, part, zh, en, look in _ITEMS]


def gaps(found: list[Check]) -> list[str]:
    """The codes of what is missing."""
    return [one.code for one in found if one.is_gap]


def kept(zh: str, en: str) -> Found:
    """It is there."""
    return Found(Standing.KEPT, zh, en)


def gap(zh: str, en: str) -> Found:
    """It is missing; the words say how that is mended."""
    return Found(Standing.GAP, zh, en)


def later(zh: str = "尚未到此步骤", en: str = "not yet come to this") -> Found:
    """It is not due yet."""
    return Found(Standing.LATER, zh, en)


def not_asked(zh: str, en: str) -> Found:
    """Nobody asks for it here."""
    return Found(Standing.NOT_ASKED, zh, en)


def _identity(facts: Facts) -> Found:
    held = facts.identity
    if held.check is not None and held.is_verified:
        words = held.check
        until = words.expires_on
        return kept(
            f"{words.provider} 核验一致，尾号 {words.ending}{f'，有效期至 {until}' if until else ''}",
            f"{words.provider} confirmed it, ending {words.ending}{f', good until {until}' if until else ''}",
        )
    return gap(*_UNVERIFIED[held.standing])


def _consents(facts: Facts) -> Found:
    if not facts.records:
        return later()
    held = {one.consent.consent_id for one in facts.receipts}
    lacking = sorted(set(READS) - {one.purpose for one in facts.receipts})
    if lacking:
        return gap(f"没有授权：{'、'.join(lacking)}", f"no consent to {', '.join(lacking)}")
    broken = sorted(one for one in held if first_break(one) is not None)
    if broken:
        return gap(
            f"授权记录与签名不符：{'、'.join(broken)}", f"not as it was signed: consent {', '.join(broken)}"
        )
    return kept(f"{len(held)} 份授权，签名完好", f"{_many(len(held), 'consent')}, each as it was signed")


def _many(count: int, one: str, more: str = "") -> str:
    return f"{count} {one if count == 1 else more or f'{one}s'}"


def _receipts(facts: Facts) -> Found:
    if not facts.records:
        return later()
    many = Counter(one.purpose for one in facts.receipts)
    wanted, queries = len(facts.records), len(facts.bureau)
    if many[TRADE] == wanted and many[BUREAU] == queries > 0:
        return kept(
            f"{wanted} 次评估、{queries} 次征信查询，每次都有凭条",
            f"{_many(wanted, 'assessment')} and {_many(queries, 'bureau query', 'bureau queries')}, a receipt for each",
        )
    found = ", ".join(f"{purpose} {many[purpose]}" for purpose in READS)
    return gap(
        f"评估 {wanted} 次、征信查询 {queries} 次，凭条 {found}",
        f"{_many(wanted, 'assessment')}, {_many(queries, 'query', 'queries')}, receipts {found}",
    )


def _unchanged(facts: Facts) -> Found:
    if not facts.records:
        return later()
    changed = [one.pk for one in facts.records if documents.digest(one.document, one.case) != one.digest]
    if changed:
        return gap(
            f"决定与其摘要不符：{changed}",
            f"decision {changed} is not what its digest says; tell the auditor",
        )
    return kept(
        f"{len(facts.records)} 份决定与摘要一致", f"{len(facts.records)} decisions are as they were made"
    )


def _replayed(facts: Facts) -> Found:
    record = facts.records[-1] if facts.records else None
    if record is None or facts.loaded is None:
        return later()
    again = decide(documents.read_case(record.case), facts.loaded)
    if documents.write_decision(again) == record.document:
        return kept(
            "按原始数据与政策重算，结果逐字相同",
            "made again from its facts and policy: the same, word for word",
        )
    return gap("重算结果不同：请通知内审", "made again it differs: tell the auditor")


def _bureau(facts: Facts) -> Found:
    if facts.decision is None or facts.loaded is None:
        return later()
    if not documents.read_case(facts.records[-1].case).bureau_required:
        return not_asked("该数据来源不要求征信", "data of this route asks for no bureau report")
    age, most = (
        facts.decision.features.get(_BUREAU_AGE),
        facts.loaded.policy.data.bureau_maximum_age_days.value,
    )
    if age is None:
        return gap("没有征信报告：取得后重新评估", "no bureau report: get one and assess anew")
    words = (
        f"征信报告 {age:.0f} 天，上限 {most} 天",
        f"the bureau report is {age:.0f} days old, at most {most}",
    )
    return kept(*words) if age <= most else gap(*words)


def _visited(facts: Facts) -> Found:
    asked = facts.loaded.policy.diligence if facts.loaded else None
    if facts.case.automatic:
        return not_asked("在政策自动审批额度内", "within what the policy decides by itself")
    if not facts.records:
        return later()
    if asked is None:
        return not_asked("政策未要求", "the policy asks for none")
    last = _last_word(facts)
    since = (last.on if last else facts.today) - timedelta(days=asked.visit_days.value)
    went = [
        one
        for one in facts.visits
        if one.kind == SiteVisit.Kind.BEFORE and one.on >= since and (last is None or one.at <= last.at)
    ]
    if went:
        return kept(f"{went[-1].on} 在{went[-1].place}", f"{went[-1].on} at {went[-1].place}")
    if facts.is_refused:
        return not_asked("未发放", "nothing was granted")
    return gap(
        f"{asked.visit_days.value} 天内没有现场调查：请登记",
        f"no site visit within {asked.visit_days.value} days: go, and write it down",
    )


def _last_word(facts: Facts) -> Opinion | None:
    """The last word of the people's decision, None while it is open."""
    said = [one for one in facts.said if one.stage in {Stage.APPROVAL, Stage.COMMITTEE}]
    return said[-1] if said and (facts.granted or facts.is_refused) else None


def _since_appeal(facts: Facts) -> tuple[Opinion, ...]:
    """What was said since the case was appealed; all of it if it never was."""
    appealed = max((at for at, one in enumerate(facts.said) if one.stage == Stage.APPEAL), default=0)
    return facts.said[appealed:]


def _reviewed(facts: Facts) -> Found:
    if facts.case.automatic:
        return not_asked("在政策自动审批额度内", "within what the policy decides by itself")
    found = [one for one in _since_appeal(facts) if one.stage == Stage.REVIEW]
    if found:
        return kept(
            f"审查意见 {len(found)} 份，附理由", f"{_many(len(found), 'opinion')} of a reviewer, with reasons"
        )
    if facts.case.state in {State.FILED, State.REVIEW} or facts.is_refused:
        return later("等待审查", "waits for a reviewer")
    return gap("没有审查意见", "no opinion of a reviewer")


def _apart(facts: Facts) -> Found:
    hands = authority.hands_of(facts.case, facts.merchant)
    both = (hands.investigated_by & hands.approved_by) | (
        {one.by for one in facts.paid_out} & (hands.investigated_by | hands.approved_by)
    )
    kin = (hands.investigated_by | hands.approved_by) & hands.barred
    if both or kin:
        who = ", ".join(sorted(both | kin))
        return gap(f"经手人未分离或为亲属：{who}", f"in two hands, or a relative: {who}")
    return kept(
        "调查、审批、放款分离，亲属回避", "investigated, approved and paid out apart; no relative among them"
    )


def _authorised(facts: Facts) -> Found:
    if not facts.granted or facts.loaded is None:
        return later()
    policy, granted = facts.loaded.policy, facts.case.granted_minor
    if facts.case.automatic:
        within = granted <= policy.authority_minor("automatic")
        words = ("政策自动审批，在授权内", "decided by the policy within its authority")
        return (
            kept(*words) if within else gap("超出自动审批额度", "above what the policy may decide by itself")
        )
    if granted > facts.records[-1].limit_minor:
        return gap("批准额度超过政策额度", "granted above the policy's limit")
    voted = [one.verdict for one in authority.votes(facts.case)]
    if voted:
        yes = voted.count(Verdict.APPROVE)
        words = (
            f"贷审会 {yes} 票赞成，{len(voted)} 票",
            f"the committee: {yes} of {len(voted)} votes for it",
        )
        return kept(*words) if len(voted) >= authority.QUORUM and 2 * yes > len(voted) else gap(*words)
    if authority.above_approver(granted, policy):
        return gap("超出审批人权限且无贷审会表决", "above an approver's authority, and no vote")
    return kept("在审批人权限内", "within the approver's authority")


def _agreed(facts: Facts) -> Found:
    if facts.case.state != State.SIGNED:
        return later()
    signed = facts.case.signature or {}
    if agreement.digest_of(facts.case.agreement) != signed.get("digest"):
        return gap("合同与签名摘要不符：请通知内审", "the agreement is not what was signed: tell the auditor")
    if signed.get("method") == "face_to_face" and signed.get("witness") in {None, "", signed.get("signer")}:
        return gap("当面签字没有见证人", "signed face to face without a witness")
    return kept(
        "合同含综合融资成本表，摘要与签名一致", "the agreement, with its cost table, is what was signed"
    )


def _paid_out(facts: Facts) -> Found:
    if not facts.paid_out:
        return later("尚未用款", "nothing is drawn yet")
    agreed = (facts.case.signature or {}).get("digest")
    others = [loan.number for loan in facts.loans if loan.drawn_minor and loan.signature != agreed]
    if others:
        return gap(
            f"用款不在已签合同之下：{'、'.join(others)}",
            f"not drawn under what was signed: {', '.join(others)}",
        )
    many = len(facts.paid_out)
    return kept(f"{many} 笔用款，均在已签合同之下", f"{many} drawn, each under what was signed")


def _used(facts: Facts) -> Found:
    asked = facts.loaded.policy.diligence if facts.loaded else None
    if not facts.paid_out:
        return later("尚未用款", "nothing is drawn yet")
    if asked is None:
        return not_asked("政策未要求", "the policy asks for none")
    first = min(one.on for one in facts.paid_out)
    until = first + timedelta(days=asked.first_check_days.value)
    went = sorted(
        (one for one in facts.visits if one.kind == SiteVisit.Kind.AFTER and one.on >= first),
        key=lambda one: (one.on, one.pk),
    )
    if went:
        return _looked(went, until)
    if facts.today <= until:
        return later(f"{until} 前首检", f"the first check is due by {until}")
    return gap(f"应在 {until} 前首检，尚无记录", f"the first check was due by {until}, and none is on file")


def _looked(went: list[SiteVisit], until: date) -> Found:
    """Of checks in the order of their days: the last must find the use as agreed, the first must be in time."""
    first, last = went[0].on, went[-1].on
    if not went[-1].used_as_agreed:
        return gap(f"{last} 检查，用途不符", f"looked at on {last}: not used as agreed")
    if first > until:
        return gap(f"应在 {until} 前首检，{first} 才检查", f"first looked at on {first}, due by {until}")
    return kept(f"{first} 首检，用途相符", f"looked at first on {first}: used as agreed")


def _answered(facts: Facts) -> Found:
    if not facts.alerts:
        return (
            later("没有预警", "no early warning")
            if facts.loans
            else later("尚未用款", "nothing is drawn yet")
        )
    waiting = [one for one in facts.alerts if one.state == "open"]
    if waiting:
        since = min(one.opened_on for one in waiting)
        return gap(
            f"{len(waiting)} 条预警无人处理，最早 {since}",
            f"{len(waiting)} early warnings are nobody's, since {since}",
        )
    return kept(
        f"{len(facts.alerts)} 条预警，均有人处理", f"{len(facts.alerts)} early warnings, each taken on"
    )


def _heard(facts: Facts) -> Found:
    if not facts.complaints:
        return later("没有投诉", "no complaint")
    late = [
        one.number
        for one in facts.complaints
        if one.is_open and one.due_on is not None and one.due_on < facts.today
    ]
    if late:
        return gap(f"投诉超期未答复：{'、'.join(late)}", f"complaints past their day: {', '.join(late)}")
    waiting = sum(one.is_open for one in facts.complaints)
    if waiting:
        return later(f"{waiting} 件投诉在期限内处理中", f"{waiting} complaints wait within their time")
    return kept(
        f"{len(facts.complaints)} 件投诉，均已答复",
        f"{_many(len(facts.complaints), 'complaint')}, each answered",
    )


_Item = tuple[str, Part, str, str, Callable[[Facts], Found]]
_ITEMS: tuple[_Item, ...] = (
    ("identity", "before", "身份", "Identity", _identity),
    ("consents", "before", "授权", "Consents", _consents),
    ("receipts", "before", "查询凭条", "Receipts of what was read", _receipts),
    ("bureau", "before", "征信报告", "Bureau report", _bureau),
    ("decision", "before", "决定未被改动", "Decision unchanged", _unchanged),
    ("replay", "before", "决定可重算", "Decision can be made again", _replayed),
    ("visit", "before", "现场调查", "Site visit", _visited),
    ("review", "before", "审查意见", "Reviewer's opinion", _reviewed),
    ("apart", "decided", "岗位分离与回避", "Hands kept apart", _apart),
    ("authority", "decided", "审批权限", "Authority", _authorised),
    ("agreement", "signed", "合同与签字", "Agreement and signature", _agreed),
    ("paid_out", "after", "用款", "Drawdowns", _paid_out),
    ("use", "after", "首检：资金用途", "First check: use of funds", _used),
    ("alerts", "after", "预警处置", "Early warnings", _answered),
    ("complaints", "after", "投诉答复", "Complaints", _heard),
)
