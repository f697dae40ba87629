"""``ETag`` and ``If-Match``: nobody overwrites what they have not seen (RFC 9110, 13.1.1)."""

import re
from typing import Annotated

from fastapi import Depends, Header, Request, Response

from schemas.base import Plain
from schemas.wording import Wording
from service.platform.problems import Unfit
from service.platform.versions import Seen

#: Of an entity tag: the mark of a weak one, and what stands in its quotes.
TAG = re.compile(r'(W/)?"([^"]*)"')
# The digest that ``service.http.conditional`` adds is not read: what changes without a version overwrites nothing.
_OURS = re.compile(r"(\d{1,9})(?:-[0-9a-f]{1,64})?", re.ASCII)


def _read_if_match(
    request: Request,
    if_match: Annotated[
        Plain | None,
        Header(description='The `ETag` last seen, such as `"3"`; several, by commas; or `*`.'),
    ] = None,
) -> Seen:
    if if_match is None:
        return None
    # Fields of one name are one list.
    given = ",".join(request.headers.getlist("if-match")).strip()
    if given == "*":
        return None
    tags = TAG.findall(given)
    if not tags or TAG.sub("", given).strip(", \t"):
        raise Unfit(
            "header/if-match",
            "wrong_etag",
            Wording('应为读取时得到的 ETag，如 "3"', 'Send the ETag, such as "3"'),
        )
    # Weak tags, and tags that this service did not give, match nothing.
    found = [_OURS.fullmatch(tag) for weak, tag in tags if not weak]
    return frozenset(int(one[1]) for one in found if one)


IfMatch = Annotated[Seen, Depends(_read_if_match)]


def tag(response: Response, version: int) -> None:
    """To this tag ``service.http.conditional`` adds a digest of the body."""
    response.headers["ETag"] = f'"{version}"'
