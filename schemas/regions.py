"""Places: GB/T 2260 codes without trailing zeros, and the regiments (团场) of the Third Division.

A code begins with the code of what it lies in: ``65`` Xinjiang, ``6531`` Kashgar, ``653130`` Bachu;
``659003`` Tumxuk, which is the Third Division, ``659003.44`` its 44th Regiment.
"""

import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from importlib.resources import files
from types import MappingProxyType
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints
from pydantic_core import PydanticCustomError

from schemas.reading.writing import LONGEST_FIELD


class Region(BaseModel):
    model_config = ConfigDict(frozen=True)

    code: str
    name: str
    short: str = ""
    en: str = ""
    also: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name in (self.name, self.short, *self.also) if name)


def _read() -> dict[str, Region]:
    rows = json.loads((files("schemas") / "data" / "regions.json").read_text(encoding="utf-8"))["regions"]
    return {row["code"]: Region.model_validate(row) for row in rows}


REGIONS: Mapping[str, Region] = MappingProxyType(_read())


def region_path(code: str) -> list[str]:
    """List the region and all that it lies in, the widest first."""
    number = code.partition(".")[0]
    # Cities under no prefecture (6590xx) lie in the province itself: there is no region 6590.
    return [part for part in dict.fromkeys((number[:2], number[:4], number, code)) if part in REGIONS]


def _by_name() -> dict[str, list[str]]:
    codes = defaultdict(list)
    for code, region in REGIONS.items():
        for name in dict.fromkeys(region.names):
            codes[name].append(code)
    return dict(codes)


_CODES = _by_name()
_LONGEST_FIRST = sorted(_CODES, key=len, reverse=True)
_WRITTEN_CODE = re.compile(r"(?P<number>[0-9]{2}(?:[0-9]{2}){0,2})(?P<below>\.[0-9a-z]+)?")
_LONGEST_ADDRESS = 200


def find_region(written: str) -> str | None:
    """Find the code of a region by a code, a name or an address such as 第三师四十四团.

    Of an address with more in it than is known here, the known beginning counts when it is
    written in full: 广东省东莞市松山湖 is Dongguan, 广东小镇 is nothing.
    """
    plain = "".join(unicodedata.normalize("NFKC", written).casefold().split())
    if not plain or len(plain) > _LONGEST_ADDRESS:
        return None
    code = _WRITTEN_CODE.fullmatch(plain)
    if code:
        return _find_code(code["number"], code["below"] or "")
    return _find_address(plain, within=None)


def _find_code(number: str, below: str) -> str | None:
    if below:
        return number + below if number + below in REGIONS else None
    # 650000 is 65. Counties outside Xinjiang are not kept; their prefecture, or province, is.
    path = region_path(number)
    return path[-1] if path and (len(number) == 6 or path[-1] == number) else None


def _find_address(address: str, within: str | None) -> str | None:
    for name in _LONGEST_FIRST:
        if not address.startswith(name):
            continue
        code = _widest(name, within)
        if code is None:
            continue
        rest = address[len(name) :]
        if not rest:
            return code
        deeper = _find_address(rest, within=code)
        if deeper:
            return deeper
        if name != REGIONS[code].short:
            return code
    return None


def _widest(name: str, within: str | None) -> str | None:
    """Choose the widest region of that name, as 和田 is the prefecture; of two equally wide ones, none."""
    codes = [code for code in _CODES[name] if within is None or within in region_path(code)]
    if not codes:
        return None
    codes.sort(key=lambda code: len(region_path(code)))
    tied = len(codes) > 1 and len(region_path(codes[0])) == len(region_path(codes[1]))
    return None if tied else codes[0]


def _known(written: str) -> str:
    code = find_region(written)
    if code is None:
        raise PydanticCustomError("unknown_region", "Not a known region: give a GB/T 2260 code or a name")
    return code


RegionCode = Annotated[str, StringConstraints(max_length=LONGEST_FIELD), AfterValidator(_known)]
