"""Functions run for real: the Runtime API and unmodified awslambdaric, one process per concurrent call.

``service`` stands where moto would pretend; ``executor`` keeps a ``pool`` of ``worker`` processes per function,
forked (``prefork``, ``forker``) from one that has the runtime loaded; ``runtime_api`` is what they talk to.
"""

from localcloud.lambdas.service import TooManyRequests, function_of, install, invoke, invoke_async, resume, stop

__all__ = ["TooManyRequests", "function_of", "install", "invoke", "invoke_async", "resume", "stop"]
