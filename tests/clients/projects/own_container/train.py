"""What the image's training toolkit would run."""

import os
from pathlib import Path

Path(os.environ["SM_MODEL_DIR"], "model.txt").write_text("trained")
