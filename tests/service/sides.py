"""Needs and capabilities behave alike in most things: such a test runs once for each side."""

from typing import Any

import pytest
from sqlmodel import Session

from schemas.account import Organization
from schemas.capability import Capability
from schemas.need import Need
from schemas.vocabulary import Side
from tests.make import make_capability, make_need

ABSENT = "00000000-0000-4000-8000-000000000000"

both_sides = pytest.mark.parametrize("side", list(Side), ids=str)


def body_of(side: Side, **fields: Any) -> dict[str, Any]:
    """The least that a posting of this side needs, and ``fields``."""
    least = {"title": "红枣分级", "description": "按大小和裂纹分级。"}
    return {**least, **({"kind": "achievement"} if side is Side.capabilities else {}), **fields}


def make_posting(
    session: Session, side: Side, owner: Organization | None = None, **fields: Any
) -> Need | Capability:
    make = make_need if side is Side.needs else make_capability
    return make(session, owner, **fields)
