"""How groups are treated: rates and errors of each with their intervals, and the two that are furthest apart."""

from html import escape

from report.cells import Document, interval, number, quiet, section, table

NOTES = {
    "selection_rate": "Selection rate: the share of a group that is predicted positive; true positive rate: the same "
    "of those that are positive, false positive rate: of those that are not. Of several classes, one against the rest.",
    "accuracy": "Accuracy: the share of a group whose class is right.",
    "mean_error": "Mean error: predicted minus true; above 0 the group is predicted too high.",
}


def fairness(document: Document) -> str:
    """Show a table for each column that the model file compares groups by."""
    compared = document.get("fairness", [])
    if not compared:
        return ""
    tables = "".join(_column(document, place) for place in range(len(compared)))
    measures = {name for column in compared for group in column["groups"] for name in group["measures"]}
    notes = " ".join(note for name, note in NOTES.items() if name in measures)
    small = "Small figures: 95% intervals. Groups of few rows are shown and not judged."
    return section("Fairness", tables, quiet(f"{notes} {small}"))


def _column(document: Document, place: int) -> str:
    column = document["fairness"][place]
    names = list(column["groups"][0]["measures"]) if column["groups"] else []
    rows = [_group(document, f"fairness.{place}", at, names) for at in range(len(column["groups"]))]
    for part, title in (("gap", "largest gap"), ("ratio", "lowest / highest")):
        if any(part in spread for spread in column["spread"].values()):
            cells = [_spread(document, f"fairness.{place}.spread.{name}", column["spread"].get(name), part)
                     for name in names]  # fmt: skip
            rows.append([f"<b>{title}</b>", "", *cells])
    head = [escape(column["column"]), "test rows", *(name.replace("_", " ") for name in names)]
    return _of_class(document, column, table(head, rows, "metrics"))


def _of_class(document: Document, column: Document, shown: str) -> str:
    """Fold the table of one class away, unless a limit of its groups is broken."""
    if "class" not in column:
        return shown
    broken = any(
        line.get("passed") is False and (line.get("column"), line.get("class")) == (column["column"], column["class"])
        for line in document.get("gate", [])
    )
    title = f"{escape(column['column'])}, class {escape(column['class'])}"
    return f"<details{' open' * broken}><summary>{title}</summary>{shown}</details>"


def _group(document: Document, path: str, at: int, names: list[str]) -> list[str]:
    group, path = document["fairness"][int(path.rsplit(".", 1)[1])]["groups"][at], f"{path}.groups.{at}"
    small = any(not measure["judged"] for measure in group["measures"].values())
    tag = ' <span class="tag">few rows</span>' if small else ""
    cells = [
        number(document, f"{path}.measures.{name}.value") + interval(document, f"{path}.measures.{name}")
        for name in names
    ]
    return [f"{escape(group['group'])}{tag}", number(document, f"{path}.rows"), *cells]


def _spread(document: Document, path: str, spread: Document | None, part: str) -> str:
    """Write how far apart groups are; a dash where fewer than two are judged."""
    if spread is None or part not in spread:
        return "&ndash;"
    return number(document, f"{path}.{part}") + (interval(document, path) if part == "gap" else "")
