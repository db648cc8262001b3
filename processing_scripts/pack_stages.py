"""Pack the two containers that stand before and behind an algorithm which cannot carry our code.

Reads  features/  features.json and profile.json
Writes first/model.tar.gz  raw records to numbers
       last/model.tar.gz   the algorithm's numbers to answers
"""

import argparse
from pathlib import Path

import artifacts
import job

EXAMPLE = """example, after preprocess.py:
  python processing_scripts/pack_stages.py --features /tmp/prepared/features --output /tmp/stages
"""
STAGES = {"first": "features_stage.py", "last": "answer_stage.py"}


def main() -> None:
    """Run on the folders of the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=EXAMPLE, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--features", type=Path, default=job.processing_dir("features"), help="folder of features")
    parser.add_argument("--output", type=Path, default=job.processing_dir(), help="where the outputs' folders go")
    options = parser.parse_args()
    data = {path.name: path.read_bytes() for path in sorted(options.features.glob("*.json"))}
    for name, script in STAGES.items():
        code = artifacts.code_of(Path(__file__).with_name(script))
        files = data | {f"code/{module}": content for module, content in code.items()}
        artifacts.pack(files, options.output / name / "model.tar.gz")
    print(f"packed {' and '.join(STAGES.values())}")


if __name__ == "__main__":
    job.run(main)
