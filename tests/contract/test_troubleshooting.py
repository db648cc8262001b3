"""Every message leads to a section of docs/guides/troubleshooting.md, and what that page quotes is said."""

import ast
import re
from functools import cache

import pytest
from app.errors import InputError, RetrainError, SetupError, TransientError, leaves

from cli import message_index
from cli.message_index import FILLED_IN, HOUSES, PAGE, ROOT

TEXT = PAGE.read_text()
KINDS: dict[str, type[RetrainError]] = {
    "what came in is wrong": InputError,
    "passes by itself": TransientError,
    "somebody has to change something": SetupError,
}


@cache
def said() -> str:
    """Every text of the houses whose messages people get to see, one a line."""
    trees = (ast.parse(path.read_text()) for house in HOUSES for path in (ROOT / house).rglob("*.py"))
    texts = (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant | ast.JoinedStr))
    raised = [one.text for one in message_index.messages()]  # put together of several
    return "\n".join(" ".join(text.split()) for text in [*map(message_index.text_of, texts), *raised])


def quoted() -> list[str]:
    """What stands in the first column of a section's table."""
    cells = re.findall(r"^\| (`[^|]*`) \|[^|]*\|[^|]*\|$", TEXT, re.MULTILINE)
    return [span for cell in cells for span in re.findall(r"`([^`]+)`", cell)]


def test_every_message_leads_to_a_section() -> None:
    known = message_index.sections()
    led = {message_index.section_of(message.path, known) for message in message_index.messages()}

    assert len(message_index.messages()) > 200
    assert led <= set(re.findall(r"^## (.+)$", TEXT, re.MULTILINE))


def test_every_file_that_raises_leads_to_a_section_also_where_the_words_come_from_elsewhere() -> None:
    known = message_index.sections()
    trees = {path: ast.parse(path.read_text()) for house in HOUSES for path in (ROOT / house).rglob("*.py")}
    raising = [path for path, tree in trees.items() if any(isinstance(one, ast.Raise) for one in ast.walk(tree))]

    assert len(raising) > 100
    assert all(message_index.section_of(path.relative_to(ROOT).as_posix(), known) for path in raising)


def test_a_reason_that_a_state_machine_gives_is_a_message() -> None:
    told = [one.text for one in message_index.messages() if one.path.startswith("statemachine/")]

    assert told == ["nobody decided before the deadline"]
    assert set(told) <= set(quoted())


def test_every_section_but_the_first_says_who_speaks_in_it() -> None:
    headings = re.findall(r"^## (.+)$", TEXT, re.MULTILINE)

    assert set(message_index.sections().values()) == set(headings)


def test_every_folder_and_file_that_speaks_is_there_and_raises_something() -> None:
    known = message_index.sections()
    raising = [path.relative_to(ROOT).as_posix() for house in HOUSES for path in (ROOT / house).rglob("*.py")
               if re.search(r"^\s+raise ", path.read_text(), re.MULTILINE)]  # fmt: skip
    raising += [message.path for message in message_index.messages()]

    assert [name for name in known if not any(path.startswith(name) for path in raising)] == []


@pytest.mark.parametrize("words", quoted())
def test_what_the_page_quotes_is_said(words: str) -> None:
    pattern = ".*".join(map(re.escape, words.split(FILLED_IN)))

    assert re.search(pattern, said()), words


def test_every_error_of_the_app_is_on_the_page_with_its_kind_and_its_meaning() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| ((?:what|passes|somebody)[^|]*\|[^|]*) \|$", TEXT, re.MULTILINE))
    wanted = {
        leaf.__name__: f"{words} | {' '.join(str(leaf.__doc__).split())}"
        for words, kind in KINDS.items()
        for leaf in leaves(kind)
    }

    assert rows == wanted


def test_a_message_that_no_section_knows_is_told() -> None:
    with pytest.raises(LookupError, match=r"other/new\.py raises messages"):
        message_index.section_of("other/new.py", message_index.sections())


def test_the_page_of_messages_has_each_with_its_section() -> None:
    page = message_index.page()

    assert "[What to do](troubleshooting.md#a-file-was-refused)" in page
    assert page.count("\n| ") >= len(message_index.messages())


def test_a_message_that_is_put_together_before_it_is_raised_is_read_too() -> None:
    said_by_checks = [one.text for one in message_index.messages() if one.path.endswith("uploads/file_checks.py")]

    assert any(text.startswith("line … ") and text.endswith("the labels are named in …") for text in said_by_checks)
    assert any("fields (…, the header has …)" in text for text in said_by_checks)
    assert any(text.startswith("is not UTF-8 text (byte …") for text in said_by_checks)
    assert not any("must be a number; save it as CSV" in text for text in said_by_checks)
