"""What an acceptance opens to both sides: contacts, and both postings with their confidential detail."""

from collections.abc import Iterable
from uuid import UUID

from sqlmodel import Session

from schemas.account import Organization
from schemas.capability import Capability, CapabilityShown
from schemas.forms import Contact
from schemas.introduction import Introduction
from schemas.introduction_shown import IntroductionDetails, RevealedContacts
from schemas.need import Need, NeedShown
from schemas.wording import Wording
from service.access import audit
from service.access.briefs import brief
from service.access.principal import Principal
from service.access.workflow import Part
from service.introductions.introductions import access_introduction, sides_of
from service.introductions.nda_versions import newest_ndas
from service.platform.problems import WrongState
from service.postings.access import S, shown


def reveal_contacts(session: Session, caller: Principal, introduction_id: UUID) -> RevealedContacts:
    """The other side's contacts. That they were seen, and by whom, goes into the audit."""
    introduction, parts = access_introduction(session, caller, introduction_id, "read contacts")
    posting: Need | Capability
    if Part.seeker in parts:
        posting = session.get_one(Capability, introduction.capability_id)
        given = introduction.provider_contacts
    else:
        posting, given = session.get_one(Need, introduction.need_id), introduction.seeker_contacts
    _note(session, caller, "contact.reveal", introduction, parts)
    return RevealedContacts(
        organization=brief(session.get_one(Organization, posting.organization_id)),
        contacts=_each_once([*given, *posting.contacts]),
    )


def reveal_details(session: Session, caller: Principal, introduction_id: UUID) -> IntroductionDetails:
    """Both postings in full, whoever may find them otherwise. Each opening goes into the audit.

    Raises ``WrongState`` with ``nda`` = ``unsigned`` where a side asked for an NDA that not both have signed.
    """
    introduction, parts = access_introduction(session, caller, introduction_id, "read details")
    nda = newest_ndas(session, [introduction.id]).get(introduction.id)
    if nda is not None and not nda.signed:
        raise WrongState(
            Wording("双方签署保密协议后方可查看", "It opens once both sides have signed the NDA"),
            status_now=introduction.status.value,
            nda="unsigned",
        )
    _note(session, caller, "detail.reveal", introduction, parts)
    return IntroductionDetails(
        need=_opened(session, caller, session.get_one(Need, introduction.need_id), NeedShown),
        capability=_opened(
            session, caller, session.get_one(Capability, introduction.capability_id), CapabilityShown
        ),
    )


def _opened(session: Session, caller: Principal, posting: Need | Capability, shape: type[S]) -> S | None:
    """As its reader sees it, and its confidential detail; contacts have a way of their own."""
    if posting.deleted_at is not None:
        return None
    opened = shown(session, posting, caller, shape)
    opened.confidential_detail = posting.confidential_detail
    return opened


def _note(
    session: Session, caller: Principal, action: str, introduction: Introduction, parts: set[Part]
) -> None:
    other = introduction.provider_id if Part.seeker in parts else introduction.seeker_id
    audit.note(session, caller, action, introduction.id, sides_of(introduction), of=str(other))


def _each_once(contacts: Iterable[Contact]) -> list[Contact]:
    kept: list[Contact] = []
    for contact in contacts:
        if contact not in kept:
            kept.append(contact)
    return kept
