"""Somebody who uploads all the time, whether the server lives or not, and keeps what was acknowledged."""

from __future__ import annotations

import itertools
import threading
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from cli.demo_data import generate
from cli.errors import UserError
from cli.stack.target import Target

EVERY_S, AT_ONCE = 8.0, 3  # so seldom that a batch is quiet in between, on a busy machine too
FIRST_ROWS, ROWS = 3000, 200


@dataclass
class SteadyUploads:
    """Uploads to churn's folder, in a thread of their own; ``acknowledged`` has (key, version id) of each."""

    acknowledged: list[tuple[str, str]] = field(default_factory=list)
    _numbers: Any = field(default_factory=itertools.count)
    _over: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def begin(self, target: Target) -> None:
        """Go on until ``end``."""
        self._over.clear()
        self._thread = threading.Thread(target=self._go_on, args=(target,))
        self._thread.start()

    def end(self) -> None:
        """No more uploads once this returns."""
        self._over.set()
        if self._thread is not None:
            self._thread.join()

    def upload(self, target: Target) -> None:
        """Upload one file."""
        number = next(self._numbers)
        key = f"incoming/churn/{number:04d}.csv"
        body = generate("churn", ROWS if number else FIRST_ROWS, seed=number + 1).encode()
        try:
            bucket = target.outputs()["DataBucketName"]
            version = target.client("s3").put_object(Bucket=bucket, Key=key, Body=body)["VersionId"]
        except (BotoCoreError, ClientError, UserError):
            return
        self.acknowledged.append((key, version))

    def _go_on(self, target: Target) -> None:
        while not self._over.wait(EVERY_S):
            for _ in range(AT_ONCE):
                self.upload(target)
