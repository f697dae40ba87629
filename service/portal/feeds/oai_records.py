"""Records as OAI-PMH tells them: needs, capabilities, challenges in Dublin Core."""

import re
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID
from xml.etree import ElementTree as ET

from schemas.account import Organization
from schemas.domains import DOMAINS
from schemas.vocabulary import PostingStatus
from service.catalogue.harvest import KINDS, Kind
from service.platform.phrases import named_domain

OAI = "http://www.openarchives.org/OAI/2.0/"
OAI_DC = "http://www.openarchives.org/OAI/2.0/oai_dc/"
DC = "http://purl.org/dc/elements/1.1/"
IDENTIFIER = "http://www.openarchives.org/OAI/2.0/oai-identifier"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
SCHEMA_LOCATION = f"{{{_XSI}}}schemaLocation"
PREFIXES = {"": OAI, "oai_dc": OAI_DC, "dc": DC, "oai-identifier": IDENTIFIER, "xsi": _XSI}
# What the scheme for identifiers takes as a domain name; addresses and single words are none.
_DOMAIN_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*(\.[A-Za-z][A-Za-z0-9-]*)+")
NAMES: dict[Kind, str] = {"needs": "技术需求", "capabilities": "技术供给", "challenges": "揭榜挂帅"}
DAY, SECOND = "%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"


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
    add(header, "identifier", identifier_of(side, posting.id, base))
    add(header, "datestamp", posting.updated_at.strftime(SECOND))
    add(header, "setSpec", side)
    for key in posting.domain_path:
        if DOMAINS[key].parent is None:
            add(header, "setSpec", f"domain:{key}")
    if gone or not whole:
        return
    metadata = ET.SubElement(
        add(record, "metadata", None),
        f"{{{OAI_DC}}}dc",
        {SCHEMA_LOCATION: f"{OAI_DC} http://www.openarchives.org/OAI/2.0/oai_dc.xsd"},
    )
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
            ET.SubElement(metadata, f"{{{DC}}}{tag}").text = text


def identifier_of(side: Kind, posting_id: UUID, base: str) -> str:
    """By the scheme oai-identifier: the site's own domain, then what is unique within it."""
    return f"oai:{urlsplit(base).hostname}:{side}/{posting_id}"


def read_identifier(identifier: str, base: str) -> tuple[Kind, UUID]:
    """Raises ``ValueError`` for what is none of this site's."""
    side, _, written = identifier.rpartition(":")[2].partition("/")
    kind, posting_id = kind_of(side), UUID(written)
    if identifier != identifier_of(kind, posting_id, base):
        raise ValueError
    return kind, posting_id


def identifier_scheme(base: str) -> ET.Element | None:
    """How identifiers are built, for ``Identify``; None for a site without a domain name."""
    domain = str(urlsplit(base).hostname)
    if not _DOMAIN_NAME.fullmatch(domain):
        return None
    made = ET.Element(
        f"{{{IDENTIFIER}}}oai-identifier",
        {SCHEMA_LOCATION: f"{IDENTIFIER} {IDENTIFIER}.xsd"},
    )
    for tag, text in (
        ("scheme", "oai"),
        ("repositoryIdentifier", domain),
        ("delimiter", ":"),
        ("sampleIdentifier", identifier_of("needs", UUID(int=0), base)),
    ):
        ET.SubElement(made, f"{{{IDENTIFIER}}}{tag}").text = text
    return made


def kind_of(written: str) -> Kind:
    """Raises ``ValueError`` for what is none."""
    return KINDS[KINDS.index(written)]


def add(parent: ET.Element, tag: str, text: str | None, **attributes: str) -> ET.Element:
    made = ET.SubElement(parent, f"{{{OAI}}}{tag}", attributes)
    made.text = text
    return made
