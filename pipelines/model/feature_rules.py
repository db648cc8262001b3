"""What a JSON Schema cannot say about how a model file's features come about: their columns, what is derived from them,
the scripts that make them, and what the registry says of the result. Pure.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from pipelines.model.algorithm_kinds import KINDS
from pipelines.model.class_rules import alike
from pipelines.model.model_rules import Finding, Where, kind_of, suggest

READS = {  # what each rule is derived from
    "length": ("category", "json"), "bins": ("number", "json"), "number": ("json",), "category": ("json",),
    **dict.fromkeys(("years", "days", "year", "month", "weekday", "hour"), ("date", "json")),
}  # fmt: skip
COUNTED = frozenset({"years", "days"})  # to AsOfDate
SOME_MOMENT = datetime(2026, 11, 30, 13, tzinfo=UTC)
RESERVED = ("model", "algorithm", "evaluation", "verification")
WRITES_ALL, WRITES_CLEANED = "preprocess.py", "clean.py"
CALLED = {"json": "JSON column"}
METADATA = re.compile(r"[\w .:/=+@-]*")
METADATA_WORDS = "letters, digits, spaces and _ . : / = + - @"
METADATA_ENTRIES = 50 - len(RESERVED)


def findings(model: Mapping[str, Any], scripts: Path) -> Iterator[Finding]:
    """Say what contradicts what."""
    data = model["data"]
    yield from _of_columns(data)
    for name, rule in data["derived"].items():
        yield from _of_derived(("data", "derived", name), name, rule, data)
    for at, column in enumerate(model["slices"]):
        if column in data["columns"] and kind_of(data["columns"][column]) not in ("number", "category"):
            remedy = "name a column of numbers or categories"
            yield (
                ("slices", at),
                f"{column!r} is a {_called(data['columns'][column])}, of which rows hardly share values",
                remedy,
            )
    yield from _of_group(data)
    if data["id"] and model["split"].get("row") == "features":
        yield ("split", "row"), f"the id {data['id']!r} tells rows apart", "remove it"
    yield from _of_time(model)
    yield from _of_scripts(model["preprocessing"], scripts)
    yield from _of_registration(model)


def _of_group(data: Mapping[str, Any]) -> Iterator[Finding]:
    for at, name in enumerate(data.get("group", [])):
        where: Where = ("data", "group", at)
        if name == data["target"]:
            yield where, f"{name!r} is the target", "name the columns that say what several rows are about"
        elif name == data["id"]:
            remedy = "keep one of them: of an id only the newest row counts, of a group all rows do"
            yield where, f"{name!r} is the id too", remedy
        elif name in data["derived"]:
            yield where, f"{name!r} is derived", "name columns of the data"


def _of_time(model: Mapping[str, Any]) -> Iterator[Finding]:
    by, data = model["split"].get("by"), model["data"]
    where: Where = ("split", "by")
    if by is None:
        for key in (key for key in ("periods", "cuts") if key in model["split"]):
            yield ("split", key), "there are periods of time only", "name the column of time: by: COLUMN"
        return
    yield from _of_cuts(model)
    if by == data["target"]:
        yield where, f"{by!r} is the target", "name a column that says when a row came about"
    elif by in data["derived"]:
        yield where, f"{by!r} is derived", f"name the column itself: {data['derived'][by]['from']}"
    elif by in data["columns"] and kind_of(data["columns"][by]) not in ("date", "number"):
        yield where, f"{by!r} is a {_called(data['columns'][by])}", "name a column of dates or numbers"


def _of_cuts(model: Mapping[str, Any]) -> Iterator[Finding]:
    """Say who cannot learn anew where models are evaluated: an algorithm that AWS trains in a container of its own."""
    if "cuts" not in model["split"]:
        return
    if "periods" in model["split"]:
        yield ("split", "periods"), "cuts show periods, too", "keep one of them"
    closed = [one["name"] for one in model["algorithms"] if KINDS[one["name"]].closed]
    if closed:
        able = ", ".join(name for name, kind in KINDS.items() if not kind.closed)
        why = "cannot learn anew: Evaluate trains before each cut, and cannot train what AWS's own containers do"
        yield ("split", "cuts"), f"{' and '.join(closed)} {why}", f"write periods, which trains nothing, or use {able}"


def _called(column: str | Mapping[str, Any]) -> str:
    kind = kind_of(column)
    return CALLED.get(kind, kind)


def _of_columns(data: Mapping[str, Any]) -> Iterator[Finding]:
    sources = {rule["from"] for rule in data["derived"].values()}
    for name, given in data["columns"].items():
        where: Where = ("data", "columns", name)
        kind, fields = kind_of(given), given.get("fields") if isinstance(given, dict) else None
        if fields and kind != "json":
            yield (*where, "fields"), f"a {_called(kind)} has no fields", "remove them, or say kind: json"
        yield from _of_date_format(where, kind, given)
        yield from _of_number_format(where, kind, given)
        if kind == "json" and not fields:
            yield (
                where,
                f"{name!r} is JSON without fields",
                f"name those that matter: {name}: {{kind: json, fields: [...]}}",
            )
        if kind in ("date", "json") and name not in sources:
            remedy = "derive one in data.derived, or remove the column: split.by and group read columns by themselves"
            yield where, f"{name!r} is a {_called(kind)}, and no feature is derived from it", remedy


def _of_date_format(where: Where, kind: str, given: str | Mapping[str, Any]) -> Iterator[Finding]:
    """Source: https://docs.python.org/3/library/datetime.html#format-codes"""
    form = given.get("date_format") if isinstance(given, dict) else None
    if form is None:
        return
    if kind != "date":
        yield (*where, "date_format"), f"a {_called(given)} has no dates", "remove it, or say kind: date"
        return
    try:
        read = datetime.strptime(SOME_MOMENT.strftime(form), form).replace(tzinfo=UTC)
    except ValueError:
        read = datetime.min.replace(tzinfo=UTC)
    of_month = (read.year, read.month, read.day) == (SOME_MOMENT.year, SOME_MOMENT.month, 1)
    if read.date() != SOME_MOMENT.date() and not of_month:
        remedy = "write it as strptime takes it: '%d.%m.%Y' for 30.11.2026, '%d %b %Y' for 30 Nov 2026"
        yield (*where, "date_format"), f"{form!r} names no day", remedy


def _of_number_format(where: Where, kind: str, given: str | Mapping[str, Any]) -> Iterator[Finding]:
    form = given.get("number_format") if isinstance(given, dict) else None
    if form is None:
        return
    if kind != "number":
        yield (*where, "number_format"), f"a {_called(given)} is no number", "remove it, or say kind: number"
    elif form.get("decimal", ".") == form.get("thousands", ""):
        said = f"{form.get('decimal', '.')!r} stands before decimals and between thousands"
        yield (*where, "number_format"), said, "let them differ; where there are no thousands, leave them out"


def _of_derived(where: Where, name: str, rule: Mapping[str, Any], data: Mapping[str, Any]) -> Iterator[Finding]:
    columns = data["columns"]
    if name in (*columns, data["target"], data["id"]):
        yield where, f"{name!r} is a column of the data too", "give the derived feature a name of its own"
    if rule["from"] not in columns:
        yield (
            (*where, "from"),
            f"there is no column {rule['from']!r} in data.columns",
            suggest(rule["from"], list(columns)),
        )
        return
    source = columns[rule["from"]]
    kind, fields = kind_of(source), source.get("fields", []) if isinstance(source, dict) else []
    if kind not in READS[rule["as"]]:
        fitting = [one for one, kinds in READS.items() if kind in kinds]
        remedy = f"of a {_called(kind)}: {', '.join(fitting)}" if fitting else "the column is a feature as it stands"
        yield (*where, "as"), f"{rule['as']!r} cannot be derived from a {_called(kind)}", remedy
    elif kind == "json" and rule.get("field") not in fields:
        said = (
            f"{rule['from']!r} has no field {rule['field']!r}" if "field" in rule else "no field of the JSON is named"
        )
        yield (*where, "field"), said, suggest(rule.get("field", ""), fields)
    elif kind != "json" and "field" in rule:
        yield (*where, "field"), f"a {_called(kind)} has no fields", "remove it"
    yield from _of_bins(where, rule)


def _of_bins(where: Where, rule: Mapping[str, Any]) -> Iterator[Finding]:
    edges, labels = rule.get("edges"), rule.get("labels")
    if rule["as"] != "bins":
        for key in ("edges", "labels"):
            if key in rule:
                yield (*where, key), f"{rule['as']!r} has no {key}", "remove them, or say as: bins"
    elif not edges or not labels:
        yield where, "bins need edges and labels", "add edges: [30, 50] and labels: [young, middle, old]"
    elif len(labels) != len(edges) + 1:
        many = f"{len(edges)} edges make {len(edges) + 1} bands, and there are {len(labels)} labels"
        yield (*where, "labels"), many, "give each band one label"
    elif any(low >= high for low, high in pairwise(edges)):
        yield (*where, "edges"), "the edges do not ascend", "write them from low to high, each once"
    else:
        yield from alike(labels, (*where, "labels"))


def _of_scripts(given: Mapping[str, Any], scripts: Path) -> Iterator[Finding]:
    script, split = given["script"], given["split"]
    if split and not (scripts / split).is_file():
        there = sorted(found.name for found in scripts.glob("*.py"))
        yield ("preprocessing", "split"), f"there is no processing_scripts/{split}", suggest(split, there)
    if split and script == WRITES_ALL:
        yield (
            ("preprocessing", "script"),
            f"{script} splits by itself",
            f"write script: {WRITES_CLEANED}, or remove split",
        )
    if script == WRITES_CLEANED and not split:
        yield (
            ("preprocessing", "script"),
            f"{script} only cleans",
            "add split: split.py, or write script: preprocess.py",
        )


def _of_registration(model: Mapping[str, Any]) -> Iterator[Finding]:
    """Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModelPackage.html"""
    given = model["registration"]
    if len(given["metadata"]) > METADATA_ENTRIES:
        yield ("registration", "metadata"), f"more than {METADATA_ENTRIES} entries", "keep those that somebody reads"
    for name, text in given["metadata"].items():
        where = ("registration", "metadata", name)
        if name in RESERVED:
            yield where, f"{name!r} is set by the pipeline itself", "choose another name"
        elif not 0 < len(name) <= 128 or not METADATA.fullmatch(name):
            yield where, "not a name that the registry takes", f"{METADATA_WORDS}, at most 128"
        elif not METADATA.fullmatch(text):
            yield where, f"{text!r} is not a text that the registry takes", METADATA_WORDS
    used = {"transform_instances": ("instances.transform", model["instances"]["transform"])}
    if model["deployment"]["mode"] == "realtime":
        used["inference_instances"] = ("deployment.instance_type", model["deployment"]["instance_type"])
    for key, (place, instance) in used.items():
        if given[key] and instance not in given[key]:
            yield ("registration", key), f"{place} is {instance}, which is not among them", f"add {instance}"
