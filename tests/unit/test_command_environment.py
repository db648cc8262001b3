"""Options by environment variables, ``--debug``, completion, exit codes, and help that fits a screen."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import typer
from app.aws.clients import calling
from app.errors import UnknownKind
from botocore.exceptions import ClientError

from cli import completion, debugging, environment
from cli.main import UNFORESEEN, UNUSABLE, command_line, main

WIDTH, HEIGHT = 80, 40
ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def own_switches(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    before, hook = signal.getsignal(signal.SIGTERM), sys.excepthook
    monkeypatch.setattr(debugging, "ON", [False])
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    yield
    signal.signal(signal.SIGTERM, before)
    sys.excepthook = hook


def commands() -> list[str]:
    return ["", *command_line().commands]


@pytest.fixture
def help_of(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[[str], str]:
    monkeypatch.setenv("COLUMNS", str(WIDTH))

    def shown(name: str) -> str:
        assert ended([*filter(None, [name]), "--help"], monkeypatch) == 0
        return capsys.readouterr().out

    return shown


@pytest.mark.parametrize("name", commands())
def test_the_help_of_a_command_fits_a_screen(name: str, help_of: Callable[[str], str]) -> None:
    lines = help_of(name).splitlines()

    assert len(lines) <= HEIGHT
    assert max(map(len, lines)) <= WIDTH
    assert any("--debug" in line for line in lines)


def test_the_list_of_commands_has_a_line_for_each(help_of: Callable[[str], str]) -> None:
    listed = help_of("").partition("Commands:\n")[2].partition("\n\n")[0].splitlines()

    assert [line.split()[0] for line in listed] == commands()[1:]


@pytest.fixture
def heard() -> list[Any]:
    return []


@pytest.fixture
def group(heard: list[Any]) -> Any:
    app = typer.Typer(add_completion=False, rich_markup_mode=None)

    @app.command()
    def upload(
        into: Path = Path("here"), tags: list[str] | None = None, wait: bool = True, stack: str = "retrain",
        port: int = 1, yes: bool = False,
    ) -> None:  # fmt: skip
        heard.append({"into": into, "tags": tags, "wait": wait, "stack": stack, "port": port, "yes": yes})

    app.command()(lambda: None)
    found: Any = typer.main.get_command(app)
    environment.take(found)
    return found


@pytest.mark.parametrize(
    ("words", "variables", "expected"),
    [
        ([], {"RETRAIN_UPLOAD_INTO": "there"}, {"into": Path("there")}),
        (["--into", "typed"], {"RETRAIN_UPLOAD_INTO": "there"}, {"into": Path("typed")}),
        ([], {"RETRAIN_UPLOAD_TAGS": "a=1 b=2"}, {"tags": ["a=1", "b=2"]}),
        ([], {"RETRAIN_UPLOAD_WAIT": "0"}, {"wait": False}),
        ([], {"RETRAIN_STACK": "all"}, {"stack": "all"}),
        ([], {"RETRAIN_STACK": "all", "RETRAIN_UPLOAD_STACK": "own"}, {"stack": "own"}),
        ([], {"RETRAIN_UPLOAD_STACK": ""}, {"stack": "retrain"}),
        ([], {"RETRAIN_PORT": "tcp://10.0.0.1:80", "RETRAIN_YES": "1"}, {"port": 1, "yes": False}),
        ([], {"RETRAIN_UPLOAD_YES": "1"}, {"yes": True}),
    ],
)
def test_an_option_is_taken_from_its_variable(
    words: list[str],
    variables: dict[str, str],
    expected: dict[str, Any],
    group: Any,
    heard: list[Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    group.main(["upload", *words], standalone_mode=False)

    assert {name: heard[0][name] for name in expected} == expected


def test_every_option_of_every_command_has_a_variable_of_its_own() -> None:
    named: list[str] = []
    for name, command in command_line().commands.items():
        options = [one for one in command.params if one.param_type_name == "option"]
        assert all(one.envvar[0].startswith(f"RETRAIN_{name.upper()}_") for one in options)
        named += [one.envvar[0] for one in options]

    assert len(named) == len(set(named))


def ended(words: list[str], monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(sys, "argv", ["retrain", *words])
    with pytest.raises(SystemExit) as end:
        main()
    return int(str(end.value.code))


@pytest.mark.parametrize("debug", [True, False])
def test_a_mistake_has_a_traceback_only_for_who_asks(
    debug: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code = ended(["upload", "churn", "nowhere.csv", *(["--debug"] if debug else [])], monkeypatch)

    said = capsys.readouterr().err
    assert code == UNUSABLE
    assert ("Traceback" in said) == debug
    assert said.splitlines()[-1] == "retrain: no file nowhere.csv; nothing was uploaded"


def refused_call() -> None:
    raise ClientError({"Error": {"Code": "ResourceNotFoundException", "Message": "no such table"}}, "Query")


def unknown_word() -> None:
    raise UnknownKind("the ledger names a kind that this release does not know")


@pytest.mark.parametrize(
    ("failing", "said"),
    [
        (refused_call, "retrain: Query was refused: no such table"),
        (unknown_word, "retrain: the ledger names a kind that this release does not know"),
    ],
)
def test_what_the_apps_own_code_raises_is_a_sentence_too(
    failing: Callable[[], None], said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: Any) -> None:
        with calling():
            failing()

    monkeypatch.setattr("cli.show.status_report.of_stack", fail)

    assert ended(["status"], monkeypatch) == UNUSABLE
    assert capsys.readouterr().err.splitlines()[-1] == said


def test_what_nobody_foresaw_is_a_sentence_and_an_exit_code_of_its_own() -> None:
    program = "import sys\nfrom cli import main\nsys.excepthook = main.unforeseen\nraise ZeroDivisionError('by zero')"

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT)

    assert done.returncode == UNFORESEEN
    assert done.stderr == "retrain: unforeseen ZeroDivisionError: by zero; once more with --debug says where\n"


class Events:
    """A session's events, as botocore emits them."""

    def __init__(self) -> None:
        self.heard: dict[str, Callable[..., None]] = {}

    def register(self, name: str, handler: Callable[..., None]) -> None:
        self.heard[name] = handler


def call(events: Events, **answer: Any) -> None:
    context: dict[str, Any] = {}
    events.heard["before-call"](event_name="before-call.s3.PutObject", context=context, params={"Body": "secret"})
    kind = "after-call-error" if "exception" in answer else "after-call"
    events.heard[kind](event_name=f"{kind}.s3.PutObject", context=context, **answer)


REFUSED = {
    "Error": {"Code": "AccessDenied", "Message": "no"}, "ResponseMetadata": {"RequestId": "r-1", "RetryAttempts": 2}
}  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (
            {"http_response": SimpleNamespace(status_code=200), "parsed": {"ResponseMetadata": {"RequestId": "r-0"}}},
            "aws: s3 PutObject: 200, request r-0, ",
        ),
        (
            {"http_response": SimpleNamespace(status_code=403), "parsed": REFUSED},
            "aws: s3 PutObject: 403 AccessDenied, 3 attempts, request r-1, ",
        ),
        ({"exception": ConnectionError("secret")}, "aws: s3 PutObject: no answer: ConnectionError, "),
    ],
)
def test_debugging_tells_each_call_with_its_request_id_and_nothing_that_was_sent(
    answer: dict[str, Any], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    session = SimpleNamespace(events=Events())
    debugging.switch(True)

    call(debugging.watch(session).events, **answer)

    told = capsys.readouterr().err
    assert told.startswith(said)
    assert "secret" not in told


def test_nobody_listens_to_calls_unless_asked() -> None:
    session = SimpleNamespace(events=Events())

    assert debugging.watch(session).events.heard == {}


def test_the_models_of_this_folder_are_completed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "models").mkdir()
    for name in ("churn.yaml", "chess.yaml", "bonus.yaml", "model.schema.json"):
        (tmp_path / "models" / name).write_text("no YAML is read: {")
    monkeypatch.chdir(tmp_path)

    assert completion.models("ch") == ["chess", "churn"]
    assert completion.models_and_runs("") == ["bonus", "chess", "churn"]  # and AWS is not asked


def test_runs_are_completed_from_a_local_cloud_and_one_that_is_gone_completes_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")

    assert completion.models_and_runs("churn-2") == []

    ledger = SimpleNamespace(runs=lambda model: [SimpleNamespace(id=name) for name in ("churn-2", "bonus-1")])
    monkeypatch.setattr("cli.stack.target.Target.ledger", lambda target: ledger)
    assert completion.models_and_runs("churn-2") == ["churn-2"]


@pytest.mark.parametrize(
    ("shell", "asked", "said"),
    [
        ("bash", {"COMP_WORDS": "retrain approve chu", "COMP_CWORD": "2"}, "churn"),
        ("zsh", {"_TYPER_COMPLETE_ARGS": "retrain approve chu"}, "churn"),
        ("fish", {"_TYPER_COMPLETE_ARGS": "retrain approve chu", "_TYPER_COMPLETE_FISH_ACTION": "get-args"}, "churn"),
        ("bash", {"COMP_WORDS": "retrain evi", "COMP_CWORD": "1"}, "evidence"),
        ("bash", {"COMP_WORDS": "retrain cost --pri", "COMP_CWORD": "2"}, "--prices"),
    ],
)
def test_a_shell_completes_commands_options_and_models(
    shell: str, asked: dict[str, str], said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in {"_RETRAIN_COMPLETE": f"complete_{shell}", **asked}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(ROOT)

    code = ended([], monkeypatch)

    assert code == 0
    assert said in capsys.readouterr().out


def test_down_says_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)

    code = ended(["down", "--state", str(tmp_path / "none"), "--json"], monkeypatch)

    assert code == 0
    assert json.loads(capsys.readouterr().out) == {"ended": False}


def test_a_price_table_that_is_none_is_refused_before_anything_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (path := tmp_path / "prices.json").write_text("[]")
    monkeypatch.setenv("RETRAIN_PRICES", str(path))

    code = ended(["start", "churn"], monkeypatch)

    assert code == UNUSABLE
    assert f"retrain: {path}: " in capsys.readouterr().err
