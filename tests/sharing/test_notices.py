"""What a merchant is told before she answers."""

from hashlib import sha256

import pytest

from consents import BANK, terms
from suixin.errors import UsageError
from suixin.sharing.artefact import Notice
from suixin.sharing.notices import LANGUAGES, SCOPES, named, text
from suixin.sharing.purposes import PURPOSES


def told(purpose, lang, **more):
    return text(terms(purpose.code, **more), purpose, lang)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("purpose", PURPOSES, ids=lambda one: one.code)
def test_a_notice_names_who_what_and_how_long(purpose, lang):
    """PIPL art. 17 and 23: each of these, in both languages; refusing is told as it is."""
    shown = told(purpose, lang)
    words = [SCOPES[scope][LANGUAGES.index(lang)] for scope in purpose.scopes]
    figures = [f" {number} " for number in (purpose.history_months, purpose.life_days, purpose.cap.most)]
    for word in ["Rural Bank", "12345", "The Mall", getattr(purpose, lang), *words, *figures]:
        assert word in shown, word
    refusing = {
        "zh": "不同意不影响您的贷款申请",
        "en": "Refusing stops neither your application nor a loan that you have",
    }
    assert (refusing[lang] in shown) == (not purpose.needed)
    review = {"zh": "改由人工复核", "en": "then people review it"}
    assert (review[lang] in shown) == purpose.automated
    assert "{" not in shown


def test_each_notice_has_its_own_hash():
    """Five purposes in two languages, and one word less is another text."""
    texts = [told(purpose, lang) for purpose in PURPOSES for lang in LANGUAGES]
    texts.append(told(PURPOSES[0], "en", life_days=30))
    assert len({named(shown, "en").sha256 for shown in texts}) == 11
    assert named("好", "zh") == Notice(sha256("好".encode()).hexdigest(), "zh", "2026-11")


def test_a_notice_without_a_name_or_in_another_language_is_not_written():
    """Who gets data is named with its contact."""
    with pytest.raises(UsageError, match="language 'fr'"):
        told(PURPOSES[0], "fr")
    with pytest.raises(UsageError, match="with its contact"):
        told(PURPOSES[0], "zh", recipient=BANK._replace(contact=""))
