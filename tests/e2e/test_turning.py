"""A market turns, and what serves heals by itself; or it does not turn, and nothing is begun. The demo's own cloud."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import json_documents
import pytest
from cloud import ROOT, bare_environment

pytestmark = pytest.mark.local
NUMBER = re.compile(r"\d[\d,.]*")


def play(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).parent / "retrain", "demo", "churn", *words],
        env=bare_environment() | {"COLUMNS": "200"},
        cwd=folder,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=840,
    )


def report_of(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    json_documents.held(("demo", "--json"), done.stdout)
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def shape(text: str) -> list[str]:
    """What is said, without what differs between two runs: digits, what is drawn, and where a window stands."""
    text = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "then", re.sub(r"127\.0\.0\.1:\d+", "here", text))
    lines = (re.sub(r" +", " ", re.sub(r"[─● ]+", " ", NUMBER.sub("0", line))).strip() for line in text.splitlines())
    return sorted({line for line in lines if line})


@pytest.fixture(scope="module")
def turned(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], str]:
    """What the demo reports of a market that turns, and what it says."""
    done = play(tmp_path_factory.mktemp("turned"), "--rot", "--json")
    assert done.returncode == 0, done.stderr
    return report_of(done), done.stderr


def test_a_market_that_turns_is_noticed_and_heals_in_one_run_within_a_hundredth_of_the_oracle(
    turned: tuple[dict[str, Any], str],
) -> None:
    report, _ = turned
    before = [one["value"] for one in report["windows"] if not one["turned"]]
    fallen = [one["value"] for one in report["windows"] if one["turned"] and one["version"] == 1]
    (begun,) = report["begun"]

    assert report["succeeded"]
    assert min(before) > 0.8
    assert max(fallen) < 0.6
    assert report["quality"] >= 0.99 * report["oracle"] > 0.8
    assert (begun["status"], begun["cause"]["kind"]) == ("Deployed", "quality")
    assert "quality windows" in begun["cause"]["evidence"][0]
    assert all("is below" in text for text in begun["cause"]["evidence"][1:])
    assert [one["what"] for one in report["happened"]] == [
        "turned", "noticed", "retrained", "approved", "serving", "healed",
    ]  # fmt: skip


def test_each_label_is_counted_once_though_each_comes_twice(turned: tuple[dict[str, Any], str]) -> None:
    report, _ = turned

    assert [one["number"] for one in report["windows"]] == list(range(1, 9))
    assert {one["rows"] for one in report["windows"]} == {2_500}


def test_the_demo_of_a_market_that_turns_says_what_the_documents_show(turned: tuple[dict[str, Any], str]) -> None:
    document = (ROOT / "docs" / "healing.md").read_text()
    (shown,) = re.findall(r"<!-- demo output -->\n```\n\$ retrain demo churn --rot\n(.*?)```", document, re.DOTALL)

    assert shape(turned[1]) == shape(shown)


def test_in_a_market_that_does_not_turn_nothing_begins_by_itself(tmp_path: Path) -> None:
    done = play(tmp_path, "--rot", "none", "--windows", "3", "--rows", "2000", "--json")
    report = report_of(done)

    assert done.returncode == 0, done.stderr
    assert report["begun"] == []
    assert [(one["what"], one["before"]) for one in report["happened"]] == [("steady", 4)]
    assert [(one["version"], one["rows"]) for one in report["windows"]] == [(1, 1_000)] * 3
