"""How the model came about: algorithms, hyperparameters, lineage, registry metadata. Text in, HTML out."""

from collections.abc import Sequence
from html import escape
from typing import Any

from evaluation.metrics import in_order, label

from report.cells import Document, number, quiet, section, table

ALGORITHMS = {
    "xgboost": "XGBoost", "sklearn": "scikit-learn gradient boosting", "forest": "random forest",
    "knn": "k-nearest neighbours", "linear-learner": "linear learner",
}  # fmt: skip
RUN = "<!--run-->"  # where whoever knows the run puts rows of its own: no job is told which run it works for


def algorithm(document: Document) -> str:
    """Name the trained algorithm for people."""
    name = str(document.get("algorithm", ""))
    return ALGORITHMS.get(name, name)


def algorithms(document: Document) -> str:
    """Show every algorithm that was tried, best first, on the same test rows."""
    comparison = document.get("comparison")
    if not comparison:
        return ""
    metric, candidates = comparison["metric"], comparison["candidates"]
    names = [metric, *(name for name in in_order(candidates[0]["metrics"]) if name != metric)]
    rows = []
    for place, candidate in enumerate(candidates):
        title = escape(ALGORITHMS.get(candidate["algorithm"], candidate["algorithm"]))
        won = ' <b class="good">best</b>' if candidate["algorithm"] == comparison["winner"] else ""
        gate = "" if candidate["passed"] else ' <span class="tag">gate not passed</span>'
        cells = [number(document, f"comparison.candidates.{place}.metrics.{name}") for name in names]
        rows.append([title + won + gate, *cells])
    note = f"Best first by {escape(label(metric))}, {comparison['better']} is better; all on the same test rows."
    head = ["algorithm", *(escape(label(name)) for name in names)]
    return section("Algorithms, side by side", table(head, rows), quiet(note))


def facts(document: Document) -> str:
    """Show hyperparameters, lineage, files and registry metadata, folded."""
    lineage = document.get("lineage", {})
    origins = [
        [escape(name.replace("_", " ")), f"<code>{escape(str(value))}</code>"]
        for name, value in lineage.items()
        if name != "sources"
    ]
    files = [[escape(source["name"]), f"{source['rows']:,} rows"] for source in lineage.get("sources", [])]
    parts = [
        _fold(f"Hyperparameters of {escape(algorithm(document))}", list(map(_setting, _settings(document)))),
        _fold("Lineage", origins, RUN),
        _fold(f"Files ({len(files)})", files),
        _fold("Registry metadata", _registered(document)),
    ]
    return f"<section>{''.join(parts)}</section>"


def _registered(document: Document) -> list[list[str]]:
    """List what the model file has the registry say of the version: its metadata, and where it may run."""
    registration = document.get("registration", {})
    lists = {
        name.replace("_", " "): ", ".join(registration.get(name, []))
        for name in ("inference_instances", "transform_instances")
    }
    entries = dict(registration.get("metadata", {})) | {name: text for name, text in lists.items() if text}
    return [[escape(name), escape(text)] for name, text in entries.items()]


def _settings(document: Document) -> list[tuple[str, Any, Any]]:
    """List name, what the run used, and what the model file says (None where it says the same)."""
    used, given = document.get("hyperparameters", {}), document.get("model_file_hyperparameters", {})
    return [(name, value, None if given.get(name, value) == value else given[name]) for name, value in used.items()]


def _setting(setting: tuple[str, Any, Any]) -> list[str]:
    name, used, given = setting
    beside = f' <span class="quiet">model file: {escape(str(given))}</span>' if given is not None else ""
    return [escape(name), escape(str(used)) + beside]


def _fold(title: str, rows: Sequence[Sequence[str]], more: str = "") -> str:
    if not rows:
        return ""
    body = "".join(f"<tr><th>{name}</th><td>{value}</td></tr>" for name, value in rows)
    facts = f'<div class="wide" tabindex="0"><table class="facts">{body}{more}</table></div>'
    return f"<details><summary>{title}</summary>{facts}</details>"
