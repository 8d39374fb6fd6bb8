"""Whose word counts: the merchant's own, or her signature on paper that staff record with a witness."""

from suixin.errors import AccessError, ConsentError
from suixin.server.identity.access import Actor
from suixin.sharing.artefact import Auth

ASSIST, WITNESS = "sharing.consent.assist", "sharing.consent.witness"


def is_hers(by: Actor, merchant_id: str) -> bool:
    """Whether the actor is this merchant, and no staff who assists."""
    return by.is_person and ASSIST not in by.granted and merchant_id in (by.bound_to or ())


def taken(
    by: Actor, merchant_id: str, *, signed_paper: str = "", witness: Actor | None = None, opens: bool = False
) -> Auth:
    """How the merchant's word was taken.

    Args:
        by: who brings it.
        merchant_id: whose word it is.
        signed_paper: what her signature is filed under; needed from anybody but herself.
        witness: who saw her sign; needed beside paper if data may be read on this word.
        opens: whether it lets data be read; to say no, or to stop, her paper alone is enough.

    Raises:
        AccessError: it is neither she nor one who may assist, or no other person saw it.
        ConsentError: no paper.
    """
    if is_hers(by, merchant_id):
        return Auth("session")
    if not by.is_person or ASSIST not in by.granted:
        raise AccessError(f"{by.name} does not speak for merchant {merchant_id}", zh="您不能替该商户答复")
    if not signed_paper.strip():
        raise ConsentError(
            f"merchant {merchant_id} did not say so herself; name her signed paper",
            "no_paper",
            zh="请写明客户签了哪份纸质文件、存放在哪里",
        )
    if opens:
        _seen(by, witness)
    return Auth("signed_paper", signed_paper.strip(), witness.name if witness else "")


def _seen(by: Actor, witness: Actor | None) -> None:
    if witness is None or not witness.is_person or witness.name == by.name:
        raise AccessError(
            "a signature on paper needs another person as witness", zh="纸面签字须由经办人以外的另一人见证"
        )
    if witness.organisation_id != by.organisation_id:
        raise AccessError(
            "a signature on paper needs a witness of the same organisation", zh="见证人须是本机构的人员"
        )
    witness.require(WITNESS)
