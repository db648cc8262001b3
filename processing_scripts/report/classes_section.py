"""Of several classes: what is taken for what, and how well each is told from the others. Text in, HTML out."""

from html import escape

from evaluation.metrics import in_order, label

from report.cells import Document, number, quiet, section, table

NAMED = 4  # classes whose names head columns; more would be wider than a desk


def classes(document: Document) -> str:
    """Show the confusion matrix, and what is measured of each class against the rest."""
    return f"{_confusion(document)}{_measured(document)}" if document.get("confusion_matrix") else ""


def _confusion(document: Document) -> str:
    """Show the counts of test rows by actual and predicted class; of more than a few, numbers head the columns."""
    labels, rows = (document["confusion_matrix"][part] for part in ("labels", "rows"))
    names = [escape(name) for name in labels]
    if len(names) > NAMED:
        names = [f'{name} <b class="quiet">{place}</b>' for place, name in enumerate(names, 1)]
    heads = names if len(names) <= NAMED else [f"<b>{place}</b>" for place in range(1, len(names) + 1)]
    body = "".join(
        f"<tr><th>{name}</th>{''.join(_cell(document, at, column, sum(counts)) for column in range(len(counts)))}</tr>"
        for at, (name, counts) in enumerate(zip(names, rows, strict=True))
    )
    matrix = (
        '<div class="wide" tabindex="0"><table class="matrix">'
        f'<thead><tr><td></td><th colspan="{len(names)}">predicted</th></tr>'
        f"<tr><th>actual</th>{''.join(f'<th>{head}</th>' for head in heads)}</tr></thead><tbody>{body}</tbody>"
        "</table></div>"
    )
    return section("Confusion matrix", matrix, quiet("Test rows. Outlined: most of the rows that are of the class."))


def _cell(document: Document, row: int, column: int, rows: int) -> str:
    count = document["confusion_matrix"]["rows"][row][column]
    kind = ("hit" if row == column else "miss") if count else "none"
    most = " most" if 2 * count > rows else ""
    return f'<td class="{kind}{most}">{number(document, f"confusion_matrix.rows.{row}.{column}")}</td>'


def _measured(document: Document) -> str:
    listed = document.get("classes", [])
    if not listed:
        return ""
    names = in_order(listed[0]["metrics"])
    rows = [
        [escape(described["class"]), number(document, f"classes.{place}.rows"),
         *(number(document, f"classes.{place}.metrics.{name}") for name in names)]
        for place, described in enumerate(listed)
    ]  # fmt: skip
    head = ["class", "test rows", *(escape(label(name)) for name in names)]
    return section("Classes", table(head, rows), quiet("Each class against the rest."))
