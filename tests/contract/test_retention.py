"""docs/guides/retention.md says of everything that the stack stores how long it is kept, as template.yaml has it."""

import re
from pathlib import Path
from typing import Any

import app.ledger
from app.ledger import decision_links, task_tokens
from app.ledger.watching import windows
from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "guides" / "retention.md").read_text()
RESOURCES: dict[str, Any] = yaml_parse((ROOT / "template.yaml").read_text())["Resources"]
RULES = RESOURCES["DataBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
BY_HAND = "until somebody deletes it"


def rows(heading: str) -> dict[str, str]:
    """The table below a heading: what stands in its first column, and how long it is kept."""
    section = TEXT.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    told = re.findall(r"^\| (`.*?) \|[^|]*\| ([^|]*) \|$", section, re.MULTILINE)
    assert len({name for name, _ in told}) == len(told)
    return dict(told)


def of(kind: str) -> dict[str, Any]:
    return {name: one for name, one in RESOURCES.items() if one["Type"] == kind}


def prefixes_used() -> set[str]:
    """Every folder of the bucket that a policy of the template names, or the publishing."""
    texts = [(ROOT / "template.yaml").read_text(), *(path.read_text() for path in (ROOT / "pipelines").rglob("*.py"))]
    keys = re.findall(r"(?:DataBucket\.Arn\}/|DataBucket\}/)([a-z]+)/", "\n".join(texts))
    return {f"`{key}/`" for key in keys}


def test_every_prefix_of_the_bucket_is_kept_as_its_rules_say() -> None:
    expiring = {
        f"`{rule['Prefix']}`": f"{rule['ExpirationInDays']} days" for rule in RULES if "ExpirationInDays" in rule
    }
    told = rows("The data bucket")

    assert {prefix: kept for prefix, kept in told.items() if kept != BY_HAND} == expiring
    assert prefixes_used() - set(told) == set()
    assert len(prefixes_used()) > 8


def test_what_was_deleted_and_what_never_ended_is_kept_as_long_as_the_page_says() -> None:
    (noncurrent,) = (rule["NoncurrentVersionExpiration"] for rule in RULES if "NoncurrentVersionExpiration" in rule)
    (unfinished,) = (
        rule["AbortIncompleteMultipartUpload"] for rule in RULES if "AbortIncompleteMultipartUpload" in rule
    )

    assert f"as a noncurrent version for {noncurrent['NoncurrentDays']} days" in TEXT
    assert f"goes after {unfinished['DaysAfterInitiation']} days" in " ".join(TEXT.split())


def test_every_item_of_the_ledger_is_on_the_page_and_those_that_expire_say_when() -> None:
    items = re.findall(r"^([A-Z]\S*)\s{2,}(\S.*?)\s{2,}(\S.*)$", str(app.ledger.__doc__), re.MULTILINE)
    told = rows("The ledger")

    assert set(told) == {f"`{pk}` `{sk}`" for pk, sk, _ in items}
    for pk, sk, holds in items:
        assert ("(expire" in holds) == ("days" in told[f"`{pk}` `{sk}`"]), pk


def test_times_to_live_are_those_that_the_ledger_writes() -> None:
    table = RESOURCES["LedgerTable"]["Properties"]
    told = rows("The ledger")

    assert table["TimeToLiveSpecification"]["Enabled"]
    assert told["`LINK#<sha256>` `LINK`"].startswith(f"{decision_links.KEPT.days} days after")
    assert told["`WATCHED#<model>` `<kind>#<id>`"] == f"{windows.WINDOWS_KEPT.days} days"
    assert told["`TOKEN#<awaited>` `TOKEN, <config>#<execution>`"].startswith(f"{task_tokens.TTL.days} days")


def test_every_queue_and_topic_is_on_the_page() -> None:
    told = rows("Queues and topics")
    days = {
        name: f"{one['Properties']['MessageRetentionPeriod'] // 86400} days"
        for name, one in of("AWS::SQS::Queue").items()
    }
    topics = {name for row in told for name in re.findall(r"`(\w+Topic)`", row)}

    assert {name.strip("`"): kept for name, kept in told.items() if "Queue" in name} == days
    assert topics == set(of("AWS::SNS::Topic"))


def test_every_log_group_is_kept_for_the_days_that_the_parameter_says() -> None:
    groups = of("AWS::Logs::LogGroup")

    assert all(name.endswith("Logs") for name in groups)
    assert {str(one["Properties"]["RetentionInDays"]) for one in groups.values()} == {"{'Ref': 'LogRetentionDays'}"}
    assert "`LogRetentionDays` (30; 14 in stage dev, 365 in prod)" in TEXT
    stages = (ROOT / "samconfig.toml").read_text()
    assert re.findall(r"LogRetentionDays=(\d+)", stages) == ["14", "30", "365"]


def test_nothing_else_stores() -> None:
    """Every resource that keeps what is written to it; of which there is one alone is named."""
    storing = re.compile(r"::(Bucket|Table|Queue|LogGroup|Topic|Key|FileSystem|DBInstance|Stream|Repository|EventBus)$")
    found = {name: one["Type"] for name, one in RESOURCES.items() if storing.search(one["Type"])}
    many = ("AWS::SQS::Queue", "AWS::Logs::LogGroup", "AWS::SNS::Topic")  # the tests above look at each

    assert [name for name, kind in found.items() if kind not in many] == ["DataBucket", "LedgerTable", "StackKey"]
    assert "`StackKey`" in TEXT
