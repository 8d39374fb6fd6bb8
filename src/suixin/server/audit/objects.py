"""Every kind of object that a line of the audit log may be about, in words; a kind that is not here cannot be written of."""

from suixin.errors import UsageError
from suixin.server.audit.registry import Words

OBJECTS = {
    "identity.organisation": Words("机构", "organisation"),
    "identity.user": Words("人员", "person"),
    "identity.membership": Words("角色任命", "role of a person"),
    "identity.secondfactor": Words("两步验证", "second factor"),
    "identity.client": Words("接口客户端", "client of the API"),
    "savedviews.savedview": Words("列表视图", "view of a list"),
    "tasks.task": Words("后台任务", "long work"),
    "ledger.book": Words("账簿", "book"),
    "merchants.merchant": Words("商户", "merchant"),
    "verification.identitycheck": Words("身份核验", "identity check"),
    "verification.bureauquery": Words("征信查询", "bureau query"),
    "origination.desk": Words("信贷业务设置", "lending desk"),
    "origination.application": Words("申请", "application"),
    "origination.applicationbatch": Words("批量申请", "file of applications"),
    "origination.policyrelease": Words("政策", "policy"),
    "origination.policyproposal": Words("政策提案", "proposal of a policy"),
    "servicing.facility": Words("授信额度", "facility"),
    "servicing.loan": Words("贷款", "loan"),
    "servicing.sweepauthorisation": Words("回款扣还授权", "sweep authorisation"),
    "servicing.settlement": Words("回款", "settlement of sales"),
    "servicing.dayend": Words("日终", "end of a day"),
    "watching.look": Words("贷后预警监测", "look for early warnings"),
    "watching.alert": Words("贷后预警", "early warning"),
    "complaints.complaint": Words("投诉", "complaint"),
    "sharing.consent": Words("同意", "consent"),
    "sharing.receipt": Words("数据使用回执", "receipt of a use of data"),
    "regions.publication": Words("区域发布", "publication by township"),
    "regions.ground": Words("区域地图", "map of the county"),
    "intake.mendedfile": Words("修正文件", "mended file"),
    "webhooks.endpoint": Words("推送地址", "endpoint of webhooks"),
    "webhooks.delivery": Words("推送", "delivery of a webhook"),
}


def known_object(kind: str) -> str:
    """The kind of object, if it has words.

    Raises:
        UsageError: it has none.
    """
    if kind not in OBJECTS:
        raise UsageError(f"object {kind!r} has no words; add it to suixin.server.audit.objects")
    return kind
