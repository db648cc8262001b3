"""What would the version that serves answer to this run's held-out rows? It is asked in its own image.

Reads  champion/       the champion's model.tar.gz; anything else means that there is no champion
       test/           held-out raw rows, with header
       joint-answers/  of a champion of several containers: what they answered together, in a batch transform, to the
                       same rows, and status.json, whether they did; absent where nobody could ask them
Writes champion-answers/champion.json     "none", "scored", or "incomparable" and why
       champion-answers/predictions.csv   one line per held-out row: what its own inference.py answers as text/csv
       champion-answers/profile.json      what the data looked like that it was made from, where it says so

Of several containers (an algorithm that cannot carry our code) a job is given the first, which only prepares numbers.
All of them together are asked in a batch transform before this step; its answers are taken as they are.

A pipeline cannot go on behind a condition whether or not its branch was taken, so this step always runs, beside
training; without a champion it ends at once. A champion that cannot read today's rows is a finding, not a failure.

Source: https://github.com/aws/sagemaker-python-sdk/issues/3565
"""

import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from artifact import archives, layout
from artifact.packages import Package
from data import holdouts
from job import command_line, world
from job.refusals import Refused

ANSWERS = "champion-answers"
SEVERAL = "several containers answer together, and this pipeline asks only versions of one"
EXAMPLE = """example, with the model.tar.gz of an earlier run:
  python processing_scripts/champion.py --champion /tmp/old --test /tmp/prepared/test \\
    --output /tmp/scored --version 3
"""


def score(archive: Path, test: holdouts.HeldOut, transformed: Path, folder: Path) -> dict[str, Any]:
    """Write the champion's answers to ``folder`` and say how that went."""
    with tempfile.TemporaryDirectory() as temporary:
        unpacked = Path(temporary)
        try:
            archives.unpack(archive, unpacked)
            _keep_profile(unpacked, folder)
            several = (unpacked / layout.CODE / layout.FIRST_STAGE).is_file()
            with (folder / "predictions.csv").open("w", encoding="utf-8", newline="") as file:
                file.writelines(_of_several(transformed) if several else _of_one(unpacked, test))
        except Refused as refused:
            return {"status": "incomparable", "reason": str(refused)}
    return {"status": "scored"}


def _of_one(unpacked: Path, test: holdouts.HeldOut) -> Iterator[str]:
    package = Package(unpacked)
    return (package.answer(body, "text/csv", "text/csv") for _, body in test.bodies())


def _of_several(transformed: Path) -> Iterator[str]:
    """What the batch transform answered.

    Raises:
        Refused: it did not, for the reason that whoever started it says.
    """
    path = transformed / "status.json"
    said = world.read_json(path, "word of the batch transform") if path.is_file() else {"reason": SEVERAL}
    if said.get("status") != "answered":
        raise Refused(said["reason"])
    return holdouts.transformed(transformed)


def _keep_profile(unpacked: Path, folder: Path) -> None:
    if (unpacked / layout.PROFILE).is_file():
        shutil.copyfile(unpacked / layout.PROFILE, folder / layout.PROFILE)


def main() -> None:
    """Run on the folders of the command line."""
    parser = command_line.parser(__doc__, EXAMPLE)
    command_line.add_folders(
        parser, champion="folder of the champion's archive", test="folder of held-out rows",
        joint_answers="folder of a batch transform's answers, where several containers answer; may be absent",
    )  # fmt: skip
    parser.add_argument("--version", type=int, default=0, help="the champion's version; 0: there is none")
    options = parser.parse_args()
    folder = options.output / ANSWERS
    folder.mkdir(parents=True, exist_ok=True)
    candidates = sorted(options.champion.rglob("*.tar.gz"))
    found: dict[str, Any] = {"status": "none"}
    if options.version and candidates:
        found = score(candidates[0], holdouts.HeldOut(options.test), options.joint_answers, folder)
    world.write_json(folder / "champion.json", found | {"version": options.version or None})
    print(json.dumps(found))


if __name__ == "__main__":
    world.run(main)
