"""Who may do what, and when: one table a noun. Actions ask it, docs/workflows.md shows it."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from schemas.vocabulary import Term
from schemas.wording import Wording
from service.platform.problems import Forbidden, WrongState

State = TypeVar("State", bound=Term)


class Part(StrEnum):
    """What a caller is to one piece of work. Whoever is nothing to it does not see it."""

    seeker = "seeker"
    provider = "provider"
    broker = "its broker"
    helper = "a broker"
    operator = "operator"
    publisher = "publisher"
    reviewer = "reviewer"
    bidder = "bidder"
    member = "member of its consortium"
    anybody = "anybody"
    service = "the service itself"


@dataclass(frozen=True)
class Move(Generic[State]):
    """What some may do in some states. ``to`` is where it can lead; nothing: the state stays as it is."""

    verb: str
    by: AbstractSet[Part]
    of: AbstractSet[State]
    to: AbstractSet[State] = frozenset()


@dataclass(frozen=True)
class Workflow(Generic[State]):
    noun: str
    states: type[State]
    start: AbstractSet[State]
    moves: tuple[Move[State], ...]

    def require(self, verb: str, state: State, parts: AbstractSet[Part]) -> None:
        """Raises ``Forbidden`` for what these parts may never do, ``WrongState`` for what they may not do now."""
        theirs = [move for move in self.moves if move.verb == verb and move.by & parts]
        if not theirs:
            raise Forbidden
        if not any(state in move.of for move in theirs):
            raise WrongState(
                Wording("当前状态为“{status}”", "It is “{status}” now", {"status": state}),
                status_now=state.value,
            )

    def verbs(self, state: State, parts: Iterable[Part]) -> list[str]:
        """What these parts may do now."""
        mine = set(parts)
        return list(dict.fromkeys(move.verb for move in self.moves if move.by & mine and state in move.of))
