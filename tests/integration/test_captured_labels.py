"""Late labels joined to what an endpoint answered: by row or by request, by the version that surely answered, once."""

import json
from datetime import datetime, timedelta
from typing import Any

from app.decide.names.times import iso
from app.decide.watching.windows import WatchedWindow
from app.ledger.batches import now
from app.ledger.table import Write
from moto_world import BUCKET, World
from test_late_labels import come, labels, scored

FOLDER = "captured/churn/retrain--churn/AllTraffic"
DAYS = [now() - timedelta(days=30 - number) for number in range(20)]


def began(world: World, version: int, *happened: tuple[datetime, str]) -> None:
    """A run whose version changed the endpoint, or was verified there."""
    run = f"churn-20260{version}14t101500-abcdef"
    facts = {"id": run, "model": "churn", "status": "Deployed", "execution_arn": "arn", "version": version}
    timeline = [{"at": iso(at), "what": what} for at, what in happened]
    world.ledger.write(Write("MODEL#churn", f"RUN#{run}", set=facts | {"timeline": timeline}))


def captured(
    world: World, at: datetime, ids: range, *, by: str = "request", yes: int = 3, json_body: bool = False
) -> None:
    """A file of SageMaker's with a line for each row, "Yes" of every third; the request has its id, or the row."""
    lines = []
    for number in ids:
        label = "No" if number % yes else "Yes"
        asked: Any = f"tenure,customerID\n{number},C{number}" if by == "row" else f"{number}"
        told: Any = f"{0.2 if number % yes else 0.9},{label}\n"
        media = "text/csv"
        if json_body:
            media = "application/json"
            asked = json.dumps({"instances": [{"tenure": number, "customerID": f"C{number}"}]})
            told = json.dumps({"predictions": [{"probability": 0.9, "label": label}]})
        sides = {
            "endpointInput": {"observedContentType": media, "mode": "INPUT", "data": asked, "encoding": "CSV"},
            "endpointOutput": {"observedContentType": media, "mode": "OUTPUT", "data": told, "encoding": "CSV"},
        }
        meta = {"eventId": "e", "inferenceTime": f"{at:%Y-%m-%dT%H:%M:%SZ}"}
        meta |= {"inferenceId": f"C{number}"} if by == "request" and not json_body else {}
        lines.append(json.dumps({"captureData": sides, "eventMetadata": meta, "eventVersion": "0"}))
    key = f"{FOLDER}/{at:%Y/%m/%d/%H/%M-%S}-000-{ids.start}-{by}.jsonl"
    world.s3.put_object(Bucket=BUCKET, Key=key, Body="\n".join(lines).encode())


def windows(world: World) -> dict[int, WatchedWindow]:
    return {one.version: one for one in world.ledger.newest_windows("churn", "quality", 20)}


def test_labels_measure_the_versions_that_answered_requests(world: World) -> None:
    began(world, 1, (DAYS[0], "endpoint creating"), (DAYS[1], "verified"))
    began(world, 2, (DAYS[6], "endpoint updating"), (DAYS[8], "verified"))
    captured(world, DAYS[2], range(150))
    captured(world, DAYS[9], range(150, 300), by="row")
    captured(world, DAYS[9], range(300, 330), json_body=True)

    assert come(world, "may.csv", labels(range(330)))["batchItemFailures"] == []

    found = windows(world)
    assert {version: (one.source, one.rows, one.value) for version, one in found.items()} == {
        1: ("labels", 150, 1.0), 2: ("labels", 180, 1.0),
    }  # fmt: skip
    assert (found[1].start, found[2].end) == (iso(DAYS[2].replace(microsecond=0)), iso(DAYS[9].replace(microsecond=0)))


def test_a_row_that_was_scored_and_asked_counts_once_by_its_newest_answer(world: World) -> None:
    began(world, 1, (DAYS[1], "verified"))
    captured(world, DAYS[3], range(150), yes=2)  # what it answered before, of half of the rows otherwise
    captured(world, DAYS[4], range(150), yes=2)
    scored(world, "a.csv", range(150))  # now

    come(world, "may.csv", labels(range(150)))
    come(world, "again.csv", labels(range(150)))

    (window,) = world.ledger.newest_windows("churn", "quality", 20)
    assert (window.version, window.rows, window.value) == (1, 150, 1.0)


def test_what_was_answered_while_the_endpoint_changed_is_of_nobody_and_that_is_said(world: World) -> None:
    began(world, 1, (DAYS[1], "verified"))
    began(world, 2, (DAYS[6], "endpoint updating"))  # which went back
    captured(world, DAYS[2], range(120))
    captured(world, DAYS[7], range(120, 150))

    come(world, "may.csv", labels(range(150)))

    (window,) = world.ledger.newest_windows("churn", "quality", 20)
    assert (window.version, window.rows) == (1, 120)
    assert window.details["not_counted"] == {
        "labels of no answered row": 30, "captured rows of which nobody knows the version": 30,
    }  # fmt: skip


def test_a_request_without_an_id_is_of_no_label(world: World) -> None:
    began(world, 1, (DAYS[1], "verified"))
    captured(world, DAYS[2], range(150), by="nobody")

    come(world, "may.csv", labels(range(150)))

    assert windows(world) == {}
