"""Quality over time on one screen: a line for each window, and between them what happened."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from app.decide.watching.windows import WatchedWindow

WIDTH, LEAST, MOST = 32, 0.4, 0.9  # of the chart: characters, and the ROC-AUC at both of its ends
ENOUGH = 0.01  # of the oracle's quality: what is nearer is healed
FALLEN = "fallen"
NEXT = (
    ("docs/healing.md", "the policy of a model file: what begins a run, and what holds one back"),
    ("retrain quality MODEL", "the same series of a model of yours, with intervals; `retrain drift MODEL`"),
)
HEADING = f"window    rows  by   ROC-AUC (95% interval)   {LEAST:<{WIDTH - 3}}{MOST}   oracle"


@dataclass(frozen=True)
class AskedWindow:
    """A window that was asked, and how the version that answered did, by the labels that came late."""

    number: int
    turned: bool
    rows: int
    version: int
    value: float  # ROC-AUC, with its interval
    low: float
    high: float
    oracle: float | None  # its ROC-AUC on the same rows; None before there is one


@dataclass(frozen=True)
class Happening:
    """What happened, and before which window's line it is told."""

    what: str  # "turned", "noticed", "retrained", "approved", "serving", "healed", "fallen" or "steady"
    said: str
    before: int
    seconds: float  # since the play began, without the time in which its cloud started


@dataclass(frozen=True)
class TurnReport:
    """What became of a market that turned, or did not."""

    model: str
    seed: int
    turns_at: int | None
    windows: list[AskedWindow]
    happened: list[Happening]
    begun: list[dict[str, Any]]  # runs that quality or drift began: run, status, cause
    quality: float | None  # mean ROC-AUC of the windows that the healed version answered
    oracle: float | None  # of the oracle, on the same rows
    succeeded: bool
    seconds: float
    logs: str

    def document(self) -> dict[str, Any]:
        """The report as plain values."""
        return asdict(self)


@dataclass(frozen=True)
class Found:
    """What the windows and the runs that began by themselves come to."""

    turns_at: int | None
    windows: Sequence[AskedWindow]
    begun: Sequence[Mapping[str, Any]]

    @property
    def quality(self) -> float | None:
        """The mean ROC-AUC of the windows that the healed version answered; None without any."""
        return _mean([one.value for one in self.windows if one.oracle is not None])

    @property
    def oracle(self) -> float | None:
        """The oracle's, of the same windows."""
        return _mean([one.oracle for one in self.windows if one.oracle is not None])

    @property
    def what(self) -> str:
        """ "steady" where nothing turned and nothing began; "healed" where one run began, and what it made is nearly as
        good as the oracle; FALLEN otherwise.
        """
        if self.turns_at is None:
            return FALLEN if self.begun else "steady"
        near = self.quality is not None and self.oracle is not None and self.quality >= self.oracle * (1 - ENOUGH)
        return "healed" if near and len(self.begun) == 1 else FALLEN

    @property
    def said(self) -> str:
        """The same in a sentence."""
        count = f"quality and drift began {len(self.begun)} run{'s' * (len(self.begun) != 1)}"
        if self.quality is None or self.oracle is None:
            return f"{count} in {len(self.windows)} windows"
        return f"ROC-AUC {self.quality:.3f}, where the oracle has {self.oracle:.3f}; {count}"


def asked_window(window: WatchedWindow, number: int, *, turned: bool, oracle: float | None) -> AskedWindow:
    """A window as it is shown."""
    low, high = (window.value if end is None else end for end in (window.low, window.high))
    return AskedWindow(number, turned, window.rows, window.version, window.value, low, high, oracle)


def window_line(window: AskedWindow) -> str:
    """A window in a line: its ROC-AUC with its interval, in numbers and drawn, and the oracle's."""
    interval = f"{window.value:.3f} ({window.low:.3f} to {window.high:.3f})"
    oracle = "" if window.oracle is None else f"{window.oracle:.3f}"
    by = f"v{window.version}"
    return f"{window.number:>6}  {window.rows:>6,}  {by:<3}  {interval}   {_drawn(window)}   {oracle}".rstrip()


def happening_line(one: Happening) -> str:
    """What happened, in a line."""
    return f"{'✗' if one.what == FALLEN else '✓'} {one.what:<9} {one.said}"


def last_lines(report: TurnReport) -> list[str]:
    """How long it took, and where to look next."""
    width = max(len(what) for what, _ in NEXT)
    return ["", f"{report.seconds:.1f} s. Next:", *(f"  {what:<{width}}  {why}" for what, why in NEXT)]


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _drawn(window: AskedWindow) -> str:
    def place(value: float) -> int:
        return min(max(round((value - LEAST) / (MOST - LEAST) * (WIDTH - 1)), 0), WIDTH - 1)

    low, value, high = map(place, (window.low, window.value, window.high))
    return "".join("●" if at == value else "─" if low <= at <= high else " " for at in range(WIDTH))
