"""Passwords: what one may not hold, the words that somebody who knows the house tries first; and a first one, drawn."""

import secrets

from django.contrib.auth.password_validation import (
    CommonPasswordValidator,
    MinimumLengthValidator,
    UserAttributeSimilarityValidator,
    validate_password,
)
from django.core.exceptions import ValidationError
from django.utils.translation import get_language

from suixin.errors import UsageError
from suixin.server.identity.models import User

OWN_WORDS = ("suixin", "穗信", "nongshang", "农商", "xinyongshe", "信用社", "daikuan", "贷款")
"""The product, the trade; docs/how-to/run-the-server.md lists them."""

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is read for another


def drawn() -> str:
    """A first password to be read out or typed from paper: four times five signs, 99 bits."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(4))


def judge(password: str, user: User) -> None:
    """Go on only if somebody may have this password.

    Raises:
        UsageError: it is too short, too common, too like the name, or holds one of our own words.
    """
    try:
        validate_password(password, user)
    except ValidationError as error:
        said = " ".join(error.messages)  # in the reader's language already
        raise UsageError(said, zh=said) from error


def _pair(zh: str, en: str) -> str:
    return en if (get_language() or "").startswith("en") else zh


class LengthValidator(MinimumLengthValidator):
    """Django's rule of length; its own words are in English alone where its app is not installed, as it is not here."""

    def get_error_message(self) -> str:
        """What is said of one that is too short."""
        return self.get_help_text()

    def get_help_text(self) -> str:
        """The rule in the reader's language."""
        return _pair(
            f"密码至少 {self.min_length} 个字符。", f"A password has at least {self.min_length} characters."
        )


class UserNameValidator(UserAttributeSimilarityValidator):
    """Django's rule against a password like the user name, in both languages."""

    def get_error_message(self) -> str:
        """What is said of one that is too like it."""
        return self.get_help_text()

    def get_help_text(self) -> str:
        """The rule in the reader's language."""
        return _pair("密码不能与用户名过于相似。", "A password is not too similar to the user name.")


class CommonValidator(CommonPasswordValidator):
    """Django's rule against passwords that many people have, in both languages."""

    def get_error_message(self) -> str:
        """What is said of one of them."""
        return self.get_help_text()

    def get_help_text(self) -> str:
        """The rule in the reader's language."""
        return _pair("密码不能是很多人使用的常见密码。", "A password is none that many people use.")


class OwnWordsValidator:
    """Refuses a password with one of our own words in it."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Go on only without one."""
        del user
        if any(word in password.casefold() for word in OWN_WORDS):
            raise ValidationError(self.get_help_text(), code="own_word")

    def get_help_text(self) -> str:
        """The rule in the reader's language."""
        return _pair(
            "密码不能包含产品或行业用词，如“穗信”“农商”。",
            "A password holds no word of the product or the trade, such as suixin.",
        )
