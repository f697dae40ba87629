"""Records as OAI-PMH tells them: needs, capabilities, challenges in Dublin Core."""

from typing import Any, Literal
from xml.etree import ElementTree as ET

from sqlalchemy import ColumnElement, and_
from sqlmodel import col

from schemas.account import Organization
from schemas.capability import Capability
from schemas.challenge import Challenge
from schemas.domains import DOMAINS
from schemas.need import Need
from schemas.vocabulary import PostingStatus, Visibility
from service.auth import ANYONE
from service.challenges import readable_challenges
from service.phrases import named_domain
from service.web.feeds import UNFIT

OAI = "http://www.openarchives.org/OAI/2.0/"
OAI_DC = "http://www.openarchives.org/OAI/2.0/oai_dc/"
DC = "http://purl.org/dc/elements/1.1/"
Kind = Literal["needs", "capabilities", "challenges"]
TABLES: dict[Kind, Any] = {"needs": Need, "capabilities": Capability, "challenges": Challenge}
NAMES: dict[Kind, str] = {"needs": "技术需求", "capabilities": "技术供给", "challenges": "揭榜挂帅"}
# In which order they are harvested.
KINDS: tuple[Kind, ...] = ("needs", "capabilities", "challenges")
DAY, SECOND = "%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"


def harvestable(table: Any) -> ColumnElement[bool]:
    """Public, and published at some time; what is not there any more is told as deleted."""
    if table is Challenge:
        # What was opened stays public, however it ended.
        return and_(col(Challenge.opened_at).is_not(None), readable_challenges(ANYONE))
    return and_(table.visibility == Visibility.public, table.published_at.is_not(None))


def write_record(
    parent: ET.Element,
    side: Kind,
    posting: Any,
    organization: Organization,
    base: str,
    *,
    whole: bool,
    is_barred: bool,
) -> None:
    """What is not there any more, or not at present, is told as deleted."""
    challenge = side == "challenges"
    ended = not challenge and (
        posting.deleted_at is not None or posting.status is not PostingStatus.published
    )
    gone = is_barred or ended
    record = add(parent, "record", None) if whole else parent
    header = add(record, "header", None, **({"status": "deleted"} if gone else {}))
    add(header, "identifier", f"oai:duijie:{side}/{posting.id}")
    add(header, "datestamp", posting.updated_at.strftime(SECOND))
    add(header, "setSpec", side)
    for key in posting.domain_path:
        if DOMAINS[key].parent is None:
            add(header, "setSpec", f"domain:{key}")
    if gone or not whole:
        return
    metadata = ET.SubElement(add(record, "metadata", None), f"{{{OAI_DC}}}dc")
    for tag, text in (
        ("title", posting.title),
        ("creator", organization.name),
        ("description", posting.goal if challenge else posting.description),
        ("date", (posting.opened_at if challenge else posting.published_at).strftime(DAY)),
        ("type", NAMES[side]),
        ("identifier", f"{base}/{side}/{posting.id}"),
        ("language", "zh"),
        *(("subject", named_domain("zh", key)) for key in posting.domains),
    ):
        if text:
            ET.SubElement(metadata, f"{{{DC}}}{tag}").text = UNFIT.sub("", text)


def kind_of(written: str) -> Kind:
    """Raises ``ValueError`` for what is none."""
    return KINDS[KINDS.index(written)]


def add(parent: ET.Element, tag: str, text: str | None, **attributes: str) -> ET.Element:
    made = ET.SubElement(parent, f"{{{OAI}}}{tag}", attributes)
    made.text = text
    return made
