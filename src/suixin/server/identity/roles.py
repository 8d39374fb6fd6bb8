"""The roles of a lender's house and of those around it."""

from django.db import models


class Kind(models.TextChoices):
    """What an organisation is."""

    BANK = "bank", "银行"
    MERCHANT = "merchant", "商户"
    PLATFORM = "platform", "电商平台"
    GOVERNMENT = "government", "政府"
    GUARANTEE_FUND = "guarantee_fund", "担保基金"
    INSURER = "insurer", "保险公司"


class Role(models.TextChoices):
    """What a person is within an organisation; `suixin.server.identity.access` says what each may do."""

    CUSTOMER_MANAGER = "customer_manager", "客户经理"
    REVIEWER = "reviewer", "审查"
    APPROVER = "approver", "审批"
    COMMITTEE = "committee", "贷审会"
    DISBURSEMENT = "disbursement", "放款"
    POST_LOAN = "post_loan", "贷后"
    COLLECTION = "collection", "催收"
    MODEL_OWNER = "model_owner", "模型负责人"
    VALIDATOR = "validator", "独立验证"
    AUDITOR = "auditor", "内审"
    VILLAGE_AGENT = "village_agent", "村级协办员"
    ADMINISTRATOR = "administrator", "管理员"
    OWNER = "owner", "商户本人"
    OPERATOR = "operator", "平台运营"
    OFFICIAL = "official", "政府工作人员"
    FUND_MANAGER = "fund_manager", "基金经办"
    CLAIMS = "claims", "理赔"
