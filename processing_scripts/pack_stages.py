"""Pack the two containers that stand before and behind an algorithm which cannot carry our code.

Reads  features/  features.json and profile.json
Writes first/model.tar.gz  raw records to numbers
       last/model.tar.gz   the algorithm's numbers to answers
"""

from pathlib import Path

from artifact import archives, layout
from job import command_line, world

EXAMPLE = """example, after preprocess.py:
  python processing_scripts/pack_stages.py --features /tmp/prepared/features --output /tmp/stages
"""
STAGES = {"first": layout.FIRST_STAGE, "last": layout.LAST_STAGE}


def main() -> None:
    """Run on the folders of the command line."""
    parser = command_line.parser(__doc__, EXAMPLE)
    command_line.add_folders(parser, features="folder of features")
    options = parser.parse_args()
    fitted = {path.name: path.read_bytes() for path in sorted(options.features.glob("*.json"))}
    for name, program in STAGES.items():
        code = archives.code_of(Path(__file__).with_name(program))
        archives.pack(fitted | code, options.output / name / "model.tar.gz")
    print(f"packed {' and '.join(STAGES.values())}")


if __name__ == "__main__":
    world.run(main)
