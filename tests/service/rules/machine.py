"""Anybody does anything, in any order, over HTTP; and after each step all still holds.

Each noun brings its rules as a class of its own, which finds here who takes part and how to ask; the test puts
them together. ``STATES`` says where a noun keeps its state, so that no state changes unnoted.
"""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import httpx2 as httpx
from hypothesis.stateful import RuleBasedStateMachine, invariant
from sqlalchemy import text
from sqlmodel import Session, col, select

from schemas.audit import AuditEntry
from schemas.vocabulary import Role
from service import audit
from tests.conftest import ClientFor
from tests.make import make_organization
from tests.service.tables import everything

ACTORS = ("seeker", "provider", "broker", "operator", "stranger")
#: Whose contact it is.
PHONES = {"seeker": "13800000001", "provider": "13800000002", "stranger": "13800000003"}


class Machine(RuleBasedStateMachine):
    #: Tables with a column ``status``. A noun's rules add theirs.
    STATES: ClassVar[tuple[str, ...]] = ()

    def __init__(self, session: Session, client_for: ClientFor) -> None:
        super().__init__()
        self.session = session
        roles = {"broker": Role.broker, "operator": Role.operator}
        owners = {name: make_organization(session) for name in ACTORS}
        self.organizations = {name: owner.id for name, owner in owners.items()}
        self.clients = {
            name: client_for(owner, roles.get(name, Role.member)) for name, owner in owners.items()
        }

    def do(
        self, who: str, method: str, place: str, body: Any = None, *, shows: str | None = None
    ) -> httpx.Response:
        """Ask for it. Whatever the answer: no state changed unnoted, no refusal changed anything.

        shows: whose contacts the answer may hold, beside one's own.
        """
        before, noted, states = everything(self.session), self._noted(), self._states()
        answer = self.clients[who].request(method, place, json=body)
        assert answer.status_code < httpx.codes.INTERNAL_SERVER_ERROR, answer.text
        if answer.is_error:
            assert everything(self.session) == before, (who, method, place, answer.text)
        self._is_noted(states, noted)
        for owner, phone in PHONES.items():
            if who not in {owner, "operator"} and owner != shows:
                assert phone not in answer.text, (who, method, place, owner)
        return answer

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
        return {
            row.id: row.status
            for table in self.STATES
            for row in self.session.execute(text(f"SELECT id, status FROM {table}"))
        }

    def _noted(self) -> int:
        self.session.rollback()
        last = self.session.execute(text("SELECT coalesce(max(number), 0) FROM audit_entry")).scalar_one()
        return int(last)

    def _is_noted(self, before: Mapping[Any, str], noted: int) -> None:
        entries = self.session.exec(select(AuditEntry).where(col(AuditEntry.number) > noted)).all()
        told = {(entry.subject_id, entry.detail.get("status")) for entry in entries}
        changed = {(one, state) for one, state in self._states().items() if before.get(one) != state}
        assert changed <= told, (changed, told)
