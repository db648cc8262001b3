"""What must hold when nothing goes on any more: nothing lost, nothing twice, nothing sticks, what serves is right.

A violation's words up to the colon name the property.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from app.decide.deployment.deployment_alarms import alarm_names
from app.decide.names.hashes import digest
from app.decide.names.resource_names import version_of_config
from app.decide.names.statuses import RunStatus
from app.decide.names.times import from_iso
from app.ledger import ledger
from app.ledger.batches import BATCH_AND_TURN

from tests.torture import stack
from tests.torture.decision_properties import approved_by_themselves, decisions
from tests.torture.fakes.functions import PROCESS_ENDED
from tests.torture.fakes.resources import STACK, arn
from tests.torture.faults import ANSWER_LOST, DIED, THROTTLED
from tests.torture.people import MODELS, People
from tests.torture.reviewers import approvals
from tests.torture.simulated_account import Account

A_FUNCTION_RUNS = timedelta(minutes=6)
HELD = ("open_run", "turn", "turn_token", "waiting_run", "waiting_token")


def stuck(account: Account) -> Iterator[str]:
    """After quiet only a person's decision is waited for."""
    for execution in account.states.of(stack.NAMES[stack.MACHINE]):
        if execution.status != "RUNNING":
            continue
        package = _package(account, execution.data)
        if execution.state != "Request approval" or (
            package and package["ModelApprovalStatus"] in ("Approved", "Rejected")
        ):
            yield f"an execution sticks: {execution.name} in {execution.state}"


def _package(account: Account, data: dict[str, Any]) -> dict[str, Any] | None:
    record = ledger().record(data["run"])
    return account.registry.packages.get(record.package_arn or "") if record else None


def what_serves(account: Account, people: People) -> Iterator[str]:
    """What serves is the newest approved version that a run judged and that has not failed, and LIVE says so."""
    for model in people.models:
        known, live = ledger().versions(model), ledger().live_version(model)
        approved = [
            package["ModelPackageVersion"]
            for package in account.registry.of_group(f"{STACK}--{model}")
            if package["ModelApprovalStatus"] == "Approved"
        ]
        judged = [version for version in approved if "run" in known.get(version, {})]
        for version in set(approved) - set(judged):
            yield f"a version has not found its run: {model} version {version}"
        desired = max((version for version in judged if "failed" not in known[version]), default=None)
        yield from _failed_marks(account, people, model, known)
        yield from _chances(account, model, known, [version for version in judged if version > (desired or 0)])
        yield from _kept(account, model, live, desired)
        if live and not _good(account, known, live.version):
            yield f"a bad version is live: {model} version {live.version}"
        if MODELS.get(model, {}).get("deployment", {}).get("mode") == "batch":
            if desired and (live is None or live.version != desired):
                yield f"the wrong version serves: {model} should score with {desired}, LIVE is {live}"
        else:
            yield from _endpoint_serves(account, model, desired, live)


def _endpoint_serves(account: Account, model: str, desired: int | None, live: Any) -> Iterator[str]:
    endpoint = account.endpoints.endpoints.get(f"{STACK}--{model}")
    shown = endpoint.now if endpoint else None
    if desired is None:
        if shown and version_of_config(shown.config) and (live is None or live.name != shown.config):
            yield f"the wrong version serves: {model} has none to serve, and {shown.config} does; LIVE is {live}"
        return
    if shown is None or shown.status != "InService" or version_of_config(shown.config) != desired:
        yield f"the wrong version serves: {model} should serve {desired}, its endpoint is {shown}"
    elif live is None or live.name != shown.config or live.version != desired:
        yield f"LIVE differs from the endpoint: {model} serves {shown.config}, LIVE is {live}"


def _good(account: Account, known: dict[int, Any], version: int) -> bool:
    run = known.get(version, {}).get("run")
    return bool(run) and account.fates.of_run(run).container.good


def _failed_marks(account: Account, people: People, model: str, known: dict[int, Any]) -> Iterator[str]:
    """A version is marked for what it did, or after a series of what else went wrong."""
    deaths = sum(fault.kind in ("died", "throttled", "answer lost") for fault in account.faults.log)
    for version, facts in known.items():
        if "failed" not in facts or "run" not in facts:
            continue
        fate = account.fates.of_run(facts["run"])
        given_up = "ended without success" in facts["failed"] and deaths + len(people.by_hand) >= 3
        by_hand = any(word in one for one in people.by_hand for word in ("delete_config", "_endpoint"))
        if fate.container.good and fate.container != "trips the alarms of its deployment" and not (given_up or by_hand):
            yield f"a good version is marked as failed: {model} version {version}, {facts['failed']}"


def _chances(account: Account, model: str, known: dict[int, Any], passed_over: list[int]) -> Iterator[str]:
    """A version that failed is tried anew when it is approved anew."""
    for version in passed_over:
        changed = account.registry.changed.get(arn("model-package", f"{STACK}--{model}/{version}"))
        if changed and "failed" in known[version] and changed > from_iso(known[version]["failed_at"]):
            yield f"an approval is not followed: {model} version {version}, which failed before it was approved"


def _kept(account: Account, model: str, live: Any, desired: int | None) -> Iterator[str]:
    """People know where what was rejected serves all the same."""
    package = account.registry.packages.get(arn("model-package", f"{STACK}--{model}/{live.version if live else 0}"))
    if desired or package is None or package["ModelApprovalStatus"] != "Rejected":
        return
    endpoint = account.endpoints.endpoints.get(f"{STACK}--{model}")
    if not live.batch and (endpoint is None or endpoint.now.config != live.name):  # somebody moved or deleted it
        return
    told = [one for one in account.functions.notices if (one["kind"], one.get("model")) == ("kept", model)]
    if str(live.version) not in {one["version"] for one in told}:
        yield f"nobody knows that what was rejected serves: {model} version {live.version}"


def settled(account: Account, people: People) -> Iterator[str]:
    """Everything that must hold at the very end, when all that waited has expired."""
    yield from account.violations
    yield from account.functions.bugs
    yield from what_serves(account, people)
    for execution in account.states.executions.values():
        if execution.status == "RUNNING":
            yield f"an execution never ends: {execution.name} in {execution.state}"
    for pipeline in account.pipelines.executions.values():
        if pipeline.status.now in ("Executing", "Stopping"):
            yield f"a pipeline never ends: {pipeline.run} is {pipeline.status.now}"
    yield from decisions(account)
    yield from approved_by_themselves(account)
    yield from approvals(account)
    yield from _uploads(account, people)
    yield from _runs(account)
    yield from _told(account)
    yield from _left_behind(account, people)


def _uploads(account: Account, people: People) -> Iterator[str]:
    """Every upload has an outcome, but for one that a newer put out of the way unheard, and is new data of one run."""
    batches: Counter[tuple[str, str]] = Counter()
    for pk, held in account.dynamodb.items.items():
        if pk.startswith("FILE#"):
            batches.update((item["key"]["S"], item["version_id"]["S"]) for item in held.values())
    for number, upload in enumerate(people.uploads):
        replaced = any(newer.key == upload.key for newer in people.uploads[number + 1 :] if newer not in people.deleted)
        outcome = ledger().get(f"OBJECT#{digest('retrain-data', upload.key, upload.version)}", "OBJECT")
        if outcome is None and upload not in people.deleted and not replaced:
            yield f"an upload is lost: {upload.key} {upload.version} has no outcome"
        elif outcome and ("run" in outcome) != upload.good:
            yield f"an upload is judged wrongly: {upload.key} {outcome}"
        elif outcome and upload.good and batches[upload.key, upload.version] != 1:
            times = batches[upload.key, upload.version]
            yield f"an upload counts otherwise than once: {upload.key} is in {times} batches"


def _runs(account: Account) -> Iterator[str]:
    for record in ledger().runs():
        execution = account.states.executions.get(record.execution_arn.rsplit(":", 1)[1])
        if execution is None:
            yield f"a run never began: {record.id}, {record.status}"
        if not record.status.final:
            yield f"a run stays open: {record.id} is {record.status}"
        yield from _last_word(account, record)
        if record.plan and record.status is not RunStatus.NO_USABLE_DATA:  # which an earlier plan may have had
            yield from _data(account, record)
        yield from _lightly_failed(account, record)


def _last_word(account: Account, record: Any) -> Iterator[str]:
    """What a run came to is what its last execution did: a later one that deploys has the run from its beginning on."""
    names = [one.name for one in account.states.of(stack.NAMES[stack.MACHINE]) if one.data["run"] == record.id]
    last = max(names, key=lambda name: int(name.removeprefix(f"{record.id}-d").replace(record.id, "0")), default="")
    said = [name.rpartition(":")[2] for name in (record.execution_arn, record.finished_by or "")]
    if last and said != [last, last]:
        yield f"a run's record speaks of an earlier execution: {last} was the last, and it has {said}"


def _lightly_failed(account: Account, record: Any) -> Iterator[str]:
    """A dead process, or an error of AWS that passes, costs a retry and not the run: there are more retries."""
    kinds = Counter(fault.kind for fault in account.faults.log)
    why = " ".join(record.reasons)
    if PROCESS_ENDED in why and kinds[DIED] <= 3:
        yield f"a dead process cost a run: {record.id}, {why}"
    if ("ThrottlingException" in why or "Read timeout" in why) and kinds[THROTTLED] + kinds[ANSWER_LOST] <= 8:
        yield f"an error that passes cost a run: {record.id}, {why}"


def _data(account: Account, record: Any) -> Iterator[str]:
    """What a run trained on is what was accepted up to its batch."""
    manifest = record.plan["parameters"]["InputData"].partition("retrain-data/")[2]
    sources = account.s3.document(manifest.replace("manifest.json", "sources.json"))
    used = {(source["key"], source["version_id"]) for source in sources}
    planned = [from_iso(entry["at"]) for entry in record.timeline if entry["what"] == "batch closed"]
    yield from _refused(account, record, used)
    for key, version in sorted(used):  # who planned the run may have died before the timeline said so
        if planned and account.withdrawn.get(version, planned[0]) < planned[0] - A_FUNCTION_RUNS:
            yield f"a withdrawn upload is learnt from: {record.id}, {key} {version}"
    accepted = {(file.key, file.version_id) for file in ledger().files_of_run(record.id, append=True)}
    left_out = sum(record.left_out_counts.values())
    measured = record.status is RunStatus.NOT_DUE  # by its plan; what was left out is of a later look
    if not used <= accepted or (not measured and len(accepted) != len(used) + left_out):
        more, less = sorted(used - accepted), sorted(accepted - used)
        yield f"a run's data is not what was accepted: {record.id} used {more}, not {less}, {left_out} told"


def _refused(account: Account, record: Any, used: set[tuple[str, str]]) -> Iterator[str]:
    """What a run's job refused goes to quarantine, people know of it, and the run that goes on does so without it."""
    executions = [one for one in account.pipelines.executions.values() if one.run == record.id]
    refusals = [one.refused for one in executions[:-1] if any(one.refused)]
    for refused in (one for one in refusals if one[1] not in account.withdrawn):
        if refused in used:
            yield f"a refused upload is learnt from: {record.id}, {refused}"
        if refused[1] in account.s3.versions.get(refused[0], {}):
            yield f"a refused upload stays where it is: {record.id}, {refused}"
        told = [one["run"] for one in account.functions.notices if one["kind"] == "files-refused"]
        if record.id not in told:
            yield f"a refusal was never told: the job of {record.id} refused {refused}"


def _told(account: Account) -> Iterator[str]:
    told = {notice["id"] for notice in account.functions.notices}
    for execution in account.states.of(stack.NAMES[stack.MACHINE]):
        ids = {digest("ended", execution.arn, str(status))[:32] for status in RunStatus}
        if execution.status != "RUNNING" and not ids & told:
            yield f"an end was never told: {execution.name}, {execution.status}"


def _left_behind(account: Account, people: People) -> Iterator[str]:
    """Tokens, turns, entries and alarms that nobody needs any more."""
    for pk, held in account.dynamodb.items.items():
        if held and pk.startswith("UNTOLD#"):
            yield f"a refusal was never told: {pk} {sorted(held)}"
        if held and (pk.startswith("TOKEN#") or pk in ("AWAITED_JOBS", "OPEN_EXECUTIONS")):
            yield f"something is left behind: {pk} {sorted(held)}"
        state = held.get(BATCH_AND_TURN, {})
        if left := [name for name in HELD if name in state]:
            yield f"a turn or a batch is left behind: {pk} {left}"
    if any(ledger().slots()):
        yield f"a slot is left behind: {ledger().slots()}"
    lives = [ledger().live_version(model) for model in people.models]
    needed = {name for live in lives if live for name in alarm_names(live.name)}
    if more := account.alarms - needed:
        yield f"alarms are left behind: {sorted(more)}"
