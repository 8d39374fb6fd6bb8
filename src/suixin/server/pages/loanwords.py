"""The words of loans: their states, and the five classes; templates and workbooks say the same."""

from suixin.server.pages.casewords import Said
from suixin.server.servicing.models import Loan

State = Loan.State
LOANS = {
    State.OFFERED.value: Said("已出具要约", "offered"),
    State.WITHDRAWN.value: Said("已撤销", "withdrawn"),
    State.ACCEPTED.value: Said("待放款", "to be paid out"),
    State.ACTIVE.value: Said("正常还款", "active"),
    State.ARREARS.value: Said("逾期", "in arrears"),
    State.RESTRUCTURED.value: Said("已重组", "restructured"),
    State.RENEWED.value: Said("已续贷", "renewed"),
    State.CLOSED.value: Said("已结清", "closed"),
    State.WRITTEN_OFF.value: Said("已核销", "written off"),
    State.RECOVERED.value: Said("核销后收回", "recovered"),
}
CLASSES = {
    1: Said("正常", "normal"),
    2: Said("关注", "special mention"),
    3: Said("次级", "substandard"),
    4: Said("可疑", "doubtful"),
    5: Said("损失", "loss"),
}
