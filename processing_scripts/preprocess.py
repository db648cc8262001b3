"""Preprocess raw uploads to training data: split, fit on training rows, write.

Reads  input/   raw CSV files, any depth; sources.json, if there, orders and names them
       config/  the model file as JSON
Writes train/ and validation/  CSV without header, answer first, nan where missing: what trees read
       dense_train/ and dense_validation/  the same rows centred, scaled and one-hot, where an algorithm wants them so
       test/                   held-out rows as they were uploaded, with header, and what else it is compared by;
                               beside them their keys; in new/ the rows that no upload before theirs has, by upload;
                               in cuts/, where the model file asks, what a model that learns anew reads, by period
       records/                the same rows without id and target, a JSON object a line: what a batch transform reads,
                               of this run's model and of one that knows other columns
       questions/              the same, and new rows as records beside them: what a champion is asked
       features/               features.json, the fitted transformer and the answer settings; profile.json, what the
                               data looks like; learnt.json, which rows were learnt from
       width/width.json        how many numbers a dense row has

Every instance of a job reads all rows, so that all fit the same transformer, and writes its own share of them.
"""

import csv
import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO

import numpy as np
from artifact import layout
from data import counting, crossfit, lineage, new_rows, profiles, refused_files, tables
from data.as_of import NEWEST, as_of_day
from data.column_rules import Settings, split_from
from data.fitting import fit, numbers_of
from data.holdouts import KEYS
from data.parts import Part, read_parts
from data.splitting import rolling, sides, splits
from features.features import DENSE, ORDINAL, Features
from job import command_line, world
from job.refusals import withholding
from numpy.typing import NDArray

EXAMPLE = """example, on a folder of one's own:
  python -m pipelines.model.model_file models/churn.yaml > /tmp/churn.json
  python processing_scripts/preprocess.py --input data/ --config /tmp/churn.json --output /tmp/prepared
"""
PREFIX = {ORDINAL: "", DENSE: "dense_"}  # in front: no output is how another begins, as S3Prefix would read both


def write(parts: Sequence[Part], features: Features, folder: Path, hosts: world.Hosts, settings: Settings) -> None:
    """Write this instance's share of the rows, in files named after it; the first instance writes the features."""
    mine = [part.keys % np.uint64(len(hosts.names)) == np.uint64(hosts.index) for part in parts]
    places = crossfit.places(parts, features, settings)
    with ExitStack() as stack:
        files = {
            (share, encoding): stack.enter_context(_file(folder / f"{PREFIX[encoding]}{name}" / f"{hosts.current}.csv"))
            for share, name in ((splits.TRAIN, "train"), (splits.VALIDATION, "validation"))
            for encoding in settings.encodings
        }
        for part, own in zip(parts, mine, strict=True):
            numbers = {column.name: numbers_of(part.table, column) for column in features.columns}
            for encoding in settings.encodings:
                columns = texts_of(part, features, numbers, encoding)
                learnt = out_of_fold(columns, part, numbers, places) if encoding == ORDINAL else columns
                for share, texts in ((splits.TRAIN, learnt), (splits.VALIDATION, columns)):
                    rows = part.chosen(share) & own
                    answers = map(_number, features.answer.learnt(part.answers[rows]).tolist())
                    lines = zip(answers, *(column.rows(rows) for column in texts.values()), strict=True)
                    files[share, encoding].writelines(",".join(fields) + "\n" for fields in lines)
    held_out = [part.chosen(splits.TEST) & own for part, own in zip(parts, mine, strict=True)]
    beside = [name for name in settings.compared_by if name not in (features.id, *features.names)]
    _write_held_out(parts, held_out, features, folder / "test" / f"{hosts.current}.csv", beside)
    if DENSE in settings.encodings:
        _write_records(parts, held_out, features, folder / "records" / f"{hosts.current}.jsonl")
    if hosts.leads:
        world.write_json(folder / "features" / layout.FEATURES, features.document())
        world.write_json(folder / "features" / layout.LEARNT, sides.learnt(parts, settings).document())
        if DENSE in settings.encodings:
            world.write_json(folder / "width" / "width.json", {"dense": str(features.dense_width)})


def write_questions(folder: Path, settings: Settings) -> None:
    """Write held-out and new rows as records, where a champion of several containers may be asked."""
    if DENSE in settings.encodings:
        columns = tuple(settings.columns)
        into = folder / "questions" / "records"
        new_rows.write_questions(folder / "test" / new_rows.FOLDER, folder / "records", into, columns)


def _file(path: Path) -> IO[str]:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.open("w", encoding="utf-8", newline="")


def texts_of(
    part: Part, features: Features, numbers: Mapping[str, NDArray[np.float64]], encoding: str
) -> dict[str, tables.Texts]:
    """Write each column as the algorithm reads it; of several numbers a row, joined by commas."""
    columns = {}
    for column in features.columns:
        spread = column.dense if encoding == DENSE else column.ordinal
        rows = spread(numbers[column.name])
        texts = np.array([",".join(map(_number, row)) for row in rows.tolist()], dtype=object)
        if rows.shape[1]:
            columns[column.name] = tables.Texts(part.table.columns[column.name].codes, texts)
    return columns


def out_of_fold(
    columns: Mapping[str, tables.Texts], part: Part, numbers: Mapping[str, NDArray[np.float64]], places: crossfit.Places
) -> dict[str, tables.Texts]:
    """Replace ordered categories by what training rows read of them."""
    replaced = {}
    for name, by_fold in places.items():
        codes, read = crossfit.rows_of(part.table.columns[name], numbers[name], by_fold, part)
        replaced[name] = tables.Texts(codes, np.array([_number(number) for number in read.tolist()], dtype=object))
    return {**columns, **replaced}


def _number(number: float) -> str:
    return repr(number).removesuffix(".0")


def _write_held_out(
    parts: Sequence[Part], held_out: list[NDArray[np.bool_]], features: Features, path: Path, beside: Sequence[str]
) -> None:
    with _file(path) as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow([*([features.id] if features.id else []), *features.names, *beside, features.target])
        for part, rows in zip(parts, held_out, strict=True):
            answers = [features.answer.text(answer) for answer in part.answers[rows]]
            ids = [] if part.ids is None else [part.ids[rows]]
            others = [part.table.columns[name].rows(rows) for name in beside]
            lines.writerows(zip(*ids, *_fields(part, features, rows), *others, answers, strict=True))
    keys = [part.identity[rows] for part, rows in zip(parts, held_out, strict=True)]
    np.save(path.with_suffix(KEYS), np.concatenate(keys))


def _write_records(parts: Sequence[Part], held_out: list[NDArray[np.bool_]], features: Features, path: Path) -> None:
    with _file(path) as file:
        for part, rows in zip(parts, held_out, strict=True):
            records = zip(*_fields(part, features, rows), strict=True)
            named = (dict(zip(features.names, record, strict=True)) for record in records)
            file.writelines(json.dumps(record, ensure_ascii=False) + "\n" for record in named)


def _fields(part: Part, features: Features, rows: NDArray[np.bool_]) -> list[NDArray[np.object_]]:
    return [part.table.columns[name].rows(rows) for name in features.names]


def main() -> None:
    """Run on the folders of the command line."""
    parser = command_line.parser(__doc__, EXAMPLE)
    command_line.add_folders(parser, input="folder of raw CSV files", config="the model file as JSON")
    command_line.add_pairs(
        parser, "--set", "PARAMETER", "parameters",
        "TrainFraction and ValidationFraction in the place of the model file's split; AsOfDate for years",
    )  # fmt: skip
    options = parser.parse_args()
    parameters, sources = dict(options.parameters), tables.sources(options.input)
    as_of = as_of_day(parameters.get("AsOfDate", NEWEST), sources)
    settings = Settings.parse(world.read_json(options.config, "model file"), split_from(parameters), as_of)
    with withholding(settings.sensitive), refused_files.all_named(sources, settings):
        parts = read_parts(sources, settings)
        features = fit(parts, settings)
        write(parts, features, options.output, world.hosts(), settings)
        new_rows.write(parts, sources, options.output / "test" / new_rows.FOLDER, world.hosts(), settings)
        write_questions(options.output, settings)
        rolling.write(parts, options.output / "test" / rolling.FOLDER, world.hosts(), settings)
    if world.hosts().leads:
        manifest = lineage.inputs(lineage.described()).get("input", "")
        profile = profiles.of_parts(parts, settings, manifest)
        world.write_json(options.output / "features" / layout.PROFILE, profile)
        profiles.warn_of_unreadable(profile)
        profiles.warn_of_rare_classes(profile, settings)
        counting.warn(profile)
    print(f"rows: {', '.join(f'{count} {name}' for name, count in features.rows.items())}")


if __name__ == "__main__":
    world.run(main)
