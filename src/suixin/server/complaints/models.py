"""The table of complaints."""

from typing import Any, ClassVar

from django.db import models

from suixin.server import tenancy

ACTOR = 80
WORDS = 1_000


class Complaint(tenancy.OrganisationModel):
    """Somebody is dissatisfied; from here it is followed to its answer."""

    never_deleted: ClassVar[bool] = True

    class State(models.TextChoices):
        """How far it has come."""

        OPEN = "open", "待答复"
        ANSWERED = "answered", "已答复"

    class Kind(models.TextChoices):
        """What it is about."""

        DATA = "data", "数据有误"
        DECISION = "decision", "额度或决定"
        PRICE = "price", "利率与收费"
        CONDUCT = "conduct", "服务或催收"
        PRIVACY = "privacy", "隐私与授权"
        OTHER = "other", "其他"

    class Channel(models.TextChoices):
        """How it came."""

        SELF = "self", "本人手机"
        COUNTER = "counter", "柜台"
        TELEPHONE = "telephone", "电话"
        LETTER = "letter", "信函"

    class Outcome(models.TextChoices):
        """What it was."""

        UPHELD = "upheld", "成立"
        PARTLY = "partly", "部分成立"
        REJECTED = "rejected", "不成立"

    class Cause(models.TextChoices):
        """Why it happened."""

        DATA = "data", "数据错误"
        PROCESS = "process", "流程"
        PEOPLE = "people", "人员"
        TERMS = "terms", "产品条款"
        SYSTEM = "system", "系统"
        NONE = "none", "无过错"

    number = models.CharField(max_length=30)
    merchant_id = models.CharField(max_length=100)
    about = models.CharField(max_length=40, blank=True)  # the number of an application or a loan
    kind = models.CharField(max_length=10, choices=Kind.choices)
    feature = models.CharField(max_length=60, blank=True)  # the figure that is disputed
    channel = models.CharField(max_length=10, choices=Channel.choices)
    words = models.CharField(max_length=WORDS)
    filed_by = models.CharField(max_length=ACTOR)
    filed_at = models.DateTimeField()
    filed_on = models.DateField()
    due_on = models.DateField(null=True)  # None where the policy names no time
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    owner = models.CharField(max_length=ACTOR, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    cause = models.CharField(max_length=10, choices=Cause.choices, blank=True)
    answer = models.CharField(max_length=WORDS, blank=True)
    answered_by = models.CharField(max_length=ACTOR, blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_on = models.DateField(null=True)

    class Meta(tenancy.OrganisationModel.Meta):
        """A number once; a figure is disputed once at a time; what is answered says what it was, and why."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["organisation", "number"], name="complaint_number"),
            models.UniqueConstraint(
                fields=["organisation", "merchant_id", "feature"],
                condition=models.Q(state="open") & ~models.Q(feature=""),
                name="complaint_disputed_once",
            ),
            models.CheckConstraint(
                condition=models.Q(feature="") | models.Q(kind="data"), name="complaint_feature"
            ),
            models.CheckConstraint(
                condition=models.Q(state="open", answered_at=None, outcome="")
                | (
                    models.Q(state="answered", answered_at__isnull=False)
                    & ~models.Q(outcome="")
                    & ~models.Q(cause="")
                ),
                name="complaint_answer",
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["organisation", "state", "due_on"], name="complaint_queue"),
            models.Index(fields=["organisation", "merchant_id"], name="complaint_merchant"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_open(self) -> bool:
        """Whether it waits for its answer."""
        return self.state == self.State.OPEN
