"""New rows of each upload: those whose id, group or row key stands in no upload before it, with their true answers.

What serves answers them before anything learns from them (test, then train), so that its quality is known by upload. A
row is new once, in the upload where its key stands first and as it stands there, whatever later uploads say of it. Of
more than ``MOST`` rows the newest uploads' are kept, and of the one that does not fit whole a sample by its rows' keys.
"""

import csv
import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from job import cells, world
from numpy.typing import NDArray

from data import holdouts
from data.column_rules import Settings
from data.counting import Why
from data.holdouts import RawRows
from data.parts import Part
from data.splitting.row_keys import mixed
from data.splitting.sides import Learnt
from data.tables import Source

FORMAT = 1
FOLDER, LISTING, WHICH = "new", "new.json", "which.npy"
MOST = 200_000  # rows of a run that what serves is asked about
ENDING, KEYS = ".rows", ".npz"  # no .csv: a folder of cleaned rows is read whole
TOLD_APART = (Why.COUNTS, Why.SUPERSEDED, Why.REPEATED_ID)  # rows with an answer; the others were learnt by nobody
NEW = (Why.COUNTS, Why.SUPERSEDED)  # a newer upload's row of the same id does not change what was asked before


class NewRows(RawRows):
    """The new rows of all uploads, each with its upload's place in ``uploads`` and its key."""

    ENDING = ENDING

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        listing: dict[str, Any] = {"format": FORMAT, "key": [], "uploads": [], "read": []}
        if (folder / LISTING).is_file():
            listing = world.read_json(folder / LISTING, "list of new rows")
        self.uploads: list[dict[str, Any]] = listing["uploads"]
        self.read: list[str] = listing["read"]  # every upload of the run
        self.key: list[str] = listing["key"]
        loaded = [np.load(path.with_suffix(KEYS)) for path in self.paths]
        self.keys = np.concatenate([np.zeros(0, np.uint64), *(packed["keys"] for packed in loaded)])
        self.upload = np.concatenate([np.zeros(0, np.int32), *(packed["upload"] for packed in loaded)])


def write(
    parts: Sequence[Part], sources: Sequence[Source], folder: Path, hosts: world.Hosts, settings: Settings
) -> None:
    """Write this instance's share of the new rows to ``folder``; the first instance writes what they are."""
    place = {source: at for at, source in enumerate(sources)}
    rows = _new(parts, place)
    names = [*settings.columns, *(name for name in settings.compared_by if name not in settings.columns)]
    folder.mkdir(parents=True, exist_ok=True)
    keys, uploads = [np.zeros(0, np.uint64)], [np.zeros(0, np.int32)]
    with (folder / f"{hosts.current}{ENDING}").open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow([*names, settings.target])
        for part, chosen in zip(parts, rows.chosen, strict=True):
            mine = chosen & (part.keys % np.uint64(len(hosts.names)) == np.uint64(hosts.index))
            texts = [part.table.columns[name].rows(mine) for name in names]
            lines.writerows(zip(*texts, map(settings.answer.text, part.answers[mine].tolist()), strict=True))
            keys.append(part.identity[mine])
            uploads.append(np.full(int(mine.sum()), place[part.table.source], np.int32))
    np.savez(folder / f"{hosts.current}{KEYS}", keys=np.concatenate(keys), upload=np.concatenate(uploads))
    if hosts.leads:
        listed = [_listed(source, rows.counts[at]) for at, source in enumerate(sources)]
        read = [source.identity for source in sources]
        document = {"format": FORMAT, "key": settings.key, "uploads": listed, "read": read, "most": MOST}
        world.write_json(folder / LISTING, document)


def write_questions(new: Path, records: Path, folder: Path, columns: Sequence[str]) -> None:
    """Write what a champion of several containers is asked: the held-out ``records`` as they are, and the ``new`` rows
    beside them, in files whose names say that. A file without rows is none: a batch transform fails on it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted(records.glob("*.jsonl")):
        shutil.copyfile(path, folder / path.name)
    for path in sorted(new.glob(f"*{ENDING}")):
        into = folder / f"{holdouts.NEW}{path.stem}.jsonl"
        with path.open(encoding="utf-8", newline="") as file, into.open("w", encoding="utf-8", newline="") as written:
            rows = cells.reader(file)
            places = {name: at for at, name in enumerate(next(rows)) if name in columns}
            named = ({name: row[at] for name, at in places.items()} for row in rows)
            written.writelines(json.dumps(record, ensure_ascii=False) + "\n" for record in named)
        if not into.stat().st_size:
            into.unlink()


def hand_on(cleaned: Path, folder: Path) -> None:
    """Copy what another step found, where it found any."""
    if cleaned.is_dir():
        shutil.copytree(cleaned, folder, dirs_exist_ok=True)


class _New(NamedTuple):
    chosen: list[NDArray[np.bool_]]  # a mask of each part's rows
    counts: list[dict[str, int]]  # of each upload: its rows that are new, that are asked, and that stood before


def _new(parts: Sequence[Part], place: Mapping[Source, int]) -> _New:
    """Find the rows that are new, and of those as many as may be asked."""
    sizes = np.cumsum([part.table.rows for part in parts])[:-1]
    files = np.concatenate([np.full(part.table.rows, place[part.table.source], np.int32) for part in parts])
    identity, why = (np.concatenate([getattr(part, name) for part in parts]) for name in ("identity", "why"))
    answered = np.isin(why, TOLD_APART)
    first = np.zeros(len(files), bool)
    _, stands, inverse = np.unique(identity[answered], return_index=True, return_inverse=True)
    first[answered] = files[answered] == files[answered][stands][inverse]
    new = first & np.isin(why, NEW)
    chosen = _bounded(new, files, np.concatenate([part.keys for part in parts]))
    tables = [np.bincount(files[which], minlength=len(place)) for which in (new, chosen, answered & ~first)]
    names = ("rows", "asked", "known")
    counts = [dict(zip(names, map(int, of_upload), strict=True)) for of_upload in zip(*tables, strict=True)]
    return _New(np.split(chosen, sizes), counts)


def _bounded(new: NDArray[np.bool_], files: NDArray[np.int32], keys: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Keep ``MOST`` of the new rows: all of the newest uploads, and a sample of the one that does not fit whole."""
    rows = np.flatnonzero(new)
    if len(rows) <= MOST:
        return new
    newest_first = np.lexsort((mixed(keys[rows]), -files[rows]))
    kept = np.zeros(len(new), bool)
    kept[rows[newest_first[:MOST]]] = True
    return kept


def _listed(source: Source, counts: Mapping[str, int]) -> dict[str, Any]:
    known = {"upload": source.identity, "name": source.name, "at": source.uploaded_at, "batch": source.batch}
    return known | dict(counts)


class Unseen(NamedTuple):
    """The new rows that a version has never seen, ``(rows,)``, and why they are not all."""

    which: NDArray[np.bool_]
    reason: str = ""


def unseen(rows: NewRows, profile: Mapping[str, Any], learnt: Learnt | None) -> Unseen:
    """Find them, by the uploads that the version's ``profile`` names, and where those are not all here by the keys of
    its rows that it kept.
    """
    its = [source["upload"] for source in profile.get("sources", ()) if source.get("upload")]
    nothing = np.zeros(len(rows.keys), bool)
    if not its:
        return Unseen(nothing, "it does not say which uploads it has read; the next version does")
    other = ~np.isin(rows.upload, _places(rows, its))
    if set(its) <= set(rows.read):
        return Unseen(other)
    if learnt is None or list(learnt.key) != rows.key:
        return Unseen(nothing, "uploads that it has read are not here, and its rows were told apart otherwise")
    looked_up = rows.keys <= np.uint64(learnt.bound)
    which = other & looked_up & ~np.isin(rows.keys, learnt.seen)
    if looked_up.all():
        return Unseen(which)
    return Unseen(which, f"uploads that it has read are not here; asked of a sample, {int(looked_up.sum()):,} rows")


def _places(rows: NewRows, uploads: Iterable[str]) -> list[int]:
    known = set(uploads)
    return [at for at, upload in enumerate(rows.uploads) if upload["upload"] in known]
