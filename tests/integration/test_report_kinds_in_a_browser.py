"""Each kind of report, of a model that was judged just now: readable by everybody, at a phone's width and a desk's."""

from __future__ import annotations

import datetime
import math
import random
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from judged_tables import judged, model

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPTIONS = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
HEADER = ["day", "customer", "how long they have been with us", "plan", "region of who applies", "answer"]
COLUMNS = {HEADER[2]: "number", "plan": "category"}
FAIR = {"columns": [HEADER[4]], "limits": {}}
BY_TIME = {"train": 0.5, "validation": 0.2, "test": 0.3, "by": "day"}


def rows(answer: Callable[[float, float], Any]) -> list[list[Any]]:
    """What a person, a plan and a day are like; ``answer`` makes the last cell of the score and of chance."""
    rng, listed = random.Random(5), []
    for at in range(1_200):
        day = datetime.datetime(2024, 1, 1, 9, 30, tzinfo=datetime.UTC) + datetime.timedelta(hours=9 * at)
        long, plan = round(rng.gauss(3, 1.5), 2), rng.choice(["a plan with a long name", "basic", "gold"])
        score = long - 3 + (plan == "gold") + at / 1_200
        listed.append([day.isoformat(), f"C{rng.randint(1, 300)}", long, plan, rng.choice(["north", "south"]),
                       answer(score, rng.random())])  # fmt: skip
    return listed


def of_two(score: float, chance: float) -> str:
    return "yes" if chance < 1 / (1 + math.exp(-score)) else "no"


def of_classes(score: float, chance: float) -> str:
    return ["low", "in the middle of the scale", "high"][min(max(round(score + chance), 0), 2)]


def of_amounts(score: float, chance: float) -> float:
    return round(math.exp(10 + score + chance), 2)


def described(task: str, *, cuts: int = 0, **more: Any) -> dict[str, Any]:
    data = {"target": "answer", "columns": COLUMNS} | more.pop("data", {})
    split = {"split": BY_TIME | ({"cuts": cuts} if cuts else {"periods": 3})} if "by" in more.pop("at", "") else {}
    return model(task, data, **split, slices=["plan"], **more)


LIMITED = FAIR | {"limits": {"selection_rate": {"ratio": 0.8}, "true_positive_rate": {"gap": 0.2}}}
CLASSES = {"classes": ["low", "in the middle of the scale", "high"]}
DECIDED = {"calibrate": "isotonic", "decision": {"threshold": "chosen", "aim": "cost", "false_negative": 5}}
GATE = [{"metric": "roc_auc", "at_least": 0.6}, {"metric": "mean_ratio", "at_least": 0.9}]
KINDS: dict[str, tuple[dict[str, Any], Callable[[float, float], Any], set[str]]] = {
    "amounts": (
        described("regression", at="by", cuts=3, data={"target_transform": "log"},
                  gate=[{"metric": "r2", "at_least": 0.1}], fairness=FAIR | {"limits": {"mean_error": {"gap": 9_000}}}),
        of_amounts, {"Over time", "Slices", "Fairness", "Mean predicted beside mean true"},
    ),
    "two labels": (
        described("binary_classification", data={"group": ["customer"]}, gate=GATE, fairness=LIMITED, **DECIDED),
        of_two, {"Slices", "Fairness", "Mean predicted beside mean true", "Quality gate"},
    ),
    "classes": (
        described("multiclass_classification", data=CLASSES, gate=[{"metric": "macro_f1", "at_least": 0.2}],
                  fairness=FAIR | {"limits": {"selection_rate": {"gap": 0.3}}}),
        of_classes, {"Slices", "Fairness"},
    ),
    "classes over time": (
        described("multiclass_classification", at="by", cuts=2, data=CLASSES), of_classes, {"Over time"},
    ),
    "sensitive": (
        described("binary_classification", at="by", data={"sensitive": True, "group": ["customer"]}, gate=GATE[:1]),
        of_two, {"Over time", "Slices"},
    ),
}  # fmt: skip


@pytest.fixture(params=KINDS, scope="module")
def report(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, set[str]]:
    """The report of one kind, and which sections it has to have."""
    document, answer, sections = KINDS[request.param]
    base = tmp_path_factory.mktemp("kind")
    judged(base, document, HEADER, rows(answer))
    return base / "processing" / "evaluation" / "report.html", sections


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (360, "dark"), (1280, "light")])
def test_a_report_of_any_kind_is_read_by_everybody(
    browser: Any, report: tuple[Path, set[str]], width: int, scheme: Any
) -> None:
    path, sections = report
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme, bypass_csp=True)
    page: Page = context.new_page()
    page.goto(path.as_uri())

    assert sections <= set(page.locator("h2").all_inner_texts())
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    found = Axe().run(page, options=OPTIONS).response["violations"]
    assert [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in found] == []
    context.close()
