"""``python -m tests.torture.mutations``: each protection is taken out once, and a property says so.

Not here: the claim of an endpoint's change, as SageMaker refuses a second change by itself, and the condition on which
an upload joins a batch, whose window is some milliseconds: the stateful test of the ledger holds it.
"""

from __future__ import annotations

import argparse
import copy
import multiprocessing
import sys
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple
from uuid import uuid4

from app.aws import endpoints, pipelines
from app.decide.pipeline_slots import Slots
from app.decide.records import RunRecord
from app.decide.uploads.unheard import first_pass
from app.decide.watching import policy
from app.flow import approvals, champion_answers, reconciler, reviews, run_end
from app.flow.deployment import (
    deployments,
    found_runs,
    scaling,
    still_serving,
    unheard_decisions,
    unused_alarms,
    verification,
)
from app.flow.uploads import arrivals, unheard
from app.ledger import Ledger, batches
from app.ledger.table import Table

from tests.torture import stack
from tests.torture.faults import DIED, LAGGED, OVERTAKEN, Focus
from tests.torture.schedules import play

Replace = Callable[[Any], Any]  # what stands there -> what stands there without the protection


class Protection(NamedTuple):
    """Something that holds a property, and how it is taken out: all of it, where it is held twice."""

    name: str
    parts: tuple[tuple[Any, str, Replace], ...]  # holder, attribute, and what stands in its place
    focuses: tuple[Focus, ...] = ()  # where its window is milliseconds


def nothing(result: Any = None) -> Replace:
    """In its place nothing is done."""
    return lambda original: lambda *given, **named: result


def _seen_nothing(original: Any) -> Any:
    return lambda settings, due: unheard.Look([], first_pass(batches.now()))


class _WithoutOutcomes:
    """A ledger that remembers no outcome of an upload, to whoever records one."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def recorded_outcome(self, *_: Any) -> None:
        """Nothing was decided before."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)


def _without_outcomes(original: Any) -> Any:
    return lambda: _WithoutOutcomes(original())


def _without_condition(original: Any) -> Any:
    return lambda *given, **named: original(*given, **named)._replace(condition="", given={})


def _without_retry(error: str) -> Replace:
    def replace(original: Any) -> Any:
        machine = copy.deepcopy(original())
        for state in machine["States"].values():
            state["Retry"] = [rule for rule in state.get("Retry", []) if error not in rule["ErrorEquals"]]
        return lambda: machine

    return replace


def _delete_whatever_it_holds(original: Any) -> Any:
    return lambda self, pk, sk, only=None: original(self, pk, sk)


def _one_after_the_other(original: Any) -> Any:
    """The deployment's writes by themselves, the run's record last: a process may die in between."""

    def open_deployment(self: Any, model: str, arn: str, task: Any, started: int, at: Any) -> bool:
        transact = self.transact
        self.transact = lambda changes: transact([changes[0], changes[3]]) or transact(changes[1:3])
        try:
            return bool(original(self, model, arn, task, started, at))
        finally:
            del self.transact

    return open_deployment


def _whatever_it_says(original: Any) -> Any:
    return lambda model, package, settings: package


def _whatever_it_was_planned_for(original: Any) -> Any:
    return lambda self, pipeline_execution: pipeline_execution in self.refusing_pipelines


def _as_it_was_planned(original: Any) -> Any:
    return lambda plan, current: plan


def _turn_for_everybody(original: Any) -> Any:
    return lambda self, model, run, task_token: True


def _slot_for_everybody(original: Any) -> Any:
    return lambda self, run, most: Slots((run,))


def _told_after_it_is_written(original: Any) -> Any:
    return lambda self, execution_arn: False


def _any_token(original: Any) -> Any:
    return lambda run, plan: original(run, plan)._replace(request_token=uuid4().hex)


def _status_of_whoever_comes(original: Any) -> Any:
    def set_status(self: Any, run: str, execution: str, status: Any, what: str, **facts: Any) -> bool:
        self.update_run(run, what, status=str(status), **facts)
        return True

    return set_status


PROTECTIONS = (
    Protection("the machine retries a dead process", ((stack, "definition", _without_retry("Lambda.Unknown")),)),
    Protection(
        "the scoring machine retries a dead process",
        ((stack, "scoring_definition", _without_retry("Lambda.Unknown")),),
    ),
    Protection("the machine retries what passes", ((stack, "definition", _without_retry("Throttled")),)),
    Protection(
        "an object version has one outcome",
        (
            (batches, "outcome_record", _without_condition),
            (arrivals, "ledger", _without_outcomes),
        ),
    ),
    Protection(
        "a refusal that speaks of another change marks no version",
        ((endpoints, "is_out_of_date", nothing(False)),),
        (Focus(LAGGED, "endpoint ", 0.9),),
    ),
    Protection("one run per model has the turn", ((Ledger, "wait_for_turn", _turn_for_everybody),)),
    Protection("the end of a run releases its turn", ((run_end.turns, "hand_over_turn", nothing()),)),
    Protection("so many pipelines run at once", ((Ledger, "join_slots", _slot_for_everybody),)),
    Protection("a pipeline is started by one token", ((run_end.training, "pipeline_run", _any_token),)),
    Protection("the pipeline of an ended run is stopped", ((pipelines, "stop", nothing()),)),
    Protection("the reconciler", ((reconciler, "reconcile", nothing(reconciler.Reconciled(0, 0, 0))),)),
    Protection("uploads without an event are found", ((unheard, "look", _seen_nothing),)),
    Protection("a pipeline that is stopped waits for no champion", ((champion_answers, "_stop", nothing()),)),
    Protection(
        "a refusal is said until it is heard",
        ((RunRecord, "is_left_behind", _whatever_it_was_planned_for),),
        (Focus(DIED, "ReactToPipelineFunction: dynamodb.update_item", 0.5),),
    ),
    Protection("a withdrawal is kept", ((Ledger, "withdraw", nothing()),)),
    Protection(
        "a decision answers for a dead claimant",
        ((approvals, "_answer_for_claimant", nothing()),),
        (Focus(DIED, "ReactToApprovalFunction: dynamodb.update_item", 0.3),),
    ),
    Protection("an older message changes nothing", ((approvals, "decided_at", nothing("")),)),
    Protection("a failed version is marked", ((Ledger, "record_failure", nothing()),)),
    Protection("predictions are compared", ((verification, "describe_differences", nothing("")),)),
    Protection("unused alarms are deleted", ((unused_alarms, "delete", nothing()),)),
    Protection("a version finds its run", ((found_runs, "request_verdict", nothing(False)),)),
    Protection("a decision that nobody heard is acted upon", ((unheard_decisions, "ask", nothing("")),)),
    Protection("an approval in the registry is one yes", ((reviews, "counted", _whatever_it_says),)),
    Protection("a policy's limits hold runs back", ((policy, "_held", nothing((None, ""))),)),
    Protection("what is published binds a plan", ((reviews, "bound_plan", _as_it_was_planned),)),
    Protection("people know that what was rejected serves", ((still_serving, "tell", nothing()),)),
    Protection("an end that passed no Notify is told", ((Ledger, "is_open", _told_after_it_is_written),)),
    Protection(
        "a deployment opens all or nothing",
        ((Ledger, "open_deployment", _one_after_the_other),),
        (Focus(DIED, "dynamodb.transact_write_items", 0.2),),
    ),
    Protection("scaling is looked at", ((scaling, "look", nothing()),)),
    Protection("what is scaled makes way", ((scaling, "make_way", nothing()),)),
    Protection("a change that ended is forgotten", ((deployments, "forget_ended", nothing()),)),
    Protection(
        "only its own answer forgets a token",
        ((Table, "delete", _delete_whatever_it_holds),),
        (Focus(OVERTAKEN, "ReactToEndpointFunction: stepfunctions.send_task_failure", 0.9),),
    ),
    Protection(
        "a stale execution sets no status",
        ((Ledger, "set_status", _status_of_whoever_comes),),
        (Focus(OVERTAKEN, "RequestApprovalFunction: ", 0.5), Focus(OVERTAKEN, "DeployVersionFunction: ", 0.5)),
    ),
)


SELDOM = (  # what misses these is drawn once in a hundred schedules or more
    "the machine retries a dead process",
    "the scoring machine retries a dead process",
    "a pipeline that is stopped waits for no champion",
    "a decision answers for a dead claimant",
    "an older message changes nothing",
    "what is published binds a plan",
    "a version finds its run",
    "only its own answer forgets a token",
    "a stale execution sets no status",
    "a change that ended is forgotten",
)


class Found(NamedTuple):
    """What fell in a schedule without a protection, and with it."""

    seed: int
    without: list[str]
    intact: list[str]


def played_without(number: int, seed: int) -> Found:
    """The violations of a schedule without one protection; where there are some, also those with it."""
    found = _played_without(number, seed)
    return Found(seed, found, play(seed, focuses=PROTECTIONS[number].focuses).violations if found else [])


def _played_without(number: int, seed: int) -> list[str]:
    before = [(holder, attribute, getattr(holder, attribute)) for holder, attribute, _ in PROTECTIONS[number].parts]
    for holder, attribute, without in PROTECTIONS[number].parts:
        setattr(holder, attribute, without(getattr(holder, attribute)))
    try:
        return play(seed, focuses=PROTECTIONS[number].focuses).violations
    finally:
        for holder, attribute, original in before:
            setattr(holder, attribute, original)


def missed(number: int, schedules: int, processes: int) -> bool:
    """Whether a property falls without a protection that holds with it; its row of the table is printed."""
    name = PROTECTIONS[number].name
    with multiprocessing.Pool(processes) as pool:
        for found in pool.imap(partial(played_without, number), range(1, schedules + 1), chunksize=4):
            if found.intact:
                print(f"with everything in place schedule {found.seed} breaks: {found.intact[0]}", flush=True)
                return False
            if found.without:
                print(f"| {name} | {found.seed} | {found.without[0].split(':')[0]} |", flush=True)
                return True
    print(f"| {name} | not within {schedules:,} | |", flush=True)
    return False


def main() -> int:
    parser = argparse.ArgumentParser(description="Take each protection out once; a property has to fall.")
    parser.add_argument("--schedules", type=int, default=4000, help="to try at most, for each protection")
    parser.add_argument("--processes", type=int, default=multiprocessing.cpu_count())
    parser.add_argument("--named", default="", help="only protections with this in their name")
    parser.add_argument("--soon", action="store_true", help=f"leave out what takes long: {', '.join(SELDOM)}")
    asked = parser.parse_args()
    print("| protection taken out | schedules until a property fell | the property |\n| --- | ---: | --- |")
    left_out = SELDOM if asked.soon else ()
    chosen = [n for n, one in enumerate(PROTECTIONS) if asked.named in one.name and one.name not in left_out]
    return sum([not missed(number, asked.schedules, asked.processes) for number in chosen])


if __name__ == "__main__":
    sys.exit(main())
