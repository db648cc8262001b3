"""What may be asked for in a file of faults, what is refused by name, and when a fault strikes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from localcloud.faults.fault_file import BadFaults, Fault, Faults, parse, read
from localcloud.faults.injection import Plan

WHOLE = """
seed: 7
events:
  - {fault: drop, source: aws.s3, detail-type: "Object *", share: 0.5}
  - {fault: delay, rule: "*Arrivals*", target: "*:sqs:*", seconds: 20}
functions:
  - {fault: crash, function: "*StartPipeline*", after_call: 2, times: 1}
jobs:
  - {fault: crash, job: "*-Train-*", skip: 1}
endpoints:
  - {fault: fail, endpoint: churn, variant: AllTraffic}
  - {fault: slow, seconds: 2.5}
"""


def test_a_file_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "faults.yaml"
    path.write_text(WHOLE)

    assert read(path) == Faults(
        (
            Fault("events[0]", "events", "drop", {"source": "aws.s3", "detail-type": "Object *"}, share=0.5),
            Fault("events[1]", "events", "delay", {"rule": "*Arrivals*", "target": "*:sqs:*"}, seconds=20),
            Fault("functions[0]", "functions", "crash", {"function": "*StartPipeline*"}, after_call=2, times=1),
            Fault("jobs[0]", "jobs", "crash", {"job": "*-Train-*"}, skip=1),
            Fault("endpoints[0]", "endpoints", "fail", {"endpoint": "churn", "variant": "AllTraffic"}, status=500),
            Fault("endpoints[1]", "endpoints", "slow", seconds=2.5),
        ),
        seed=7,
    )


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ([], "faults are an object of events, functions, jobs, endpoints"),
        ({"event": []}, "unknown key 'event' (did you mean 'events'?); known are seed, events"),
        ({"seed": "x"}, "seed is 'x'; it takes a whole number from 0 on"),
        ({"events": {}}, "events is a list of faults"),
        ({"events": ["drop"]}, "events[0] names no fault: one of drop, duplicate, delay, reorder"),
        ({"events": [{"fault": "drops"}]}, "events[0]: there is no fault 'drops' (did you mean 'drop'?)"),
        ({"jobs": [{"fault": "drop"}]}, "jobs[0]: there is no fault 'drop'; jobs have crash"),
        ({"events": [{"fault": "drop", "sauce": "x"}]}, "events[0]: unknown key 'sauce' (did you mean 'source'?)"),
        ({"events": [{"fault": "drop", "seconds": 1}]}, "events[0]: unknown key 'seconds'"),
        ({"events": [{"fault": "delay"}]}, "events[0]: delay needs 'seconds'"),
        ({"events": [{"fault": "delay", "seconds": -1}]}, "events[0].seconds is -1; it takes a number of seconds"),
        ({"events": [{"fault": "drop", "share": 2}]}, "events[0].share is 2; it takes a number from 0 to 1"),
        ({"events": [{"fault": "drop", "rule": 3}]}, "events[0].rule is 3; it takes a name, with * for any"),
        ({"events": [{"fault": "drop", "times": 0}]}, "events[0].times is 0; it takes a whole number from 1 on"),
        ({"functions": [{"fault": "crash"}]}, "functions[0]: crash needs 'after_call'"),
        ({"functions": [{"fault": "crash", "after_call": 0}]}, "functions[0].after_call is 0; it takes a whole"),
        ({"endpoints": [{"fault": "fail", "status": 200}]}, "endpoints[0].status is 200; it takes an HTTP status"),
    ],
)
def test_what_is_not_there_is_refused_by_name(document: Any, said: str) -> None:
    with pytest.raises(BadFaults) as refused:
        parse(document)

    assert str(refused.value).startswith(said)


@pytest.mark.parametrize("text", ["a: [", "a: 2026-99-99", "[" * 5000, "\0"])
def test_a_file_that_is_no_yaml_is_refused_in_one_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "faults.yaml"
    path.write_text(text)

    with pytest.raises(BadFaults) as refused:
        read(path)

    assert str(refused.value).startswith(f"{path}: ")
    assert "\n" not in str(refused.value)


def struck(faults: Any, names: list[str], seed: int = 0) -> list[str | None]:
    """The place of the fault that struck each job."""
    plan = Plan(parse({"jobs": faults, "seed": seed}))
    picked = [plan.pick("jobs", {"job": name}) for name in names]
    return [fault.place if fault else None for fault in picked]


def test_a_fault_strikes_what_matches_after_some_and_so_often() -> None:
    fault = {"fault": "crash", "job": "train-*", "skip": 1, "times": 2}

    found = struck([fault], ["train-1", "other", "train-2", "train-3", "train-4"])

    assert found == [None, None, "jobs[0]", "jobs[0]", None]


def test_the_first_fault_that_strikes_is_the_one() -> None:
    once, always = {"fault": "crash", "times": 1}, {"fault": "crash"}

    assert struck([once, always], ["a", "b"]) == ["jobs[0]", "jobs[1]"]


def test_chance_is_the_same_for_the_same_seed() -> None:
    names = [str(number) for number in range(200)]
    fault = {"fault": "crash", "share": 0.3}

    first, again, other = (struck([fault], names, seed) for seed in (1, 1, 2))

    assert first == again != other
    assert 30 < len([place for place in first if place]) < 90


def test_other_sections_are_left_alone() -> None:
    assert Plan(parse({"jobs": [{"fault": "crash"}]})).pick("functions", {"function": "x"}) is None
