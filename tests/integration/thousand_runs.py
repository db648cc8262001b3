"""A program: a local cloud in this process does the calls of run after run; prints how many objects it then has.

``python thousand_runs.py FOLDER COUNT...`` prints, as JSON, for each count of runs the live objects of the process, the
bytes that Python holds for them, and the bytes of the state and its journal.
"""

from __future__ import annotations

import gc
import json
import sys
import threading
import tracemalloc
from pathlib import Path
from typing import Any

from live_objects import Account, Work

from localcloud import server


class Runs:
    """What a run asks of the cloud, but for its jobs: an upload, the ledger, an execution that waits, news, lines."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._work = Work(account)
        self.done = 0

    def run(self) -> None:
        """One run."""
        number = self.done
        client = self._account.client
        client("s3").put_object(Bucket="bucket", Key=f"incoming/{number}.csv", Body=b"a,b\n" * 500)
        self._account.take()
        rows = [{"pk": {"S": pk}, "sk": {"S": f"{number:06}"}, "n": {"N": "1"}} for pk in ("runs", f"run-{number}")]
        puts = [{"Put": {"TableName": "table", "Item": row}} for row in rows]
        client("dynamodb").transact_write_items(TransactItems=puts)
        self._work.wait_for_token(number)
        self._work.publish(number)
        self._work.log(number)
        self._work.measure(number)
        self.done += 1


def measured(runs: Runs, folder: Path) -> dict[str, Any]:
    """What there is now."""
    gc.collect()
    kept = [path.stat().st_size for path in (folder / "snapshot").iterdir() if path.is_file()]
    held, _ = tracemalloc.get_traced_memory()
    return {"runs": runs.done, "objects": len(gc.get_objects()), "held_bytes": held, "kept_bytes": sum(kept)}


def main() -> None:
    folder, counts = Path(sys.argv[1]), [int(count) for count in sys.argv[2:]]
    running = server.start(folder, 0, keep=True)
    tracemalloc.start()  # from here on: what a server holds before its first call is no run's
    gc.unfreeze()
    threading.Thread(target=running.serve, daemon=True).start()
    runs, found = Runs(Account(running.cloud.client)), []
    for count in counts:
        while runs.done < count:
            runs.run()
        found.append(measured(runs, folder))
    running.stop()
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
