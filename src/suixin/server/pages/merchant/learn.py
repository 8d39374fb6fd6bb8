"""Learning cards: what a borrower should know, in a minute each, with a question."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from suixin.server.identity.roles import Role
from suixin.server.pages.door import Visit, for_roles


@dataclass(frozen=True, slots=True)
class Text:
    """A text in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Card:
    """A card: what it says, and a question with its answers, of which one is right."""

    title: Text
    text: Text
    question: Text
    answers: tuple[Text, ...]
    right: int


CARDS = (
    Card(
        Text("年利率和每千元利息", "The annual rate, and the cost of a thousand"),
        Text(
            "年利率 6%，借 1,000 元整一年，利息 60 元；每月还一部分，欠得越来越少，利息大约只有一半。",
            "At 6 % a year, 1,000 yuan kept for a whole year cost 60. Repaid month by month you owe less and less, and "
            "the interest is about half of that.",
        ),
        Text(
            "同样的金额和利率，哪种还法利息最少？", "Same sum, same rate: which way costs the least interest?"
        ),
        (Text("到期一次还清", "All at the end"), Text("每月等额还", "Equal monthly instalments")),
        1,
    ),
    Card(
        Text("按农时还款", "Repaying with the season"),
        Text(
            "收成前少还、收成后多还，手头不紧，但欠得久一些，利息多一点。合同里写明多付多少元。",
            "Less before the harvest and more after it keeps cash in hand, but you owe for longer and pay a little more "
            "interest. The agreement says how many yuan more.",
        ),
        Text("按农时还款会多付利息吗？", "Does repaying with the season cost more interest?"),
        (Text("会，多一点，合同写明", "Yes, a little, and the agreement says how much"), Text("不会", "No")),
        0,
    ),
    Card(
        Text("逾期会怎样", "What a missed date does"),
        Text(
            "逾期部分按罚息利率计息，可能进入征信。有困难先打电话：受灾可以申请延期。",
            "What is overdue bears a penalty rate and may be told to the credit bureau. Call first if there is "
            "trouble: after a disaster the dates can be moved.",
        ),
        Text("遇到灾害还不上，先做什么？", "A disaster, and you cannot pay: what comes first?"),
        (
            Text("等催收", "Wait until somebody calls"),
            Text("马上联系银行申请延期", "Call the bank and ask to move the dates"),
        ),
        1,
    ),
    Card(
        Text("你的数据你做主", "Your data are yours"),
        Text(
            "每项授权分开给、随时可撤；每次查看都有凭条。撤回后不再读取新数据。",
            "Each consent is given by itself and can be withdrawn at any time; each use leaves a receipt. After a "
            "withdrawal nothing new is read.",
        ),
        Text("撤回授权后，银行还能看新订单吗？", "After you withdraw, may the bank look at new orders?"),
        (Text("不能", "No"), Text("能", "Yes")),
        0,
    ),
)


@require_GET
@for_roles(Role.OWNER)
def show(visit: Visit) -> HttpResponse:
    """The cards; an answer comes back with its card, and nobody keeps it."""
    given = {at: visit.GET.get(f"q{at}") for at in range(len(CARDS))}
    cards = [
        {"number": at, "card": card, "given": given.get(at), "is_right": given.get(at) == str(card.right)}
        for at, card in enumerate(CARDS)
    ]
    return render(visit, "merchant/learn.html", {"cards": cards})
