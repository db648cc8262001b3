"""A page of the cloud's own, for people."""


class Html(str):
    """Text that a browser shows as a page; what came from elsewhere is escaped in it."""

    __slots__ = ()
