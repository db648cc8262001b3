"""What others say of ours: ``python tests/referee/referees.py FILE``, in .venv-referee.

Exit code 1 on a difference that known.json does not explain, or an explanation of what is no difference any more.
"""

import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NamedTuple

import parliament
from ministack.services import eventbridge
from policy_sentry.querying.actions import get_action_data
from sagemaker_training import mapping

KNOWN = Path(__file__).parent / "known.json"


class Verdict(NamedTuple):
    """What one referee says of one thing; ``difference`` is "" where it agrees."""

    referee: str
    subject: str
    difference: str


def of_policies(policies: dict[str, Any]) -> Iterator[Verdict]:
    """parliament: actions, resources and conditions of each role, against AWS's reference of actions."""
    for role, document in policies.items():
        found = parliament.analyze_policy_string(json.dumps(document))
        wrong = sorted({f"{one.issue}: {one.detail or one.location.get('actions') or ''}" for one in found.findings})
        yield from (Verdict("parliament", role, one) for one in wrong or [""])


def of_requests(requests: list[dict[str, Any]]) -> Iterator[Verdict]:
    """policy_sentry: what the local cloud asks of IAM is an action that AWS has, on a resource that it takes."""
    for action, resource in sorted({(one["action"], one["resource"]) for one in requests}):
        service, _, name = action.partition(":")
        told = get_action_data(service, name)
        rows = told[service] if told else []
        formats = [row["resource_arn_format"] for row in rows]
        fits = any(one == "*" == resource or fnmatchcase(resource, pattern(one)) for one in formats)
        difference = (
            "" if fits else f"{action} on {kind(resource)}: takes {', '.join(sorted(set(formats))) or 'nothing'}"
        )
        yield Verdict("policy_sentry", action, difference)


def pattern(arn_format: str) -> str:
    return re.sub(r"\$\{\w+\}", "*", arn_format)


def kind(resource: str) -> str:
    """A resource without its own name."""
    return re.sub(r"[:/][^:/]+$", "/…", resource)


def of_trainings(trainings: list[dict[str, Any]]) -> Iterator[Verdict]:
    """sagemaker-training: a program's arguments, and the variables that name hyperparameters and channels."""
    for one in trainings:
        decoded = {name: decode(text) for name, text in one["hyperparameters"].items()}
        theirs = mapping.to_env_vars(
            {
                "hps": decoded,
                "user_args": mapping.to_cmd_args(decoded),
                "channels": one["channels"],
                **{f"hp_{name}": value for name, value in decoded.items()},
                **{f"channel_{name}": f"/opt/ml/input/data/{name}" for name in one["channels"]},
            }
        )
        wrong = [f"{name}: {one['variables'].get(name)!r}, not {value!r}" for name, value in theirs.items()
                 if one["variables"].get(name) != value]  # fmt: skip
        yield from (Verdict("sagemaker-training", json.dumps(one["hyperparameters"]), text) for text in wrong or [""])


def of_matches(rows: list[tuple[Any, Any, bool]]) -> Iterator[Verdict]:
    """MiniStack: which event matches which pattern, as its bus decides it; both lie in an event's detail."""
    for pattern, event, expected in rows:
        sent = {"Source": "a", "DetailType": "b", "Detail": json.dumps(event)}
        found = bool(eventbridge._matches_pattern(json.dumps({"detail": pattern}), sent))
        told = "" if found == expected else f"{json.dumps(event)} {'matches' if found else 'does not match'}"
        yield Verdict("ministack", json.dumps(pattern), told)


def decode(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def main(path: str) -> int:
    """Print who agrees how often, then each difference and why it is one."""
    ours = json.loads(Path(path).read_text())
    verdicts = [
        *of_policies(ours["policies"]),
        *of_requests(ours["requests"]),
        *of_trainings(ours["trainings"]),
        *of_matches(ours["matches"]),
    ]
    known: dict[str, str] = json.loads(KNOWN.read_text())  # pattern of differences -> why they are none of ours
    texts = {f"{one.referee}: {one.subject}: {one.difference}": one.referee for one in verdicts if one.difference}
    agreed, differ = Counter(one.referee for one in verdicts if not one.difference), Counter(texts.values())
    for referee in dict.fromkeys(one.referee for one in verdicts):
        print(f"{referee:<20} agrees {agreed[referee]:>4}   differs {differ[referee]:>3}")
    explained = {pattern: [text for text in texts if fnmatchcase(text, pattern)] for pattern in known}
    for pattern, found in explained.items():
        print(f"{len(found):>3} explained: {known[pattern]}" if found else f"explained, and gone: {pattern}")
    unexplained = sorted(texts.keys() - {text for found in explained.values() for text in found})
    for text in unexplained:
        print(f"a difference: {text}")
    return 1 if unexplained or not all(explained.values()) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
