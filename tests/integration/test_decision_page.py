"""The page behind a link: it shows, it takes one decision, and says no to whatever else is tried."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import boto3
import pytest
from app.decide.names.statuses import RunStatus
from app.decide.names.times import iso
from app.decide.pages.links import secret_hash
from app.ledger.batches import now
from app.ledger.table import Write
from decision_pages import FORM, NO, OWN, YES, ask, link_in, send
from moto_world import TABLE, World
from test_approvals import Registry, registry_of

VERDICT: dict[str, Any] = {
    "passed": True,
    "metrics": {"recall": 0.53, "roc_auc": 0.8488},
    "metric_details": {"recall": {"label": "recall", "low": 0.4712, "high": 0.5901}},
    "doubts": [{"column": "tenure", "expected": "no answer in it", "found": "<script>alert(1)</script>"}],
    "champion": {
        "status": "scored",
        "version": 3,
        "interval": {"level": 0.95, "of": 897},
        "differences": {
            "recall": {"champion": 0.4487, "difference": 0.0813, "low": 0.036, "high": 0.1269, "better": "challenger"},
            "roc_auc": {"champion": 0.8433, "difference": 0.0055, "low": -0.0054, "high": 0.0171, "better": "neither"},
        },
    },
}


@pytest.fixture
def registry(world: World) -> Iterator[Registry]:
    with registry_of(world) as made:
        yield made


@pytest.fixture
def link(registry: Registry) -> str:
    """The link of a mail that asks about version 1."""
    return asked(registry, 1)


def asked(registry: Registry, version: int) -> str:
    return link_in(asking_mail(registry, version))


def asking_mail(registry: Registry, version: int, **plan: Any) -> str:
    registry.registers(version, loosened=["recall: 0.4 instead of 0.5"], **plan)
    registry.world.ledger.write(Write("MODEL#churn", f"RUN#{registry.run_of(version)}", set={"verdict": VERDICT}))
    registry.asks(version)
    return next(mail for mail in registry.world.mail() if "waits for your decision" in mail)


def test_the_page_says_first_what_was_found_and_then_all_that_should_give_one_pause(
    registry: Registry, link: str
) -> None:
    body = ask(link)["body"]

    said = [
        "Version 1 passed its gate", "Against version 3, on the same rows, it is better in recall.",
        "No version serves yet.", "Its gate was looser than the model file&#39;s", "recall: 0.4 instead of 0.5",
        "The evaluation has doubts", "&lt;script&gt;alert(1)&lt;/script&gt;", "0.4712 to 0.5901", "+0.0813",
        "+0.036 to +0.1269", "may be chance", "Both on the same 897 test rows", registry.run_of(1),
    ]  # fmt: skip
    places = [body.find(text) for text in said]
    assert -1 not in places, said[places.index(-1)]
    assert "<script" not in body
    assert len(body.encode()) < 60_000


def test_mail_and_page_say_what_serving_costs_a_month(registry: Registry) -> None:
    said = "Its endpoint costs 167.90 USD a month: 2 instances of ml.m5.large, at list prices of us-east-1, "
    section = {"mode": "realtime", "instance_type": "ml.m5.large", "instance_count": 2}

    mail = asking_mail(registry, 1, deployment=section)

    assert said in mail
    assert f"What this run cost: retrain cost {registry.run_of(1)}" in mail
    assert said in ask(link_in(mail))["body"]


def test_to_look_changes_nothing_however_often(registry: Registry, link: str) -> None:
    before = registry.record(1)

    answers = [ask(link, method)["statusCode"] for method in ("GET", "HEAD") * 20]

    assert set(answers) == {200}
    assert (registry.status(1), registry.record(1)) == ("PendingManualApproval", before)


@pytest.mark.parametrize(("fields", "becomes"), [(YES, "Approved"), (NO, "Rejected")], ids=["yes", "no"])
def test_a_decision_is_the_registrys_and_says_who_claims_to_have_made_it(
    registry: Registry, link: str, fields: dict[str, str], becomes: str
) -> None:
    answered = send(link, fields)

    assert (answered["statusCode"], answered["headers"]["Location"]) == (303, link.removeprefix("https://page.test"))
    assert registry.status(1) == becomes
    registry.answers_somehow(1)
    registry.hears(1)
    assert f"{becomes.lower()} by Ada, not proven" in registry.timeline(1)[-1]
    after = ask(link)
    assert after["statusCode"] == 200
    assert f"Version 1 was {becomes.lower()}" in after["body"]
    assert fields["reason"] in after["body"]
    assert "<form" not in after["body"]


def test_the_ledger_has_no_secret(registry: Registry, link: str) -> None:
    secret = link.rpartition("/")[2]
    send(link, YES)

    items = json.dumps(boto3.client("dynamodb").scan(TableName=TABLE)["Items"], default=str)
    assert len(secret) == 43
    assert f"LINK#{secret_hash(secret)}" in items
    assert secret not in items


def test_each_request_has_a_secret_of_its_own_and_all_of_them_lead_there(registry: Registry, link: str) -> None:
    registry.asked_ago(1, 0.6)
    registry.hears(1)
    reminded = link_in(registry.world.mail()[0])

    assert reminded != link
    assert [ask(one)["statusCode"] for one in (link, reminded)] == [200, 200]
    send(reminded, YES)
    assert send(link, NO)["statusCode"] == 200  # says what was decided
    assert registry.status(1) == "Approved"


ATTACKS: dict[str, tuple[int, Any]] = {
    "no secret": (404, lambda link: send(link.rpartition("/")[0], YES)),
    "an empty secret": (404, lambda link: send(link.rpartition("/")[0] + "/", YES)),
    "a guessed secret": (404, lambda link: send(link[:-43] + "A" * 43, YES)),
    "a secret with one sign changed": (404, lambda link: send(link[:-1] + ("A" if link[-1] != "A" else "B"), YES)),
    "a secret that goes on": (404, lambda link: send(link + "A", YES)),
    "a secret with a line break": (404, lambda link: send(link + "%0a", YES)),
    "another version": (404, lambda link: send(link.replace("/churn/1/", "/churn/2/"), YES)),
    "another model": (404, lambda link: send(link.replace("/churn/1/", "/house-price/1/"), YES)),
    "a version of another spelling": (404, lambda link: send(link.replace("/churn/1/", "/churn/01/"), YES)),
    "a path that climbs": (404, lambda link: send(link.replace("/decide/", "/x/../decide/"), YES)),
    "a model that is none": (404, lambda link: send(link.replace("/churn/", "/CHURN#x/"), YES)),
    "a form of another site": (403, lambda link: send(link, YES, **{"sec-fetch-site": "cross-site"})),
    "a form of a neighbour": (403, lambda link: send(link, YES, **{"sec-fetch-site": "same-site"})),
    "a form of another origin": (403, lambda link: send(link, YES, origin="https://evil.test")),
    "a form of another port": (403, lambda link: send(link, YES, origin="https://page.test:8443")),
    "a decision in the query": (200, lambda link: ask(link + "?decision=approve&who=Ada")),
    "a form without a type": (400, lambda link: ask(link, "POST", OWN, "decision=approve&who=Ada")),
    "JSON": (400, lambda link: ask(link, "POST", OWN | {"content-type": "application/json"}, json.dumps(YES))),
    "plain text": (400, lambda link: ask(link, "POST", OWN | {"content-type": "text/plain"}, "decision=approve&who=A")),
    "no body": (400, lambda link: ask(link, "POST", OWN | {"content-type": FORM})),
    "bytes that are no text": (400, lambda link: ask(link, "POST", OWN | {"content-type": FORM}, b"who=\xff\xfe")),
    "a quoted byte that is no text": (400, lambda link: ask(link, "POST", OWN | {"content-type": FORM}, "who=%ff")),
    "a decision twice": (400, lambda link: ask(link, "POST", OWN | {"content-type": FORM},
                                               "who=A&decision=reject&decision=approve&reason=x")),
    "many fields": (400, lambda link: send(link, YES | {f"f{n}": "1" for n in range(99)})),
    "a large form": (400, lambda link: send(link, YES | {"reason": "x" * 20_000})),
    "another decision": (400, lambda link: send(link, YES | {"decision": "Approved"})),
    "no decision": (400, lambda link: send(link, {"who": "Ada"})),
    "nobody": (400, lambda link: send(link, YES | {"who": " "})),
    "a rejection without a reason": (400, lambda link: send(link, NO | {"reason": " "})),
    "a reason without end": (400, lambda link: send(link, NO | {"reason": "x" * 901})),
    "a name without end": (400, lambda link: send(link, YES | {"who": "x" * 101})),
    "PUT": (405, lambda link: ask(link, "PUT", OWN | {"content-type": FORM}, "decision=approve&who=Ada")),
    "DELETE": (405, lambda link: ask(link, "DELETE")),
    "OPTIONS": (405, lambda link: ask(link, "OPTIONS", {"origin": "https://evil.test"})),
}  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_is_no_decision_of_this_page_does_nothing_and_says_so(registry: Registry, link: str, attack: str) -> None:
    status, act = ATTACKS[attack]

    answered = act(link)

    assert answered["statusCode"] == status
    assert registry.status(1) == "PendingManualApproval"
    assert re.search(r"<h1>.+</h1>", answered["body"])
    assert send(link, YES)["statusCode"] == 303  # the link is as good as before


def expired(registry: Registry) -> None:
    past = {"until": iso(now() - timedelta(seconds=1))}
    (item,) = (
        one for one in boto3.client("dynamodb").scan(TableName=TABLE)["Items"] if one["pk"]["S"].startswith("LINK#")
    )
    registry.world.ledger.write(Write(item["pk"]["S"], "LINK", set=past))


def status_is(status: RunStatus) -> Any:
    return lambda registry: registry.world.ledger.write(
        Write("MODEL#churn", f"RUN#{registry.run_of(1)}", set={"status": str(status)})
    )


def deleted(registry: Registry) -> None:
    gone = {"package_arn": registry.arn(9)}
    registry.world.ledger.write(Write("MODEL#churn", f"RUN#{registry.run_of(1)}", set=gone))


CLOSED: dict[str, tuple[Any, int, str]] = {
    "its time is over": (expired, 410, "The time is over"),
    "its run expired": (status_is(RunStatus.APPROVAL_EXPIRED), 410, "The time is over"),
    "a newer version waits": (status_is(RunStatus.SUPERSEDED), 410, "A newer version took its place"),
    "its run failed": (status_is(RunStatus.FAILED), 410, "Nobody waits for this decision"),
    "it was deleted": (deleted, 410, "This version is gone"),
}


@pytest.mark.parametrize("why", CLOSED)
def test_a_link_whose_question_is_over_says_what_became_of_it_and_decides_nothing(
    registry: Registry, link: str, why: str
) -> None:
    happens, status, heading = CLOSED[why]
    happens(registry)

    for answered in (ask(link), send(link, YES)):
        assert answered["statusCode"] == status
        assert f"<h1>{heading}</h1>" in answered["body"]
    assert registry.status(1) == "PendingManualApproval"


def test_a_decision_that_was_sent_again_changes_nothing_whatever_became_of_it_since(
    registry: Registry, link: str
) -> None:
    send(link, YES)
    registry.sagemaker.update_model_package(
        ModelPackageArn=registry.arn(1), ModelApprovalStatus="PendingManualApproval"
    )

    again = [send(link, fields)["statusCode"] for fields in (YES, NO)]

    assert again == [409, 409]
    assert registry.status(1) == "PendingManualApproval"


def test_who_died_before_the_registry_heard_it_decides_again_the_same_and_nothing_else(
    registry: Registry, link: str
) -> None:
    run = registry.run_of(1)
    registry.world.ledger.write(Write("MODEL#churn", f"VOTE#00000001#{run}#", set={"decision": "approve"}))

    assert send(link, NO)["statusCode"] == 409
    assert registry.status(1) == "PendingManualApproval"
    assert send(link, YES)["statusCode"] == 303
    assert registry.status(1) == "Approved"


def test_what_was_typed_is_there_again_where_something_is_missing(link: str) -> None:
    body = send(link, {"who": '"><b>Ada', "reason": "", "decision": "reject"})["body"]

    assert 'value="&#34;&gt;&lt;b&gt;Ada"' in body
    assert 'role="alert">Give a reason' in body
    assert 'aria-invalid="true"' in body


def test_every_answer_is_kept_by_nobody_and_runs_nothing(link: str) -> None:
    answers = [ask(link), ask("/"), send(link, YES), send(link, YES), ask(link, "PUT")]

    for answered in answers:
        headers = answered["headers"]
        style = re.search(r"<style>(.*)</style>", answered["body"], re.DOTALL)
        hashed = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode() if style else ""
        assert headers["Cache-Control"] == "no-store"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Security-Policy"].startswith(f"default-src 'none'; style-src 'sha256-{hashed}")
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert "form-action 'self'" in headers["Content-Security-Policy"]
        assert "Set-Cookie" not in headers


def test_without_an_address_no_mail_has_a_link(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.settings import settings

    monkeypatch.setenv("PAGE_URL", "")
    settings.cache_clear()
    registry.registers(1)
    registry.asks(1)

    (mail,) = registry.world.mail()
    assert "retrain approve churn 1" in mail
    assert "/decide/" not in mail
