"""Who stands behind a request: a function or job of this cloud, the root user, a user, a role's session, or nobody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from moto.iam.models import iam_backends
from moto.sts.models import sts_backends

from localcloud.front import calls, credentials
from localcloud.front.calls import Caller
from localcloud.iam import attached, claims
from localcloud.iam.api import sessions
from localcloud.iam.policies import Limit
from localcloud.iam.signing import links
from localcloud.settings import ROOT_KEYS, SECRET_KEY


@dataclass(frozen=True)
class Person:
    """A principal with policies of its own that is none of this cloud's functions and jobs."""

    arn: str  # of the user or the role
    session: str = ""  # of a role
    limits: tuple[Limit, ...] = ()  # the session's own policies, where it was begun with some
    tags: Mapping[str, str] = field(default_factory=dict)  # the session's own


LINK = Person("")  # whoever has the token of a subscription


class Unknown(Exception):
    """Nobody has these credentials, or there are none; the text is AWS's."""

    def __init__(self, said: str, *, signed: bool) -> None:
        super().__init__(said)
        self.signed = signed


class Ended(Exception):
    """A link, or a role's session, was good for a time that is over; the text is AWS's."""

    def __init__(self, said: str, *, link: bool) -> None:
        super().__init__(said)
        self.link = link


def of(environ: Mapping[str, Any], account: str) -> Caller | Person | None:
    """Who asks; None for the root user, to whom everything is permitted; LINK where a mail's link is all that it takes.

    Raises:
        Unknown: no such key was ever given to anybody, or the request is not signed and has to be.
        Ended: what it is signed with was good until some time ago.
        links.Altered: it is a link, and not as its maker signed it.
    """
    credential = credentials.of(environ)
    if credential is None:
        if claims.is_link(environ):
            return LINK
        raise Unknown("Request is missing Authentication Token", signed=False)
    if credentials.link_ended(environ, datetime.now(UTC)):
        raise Ended("Request has expired", link=True)
    caller = calls.caller_of(dict(environ))
    if caller.role:
        links.check(environ, SECRET_KEY)
        return caller
    if credential.key in ROOT_KEYS:
        links.check(environ, SECRET_KEY)
        return None
    person, secret = _person(credential.key, account)
    links.check(environ, secret)
    return person


def _person(key: str, account: str) -> tuple[Person, str]:
    """Whose a user's key is, or that of a role's session, and its secret, as moto keeps them."""
    session = sts_backends[account]["aws"].get_assumed_role_from_access_key(key)
    if session is not None:
        if session.expiration.replace(tzinfo=UTC) < datetime.now(UTC):
            raise Ended("The security token included in the request is expired", link=False)
        limits = attached.limits_of_session(session, account)
        person = Person(session.role_arn, session.session_name, tuple(limits), sessions.tags_of(session))
        return person, str(session.secret_access_key)
    known = iam_backends[account]["aws"].access_keys.get(key)
    if known is None or known.status != "Active" or not known.user_name:
        raise Unknown("The security token included in the request is invalid.", signed=True)
    return Person(iam_backends[account]["aws"].get_user(known.user_name).arn), str(known.secret_access_key)
