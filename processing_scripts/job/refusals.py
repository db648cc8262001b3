"""The error whose message a person is meant to read.

Knows nothing of files, jobs or requests: whoever raises it writes the whole message.
"""


class Refused(Exception):
    """Data, settings or a request that cannot be used; the message says what, where and what to do."""
