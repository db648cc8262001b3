"""A model file: read, checked, and with its defaults filled in.

Needs pyyaml and jsonschema only, so that the command line and the tests read model files without the SageMaker SDK.
"""

import copy
import json
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import chain
from pathlib import Path
from typing import Any, cast

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from pipelines.model import answer_rules, class_rules, fairness_rules, feature_rules, metric_rules, model_rules
from pipelines.model.model_rules import Where
from pipelines.model.text.yaml_bounds import Loader, OutOfBounds, require_bounded
from pipelines.model.watching import retrain_rules

ROOT = Path(__file__).resolve().parents[2]
MODELS = ROOT / "models"
SCRIPTS = ROOT / "processing_scripts"


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong with a model file, and what to do about it."""

    line: int
    where: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        place = f"line {self.line}, {self.where}" if self.where else f"line {self.line}"
        return f"{place}: {self.problem}; {self.remedy}"


class Twice(yaml.constructor.ConstructorError):
    """A key that stands twice in one mapping, of which YAML would silently take the last."""


class BadModelFile(ValueError):
    """A model file that cannot be used; ``problems`` says why."""

    def __init__(self, path: Path, problems: list[Problem]) -> None:
        super().__init__("\n".join(f"{path}: {problem}" for problem in problems))
        self.problems = problems


def path_of(model: str) -> Path:
    """Where the file of ``model`` lies."""
    return MODELS / f"{model}.yaml"


def names() -> list[str]:
    """All models, by name."""
    return sorted(path.stem for path in MODELS.glob("*.yaml"))


@cache
def schema() -> dict[str, Any]:
    """The JSON Schema of model files."""
    document: dict[str, Any] = json.loads((MODELS / "model.schema.json").read_text("utf-8"))
    return document


def load(path: Path, added: str = "") -> dict[str, Any]:
    """Read a model file, as if ``added`` stood at its end, and fill in its defaults.

    Raises:
        BadModelFile: when it has problems.
    """
    found = problems(path, added)
    if found:
        raise BadModelFile(path, found)
    document, _ = _read(path.read_text("utf-8") + added)
    filled: dict[str, Any] = _filled(copy.deepcopy(document), schema())
    return filled


def _filled(value: Any, rule: Mapping[str, Any]) -> Any:
    if isinstance(value, dict):
        filled = dict(value)
        for key, inner in rule.get("properties", {}).items():
            if key not in filled and "default" in inner:
                filled[key] = copy.deepcopy(inner["default"])
            if key in filled:
                filled[key] = _filled(filled[key], inner)
        return filled
    if isinstance(value, list):
        return [_filled(item, rule.get("items", {})) for item in value]
    return value


def problems(path: Path, added: str = "") -> list[Problem]:
    """Say everything that is wrong with a model file, in the order of its lines, as if ``added`` stood at its end."""
    try:
        document, lines = _read(path.read_text("utf-8") + added)
    except FileNotFoundError:
        known = ", ".join(names()) or "none"
        return [Problem(1, "", f"there is no file {path.name} in models/", f"models that exist: {known}")]
    except UnicodeDecodeError as error:
        return [Problem(1, "", f"not UTF-8 (byte {error.start})", "save it as UTF-8")]
    except yaml.YAMLError as error:
        return [_yaml_problem(error)]
    if not isinstance(document, dict):
        return [Problem(1, "", "not a mapping of keys to values", "begin with `name: …`")]
    errors = list(Draft202012Validator(schema()).iter_errors(document))
    found = [problem for error in errors for problem in _explain(error, lines)]
    if not found:
        found = list(_contradictions(_filled(document, schema()), path, lines))
    return sorted(found)


def _yaml_problem(error: yaml.YAMLError) -> Problem:
    mark = getattr(error, "problem_mark", None)
    if isinstance(error, Twice) and mark:
        return Problem(mark.line + 1, "", str(error.problem), "keep one of the two")
    if isinstance(error, OutOfBounds):
        return Problem(error.line, "", error.problem, "that is no model file; say what a model is")
    what = getattr(error, "problem", None) or " ".join(str(error).split())
    return Problem(mark.line + 1 if mark else 1, "", f"not YAML: {what}", "check indentation, colons and quotes")


@lru_cache(maxsize=64)  # publishing asks six times what stands in a file
def _read(text: str) -> tuple[Any, Mapping[Where, int]]:
    """A model file as YAML has it, not to be changed, and the line of each of its places."""
    require_bounded(text)
    return yaml.load(text, Loader=Loader), _lines(text)  # noqa: S506 - a safe one


def _lines(text: str) -> dict[Where, int]:
    lines: dict[Where, int] = {(): 1}

    def walk(node: yaml.Node | None, where: Where) -> None:
        if isinstance(node, yaml.MappingNode):
            seen: set[str] = set()
            for key, value in node.value:
                if key.value in seen:
                    raise Twice(None, None, f"{key.value!r} is there twice", key.start_mark)
                seen.add(key.value)
                lines[*where, key.value] = key.start_mark.line + 1
                walk(value, (*where, key.value))
        elif isinstance(node, yaml.SequenceNode):
            for at, value in enumerate(node.value):
                lines[*where, at] = value.start_mark.line + 1
                walk(value, (*where, at))

    walk(yaml.compose(text, Loader=Loader), ())
    return lines


def _explain(error: ValidationError, lines: Mapping[Where, int]) -> Iterator[Problem]:
    where: Where = tuple(error.absolute_path)
    line = lines.get(where, 1)
    if error.validator == "additionalProperties":
        rule: Any = error.schema
        known = list(rule.get("properties", {}))
        for key in sorted(set(cast(dict[str, Any], error.instance)) - set(known), key=str):
            renamed = RENAMED.get(key) in known
            remedy = f"it is called {RENAMED[key]!r} now" if renamed else model_rules.suggest(key, known)
            yield Problem(lines.get((*where, key), line), _dotted((*where, key)), "unknown key", remedy)
        return
    former = set(RENAMED) & set(error.instance) if isinstance(error.instance, dict) else None
    if former and error.validator in ("required", "oneOf"):
        return  # the key is there, under its former name
    yield Problem(line, _dotted(where), *_words(str(error.validator), error.validator_value, error))


RENAMED = {"no_slice_below": "slice_limit", "larger": "large_data", "above_mb": "over_mb"}
"""Keys of earlier releases."""


def _words(rule: str, expected: Any, error: ValidationError) -> tuple[str, str]:
    value = _short(error.instance)
    match rule:
        case "required":
            absent = [key for key in expected if key not in cast(dict[str, Any], error.instance)]
            return f"no {', '.join(map(repr, absent))}", "add it" if len(absent) == 1 else "add them"
        case "type":
            kinds = expected if isinstance(expected, list) else [expected]
            return f"{value} is not {' or '.join(TYPES[kind] for kind in kinds)}", HOW[kinds[0]]
        case "enum":
            return f"{value} is not known", model_rules.suggest(error.instance, expected)
        case "oneOf":
            options = "', '".join(option["required"][0] for option in expected)
            return f"a limit has exactly one of '{options}'", "keep one of them"
        case "maxItems" | "minItems":
            many = len(cast(list[Any], error.instance))
            least_or_most = "at most" if rule == "maxItems" else "at least"
            return f"{many} are in the list", f"name {least_or_most} {expected}"
        case "pattern" if expected.startswith("^ml"):
            return f"{value} is no instance type", "write one as ml.m5.xlarge"
        case "pattern":
            return f"{value} has the wrong form", f"it must match {expected}"
        case "minimum" | "exclusiveMinimum" | "maximum" | "exclusiveMaximum":
            return f"{value} is out of range", _range(cast(Mapping[str, Any], error.schema))
        case _:
            return error.message, "see models/model.schema.json"


TYPES = {
    "string": "text", "integer": "a whole number", "number": "a number", "boolean": "true or false", "array": "a list",
    "object": "a mapping of keys to values", "null": "null",
}  # fmt: skip
HOW = {
    "string": 'put it in quotes: "Yes", "1" (without them, YAML reads Yes as true and 1 as a number)',
    "integer": "write one without quotes: 400", "number": "write one without quotes: 0.75",
    "boolean": "write one of them without quotes", "array": "put it in brackets: [one, another]",
    "object": "write key: value below it, indented",
}  # fmt: skip


def _range(rule: Mapping[str, Any]) -> str:
    words = {
        "minimum": "at least", "exclusiveMinimum": "above", "maximum": "at most", "exclusiveMaximum": "below",
    }  # fmt: skip
    return "choose a value " + " and ".join(f"{word} {rule[key]}" for key, word in words.items() if key in rule)


def _short(value: Any) -> str:
    text = str(value).lower() if isinstance(value, bool) else repr(value)  # as YAML has it
    return text if len(text) <= 60 else text[:57] + "..."


def _dotted(where: Where) -> str:
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in where)
    return text.removeprefix(".")


def _contradictions(model: Mapping[str, Any], path: Path, lines: Mapping[Where, int]) -> Iterator[Problem]:
    found = chain(
        model_rules.findings(model, path, SCRIPTS, schema()["$defs"]),
        metric_rules.findings(model, schema()),
        feature_rules.findings(model, SCRIPTS),
        answer_rules.findings(model),
        class_rules.findings(model),
        fairness_rules.findings(model),
        retrain_rules.findings(model, metric_rules.metrics_of(schema(), model["task"])),
    )
    for where, what, remedy in found:
        known = next(where[:end] for end in range(len(where), -1, -1) if where[:end] in lines)
        yield Problem(lines[known], _dotted(where), what, remedy)


def main() -> None:
    """Print a model file as the JSON that jobs read: ``python -m pipelines.model.model_file models/churn.yaml``."""
    if len(sys.argv) != 2 or re.fullmatch("-h|--help", sys.argv[1]):
        sys.exit(str(main.__doc__))
    try:
        print(json.dumps(load(Path(sys.argv[1])), indent=2, sort_keys=False))
    except BadModelFile as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
