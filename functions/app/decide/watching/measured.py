"""What a run's evaluation measured of the version that serves, as windows. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from app.decide.names.shown_text import shown
from app.decide.parsing import strict
from app.decide.watching.windows import WatchedWindow

KEPT = ("mean_predicted", "mean_actual", "of")


@strict
def windows_of(model: str, evaluation: Mapping[str, Any]) -> list[WatchedWindow]:
    """The windows of an evaluation.json, oldest first; none of a release that measured nothing, and none in which the
    gate's first metric is not defined, as of one class alone.

    Raises:
        BadMessage: what it says is no window.
    """
    return list(_windows(model, evaluation))


def _windows(model: str, evaluation: Mapping[str, Any]) -> Iterator[WatchedWindow]:
    serving = evaluation.get("serving") or {}
    for window in serving.get("windows", ()):
        found = window["metrics"].get(serving["metric"], {})
        if found.get("value") is not None:
            yield _window(model, serving, window, found)


def _window(
    model: str, serving: Mapping[str, Any], window: Mapping[str, Any], found: Mapping[str, Any]
) -> WatchedWindow:
    version = int(serving["version"])
    details = {name: window[name] for name in KEPT if name in window} | {
        "labels": dict(serving["labels"]), "lower_is_better": list(serving["lower_is_better"]),
        "uploads": [shown(name) for name in window.get("uploads", ())],
        "slices": [one | {"slice": shown(one["slice"])} for one in window.get("slices", ())],
        "metrics": {name: [of["value"], of["low"], of["high"]] for name, of in window["metrics"].items()},
    }  # fmt: skip
    document = {
        "model": model, "kind": "quality", "source": "uploads", "id": f"{window['id']}#v{version}",
        "start": window["start"], "end": window["end"], "rows": window["rows"], "metric": serving["metric"],
        "version": version, "details": details,
    }  # fmt: skip
    return WatchedWindow.parse(document | {name: found[name] for name in ("value", "low", "high")})
