"""evaluation.json as a page for people: one file, no network, light and dark, on a phone as on a desk.

Every number is looked up in the document by its path and carries both along (``<data value data-path>``), so that the
page cannot say anything else; a test reads them back. The verdict comes first.

What data say is text: it is escaped, what hides or moves in it is made visible, and the page's own policy lets a
browser load nothing, run nothing and take no style but the page's.

Source: https://www.w3.org/TR/CSP3/#meta-element
"""

import argparse
import base64
import hashlib
import json
from html import escape
from pathlib import Path

from evaluation.metrics import in_order, label
from job.shown_text import shown_lines

from report import (
    classes_section,
    data_section,
    facts_section,
    fairness_section,
    importance_section,
    periods_section,
    plots,
    quality_section,
    serving_section,
)
from report.cells import Document, number, quiet
from report.style import STYLE

OWN_STYLE = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = f"default-src 'none'; style-src 'sha256-{OWN_STYLE}'; base-uri 'none'; form-action 'none'"


def render(document: Document) -> str:
    """Write the page of an evaluation.json. Parts that it has nothing for are left out."""
    parts = "".join(filter(None, (part(document) for part in PARTS)))
    title = f"{escape(document.get('title', document['model']))}: {escape(document['verdict']['outcome'].lower())}"
    return shown_lines(
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, '
        f'initial-scale=1"><meta name="color-scheme" content="light dark">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}"><title>{title}</title>'
        f"<style>{STYLE}</style></head><body><main>{parts}</main></body></html>\n"
    )


def _verdict(document: Document) -> str:
    passed = document["verdict"]["passed"]
    outcome = "Passed its gate" if passed else "Rejected by its gate"
    reasons = "".join(f"<li>{escape(reason)}</li>" for reason in document["verdict"]["reasons"])
    shares = (
        f"{number(document, f'rows.{name}')} {name}" for name in data_section.SHARES if document["rows"].get(name)
    )
    counts = quiet(f"Rows: {', '.join(shares)}.")
    owner = f" · owner: {escape(document['owner'])}" if document.get("owner") else ""
    return (
        f'<header class="{"good" if passed else "bad"}"><p class="eyebrow">{escape(document.get("title", ""))} · '
        f"{escape(document['model'])}{owner}</p><h1>{outcome}</h1>{f'<ul>{reasons}</ul>' if reasons else ''}"
        f"<p>{_trained(document)}{_against_champion(document)}</p>{_caution(document)}{counts}</header>"
    )


def _trained(document: Document) -> str:
    comparison, name = document.get("comparison"), facts_section.algorithm(document)
    if comparison is None:
        return f"Trained with {escape(name)}. " if name else ""
    count = len(comparison["candidates"])
    return f"{escape(name)} is the best of {count} algorithms by {escape(label(comparison['metric']))}. "


def _caution(document: Document) -> str:
    warnings, drifted = len(data_section.warnings(document)), data_section.drifted(document)
    notes = [f"{warnings} warning{'s' if warnings > 1 else ''} about the uploads"] if warnings else []
    uncounted = data_section.uncounted(document)
    notes += [f"{uncounted:,} rows do not count"] if uncounted else []
    notes += [f"{', '.join(drifted[:3])}{', …' if len(drifted) > 3 else ''} drifted"] if drifted else []
    doubted = list(dict.fromkeys(doubt["column"] for doubt in document.get("doubts", [])))
    notes += [f"doubts about {', '.join(doubted[:3])}{', …' if len(doubted) > 3 else ''}"] if doubted else []
    return f'<p class="caution">Look at the data: {escape("; ".join(notes))}.</p>' if notes else ""


def _against_champion(document: Document) -> str:
    champion = document.get("champion", {"status": "none"})
    version = champion.get("version")
    if champion["status"] == "none":
        return "No version serves yet, so there is nothing to compare with."
    if champion["status"] == "incomparable":
        return f"Version {version} serves, but could not be compared: {escape(champion.get('reason', ''))}."
    won: dict[str, list[str]] = {"challenger": [], "champion": [], "neither": []}
    for name in in_order(champion["differences"]):
        won[champion["differences"][name]["better"]].append(escape(label(name)))
    parts = [f"better in {', '.join(won['challenger'])}"] if won["challenger"] else []
    parts += [f"worse in {', '.join(won['champion'])}"] if won["champion"] else []
    result = " and ".join(parts) + " than" if parts else "no different from"
    warning = f" Caution: {escape(champion['warning'])}." if champion.get("warning") else ""
    return f"Beyond chance it is {result} version {version}, which serves, on the same test rows.{warning}"


PARTS = (
    _verdict, data_section.doubts, quality_section.quality, quality_section.gate, facts_section.algorithms,
    classes_section.classes, quality_section.means, plots.section_of, importance_section.importance,
    quality_section.slices, periods_section.periods, serving_section.serving, fairness_section.fairness,
    data_section.checks, facts_section.facts,
)  # fmt: skip


def main() -> None:
    """Render an evaluation.json to standard output; in processing_scripts: ``python -m report.page FILE``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("evaluation", type=Path, help="evaluation.json of an Evaluate step")
    print(render(json.loads(parser.parse_args().evaluation.read_text("utf-8"))), end="")


if __name__ == "__main__":
    main()
