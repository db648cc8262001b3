"""A local cloud that saves all of its state again and again: whoever kills it often meets a save."""

from __future__ import annotations

import sys

from localcloud.__main__ import main
from localcloud.snapshot import journal

if __name__ == "__main__":
    journal.LOOK_EVERY_S = 0.05
    journal.LARGE_BYTES = 1 << 16
    sys.exit(main())
