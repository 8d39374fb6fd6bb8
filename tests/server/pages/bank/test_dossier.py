"""The due-diligence file on its page: what is missing, a visit written down, the file sealed and taken away."""

from hashlib import sha256

from counter import OFFERED, REVIEW, said, text_of

from suixin.server.identity.roles import Role
from suixin.server.origination.models import Dossier, SiteVisit

PAGE = f"/bank/applications/{REVIEW}/dossier"
VISIT = {"on": "2026-01-01", "place": "沂河村", "findings": "货架满", "with_whom": "李"}


def test_what_is_missing_stands_before_the_form(counter):
    """On the application's page, in red, with the mend; and item by item on its own."""
    page = text_of(counter.client(Role.REVIEWER).get(f"/bank/applications/{REVIEW}"))
    assert "尽职档案缺 1 项 征信报告 没有征信报告：取得后重新评估" in page
    items = text_of(counter.client(Role.AUDITOR, language="en").get(PAGE))
    assert (
        "Decision can be made again there made again from its facts and policy: the same, word for word"
        in items
    )
    assert "Site visit not asked the policy asks for none" in items
    assert "Make and seal the file" not in items


def test_a_visit_is_written_down_once_it_is_whole(counter):
    """A day that is none is told on the page, and nothing is kept; a whole one stands there with its visitor."""
    browser = counter.client(Role.CUSTOMER_MANAGER)
    assert said(browser.post(f"{PAGE}/visit", VISIT | {"on": "gestern"})) == [
        "“gestern”不是日期，请写成 2026-03-01"
    ]
    assert said(browser.post(f"{PAGE}/visit", VISIT)) == ["调查已登记"]
    assert "2026年1月1日 · 沂河村 · 客户经理0、李 货架满" in text_of(browser.get(PAGE))
    with counter.within():
        assert SiteVisit.objects.count() == 1


def test_a_sealed_file_is_what_is_downloaded(counter):
    """Its bytes have the digest that the page shows; another case's address does not lead to it."""
    browser = counter.client(Role.REVIEWER)
    assert said(browser.post(f"{PAGE}/seal")) == ["档案已封存，可下载"]
    with counter.within():
        (held,) = Dossier.objects.all()
    answer = counter.client(Role.AUDITOR).get(f"{PAGE}/{held.pk}.zip")
    assert sha256(answer.content).hexdigest() == held.digest == answer["X-Suixin-Digest"]
    assert held.digest in text_of(browser.get(PAGE))
    assert browser.get(f"/bank/applications/{OFFERED}/dossier/{held.pk}.zip").status_code == 404
    assert counter.client(Role.AUDITOR).post(f"{PAGE}/seal").status_code == 403
