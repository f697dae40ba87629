"""Mail addresses: nothing but one link goes to an address before its owner has followed that."""

from datetime import timedelta
from uuid import UUID

from cryptography.fernet import InvalidToken
from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import Session, col, select

from schemas.account import Organization
from schemas.base import now
from schemas.mail import (
    Frequency,
    Mail,
    MailAddress,
    MailAddressCreate,
    MailAddressShown,
    MailLanguage,
    MailPurpose,
)
from schemas.outbox import Topic
from schemas.sealed import seal, unseal
from schemas.wording import Wording
from service.access import audit
from service.access.principal import Permission, Principal, roles_within
from service.platform.outbox import announce
from service.platform.problems import Conflict, NotThere, Unfit
from service.platform.settings import settings

_MOST = 20
# A stranger's address must not be written to again and again.
_ASK_AGAIN = timedelta(hours=1)


def keep_preference(session: Session, caller: Principal, body: MailAddressCreate) -> MailAddress:
    """Mail notices to this address, as soon as it is confirmed; given again, its preferences are changed."""
    caller.require(Permission.subscribe)
    address = address_for(
        session, caller, body.email, body.language, whole_organization=body.whole_organization
    )
    address.preference, address.frequency, address.kinds = True, body.frequency, body.kinds
    session.flush()
    return address


def address_for(
    session: Session, caller: Principal, email: str, language: MailLanguage, *, whole_organization: bool
) -> MailAddress:
    """The caller's address of this name; a new or an unsubscribed one is asked to confirm."""
    if settings().smtp_host is None:
        raise Unfit(
            "/email",
            "mail_not_set_up",
            Wording("平台尚未开通邮件通知", "This service sends no mail"),
        )
    # Of two requests for one address at once, the second finds what the first has written.
    session.exec(
        select(Organization.id).where(Organization.id == caller.organization_id).with_for_update()
    ).one()
    key_id = None if whole_organization else caller.key_id
    same = col(MailAddress.api_key_id).is_(None) if key_id is None else col(MailAddress.api_key_id) == key_id
    known = session.exec(
        select(MailAddress).where(MailAddress.organization_id == caller.organization_id, same)
    ).all()
    # Sealed columns are not searched; there are few.
    address = next((one for one in known if one.address.lower() == email.lower()), None)
    if address is None:
        if len(known) >= _MOST:
            raise Conflict(Wording("最多登记 {most} 个邮箱", "At most {most} addresses", {"most": _MOST}))
        address = MailAddress(
            organization_id=caller.organization_id,
            api_key_id=key_id,
            role=caller.role,
            address=email,
            language=language,
            frequency=Frequency.at_once,
            asked_at=now(),
        )
        session.add(address)
        session.flush()
        audit.note(session, caller, "mail_address.add", address.id)
        _ask(session, address)
    elif not address.open and address.asked_at < now() - _ASK_AGAIN:
        address.confirmed_at = address.unsubscribed_at = None
        address.asked_at = now()
        _ask(session, address)
    if address.role in roles_within(caller.role):
        address.role = caller.role
    address.language = language
    return address


def list_addresses(session: Session, caller: Principal) -> list[MailAddressShown]:
    caller.require(Permission.subscribe)
    found = session.exec(select(MailAddress).where(_own(caller)).order_by(col(MailAddress.id).desc()))
    return [shown(one) for one in found]


def remove_address(session: Session, caller: Principal, address_id: UUID) -> None:
    """Take an address away, with what waits to be mailed to it. Subscriptions go on without it."""
    caller.require(Permission.subscribe)
    found = session.exec(
        select(MailAddress).where(MailAddress.id == address_id, _own(caller)).with_for_update()
    ).first()
    if found is None:
        raise NotThere
    audit.note(session, caller, "mail_address.remove", address_id)
    session.delete(found)


def link_to(action: str, address_id: UUID) -> str:
    """A signed link that its owner alone has, and that works without signing in."""
    return f"{settings().address}/mail/{action}/{seal(f'{action}:{address_id}'.encode())}"


def address_of_link(session: Session, action: str, token: str) -> MailAddress:
    """The address that a link is of, locked. Raises ``NotThere`` for any other token."""
    try:
        said = unseal(token).decode()
    except (InvalidToken, ValueError) as error:
        raise NotThere from error
    kind, _, address_id = said.partition(":")
    # A text that is no token comes back as it is, so that this alone would let anybody write one.
    if kind != action or said == token:
        raise NotThere
    found = session.exec(
        select(MailAddress).where(MailAddress.id == UUID(address_id)).with_for_update()
    ).first()
    if found is None:
        raise NotThere
    return found


def confirm(session: Session, address: MailAddress) -> None:
    if not address.open:
        address.confirmed_at, address.unsubscribed_at = now(), None
        audit.note(session, None, "mail_address.confirm", address.id, [address.organization_id])


def unsubscribe(session: Session, address: MailAddress) -> None:
    """Nothing is mailed to it from now on, whatever was asked for."""
    if address.unsubscribed_at is None:
        address.unsubscribed_at = now()
        audit.note(session, None, "mail_address.unsubscribe", address.id, [address.organization_id])


def shown(address: MailAddress) -> MailAddressShown:
    return MailAddressShown(
        **address.model_dump(include={"id", "language", "frequency", "kinds", "preference", "created_at"}),
        email=address.address,
        whole_organization=address.api_key_id is None,
        confirmed=address.confirmed_at is not None,
        unsubscribed=address.unsubscribed_at is not None,
    )


def _ask(session: Session, address: MailAddress) -> None:
    mail = Mail(mail_address_id=address.id, purpose=MailPurpose.confirm)
    session.add(mail)
    session.flush()
    announce(session, Topic.mail_made, mail.id)


def _own(caller: Principal) -> ColumnElement[bool]:
    return and_(
        col(MailAddress.organization_id) == caller.organization_id,
        or_(col(MailAddress.api_key_id) == caller.key_id, col(MailAddress.api_key_id).is_(None)),
    )
