"""保密协议: asking for one, signing it, reading it."""

from uuid import UUID

from sqlmodel import Session

from schemas.base import now
from schemas.introduction import Introduction, IntroductionVerb
from schemas.introduction_nda import IntroductionNda, NdaAsk, NdaShown, NdaSign
from schemas.notice import NoticeKind
from schemas.wording import Wording
from service.access.briefs import briefs_of
from service.access.principal import Principal
from service.access.workflow import Part
from service.introductions.introductions import access_introduction, note_step, tell_others
from service.introductions.nda_versions import keep_nda, newest_ndas
from service.platform.problems import NotThere, WrongState


def ask_for_nda(session: Session, caller: Principal, introduction_id: UUID, body: NdaAsk) -> NdaShown:
    """Ask for one, or for another one in its place; confidential detail is shut until both have signed it."""
    introduction, _ = access_introduction(session, caller, introduction_id, "ask nda")
    nda = keep_nda(session, caller, introduction, body.text)
    note_step(session, caller, introduction, IntroductionVerb.ask_nda)
    tell_others(session, caller, introduction, NoticeKind.introduction_nda_asked, version=nda.version)
    return _shown(session, nda)


def sign_nda(session: Session, caller: Principal, introduction_id: UUID, body: NdaSign) -> NdaShown:
    """Sign the newest version for one's side, once.

    Raises ``WrongState`` with ``status_now`` where there is none, where it is another text than the one that was
    read, and where this side has signed already.
    """
    introduction, parts = access_introduction(session, caller, introduction_id, "sign nda")
    nda = newest_ndas(session, [introduction.id]).get(introduction.id)
    if nda is None:
        raise _refused(introduction, Wording("双方尚未提出保密协议", "No NDA was asked for"))
    if nda.text_hash != body.text_hash:
        raise _refused(
            introduction,
            Wording("保密协议已有新的版本，请重新阅读后签署", "The NDA is another text now; read it first"),
        )
    # Whoever is both sides' organisation does not exist: the two are never of one.
    seeker = Part.seeker in parts
    if (nda.seeker_signed_at if seeker else nda.provider_signed_at) is not None:
        raise _refused(introduction, Wording("本单位已签署", "Your side has signed already"))
    if seeker:
        nda.seeker_signer, nda.seeker_signed_at, nda.seeker_signed_with = body.name, now(), caller.key_id
    else:
        nda.provider_signer, nda.provider_signed_at, nda.provider_signed_with = (
            body.name,
            now(),
            caller.key_id,
        )
    note_step(session, caller, introduction, IntroductionVerb.sign_nda)
    tell_others(session, caller, introduction, NoticeKind.introduction_nda_signed, version=nda.version)
    return _shown(session, nda)


def read_nda(session: Session, caller: Principal, introduction_id: UUID) -> NdaShown:
    """The newest version. Raises ``NotThere`` where there is none."""
    introduction, _ = access_introduction(session, caller, introduction_id, "read nda")
    nda = newest_ndas(session, [introduction.id]).get(introduction.id)
    if nda is None:
        raise NotThere
    return _shown(session, nda)


def _refused(introduction: Introduction, told: Wording) -> WrongState:
    return WrongState(told, status_now=introduction.status.value)


def _shown(session: Session, nda: IntroductionNda) -> NdaShown:
    asked_by = briefs_of(session, [nda.asked_by])[nda.asked_by]
    return NdaShown(**nda.model_dump(exclude={"asked_by"}), asked_by=asked_by, asked_at=nda.created_at)
