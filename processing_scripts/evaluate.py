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
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import artifacts
import assessment
import job
import numpy as np
import report
import verdicts
from features import Features, features_from
from findings import evaluation
from holdouts import HeldOut, as_csv
from packages import Package
from predictors import LOADERS
from refusals import Refused
from weighted import Rows

EXAMPLE = """example, after preprocess.py and a training run:
  python processing_scripts/evaluate.py --model /tmp/trained --test /tmp/prepared/test \\
    --features /tmp/prepared/features --config /tmp/churn.json --output /tmp/evaluated --set AccuracyThreshold 0.75
"""
RECORDS_TO_VERIFY = 20


def pack(
    model_dir: Path, features: Mapping[str, Any], profile: Mapping[str, Any], archive: Path, unpacked: Path
) -> None:
    """Pack the algorithm's model, features, profile and inference code, and unpack the result into ``unpacked``."""
    with tempfile.TemporaryDirectory() as temporary:
        trained = Path(temporary)
        artifacts.unpack(model_dir / "model.tar.gz" if model_dir.is_dir() else model_dir, trained)
        names = [name for name in LOADERS if (trained / name).is_file()]
        if not names:
            raise Refused(f"{model_dir}: model.tar.gz holds no {' or '.join(LOADERS)}; what trained it?")
        files = {names[0]: (trained / names[0]).read_bytes()}
    files["features.json"] = json.dumps(features, sort_keys=True, ensure_ascii=False).encode("utf-8")
    files["profile.json"] = json.dumps(profile, sort_keys=True, ensure_ascii=False).encode("utf-8")
    code = artifacts.code_of(Path(__file__).with_name("inference.py"))
    artifacts.pack(files | {f"code/{name}": content for name, content in code.items()}, archive)
    artifacts.unpack(archive, unpacked)


def score(package: Package, test: HeldOut, features: Features) -> Rows:
    """Send all rows through the package, as CSV with header, and set its answers beside the truth."""
    target, answer = test.header.index(features.target), features.answer
    truth, said, number = array("d"), array("d"), array("d")
    for some, body in test.bodies():
        truth.extend(answer.encode(row[target].strip()) for row in some)
        for fields in csv.reader(io.StringIO(package.answer(body, "text/csv", "text/csv"), newline="")):
            number.append(float(fields[0]))
            said.append(answer.encode(fields[-1]))  # the label, or again the value
    return Rows(np.array(truth), np.array(said), np.array(number))


def verification(package: Package, test: HeldOut, scored: Rows, features: Features) -> dict[str, Any]:
    """Choose records from the lowest to the highest answer, and keep what the package answers to them."""
    rows = chosen_rows(test, scored)
    places = [test.header.index(name) for name in features.names]
    records = [as_csv([[row[place] for place in places]]).removesuffix("\n") for row in rows]
    answer = package.answer("\n".join(records), "text/csv", "application/json")
    predictions = json.loads(answer)["predictions"]
    return {
        "content_type": "text/csv", "columns": list(features.names), "records": records, "predictions": predictions,
    }  # fmt: skip


def chosen_rows(test: HeldOut, scored: Rows) -> list[list[str]]:
    """Some held-out rows, from the lowest to the highest answer."""
    order = np.argsort(scored.score, kind="stable")
    chosen = order[np.linspace(0, len(order) - 1, min(RECORDS_TO_VERIFY, len(order))).astype(int)].tolist()
    wanted = set(chosen)
    rows = {at: row for at, row in enumerate(test.rows()) if at in wanted}
    return [rows[at] for at in chosen]


def main() -> None:
    """Run on the folders of the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=EXAMPLE, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name in ("model", "test", "features", "config", "champion-answers"):
        parser.add_argument(f"--{name}", type=Path, default=job.processing_dir(name), help=f"folder of {name}")
    parser.add_argument("--output", type=Path, default=job.processing_dir(), help="where the outputs' folders go")
    parser.add_argument(
        "--set", nargs=2, action="append", default=[], metavar=("PARAMETER", "VALUE"), dest="parameters",
        help="a limit of the gate, by the name of its pipeline parameter",
    )  # fmt: skip
    options = parser.parse_args()
    config = job.read_json(options.config, "model file")
    fitted = job.read_json(options.features / "features.json", "fitted transformer")
    profile = assessment.profile_in(options.features)
    features = features_from(fitted)
    gate = verdicts.gate_from(config["gate"], dict(options.parameters))
    with tempfile.TemporaryDirectory() as temporary:
        pack(options.model, fitted, profile, options.output / "package" / "model.tar.gz", Path(temporary))
        package = Package(Path(temporary))
        test = HeldOut(options.test)
        scored = score(package, test, features)
        found = evaluation(scored, features, gate)
        evidence = assessment.Evidence(config, fitted, test, scored, package.model, options.champion_answers, profile)
        assessment.extend(found, evidence)
        job.write_json(
            options.output / "verification" / "verification.json",
            verification(package, test, scored, features),
        )
    folder = options.output / "evaluation"
    job.write_json(folder / "evaluation.json", found)
    job.write_json(folder / "profile.json", profile)
    (folder / "report.html").write_text(report.render(found), "utf-8")
    print(json.dumps({"metrics": found["metrics"], "verdict": found["verdict"]}))


if __name__ == "__main__":
    job.run(main)
