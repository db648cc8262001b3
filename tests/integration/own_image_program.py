"""What an image of one's own runs in the tests: ``train`` or another word says what is done."""

import http.server
import json
import os
import signal
import sys
import time
from pathlib import Path

OPT_ML = Path("/opt/ml")


def train() -> None:
    """Leave a model that tells what was found."""
    config = OPT_ML / "input" / "config"
    found = {name: json.loads((config / f"{name}.json").read_text()) for name in ("hyperparameters", "inputdataconfig")}
    rows = (OPT_ML / "input" / "data" / "train" / "rows.csv").read_text()
    told = {name: value for name, value in os.environ.items() if name.startswith(("SM_", "TRAINING_JOB_", "COLOUR"))}
    (OPT_ML / "output" / "data" / "seen.json").write_text(json.dumps(found | {"rows": rows, "variables": told}))
    (OPT_ML / "model" / "model.json").write_text(json.dumps({"rows": rows.count("\n")}))
    print("loss=0.25;")


def process() -> None:
    """Read an input, ask the cloud, write an output, and try to write where nothing may be."""
    import boto3

    text = (OPT_ML / "processing" / "data" / "a.txt").read_text()
    there = boto3.client("s3").get_object(Bucket="own-engine", Key="in/a.txt")["Body"].read().decode()
    found = {"text": text, "there": there, "arguments": sys.argv[1:], "colour": os.environ.get("COLOUR")}
    (OPT_ML / "processing" / "out" / "found.json").write_text(json.dumps(found))
    try:
        (OPT_ML / "processing" / "data" / "b.txt").write_text("")
    except OSError as error:
        print("inputs:", error.strerror)


def fail() -> None:
    """Say why in the failure file, and end with a code of one's own."""
    (OPT_ML / "output" / "failure").write_text("no such column: age")
    sys.exit(3)


def wait() -> None:
    """Wait to be stopped, and leave a model then."""
    signal.signal(signal.SIGTERM, stopped)
    print("waiting", flush=True)
    time.sleep(600)


def stopped(*_: object) -> None:
    """Leave what there is of the model."""
    (OPT_ML / "model" / "half.json").write_text("{}")
    sys.exit(143)


def alone() -> None:
    """Try to reach the cloud."""
    import urllib.request

    try:
        urllib.request.urlopen(os.environ["AWS_ENDPOINT_URL"], timeout=5).close()
        print("reached")
    except OSError as error:
        print("not reached:", error)


class Handler(http.server.BaseHTTPRequestHandler):
    """Says what the model says, and how it was asked; ends where it is told to."""

    def do_GET(self) -> None:
        """Pings alone."""
        self._say(200 if self.path == "/ping" else 404, b"")

    def do_POST(self) -> None:
        """An answer, or the end of the process."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if body == b"die":
            os._exit(9)
        word = json.loads((OPT_ML / "model" / "model.json").read_text())["word"]
        self._say(200, json.dumps([word, body.decode(), self.headers["Content-Type"], self.path]).encode())

    def _say(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def serve() -> None:
    """Answer at port 8080."""
    if os.environ.get("COLOUR") == "black":
        sys.exit("no black models")
    http.server.ThreadingHTTPServer(("", 8080), Handler).serve_forever()


if __name__ == "__main__":
    word = sys.argv[1]
    asked = json.loads((OPT_ML / "input" / "config" / "hyperparameters.json").read_text()) if word == "train" else {}
    words = {"train": train, "process": process, "fail": fail, "wait": wait, "alone": alone, "serve": serve}
    words[asked.get("do", word)]()
