"""The signature of a link, made once more from the request that came and the secret of the key that it names. Pure.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html,
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html (what is signed, and how it
is quoted) and https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html (what S3 took before)
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, quote, unquote_to_bytes, urlsplit

from botocore.auth import HmacV1QueryAuth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.compat import HTTPHeaders
from botocore.credentials import Credentials

from localcloud.front.malformed.texts import body_of
from localcloud.front.virtual_hosts import SENT
from localcloud.iam.requests import all_headers

NOT_MATCHING = (
    "The request signature we calculated does not match the signature you provided. Check your key and signing method."
)
NOT_SIGNED = "There were headers present in the request which were not signed"
UNSIGNED_BODY = "UNSIGNED-PAYLOAD"
_SCOPE = re.compile(r"([^/]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request")
_SIGNATURE = "x-amz-signature"
_BODYS = "x-amz-content-sha256"


class Altered(Exception):
    """A link is not what its maker signed; the text is AWS's."""

    def __init__(self, said: str, code: str = "SignatureDoesNotMatch") -> None:
        super().__init__(said)
        self.code = code


def check(environ: Mapping[str, Any], secret: str) -> None:
    """Hold a request against the signature in its query, of which the key has this ``secret``. Requests that are signed
    in a header, and links of SigV4a, pass.

    Raises:
        Altered: it is not what was signed.
    """
    if environ.get("HTTP_AUTHORIZATION"):
        return
    asked = {name.lower(): found[0] for name, found in parse_qs(str(environ.get("QUERY_STRING", ""))).items()}
    if "x-amz-credential" in asked:
        if asked.get("x-amz-algorithm") != "AWS4-ECDSA-P256-SHA256":
            _check_link(environ, asked, secret)
    elif "awsaccesskeyid" in asked and not hmac.compare_digest(
        asked.get("signature", "").encode(), _old_signature(environ, asked, secret).encode()
    ):
        raise Altered(NOT_MATCHING)


def _check_link(environ: Mapping[str, Any], asked: Mapping[str, str], secret: str) -> None:
    scope, time = _SCOPE.fullmatch(asked["x-amz-credential"]), asked.get("x-amz-date", "")
    signed = asked.get("x-amz-signedheaders", "").lower().split(";")
    if scope is None or time[:8] != scope[2] or "host" not in signed:
        raise Altered(NOT_MATCHING)
    sent = all_headers(environ)
    if any(name.startswith("x-amz-") and name not in (*signed, _BODYS) for name in sent):
        raise Altered(NOT_SIGNED, "AccessDenied")
    signer = SigV4Auth(Credentials(scope[1], secret), scope[4], scope[3])
    request = AWSRequest()
    request.context["timestamp"] = time
    for host in _hosts(environ):
        text = _canonical(environ, {**sent, "host": host}, signed, is_s3=scope[4] == "s3")
        made = signer.signature(signer.string_to_sign(request, text), request)
        if hmac.compare_digest(made.encode(), asked.get(_SIGNATURE, "").encode()):
            return
    raise Altered(NOT_MATCHING)


def _canonical(environ: Mapping[str, Any], headers: Mapping[str, str], signed: list[str], *, is_s3: bool) -> str:
    """What is signed of a request: whatever a proxy quotes in another way is quoted as AWS has it."""
    path = quote(unquote_to_bytes(_path(environ)), safe="/")
    pairs = [part.partition("=")[::2] for part in str(environ.get("QUERY_STRING", "")).split("&") if part]
    quoted = sorted((_quoted(name), _quoted(value)) for name, value in pairs if name.lower() != _SIGNATURE)
    lines = [f"{name}:{' '.join(headers.get(name, '').split())}" for name in signed]
    unsigned = UNSIGNED_BODY if is_s3 else sha256(body_of(environ)).hexdigest()
    return "\n".join([
        str(environ["REQUEST_METHOD"]),
        path if is_s3 else quote(path, safe="/"),  # of all but S3, it is quoted twice
        "&".join(f"{name}={value}" for name, value in quoted),
        *lines,
        "",
        ";".join(signed),
        headers[_BODYS] if _BODYS in signed and _BODYS in headers else unsigned,
    ])  # fmt: skip


def _quoted(text: str) -> str:
    return quote(unquote_to_bytes(text), safe="")


def _path(environ: Mapping[str, Any]) -> str:
    sent = environ.get(SENT) or (environ.get("HTTP_HOST", ""), environ.get("RAW_URI") or environ["PATH_INFO"])
    return str(sent[1]).partition("?")[0]


def _hosts(environ: Mapping[str, Any]) -> Iterator[str]:
    """The names by which a client may have known this server: a proxy between them may say its own."""
    sent = environ.get(SENT) or (environ.get("HTTP_HOST", ""),)
    port = environ.get("SERVER_PORT", "")
    known = (sent[0], environ.get("HTTP_X_FORWARDED_HOST", ""), f"127.0.0.1:{port}", f"localhost:{port}")
    yield from dict.fromkeys(str(host) for host in known if host)


def _old_signature(environ: Mapping[str, Any], asked: Mapping[str, str], secret: str) -> str:
    """S3's older signature, of a path that names its bucket."""
    headers = HTTPHeaders()
    sent = {name: value for name, value in asked.items() if name.startswith("x-amz-")} | all_headers(environ)
    for name, value in sent.items():
        if name.startswith("x-amz-") or name in ("content-md5", "content-type"):
            headers[name] = value
    signer: Any = _Until(Credentials(asked["awsaccesskeyid"], secret))
    signer.until = asked.get("expires", "")
    address = urlsplit(f"http://s3{environ.get('RAW_URI') or environ['PATH_INFO']}")
    return str(signer.sign_string(signer.canonical_string(str(environ["REQUEST_METHOD"]), address, headers)))


class _Until(HmacV1QueryAuth):
    """Signs a link until a time that is said, and not so many seconds from now."""

    until = ""

    def _get_date(self) -> str:
        return self.until
