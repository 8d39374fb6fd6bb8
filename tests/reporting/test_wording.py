"""Every word that a report says is there in Chinese, keeps its figures, and reads right for one and for many."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from suixin import cli, reporting
from suixin.adapters import ADAPTERS
from suixin.errors import UsageError
from suixin.features.feature import Unit
from suixin.features.registry import FAMILIES, FEATURES
from suixin.lake.source import ROUTES
from suixin.lending.schedule import Method
from suixin.reporting import letter, model_phrases, phrases, why_phrases
from suixin.reporting.catalogue import FOLDER, compiled, read_catalogue
from suixin.reporting.columns import COLUMNS, DECISION_COLUMNS
from suixin.reporting.tables import SCHEMA
from suixin.reporting.wording import both, words
from suixin.underwriting import steps
from suixin.underwriting.capacity import CapacityPart
from suixin.underwriting.decision import Hint, LimitComponent, Outcome, Reason
from suixin.underwriting.forecast import basis_parts
from suixin.underwriting.policy import shipped_policy
from suixin.underwriting.standing import Standing

ASSETS = Path(reporting.__file__).parent / "assets"
ZH, EN = words("zh"), words("en")
CJK = re.compile(r"[\u4e00-\u9fff]")
FIELD = re.compile(r"\{\w+\}")


def said() -> Iterator[str]:
    """Every msgid that code can ask for: of features, codes, components, columns, the page and the workbook."""
    for feature in FEATURES.values():
        yield from (
            feature.label,
            phrases.SINGULAR.get(feature.sentence, feature.sentence),
            feature.unit.value,
        )
    for phrase in (*phrases.CHECKS.values(), *phrases.RULES.values()):
        yield from (phrase.label, phrases.SINGULAR.get(phrase.sentence, phrase.sentence))
    yield from (phrases.GENERIC_RULE, phrases.GENERIC_ABOVE, phrases.GENERIC_BELOW, phrases.UNKNOWN)
    yield from (phrases.HINT_UP, phrases.HINT_DOWN)
    for one, _ in (*phrases.UNIT_WORDS.values(), *phrases.COUNT_WORDS.values()):
        yield one
    tables = (
        "OUTCOMES",
        "METHODS",
        "LIMIT_NAMES",
        "PRICE_NAMES",
        "CAPACITY_NAMES",
        "CAPACITY_BASES",
        "COST_NAMES",
        "WHY_NOTES",
        "BASES",
        "PD_BASES",
        "SALES_SOURCES",
        "COST_TIMES",
        "DIMENSIONS",
        "GROUPS",
        "ROUTES",
        "FAMILIES",
    )
    for table in (*tables, "RUN_FACTS"):
        yield from getattr(phrases, table).values()
    yield from why_phrases.NAMES.values()
    yield from (one for one, _ in (*phrases.STANDINGS.values(), *phrases.STANDINGS_TOLD.values()))
    yield from (one for one in steps.FORMULAS.values() if re.search("[a-z]{2}", FIELD.sub("", one)))
    for told in (model_phrases.KINDS, model_phrases.FIGURES, model_phrases.VERDICTS, model_phrases.TEXTS):
        yield from told.values()
    yield from (*letter.OPENING.values(), letter.AGAINST, letter.HELP, letter.RIGHTS)
    yield from (letter.OFFICER, *letter.OFFICER_OUT.values(), *letter.NO_LONGER.values())
    yield from (letter.LOW_FOR_DEBT, letter.LOW_FOR_ROOM, letter.LOW_FOR_CEILING, letter.LOW_FOR_OWED)
    for column in COLUMNS.values():
        yield from (column.label, column.unit, column.about)
    for asset in sorted(ASSETS.iterdir()):
        text = asset.read_text(encoding="utf-8")
        yield from re.findall(r"\bt\('([^']*)'", text)
        yield from re.findall(r"(?:\bt\(|data-t=|data-label=)\"([^\"]*)\"", text)
    commands = Path(cli.__file__).parent
    spoken = [commands / f"{name}.py" for name in ("policy_compared", "policy_diff", "whatif")]
    for module in [*sorted(ASSETS.parent.glob("*.py")), *spoken]:
        text = module.read_text(encoding="utf-8")
        yield from re.findall(r"(?:\.text|both|\.section)\(\s*\"([^\"]*)\"", text)
    for adapter in ADAPTERS.values():
        yield from vars(adapter)["ASSUMPTIONS"]


def chinese() -> dict[str, str]:
    """Msgid -> Chinese words, a plural under its singular."""
    return {
        (message.id if isinstance(message.id, str) else message.id[0]): (
            message.string if isinstance(message.string, str) else message.string[0]
        )
        for message in read_catalogue()
        if message.id
    }


def test_everything_that_is_said_has_chinese_words() -> None:
    """A Chinese reader never meets a sentence in English."""
    found = chinese()
    assert [msgid for msgid in dict.fromkeys(said()) if not CJK.search(found.get(msgid, ""))] == []


def test_no_chinese_sentence_loses_or_invents_a_figure() -> None:
    """A reason without its figure explains nothing."""
    wrong = {
        msgid: text
        for msgid, text in chinese().items()
        if set(FIELD.findall(msgid)) != set(FIELD.findall(text))
    }
    assert wrong == {}


def test_the_workbooks_heads_have_chinese_words() -> None:
    """Heads that are passed on as plain arguments are found in the written summary itself."""
    source = (ASSETS.parent / "summarysheet.py").read_text(encoding="utf-8")
    heads = re.findall(r"\"([a-z][a-z ,-]+|[A-Z][a-z]+ [a-z ]+)\"", source)
    styles = {
        "text",
        "count",
        "money",
        "rate",
        "header",
        "section",
        "note",
        "title",
        "line",
        "column",
        "summary",
    }
    options = {"stacked", "bottom", "name", "categories", "values", "fill", "color", "gap", "type", "subtype"}
    options |= {"size", "position", "zh", "en"}
    assert [head for head in heads if head not in styles | options and head not in chinese()] == []


def test_every_code_of_a_decision_has_words() -> None:
    """A code that is added without words is found here, not by a customer."""
    policy = shipped_policy("CNY").policy
    assert {rule.code: rule.feature for rule in policy.rules} == {
        code: phrase.feature for code, phrase in phrases.RULES.items()
    }
    decide = (ASSETS.parent.parent / "underwriting" / "decide.py").read_text(encoding="utf-8")
    assert set(re.findall(r"_check\(\s*\"(\w+)\"", decide)) == set(phrases.CHECKS)
    assert set(phrases.OUTCOMES) == set(Outcome)
    assert set(phrases.METHODS) == set(Method)
    assert set(phrases.ROUTES) == set(ROUTES)
    assert set(phrases.FAMILIES) == {family.name for family in FAMILIES}
    assert set(phrases.COUNT_WORDS) == {f.name for f in FEATURES.values() if f.unit is Unit.COUNT}
    assert set(DECISION_COLUMNS) == set(SCHEMA)


def test_every_component_of_a_real_decision_has_words(county) -> None:
    """Names of components are made in limit.py, price.py and forecast.py; here they are met in decisions."""
    decisions = county(2000).decisions
    # no policy that ships has a ladder, or charges a fee; nobody here grows what he sells, or brushes
    # fields are in tests/underwriting/test_season_input.py
    unused = {"season_input", "ladder", "ladder_discount", "upfront_fee", "subsidy", "all_in_after_subsidy"}
    assert {part.name for d in decisions for part in d.limit_components} == set(phrases.LIMIT_NAMES) - unused
    assert {part.name for d in decisions for part in d.price_components} == set(phrases.PRICE_NAMES) - unused
    assert {part.name for d in decisions for part in d.capacity} == set(phrases.CAPACITY_NAMES) - {
        "produce_loss",
        "doubted_sales",
        "shortfall",
    }
    assert {part.basis for d in decisions for part in d.capacity} - {""} <= set(phrases.CAPACITY_BASES)
    offered = [d.terms for d in decisions if d.terms]
    assert {item.code for terms in offered for item in terms.costs} == set(phrases.COST_NAMES) - unused
    assert {basis_parts(d.forecast.basis)[0] for d in decisions} == set(phrases.BASES)
    assert {d.pd_basis for d in decisions} <= set(phrases.PD_BASES)
    for lang in (ZH, EN):
        sentences = {lang.reason(reason, "CNY") for d in decisions for reason in d.reasons}
        assert not [text for text in sentences if FIELD.search(text)]


def test_every_count_has_a_sentence_for_one() -> None:
    """Nobody has '1 lenders'."""
    sentences = [f.sentence for f in FEATURES.values() if f.unit is Unit.COUNT]
    assert [sentence for sentence in sentences if sentence not in phrases.SINGULAR] == []
    one = Reason("card.lenders", "lenders", 1.0)
    assert EN.reason(one, "CNY") == "1 lender"
    assert EN.reason(replace(one, value=2.0), "CNY") == "2 lenders"
    assert ZH.reason(one, "CNY") == "1家贷款机构"
    assert EN.value("orders_90d", 1.0, "CNY") == "1 order"


@pytest.mark.parametrize(
    ("name", "value", "zh", "en"),
    [
        ("gmv_365d", 123456.785, "12.35万元", "¥123,456.79"),  # halves away from zero, as money is
        ("gmv_365d", 8530.99, "8,530.99元", "¥8,530.99"),
        ("top_buyer_share", 0.1234, "12.3%", "12.3%"),
        ("growth_yoy_90d", 0.25, "+25.0%", "+25.0%"),
        ("growth_yoy_90d", -0.0001, "0.0%", "0.0%"),
        ("growth_yoy_90d", -0.5, "-50.0%", "-50.0%"),
        ("trading_days", 1.0, "1天", "1 day"),
        ("trading_days", 1858.0, "1,858天", "1,858 days"),
        ("delivery_days_180d", 3.46, "3.5天", "3.5 days"),
        ("longest_gap_52w", 1.0, "1周", "1 week"),
        ("selling_months_12m", 7.0, "7个月", "7 months"),
        ("review_mean_365d", 4.5, "4.5星", "4.5 stars"),
        ("weekly_cv_52w", 1.005, "1", "1"),  # 1.005 lies below the half in binary
        ("buyer_hhi", 0.125, "0.13", "0.13"),
        ("lenders", 3.0, "3家", "3 lenders"),
        ("lenders", None, "未知", "unknown"),
        ("weekly_cv_52w", float("inf"), "未知", "unknown"),
        ("a_new_feature", 1234.5, "1,234.5", "1,234.5"),
    ],
)
def test_a_value_is_written_by_its_unit(name, value, zh, en) -> None:
    """A figure without its unit is misread."""
    assert (ZH.value(name, value, "CNY"), EN.value(name, value, "CNY")) == (zh, en)


@pytest.mark.parametrize(
    ("reason", "zh", "en"),
    [
        (
            Reason("check.score_below_approve", "", 612.54, 620.0, outcome="refer"),
            "得分612.5，低于620分，不能由系统直接通过",
            "the score of 612.5 is below the accept line of 620",
        ),
        (
            Reason("check.price_above_cap", "", 0.1534, 0.15, outcome="decline"),
            "测算利率15.34%，超过上限15.00%",
            "the price would be 15.34%, above the cap of 15.00%",
        ),
        (Reason("check.bureau_missing", outcome="refer"), "没有征信报告", "there is no credit bureau report"),
        (
            Reason("check.limit_below_minimum", "", 600.0, 1000.0, outcome="decline"),
            "测算额度600.00元，低于起贷额1,000.00元",
            "the limit would be ¥600.00, below the smallest loan of ¥1,000.00",
        ),
        (
            Reason("rule.one_buyer", "top_buyer_share", 0.91, 0.8, outcome="refer"),
            "91.0%的销售来自同一买家，政策允许80.0%以内",
            "91.0% of sales go to one buyer; the policy allows 80.0%",
        ),
        (  # a user's own rule
            Reason("rule.few_reviews", "reviews_365d", 3.0, 10.0, outcome="refer"),
            "近12个月评价数：3条，低于政策界限10条",
            "reviews, 12 months: 3 reviews, below the policy's bound of 10 reviews",
        ),
        (  # a shipped code that a user's policy gives another feature: the shipped words would be wrong
            Reason("rule.too_young", "invoice_history_days", 30.0, 90.0, outcome="decline"),
            "开票时长：30天，低于政策界限90天",
            "invoice history: 30 days, below the policy's bound of 90 days",
        ),
        (
            Reason("check.brand_new", outcome="refer"),
            "规则 brand new：brand new",
            "rule brand new: brand new",
        ),
    ],
)
def test_a_reason_is_a_sentence_with_its_figures(reason, zh, en) -> None:
    """What a merchant is told is exact, also for rules that the library has never seen."""
    assert (ZH.reason(reason, "CNY"), EN.reason(reason, "CNY")) == (zh, en)


def test_a_hint_says_from_where_to_where_and_for_how_much() -> None:
    """A hint that names no figure helps nobody."""
    hint = Hint("late_handover_share_180d", 0.21, 0.12, 1_250_000)
    assert ZH.hint(hint, "CNY") == "延迟揽收占比从21.0%降到12.0%以下，额度可增加1.25万元"
    assert (
        EN.hint(hint, "CNY")
        == "late hand-overs: from 21.0% to below 12.0%, and the limit rises by ¥12,500.00"
    )
    more = Hint("trading_days", 150.0, 180.0, 500_000)
    assert (
        EN.hint(more, "CNY")
        == "trading history: from 150 days to 180 days or more, and the limit rises by ¥5,000.00"
    )


def test_the_basis_of_a_forecast_names_the_peers() -> None:
    """Who is judged by others' seasons is told by whose, and by how many."""
    basis = "peers:茶叶/999901101/1000-10000:1204"
    assert ZH.basis(basis) == "历史太短，按1,204户同类商户（茶叶/999901101/1000-10000）判断农时"
    assert (
        EN.basis("own_and_peers:all:57")
        == "season read from its own years and from 57 merchants like it (all)"
    )
    assert ZH.basis("own_and_peers:all:57") == "按自身往年销售和57户同类商户（全部）判断农时"
    assert EN.basis("two_years") == "two years"  # of an earlier release


def test_how_a_shop_stands_is_told_with_its_figures() -> None:
    """Silent, fallen, grown; the merchant hears what keeps a limit low; nothing where nothing is to be told."""
    silent = Standing(24, 5, 0.123, 300_000, 500_000)
    assert ZH.standing(silent, "CNY") == "最近5个月没有成交：店铺仍在经营的概率为12%，预测只按这个概率计"
    once = replace(silent, silent_months=1)
    assert EN.standing(once, "CNY").startswith("1 month without a sale: the shop still trades with")
    fallen = Standing(24, 0, 1.0, 300_000, 500_000)
    assert EN.standing(fallen, "CNY") == (
        "sales have fallen: ¥3,000.00 in an average month now, ¥5,000.00 over the 24 months known; "
        "the forecast starts from now"
    )
    assert ZH.standing(fallen, "CNY", told=True) == "平均每月销售额由5,000.00元降到3,000.00元"
    grown = Standing(24, 0, 1.0, 500_000, 300_000)
    assert ZH.standing(grown, "CNY").startswith("销售增长：目前平均每月5,000.00元")
    steady = Standing(24, 0, 1.0, 500_000, 500_000)
    told = [EN.standing(grown, "CNY", told=True), EN.standing(steady, "CNY"), EN.standing(None, "CNY")]
    assert told == ["", "", ""]


def test_a_limit_too_low_is_put_down_to_a_silence_where_the_coming_sales_hold_it(county) -> None:
    """The merchant hears it after the check; not where another ceiling holds the limit."""
    decision = county(20).decisions[0]
    low = Reason("check.limit_below_minimum", "", 0.0, 1_000.0, outcome="decline")
    held = replace(decision.forecast, standing=Standing(24, 5, 0.12, 300_000, 500_000))

    def told(binding: str) -> list[str]:
        ceilings = (LimitComponent(binding, 0, True), LimitComponent("limit", 0))
        changed = replace(decision, reasons=(low,), limit_components=ceilings, forecast=held)
        return letter.against(changed, EN)

    left = sum(part.amount_fen for part in decision.capacity if part.name in ("margin", "living"))
    first = "the limit would be ¥0.00, below the smallest loan of ¥1,000.00"
    assert told("repayment_capacity") == [
        first,
        "5 months without a sale, so little can be counted on in the months to come",
        f"in a bad year {EN.money(left, 'CNY')} is left for repaying loans over the term",
    ]
    assert told("product_cap") == [first, "what holds the limit: product cap"]


def test_a_threshold_is_told_on_the_side_that_helps(county) -> None:
    """Two lenders lie in the worse band of two and more: below two it would not count; of buyers forty and more help."""
    decision = county(20).decisions[0]
    lenders = Reason("card.lenders", "lenders", 2.0, 2.0, -2.0)
    told = letter.to_merchant(lenders, decision, EN)
    assert told == "2 lenders; below 2 lenders it would no longer count against you"
    repeat = Reason("card.repeat_buyer_share", "repeat_buyer_share", 0.04, 0.15, -2.0)
    assert letter.to_merchant(repeat, decision, ZH).endswith("；达到15.0%及以上，则不再对您不利")
    assert letter.to_officer(lenders, decision, EN).endswith("nil below 2 lenders")


def test_items_of_the_card_are_no_reasons_where_the_score_was_none(county) -> None:
    """A good score and a limit that debts eat: the check and the debts are told, not what cost a few points."""
    decision = next(
        d for d in county(20).decisions if any(r.points < 0 and r.value is not None for r in d.reasons)
    )
    low = Reason("check.limit_below_minimum", "", 0.0, 1_000.0, outcome="decline")
    card = tuple(reason for reason in decision.reasons if not reason.outcome)
    ceilings = (LimitComponent("repayment_capacity", 0, True), LimitComponent("limit", 0))
    capacity = (
        CapacityPart("margin", 500_000),
        CapacityPart("living", -200_000),
        CapacityPart("debt_service", -900_000),
    )
    changed = replace(
        decision,
        outcome=Outcome.DECLINE,
        reasons=(low, *card),
        limit_components=ceilings,
        capacity=capacity,
        forecast=replace(decision.forecast, standing=None),
    )
    assert letter.against(changed, EN)[1:] == [
        "other loans ask for ¥9,000.00 over the term; in a bad year ¥3,000.00 is left for all loans"
    ]


def test_nobody_is_told_what_another_of_the_household_owes(county) -> None:
    """Where the wife's stall owes too, no sum, ratio or number of lenders is named to the merchant, and no hint halves it."""
    decision = county(20).decisions[0]
    low = Reason("check.limit_below_minimum", "", 0.0, 1_000.0, outcome="decline")
    lenders = Reason("rule.too_many_lenders", "lenders", 5.0, 3.0, outcome="refer")
    burden = Reason("card.debt_to_sales", "debt_to_sales", 0.7, 0.6, -20.0)
    ceilings = (
        LimitComponent("sales_multiple", 900_000, True),
        LimitComponent("existing_debt", -876_500),
        LimitComponent("limit", 20_000),
    )
    capacity = (
        CapacityPart("margin", 500_000),
        CapacityPart("living", -200_000),
        CapacityPart("debt_service", -912_300),
    )
    figures = {
        "household_debt": 8_765.0,
        "monthly_debt_service": 760.25,
        "lenders": 5.0,
        "debt_to_sales": 0.7,
    }
    half, late = (
        Hint(name, value, value / 2, 70_000)
        for name, value in (("monthly_debt_service", 760.25), ("late_handover_share_180d", 0.3))
    )
    changed = replace(
        decision,
        outcome=Outcome.DECLINE,
        reasons=(low, lenders, burden),
        limit_components=ceilings,
        capacity=capacity,
        forecast=replace(decision.forecast, standing=None),
        raise_hints=(half, late),
        features={**decision.features, **figures, "other_shops_owing": 0.0},
    )
    held = replace(changed, limit_components=(LimitComponent("repayment_capacity", 0, True), ceilings[-1]))
    alone = letter.letter(changed, "en") + letter.letter(held, "en")
    assert all(told in alone for told in ("8,765", "9,123", "loans from 5 lenders", "760.25"))
    for one in (changed, held):
        shared = replace(one, features={**one.features, "other_shops_owing": 1.0})
        for lang in ("zh", "en"):
            told = letter.letter(shared, lang)
            assert not any(figure in told for figure in ("8,765", "9,123", "760.25", "5 lenders", "5家"))
        assert letter.hints_to_merchant(shared, EN) == [EN.hint(late, "CNY")]
        assert "70" not in letter.to_merchant(burden, shared, EN)
        named = {letter.value_to_merchant(name, shared, EN) for name in figures}
        assert named == {"with other shops of your household"}
        assert letter.value_to_merchant("lenders", one, EN) == "5 lenders"


def test_braces_in_data_are_no_placeholders() -> None:
    """Text from data cannot pull another field into a sentence."""
    assert EN.text("{n} of {all} merchants", n="{all}", all="7") == "{all} of 7 merchants"


def test_labels_for_counting_reasons() -> None:
    """The summary counts reasons under labels without figures."""
    assert ZH.reason_label("check.no_sales", "") == "近12个月无销售"
    assert EN.reason_label("rule.own_code", "lenders") == "rule own code: lenders"
    assert EN.reason_label("card.lenders", "lenders") == "lenders"
    assert both("approve") == "同意 approve"
    assert both("nothing of the kind") == "nothing of the kind"


def test_a_language_that_is_not_there_is_refused() -> None:
    """A slip in the language is told at once."""
    with pytest.raises(UsageError, match="language 'fr' is unknown; use zh or en"):
        words("fr")


def test_the_compiled_catalogue_is_fresh() -> None:
    """Who changes suixin.po runs `python -m suixin.reporting.catalogue`."""
    assert (FOLDER / "suixin.mo").read_bytes() == compiled()
