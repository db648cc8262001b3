"""evaluation.json as a page for people: one file, no network, light and dark, on a phone as on a desk.

Every number is looked up in the document by its path and carries both along (``<data value data-path>``), so that the
page cannot say anything else; a test reads them back. The verdict comes first.
"""

import argparse
import json
from html import escape
from pathlib import Path

from evaluation import metrics
from evaluation.metrics import label

from report import charts, data_section, facts_section, figures
from report.cells import Document, number, section, table
from report.style import STYLE


def render(document: Document) -> str:
    """The page of an evaluation.json. Parts that it has nothing for are left out."""
    parts = "".join(filter(None, (part(document) for part in PARTS)))
    title = f"{escape(document.get('title', document['model']))}: {escape(document['verdict']['outcome'].lower())}"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, '
        f'initial-scale=1"><meta name="color-scheme" content="light dark"><title>{title}</title>'
        f"<style>{STYLE}</style></head><body><main>{parts}</main></body></html>\n"
    )


def _verdict(document: Document) -> str:
    passed = document["verdict"]["passed"]
    word = "Passed its gate" if passed else "Rejected by its gate"
    reasons = "".join(f"<li>{escape(reason)}</li>" for reason in document["verdict"]["reasons"])
    counts = ", ".join(
        f"{number(document, f'rows.{name}')} {word}" for name, word in SHARES.items() if document["rows"].get(name)
    )
    return (
        f'<header class="{"good" if passed else "bad"}"><p class="eyebrow">{escape(document.get("title", ""))} · '
        f"{escape(document['model'])}</p><h1>{word}</h1>{f'<ul>{reasons}</ul>' if reasons else ''}"
        f"<p>{_won(document)}{_against(document)}</p>{_beware(document)}<p class='quiet'>Rows: {counts}.</p></header>"
    )


def _won(document: Document) -> str:
    comparison, name = document.get("comparison"), facts_section.algorithm(document)
    if comparison is None:
        return f"Trained with {escape(name)}. " if name else ""
    metric, others = comparison["metric"], len(comparison["candidates"])
    return f"{escape(name)} is the best of {others} algorithms by {label(metric)}. "


def _beware(document: Document) -> str:
    told, moved = len(data_section.warnings(document)), data_section.moved(document)
    said = [f"{told} warning{'s' if told > 1 else ''} about the uploads"] if told else []
    said += [f"{', '.join(moved[:3])}{', …' if len(moved) > 3 else ''} moved"] if moved else []
    return f'<p class="beware">Look at the data: {escape("; ".join(said))}.</p>' if said else ""


def _against(document: Document) -> str:
    champion = document.get("champion", {"status": "none"})
    version = champion.get("version")
    if champion["status"] == "none":
        return "No version serves yet, so there is nothing to compare with."
    if champion["status"] == "incomparable":
        return f"Version {version} serves, but could not be compared: {escape(champion.get('reason', ''))}."
    by: dict[str, list[str]] = {"challenger": [], "champion": []}
    for name, one in champion["differences"].items():
        if one["better"] in by:
            by[one["better"]].append(label(name))
    said = [f"better in {', '.join(by['challenger'])}"] if by["challenger"] else []
    said += [f"worse in {', '.join(by['champion'])}"] if by["champion"] else []
    warning = f" Beware: {escape(champion['warning'])}." if champion.get("warning") else ""
    words = " and ".join(said) + " than" if said else "no different from"
    return f"Beyond chance it is {words} version {version}, which serves, on the same held-out rows.{warning}"


def _metrics(document: Document) -> str:
    found, champion = document["metrics"], document.get("champion", {})
    differences = champion.get("differences", {})
    if not differences:
        known = document.get("metric_details", {})
        rows = [
            [label(name), number(document, f"metrics.{name}"),
             number(document, f"metric_details.{name}.standard_deviation") if name in known else ""]
            for name in found
        ]  # fmt: skip
        return section("Quality", table(["", "this model", "standard deviation"], rows))
    rows = [_compared(document, name) for name in found]
    version, level = champion.get("version"), champion["interval"]["level"]
    head = ["", "this model", f"version {version}", "difference", f"{level:.0%} interval", ""]
    used, of = champion["interval"]["rows"], champion["interval"]["of"]
    note = f"Paired bootstrap, {champion['interval']['resamples']} resamples of {used:,} of {of:,} held-out rows."
    return section("Champion against challenger", table(head, rows), f'<p class="quiet">{note}</p>')


def _compared(document: Document, name: str) -> list[str]:
    one = document["champion"]["differences"].get(name)
    row = [label(name), number(document, f"metrics.{name}")]
    if one is None or one["low"] is None or one["difference"] is None:
        return [*row, "", "", "", ""]
    path = f"champion.differences.{name}"
    reach = 1.15 * max(abs(one["low"]), abs(one["high"]), abs(one["difference"]), 1e-9)
    good = {"challenger": True, "champion": False}.get(one["better"])
    return [
        *row, number(document, f"{path}.champion"), number(document, f"{path}.difference", True),
        f"{number(document, f'{path}.low', True)}&nbsp;to {number(document, f'{path}.high', True)}",
        charts.interval(one["low"], one["difference"], one["high"], reach, good),
    ]  # fmt: skip


def _gate(document: Document) -> str:
    rows = []
    for place, limit in enumerate(document["gate"]):
        rule = next((name for name in RULES if name in limit), "at_least")
        mark = {True: '<b class="good">✓</b>', False: '<b class="bad">✗</b>', None: "&ndash;"}[limit["passed"]]
        wanted = f"{RULES[rule]} {number(document, f'gate.{place}.{rule}')}"
        rows.append([f"{label(limit['metric'])} {wanted}", number(document, f"gate.{place}.value"),
                     mark])  # fmt: skip
    return section("Gate", table(["limit", "found", ""], rows)) if rows else ""


SHARES = {"train": "to learn from", "validation": "to stop and tune by", "test": "held out"}
RULES = {
    "at_least": "at least", "at_most": "at most", "no_slice_below": "of no slice worse than",
    "not_worse_than_champion": "not worse than the champion&rsquo;s by more than",
}  # fmt: skip


IMPORTANCES = {
    "SHAP": "Mean absolute SHAP contribution on {rows} held-out rows, in {unit}.",
    "shuffled": "Mean absolute change of the answer where a column\u2019s values are those of another row; "
    "{rows} held-out rows, in the unit that is learnt.",
    "weights": "Mean absolute contribution on {rows} held-out rows, in {unit}; the weights are "
    "worked out from the answers.",
}


def _importance(document: Document) -> str:
    found = document.get("importance", [])
    largest = max((one["contribution"] for one in found), default=0) or 1
    rows = []
    for place, one in enumerate(found[:20]):
        value = number(document, f"importance.{place}.contribution")
        rows.append([escape(one["column"]), charts.meter(one["contribution"] / largest), value])
    note = IMPORTANCES.get(document.get("importance_by") or "", "").format(
        rows=number(document, "importance_rows") if document.get("importance_rows") else "some",
        unit="log-odds of a yes" if document["task"] == "binary_classification" else "the unit that is learnt",
    )
    return section("What moves its answers", table(["column", "", ""], rows, "bars"), f'<p class="quiet">{note}</p>') \
        if rows else ""  # fmt: skip


def _slices(document: Document) -> str:
    found = document.get("slices", [])
    if not found:
        return ""
    names = [metric.name for metric in metrics.METRICS if metric.compact and metric.name in found[0]["metrics"]]
    rows = []
    for place, one in enumerate(found):
        small = ' <span class="tag">few rows</span>' if one["small"] else ""
        cells = [number(document, f"slices.{place}.metrics.{name}") + _beside(document, place, name) for name in names]
        where = f'<span class="quiet">{escape(one["column"])}</span> {escape(one["slice"])}{small}'
        rows.append([where, number(document, f"slices.{place}.rows"), *cells])
    head = ["slice", "rows", *(label(name) for name in names)]
    note = '<p class="quiet beside">Small figures: the champion.</p>' if "champion" in found[0] else ""
    return section("Slices", table(head, rows), note)


def _beside(document: Document, place: int, name: str) -> str:
    champion = document["slices"][place].get("champion")
    return f'<small class="quiet">{number(document, f"slices.{place}.champion.{name}")}</small>' if champion else ""


def _shapes(document: Document) -> str:
    drawn = figures.all_of(document)
    return section("Errors, drawn", f'<div class="figures">{"".join(drawn)}</div>') if drawn else ""


PARTS = (
    _verdict, _metrics, _gate, facts_section.algorithms, _shapes, _importance, _slices, data_section.checks,
    facts_section.facts,
)  # fmt: skip


def main() -> None:
    """Render an evaluation.json to standard output; in processing_scripts: ``python -m report.page FILE``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("evaluation", type=Path, help="evaluation.json of an Evaluate step")
    print(render(json.loads(parser.parse_args().evaluation.read_text("utf-8"))), end="")


if __name__ == "__main__":
    main()
