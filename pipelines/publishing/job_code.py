"""What jobs run: the scripts as files, and as the archive that script-mode training fetches.

Equal files give equal bytes.
"""

import gzip
import hashlib
import io
import tarfile
from collections.abc import Mapping

from pipelines.model import model_file


def files() -> dict[str, bytes]:
    """The scripts that jobs run and the packages beside them, by path."""
    paths = sorted(model_file.SCRIPTS.rglob("*.py"))
    return {path.relative_to(model_file.SCRIPTS).as_posix(): path.read_bytes() for path in paths}


def sha256(content: Mapping[str, bytes]) -> str:
    """Hash names and contents."""
    digest = hashlib.sha256()
    for name, body in sorted(content.items()):
        digest.update(f"{name}\0{len(body)}\0".encode())
        digest.update(body)
    return digest.hexdigest()


def archive(content: Mapping[str, bytes]) -> bytes:
    """The files as a tar.gz without times or owners.

    Source: https://github.com/aws/sagemaker-training-toolkit (sagemaker_submit_directory)
    """
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, body in sorted(content.items()):
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(body), 0o644
            tar.addfile(member, io.BytesIO(body))
    return gzip.compress(raw.getvalue(), mtime=0)
