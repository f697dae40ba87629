"""What postings state beside their texts, as records, so that hundreds of pairs are compared at once."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from zlib import crc32

import numpy as np
import numpy.typing as npt

Signal = npt.NDArray[np.float32]
# One record, or an array of them.
Records = npt.NDArray[np.void] | np.void

_REGION_LEVELS = 4
#: One posting. Bit sets of what it names; NaN for what it does not say; regions from the widest, then noughts.
RECORD = np.dtype(
    [
        ("modes", np.uint32),
        ("domains", np.uint32),
        ("items", np.uint64),
        ("near", np.uint32),
        ("money", np.float32, (2,)),
        ("trl", np.float32, (2,)),
        ("region", np.uint32, (_REGION_LEVELS,)),
        ("day", np.float32),
        ("completeness", np.float32),
        ("wishes", np.bool_),
        ("affiliation", np.uint8),
    ]
)

# What the distance of two postings in the taxonomy is worth: the same item, the same domain, neighbours.
_SAME_DOMAIN, _NEIGHBOURS = 0.7, 0.4
_HALF_LIFE_DAYS = 730.0


def record(  # noqa: PLR0913 -- one for each field, by name only
    *,
    modes: int = 0,
    domains: int = 0,
    items: int = 0,
    near: int = 0,
    money: Sequence[float | None] = (None, None),
    trl: Sequence[float | None] = (None, None),
    region: Sequence[str] = (),
    day: date | None = None,
    completeness: float | None = None,
    wishes: bool = False,
    affiliation: int = 0,
) -> np.void:
    """Pack one posting. ``modes``, ``domains``, ``items`` and ``near`` (neighbouring domains) are bit sets.

    money: least and most in yuan. trl: least and most. region: codes, the widest first. wishes: whether it
    says in words what it wishes of the other side. affiliation: a number of the caller's own; nought for none.
    """
    made: Any = np.zeros((), RECORD)
    made["modes"], made["domains"], made["items"], made["near"] = modes, domains, items, near
    made["money"] = [np.nan if end is None else end for end in money]
    made["trl"] = [np.nan if end is None else end for end in trl]
    codes = [crc32(code.encode()) for code in region[:_REGION_LEVELS]]
    made["region"][: len(codes)] = codes
    made["day"] = np.nan if day is None else day.toordinal()
    made["completeness"] = np.nan if completeness is None else completeness
    made["wishes"], made["affiliation"] = wishes, affiliation
    packed: np.void = made[()]
    return packed


NOTHING = record()


def stated(records: Records) -> Any:
    """Whether a posting says anything of what it asks of the other side."""
    return (
        (records["modes"] != 0)
        | np.isfinite(records["money"]).any(axis=-1)
        | np.isfinite(records["trl"]).any(axis=-1)
        | records["wishes"]
    )


def compare(need: Records, capability: Records) -> dict[str, Signal]:
    """How far each condition is met, 0 to 1, elementwise; NaN where either side says nothing of it.

    Either argument may be one record, the other then being an array.
    """
    return {
        "domain": _domain(need, capability),
        "cooperation_modes": _known(
            (need["modes"] & capability["modes"]) != 0, (need["modes"] != 0) & (capability["modes"] != 0)
        ),
        "maturity": _at_most(need["trl"][..., 0], capability["trl"][..., 1]),
        "money": _at_most(capability["money"][..., 0], need["money"][..., 1]),
        "region": _region(need["region"], capability["region"]),
    }


def freshness(records: Records, today: date) -> Signal:
    """From 1 for what was published today, halved every two years."""
    age = np.maximum(today.toordinal() - records["day"], 0)
    return np.asarray(0.5 ** (age / _HALF_LIFE_DAYS), np.float32)


def _domain(need: Records, capability: Records) -> Signal:
    closeness = np.select(
        [
            (need["items"] & capability["items"]) != 0,
            (need["domains"] & capability["domains"]) != 0,
            ((need["near"] & capability["domains"]) | (need["domains"] & capability["near"])) != 0,
        ],
        [1.0, _SAME_DOMAIN, _NEIGHBOURS],
        0.0,
    )
    return _known(closeness, (need["domains"] != 0) & (capability["domains"] != 0))


def _region(need: Any, capability: Any) -> Signal:
    """Which share of the levels that both name is the same, counted from the widest."""
    both = (need != 0) & (capability != 0)
    same = np.logical_and.accumulate((need == capability) & both, axis=-1).sum(axis=-1)
    levels = both.sum(axis=-1)
    return _known(same / np.maximum(levels, 1), levels > 0)


def _at_most(least: Any, most: Any) -> Signal:
    return _known(least <= most, np.isfinite(least) & np.isfinite(most))


def _known(value: Any, known: Any) -> Signal:
    return np.where(known, value, np.nan).astype(np.float32)
