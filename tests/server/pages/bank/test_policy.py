"""The policy page: what differs, released by two, tried on the last decisions, and the way back."""

import pytest
from counter import OFFERED, REVIEW, Counter, said, text_of
from house import AT, in_threads
from journeys import POLICY, STRICTER

from suixin.server.audit.models import Record
from suixin.server.identity.models import Membership
from suixin.server.identity.roles import Role
from suixin.server.origination import policies
from suixin.server.origination.actions.propose_policy import propose_policy
from suixin.server.origination.actions.settle_proposal import release_proposal
from suixin.server.origination.models import DecisionRecord, PolicyProposal, PolicyRelease
from suixin.underwriting.policy import parse_policy, policy_hash

WHERE = "/bank/policy"


def crossed(text):
    """As a browser sends a text area."""
    return text.replace("\n", "\r\n")


def proposed(counter, text=STRICTER, role=Role.MODEL_OWNER):
    return said(counter.client(role).post(f"{WHERE}/propose", {"text": crossed(text), "reason": "收紧"}))


def the_proposal(counter):
    with counter.within():
        return PolicyProposal.objects.order_by("-id").first()


def released(counter, role=Role.APPROVER, number=0, **more):
    held = the_proposal(counter)
    sent = {"hash": held.hash} | more
    return said(counter.client(role, number).post(f"{WHERE}/proposals/{held.pk}/release", sent))


def test_it_takes_two_people_to_change_the_policy_and_two_to_go_back(counter):
    """Proposed by one, released by another; the former text comes back the same way, as a release of its own."""
    assert proposed(counter) == ["已提出，等另一人发布"]
    assert proposed(counter) == ["已提出，等另一人发布"]
    assert released(counter, Role.MODEL_OWNER) == ["须由另一位有权人员复核"]
    assert released(counter) == ["新政策已生效"]
    (told,) = released(counter)
    assert told == "这份提案已由别人处理"
    with counter.within():
        first, second = PolicyRelease.objects.order_by("id")
    assert (second.text, second.hash, second.reason) == (STRICTER, policy_hash(STRICTER), "收紧")
    assert second.released_by == counter.actor(Role.APPROVER).name
    assert second.seconded_by == counter.actor(Role.MODEL_OWNER).name
    client = counter.client(Role.APPROVER)
    assert said(client.post(f"{WHERE}/releases/{first.pk}/return")) == ["已提出恢复，等另一人发布"]
    assert released(counter, Role.APPROVER) == ["须由另一位有权人员复核"]
    assert released(counter, Role.APPROVER, 1) == ["新政策已生效"]
    with counter.within():
        hashes = list(PolicyRelease.objects.order_by("id").values_list("hash", flat=True))
        assert hashes == [first.hash, second.hash, first.hash]
        assert Record.objects.filter(action="lending.policy.propose").count() == 2
        assert PolicyRelease.objects.order_by("-id").first().reason == f"恢复到版本 2026.11（{first.hash}）"


def test_the_page_shows_how_a_proposal_differs(counter):
    """Figures by place, the text line by line, to everybody who reads the policy."""
    proposed(counter)
    page = text_of(counter.client(Role.REVIEWER).get(WHERE))
    for shown in (
        "准入线 / 人工线 620 / 590",
        "自动 / 审批人权限 5万元 / 30万元",
        "authority.approver.value 300000.0 200000.0",
        "cutoffs.approve_from 620.0 680.0",
        "改动的参数（3）",
        "模型负责人0",
        "收紧",
    ):
        assert shown in page, shown
    assert "发布生效" not in page
    assert "发布生效" in text_of(counter.client(Role.APPROVER).get(WHERE))
    mine = text_of(counter.client(Role.MODEL_OWNER, language="en").get(WHERE))
    assert "You proposed it; another person releases it." in mine
    assert "Release it" not in mine
    lines = policies.difference("a\nb\nc\n", "a\nx\nc\n")
    assert [(line.kind, line.text) for line in lines] == [
        ("@", "@@ -1,3 +1,3 @@"),
        (" ", " a"),
        ("-", "-b"),
        ("+", "+x"),
        (" ", " c"),
    ]


def test_a_dry_run_decides_the_last_cases_again(counter):
    """Approvals, limits and expected loss by both; nothing is stored."""
    proposed(counter)
    answer = counter.client(Role.APPROVER).get(f"{WHERE}/dry-run")
    tried = answer.context["tried"]
    assert {one.value: many for one, many in tried.before.outcomes.items()} == {
        "approve": 2,
        "refer": 1,
        "decline": 1,
    }
    assert {one.value: many for one, many in tried.after.outcomes.items()} == {
        "approve": 1,
        "refer": 2,
        "decline": 1,
    }
    assert (tried.before.limit_fen, tried.after.limit_fen) == (6_960_000, 6_240_000)
    assert [(one.before.value, one.after.value, one.cases) for one in tried.moved] == [
        ("approve", "refer", (OFFERED,))
    ]
    page = text_of(answer)
    assert "用最近 4 笔决定试算" in page
    assert "自动可批额度合计 69,600.00元 62,400.00元" in page
    assert f"同意 → 转人工：1 笔 · {OFFERED}" in page
    with counter.within():
        assert DecisionRecord.objects.count() == 4
        loss = sum(
            round(one.limit_minor * one.pd * parse_policy(POLICY, "t").policy.price.lgd.value)
            for one in DecisionRecord.objects.filter(outcome="approve")
        )
    assert abs(tried.before.expected_loss_fen - loss) <= 1


def test_a_text_is_checked_and_nothing_is_kept(counter):
    """Its faults by place; a sound one with its difference; line ends of a browser are none."""
    client = counter.client(Role.MODEL_OWNER)
    bad = crossed(POLICY.replace("approve_from: 620", "approve_from: many"))
    page = text_of(client.post(f"{WHERE}/check", {"text": bad}))
    assert "这不是有效的政策" in page
    assert "cutoffs.approve_from" in page
    sound = client.post(f"{WHERE}/check", {"text": crossed(STRICTER), "reason": "收紧"})
    assert [place for place, *_ in sound.context["settings"]] == [
        "authority.approver.value",
        "cutoffs.approve_from",
        "version",
    ]
    assert sound.context["text"] == STRICTER
    with counter.within():
        assert not PolicyProposal.objects.exists()


@pytest.mark.parametrize(
    ("text", "reason", "told"),
    [
        (POLICY, "同一份", "这就是现行政策"),
        (STRICTER, " ", "请写明为什么改政策"),
        ("name: x", "试", "the proposed policy: "),
        (STRICTER.replace("currency: CNY", "currency: CZK"), "试", "本行放款币种是 CNY"),
        (STRICTER.replace("2026.12", "2026.11"), "试", "的版本 2026.11 已发布过另一份文本"),
    ],
)
def test_what_cannot_be_proposed(counter, text, reason, told):
    """It is told, and nothing is kept."""
    client = counter.client(Role.MODEL_OWNER)
    answer = client.post(f"{WHERE}/propose", {"text": crossed(text), "reason": reason})
    (message,) = said(answer)
    assert told in message
    assert (answer.context["text"], answer.context["reason"]) == (text, reason)  # hours of work are not lost
    with counter.within():
        assert not PolicyProposal.objects.exists()


def test_one_proposal_at_a_time(counter):
    """Another waits until the first is settled; it may be withdrawn, also by another person."""
    proposed(counter)
    other = STRICTER.replace("approve_from: 680", "approve_from: 690")
    assert proposed(counter, other, Role.APPROVER) == ["已有一份政策待发布，请先发布或撤回"]
    held = the_proposal(counter)
    client = counter.client(Role.APPROVER)
    assert said(client.post(f"{WHERE}/proposals/{held.pk}/withdraw")) == ["提案已撤回"]
    assert client.get(f"{WHERE}/dry-run").status_code == 404
    assert proposed(counter, other, Role.APPROVER) == ["已提出，等另一人发布"]
    assert [the_proposal(counter).hash, held.state] == [policy_hash(other), "open"]


def test_two_people_propose_and_release_at_once(postgresql):
    """One proposal, one release; the others are told."""
    counter = Counter()
    owner, approver = counter.as_(Role.MODEL_OWNER), counter.as_(Role.APPROVER)
    others = [STRICTER, STRICTER.replace("approve_from: 680", "approve_from: 690")]

    def propose(number):
        return propose_policy(others[number], reason="收紧", by=(owner, approver)[number], at=AT)

    found = in_threads(2, propose)
    assert sorted(type(one).__name__ for one in found) == ["ConflictError", "PolicyProposal"]
    counter.staffed(Role.APPROVER)
    held = the_proposal(counter)
    with counter.within():
        PolicyProposal.objects.update(proposed_by=counter.actor(Role.APPROVER, 2).name)

    def release(number):
        by = counter.actor(Role.APPROVER, number)
        return release_proposal(held.pk, shown=held.hash, by=by, at=AT)

    found = in_threads(2, release)
    assert sorted(type(one).__name__ for one in found) == ["ConflictError", "PolicyRelease"]
    with counter.within():
        assert PolicyRelease.objects.count() == 2


def test_a_proposer_who_lost_the_role_is_no_second_person(counter):
    """Neither is another text released than the one that was read."""
    proposed(counter)
    assert released(counter, hash="0" * 16) == ["待发布的政策已换成另一份，请先阅读"]
    with counter.within():
        Membership.objects.filter(user=counter.user(Role.MODEL_OWNER)).delete()
    (told,) = released(counter)
    assert told.endswith("须回避（发布政策）")
    with counter.within():
        assert PolicyRelease.objects.count() == 1
        assert PolicyProposal.objects.get().state == "open"


def test_who_may_not(counter):
    """A reviewer reads and changes nothing; an owner, a village agent and who pays out do not read it here."""
    proposed(counter)
    held = the_proposal(counter)
    for role in (Role.REVIEWER, Role.AUDITOR, Role.COMMITTEE):
        client = counter.client(role)
        assert client.get(WHERE).status_code == 200
        assert "提出新政策" not in text_of(client.get(WHERE))
        for path in ("check", "propose", f"proposals/{held.pk}/release", f"proposals/{held.pk}/withdraw"):
            assert client.post(f"{WHERE}/{path}").status_code == 403, path
    for role in (Role.OWNER, Role.VILLAGE_AGENT, Role.DISBURSEMENT, Role.ADMINISTRATOR):
        assert counter.client(role).get(WHERE).status_code == 403
    theirs = Counter("theirs").staffed(Role.APPROVER).client(Role.APPROVER)
    assert "收紧" not in text_of(theirs.get(WHERE))
    (told,) = said(theirs.post(f"{WHERE}/proposals/{held.pk}/release", {"hash": held.hash}))
    assert told == "这份提案已由别人处理"
    assert the_proposal(counter).state == "open"
    assert counter.case(REVIEW).state == "review"
