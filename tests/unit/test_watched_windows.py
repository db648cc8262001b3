"""A watched window is read back as it was written, and what is no window is refused by name."""

import pytest
from app.decide.watching.windows import WatchedWindow
from app.errors import BadMessage

WINDOW = WatchedWindow(
    "churn", "quality", "uploads", "batch-1#v3", "2026-05-01T00:00:00.000Z", "2026-05-02T00:00:00.000Z", 400,
    "roc_auc", 0.84, 0.8, 0.88, 3, {"mean_predicted": 0.26, "mean_actual": 0.27},
)  # fmt: skip


def test_a_window_is_read_back_as_it_was_written() -> None:
    assert WatchedWindow.parse(WINDOW.document()) == WINDOW


def test_a_window_without_an_interval_has_no_bounds() -> None:
    window = WINDOW._replace(low=None, high=None)

    assert WatchedWindow.parse(window.document()) == window


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "mood"},
        {"source": "rumours"},
        {"id": ""},
        {"id": "x" * 301},
        {"value": float("nan")},
        {"low": float("inf")},
        {"rows": "many"},
        {"start": "2026-05-03T00:00:00.000Z"},
        {"end": "in May"},
    ],
)
def test_what_is_no_window_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(BadMessage, match=r"WatchedWindow\.parse"):
        WatchedWindow.parse(WINDOW.document() | wrong)


def test_a_window_that_lacks_a_field_is_refused() -> None:
    document = WINDOW.document()
    del document["metric"]

    with pytest.raises(BadMessage, match="metric"):
        WatchedWindow.parse(document)
