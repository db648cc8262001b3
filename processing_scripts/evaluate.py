"""Is the model good enough? Pack it as it will be deployed, score held-out rows with that very package, and judge.

Reads  model/       the training job's model.tar.gz
       test/        held-out raw rows, with header
       features/    features.json
       config/      the model file as JSON
       champion-answers/  what the version that serves says about the same rows; may be absent
Writes package/model.tar.gz            what the endpoint will load: model, features, code
       evaluation/evaluation.json      metrics, verdict and reasons
       evaluation/report.html          the same for people
       evaluation/profile.json         what the data looked like
       verification/verification.json  held-out records with the answers that an endpoint must give
"""

import argparse
import csv
import io
import json
import tempfile
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from artifact import archives, layout
from artifact.packages import Package
from artifact.predictors import LOADERS
from data.holdouts import HeldOut, as_csv, transformed
from evaluation import assessment, metrics, verdicts
from evaluation.rows import Rows
from features.features import Features, features_from
from job import command_line, world
from job.refusals import Refused
from report import page

EXAMPLE = """example, after preprocess.py and a training run:
  python processing_scripts/evaluate.py --model /tmp/trained --test /tmp/prepared/test \\
    --features /tmp/prepared/features --config /tmp/churn.json --output /tmp/evaluated --set AccuracyThreshold 0.75
"""
RECORDS_TO_VERIFY = 20
Answers = Callable[[list[str], list[int]], list[dict[str, Any]]]
"""Records (CSV lines) and their row numbers among all held-out rows, to predictions."""


def pack(
    model_dir: Path, features: Mapping[str, Any], profile: Mapping[str, Any], archive: Path, unpacked: Path
) -> None:
    """Pack the algorithm's model, features, profile and inference code, and unpack the result into ``unpacked``."""
    with tempfile.TemporaryDirectory() as temporary:
        trained = Path(temporary)
        archives.unpack(model_dir / "model.tar.gz" if model_dir.is_dir() else model_dir, trained)
        names = [name for name in LOADERS if (trained / name).is_file()]
        if not names:
            raise Refused(f"{model_dir}: model.tar.gz holds no {' or '.join(LOADERS)}; what trained it?")
        files = {names[0]: (trained / names[0]).read_bytes()}
    for name, document in ((layout.FEATURES, features), (layout.PROFILE, profile)):
        files[name] = json.dumps(document, sort_keys=True, ensure_ascii=False).encode("utf-8")
    archives.pack(files | archives.code_of(Path(__file__).with_name(layout.INFERENCE)), archive)
    archives.unpack(archive, unpacked)


def score(answers: Iterable[tuple[list[list[str]], str]], test: HeldOut, features: Features) -> Rows:
    """Set answers, as CSV, beside the truth; ``answers`` has some held-out rows at a time, and what is said to them."""
    target, answer = test.header.index(features.target), features.answer
    truth, said, number = array("d"), array("d"), array("d")
    for some, text in answers:
        truth.extend(answer.encode(row[target].strip()) for row in some)
        for fields in csv.reader(io.StringIO(text, newline="")):
            number.append(float(fields[0]))
            said.append(answer.encode(fields[-1]))  # the label, or again the value
    if len(truth) != len(number):
        raise Refused(f"{len(truth)} held-out rows have {len(number)} answers")
    return Rows(np.array(truth), np.array(said), np.array(number))


def asked(package: Package, test: HeldOut) -> Iterator[tuple[list[list[str]], str]]:
    """Send all rows through the package, as CSV with header."""
    for some, body in test.bodies():
        yield some, package.answer(body, "text/csv", "text/csv")


def verification(answers: Answers, test: HeldOut, scored: Rows, features: Features) -> dict[str, Any]:
    """Choose records from the lowest to the highest answer, and keep what is answered to them."""
    order = np.argsort(scored.score, kind="stable")
    chosen = order[np.linspace(0, len(order) - 1, min(RECORDS_TO_VERIFY, len(order))).astype(int)].tolist()
    wanted = set(chosen)
    rows = {at: row for at, row in enumerate(test.rows()) if at in wanted}
    places = [test.header.index(name) for name in features.names]
    records = [as_csv([[rows[at][place] for place in places]]).removesuffix("\n") for at in chosen]
    return {
        "content_type": "text/csv", "columns": list(features.names), "records": records,
        "predictions": answers(records, chosen),
    }  # fmt: skip


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = command_line.parser(__doc__, EXAMPLE)
    names = ("model", "test", "features", "config", "champion_answers")
    command_line.add_folders(parser, **{name: f"folder of {name}" for name in names})
    parser.add_argument("--predictions", type=Path, help="folder of a batch transform's answers, in place of a model")
    parser.add_argument("--algorithm", help="which of the model file's algorithms this is; the first")
    command_line.add_pairs(
        parser, "--set", "PARAMETER", "parameters", "a limit of the gate, by the name of its pipeline parameter"
    )
    command_line.add_pairs(
        parser, "--hyperparameter", "NAME", "hyperparameters",
        "one that the run set or tuning found, in the place of the model file's",
    )  # fmt: skip
    return parser.parse_args()


def value_of(text: str) -> float | str:
    """A hyperparameter's value as a model file would have it: a number where it is one."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def main() -> None:
    """Run on the folders of the command line."""
    options = arguments()
    config = world.read_json(options.config, "model file")
    chosen = [one for one in config["algorithms"] if one["name"] == options.algorithm] or config["algorithms"][:1]
    fitted = world.read_json(options.features / layout.FEATURES, "fitted transformer")
    profile, features, test = assessment.profile_in(options.features), features_from(fitted), HeldOut(options.test)
    gate = verdicts.gate_from(config["gate"], dict(options.parameters), metrics.of_task(config["task"]))
    model: Any = None
    with tempfile.TemporaryDirectory() as temporary:
        if options.predictions:
            lines = list(transformed(options.predictions))
            scored = score([(list(test.rows()), "".join(lines))], test, features)
            answers: Answers = lambda _records, rows: [  # noqa: E731
                features.answer.read(next(csv.reader([lines[row]]))) for row in rows
            ]
        else:
            pack(options.model, fitted, profile, options.output / "package" / "model.tar.gz", Path(temporary))
            package = Package(Path(temporary))
            model, scored = package.model, score(asked(package, test), test, features)
            answers = lambda records, _rows: json.loads(  # noqa: E731
                package.answer("\n".join(records), "text/csv", "application/json")
            )["predictions"]
        settings = config | {"algorithms": chosen}
        used = {name: value_of(text) for name, text in options.hyperparameters}
        evidence = assessment.Evidence(settings, fitted, test, scored, model, options.champion_answers, profile, used)
        found = assessment.evaluation(evidence, gate)
        record = verification(answers, test, scored, features)
    world.write_json(options.output / "verification" / "verification.json", record)
    folder = options.output / "evaluation"
    world.write_json(folder / "evaluation.json", found)
    world.write_json(folder / layout.PROFILE, profile)
    (folder / "report.html").write_text(page.render(found), "utf-8")
    print(json.dumps({"metrics": found["metrics"], "verdict": found["verdict"]}))


if __name__ == "__main__":
    world.run(main)
