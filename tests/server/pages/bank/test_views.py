"""Views of lists: kept with their columns under a name, one's own, without anything that was typed; a column is chosen."""

import pytest
from counter import text_of
from django.urls import reverse
from house import AT
from journeys import APPROVED

from suixin.errors import AccessError, UsageError
from suixin.server.audit.models import Record
from suixin.server.identity.roles import Role
from suixin.server.savedviews.actions.drop_view import drop_view
from suixin.server.savedviews.actions.save_view import save_view
from suixin.server.savedviews.models import MOST, SavedView
from suixin.server.savedviews.questions import kept

QUESTION = f"state=review&text={APPROVED}&mine=&page=2&col=amount&col=filed"


def save(client, name, question=QUESTION, page="bank-home"):
    sent = {"path": reverse(page), "name": name, "question": question}
    return client.post("/bank/views", sent, follow=True)


def test_a_view_is_kept_used_and_forgotten(counter):
    """From the list and back to it as it was; the link asks the choices and columns; a colleague has none of it."""
    mine, other = counter.client(Role.REVIEWER), counter.client(Role.REVIEWER, 1)
    answer = save(mine, "  待审   大额 ")
    assert answer.redirect_chain == [(f"/bank/?{QUESTION}", 302)]
    assert "视图已保存" in text_of(answer)
    html = mine.get("/bank/").content.decode()
    assert '<a href="?state=review&amp;col=amount&amp;col=filed">待审 大额</a>' in html
    assert "待审 大额" not in other.get("/bank/").content.decode()
    assert "待审 大额" not in mine.get("/bank/loans").content.decode()
    text = text_of(mine.get("/bank/?state=review&col=amount&col=filed"))
    assert "编号 申请金额 申请日 A2026-000003 2,000.00元 2026年1月1日" in text
    with counter.within():
        number = SavedView.objects.get().pk
    back = {"path": "/bank/", "question": ""}
    assert other.post(f"/bank/views/{number}/drop", back).status_code == 404
    assert mine.post(f"/bank/views/{number}/drop", back)["Location"] == "/bank/"
    assert mine.post(f"/bank/views/{number}/drop", back).status_code == 404
    with counter.within():
        assert SavedView.objects.count() == 0
        kinds = Record.objects.filter(action__startswith="identity.view").order_by("id")
        assert list(kinds.values_list("action", flat=True)) == ["identity.view.save", "identity.view.drop"]


def test_a_name_is_used_anew_and_there_is_an_end(counter):
    """The same name gets the new question; without a name, with too long a one, on no list, beyond the most: refused."""
    client, user = counter.client(Role.POST_LOAN), counter.user(Role.POST_LOAN)
    save(client, "逾期", "state=arrears", "bank-loans")
    save(client, "逾期", "days=31-", "bank-loans")
    with counter.within():
        assert [one.question for one in SavedView.objects.all()] == ["days=31-"]
    assert "视图名称为 1 至 30 个字，现为 0 个" in text_of(save(client, " "))
    assert "现为 31 个" in text_of(save(client, "长" * 31))
    assert save(client, "x", page="bank-webhooks").status_code == 404
    by = counter.actor(Role.POST_LOAN)
    for number in range(MOST - 1):
        save_view(user, "bank-loans", f"v{number}", "", by=by, at=AT)
    assert "请先删除一个" in text_of(save(client, "one more", "", "bank-loans"))
    stranger = counter.actor(Role.POST_LOAN, 1)
    with pytest.raises(AccessError, match="for another person"):
        save_view(user, "bank-loans", "mine", "", by=stranger, at=AT)
    with counter.within():
        held = SavedView.objects.first()
    with pytest.raises(AccessError, match="for another person"):
        drop_view(held, by=stranger, at=AT)


def test_what_is_kept_of_a_question():
    """Choices in their order, several of a name; no place in the list, nothing typed, nothing empty, no end of text."""
    assert kept("a=1&b=&a=2&text=张&borrower=m1&actor=li&object_id=7&page=4&before=9&check=yes") == "a=1&a=2"
    assert kept("crop=%E8%8B%B9%E6%9E%9C") == "crop=%E8%8B%B9%E6%9E%9C"
    with pytest.raises(UsageError, match="has 1002 characters"):
        kept("a=" + "x" * 1000)


def test_the_columns_of_the_loans_outlast_a_new_search(counter):
    """The form of questions carries them."""
    html = counter.client(Role.AUDITOR).get("/bank/loans?col=drawn&col=kind").content.decode()
    form = html.partition('role="search">')[2].partition("</form>")[0]
    assert form.count('<input type="hidden" name="col"') == 2
