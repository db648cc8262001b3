"""Write a first model file by looking at the data."""

import re
import shlex
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from itertools import islice
from pathlib import Path
from typing import Any

from app.decide.names.shown_text import shown

from cli import model_files, text_files
from cli.errors import UserError
from cli.guess import model_text, proposed_model
from cli.guess.cases import Cases, cases
from cli.guess.columns import LOOKED_AT, Column, different_rows, profile
from cli.guess.header import FILE, TOP, json_refusal
from cli.guess.log_trial import LogTrial, log_trial
from cli.guess.odd_lines import check_lines, with_all_else
from cli.guess.proposed_target import Guess
from cli.guess.telling import reasons
from pipelines.model import model_file

MOST_NAME = 60  # characters of a column's name, or of all labels
ALIKE = 0.5  # of the rows: where no more of them differ, the split deals few different ones
MOST_OF_A_KIND = 40  # columns of one kind that a screen takes

UTF_16 = "UTF-16 text"
BINARY = {
    b"PK\x03\x04": "a zip archive or a spreadsheet", b"PAR1": "a Parquet file",
    b"\xd0\xcf\x11\xe0": "an old spreadsheet", b"\xff\xfe": UTF_16, b"\xfe\xff": UTF_16,
}  # fmt: skip  # what files begin with


def write(model: str, data: Path, target: str | None) -> dict[str, Any]:
    """Write models/<model>.yaml as ``data`` suggests; what was guessed, and why.

    Raises:
        UserError: the name cannot be a model's, there is such a file, or nothing can be learnt from the data.
    """
    pattern = model_file.schema()["properties"]["name"]["pattern"]
    if not re.fullmatch(pattern, model):
        raise UserError(
            f"'{model}' cannot be a model's name: lower-case letters, digits and single hyphens, at most 32"
        )
    path = model_file.path_of(model)
    if path.exists():
        raise UserError(f"models/{path.name} is there already; nothing was written: remove it, or choose another name")
    try:
        draft, rows = draft_of(data, target)
    except UserError as error:
        raise UserError(str(error).replace(FILE, shlex.quote(str(data)))) from error
    except FileNotFoundError as error:
        raise UserError(f"no file {data}") from error
    except UnicodeDecodeError as error:
        raise UserError(f"{data}: {_not_text(data, error)}".replace(FILE, shlex.quote(str(data)))) from error
    except text_files.DAMAGED as error:
        raise UserError(f"{data}: is compressed with gzip, and cannot be unpacked ({error})") from error
    path.write_text(model_text.text(model, draft, data.name), encoding="utf-8")
    return {
        "model": model,
        "file": f"models/{path.name}",
        "rows": rows,
        "all_rows": rows < LOOKED_AT,
        "guesses": [asdict(guess) for guess in draft.guesses],
        "problems": model_files.problems(model),
    }


def draft_of(data: Path, target: str | None) -> tuple[proposed_model.Draft, int]:
    """The draft, and how many rows were looked at; the file is read twice: for its columns, and beside the target."""
    columns = _columns(data)

    def telling(goal: Column, groups: int | None) -> Mapping[str, str]:
        with text_files.open_text(data) as again:
            return reasons(again, columns, goal, groups)

    def casing(goal: Column) -> Cases:
        with text_files.open_text(data) as again:
            return cases(again, columns, goal)

    def trying(goal: Column) -> LogTrial | None:
        with text_files.open_text(data) as again:
            return log_trial(again, columns, goal)

    made, rows = proposed_model.draft(columns, target, telling, trying, casing), columns[0].rows
    return replace(made, guesses=(*made.guesses, *_about_alike(made, data, rows))), rows


def _columns(data: Path) -> list[Column]:
    with text_files.open_text(data) as lines:
        if refused := json_refusal(list(islice(lines, TOP))):
            raise UserError(f"{data.name}: {refused}")
    try:
        with text_files.open_text(data) as lines:
            columns = profile(lines, data.name)
        check_lines(columns, data.name)
    except UserError as error:
        raise UserError(with_all_else(str(error), _lines(data))) from error
    return columns


def _lines(data: Path, encoding: str = "utf-8-sig") -> list[str]:
    """The file's lines, as many as are looked at; none of one that is damaged."""
    try:
        with text_files.open_bytes(data) as file:
            return [line.decode(encoding, "replace") for line in islice(file, LOOKED_AT)]
    except text_files.DAMAGED:
        return []


def _about_alike(made: proposed_model.Draft, data: Path, rows: int) -> list[Guess]:
    """A word about rows that are alike in every column but the answer, where nothing else tells them apart."""
    if made.id or made.group:
        return []
    with text_files.open_text(data) as again:
        different = different_rows(again, made.target)
    if different > ALIKE * rows:
        return []
    why = (
        "rows that are alike in every column but the answer stand on one side of the split, so that few different ones "
        "test, and what is measured on them says little: where they are cases of their own, give each a number, and "
        "name it as id"
    )
    return [Guess("alike", f"{rows:,} rows, {different:,} of them different", why)]


def _not_text(data: Path, error: UnicodeDecodeError) -> str:
    with text_files.open_bytes(data) as file:
        start = file.read(4)
    for mark, kind in BINARY.items():
        if start.startswith(mark):
            how = f": iconv -f UTF-16 -t UTF-8 {shlex.quote(str(data))} > new.csv" if kind == UTF_16 else ""
            return f"is {kind}, not a CSV; write it as CSV in UTF-8{how}"
    remedy = f"if it is from Windows or in Latin-1: iconv -f WINDOWS-1252 -t UTF-8 {shlex.quote(str(data))} > new.csv"
    return with_all_else(
        f"not UTF-8 (byte {error.start}); save it as UTF-8, or, {remedy}", _lines(data, "cp1252"), "cp1252"
    )


def render_text(report: dict[str, Any], data: Path, command: str) -> str:
    """The report for a person: every guess with its reason, and what to type next; ``command`` is how this one was
    found.
    """
    looked = f"{report['rows']:,} rows" if report["all_rows"] else f"the first {report['rows']:,} rows"
    guesses = _folded([one | {"value": shown(one["value"], MOST_NAME)} for one in report["guesses"]], report["file"])
    wide, named = (max(len(guess[part]) for guess in guesses) for part in ("what", "value"))
    lines = [f"{report['file']}, from {looked} of {data.name}:"]
    lines += [f"  {one['what']:<{wide}}  {one['value']:<{named}}  {one['why']}" for one in guesses]
    lines += [*report["problems"], f"next: {command} demo {report['model']} --data {shlex.quote(str(data))}"]
    return "\n".join(lines)


def _folded(guesses: Sequence[Mapping[str, str]], file: str) -> list[Mapping[str, str]]:
    """The guesses, with features of a kind beyond those that a screen takes in one."""
    kinds: dict[str, list[str]] = defaultdict(list)
    kept: list[Mapping[str, str]] = []
    for one in guesses:
        kinds[one["what"]].append(one["value"])
        if one["what"] not in ("number", "category") or len(kinds[one["what"]]) <= MOST_OF_A_KIND:
            kept.append(one)
    for what, names in kinds.items():
        if more := names[MOST_OF_A_KIND:] if what in ("number", "category") else []:
            last = max(place for place, one in enumerate(kept) if one["what"] == what)
            said = f"{', '.join(more[:3])}{', …' * (len(more) > 3)}: in {file}"
            kept.insert(last + 1, {"what": what, "value": f"{len(more)} more", "why": said})
    return kept
