"""What the command says to a person's mistake: one line with the remedy, and exit code 2."""

import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.main import UNUSABLE, main


@pytest.fixture(autouse=True)
def own_signals() -> Iterator[None]:
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["new", "some-model", "--from", "{folder}"], "{folder}: Is a directory"),
        (["up", "--state", "{folder}/file/below", "--port", "0"], "{folder}/file/below: Not a directory"),
        (["upload", "churn", "{folder}/file", "{folder}/none.csv"], "no file {folder}/none.csv; nothing was uploaded"),
        (
            ["score", "churn", "{folder}/file", "--into", "{folder}/none/a.csv"],
            "no folder {folder}/none for the answers",
        ),
        (["demo", "churn", "--data", "{folder}/nothing.csv"], "no file {folder}/nothing.csv"),
        (["demo", "house-price", "--rot"], "--rot plays churn alone: of no other model rows are made up that turn"),
        (["demo", "--rot=sideways"], "--rot takes turns or none, not 'sideways'"),
        (["demo", "--rot", "--windows", "5"], "--rot takes --windows 8 or more, for a market to turn"),
        (["demo", "--rot", "none", "--rows", "200"], "--rot takes --rows 1000 or more"),
        (["demo", "--rot", "--set", "eta=1"], "--set has no meaning with --rot"),
        (
            ["up", "--no-capacity", "m5.xlarge"],
            "'m5.xlarge' is no instance type of SageMaker; did you mean ml.m5.xlarge?",
        ),
        (["up", "--quota", "ml.m5.xlarge"], "a quota is TYPE=NUMBER"),
        (["up", "--faults", "{folder}/none.yaml"], "{folder}/none.yaml: No such file or directory"),
        (
            ["up", "--faults", "{folder}/faults.yaml"],
            "{folder}/faults.yaml: unknown key 'event' (did you mean 'events'?)",
        ),
        (["up", "--state", "{folder}"], "{folder} holds what no local cloud put there: name a new folder"),
        (["up", "--fresh", "--state", "{folder}"], "{folder} was not made here, so it is not emptied: remove it"),
        (["reject", "churn", "3"], "a rejection has its reason: --reason '…'"),
        (["up", "--host", "0.0.0.0"], "0.0.0.0 may be reached from other machines: nobody is asked who they are"),
    ],
)
def test_a_mistake_is_told_in_one_line(
    words: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "faults.yaml").write_text("event: []")
    (tmp_path / "file").write_text("not empty")
    monkeypatch.setattr(sys, "argv", ["retrain", *(word.format(folder=tmp_path) for word in words)])
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)

    with pytest.raises(SystemExit) as ended:
        main()

    told = [line for line in capsys.readouterr().err.splitlines() if not line.startswith("talking to")]
    assert ended.value.code == UNUSABLE
    assert len(told) == 1
    assert told[0].startswith(f"retrain: {said.format(folder=tmp_path)}")
