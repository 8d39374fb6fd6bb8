"""Every action that the audit log may name, `room.noun.verb`, in words; a name that is not here cannot be done."""

from typing import NamedTuple

from suixin.errors import UsageError


class Words(NamedTuple):
    """An action in both languages."""

    zh: str
    en: str


ACTIONS = {
    "audit.log.read": Words("查看审计日志", "read the audit log"),
    "audit.log.seal": Words("封存审计日志", "seal the audit log"),
    "identity.organisation.found": Words("设立机构", "found an organisation"),
    "identity.user.add": Words("新增用户", "add a user"),
    "identity.user.deactivate": Words("停用用户", "end a person's access"),
    "identity.role.grant": Words("授予角色", "grant a role"),
    "identity.role.withdraw": Words("撤销角色", "withdraw a role"),
    "identity.client.add": Words("新增接口客户端", "add a client of the API"),
    "identity.client.revoke": Words("停用接口客户端", "revoke a client of the API"),
    "identity.token.issue": Words("签发接口令牌", "issue a token of the API"),
    "identity.factor.enrol": Words("启用两步验证", "set a second factor up"),
    "identity.factor.recover": Words("使用恢复码登录", "sign in by a recovery code"),
    "identity.factor.reset": Words("重置两步验证", "take a second factor away"),
    "identity.password.change": Words("修改密码", "change one's password"),
    "identity.password.reset": Words("重置密码", "give a new first password"),
    "identity.session.end": Words("退出所有设备", "end all sessions of a person"),
    "identity.view.save": Words("保存列表视图", "keep a view of a list"),
    "identity.view.drop": Words("删除列表视图", "forget a view of a list"),
    "identity.sign_in.lock": Words("多次登录失败，暂时锁定", "lock a sign-in after failed tries"),
    "identity.sign_in.unlock": Words("解除登录锁定", "unlock a sign-in"),
    "ledger.book.open": Words("开立账簿", "open a book"),
    "ledger.book.advance": Words("推进营业日期", "advance the business date"),
    "ledger.book.read": Words("查看账簿", "read a book"),
    "ledger.book.seal": Words("封存账簿", "seal a book"),
    "ledger.transaction.post": Words("记账", "post transactions"),
    "ledger.hold.place": Words("冻结", "place a hold"),
    "ledger.hold.void": Words("解除冻结", "void a hold"),
    "origination.desk.set_up": Words("设立信贷柜台", "set up a lending desk"),
    "lending.policy.propose": Words("提出政策", "propose a policy"),
    "lending.policy.release": Words("发布政策", "release a policy"),
    "lending.merchant.enrol": Words("登记商户", "enrol a merchant"),
    "verification.identity.check": Words("核验身份", "verify an identity"),
    "verification.identity.ask": Words("导出待核验名单", "take the list of identities to be verified"),
    "verification.identity.import": Words("导入核验结果", "import answers of identity checks"),
    "verification.identity.take_back": Words("撤销核验结果", "take an answer of an identity check back"),
    "verification.bureau.query": Words("查询征信", "query the credit bureau"),
    "verification.bureau.ask": Words("导出征信查询名单", "take the list of queries of the bureau"),
    "verification.bureau.import": Words("导入征信报告", "import reports of the bureau"),
    "verification.bureau.correct": Words("更正征信报告", "correct a report of the bureau"),
    "verification.bureau.give_up": Words("放弃未答复的征信查询", "give up an unanswered query of the bureau"),
    "lending.case.file": Words("提交申请", "file an application"),
    "lending.case.import": Words("批量导入申请", "import applications"),
    "lending.case.take_back": Words("撤销批量申请", "take an imported file back"),
    "lending.case.forget": Words("清除未选列文件的内容", "forget the cells of a file without columns"),
    "lending.case.assess": Words("评估申请", "assess an application"),
    "lending.case.have_assessed": Words("提请评估", "have an application assessed"),
    "lending.case.decline": Words("拒绝申请", "decline a case"),
    "lending.case.vote": Words("贷审会表决", "vote in the committee"),
    "lending.case.withdraw": Words("撤回申请", "withdraw an application"),
    "lending.case.appeal": Words("申诉", "appeal a decision"),
    "lending.case.appeal_on_paper": Words("登记客户书面申诉", "record an appeal signed on paper"),
    "lending.case.investigate": Words("贷前调查", "investigate a case"),
    "lending.case.review": Words("审查", "review a case"),
    "lending.case.approve": Words("审批", "approve a case"),
    "lending.case.visit": Words("登记现场调查", "record a site visit"),
    "lending.case.seal": Words("封存尽职档案", "seal a due-diligence file"),
    "lending.facility.open": Words("设立授信额度", "open a facility"),
    "lending.facility.freeze": Words("冻结或解冻授信额度", "freeze or release a facility"),
    "lending.loan.offer": Words("出具贷款要约", "offer a loan"),
    "lending.loan.accept": Words("确认客户接受", "record the borrower's acceptance"),
    "lending.loan.withdraw": Words("撤回待放款的用款", "give up a drawdown before it is paid out"),
    "lending.loan.draw": Words("申请用款", "ask for a drawdown"),
    "lending.loan.draw_on_paper": Words("登记客户当面用款", "record a drawdown signed on paper"),
    "lending.loan.pay": Words("自助还款", "pay by hand"),
    "lending.loan.disburse": Words("放款", "pay a loan out"),
    "lending.payment.receive": Words("收款", "receive a payment"),
    "lending.payment.take_back": Words("冲回收款", "take a payment back"),
    "lending.payment.refund": Words("退还多收款", "refund an overpayment"),
    "lending.fee.charge": Words("收取费用", "charge a fee"),
    "lending.loan.reprice": Words("重定价", "reprice a loan"),
    "lending.loan.relieve": Words("变更还款条件", "relieve a loan"),
    "lending.loan.renew": Words("无还本续贷", "renew a loan"),
    "lending.loan.write_off": Words("核销", "write a loan off"),
    "lending.sweep.authorise": Words("登记回款扣还授权", "register a sweep authorisation"),
    "lending.sweep.settle": Words("登记回款", "take in a settlement of sales"),
    "lending.day.end": Words("日终处理", "end a book's day"),
    "lending.loan.watch": Words("贷后管理", "watch a loan"),
    "lending.book.watch": Words("贷后预警监测", "look for early warnings in a book"),
    "lending.alert.take": Words("受理预警", "take an alert"),
    "lending.alert.close": Words("关闭预警", "close an alert"),
    "lending.loan.collect": Words("催收", "collect a loan"),
    "service.complaint.file": Words("提交投诉", "file a complaint"),
    "service.complaint.take": Words("受理投诉", "take a complaint on"),
    "service.complaint.answer": Words("答复投诉", "answer a complaint"),
    "service.task.ask": Words("提交后台任务", "ask for long work"),
    "service.task.carry_out": Words("执行后台任务", "carry out long work"),
    "regions.ground.set": Words("更换区域地图", "bring the county's own map"),
    "regions.month.publish": Words("发布区域数据", "publish figures by township"),
    "data.table.begin": Words("开始推送数据表", "begin to push rows of a table"),
    "data.table.push": Words("推送数据表", "push rows of a table into the lake"),
    "webhooks.endpoint.add": Words("新增推送地址", "add an endpoint of webhooks"),
    "webhooks.endpoint.rotate": Words("更换推送密钥", "replace an endpoint's secret"),
    "webhooks.endpoint.switch_off": Words("停用推送地址", "switch an endpoint off"),
    "webhooks.endpoint.switch_on": Words("启用推送地址", "switch an endpoint on"),
    "webhooks.delivery.send": Words("推送事件", "send events"),
    "webhooks.delivery.send_again": Words("重新推送", "send an event again"),
    "data.quarantine.take": Words("下载隔离行（原始值）", "take quarantined rows away, with their values"),
    "data.quarantine.try": Words("试读修正文件", "read a mended file"),
    "data.quarantine.mend": Words("提交修正的隔离行", "put mended rows into the lake"),
    "data.quarantine.begin": Words("开始提交修正的隔离行", "begin to put mended rows into the lake"),
    "data.quarantine.let_go": Words("放弃未提交的修正文件", "let go of a mended file that was not put in"),
    "data.quarantine.dismiss": Words("搁置隔离行", "dismiss quarantined rows"),
    "sharing.consent.request": Words("征求同意", "ask for a consent"),
    "sharing.consent.grant": Words("同意", "give a consent"),
    "sharing.consent.reject": Words("拒绝同意", "refuse a consent"),
    "sharing.consent.pause": Words("暂停同意", "pause a consent"),
    "sharing.consent.resume": Words("恢复同意", "resume a consent"),
    "sharing.consent.withdraw": Words("撤回同意", "withdraw a consent"),
    "sharing.consent.assist": Words("登记客户纸质签字", "record a customer's paper signature"),
    "sharing.consent.witness": Words("见证纸质签字", "witness a paper signature"),
    "sharing.consent.read": Words("查看同意与回执", "read consents and receipts"),
    "sharing.data.use": Words("凭同意读取商户数据", "read a merchant's data under a consent"),
}


def known(action: str) -> str:
    """The action's name, if it is one.

    Raises:
        UsageError: it is none.
    """
    if action not in ACTIONS:
        raise UsageError(f"action {action!r} is not registered; add it to suixin.server.audit.registry")
    return action
