"""Late labels: a file in labels/ is joined to what was really answered, and measures each version that answered."""

from collections.abc import Iterator
from typing import NamedTuple

from app.aws import data_bucket
from app.decide.messages import DatasetArrived
from app.decide.names.bucket_keys import LABELS, labelled_key, parse_labels_key, require_own_bucket
from app.decide.names.hashes import digest
from app.decide.uploads.file_checks import Problem
from app.decide.uploads.published_model import Model
from app.decide.uploads.unpacking import Unpacked
from app.decide.uploads.unreadable import readable
from app.decide.watching.label_files import MOST_ROWS, Answer, Labels, read_labels
from app.decide.watching.label_join import LabelJoin, Row, keys_in, label_window
from app.decide.watching.windows import WatchedWindow
from app.errors import Gone
from app.flow.uploads import refusing
from app.flow.watching import captured_answers
from app.ledger import ledger
from app.ledger.watching.labelled import Labelled, WaitingLabels
from app.settings import Settings

MOST_FILES = 50  # scored files that labels are joined to, the newest
MOST_VERSIONS = 20  # that one file of labels measures, the newest


class Uncounted(NamedTuple):
    """Rows that no labels were counted of before, by version; and what was not counted, in words."""

    rows: dict[int, list[Row]]
    why: dict[str, int]


def record(arrival: DatasetArrived, settings: Settings) -> str:
    """Count one file of labels, or refuse it; what became of it, in words. Idempotent per object version.

    Raises:
        BadMessage: it lies in a bucket that is not the stack's.
        Contended: other labels of the model were counted at the same moment.
    """
    require_own_bucket(arrival.bucket, settings.data_bucket)
    upload = parse_labels_key(arrival.key)
    if upload is None or not arrival.size_bytes:
        return "ignored"
    outcome = ledger().recorded_outcome(*arrival.identity)
    if outcome is not None:
        refusing.finish(outcome, arrival, settings)
        return "known"
    try:
        model = refusing.model_of(arrival.bucket, upload[0], LABELS)
        labels = _read(arrival.bucket, WaitingLabels(arrival.key, arrival.version_id), model)
    except Gone:
        return "gone"
    except Problem as problem:
        refusing.refuse(arrival, (upload[0], LABELS + upload[1]), problem, settings)
        return "refused"
    return _count(model, arrival, labels, settings)


def _read(bucket: str, file: WaitingLabels, model: Model) -> Labels:
    chunks = Unpacked(readable(data_bucket.stream(bucket, file.key, file.version_id)))
    return read_labels(chunks, model.data, f"models/{model.name}.yaml")


def _count(model: Model, arrival: DatasetArrived, labels: Labels, settings: Settings) -> str:
    """Join, measure, and keep what was counted with its windows."""
    before = ledger().labelled(model.name)
    files, answers = _with_waiting(arrival, model, labels, before)
    found = _uncounted(settings, model, answers, before)
    found.why["rows without an answer"] = labels.without_answer
    found.why["files that waited and do so no more"] = len(before.waiting) + 1 - len(files)
    why = {what: count for what, count in found.why.items() if count}
    names = [file.key for file in files]
    windows = [
        window for version, rows in found.rows.items() if (window := label_window(model, version, rows, names, why))
    ]
    measured = {window.version for window in windows}
    waits = {version: len(rows) for version, rows in found.rows.items() if version not in measured}
    after = Labelled(before.counted, tuple(files) if waits else (), before.revision + 1)
    if windows:
        keys = b"".join(sorted(row.key for version in measured for row in found.rows[version]))
        name = digest(keys.hex())[:32]
        data_bucket.put_bytes(arrival.bucket, labelled_key(model.name, name), keys)
        after = after._replace(counted=(*before.counted, name))
    fresh = [window for window in windows if not ledger().has_window(model.name, window.id)]
    ledger().count_labels(model.name, arrival, after, fresh)
    return _told(fresh, waits, why)


def _with_waiting(
    arrival: DatasetArrived, model: Model, labels: Labels, before: Labelled
) -> tuple[list[WaitingLabels], dict[str, Answer]]:
    """The labels of this file and of those that wait for more, as far as they fit; what a newer file says stands."""
    files, answers = [WaitingLabels(arrival.key, arrival.version_id)], dict(labels.answers)
    for file in reversed(before.waiting):
        try:
            waiting = _read(arrival.bucket, file, model)
        except (Gone, Problem):  # deleted since, or of a model that has changed
            continue
        if len(answers) + len(waiting.answers) > MOST_ROWS:
            break
        answers = waiting.answers | answers
        files.insert(0, file)
    return files, answers


def _uncounted(settings: Settings, model: Model, answers: dict[str, Answer], before: Labelled) -> Uncounted:
    """The rows that the labels are about, without those that were counted before."""
    join = LabelJoin(model.data, answers)
    skipped = _add_scored(join, model, settings.data_bucket)
    captured = captured_answers.add(join, model, settings)
    newest = {version: join.rows[version] for version in sorted(join.rows, reverse=True)[:MOST_VERSIONS]}
    wanted = {row.key for rows in newest.values() for row in rows.values()}
    bucket = settings.data_bucket
    counted = {key for key in _counted(bucket, model.name, before) if key in wanted} if wanted else set()
    left = {version: [row for row in rows.values() if row.key not in counted] for version, rows in newest.items()}
    why = {
        "labels of no answered row": len(answers) - join.found,
        "rows that were counted before": len(counted),
        "predictions of another kind": join.unread,
        "captured rows of which nobody knows the version": captured.of_nobody,
        "scored files not read": skipped,
        "captured files not read": captured.files,
    }
    return Uncounted({version: rows for version, rows in left.items() if rows}, why)


def _add_scored(join: LabelJoin, model: Model, bucket: str) -> int:
    """Hold the files that were scored against the labels, newest first; how many were not read."""
    skipped = 0
    scored = ledger().scored_files(model.name, MOST_FILES)
    for number, file in enumerate(scored):
        if join.full:
            skipped += len(scored) - number
            break
        try:
            version, chunks = data_bucket.scored_file(bucket, file.key)
            if not version:  # somebody else wrote it
                skipped += 1
                continue
            join.add(Unpacked(chunks), int(version), file.at)
        except (Gone, Problem):
            skipped += 1
    return skipped


def _counted(bucket: str, model: str, before: Labelled) -> Iterator[bytes]:
    """The keys of the rows that were counted, as far back as that is kept."""
    for name in before.counted:
        try:
            yield from keys_in(data_bucket.read_bytes(bucket, labelled_key(model, name)))
        except Gone:
            continue


def _told(windows: list[WatchedWindow], waits: dict[int, int], why: dict[str, int]) -> str:
    """What became of the labels, for the log."""
    told = [f"{one.rows} rows of version {one.version}: {one.metric} {one.value:.4f}" for one in windows]
    told += [f"{rows} rows of version {version} wait for more" for version, rows in waits.items()]
    told += [f"not counted: {count} {what}" for what, count in why.items()]
    return "; ".join(told) or "no label is of a row that was scored"
