"""Runs that somebody asks for without an upload: on the data that is there, with parameters or a pipeline version of
their own. They go through the same batch, turn and plan as all others.
"""

from collections.abc import Callable

from app.decide.messages import RunAsked
from app.decide.rules import digest, iso, run_id
from app.errors import RunTaken
from app.ledger.batches import STATE, Batches, Joined, begin, contended, now, open_with
from app.ledger.executions import opened
from app.ledger.table import Item, Write

NOTHING_YET = "1970-01-01T00:00:00.000Z"  # when the batch last grew: there is nothing to be quiet after


class Wishes(Batches):
    """What people ask of runs."""

    def ask(self, asked: RunAsked, execution_arn: Callable[[str], str]) -> Joined:
        """Begin a run as ``asked``, or let the run of the open batch be that run. Once per request.

        Raises:
            RunTaken: the open batch's run was asked for otherwise.
            Contended: arrivals were faster all the time.
        """

        def attempt() -> Joined | None:
            known = self.get(f"REQUEST#{asked.request}", "REQUEST")
            if known is not None:
                return Joined(known["run"], known["opened"])
            state = self.get(f"MODEL#{asked.model}", STATE) or {}
            changes = self._joining(asked, state["open_run"]) if "open_run" in state else None
            joined = Joined(state["open_run"], False) if changes else _new(asked)
            if changes is None:
                changes = _opening(asked, joined.run, int(state.get("batch", 0)) + 1, execution_arn(joined.run))
            held = self.transact([_remember(asked, joined), *changes])
            return joined if held is None else None

        answer: Joined = contended(attempt)
        return answer

    def wish(self, run: str) -> Item:
        """What was asked of a run; nothing of one that an upload began."""
        record = self.get(f"MODEL#{run.rsplit('-', 2)[0]}", f"RUN#{run}") or {}
        return dict(record.get("wish", {}))

    def _joining(self, asked: RunAsked, run: str) -> list[Write]:
        if self.wish(run) not in ({}, asked.wish):
            raise RunTaken(f"run {run}, which is about to begin, was asked for with other settings; ask again after it")
        return [
            Write(
                f"MODEL#{asked.model}",
                STATE,
                set={"open_run": run},
                condition="#open_run = :open_run",
            ),
            Write(
                f"MODEL#{asked.model}",
                f"RUN#{run}",
                set={"wish": asked.wish},
                condition="attribute_exists(pk) AND (attribute_not_exists(#wish) OR #wish = :wish)",
            ),
        ]


def _new(asked: RunAsked) -> Joined:
    return Joined(run_id(asked.model, now(), digest("request", asked.request)), True)


def _remember(asked: RunAsked, joined: Joined) -> Write:
    facts = {"model": asked.model, "run": joined.run, "opened": joined.opened}
    return Write(f"REQUEST#{asked.request}", "REQUEST", set=facts, condition="attribute_not_exists(pk)")


def _opening(asked: RunAsked, run: str, batch: int, execution_arn: str) -> list[Write]:
    task = {"entry": "Retrain", "model": asked.model, "run": run}
    return [
        open_with(asked.model, run, batch, opened_at=iso(now()), last_at=NOTHING_YET),
        begin(asked.model, run, batch, execution_arn, "asked for", wish=asked.wish),
        Write("MODELS", asked.model, set={"model": asked.model}),
        opened(execution_arn, task, now()),
    ]
