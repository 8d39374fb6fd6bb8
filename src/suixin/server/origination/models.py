"""The tables of origination: the desk, its policies, applications, decisions, opinions and appeals."""

from datetime import timedelta
from typing import Any, ClassVar

from django.db import models

from suixin.server import tenancy
from suixin.server.ledger.models import Book

MERCHANT = 100
ACTOR = 80
REASON = 500
LINES_KEPT = timedelta(days=1)
"""The cells of a file whose columns nobody has chosen."""
OPEN = ("filed", "review", "approval", "committee", "offered")
"""States of an application in which somebody still has to do something before it is signed or ends."""
STATES_EN = {
    "filed": "to be assessed",
    "review": "under review",
    "approval": "to be approved",
    "committee": "before the committee",
    "offered": "to be signed",
    "signed": "signed",
    "declined": "declined",
    "withdrawn": "withdrawn",
}
"""The states of an application in English; the Chinese words are the model's own labels."""


class PolicyRelease(tenancy.OrganisationModel):
    """A policy, word for word, from the day on which two people released it; the latest one is in force."""

    append_only: ClassVar[bool] = True

    hash = models.CharField(max_length=64)
    name = models.CharField(max_length=60)
    version = models.CharField(max_length=30)
    text = models.TextField()
    released_by = models.CharField(max_length=ACTOR)
    seconded_by = models.CharField(max_length=ACTOR, blank=True)
    released_at = models.DateTimeField()
    reason = models.CharField(max_length=REASON, blank=True)

    class Meta(tenancy.OrganisationModel.Meta):
        """Read by the latest."""

        indexes: ClassVar[list[Any]] = [models.Index(fields=["organisation", "id"], name="policy_order")]

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


class PolicyProposal(tenancy.OrganisationModel):
    """A policy that somebody proposes; another person releases it, or it is withdrawn. One at a time."""

    never_deleted: ClassVar[bool] = True

    class State(models.TextChoices):
        """What became of it."""

        OPEN = "open", "待发布"
        RELEASED = "released", "已发布"
        WITHDRAWN = "withdrawn", "已撤回"

    hash = models.CharField(max_length=64)
    text = models.TextField()
    reason = models.CharField(max_length=REASON)
    proposed_by = models.CharField(max_length=ACTOR)
    proposed_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    settled_by = models.CharField(max_length=ACTOR, blank=True)
    settled_at = models.DateTimeField(null=True)

    class Meta(tenancy.OrganisationModel.Meta):
        """One open proposal an organisation."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["organisation"], condition=models.Q(state="open"), name="policy_proposal_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.hash} {self.state}"


class Desk(tenancy.OrganisationModel):
    """Where an organisation lends: the book it lends from, and the lake it reads."""

    never_deleted: ClassVar[bool] = True

    book = models.ForeignKey(Book, on_delete=models.PROTECT, related_name="+")
    lake = models.CharField(max_length=500)  # a folder of this machine
    demo = models.BooleanField(default=False)  # seeded providers: a typed name and a shown code sign

    class Meta(tenancy.OrganisationModel.Meta):
        """One an organisation."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["organisation"], name="desk_once")
        ]

    def __str__(self) -> str:
        return f"desk of {self.organisation_id}"


class Application(tenancy.OrganisationModel):
    """Somebody asks for a loan; from here its way is followed to the signed contract."""

    never_deleted: ClassVar[bool] = True

    class State(models.TextChoices):
        """How far an application has come."""

        FILED = "filed", "待评估"
        REVIEW = "review", "待审查"
        APPROVAL = "approval", "待审批"
        COMMITTEE = "committee", "待贷审会"
        OFFERED = "offered", "待签约"
        SIGNED = "signed", "已签约"
        DECLINED = "declined", "已拒绝"
        WITHDRAWN = "withdrawn", "已撤回"

    class Channel(models.TextChoices):
        """How it came."""

        SELF = "self", "本人手机"
        ASSISTED = "assisted", "员工协助"
        BULK = "bulk", "批量导入"
        API = "api", "系统接口"

    book = models.ForeignKey(Book, on_delete=models.PROTECT, related_name="applications")
    number = models.CharField(max_length=30)
    merchant_id = models.CharField(max_length=MERCHANT)
    amount_minor = models.BigIntegerField()
    purpose = models.CharField(max_length=60)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    by_people = models.BooleanField(default=False)  # the applicant refuses a decision by the machine alone
    filed_by = models.CharField(max_length=ACTOR)
    filed_at = models.DateTimeField()
    filed_on = models.DateField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.FILED)
    automatic = models.BooleanField(default=False)  # the policy decided by itself
    granted_minor = models.BigIntegerField(default=0)  # the limit
    rate_ppm = models.IntegerField(default=0)
    agreement = models.TextField(blank=True)  # what was signed, word for word
    signature = models.JSONField(null=True)  # who signed it, how, and its SHA-256
    facility = models.CharField(max_length=40, blank=True)
    settled_at = models.DateTimeField(null=True)  # declined, withdrawn or signed

    class Meta(tenancy.OrganisationModel.Meta):
        """A number once; one open application a merchant."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["organisation", "number"], name="application_number"),
            models.UniqueConstraint(
                fields=["organisation", "merchant_id"],
                condition=models.Q(state__in=list(OPEN)),
                name="application_open_once",
            ),
            models.CheckConstraint(condition=models.Q(amount_minor__gt=0), name="application_amount"),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["organisation", "state", "id"], name="application_queue"),
            models.Index(fields=["organisation", "merchant_id"], name="application_merchant"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do something before it is signed or ends."""
        return self.state in OPEN


class DecisionRecord(tenancy.OrganisationModel):
    """A decision as it was made: the whole document, and the case that makes it again (`origination.documents`)."""

    append_only: ClassVar[bool] = True

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="decisions")
    decision_id = models.CharField(max_length=64)
    outcome = models.CharField(max_length=10)
    score = models.FloatField()
    grade = models.CharField(max_length=10)
    pd = models.FloatField()
    limit_minor = models.BigIntegerField()
    document = models.TextField()
    case = models.TextField()
    evidence = models.JSONField(default=list)
    digest = models.CharField(max_length=64)  # SHA-256 of document and case
    policy = models.ForeignKey(PolicyRelease, on_delete=models.PROTECT, related_name="+")
    made_by = models.CharField(max_length=ACTOR)
    made_at = models.DateTimeField()

    class Meta(tenancy.OrganisationModel.Meta):
        """The latest of an application supersedes those before it."""

        indexes: ClassVar[list[Any]] = [models.Index(fields=["application", "id"], name="decision_order")]

    def __str__(self) -> str:
        return self.decision_id


class Opinion(tenancy.OrganisationModel):
    """What somebody said in a case, and why: a review, an approval, a vote, an appeal and its answer."""

    append_only: ClassVar[bool] = True

    class Stage(models.TextChoices):
        """In which part of the case."""

        FILE = "file", "提交"
        POLICY = "policy", "系统评估"
        REVIEW = "review", "审查"
        APPROVAL = "approval", "审批"
        COMMITTEE = "committee", "贷审会"
        SIGNATURE = "signature", "签约"
        APPEAL = "appeal", "申诉"
        WITHDRAWAL = "withdrawal", "撤回"

    class Verdict(models.TextChoices):
        """What was said."""

        NOTED = "noted", "已登记"
        APPROVE = "approve", "同意"
        REFER = "refer", "转人工"
        DECLINE = "decline", "不同意"

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="opinions")
    stage = models.CharField(max_length=10, choices=Stage.choices)
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    amount_minor = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=REASON, blank=True)
    by = models.CharField(max_length=ACTOR)
    on = models.DateField()  # the book's business date
    at = models.DateTimeField()

    class Meta(tenancy.OrganisationModel.Meta):
        """In the order in which they came."""

        indexes: ClassVar[list[Any]] = [models.Index(fields=["application", "id"], name="opinion_order")]

    def __str__(self) -> str:
        return f"{self.stage} {self.verdict}"


class SiteVisit(tenancy.OrganisationModel):
    """Somebody went and looked, before the decision or after money was paid out; what was wrong is said in another one."""

    append_only: ClassVar[bool] = True

    class Kind(models.TextChoices):
        """When."""

        BEFORE = "before", "贷前调查"
        AFTER = "after", "贷后检查"

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="visits")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    on = models.DateField()
    place = models.CharField(max_length=100)
    with_whom = models.CharField(max_length=60, blank=True)  # who went along
    findings = models.CharField(max_length=1_000)
    used_as_agreed = models.BooleanField(null=True)  # the money, once it was paid out
    by = models.CharField(max_length=ACTOR)
    at = models.DateTimeField()

    class Meta(tenancy.OrganisationModel.Meta):
        """In the order in which they were written down; money has a use only after it was paid out."""

        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=models.Q(kind="before", used_as_agreed=None)
                | models.Q(kind="after", used_as_agreed__isnull=False),
                name="visit_use",
            )
        ]
        indexes: ClassVar[list[Any]] = [models.Index(fields=["application", "id"], name="visit_order")]

    def __str__(self) -> str:
        return f"{self.kind} {self.on}"


class Dossier(tenancy.OrganisationModel):
    """A due-diligence file as it was sealed: its bytes, their SHA-256, and what was missing in it then."""

    append_only: ClassVar[bool] = True

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="dossiers")
    digest = models.CharField(max_length=64)
    gaps = models.JSONField()  # codes of `origination.dossier.checks`
    content = models.BinaryField()  # a ZIP archive
    made_by = models.CharField(max_length=ACTOR)
    made_at = models.DateTimeField()

    class Meta(tenancy.OrganisationModel.Meta):
        """The latest last."""

        indexes: ClassVar[list[Any]] = [models.Index(fields=["application", "id"], name="dossier_order")]

    def __str__(self) -> str:
        return self.digest


class ApplicationBatch(tenancy.OrganisationModel):
    """A file of applications: what was read, what is wrong with it, what was filed of it, once, and whether it was undone.

    Its cells are kept only while nobody has said which column is which, and for `LINES_KEPT` at most: they may hold more of a
    person than an application needs.
    """

    never_deleted: ClassVar[bool] = True

    digest = models.CharField(max_length=64)  # SHA-256 of the file
    name = models.CharField(max_length=100)
    heads = models.JSONField(default=list)  # the headings, '' where none stands
    columns = models.JSONField(default=dict)  # column -> its place among them
    chosen = models.BooleanField(default=False)  # by a person; a file with the same headings goes by it
    lines = models.JSONField(null=True)  # number and cells a row, until the columns are known
    rows = (
        models.JSONField()
    )  # those that are filed, in the order of `filed`, and behind them those that can be
    faults = models.JSONField()  # a row, a column, a value, and the mend each
    read_by = models.CharField(max_length=ACTOR)
    read_at = models.DateTimeField()
    filed = models.JSONField(default=list)  # the numbers of the applications
    filed_by = models.CharField(max_length=ACTOR, blank=True)
    filed_at = models.DateTimeField(null=True)
    taken_back_by = models.CharField(max_length=ACTOR, blank=True)
    taken_back_at = models.DateTimeField(null=True)
    taken_back_why = models.CharField(max_length=REASON, blank=True)

    class Meta(tenancy.OrganisationModel.Meta):
        """A file once, unless it was taken back."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["organisation", "digest"],
                condition=models.Q(taken_back_at=None),
                name="application_batch_once",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def left(self) -> int:
        """Rows that are still to be filed."""
        return len(self.rows) - len(self.filed)
