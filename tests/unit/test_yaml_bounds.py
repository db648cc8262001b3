"""Whatever the text of a model file is, reading it ends in a document that can be told, or in an error of YAML."""

import json

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from pipelines.model.model_file import BadModelFile, load, problems
from pipelines.model.text.yaml_bounds import Loader, require_bounded

PARTS = (
    "a", "name", ": ", ":", "\n", "\n  ", "- ", "? ", "[", "]", "{", "}", ", ", "'", '"', "|\n ", ">", "# ", "---\n",
    "...\n", "%YAML ", "1.1", "%TAG ! a", "&a ", "*a", "<<: ", "=: ", "!a ", "!", "!!int ", "!!float ", "!!bool ",
    "!!null ", "!!timestamp ", "!!binary ", "!!set ",
    "!!omap ", "!!pairs ", "!!str ", "!!seq ", "!!map ", "!!merge ", "!!value ",
    "_", "''", "0x", "0b", "0o7", "f" * 5000, "9" * 5000, "1" + ":1" * 3000, "-", "+", ".", ".inf", ".nan", "1e999",
    "2026-02-30", "2026-01-01T00:00:00+99:99", "99:99", "~", "true", "\\",
    '"\\UFFFFFFFF"', '"\\U00110000"', '"\\ud800"',
    '"\\x', "\\u12", "%ff", "\t", " ", "\0", "\u2028", "\ufeff", "é", "@", "`",
)  # fmt: skip
TEXTS = st.lists(st.sampled_from(PARTS) | st.text(max_size=3), max_size=12).map("".join)


@given(TEXTS)
@example("!!int ''")
@example("{!!int _: !!float _}")
@example("? !!set {a}\n: b")
@example("a: &a {<<: *a}")
@example("!<%ud800> a")
def test_reading_ends_in_a_document_or_in_an_error_of_yaml(text: str) -> None:
    try:
        require_bounded(text)
        document = yaml.load(text, Loader=Loader)
    except yaml.YAMLError:
        return

    str(document).encode()


@given(value=TEXTS)
@example(value="0x" + "f" * 5000)
@example(value='{"a": "\\ud800"}')
def test_a_model_file_is_taken_or_told_what_is_wrong_with_it(
    value: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "odd.yaml"
    path.write_text(f"name: odd\nowner: {value}\n", "utf-8", errors="replace")

    told = [str(problem) for problem in problems(path)]

    assert all(line.startswith("line ") and line.encode() for line in told)
    if told:
        with pytest.raises(BadModelFile):
            load(path)
    else:
        json.dumps(load(path))
