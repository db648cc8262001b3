"""A market that turns: what serves falls, what became of its answers says so, and it is trained again by itself.

All goes the ways that are there for everybody: files to ``scoring/``, ``labels/`` and ``incoming/``, a registered yes.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from app.decide.names.statuses import RunStatus
from app.decide.watching.windows import WatchedWindow
from app.ledger import RunRecord
from rich.console import Console

from cli import model_files
from cli.demo import loop
from cli.demo.oracle import Oracle
from cli.demo_data import market, table
from cli.demo_data.market import Market
from cli.errors import UserError
from cli.show import turn_report
from cli.show.follow import snapshots
from cli.show.turn_report import AskedWindow, Happening, TurnReport
from cli.stack import registry
from cli.stack.publishing import publish
from cli.stack.rows.batch_scoring import SCORED, score
from cli.stack.rows.uploading import Uploaded, outcome
from cli.stack.target import HOME, LOCAL_POLL_S, Target
from localcloud.front.state_folder import make

MODEL = "churn"  # of which a market is made up
LEAST_WINDOWS, LEAST_ROWS, TURNS_AT = 8, 1_000, 3  # of rows: half of them are a window
KEPT = 2  # windows whose rows are learnt from, the newest
BY_THEMSELVES = ("quality", "drift")  # what begins a run without anybody's word
POLICY = """
retrain:
  on_upload: when_due
  on_quality: {metric: roc_auc, worse_by: 0.03, windows: 2 of 5}
  on_drift: {windows: 2 of 5}
  at_most: {runs: 4, days: 30}
"""
REVIEWER = "by the demo itself, which plays the reviewer"
READ = 1_000  # windows of the ledger, the newest
Seen = TypeVar("Seen")


@dataclass(frozen=True)
class TurnRequest:
    """What is asked to be played."""

    model: str
    turns: bool
    rows: int  # that a version learns from; half as many are a window
    windows: int
    seed: int


@dataclass
class Play:
    """The play so far."""

    target: Target
    market: Market
    console: Console
    folder: Path
    kept: list[str] = field(default_factory=list)  # keys of the rows that are learnt from, oldest first
    windows: list[AskedWindow] = field(default_factory=list)
    happened: list[Happening] = field(default_factory=list)
    begun: dict[str, RunRecord] = field(default_factory=dict)  # runs that began by themselves
    oracle: Oracle | None = None
    began: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """How long it has been played."""
        return round(time.monotonic() - self.began, 1)

    @property
    def bucket(self) -> str:
        """The data bucket."""
        return self.target.outputs()["DataBucketName"]

    def put(self, key: str, text: str) -> Uploaded:
        """Put an object as anybody would."""
        body = text.encode()
        answer = self.target.client("s3").put_object(Bucket=self.bucket, Key=key, Body=body)
        return Uploaded(key, answer["VersionId"], len(body))

    def say(self, what: str, said: str, before: int) -> None:
        """Tell what happened."""
        self.happened.append(one := Happening(what, said, before, self.seconds))
        self.console.print(turn_report.happening_line(one), style="bold", markup=False, soft_wrap=True)


def check(request: TurnRequest) -> None:
    """Refuse what cannot be played.

    Raises:
        UserError: it is of another model, or too short for a market to turn and a model to heal.
    """
    if request.model != MODEL:
        raise UserError(f"--rot plays {MODEL} alone: of no other model rows are made up that turn")
    if request.rows < LEAST_ROWS:
        raise UserError(
            f"--rot takes --rows {LEAST_ROWS} or more, as half of them are a window, and few rows say little"
        )
    if request.turns and request.windows < LEAST_WINDOWS:
        raise UserError(f"--rot takes --windows {LEAST_WINDOWS} or more, for a market to turn and a model to heal")
    if "retrain" in model_files.load(MODEL):
        raise UserError(
            f"models/{MODEL}.yaml has a policy of its own, and --rot plays another: take retrain: out of it"
        )


def run(request: TurnRequest, console: Console) -> TurnReport:
    """Play it, window by window, and return the report.

    Raises:
        UserError: it cannot be played, or something did not go its way.
    """
    check(request)
    with loop.local_cloud(console) as (target, state):
        make(folder := HOME / "data")
        turns_at = TURNS_AT if request.turns else None
        play = Play(target, Market(request.seed, request.rows, turns_at), console, folder)
        _begin(play)
        console.print(turn_report.HEADING, style="dim", markup=False, soft_wrap=True)
        for number in range(1, request.windows + 2):
            _play_window(play, number, request.windows)
        judged = _judged(play, state)
    for line in turn_report.last_lines(judged):
        console.print(line, markup=False, soft_wrap=True)
    return judged


def _play_window(play: Play, number: int, last: int) -> None:
    """One window is asked, while the rows of the one before come; then what became of those."""
    known = number - 1
    run = _send(play, known) if 0 < known < last else ""
    if number <= last:
        _ask(play, number)
    begun = _begun(play, run) if run else None
    if begun:
        evidence = begun.cause["evidence"]
        play.say("noticed", f"{begun.cause['kind']}: {'; '.join(evidence[:2])}", known)
    if known:
        _show(play, _labelled(play, known), known)
    if begun:
        _heal(play, begun, number)


def _begin(play: Play) -> None:
    """Version 1 is made as any, and then the model gets its policy."""
    target, rows = play.target, play.market.rows
    if target.ledger().runs(MODEL):
        raise UserError(f"--rot begins with a {MODEL} of which no run ever began: `retrain down`, or `up --fresh`")
    publish(target, MODEL, {}, play.console.print)
    with play.console.status("version 1 is trained"):
        play.kept = [f"incoming/{MODEL}/window-00.csv"]
        sent = outcome(target, MODEL, play.put(play.kept[0], table(play.market.window(0))), deadline_s=loop.DEADLINE_S)
        record = _followed(play, str(sent.run), lambda _: None)
    publish(target, MODEL, {}, play.console.print, added=POLICY)
    quality = (record.verdict or loop.NO_VERDICT)["metrics"]["roc_auc"]
    play.console.print(
        f"{MODEL}: version 1 learnt from {rows:,} customers (ROC-AUC {quality:.3f} on those held out), and serves at"
        f" {target}\neach window {rows // 2:,} more are scored; what became of them is known one window later",
        markup=False, soft_wrap=True,
    )  # fmt: skip


def _ask(play: Play, number: int) -> None:
    path = play.folder / f"window-{number:02d}.csv"
    path.write_text(table(market.asked(play.market.window(number))))
    with play.console.status(f"window {number} is scored"):
        done = score(play.target, MODEL, path, path.with_suffix(".scored.csv"), loop.DEADLINE_S)
    if done.status != SCORED:
        raise UserError(f"window {number} was not scored: {done.status}: {done.reason}")


def _send(play: Play, number: int) -> str:
    """The rows of a window come, with what became of them, in the place of the oldest; the run that takes them."""
    s3 = play.target.client("s3")
    while len(play.kept) >= KEPT:
        s3.delete_object(Bucket=play.bucket, Key=play.kept.pop(0))
    play.kept.append(f"incoming/{MODEL}/window-{number:02d}.csv")
    sent = play.put(play.kept[-1], table(play.market.window(number)))
    taken = outcome(play.target, MODEL, sent, deadline_s=loop.DEADLINE_S)
    if taken.run is None:
        raise UserError(f"{sent.key} was refused: {taken.refused}")
    return taken.run


def _begun(play: Play, run: str) -> RunRecord | None:
    """The run that began by itself by the time that ``run`` is over; None where none did."""
    with play.console.status("what serves is asked about the new rows"):
        return _until(lambda: _begun_or_over(play, run), f"the end of run {run}")[0]


def _begun_or_over(play: Play, run: str) -> tuple[RunRecord | None] | None:
    """A run that began by itself, or that none did as ``run`` is over; None while neither is so."""
    ledger = play.target.ledger()
    over = (record := ledger.run(run)) is not None and record.status.final
    for one in ledger.runs(MODEL):
        if one.cause.get("kind") in BY_THEMSELVES and one.id not in play.begun:
            play.begun[one.id] = one
            return (one,)
    return (None,) if over else None


def _labelled(play: Play, number: int) -> WatchedWindow:
    """What became of a window's customers, and once more of those before, as exports have it; what that measured."""
    key = f"labels/{MODEL}/window-{number:02d}.csv"
    play.put(key, table(play.market.truths(*(one for one in (number - 1, number) if one))))

    def measured() -> WatchedWindow | None:
        windows = play.target.ledger().newest_windows(MODEL, "quality", READ)
        return next((one for one in windows if f"{key} (labels)" in one.details.get("uploads", ())), None)

    with play.console.status(f"the labels of window {number} come"):
        window = _until(measured, f"a window of {key}")
    by = window.of_metric("roc_auc")
    if by is None:
        raise UserError(f"{key} measured no ROC-AUC")
    return by


def _show(play: Play, window: WatchedWindow, number: int) -> None:
    if number == play.market.turns_at:
        play.say("turned", "from here on others leave than before; nobody is told but the oracle", number)
    healed = any(window.version == run.version for run in play.begun.values())
    oracle = play.oracle.roc_auc(play.market.window(number)) if play.oracle and healed else None
    one = turn_report.asked_window(window, number, turned=play.market.turned(number), oracle=oracle)
    play.windows.append(one)
    play.console.print(turn_report.window_line(one), markup=False, soft_wrap=True)


def _heal(play: Play, begun: RunRecord, number: int) -> None:
    """A run that began by itself is followed until its version serves; the oracle learns from the same turned rows."""
    learnt = [int(key[-6:-4]) for key in play.kept]
    turned = [play.market.window(one) for one in learnt if play.market.turned(one)]
    play.oracle = Oracle(model_files.load(MODEL), turned) if turned else None

    def asked(record: RunRecord) -> None:
        found = (record.verdict or loop.NO_VERDICT)["metrics"]["roc_auc"]
        play.say("retrained", f"version {record.version}: ROC-AUC {found:.3f} on rows held out; a yes is asked", number)
        play.say("approved", REVIEWER, number)

    with play.console.status(f"run {begun.id}"):
        record = _followed(play, begun.id, asked)
    play.begun[begun.id] = record
    play.say("serving", f"version {record.version} answers from here on", number)


def _followed(play: Play, run: str, asked: Callable[[RunRecord], None]) -> RunRecord:
    """The run, once its version serves; the demo says yes when it is asked.

    Raises:
        UserError: it came to another end.
    """
    decided, last = False, None
    for now in snapshots(play.target, run, deadline_s=loop.DEADLINE_S):
        last = now.run
        if now.awaits_decision and last.version is not None and not decided:
            asked(last)
            registry.decide(play.target, MODEL, last.version, registry.APPROVED, f"approved {REVIEWER}")
            decided = True
    if last is None or last.status != RunStatus.DEPLOYED:
        raise UserError(f"run {run} did not come to serve: {last.status if last else 'nothing was seen of it'}")
    return last


def _judged(play: Play, state: Path) -> TurnReport:
    """The report, with what became of it all, which is told, too."""
    begun = [
        {"run": one.id, "status": str(one.status), "cause": one.cause}
        for one in play.target.ledger().runs(MODEL)
        if one.cause.get("kind") in BY_THEMSELVES
    ]
    found = turn_report.Found(play.market.turns_at, play.windows, begun)
    play.say(found.what, found.said, len(play.windows) + 1)
    return TurnReport(
        MODEL, play.market.seed, play.market.turns_at, play.windows, play.happened, begun, found.quality, found.oracle,
        found.what != turn_report.FALLEN, play.seconds, str(state / "logs"),
    )  # fmt: skip


def _until(look: Callable[[], Seen | None], what: str) -> Seen:
    """What ``look`` sees, once it sees something.

    Raises:
        UserError: it saw nothing for too long.
    """
    deadline = time.monotonic() + loop.DEADLINE_S
    while time.monotonic() < deadline:
        if (found := look()) is not None:
            return found
        time.sleep(LOCAL_POLL_S)
    raise UserError(f"{what} was not seen in {loop.DEADLINE_S:.0f} s; the logs say why")
