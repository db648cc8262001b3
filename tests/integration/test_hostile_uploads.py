"""What people may upload, by accident or to do harm: its key, its header, its cells. None of it stops the others, what
is refused lies in quarantine with its reason, and nobody is told anything that the file itself dictates.
"""

import json
from typing import Any

import prepare_scoring
import pytest
from app.decide.notifications import MOST_BYTES
from app.decide.uploads.file_checks import MOST_TEXT
from app.decide.uploads.scores import parse_scoring_key
from lambda_context import Context
from moto_world import BUCKET, GOOD, World

ACCEPTED, REFUSED, IGNORED = "accepted", "refused", "ignored"
FORGED = "a\n\nTo approve:\n  retrain approve churn 9 --reason 'fine'\n.csv"
LONG = "x" * 1_000

# key -> what becomes of a good file under it
KEYS = {
    "incoming/churn/may.csv": ACCEPTED,
    "incoming/churn/" + FORGED: ACCEPTED,
    "incoming/churn/\x1b[2J\x07.csv": ACCEPTED,
    "incoming/churn/\u202egpj.csv": ACCEPTED,
    "incoming/churn/../../config/models/churn.json": IGNORED,
    "incoming/churn/%0a%2e%2e.csv": ACCEPTED,
    "incoming/churn/a+b c&d=é?#.csv": ACCEPTED,
    "incoming/churn/'; rm -rf ~ #.csv": ACCEPTED,
    "incoming/churn/" + LONG: ACCEPTED,
    "incoming/churn//": IGNORED,
    "incoming/churn/": IGNORED,
    "incoming/may.csv": REFUSED,
    "incoming//may.csv": REFUSED,
    "incoming/Churn/may.csv": REFUSED,
    "incoming/chu\nrn/may.csv": REFUSED,
    "incoming/\x1b]0;owned\x07/may.csv": REFUSED,
    "incoming/预测/may.csv": REFUSED,
    "incoming/\u202e/may.csv": REFUSED,
    "incoming/../may.csv": IGNORED,
    "incoming/*/may.csv": REFUSED,
    f"incoming/{LONG}/may.csv": REFUSED,
}
MOVED = "The file was moved to quarantine/churn/may.csv. Nothing else was disturbed."
HEADER, ROW = "customerID,tenure,Churn", "A,1,Yes"
# name -> header and rows, and words of what is said
FILES: dict[str, tuple[bytes, str]] = {
    "a name of 300,000 characters": (
        f"{'n' * 300_000},tenure\nA,1\n".encode(),
        "no column 'Churn' (found 2 columns: nnn",
    ),
    "100,000 names": (",".join(f"c{n}" for n in range(100_000)).encode(), "(found 100000 columns: c0, c1, c2, …)"),
    "a name with line breaks": (b'"Churn\n\nTo approve:\n",tenure\nA,1\n', r"Churn\n\nTo approve:"),
    "a name twice": (b"tenure,customerID,tenure,Churn\n1,A,1,Yes\n", "'tenure' is there more than once"),
    "a name with escapes": (b"\x1b[31mred,b\n1,2\n", r"\x1b[31mred"),
    "names of bidi controls": ("\u202ea,\u2066b\n1,2\n".encode(), r"\u202ea, \u2066b"),
    "no header, but a person": (b"Ada Lovelace,1815-12-10,Yes\n", "found 3 columns: Ada Lovelace, 1815-12-10, Yes"),
    "an id of 500,000 characters": (
        f"{HEADER}\n{'i' * 500_000},1,Yes\n{'i' * 500_000},2,No\n".encode(),
        "has different answers in column 'Churn': 'Yes' on line 2, 'No' on line 3",
    ),
    "an id with line breaks": (f'{HEADER}\n"a\nb",1,Yes\n"a\nb",1,No\n'.encode(), r"customerID 'a\nb' has different"),
    "an answer of 1,000,000 characters": (f"{HEADER}\nA,1,{'y' * 1_000_000}\n".encode(), "line 2 says 'yyy"),
    "an answer with escapes": (f"{HEADER}\nA,1,\x1b[2J\n".encode(), r"says '\x1b[2J' in column 'Churn'"),
    "an answer of bidi controls": (f"{HEADER}\nA,1,\u202eseY\n".encode(), r"says '\u202eseY'"),
    "a field beyond all bounds": (f"{HEADER}\n{'i' * 1_100_000},1,Yes\n".encode(), "field larger than field limit"),
    "a quote that never ends": (f'{HEADER}\n"A,1,Yes\n'.encode(), "a quote is never closed"),
    "fields too many": (f"{HEADER}\n{','.join('a' * 10_000)}\n".encode(), "line 2 has too many fields (10000"),
    "a NUL byte": (f"{HEADER}\nA\0,1,Yes\n".encode(), "has a NUL byte at byte 25"),
    "UTF-16": (f"{HEADER}\n{ROW}\n".encode("utf-16"), "is UTF-16 text"),
    "bytes that are no text": (f"{HEADER}\nA,1,".encode() + b"\xff\xfe\n", "is not UTF-8 text"),
    "a gzip": (b"\x1f\x8b\x08\0" + bytes(range(256)), "is compressed with gzip"),
    "blank lines": (b"\n\r\n\n", "is empty"),
    "a header alone": (HEADER.encode(), "no rows"),
    "a web page": (b"<html><script>alert(1)</script></html>\n", "(found 1 column: <html><script>"),
}


def outcome(world: World) -> str:
    if world.ledger.refused():
        return REFUSED
    return ACCEPTED if world.executions() else IGNORED


def subjects(world: World) -> list[str]:
    found = world.sqs.receive_message(QueueUrl=world.mails, MaxNumberOfMessages=10).get("Messages", [])
    return [json.loads(message["Body"])["Subject"] for message in found]


def is_a_line(text: str) -> bool:
    return text.isprintable() and len(text.encode()) <= MOST_BYTES


@pytest.mark.parametrize("key", KEYS, ids=[ascii(key)[:60] for key in KEYS])
def test_a_key_is_a_name_and_nothing_else(world: World, key: str) -> None:
    answer = world.record(world.upload(key, GOOD))

    assert answer == {"batchItemFailures": []}
    assert outcome(world) == KEYS[key]
    refused = world.ledger.refused()
    assert all(is_a_line(one["message"]) for one in refused)
    assert [one["file"] for one in refused] == [key] * len(refused)
    assert {one["model"] for one in refused} <= set(world.ledger.models())
    assert all(subject.isprintable() and len(subject) < 100 for subject in subjects(world))


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_cannot_be_used_goes_to_quarantine_with_a_reason_of_bounded_length(world: World, name: str) -> None:
    content, said = FILES[name]

    answer = world.record(world.upload("incoming/churn/may.csv", content))

    assert answer == {"batchItemFailures": []}
    assert world.keys("quarantine/") == ["quarantine/churn/may.csv", "quarantine/churn/may.csv.reason.json"]
    reason = world.document("quarantine/churn/may.csv.reason.json")
    assert said in reason["message"]
    assert max(len(reason["problem"]), len(reason["remedy"])) <= MOST_TEXT
    assert [one["message"] for one in world.ledger.refused("churn")] == [reason["message"]]
    assert [_lines(mail) for mail in world.mail()] == [
        [
            reason["message"][:MOST_TEXT],
            "",
            "The file was moved to quarantine/churn/may.csv. Nothing else was disturbed.",
        ]
    ]


def _lines(mail: str) -> list[str]:
    assert len(mail.encode()) <= MOST_BYTES
    return [line.removesuffix("…") for line in mail.splitlines()]


def test_a_file_beside_a_hostile_one_is_taken(world: World) -> None:
    hostile: list[Any] = [world.upload(f"incoming/churn/{at}.csv", body) for at, (body, _) in enumerate(FILES.values())]

    assert world.record(*hostile[:9], world.upload("incoming/churn/good.csv", GOOD)) == {"batchItemFailures": []}
    assert [file.key for file in world.ledger.files_of_run(world.run(), append=False)] == ["incoming/churn/good.csv"]


# folder -> key of a file that is to be scored there
FOLDERS = {
    "a folder of no model": "scoring/chrun/may.csv",
    "a folder of line breaks": "scoring/chu\nrn/may.csv",
    "a folder of escapes": "scoring/\x1b[2J\u202e/may.csv",
    "a long folder": f"scoring/{LONG}/may.csv",
    "a long name": "scoring/churn/" + "x" * 1_009,
}


@pytest.mark.parametrize("name", FOLDERS)
def test_a_file_to_be_scored_that_cannot_be_goes_to_quarantine_whatever_its_key(world: World, name: str) -> None:
    key = FOLDERS[name]
    detail = world.upload(key, b"no,columns\n1,2\n")["detail"]
    scoring = parse_scoring_key(BUCKET, key, detail["object"]["version-id"])
    assert scoring

    answer = prepare_scoring.handler({"scoring": scoring._asdict()}, Context())

    assert answer["usable"] is False
    (reason,) = answer["reasons"]
    assert is_a_line(reason)
    assert len([kept for kept in world.keys("quarantine/") if kept.endswith(".reason.json")]) == 1
    assert "Versions" not in world.s3.list_object_versions(Bucket=BUCKET, Prefix="scoring/")
