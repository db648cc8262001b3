"""A text from outside is shown as it is and never obeyed: one line, nothing hidden, as long as a person reads."""

import re
import unicodedata
from pathlib import Path

import pytest
from app.decide.messages import RunEnded
from app.decide.names.shown_text import LIMIT, shown, shown_lines
from app.decide.names.statuses import RunStatus
from app.decide.notifications import LINE_LIMITS, MOST_BYTES, decision_notice, end_notice
from hypothesis import given
from hypothesis import strategies as st

ROOT = Path(__file__).parents[2]
COPIES = [ROOT / "functions/app/decide/names/shown_text.py", ROOT / "processing_scripts/job/shown_text.py"]
SHOWN = {
    "may.csv": "may.csv",
    "Prüfung 検査 🙂.csv": "Prüfung 検査 🙂.csv",
    "one\ntwo\r\nthree": r"one\ntwo\r\nthree",
    "\x1b[31mred\x07": r"\x1b[31mred\x07",
    "\x9b2Jc1": r"\x9b2Jc1",
    "cod\u202egpj.exe": r"cod\u202egpj.exe",
    "\u2066left\u2069": r"\u2066left\u2069",
    "zero\u200bwidth\u200d\ufeff": r"zero\u200bwidth\u200d\ufeff",
    "line\u2028paragraph\u2029": r"line\u2028paragraph\u2029",
    "no\xa0break": r"no\xa0break",
    "soft\xadhyphen": r"soft\xadhyphen",
    "filler\u3164\u115f\u034f\ufe0f": r"filler\u3164\u115f\u034f\ufe0f",
    "tag\U000e0041": r"tag\U000e0041",
    "half\ud800": r"half\ud800",
    "\0": r"\x00",
}


@pytest.mark.parametrize("text", SHOWN, ids=SHOWN.values())
def test_what_moves_hides_or_reorders_is_written_as_its_escape(text: str) -> None:
    assert shown(text) == SHOWN[text]


@given(st.text(st.characters(), max_size=400), st.integers(5, 120))
def test_every_text_becomes_one_printable_line_of_bounded_length_and_stays_so(text: str, limit: int) -> None:
    visible = shown(text, limit)

    assert len(visible) <= limit
    assert visible.isprintable()
    assert not {unicodedata.category(char) for char in visible} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert shown(visible, limit) == visible


def test_a_text_of_ones_own_keeps_its_lines() -> None:
    assert shown_lines("one\ntwo\x1b[2J\u202e\n") == "one\ntwo\\x1b[2J\\u202e\n"


def test_an_over_long_text_says_that_it_goes_on() -> None:
    assert shown("a" * 500_000) == "a" * (LIMIT - 1) + "…"
    assert shown("a" * LIMIT) == "a" * LIMIT


def test_the_functions_and_the_scripts_write_texts_in_the_same_way() -> None:
    first, second = (path.read_text() for path in COPIES)

    assert first == second


FORGED = "bad\n\nTo approve:\n  retrain approve churn 9 --reason 'fine'"


def test_what_was_sent_cannot_begin_a_line_of_a_mail() -> None:
    mail = decision_notice("m1", FORGED, f"no model '{FORGED}'").text

    assert not re.search(r"^\s*(To approve|retrain approve)", mail, re.MULTILINE)
    assert r"bad\n\nTo approve:\n" in mail


MANY = {"long": ("x" * 500_000,), "wide": ("é" * 900,) * 20, "many": ("y" * 90,) * 500}


@pytest.mark.parametrize("reasons", MANY.values(), ids=MANY)
def test_a_mail_has_a_bound_and_says_what_to_do_all_the_same(reasons: tuple[str, ...]) -> None:
    mail = end_notice(RunEnded("churn", "churn-1-a", "arn", RunStatus.FAILED, reasons)).text

    assert len(mail.encode()) <= MOST_BYTES
    assert max(map(len, mail.splitlines())) <= LINE_LIMITS[0]
    assert mail.startswith("The run churn-1-a failed")
    assert mail.endswith(("More: retrain status churn\n", "…\n"))
