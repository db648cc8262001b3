"""Functions run for real: the Runtime API and unmodified awslambdaric, one process per concurrent call.

``service`` stands where moto would pretend; ``executor`` keeps a ``pool`` of ``worker`` processes per function,
forked (``fork_server``, ``worker_process``) from one that has the runtime loaded; ``runtime_api`` is what they talk
to; ``queues`` polls SQS for event source mappings.
"""

from localcloud.lambdas.service import (
    TooManyRequests,
    function_of,
    install,
    invoke,
    invoke_async,
    resume,
    snapshot_state,
    stop,
)

__all__ = ["TooManyRequests", "function_of", "install", "invoke", "invoke_async", "resume", "snapshot_state", "stop"]
