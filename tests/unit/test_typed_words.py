from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import pytest
import typer
from typer import core
from typer.testing import CliRunner

from cli.typed_words import TypedWord, take_as_typed

taken: list[tuple[Any, ...]] = []


def command(
    model: str,
    files: Annotated[list[Path] | None, typer.Argument()] = None,
    into: Path = Path("here"),
    settings: Annotated[list[str] | None, typer.Option("--set")] = None,
    version: Annotated[int | None, typer.Option(min=1, max=9)] = None,
    port: int = 80,
    share: float = 0.5,
    quiet: bool = False,
) -> None:
    taken.append((model, files, into, settings, version, port, share, quiet))


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    monkeypatch.setattr(core, "build_runtime_param", core.build_runtime_param)
    take_as_typed()
    taken.clear()
    application = typer.Typer(add_completion=False, rich_markup_mode=None)
    application.command()(command)
    return lambda *words: CliRunner().invoke(application, words)


def test_what_is_not_typed_has_its_default(call: Callable[..., Any]) -> None:
    call("churn")

    assert taken == [("churn", None, Path("here"), None, None, 80, 0.5, False)]


def test_each_word_has_its_parameters_type(call: Callable[..., Any]) -> None:
    words = [
        "--into",
        "there",
        "--set",
        "a=1",
        "--set",
        "b=2",
        "--version",
        "9",
        "--port",
        "-1",
        "--share",
        "2",
        "--quiet",
    ]
    call("churn", "a.csv", "-", *words)

    assert taken == [("churn", [Path("a.csv"), Path("-")], Path("there"), ["a=1", "b=2"], 9, -1, 2.0, True)]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--version", "0"], "greater than or equal to 1"),
        (["--version", "10"], "less than or equal to 9"),
        (["--port", "http"], "a valid integer"),
        (["--share", "half"], "a valid number"),
    ],
)
def test_what_is_refused_is_refused_in_typers_words(call: Callable[..., Any], words: list[str], why: str) -> None:
    ended = call("churn", *words)

    assert ended.exit_code == 2
    assert why in ended.output
    assert taken == []


def test_typer_asks_for_it_by_the_name_that_is_replaced(call: Callable[..., Any]) -> None:
    application = typer.Typer()
    application.command()(command)
    (first, *_) = typer.main.get_command(application).params

    assert isinstance(first.get_runtime_param(), TypedWord)  # type: ignore[attr-defined]
