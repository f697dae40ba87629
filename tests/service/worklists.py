"""Pairs that wait for a broker."""

from typing import Any

from sqlmodel import Session

from schemas.capability import Capability
from schemas.need import Need
from tests.make import make_capability, make_need
from tests.service.outlooks import make_outlook


def make_match(session: Session, score: float = 0.8, **fields: Any) -> tuple[Need, Capability]:
    """A need, and the one capability that the nightly look found for it."""
    need, capability = make_need(session, **fields), make_capability(session)
    make_outlook(session, need, score, [capability.id], [score])
    return need, capability
