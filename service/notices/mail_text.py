"""Mails: a title and a link for each notice, in the reader's language, as text and as HTML."""

from collections.abc import Sequence
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from sqlmodel import Session, col, select

from schemas.capability import Capability
from schemas.mail import Mail, MailAddress, MailItem, MailPurpose
from schemas.need import Need
from schemas.notice import Notice, NoticeKind
from schemas.vocabulary import Side
from service.access.principal import Principal, reading_as
from service.notices.mail_addresses import link_to
from service.platform.locales import TAGS, direction_of, messages_of
from service.platform.phrases import capitalised, label_of
from service.platform.settings import settings
from service.postings.access import matchable

_POLICY = SMTP.clone(max_line_length=200)


class Line(NamedTuple):
    """One notice as it is told: what happened, to what, and where to read on."""

    kind: str
    title: str
    link: str
    score: float | None = None


def message_of(session: Session, mail: Mail, address: MailAddress) -> EmailMessage | None:
    """The mail as it is sent, at each attempt with the same notices. None where nothing is left to tell."""
    language = address.language.value
    _ = messages_of(language).gettext
    stop = link_to("unsubscribe", address.id)
    if mail.purpose is MailPurpose.confirm:
        subject, name = _("请确认接收通知的邮箱"), "confirm"
        context: dict[str, Any] = {"confirm": link_to("confirm", address.id)}
    else:
        lines = lines_of(session, mail, address, language)
        if not lines:
            return None
        subject, name = _subject(lines, language), "notices"
        context = {"lines": lines, "all": f"{settings().address}/notifications", "stop": stop}
    context |= {"_": _, "lang_tag": TAGS[language], "dir": direction_of(language), "subject": subject}
    message = EmailMessage(policy=_POLICY)
    message["From"] = Address(_("技术供需对接平台"), addr_spec=settings().mail_from)
    message["To"] = Address(addr_spec=address.address)
    message["Subject"] = subject
    message["Date"] = mail.created_at
    message["Message-ID"] = f"<{mail.id.hex}@{urlsplit(settings().address).hostname}>"
    message["Auto-Submitted"] = "auto-generated"
    if mail.purpose is MailPurpose.notices:
        message["List-Unsubscribe"] = f"<{stop}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(_environment.get_template(f"{name}.txt").render(context), cte="base64")
    html = _environment.get_template(f"{name}.html").render(context)
    message.add_alternative(html, subtype="html", cte="base64")
    return message


def lines_of(session: Session, mail: Mail, address: MailAddress, language: str) -> list[Line]:
    notices = session.exec(
        select(Notice)
        .join(MailItem, col(MailItem.notice_id) == col(Notice.id))
        .where(MailItem.mail_id == mail.id)
        .order_by(col(Notice.id))
    ).all()
    titles = titles_of(session, reading_as(address.role, address.organization_id), notices)
    lines = []
    for notice in notices:
        kind = label_of(language, notice.kind)
        if notice.kind is not NoticeKind.match_found:
            lines.append(Line(kind, "", f"{settings().address}/notifications"))
        elif title := titles.get(str(notice.subject_id)):
            link = f"{settings().address}/{notice.detail['side']}/{notice.subject_id}"
            lines.append(Line(kind, title, link, notice.detail["score"]))
    return lines


def titles_of(session: Session, reader: Principal, notices: Sequence[Any]) -> dict[str, str]:
    """Of the postings that notices of matches name, as far as the reader may still see them, each on one line."""
    titles: dict[str, str] = {}
    for side, table in ((Side.needs, Need), (Side.capabilities, Capability)):
        ids = [
            one.subject_id
            for one in notices
            if one.kind is NoticeKind.match_found and one.detail["side"] == side.value
        ]
        rows = session.exec(
            select(table.id, table.title).where(
                col(table.id).in_(ids),
                matchable(table, reader),
            )
        )
        titles |= {str(key): " ".join(title.split()) for key, title in rows}
    return titles


def _subject(lines: Sequence[Line], language: str) -> str:
    messages = messages_of(language)
    if len(lines) == 1:
        line = lines[0]
        # A header is one line; the library refuses others, and a title must not keep a mail from going out.
        return f"{capitalised(line.kind)}: {line.title}" if line.title else capitalised(line.kind)
    said = messages.ngettext("您有 %(count)s 条新通知", "您有 %(count)s 条新通知", len(lines))
    return said % {"count": len(lines)}


_environment = Environment(
    loader=PackageLoader("service.notices"),
    autoescape=select_autoescape(["html"]),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)
