"""Of several classes: what is taken for what, and how well each is told from the others. Text in, HTML out."""

from html import escape

from evaluation.metrics import in_order, label

from report.cells import Document, number, quiet, section, table


def classes(document: Document) -> str:
    """Show the confusion matrix, and what is measured of each class against the rest."""
    return f"{_confusion(document)}{_measured(document)}" if document.get("confusion_matrix") else ""


def _confusion(document: Document) -> str:
    """Show the counts of test rows by actual and predicted class, each row of it shaded by its shares."""
    labels, rows = (document["confusion_matrix"][part] for part in ("labels", "rows"))
    names = [escape(name) for name in labels]
    head = "".join(f"<th>{name}</th>" for name in names)
    body = "".join(
        f"<tr><th>{name}</th>{''.join(_cell(document, at, column, sum(counts)) for column in range(len(counts)))}</tr>"
        for at, (name, counts) in enumerate(zip(names, rows, strict=True))
    )
    matrix = (
        f'<div class="wide"><table class="matrix"><thead><tr><td></td><th colspan="{len(names)}">predicted</th></tr>'
        f"<tr><th>actual</th>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )
    return section("Confusion matrix", matrix, quiet("Test rows; the darker, the more of the class&rsquo;s own rows."))


def _cell(document: Document, row: int, column: int, rows: int) -> str:
    count = document["confusion_matrix"]["rows"][row][column]
    shade = min(int(4 * count / rows + 0.999), 4) if rows else 0
    kind = "hit" if row == column else "miss"
    return f'<td class="{kind} s{shade}">{number(document, f"confusion_matrix.rows.{row}.{column}")}</td>'


def _measured(document: Document) -> str:
    listed = document.get("classes", [])
    if not listed:
        return ""
    names = in_order(listed[0]["metrics"])
    rows = [
        [escape(described["class"]), *(number(document, f"classes.{place}.{key}") for key in ("rows", "predicted")),
         *(number(document, f"classes.{place}.metrics.{name}") for name in names)]
        for place, described in enumerate(listed)
    ]  # fmt: skip
    head = ["class", "test rows", "predicted", *(escape(label(name)) for name in names)]
    return section("Classes", table(head, rows), quiet("Each class against the rest."))
