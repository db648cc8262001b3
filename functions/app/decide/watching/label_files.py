"""A file of labels: answers that came later than the rows, each with the id of its row. Pure."""

from collections.abc import Iterable
from typing import NamedTuple

from app.decide.uploads import readings
from app.decide.uploads.file_checks import Problem
from app.decide.uploads.message_text import describe_columns, named, quoted, says, twice_in
from app.decide.uploads.published_model import Data
from app.decide.uploads.scores import check_width, records, within

Answer = str | float
MOST_ROWS = 200_000  # of a file: 60 MB of a function's memory
MOST_BYTES = 64 * 1024**2  # of a file, unpacked
SPLIT = f"split it into files of at most {MOST_ROWS:,} rows and {MOST_BYTES // 1024**2} MiB, each with the header line"


class Labels(NamedTuple):
    """What a file says: the true answer by the id of its row."""

    answers: dict[str, Answer]
    without_answer: int = 0  # rows that are left out, as the model file says


def read_labels(chunks: Iterable[bytes], data: Data, model_file: str) -> Labels:
    """Read a file of labels: it needs the columns of the id and of the target; others are not looked at.

    Raises:
        Problem: there is no id to join by, or the file cannot be read; with its line and what to do.
    """
    if not data.id:
        raise Problem(f"{model_file} names no id to join labels by", "set data.id in it, and publish it")
    rows = records(within(chunks, MOST_BYTES, SPLIT))
    header = [name.strip() for name in next(rows)[1]]
    _check_header(header, data, model_file)
    identity, target = header.index(data.id), header.index(data.target)
    answers: dict[str, Answer] = {}
    count = without = 0
    for line, record in rows:
        check_width(line, record, header)
        count += 1
        if count > MOST_ROWS:
            raise Problem(f"has more than {MOST_ROWS:,} rows", SPLIT)
        if data.drop_rows_without_target and readings.is_missing(record[target], data.missing):
            without += 1
            continue
        _add(answers, line, record[identity].strip(), _answer(line, record[target], data, model_file), data)
    if not answers:
        raise Problem(f"has no row with an answer in column '{data.target}'", "upload the rows too")
    return Labels(answers, without)


def _check_header(header: list[str], data: Data, model_file: str) -> None:
    if twice := twice_in(header, sensitive=data.sensitive):
        raise Problem(twice, "keep one column of each name")
    lacking = [name for name in (data.id, data.target) if name not in header]
    if lacking:
        columns = describe_columns(header, sensitive=data.sensitive)
        remedy = f"a file of labels has the columns '{data.id}' and '{data.target}', as {model_file} names them"
        raise Problem(f"no column '{lacking[0]}' {columns}", remedy)


def _answer(line: int, text: str, data: Data, model_file: str) -> Answer:
    answer = readings.target(text, data.labels, data.missing, log=data.log)
    if answer is not None:
        return answer
    place = f"line {line} {says(text.strip(), sensitive=data.sensitive)} in column '{data.target}'"
    if data.labels:
        raise Problem(f"{place}, known are {named(data.labels)}", f"the labels are named in {model_file}")
    what = "a number above 0" if data.log else "a number"
    raise Problem(f"{place}, which must be {what}", "correct or remove the line")


def _add(answers: dict[str, Answer], line: int, identity: str, answer: Answer, data: Data) -> None:
    """Keep an answer; the same one twice is one."""
    if not identity:
        raise Problem(f"line {line} has no {data.id}", "correct or remove the line")
    if answers.setdefault(identity, answer) != answer:
        which = "its row's id" if data.sensitive else f"{data.id} {quoted(identity)}"
        raise Problem(f"line {line} has another answer for {which} than a line before", "keep the row that is right")
