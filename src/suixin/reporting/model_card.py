"""The model card: what a model is, what it learned from, how good it is and for whom, on one page (Mitchell et al. 2019)."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from suixin.features.registry import FEATURES
from suixin.reporting.model_phrases import FIGURES, KINDS, TEXTS, VERDICTS
from suixin.reporting.wording import Words, words

Document = Mapping[str, Any]
_MOST_FEATURES = 40
_EDGE_DECIMALS = 4


def model_card(documents: Mapping[str, Document], language: str) -> str:
    """The card as Markdown.

    Args:
        documents: model.json, metrics.json, proof.json and, for a scorecard, card.json.
        language: 'zh' or 'en'.
    """
    say = words(language)
    model, metrics = documents["model.json"], documents["metrics.json"]
    parts = [
        [f"# {_t(say, 'title')}: {say.text(KINDS[model['kind']])}", "", _t(say, "use")],
        _what(say, model),
        _data(say, model["training"], metrics),
        _good(say, metrics),
        _features(say, model, documents["proof.json"]),
        crossed(say, documents.get("card.json", {})),
        _loss(say, metrics),
        _groups(say, metrics["groups"]),
        _left(say, metrics),
        ["", f"## {_t(say, 'limits')}", "", _t(say, "limits_text")],
    ]
    return "\n".join(line for part in parts for line in part) + "\n"


def _t(say: Words, name: str, **fields: str) -> str:
    return say.text(TEXTS[name], **fields)


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    cells = [[_cell(cell) for cell in row] for row in (header, *rows)]
    lines = [f"| {' | '.join(row)} |" for row in cells]
    return ["", lines[0], "|" + "---|" * len(header), *lines[1:]]


def _cell(text: str) -> str:
    return text.replace("|", "/").replace("\n", " ").replace("<", "&lt;")


def _what(say: Words, model: Document) -> list[str]:
    training = model["training"]
    rows = [
        [_t(say, "kind"), say.text(KINDS[model["kind"]])],
        [_t(say, "definition"), training["definition"]],
        [_t(say, "horizon"), _horizon(model)],
        [_t(say, "owner"), training["owner"] or _t(say, "nobody")],
    ]
    return ["", f"## {_t(say, 'what')}", *_table(["", ""], rows)]


def _horizon(model: Document) -> str:
    low, high = model["training"]["horizons"]
    days = str(model["horizon_days"])
    return days if low == high else f"{days} ({low} – {high})"


def _data(say: Words, training: Document, metrics: Document) -> list[str]:
    span = _t(say, "to", first=training["as_of_from"], last=training["as_of_to"])
    rows = [
        [_t(say, "rows"), say.number(training["rows"])],
        [_t(say, "defaults"), say.number(training["defaults"])],
        [_t(say, "indeterminate"), say.number(training["immature"])],
        [_t(say, "span"), span],
        [_t(say, "on"), training["on"]],
        [_t(say, "sources"), ", ".join(training["sources"])],
        [_t(say, "rejects"), metrics["rejects"] or _t(say, "rejects_off")],
    ]
    return ["", f"## {_t(say, 'data')}", *_table(["", ""], rows)]


def _good(say: Words, metrics: Document) -> list[str]:
    checked = metrics["validation"]
    how = _t(say, "good_how", parts=str(checked["parts"]), repeats=str(len(checked["seeds"])))
    header = [_t(say, "figure"), _t(say, "mean"), _t(say, "interval")]
    rows = [[say.text(FIGURES[name]), *_estimate(say, found)] for name, found in metrics["metrics"].items()]
    found = ["", f"## {_t(say, 'good')}", "", how, *_table(header, rows)]
    found += [
        "",
        _t(say, "floor", floor=say.number(checked["ece_floor"], 4)),
        "",
        f"### {_t(say, 'candidates')}",
    ]
    names = ("auc", "ks", "brier", "ece")
    header = ["", *(say.text(FIGURES[name]) for name in names), _t(say, "chosen")]
    found += _table(
        header,
        (
            [say.text(KINDS[family]), *(_estimate(say, by_name[name])[0] for name in names),
             say.number(checked["chosen"].get(family, 0)) if family != "champion" else ""]
            for family, by_name in checked["figures"].items()
        ),
    )  # fmt: skip
    if checked["out_of_time"]:
        later = checked["out_of_time"]
        found += ["", f"### {_t(say, 'later', day=later['from'])}"]
        found += _table(
            ["", *(say.text(FIGURES[name]) for name in names)],
            (
                [say.text(KINDS[family]), *(say.number(by_name[name], 4) for name in names)]
                for family, by_name in later["figures"].items()
            ),
        )
    return found


def _estimate(say: Words, figure: Document) -> tuple[str, str]:
    mean = "" if figure["mean"] is None else say.number(figure["mean"], 4)
    if figure["low"] is None:
        return mean, ""
    return mean, f"{say.number(figure['low'], 4)} – {say.number(figure['high'], 4)}"


def _features(say: Words, model: Document, proof: Document) -> list[str]:
    proved = {one["feature"]: say.text(VERDICTS[one["verdict"]]) for one in proof["directions"]}
    names = [feature["name"] for feature in model["features"]]
    weights = model["typical"]["weight"]
    whole = sum(weights) or 1.0
    ranked = sorted(zip(names, weights, strict=True), key=lambda pair: (-pair[1], pair[0]))[:_MOST_FEATURES]
    rows = [
        [say.feature_label(name) if name in FEATURES else name, say.percent(weight / whole),
         _t(say, FEATURES[name].direction.value if name in FEATURES else "neutral"), proved.get(name, "")]
        for name, weight in ranked
    ]  # fmt: skip
    header = [_t(say, name) for name in ("feature", "share", "direction", "proof")]
    return ["", f"## {_t(say, 'features')}", *_table(header, rows)]


def crossed(say: Words, card: Document) -> list[str]:
    """The tables of a scorecard's pairs, each band of one feature against each of the other; nothing without pairs."""
    tables: list[str] = []
    for item in card.get("crossed", ()):
        first, second = (say.feature_label(name) if name in FEATURES else name for name in item["features"])
        down, across = (_bands(say, edges) for edges in item["edges"])
        rows = ([band, *map(say.number, points)] for band, points in zip(down, item["points"], strict=True))
        tables += ["", f"### {first} × {second}", *_table([first, *across], rows)]
    return ["", f"## {_t(say, 'crossed')}", "", _t(say, "crossed_how"), *tables] if tables else []


def _bands(say: Words, edges: Sequence[float]) -> list[str]:
    """What each band holds, in words, the unknown last."""
    told = [say.number(edge, _EDGE_DECIMALS) for edge in edges]
    between = (_t(say, "band", low=low, high=high) for low, high in pairwise(told))
    ends = [_t(say, "band_below", high=told[0]), *between, _t(say, "band_from", low=told[-1])]
    return [*ends, _t(say, "band_unknown")]


def _loss(say: Words, metrics: Document) -> list[str]:
    lgd = metrics["lgd"]
    basis = _t(say, f"lgd_{lgd['basis']}", n=say.number(lgd["workouts"]))
    rows = [
        [_t(say, "lgd"), f"{say.percent(lgd['value'])}, {basis}"],
        [_t(say, "loss"), say.percent(metrics["expected_loss"], 2)],
    ]
    return ["", f"## {_t(say, 'loss')}", *_table(["", ""], rows)]


def _groups(say: Words, reports: Sequence[Document]) -> list[str]:
    header = [_t(say, name) for name in ("group", "people", "approval", "observed", "calibration")]
    header += [say.text(FIGURES["auc"])]
    rows = []
    for report in reports:
        for name, figures in report["groups"].items():
            rows.append([f"{report['attribute']}: {name}", *_group(say, figures)])
    return ["", f"## {_t(say, 'groups')}", "", _t(say, "groups_how"), *_table(header, rows)]


def _group(say: Words, figures: Document) -> list[str]:
    told = figures["outcomes"]
    if told is None:
        return [say.number(figures["n"]), say.percent(figures["approval_rate"]), "", "", ""]
    rate, away, rank = told["default_rate"], told["calibration"], told["auc"]
    return [
        say.number(figures["n"]),
        say.percent(figures["approval_rate"]),
        f"{say.percent(rate['value'])} ({say.percent(rate['low'])} – {say.percent(rate['high'])})",
        say.percent(away["value"], signed=True),
        say.number(rank["value"], 3) if rank else "",
    ]


def _left(say: Words, metrics: Document) -> list[str]:
    leaks = metrics["leaks"]
    rows = [[name, f"{_t(say, 'leaks')}: {why}"] for name, why in leaks.items()]
    rows += [[name, why] for name, why in metrics["left_out"].items() if name not in leaks]
    if not rows:
        return []
    return ["", f"## {_t(say, 'left')}", *_table([_t(say, "feature"), ""], rows)]
