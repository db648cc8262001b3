"""The context that a test gives a handler."""

from dataclasses import dataclass


@dataclass
class Context:
    """What Lambda tells a function about its call."""

    function_name: str = "function"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:123456789012:function:function"
    aws_request_id: str = "request"

    def get_remaining_time_in_millis(self) -> int:
        return 60_000
