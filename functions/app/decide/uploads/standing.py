"""Which of a model's accepted uploads a run learns from, by what the bucket holds now. Pure.

The bucket decides, not the order of events: a newer version of a key stands in the place of the older, a key that was
deleted is out, and so is a version that is gone. Equal content under several keys counts once. An SFTP gateway's empty
put, put, copy onto itself and rename give each row once.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

KEPT = 20  # uploads that are named as left out; those beyond are counted
REPLACED = "a newer version of it counts"


class StoredVersion(NamedTuple):
    """One version of an object, or a delete marker."""

    key: str
    version_id: str
    deleted: bool  # a delete marker


class LeftOut(NamedTuple):
    """An accepted upload that a run does not learn from, and why."""

    key: str
    version_id: str
    why: str


class Standing(NamedTuple):
    """The uploads that count, oldest first, and those that do not."""

    files: list[dict[str, Any]]
    left_out: list[LeftOut]

    def told(self) -> dict[str, Any]:
        """What was left out, as facts of a run: counts by reason, and the first by name; empty where nothing was, as an
        earlier look at the same run's data may have said otherwise.
        """
        named = sorted(self.left_out, key=lambda one: (one.why == REPLACED, one.key))[:KEPT]
        counts = Counter(one.why if one.why == REPLACED else "other" for one in self.left_out)
        return {"left_out": [one._asdict() for one in named], "left_out_counts": dict(counts)}


def standing(files: Iterable[Mapping[str, Any]], versions: Iterable[StoredVersion], append: bool) -> Standing:
    """Decide which of the accepted ``files`` count. ``versions`` are those of their keys, newest first by key; without
    ``append`` those of the newest batch count that has any.
    """
    stored: dict[str, list[StoredVersion]] = {}
    for version in versions:
        stored.setdefault(version.key, []).append(version)
    by_key: dict[str, list[dict[str, Any]]] = {}
    for file in files:
        by_key.setdefault(file["key"], []).append(dict(file))
    counted: list[dict[str, Any]] = []
    left_out: list[LeftOut] = []
    for key, accepted in by_key.items():
        reasons = dict(_reasons(accepted, stored.get(key, [])))
        counted += [file for file in accepted if file["version_id"] not in reasons]
        left_out += [LeftOut(key, version_id, why) for version_id, why in reasons.items()]
    if not append and counted:
        newest = max(file["batch"] for file in counted)
        counted = [file for file in counted if file["batch"] == newest]
    counted.sort(key=lambda file: (file["uploaded_at"], file["key"], file["version_id"]))
    doubles = dict(_doubles(counted))
    left_out += [LeftOut(key, version_id, f"its content is that of {of}") for (key, version_id), of in doubles.items()]
    return Standing([file for file in counted if (file["key"], file["version_id"]) not in doubles], left_out)


def _reasons(accepted: list[dict[str, Any]], stored: list[StoredVersion]) -> Iterator[tuple[str, str]]:
    """Why versions of one key do not count; of the others there is at most one."""
    known = {version.version_id for version in stored}
    rest = []
    for file in accepted:
        if file.get("withdrawn"):
            yield file["version_id"], f"withdrawn: {file['withdrawn']}"
        elif stored and stored[0].deleted:
            yield file["version_id"], "it was deleted"
        elif file["version_id"] not in known:
            yield file["version_id"], "this version of it was deleted"
        else:
            rest.append(file["version_id"])
    in_order = [version.version_id for version in stored if version.version_id in rest]
    yield from ((version_id, REPLACED) for version_id in in_order[1:])


def _doubles(counted: list[dict[str, Any]]) -> Iterator[tuple[tuple[str, str], str]]:
    """Files whose content is that of one before, and its key."""
    first: dict[str, str] = {}
    for file in counted:
        content = file.get("content") or f"{file['etag']} {file['size_bytes']}"
        if first.setdefault(content, file["key"]) != file["key"]:
            yield (file["key"], file["version_id"]), first[content]
