"""A server outside of AWS that functions post to: it keeps what it is asked, and answers with what it is given."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from queue import Queue
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

MLFLOW_API = "/api/2.0/mlflow/"
NEW_MLFLOW: Mapping[str, Any] = {  # an MLflow that has the experiment and no run yet
    f"{MLFLOW_API}experiments/get-by-name": {"experiment": {"experiment_id": "7"}},
    f"{MLFLOW_API}runs/create": {"run": {"info": {"run_id": "9"}}},
}


@contextmanager
def listening(answers: Mapping[str, Any], host: str = "127.0.0.1") -> Iterator[tuple[str, Queue[Any]]]:
    """The server's address, and the path and document of each request; ``answers`` are by path, {} else."""
    asked: Queue[Any] = Queue()

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            path = urlsplit(self.path).path
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            asked.put((path, json.loads(body or b"{}")))
            said = json.dumps(answers.get(path, {})).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def do_GET(self) -> None:
            self.do_POST()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = HTTPServer((host, 0), Listener)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://{host}:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
