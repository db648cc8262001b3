"""DynamoDB: moto's tables, with answers and transactions that cost what they hold, not what the tables hold."""

from __future__ import annotations

from localcloud.dynamodb import comparing, item_collections, parsing, partitions, serialization, tokens, transactions
from localcloud.settings import Cloud

_patched = False


def install(_: Cloud) -> None:
    """Put this package's parts in place."""
    global _patched  # one moto per process
    if not _patched:
        _patched = True
        comparing.install()
        item_collections.install()
        parsing.install()
        partitions.install()
        serialization.install()
        transactions.install()
        tokens.install()
