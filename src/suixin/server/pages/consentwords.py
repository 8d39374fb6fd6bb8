"""The words of a consent's states."""

from suixin.server.pages.casewords import Said
from suixin.sharing.artefact import State

STATES = {
    State.REQUESTED: Said("等待答复", "not answered yet", "warn"),
    State.ACTIVE: Said("已同意", "agreed", "good"),
    State.PAUSED: Said("已暂停", "paused", "warn"),
    State.REJECTED: Said("已拒绝", "refused"),
    State.LAPSED: Said("未按时答复", "not answered in time"),
    State.REVOKED: Said("已撤回", "withdrawn"),
    State.EXPIRED: Said("已到期", "expired"),
    State.CONSUMED: Said("已用完", "used up"),
    State.SUPERSEDED: Said("已被新的授权代替", "replaced by a later one"),
}
