"""How somebody signs: a port, and the two ways that need no certificate authority.

In production a provider of electronic signatures stands behind `Signer`. Face to face an officer sees the paper signed,
beside a witness who is not the officer. A typed name and a one-time code sign in the demonstration only.
"""

from dataclasses import asdict, dataclass
from typing import Any, Protocol

from django.utils.crypto import constant_time_compare, salted_hmac

from suixin.errors import AccessError, LendingError
from suixin.server.identity.access import Actor, Hands
from suixin.server.origination.models import Application
from suixin.server.sharing.word import WITNESS

_FEWEST = 6  # signs of a note that says what paper was signed and where it lies


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature: of which text (SHA-256, hex), how, by whom, and who stood by."""

    digest: str
    method: str
    signer: str
    witness: str = ""
    evidence: str = ""

    def document(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


class Signer(Protocol):
    """Something that binds a verified person to a text."""

    def sign(self, digest: str) -> Signed:
        """Sign a text of this digest.

        Raises:
            LendingError, AccessError: the person was not verified.
        """


@dataclass(frozen=True, slots=True)
class TypedName:
    """The demonstration's: the holder's own name, and the code that the page showed."""

    demo: bool
    holder: str
    name: str
    code: str
    signer: str

    def sign(self, digest: str) -> Signed:
        """See `Signer`."""
        if not self.demo:
            raise AccessError(
                "a typed name signs in the demonstration only; sign by a provider, or face to face",
                zh="输入姓名签约只用于演示；请通过电子签约服务或当面签约",
            )
        if self.name.strip() != self.holder:
            raise LendingError(
                "the typed name is not the holder's; type it as it stands on the identity card",
                zh="姓名与本人不一致，请按身份证填写",
            )
        if not constant_time_compare(self.code.strip(), one_time_code(digest)):
            raise LendingError(
                "the code is wrong; use the six figures that were sent for this text",
                zh="验证码不正确，请填写收到的六位数字",
            )
        return Signed(digest, "typed_name", self.signer)


@dataclass(frozen=True, slots=True)
class FaceToFace:
    """Paper: an officer sees it signed, and a witness who is another person."""

    officer: str
    witness: str
    evidence: str

    def sign(self, digest: str) -> Signed:
        """See `Signer`."""
        if not self.witness or self.witness == self.officer:
            raise AccessError(
                "a signature on paper needs a witness who is not the officer",
                zh="纸面签字须由经办人以外的另一人见证",
            )
        if len(self.evidence.strip()) < _FEWEST:
            raise LendingError(
                "say which paper was signed and where it is kept", zh="请写明签了哪份纸质文件、存放在哪里"
            )
        return Signed(digest, "face_to_face", self.officer, self.witness, self.evidence.strip())


def one_time_code(digest: str) -> str:
    """Six figures for one text; a provider sends them, the demonstration shows them."""
    return f"{int(salted_hmac('suixin.signing', digest).hexdigest(), 16) % 1_000_000:06d}"


def seen_by(witness: Actor, officer: Actor, case: Application, hands: Hands) -> None:
    """Go on only if the witness is another person who may witness, and no relative of the customer.

    Raises:
        AccessError: the witness is not.
    """
    if not witness.is_person or witness.name == officer.name:
        raise AccessError(
            "a signature on paper needs a witness who is not the officer",
            zh="纸面签字须由经办人以外的另一人见证",
        )
    witness.require(WITNESS, case, hands)
