"""A decision by the link of a mail: scanners follow it before anybody reads it, and a phone without scripts decides."""

from __future__ import annotations

import http.client
import json
import re
import urllib.request
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from cloud import eventually

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.local]
PHONE = {"width": 360, "height": 740}
ADA, GRACE = "ada@example.org", "grace@example.org"


@pytest.fixture(scope="module")
def own(new_stack: Callable[[str], Any]) -> Any:
    """A stack of its own: these tests change what serves."""
    made = new_stack("pages")
    made.publish({"AccuracyThreshold": "0.5"})  # what is decided here is not the gate
    return made


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=PHONE, is_mobile=True, has_touch=True, java_script_enabled=False)
    yield context.new_page()
    context.close()


def mail_about(stack: Any, run: Any, kind: str = "approval", reviewer: str = "") -> str:
    """The mail that would have been sent to ask about a run's version."""
    wanted = {"kind": kind} | ({"reviewer": reviewer} if reviewer else {})

    def sent() -> str | None:
        with urllib.request.urlopen(f"{stack.target.url}/_localcloud/outbox", timeout=10) as answer:
            kept = [one for one in json.load(answer) if wanted.items() <= one["attributes"].items()]
        return next((str(one["message"]) for one in kept if run.id in one["message"]), None)

    return eventually(sent, 20, f"the mail about {run.id}")


def scan(mail: str) -> list[int]:
    """Follow each link of a mail as scanners and previews do; the answers' statuses."""
    found = []
    for link in re.findall(r"https?://\S+", mail):
        for method in ("HEAD", "GET", "GET"):
            where = urlsplit(link)
            connection = http.client.HTTPConnection("127.0.0.1", where.port, timeout=30)
            connection.request(method, where.path, headers={"Host": where.netloc, "User-Agent": "scanner"})
            found.append(connection.getresponse().status)
            connection.close()
    return found


def asked(stack: Any, seed: int) -> tuple[Any, str]:
    """A run that waits for a person, and its mail."""
    run = stack.awaiting(stack.send(stack.csv(f"asked-{seed}.csv", rows=1500, seed=seed)).run)
    return run, mail_about(stack, run)


def test_a_phone_without_scripts_approves_what_a_scanner_only_looked_at(own: Any, phone: Page) -> None:
    run, mail = asked(own, 1)
    said: list[str] = []
    phone.on("console", lambda message: said.append(message.text))
    phone.on("request", lambda request: said.append(request.url) if "/decide/" not in request.url else None)

    scanned = scan(mail)
    waits = str(own.target.ledger().record(run.id).status)
    link = re.findall(r"https?://\S+", mail)[0]
    phone.goto(link)
    fits = [one.bounding_box() for one in (phone.locator("main"), phone.locator("table"))]
    phone.get_by_label("Your name").fill("Ada")
    phone.get_by_role("button", name="Approve").tap()
    phone.get_by_role("heading", name="Version 1 was approved").wait_for()

    ended = own.run(run.id)
    assert (set(scanned), waits) == ({200}, "Awaiting approval")
    assert mail.splitlines()[1] == link
    assert all(box and box["x"] >= 0 and box["x"] + box["width"] <= PHONE["width"] for box in fits)
    assert said == []
    assert str(ended.status) == "Deployed"
    assert any("approved by Ada, not proven" in entry["what"] for entry in ended.timeline)
    endpoint = own.target.client("sagemaker").describe_endpoint(EndpointName=own.target.resource("churn"))
    assert "-v1-" in endpoint["EndpointConfigName"]


def test_a_rejection_asks_for_its_reason_and_the_link_then_says_what_was_decided(own: Any, phone: Page) -> None:
    run, mail = asked(own, 2)
    link = re.findall(r"https?://\S+", mail)[0]

    phone.goto(link)
    phone.get_by_label("Your name").fill("Ada")
    phone.get_by_role("button", name="Reject").tap()
    phone.get_by_role("alert").wait_for()
    kept = phone.get_by_label("Your name").input_value()
    phone.get_by_label("Reason").fill("too few rows")
    phone.get_by_role("button", name="Reject").tap()
    phone.get_by_role("heading", name="was rejected").wait_for()
    own.run(run.id)
    phone.goto(link)

    assert kept == "Ada"
    assert phone.get_by_text("too few rows").count() == 1
    assert phone.get_by_role("button").count() == 0
    assert str(own.run(run.id).status) == "Rejected by reviewer"


def test_the_console_leads_from_all_models_to_what_serves_and_to_its_run(own: Any, phone: Page) -> None:
    run = own.target.ledger().runs("churn")[-1]

    made = own.retrain("open", "--json")
    phone.goto(json.loads(made.stdout)["address"])
    phone.get_by_role("link", name="churn", exact=True).click()
    serving = phone.get_by_text(re.compile("^version 1 since")).count()
    phone.get_by_role("link", name=run.id).click()

    assert serving == 1
    assert phone.get_by_role("heading", level=1).inner_text() == "Deployed"
    assert phone.get_by_text("approved by Ada, not proven").count() == 1


def test_a_run_leads_to_its_graph_to_a_steps_log_to_its_report_and_to_why_its_version_serves(
    own: Any, phone: Page
) -> None:
    run = own.target.ledger().runs("churn")[-1]
    phone.goto(json.loads(own.retrain("open", run.id, "--json").stdout)["address"])

    drawn = phone.get_by_role("img", name=re.compile("Preprocess succeeded; .*Train succeeded, after ")).count()
    way = "Request approval done, after Read verdict; .*Finish run done, after Notify"
    machine = phone.get_by_role("img", name=re.compile(f"State machine: Check quiet done; .*{way}")).count()
    phone.get_by_role("link", name="Preprocess", exact=True).click()
    log = phone.get_by_role("group", name="Log of Preprocess").inner_text()
    phone.get_by_role("link", name=run.id).click()
    phone.get_by_role("link", name="why version 1 serves, or does not").click()
    serves = phone.get_by_role("heading", name="Version 1 serves").count()
    learnt = phone.get_by_role("rowheader", name="incoming/churn/asked-1.csv").count()
    phone.get_by_role("link", name=run.id).click()
    phone.get_by_role("link", name="the whole report").click()
    report = phone.url

    assert (drawn, machine, serves, learnt) == (1, 1, 1, 1)
    assert "rows" in log
    assert report.endswith(f"/runs/{run.id}/report")
    assert phone.get_by_role("heading", level=1).count() == 1


def test_who_operates_withdraws_an_upload_and_sends_letters_again_by_a_link_of_their_own(own: Any, phone: Page) -> None:
    ledger, sqs = own.target.ledger(), own.target.client("sqs")
    queue = own.target.outputs()["LostEventsQueueUrl"]
    upload = next(one for one in ledger.accepted("churn", 99_999_999) if not one.get("withdrawn"))
    phone.goto(json.loads(own.retrain("open", "churn", "--operate", "--json").stdout)["address"])

    phone.get_by_label(upload["key"].rpartition("/")[2]).check()
    phone.get_by_label("Your name").fill("Ada")
    phone.get_by_label("Reason").fill("wrong month")
    phone.get_by_role("button", name="Withdraw the chosen upload").tap()
    phone.get_by_text("withdrawn: wrong month (Ada, not proven").wait_for()
    sqs.send_message(QueueUrl=queue, MessageBody=json.dumps({"grace_s": 300}))
    phone.get_by_role("link", name="All models").click()
    phone.get_by_role("button", name="Send them again").tap()
    phone.get_by_role("heading", name="1 sent again").wait_for()
    phone.goto(json.loads(own.retrain("open", "churn", "--operate", "--json").stdout)["address"])
    phone.get_by_role("link", name="try one record").click()
    phone.get_by_label("tenure", exact=True).fill("12")
    phone.get_by_role("button", name="Ask the endpoint").tap()
    phone.get_by_role("heading", name="The endpoint of churn answers").wait_for()
    answered = phone.get_by_role("definition").count()

    said = {one["sk"]: one.get("withdrawn", "") for one in ledger.accepted("churn", 99_999_999)}[upload["sk"]]
    assert said.startswith("wrong month (Ada, not proven, ")
    assert answered
    phone.get_by_role("link", name="All models").click()
    assert phone.get_by_role("button", name="Send them again").count() == 0


@pytest.fixture
def reviewed(own: Any) -> Iterator[Any]:
    """Two reviewers have to say yes to what runs of the model make from now on."""
    s3, bucket, key = own.target.client("s3"), own.target.outputs()["DataBucketName"], "config/models/churn.json"
    before = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    document = json.loads(before)
    document["model"]["approval"] |= {"reviewers": [ADA, GRACE], "needed": 2}
    s3.put_object(Bucket=bucket, Key=key, Body=json.dumps(document).encode())
    yield own
    s3.put_object(Bucket=bucket, Key=key, Body=before)


def test_two_reviewers_say_yes_each_by_a_link_of_their_own_and_nothing_less_deploys(reviewed: Any, phone: Page) -> None:
    run, mail = asked(reviewed, 3)
    version = reviewed.target.ledger().record(run.id).version
    links = [re.findall(r"https?://\S+", mail_about(reviewed, run, "review", one))[0] for one in (ADA, GRACE)]

    scanned = [status for link in links for status in scan(link)]
    reviewed.retrain("approve", "churn", str(version))  # by a principal who is no reviewer
    mail_about(reviewed, run, "counted")
    for link in links:
        phone.goto(link)
        phone.get_by_role("button", name="Approve").tap()
        phone.get_by_role("heading", name=re.compile("counted|approved")).wait_for()

    ended = reviewed.run(run.id)
    assert "/decide/" not in mail
    assert set(scanned) == {200}
    assert str(ended.status) == "Deployed"
    told = [entry["what"] for entry in ended.timeline]
    assert f"1 of 2 yes ({ADA})" in told
    assert any(what.startswith(f"approved by {ADA}, {GRACE}, not proven") for what in told)
