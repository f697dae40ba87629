"""Anybody does anything, in any order, over HTTP; and after each step all still holds.

Each noun brings its rules as a class of its own, which finds here who takes part and how to ask; the test puts
them together. ``STATES`` says where a noun keeps its state, so that no state changes unnoted.
"""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import httpx2 as httpx
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant
from sqlalchemy import text
from sqlmodel import Session, col, select

from schemas.audit import AuditEntry
from schemas.vocabulary import Role
from service.access import audit
from tests.conftest import ClientFor
from tests.make import make_organization
from tests.service.tables import everything

#: Evenly: hypothesis itself likes the first of what it may choose.
DICE = st.randoms(use_true_random=True)
_MEMBERS = {name: (name, Role.member) for name in ("seeker", "provider", "stranger")}


class Machine(RuleBasedStateMachine):
    #: Who takes part, by the organisation whose key it is, and by the key's role.
    CAST: ClassVar[Mapping[str, tuple[str, Role]]] = {
        **_MEMBERS,
        "broker": ("broker", Role.broker),
        "operator": ("operator", Role.operator),
        "integrator": ("provider", Role.integrator),
    }
    #: Tables with a column ``status``. A noun's rules add theirs.
    STATES: ClassVar[tuple[str, ...]] = ()

    def __init__(self, session: Session, client_for: ClientFor) -> None:
        super().__init__()
        self.session = session
        owners = {owner: make_organization(session) for owner, _ in self.CAST.values()}
        self.organizations = {name: owner.id for name, owner in owners.items()}
        self.clients = {name: client_for(owners[owner], role) for name, (owner, role) in self.CAST.items()}

    def do(
        self, who: str, method: str, place: str, body: Any = None, *, shows: str | None = None
    ) -> httpx.Response:
        """Ask for it. Whatever the answer: no state changed unnoted, no refusal changed anything.

        shows: what the answer may hold although it is hidden from whoever asks.
        """
        writes = method != "GET"
        before = everything(self.session) if writes else {}
        noted, states = (self._noted(), self._states()) if writes else (0, {})
        answer = self.clients[who].request(method, place, json=body)
        assert answer.status_code < httpx.codes.INTERNAL_SERVER_ERROR, answer.text
        if writes and answer.is_error:
            assert everything(self.session) == before, (who, method, place, answer.text)
        elif writes:
            self._is_noted(states, noted)
        for word in self.hidden(who) - {shows}:
            assert word not in answer.text, (who, method, place, word)
        return answer

    def brought(self, who: str, method: str, place: str, body: Any = None) -> Any:
        """What must work, on the way to where a sequence begins."""
        answer = self.clients[who].request(method, place, json=body)
        assert answer.is_success, (who, method, place, answer.text)
        return answer.json() if answer.content else None

    def owner_of(self, who: str) -> str:
        return self.CAST[who][0]

    def hidden(self, who: str) -> set[str]:
        """Words that stand in no answer to them. A noun's rules add theirs."""
        return set()

    def told(self, noted: int) -> set[tuple[Any, Any]]:
        """Which states of what were noted since."""
        entries = self.session.exec(select(AuditEntry).where(col(AuditEntry.number) > noted)).all()
        return {(entry.subject_id, entry.detail.get("status")) for entry in entries}

    def by_the_service(self, work: Callable[[Session], None]) -> None:
        """What it does by itself, noted like everything else."""
        noted, states = self._noted(), self._states()
        work(self.session)
        self.session.commit()
        self._is_noted(states, noted)

    @invariant()
    def the_audit_is_one_chain(self) -> None:
        self.session.rollback()
        assert audit.verify(self.session).broken_at is None

    def _states(self) -> dict[Any, str]:
        self.session.rollback()
        looks = " UNION ALL ".join(f"SELECT id, status FROM {table}" for table in self.STATES)
        return dict(self.session.execute(text(looks)).all())

    def _noted(self) -> int:
        self.session.rollback()
        last = self.session.execute(text("SELECT coalesce(max(number), 0) FROM audit_entry")).scalar_one()
        return int(last)

    def _is_noted(self, before: Mapping[Any, str], noted: int) -> None:
        changed = {(one, state) for one, state in self._states().items() if before.get(one) != state}
        assert changed <= self.told(noted), changed
