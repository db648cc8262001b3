"""Archives as SageMaker takes and gives them."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping


def tar_gz(files: Mapping[str, bytes | str]) -> bytes:
    """A .tar.gz of files by their names in it."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as tar:
        for name, content in files.items():
            body = content.encode() if isinstance(content, str) else content
            entry = tarfile.TarInfo(name)
            entry.size = len(body)
            tar.addfile(entry, io.BytesIO(body))
    return made.getvalue()
