"""Split clean rows to training data: split, fit on training rows, write. ``clean.py`` runs before.

Reads  cleaned/  the rows that count, with their derived features, and profile.json
       config/   the model file as JSON
Writes train/, validation/, dense_train/, dense_validation/, test/, records/, questions/, features/, width/  as
                 preprocess.py does
       transformed/  all rows as the algorithm sees them, with header: id, split, numbers, answer

A row's side is a hash of its id, so that shards, order and later runs change nothing; means, scales and levels are
those of training rows alone.
"""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import preprocess
from artifact import layout
from data import crossfit, new_rows, tables
from data.column_rules import Settings, split_from
from data.fitting import fit, numbers_of
from data.parts import Part, read_parts
from data.splitting import rolling, sides, splits
from features.derived import as_of_from
from features.features import DENSE, ORDINAL, Features
from job import command_line, world
from job.refusals import withholding

EXAMPLE = """example, after clean.py:
  python processing_scripts/split.py --cleaned /tmp/cleaned --config /tmp/model.json --output /tmp/prepared
"""


def write_transformed(
    parts: Sequence[Part], features: Features, path: Path, hosts: world.Hosts, settings: Settings
) -> None:
    """Write this instance's share of all rows, for people."""
    encoding, places = DENSE if DENSE in settings.encodings else ORDINAL, crossfit.places(parts, features, settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerow(_header(features, encoding))
        for part in parts:
            numbers = {column.name: numbers_of(part.table, column) for column in features.columns}
            columns = preprocess.texts_of(part, features, numbers, encoding)
            learnt = preprocess.out_of_fold(columns, part, numbers, places) if encoding == ORDINAL else columns
            for share, name in enumerate(splits.SHARES):
                texts = columns if share else learnt
                mine = part.chosen(share) & (part.keys % np.uint64(len(hosts.names)) == np.uint64(hosts.index))
                ids = [] if part.ids is None else [[_field(text) for text in part.ids[mine]]]
                answers = [features.answer.text(answer) for answer in part.answers[mine].tolist()]
                names = [name] * len(answers)
                lines = zip(*ids, names, *(column.rows(mine) for column in texts.values()), answers, strict=True)
                file.writelines(",".join(fields) + "\n" for fields in lines)


def _header(features: Features, encoding: str) -> list[str]:
    names = [
        name
        for column in features.columns
        for name in (column.dense_names if encoding == DENSE else column.ordinal_names)
    ]
    return [*([features.id] if features.id else []), "split", *names, features.target]


def _field(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if set(text) & {",", '"', "\n", "\r"} else text


def main() -> None:
    """Run on the folders of the command line."""
    parser = command_line.parser(__doc__, EXAMPLE)
    command_line.add_folders(parser, cleaned="what clean.py left", config="the model file as JSON")
    command_line.add_pairs(
        parser, "--set", "PARAMETER", "parameters",
        "TrainFraction and ValidationFraction in the place of the model file's split",
    )  # fmt: skip
    options = parser.parse_args()
    hosts, profile = world.hosts(), world.read_json(options.cleaned / layout.PROFILE, "profile")
    as_of = as_of_from(profile["as_of"]) if profile.get("as_of") else None
    split = split_from(dict(options.parameters))
    settings = Settings.parse(world.read_json(options.config, "model file"), split, as_of, cleaned=True)
    with withholding(settings.sensitive):
        parts = read_parts(tables.sources(options.cleaned), settings, every_id=True)
        features = fit(parts, settings)
    preprocess.write(parts, features, options.output, hosts, settings)
    write_transformed(parts, features, options.output / "transformed" / f"{hosts.current}.csv", hosts, settings)
    if hosts.leads:
        new_rows.hand_on(options.cleaned / new_rows.FOLDER, options.output / "test" / new_rows.FOLDER)
    preprocess.write_questions(options.output, settings)
    rolling.write(parts, options.output / "test" / rolling.FOLDER, hosts, settings)
    if hosts.leads:
        world.write_json(options.output / "features" / layout.PROFILE, profile | sides.document(parts, settings))
    print(f"rows: {', '.join(f'{count} {name}' for name, count in features.rows.items())}")


if __name__ == "__main__":
    world.run(main)
