"""What ``retrain drift`` says, from what was measured."""

from app.decide.watching.windows import WatchedWindow

from cli.show.drift_report import DriftReport, render_text

AT = "2026-05-01T10:00:00.000Z"


def window(**details: object) -> dict[str, object]:
    return WatchedWindow(
        "churn", "drift", "scored", "w", AT, AT, 1200, "psi", 0.431, None, None, 3, dict(details)
    ).document()


def test_each_window_has_a_line_with_what_drifted_and_why() -> None:
    why = {"tenure": {"psi": 0.4, "why": ["drift", "missing"]}, "(answers)": {"psi": 0.3, "why": ["drift"]}}

    text = render_text(DriftReport("churn", [window(), window(drifted=list(why), columns=why)]))

    assert text.splitlines() == [
        "until                rows   of      version  PSI   drifted",
        "2026-05-01T10:00:00  1,200  scored  3        0.43  nothing",
        "2026-05-01T10:00:00  1,200  scored  3        0.43  tenure (drift, missing), (answers) (drift)",
    ]


def test_where_nothing_was_measured_it_is_said_what_would_be() -> None:
    assert "No window was measured yet" in render_text(DriftReport("churn"))


def test_names_from_outside_are_shown_and_not_obeyed() -> None:
    assert "\x1b" not in render_text(DriftReport("churn", [window(drifted=["a\x1b[2J"])]))
