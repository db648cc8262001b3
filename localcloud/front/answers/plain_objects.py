"""What S3 makes of a range in a unit that it does not know, and of a set of tags that is empty.

Source: https://www.rfc-editor.org/rfc/rfc9110#section-14.2 (Range, to which GetObject's documentation refers: "A server
MUST ignore a Range header field received with ... a range unit it does not understand"),
https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html and
https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectTagging.html ("replaces" the set that was there)
"""

from __future__ import annotations

import re
from typing import Any

from localcloud.front import moto_patches

_OF_BYTES = re.compile(r"\s*bytes\s*=[^=]*", re.IGNORECASE)
_RESPONSE = "moto.s3.responses:S3Response"


def install() -> None:
    """Answer the whole object, and take the tags away."""

    def ranged(self: Any, request: Any, response_headers: dict[str, Any], response_content: Any) -> Any:
        if not _OF_BYTES.fullmatch(request.headers.get("range", "")):
            return 200, response_headers, response_content
        return original(self, request, response_headers, response_content)

    def tags(self: Any) -> dict[str, str]:
        import xmltodict

        listed = xmltodict.parse(self.body, force_list={"Tag": True})["Tagging"].get("TagSet") or {"Tag": ()}
        return {tag["Key"]: tag["Value"] or "" for tag in listed["Tag"]}

    original = moto_patches.replace(f"{_RESPONSE}._handle_range_header", ranged)
    moto_patches.replace(f"{_RESPONSE}._tagging_from_xml", tags)
