"""Clean raw uploads: read, check, take JSON apart, derive features; nothing is fitted and nothing split.

Reads  input/   raw CSV files, any depth; sources.json, if there, orders, names and dates them
       config/  the model file as JSON
Writes cleaned/  the rows that count, with header: id (or what the row was before it was cleaned, as a key), raw columns
                 without missing marks, fields of JSON columns as column.field, derived features, columns that only the
                 split reads, answer; profile.json, what the data looks like; in new/ the rows that no upload before
                 theirs has, as they were uploaded

Every instance of a job reads all rows, because of one id the newest upload's row counts, and writes its own share.
"""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from artifact import layout
from data import counting, lineage, new_rows, profiles, refused_files, tables
from data.as_of import NEWEST, as_of_day
from data.column_rules import ROW_KEY, ColumnRule, Settings
from data.fitting import check_numbers
from data.parts import Part, read_parts
from features.derived import field_text, json_fields
from job import command_line, world
from job.refusals import withholding
from numpy.typing import NDArray

EXAMPLE = """example, on a folder of one's own:
  python -m pipelines.model.model_file models/employee-bonus.yaml > /tmp/model.json
  python processing_scripts/clean.py --input data/ --config /tmp/model.json --output /tmp --set AsOfDate 2026-06-30
"""
CLEANED = "cleaned"


def write(parts: Sequence[Part], folder: Path, hosts: world.Hosts, settings: Settings) -> None:
    """Write this instance's share of the rows that count, in a file named after it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{hosts.current}.csv").open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow(_header(settings))
        for part in parts:
            mine = part.keep & (part.keys % np.uint64(len(hosts.names)) == np.uint64(hosts.index))
            lines.writerows(zip(*_columns(part, mine, settings), strict=True))


def _header(settings: Settings) -> list[str]:
    fields = [f"{name}.{field}" for name, rule in settings.columns.items() for field in rule.fields]
    identity = [settings.id or ROW_KEY]
    derived = (rule.name for rule in settings.derived)
    return [*identity, *settings.columns, *fields, *derived, *settings.beside, settings.target]


def _columns(part: Part, rows: NDArray[np.bool_], settings: Settings) -> Iterator[Sequence[str]]:
    """Give the columns' texts in the header's order."""
    if part.ids is not None:
        yield [text.strip() for text in part.ids[rows]]
    else:
        yield [f"{key:016x}" for key in part.row[rows].tolist()]
    raw = {name: _stripped(part.table.columns[name], rule) for name, rule in settings.columns.items()}
    for texts in raw.values():
        yield texts.rows(rows).tolist()
    for name, rule in settings.columns.items():
        read = [json_fields(text) for text in raw[name].rows(rows)] if rule.fields else []
        for field in rule.fields:
            yield [field_text(fields, field) for fields in read]
    for derived in settings.derived:
        yield part.table.columns[derived.name].rows(rows).tolist()
    for name in settings.beside:
        yield [text.strip() for text in part.table.columns[name].rows(rows)]
    yield [settings.answer.text(answer) for answer in part.answers[rows].tolist()]


def _stripped(texts: tables.Texts, rule: ColumnRule) -> tables.Texts:
    clean = ["" if (text := raw.strip()) in rule.missing else text for raw in texts.distinct]
    return tables.Texts(texts.codes, np.array(clean, dtype=object))


def main() -> None:
    """Run on the folders of the command line."""
    parser = command_line.parser(__doc__, EXAMPLE)
    command_line.add_folders(parser, input="folder of raw CSV files", config="the model file as JSON")
    command_line.add_pairs(
        parser, "--set", "PARAMETER", "parameters",
        "AsOfDate, the day that years are counted to; by itself the newest upload's",
    )  # fmt: skip
    options = parser.parse_args()
    sources, hosts = tables.sources(options.input), world.hosts()
    as_of = as_of_day(dict(options.parameters).get("AsOfDate", NEWEST), sources)
    settings = Settings.parse(world.read_json(options.config, "model file"), as_of=as_of)
    with withholding(settings.sensitive), refused_files.all_named(sources, settings):
        parts = read_parts(sources, settings, every_id=True)
        check_numbers(parts, settings)
        write(parts, options.output / CLEANED, hosts, settings)
        new_rows.write(parts, sources, options.output / CLEANED / new_rows.FOLDER, hosts, settings)
    if hosts.leads:
        manifest = lineage.inputs(lineage.described()).get("input", "")
        profile = profiles.of_parts(parts, settings, manifest)
        world.write_json(options.output / CLEANED / layout.PROFILE, profile)
        profiles.warn_of_unreadable(profile)
        profiles.warn_of_rare_classes(profile, settings)
        counting.warn(profile)
    print(f"rows: {sum(int(part.keep.sum()) for part in parts)}; years as of {as_of or 'no day'}")


if __name__ == "__main__":
    world.run(main)
