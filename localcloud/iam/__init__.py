"""What roles may do: pure evaluation of policies, what each API call needs, and the record of who asked for what.

``policies`` decides and ``actions`` and ``s3`` translate, without state; ``attached`` reads what moto keeps; ``checks``
remembers and refuses; ``gate`` stands before the API. ``api`` has operations of IAM's own.
"""

from __future__ import annotations

from localcloud.settings import Cloud


def install(cloud: Cloud) -> None:
    """Remember what roles and services ask for from now on; refuse it where the cloud enforces policies."""
    from localcloud.iam import checks
    from localcloud.iam.api import boundaries, sessions, simulator, users
    from localcloud.iam.permissions import Place

    simulator.install()
    users.install()
    boundaries.install()
    sessions.install()
    checks.install(Place(cloud.region, cloud.account_id), enforce=cloud.enforce_iam)
