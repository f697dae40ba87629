"""How a workflow is walked: who takes part, how a piece of work is brought to a state, how a verb is sent."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx2 as httpx
from fastapi.testclient import TestClient
from sqlmodel import Session


@dataclass(frozen=True)
class Actor:
    """Somebody who calls, and what the table of docs/workflows.md calls them; strangers are nothing to it.

    helps: sees it only to do what their part may, and nothing else is there for them.
    """

    client: TestClient
    parts: frozenset[str] = frozenset()
    helps: bool = False


class Walk(ABC):
    """One for each section of docs/workflows.md. ``work`` is the id of a piece of work."""

    @abstractmethod
    def __init__(self, session: Session, client_for: Any) -> None: ...

    #: By name; the names are for messages.
    actors: Mapping[str, Actor]

    @abstractmethod
    def bring(self, state: str) -> UUID:
        """Make a new piece of work, and bring it to this state the way that people do."""

    def prepare(self, work: UUID, verb: str) -> None:  # noqa: B027 - most verbs need nothing
        """Do what has to be there, beside the state, before an allowed verb can be done."""

    @abstractmethod
    def send(self, client: TestClient, work: UUID, verb: str) -> httpx.Response:
        """Ask for it over HTTP, with a body that fits."""

    @abstractmethod
    def state(self, work: UUID) -> str:
        """As it stands in the database."""
