"""What two sides of the demonstration data have to do with each other, each step taken as its people would."""

import json
from datetime import timedelta
from functools import lru_cache
from importlib.resources import files
from typing import Any

from sqlmodel import Session, col, select

from schemas.account import Organization
from schemas.base import now
from schemas.capability import Capability
from schemas.contract import ContractSign, ContractSubmit
from schemas.contract_terms import ContractContent
from schemas.introduction import (
    Introduction,
    IntroductionAccept,
    IntroductionAsk,
    IntroductionDecline,
    IntroductionMove,
)
from schemas.introduction_message import MessageWrite
from schemas.introduction_milestone import MilestoneAdd
from schemas.need import Need
from schemas.vocabulary import OrganizationKind, Role
from service.access.principal import Principal
from service.contracts import (
    contracts,
)
from service.contracts import (
    drafts as contract_drafts,
)
from service.contracts import (
    registration as contract_registration,
)
from service.contracts.versions import version_of
from service.introductions import (
    introductions,
)
from service.introductions import (
    messages as introduction_messages,
)
from service.introductions import (
    milestones as introduction_milestones,
)
from service.introductions import (
    requests as introduction_requests,
)
from service.matches.live_index import LiveIndex

# Nobody shows a match at the first start: introductions of the demonstration have no score.
_NO_INDEX = LiveIndex()


@lru_cache
def written(name: str) -> dict[str, Any]:
    text = (files("service.demo") / f"{name}.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def load_docking(session: Session) -> None:
    """Put in introductions and a contract. Where there are some already, it changes nothing."""
    if session.exec(select(Introduction.id)).first() is None:
        for row in written("docking")["introductions"]:
            _introduce(session, row)


def _introduce(session: Session, row: dict[str, Any]) -> None:
    need = posting_of(session, Need, row["need"])
    capability = posting_of(session, Capability, row["capability"])
    callers = {
        "need": caller_of(need.organization_id),
        "capability": caller_of(capability.organization_id),
        "broker": _broker(session),
    }
    body = IntroductionAsk(
        need_id=need.id,
        capability_id=capability.id,
        message=row["message"],
        human_score=row.get("human_score"),
    )
    made = introduction_requests.ask(session, callers[row["by"]], _NO_INDEX, body, "zh")
    other = callers["capability" if row["by"] == "need" else "need"]
    if row.get("answer") == "decline":
        introductions.decline(session, other, made.id, IntroductionDecline(reason=row["reason"]))
    if row.get("answer") == "accept":
        introductions.accept(session, other, made.id, IntroductionAccept())
    for message in row.get("messages", ()):
        introduction_messages.write_message(
            session, callers[message["by"]], made.id, MessageWrite(text=message["text"])
        )
    for title in row.get("milestones", ()):
        due = now().date() + timedelta(days=60)
        body_ = MilestoneAdd(title=title, due=due)
        introduction_milestones.add_milestone(session, callers["need"], made.id, body_)
    if "stage" in row:
        introductions.move(session, other, made.id, IntroductionMove(stage=row["stage"]))
    if "contract" in row:
        _contract(session, made, callers["need"], callers["capability"], row["contract"])


def _contract(
    session: Session, introduction: Introduction, buyer: Principal, seller: Principal, row: dict[str, Any]
) -> None:
    today = now().date()
    term = {"valid_from": today, "valid_until": today + timedelta(days=365)}
    content = ContractContent.model_validate({**row, **term})
    drafted = contract_drafts.draft_from(session, buyer, introduction.id, content)
    for side in (buyer, seller):
        seen = version_of(session, drafted)
        contracts.sign(session, side, drafted.id, ContractSign(version=seen.number, hash=seen.hash))
    contract_registration.submit(session, seller, drafted.id, ContractSubmit())


def posting_of(session: Session, table: type[Any], external_id: str) -> Any:
    found = select(table).join(Organization, col(Organization.id) == table.organization_id)
    return session.exec(found.where(table.external_id == external_id, Organization.illustration)).one()


def caller_of(organization_id: Any, role: Role = Role.member) -> Principal:
    return Principal(key_id=organization_id, role=role, organization_id=organization_id, verified=True)


def _broker(session: Session) -> Principal:
    broker = select(Organization.id).where(
        Organization.illustration, Organization.kind == OrganizationKind.broker
    )
    return caller_of(session.exec(broker).first(), Role.broker)
