"""A report in a real browser: its policy holds, its own style does, and what data say in it does nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page
from report import page as report_page
from sample_evaluation import document

pytestmark = pytest.mark.browser
HARM = "<img src=x onerror=document.title='owned'><script>document.title='owned'</script><b style='color:red'>"
BLOCKED = """() => new Promise(done => {
    document.addEventListener("securitypolicyviolation", event => done(event.effectiveDirective));
    const script = document.createElement("script");
    script.textContent = "document.title = 'owned'";
    document.body.append(script);
})"""


def shown(page: Page, folder: Path, **changes: Any) -> list[str]:
    """Open a report; what the browser says about it."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda request: said.append(request.url) if not request.url.startswith("file:") else None)
    path = folder / "report.html"
    path.write_text(report_page.render(document(**changes)), "utf-8")
    page.goto(path.as_uri())
    return said


def test_a_report_meets_its_own_policy_and_has_its_own_style(page: Page, tmp_path: Path) -> None:
    said = shown(page, tmp_path)

    assert said == []
    radius = page.eval_on_selector("section", "element => getComputedStyle(element).borderRadius")
    assert radius == "10px"
    assert page.eval_on_selector(".meter rect", "bar => bar.getBoundingClientRect().height") > 5


def test_a_script_that_gets_into_a_report_does_not_run(page: Page, tmp_path: Path) -> None:
    shown(page, tmp_path)
    title = page.title()

    assert page.evaluate(BLOCKED) in ("script-src-elem", "script-src")
    assert page.title() == title


def test_what_data_say_is_read_and_does_nothing(page: Page, tmp_path: Path) -> None:
    level = {
        "column": HARM,
        "slice": HARM + "\u202e\n\x1b[2J",
        "rows": 60,
        "small": False,
        "metrics": {"accuracy": 0.5},
    }
    said = shown(
        page, tmp_path, slices=[level], title=HARM, verdict={"outcome": "Passed", "passed": True, "reasons": [HARM]}
    )

    assert said == []
    assert "owned" not in page.title().replace(HARM, "")
    assert page.query_selector_all("img, script, b[style]") == []
    assert HARM in page.inner_text("header")
    assert r"\u202e" in page.inner_text("main")


def test_a_matrix_of_many_classes_moves_in_its_own_frame_and_not_the_page(page: Page, tmp_path: Path) -> None:
    labels = [f"a class with a name of its own {number}" for number in range(20)]
    matrix = {"labels": labels, "rows": [[100 * (row == column) for column in range(20)] for row in range(20)]}
    page.set_viewport_size({"width": 360, "height": 800})

    assert shown(page, tmp_path, confusion_matrix=matrix) == []

    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.eval_on_selector("div:has(> table.matrix)", "frame => frame.scrollWidth > frame.clientWidth")


@pytest.mark.parametrize("width", [360, 1280])
def test_whether_each_limit_passed_is_seen_however_long_its_sentence_is(page: Page, tmp_path: Path, width: int) -> None:
    champion = {"metric": "roc_auc", "not_worse_than_champion": 0.0, "value": -0.03, "passed": False, "allowed": -0.01}
    of_class = {"metric": "selection_rate", "column": "the age of who applies", "class": "a class with a long name",
                "group_ratio": 0.8, "value": 0.7, "passed": True}  # fmt: skip
    page.set_viewport_size({"width": width, "height": 800})

    assert shown(page, tmp_path, gate=[champion, of_class]) == []

    assert page.eval_on_selector("div:has(> table.limits)", "frame => frame.scrollWidth <= frame.clientWidth")
