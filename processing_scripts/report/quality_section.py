"""How good the model is: metrics with their intervals, the champion's beside them, the gate and slices. HTML out."""

from html import escape

from evaluation import metrics
from evaluation.metrics import label

from report import charts
from report.cells import Document, interval, number, quiet, section, table

BETTER = {"challenger": True, "champion": False}
MARKS = {True: '<b class="good">✓</b>', False: '<b class="bad">✗</b>', None: "&ndash;"}


def quality(document: Document) -> str:
    """Show each metric with its interval, and beside it the champion's where there is one."""
    champion = document.get("champion", {})
    names = metrics.in_order(document["metrics"])
    if not champion.get("differences"):
        rows = [[_named(name), _own(document, name)] for name in names]
        return section("Quality", table(["metric", "this model"], rows, "metrics"), _method(document, "interval"))
    head = ["metric", "this model", f"version {champion.get('version')}", "difference", ""]
    rows = [_compared(document, name) for name in names]
    note = _method(document, "champion.interval", "; paired for the differences")
    return section("Champion against challenger", table(head, rows, "metrics"), note)


def _named(name: str) -> str:
    known = next((metric for metric in metrics.METRICS if metric.name == name), None)
    direction = '<span class="range">lower is better</span>' if known and known.lower_is_better else ""
    return f"{escape(label(name))}{direction}"


def _own(document: Document, name: str) -> str:
    known = name in document.get("metric_details", {})
    return number(document, f"metrics.{name}") + (interval(document, f"metric_details.{name}") if known else "")


def _compared(document: Document, name: str) -> list[str]:
    difference = document["champion"]["differences"].get(name)
    row = [_named(name), _own(document, name)]
    if difference is None or difference["low"] is None or difference["difference"] is None:
        return [*row, "", "", ""]
    path = f"champion.differences.{name}"
    low, value, high = (difference[part] for part in ("low", "difference", "high"))
    reach = 1.15 * max(abs(low), abs(value), abs(high), 1e-9)
    return [
        *row, number(document, f"{path}.champion"),
        number(document, f"{path}.difference", sign=True) + interval(document, path, sign=True),
        charts.interval(low, value, high, reach, BETTER.get(difference["better"])),
    ]  # fmt: skip


def _method(document: Document, path: str, more: str = "") -> str:
    """Say how the intervals were made."""
    given = document.get("champion", {}).get("interval") if path.startswith("champion") else document.get("interval")
    if not given:
        return ""
    resamples, rows, of = (number(document, f"{path}.{name}") for name in ("resamples", "rows", "of"))
    part = f"{rows} of {of}" if given["rows"] < given["of"] else of
    return quiet(
        f"Small figures: {given['level']:.0%} intervals by bootstrap, {resamples} resamples of {part} test rows{more}."
    )


def gate(document: Document) -> str:
    """Show every limit of the quality gate, the value that is held against it, and whether it passed."""
    rows = []
    for place, limit in enumerate(document["gate"]):
        rule = next(name for name in RULES if name in limit)
        bound = number(document, f"gate.{place}.{rule}")
        worse = next((metric.worse_side for metric in metrics.METRICS if metric.name == limit["metric"]), "beyond")
        title, column = escape(label(limit["metric"]).replace("_", " ")), escape(limit.get("column", ""))
        title += f" of class {escape(limit['class'])}" if "class" in limit else ""
        sentence = RULES[rule].format(metric=title, bound=bound, worse=worse, column=column)
        sentence += _allowed(document, place) if "allowed" in limit else ""
        sentence += _loosened(document, place) if "loosened_from" in limit else ""
        rows.append([sentence, number(document, f"gate.{place}.value"), MARKS[limit["passed"]]])
    return section("Quality gate", table(["limit", "value", ""], rows, "limits")) if rows else ""


def means(document: Document) -> str:
    """Show the mean that is predicted beside the mean that is true: of all test rows, and of tenths by prediction."""
    tenths = document.get("curves", {}).get("calibration", [])
    if not document.get("means") or not tenths:
        return ""
    rows = [["all", *(number(document, f"means.{side}") for side in ("predicted", "actual")), ""]]
    rows += [
        [f"tenth {place + 1}", *(number(document, f"curves.calibration.{place}.{part}")
                                 for part in ("predicted", "actual", "rows"))]
        for place in range(len(tenths))
    ]  # fmt: skip
    of_label = " Of the label that is said: its probability, and how often it is right."
    note = quiet(f"Tenths by prediction, lowest first.{_answer(document)}{of_label * ('classes' in document)}")
    return section("Mean predicted beside mean true", table(["rows", "predicted", "true", "count"], rows), note)


def _answer(document: Document) -> str:
    """Say how answers come about, where it is not as the algorithm predicts them."""
    answer = document.get("answer", {})
    if answer.get("factor", 1) != 1:
        return f" Answers are means: exp(prediction) times {number(document, 'answer.factor')}, learnt on unseen rows."
    if "threshold" not in answer:
        return ""
    known = f" The label is the positive one from {number(document, 'answer.threshold')} on."
    return known + (f" Calibrated: {escape(answer['calibration']['kind'])}." if answer.get("calibration") else "")


def _allowed(document: Document, place: int) -> str:
    better = " (it has to be better)" if document["gate"][place]["allowed"] < 0 else ""
    why = "chance included: as observed" if document["gate"][place].get("sure") else "as chance makes more than that"
    return f"; {why}, by {number(document, f'gate.{place}.allowed')}{better}"


def _loosened(document: Document, place: int) -> str:
    return f"; <strong>looser</strong>: the model file says {number(document, f'gate.{place}.loosened_from')}"


RULES = {
    "at_least": "{metric} at least {bound}",
    "at_most": "{metric} at most {bound}",
    "slice_limit": "{metric} of no slice {worse} {bound}",
    "not_worse_than_champion": "{metric} not worse than the champion&rsquo;s by more than {bound}",
    "group_gap": "{metric} by {column}: groups apart by at most {bound}",
    "group_ratio": "{metric} by {column}: the lowest at least {bound} of the highest",
}


def slices(document: Document) -> str:
    """Show the quality by the values of the columns that the model file names, the champion's in small figures."""
    cut = document.get("slices", [])
    if not cut:
        return ""
    known = metrics.of_task(document["task"]).values()
    names = [metric.name for metric in known if metric.compact and metric.name in cut[0]["metrics"]]
    rows = []
    for place, part in enumerate(cut):
        small = ' <span class="tag">few rows</span>' if part["small"] else ""
        cells = [number(document, f"slices.{place}.metrics.{name}") + _beside(document, place, name) for name in names]
        where = f'<span class="quiet">{escape(part["column"])}</span> {escape(part["slice"])}{small}'
        rows.append([where, number(document, f"slices.{place}.rows"), *cells])
    head = ["slice", "test rows", *(escape(label(name)) for name in names)]
    note = '<p class="quiet beside">Small figures: the champion.</p>' if "champion" in cut[0] else ""
    return section("Slices", table(head, rows), note)


def _beside(document: Document, place: int, name: str) -> str:
    champion = document["slices"][place].get("champion")
    return f'<small class="quiet">{number(document, f"slices.{place}.champion.{name}")}</small>' if champion else ""
