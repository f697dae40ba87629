"""Mails: one mail for all notices that are due for an address, retried until the mail server accepts it.

The content of a mail is fixed before the first attempt. If a worker is killed after handing it over, the mail goes out
again with the same Message-ID and the same notices, and mail programs recognise the duplicate.
"""

import smtplib
import ssl
import time
from contextlib import ExitStack
from datetime import timedelta
from email.message import EmailMessage
from uuid import UUID

import structlog
from sqlalchemy import update
from sqlmodel import Session, col, select

from schemas.base import now
from schemas.mail import Mail, MailAddress, MailItem, MailPurpose, MailState
from schemas.outbox import OutboxMessage, Topic
from service.notices.mail_text import message_of
from service.platform.db import transaction
from service.platform.outbox import announce
from service.platform.settings import settings
from workers.owed import outbound_slot, put_off, try_lock_subject

log = structlog.get_logger()

_MOST_NOTICES = 100
_PATIENCE = 30
# The task must end before the relay considers its row lost and sends it again.
_LONGEST = 30.0
_SOON = timedelta(seconds=1)
_FOR_GOOD = range(500, 600)


def make_mail(message_id: str) -> None:
    """Collect the notices due for the address into a mail, unless the address was unsubscribed or removed."""
    with transaction() as session:
        message = session.get(OutboxMessage, UUID(message_id), with_for_update=True)
        if message is None:
            return
        address = session.exec(
            select(MailAddress).where(MailAddress.id == message.subject_id).with_for_update()
        ).first()
        session.delete(message)
        if address is None or not address.open:
            return
        items = session.exec(
            select(MailItem.id)
            .where(
                MailItem.mail_address_id == address.id,
                col(MailItem.mail_id).is_(None),
                col(MailItem.due_at) <= now(),
            )
            .order_by(col(MailItem.id))
            .limit(_MOST_NOTICES)
        ).all()
        if not items:
            return
        mail = Mail(mail_address_id=address.id, purpose=MailPurpose.notices)
        session.add(mail)
        session.flush()
        session.execute(update(MailItem).where(col(MailItem.id).in_(items)).values(mail_id=mail.id))
        announce(session, Topic.mail_made, mail.id)
        if len(items) == _MOST_NOTICES:
            announce(session, Topic.mail_due, address.id)


def send_mail(message_id: str) -> None:
    """Send a mail, then others that wait. A worker killed before it records the result sends that mail again."""
    with outbound_slot(UUID(message_id)) as placed:
        if not placed:
            return
        ends_at = time.monotonic() + _LONGEST
        following: UUID | None = UUID(message_id)
        while following is not None and time.monotonic() < ends_at:
            _send(following)
            following = _next_made()


def _next_made() -> UUID | None:
    """Other waiting mails. Outbound slots are scarce, so a task that has one sends several."""
    with transaction() as session:
        return session.exec(
            select(OutboxMessage.id)
            .where(OutboxMessage.topic == Topic.mail_made, col(OutboxMessage.due_at) <= now())
            .order_by(col(OutboxMessage.id))
            .limit(1)
        ).first()


def _send(message_id: UUID) -> None:
    with transaction() as session:
        message = session.get(OutboxMessage, message_id)
        if message is None or message.subject_id is None:
            return
        if not try_lock_subject(session, message.subject_id):
            put_off(session, message.id, now() + _SOON)
            return
        mail = session.get(Mail, message.subject_id)
        address = session.get(MailAddress, mail.mail_address_id) if mail else None
        if mail is None or address is None or mail.state is not MailState.waiting:
            session.delete(message)
            return
        if mail.purpose is MailPurpose.notices and not address.open:
            # The address was unsubscribed in the meantime.
            _settle(session, message, mail, MailState.failed, "unsubscribed")
            return
        written = message_of(session, mail, address)
        if written is None:
            _settle(session, message, mail, MailState.sent, "")
            return
        try:
            _hand_over(written)
        except (smtplib.SMTPException, OSError) as error:
            _failed(session, message, mail, error)
        else:
            mail.sent_at = now()
            _settle(session, message, mail, MailState.sent, "")


def _hand_over(message: EmailMessage) -> None:
    host, port = settings().smtp_host or "localhost", settings().smtp_port
    context = ssl.create_default_context()
    with ExitStack() as stack:
        server: smtplib.SMTP
        if settings().smtp_tls == "tls":
            server = smtplib.SMTP_SSL(host, port, timeout=_PATIENCE, context=context)
        else:
            server = smtplib.SMTP(host, port, timeout=_PATIENCE)
        stack.enter_context(server)
        if settings().smtp_tls == "starttls":
            server.starttls(context=context)
        password = settings().smtp_password
        if settings().smtp_user is not None:
            server.login(settings().smtp_user or "", password.get_secret_value() if password else "")
        server.send_message(message)


def _failed(session: Session, message: OutboxMessage, mail: Mail, error: Exception) -> None:
    mail.attempts += 1
    code = _code(error)
    said = f"{type(error).__name__} {code or ''}".strip()
    # The error message contains the address, which must not be logged.
    log.warning("mail not sent", mail=str(mail.id), error=said, attempts=mail.attempts)
    pauses = settings().webhook_pauses
    if (isinstance(error, smtplib.SMTPRecipientsRefused) and code in _FOR_GOOD) or mail.attempts > len(
        pauses
    ):
        _settle(session, message, mail, MailState.failed, said)
        return
    mail.error = said
    # The operators' desk lists work that failed.
    message.attempts, message.error = mail.attempts, said
    put_off(session, message.id, now() + timedelta(seconds=pauses[mail.attempts - 1]))


def _code(error: Exception) -> int | None:
    if isinstance(error, smtplib.SMTPResponseException):
        return error.smtp_code
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return next((code for code, _ in error.recipients.values()), None)
    return None


def _settle(session: Session, message: OutboxMessage, mail: Mail, state: MailState, error: str) -> None:
    mail.state, mail.error = state, error
    session.delete(message)
