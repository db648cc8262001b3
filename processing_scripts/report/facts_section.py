"""What a report says of how the model came about: algorithms, hyperparameters, lineage. Text in, HTML out."""

from collections.abc import Sequence
from html import escape
from typing import Any

from evaluation.metrics import label

from report.cells import Document, number, section, table

ALGORITHMS = {
    "xgboost": "XGBoost", "sklearn": "scikit-learn gradient boosting", "knn": "k-nearest neighbours",
    "linear-learner": "linear learner",
}  # fmt: skip
RUN = "<!--run-->"  # where whoever knows the run puts rows of its own: no job is told which run it works for


def algorithm(document: Document) -> str:
    """The trained algorithm's name for people."""
    name = str(document.get("algorithm", ""))
    return ALGORITHMS.get(name, name)


def algorithms(document: Document) -> str:
    """Every algorithm that was tried, best first, on the same held-out rows."""
    comparison = document.get("comparison")
    if not comparison:
        return ""
    metric, candidates = comparison["metric"], comparison["candidates"]
    names = [metric, *(name for name in candidates[0]["metrics"] if name != metric)]
    rows = []
    for place, one in enumerate(candidates):
        title = escape(ALGORITHMS.get(one["algorithm"], one["algorithm"]))
        won = ' <b class="good">won</b>' if one["algorithm"] == comparison["winner"] else ""
        gate = "" if one["passed"] else ' <span class="tag">gate not passed</span>'
        cells = [number(document, f"comparison.candidates.{place}.metrics.{name}") for name in names]
        rows.append([title + won + gate, *cells])
    by = f"Best first by {label(metric)}, {comparison['better']} is better"
    note = f"{by}; all on the same held-out rows."
    head = ["algorithm", *(label(name) for name in names)]
    return section("Algorithms, side by side", table(head, rows), f'<p class="quiet">{note}</p>')


def facts(document: Document) -> str:
    """Hyperparameters, lineage and files, folded."""
    lineage = document.get("lineage", {})
    told = [
        [escape(name.replace("_", " ")), f"<code>{escape(str(value))}</code>"]
        for name, value in lineage.items()
        if name != "sources"
    ]
    files = [[escape(one["name"]), f"{one['rows']:,} rows"] for one in lineage.get("sources", [])]
    parts = [
        _fold(f"Hyperparameters of {escape(algorithm(document))}", list(map(_setting, _settings(document)))),
        _fold("Where it comes from", told, RUN),
        _fold(f"Files ({len(files)})", files),
        _fold("Registered with", _registered(document)),
    ]
    return f"<section>{''.join(parts)}</section>"


def _registered(document: Document) -> list[list[str]]:
    """What the model file has the registry say of the version: its metadata, and where it may run."""
    told = document.get("registration", {})
    lists = {
        name.replace("_", " "): ", ".join(told.get(name, [])) for name in ("inference_instances", "transform_instances")
    }
    said = dict(told.get("metadata", {})) | {name: text for name, text in lists.items() if text}
    return [[escape(name), escape(text)] for name, text in said.items()]


def _settings(document: Document) -> list[tuple[str, Any, Any]]:
    """Name, what the run used, and what the model file says (None where it says the same)."""
    used, given = document.get("hyperparameters", {}), document.get("model_file_hyperparameters", {})
    return [(name, value, None if given.get(name, value) == value else given[name]) for name, value in used.items()]


def _setting(one: tuple[str, Any, Any]) -> list[str]:
    name, used, given = one
    beside = f' <span class="quiet">model file: {escape(str(given))}</span>' if given is not None else ""
    return [escape(name), escape(str(used)) + beside]


def _fold(title: str, rows: Sequence[Sequence[str]], more: str = "") -> str:
    if not rows:
        return ""
    body = "".join(_fact(name, value) for name, value in rows)
    table = f'<div class="wide"><table class="facts">{body}{more}</table></div>'
    return f"<details><summary>{title}</summary>{table}</details>"


def _fact(name: str, value: str) -> str:
    return f"<tr><th>{name}</th><td>{value}</td></tr>"
