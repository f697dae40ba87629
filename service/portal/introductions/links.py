"""From a pair of postings to their introduction: one that is open, or the form that asks for one."""

from typing import Literal, NamedTuple
from uuid import UUID

from sqlmodel import Session

from schemas.account import OrganizationBrief
from schemas.introduction import OPEN
from service.access.principal import Permission
from service.introductions.introductions import IntroductionQuery, list_introductions
from service.portal.sessions import SignedIn


class Way(NamedTuple):
    kind: Literal["open", "ask", "propose", "sign in"]
    address: str


def way_to_introduce(
    session: Session,
    visitor: SignedIn | None,
    need: tuple[UUID, OrganizationBrief],
    capability: tuple[UUID, OrganizationBrief],
) -> Way | None:
    """None for whoever may neither ask nor propose."""
    if visitor is None:
        return Way("sign in", f"/sign-in?onward=/needs/{need[0]}/matches/{capability[0]}")
    caller = visitor.principal
    if not caller.may(Permission.introduce) or need[1].id == capability[1].id:
        return None
    asked = IntroductionQuery(need_id=need[0], capability_id=capability[0], status=sorted(OPEN), limit=1)
    there = list_introductions(session, caller, asked, "zh").items
    if there:
        return Way("open", f"/introductions/{there[0].id}")
    form = f"/introductions/new?need_id={need[0]}&capability_id={capability[0]}"
    if caller.organization_id in (need[1].id, capability[1].id):
        return Way("ask", form)
    return Way("propose", form) if caller.may(Permission.introduction_propose) else None
