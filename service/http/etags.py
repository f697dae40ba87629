"""``ETag`` and ``If-Match``: nobody overwrites what they have not seen."""

import re
from typing import Annotated

from fastapi import Depends, Header, Response

from schemas.base import Plain, Wording
from service.platform.problems import Unfit

_TAG = re.compile(r'"(\d{1,9})"')


def _read_if_match(
    if_match: Annotated[
        Plain | None, Header(description='The `ETag` last seen, such as `"3"`, or `*`.')
    ] = None,
) -> int | None:
    if if_match is None or if_match.strip() == "*":
        return None
    found = _TAG.fullmatch(if_match.strip())
    if found is None:
        raise Unfit(
            "header/if-match",
            "wrong_etag",
            Wording('应为读取时得到的 ETag，如 "3"', 'Send the ETag, such as "3"'),
        )
    return int(found[1])


IfMatch = Annotated[int | None, Depends(_read_if_match)]


def tag(response: Response, version: int) -> None:
    response.headers["ETag"] = f'"{version}"'
