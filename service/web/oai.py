"""OAI-PMH 2.0, by which libraries and science portals harvest. https://www.openarchives.org/OAI/openarchivesprotocol.html"""

import base64
import binascii
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from xml.etree import ElementTree as ET

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field, ValidationError
from sqlalchemy import ARRAY, Select, Text, cast, select, tuple_
from sqlalchemy.dialects.postgresql import array
from sqlmodel import Session, col

from schemas.account import Organization
from schemas.base import now
from schemas.domains import DOMAINS
from service.addresses import base_of
from service.db import SessionDep
from service.integrity import barred
from service.phrases import named_domain
from service.settings import settings
from service.web.feeds import xml_of
from service.web.oai_records import (
    DAY,
    DC,
    KINDS,
    NAMES,
    OAI,
    OAI_DC,
    SECOND,
    TABLES,
    Kind,
    add,
    harvestable,
    kind_of,
    write_record,
)

router = APIRouter(include_in_schema=False)

_AT_ONCE = 100
# By verb: what it must be given, and what it may.
_ARGUMENTS: dict[str, tuple[set[str], set[str]]] = {
    "Identify": (set(), set()),
    "ListMetadataFormats": (set(), {"identifier"}),
    "ListSets": (set(), set()),
    "ListIdentifiers": ({"metadataPrefix"}, {"from", "until", "set"}),
    "ListRecords": ({"metadataPrefix"}, {"from", "until", "set"}),
    "GetRecord": ({"metadataPrefix", "identifier"}, set()),
}
_LISTS = ("ListIdentifiers", "ListRecords")


class Refused(Exception):
    """An error of the protocol: code and words."""

    def __init__(self, code: str, told: str) -> None:
        super().__init__(told)
        self.code, self.told = code, told


class Harvest(BaseModel):
    """What is being harvested, and how far: all that a resumption token holds."""

    side: Kind = "needs"
    both: bool = Field(default=True, description="And then those that come after it.")
    domain: str = ""
    begin: datetime | None = None
    end: datetime | None = None
    after: tuple[datetime, UUID] | None = None
    resumed: bool = False

    @property
    def token(self) -> str:
        return base64.urlsafe_b64encode(self.model_dump_json().encode()).decode()


@router.get("/oai")
def oai(request: Request, session: SessionDep) -> Response:
    root = ET.Element(f"{{{OAI}}}OAI-PMH")
    for prefix, namespace in (("", OAI), ("oai_dc", OAI_DC), ("dc", DC)):
        ET.register_namespace(prefix, namespace)
    add(root, "responseDate", now().strftime(SECOND))
    asked = dict(request.query_params)
    about = add(root, "request", f"{base_of(request)}/oai")
    try:
        verb = _checked(request, asked)
        about.attrib.update(asked)
        answer = ET.SubElement(root, f"{{{OAI}}}{verb}")
        _answer(verb, asked, answer, session, base_of(request))
    except Refused as refused:
        for child in [child for child in root if child.tag.endswith(tuple(_ARGUMENTS))]:
            root.remove(child)
        add(root, "error", refused.told, code=refused.code)
    return xml_of(root, "text/xml")


def _checked(request: Request, asked: dict[str, str]) -> str:
    verb = asked.get("verb", "")
    if verb not in _ARGUMENTS:
        raise Refused("badVerb", "Unknown verb, or none.")
    must, may = _ARGUMENTS[verb]
    given = set(asked) - {"verb"}
    if len(request.query_params.multi_items()) != len(asked):
        raise Refused("badArgument", "An argument was given twice.")
    if verb in _LISTS and given == {"resumptionToken"}:
        return verb
    if not must <= given <= must | may:
        raise Refused("badArgument", f"{verb} takes {sorted(must)}, and may take {sorted(may)}.")
    if asked.get("metadataPrefix", "oai_dc") != "oai_dc":
        raise Refused("cannotDisseminateFormat", "oai_dc alone is offered.")
    return verb


def _answer(verb: str, asked: dict[str, str], answer: ET.Element, session: Session, base: str) -> None:
    if verb == "Identify":
        _identify(answer, base)
    elif verb == "ListMetadataFormats":
        if "identifier" in asked:
            _record(session, asked["identifier"])
        made = add(answer, "metadataFormat", None)
        add(made, "metadataPrefix", "oai_dc")
        add(made, "schema", "http://www.openarchives.org/OAI/2.0/oai_dc.xsd")
        add(made, "metadataNamespace", OAI_DC)
    elif verb == "ListSets":
        sets: dict[str, str] = dict(NAMES.items())
        boxes = [key for key, one in DOMAINS.items() if one.parent is None]
        sets |= {f"domain:{key}": named_domain("zh", key) for key in boxes}
        for spec, name in sets.items():
            made = add(answer, "set", None)
            add(made, "setSpec", spec)
            add(made, "setName", name)
    elif verb == "GetRecord":
        side, posting, organization, is_barred = _record(session, asked["identifier"])
        write_record(answer, side, posting, organization, base, whole=True, is_barred=is_barred)
    else:
        _list(answer, _harvest(asked), session, base, whole=verb == "ListRecords")


def _identify(answer: ET.Element, base: str) -> None:
    for tag, text in (
        ("repositoryName", "技术供需对接平台"),
        ("baseURL", f"{base}/oai"),
        ("protocolVersion", "2.0"),
        ("adminEmail", settings().admin_email),
        ("earliestDatestamp", "2020-01-01T00:00:00Z"),
        # What is taken back is told as deleted while its row is kept.
        ("deletedRecord", "transient"),
        ("granularity", "YYYY-MM-DDThh:mm:ssZ"),
    ):
        add(answer, tag, text)


def _harvest(asked: dict[str, str]) -> Harvest:
    if token := asked.get("resumptionToken"):
        try:
            return Harvest.model_validate_json(base64.urlsafe_b64decode(token))
        except (binascii.Error, ValidationError, ValueError):
            raise Refused("badResumptionToken", "Not one of ours.") from None
    wanted = asked.get("set", "")
    found = Harvest(begin=_moment(asked.get("from")), end=_moment(asked.get("until"), last=True))
    if found.begin and found.end and found.begin > found.end:
        raise Refused("badArgument", "from is after until.")
    if wanted in TABLES:
        found.side, found.both = kind_of(wanted), False
    elif wanted.removeprefix("domain:") in DOMAINS:
        found.domain = wanted.removeprefix("domain:")
    elif wanted:
        raise Refused("noRecordsMatch", "There is no such set.")
    return found


def _moment(written: str | None, *, last: bool = False) -> datetime | None:
    if written is None:
        return None
    for form in (SECOND, DAY):
        try:
            found = datetime.strptime(written, form).replace(tzinfo=UTC)
        except ValueError:
            continue
        return found + (timedelta(days=1) if form == DAY else timedelta(seconds=1)) if last else found
    raise Refused("badArgument", "Dates are written YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ.")


def _list(answer: ET.Element, asked: Harvest, session: Session, base: str, *, whole: bool) -> None:
    """A hundred records, one kind after another; an empty token ends a list that came in parts."""
    table = TABLES[asked.side]
    rows = session.execute(_query(asked).order_by(table.updated_at, table.id).limit(_AT_ONCE + 1)).all()
    for posting, organization, is_barred in rows[:_AT_ONCE]:
        write_record(answer, asked.side, posting, organization, base, whole=whole, is_barred=is_barred)
    if len(rows) > _AT_ONCE:
        last = rows[_AT_ONCE - 1][0]
        onward = asked.model_copy(update={"after": (last.updated_at, last.id), "resumed": True})
        add(answer, "resumptionToken", onward.token)
    elif (following := _after(session, asked, begun=asked.resumed or bool(rows))) is None:
        _end(answer, asked, rows)
    elif rows:
        add(answer, "resumptionToken", following.token)
    else:
        _list(answer, following, session, base, whole=whole)


def _after(session: Session, asked: Harvest, *, begun: bool) -> Harvest | None:
    """The harvest of the next kind that has anything; None where there is none."""
    later = KINDS[KINDS.index(asked.side) + 1 :] if asked.both else ()
    for kind in later:
        onward = asked.model_copy(update={"side": kind, "after": None, "resumed": begun})
        if session.execute(_query(onward).limit(1)).first() is not None:
            return onward
    return None


def _end(answer: ET.Element, asked: Harvest, rows: Sequence[Any]) -> None:
    if asked.resumed:
        add(answer, "resumptionToken", "")
    elif not rows:
        raise Refused("noRecordsMatch", "Nothing fits.")


def _query(asked: Harvest) -> Select[Any]:
    table = TABLES[asked.side]
    query: Select[Any] = (
        select(table, Organization, barred(table.organization_id))
        .join(Organization, col(Organization.id) == table.organization_id)
        .where(harvestable(table))
    )
    if asked.begin:
        query = query.where(table.updated_at >= asked.begin)
    if asked.end:
        query = query.where(table.updated_at < asked.end)
    if asked.domain:
        query = query.where(table.domain_path.op("&&")(cast(array([asked.domain]), ARRAY(Text))))
    if asked.after:
        query = query.where(tuple_(table.updated_at, table.id) > tuple_(*asked.after))
    return query


def _record(session: Session, identifier: str) -> tuple[Kind, Any, Organization, bool]:
    """``oai:duijie:needs/<id>``."""
    side, _, written = identifier.removeprefix("oai:duijie:").partition("/")
    try:
        kind = kind_of(side)
        table, posting_id = TABLES[kind], UUID(written)
    except ValueError:
        raise Refused("idDoesNotExist", "There is no such record.") from None
    row = session.execute(
        select(table, Organization, barred(table.organization_id))
        .join(Organization, col(Organization.id) == table.organization_id)
        .where(table.id == posting_id, harvestable(table))
    ).first()
    if row is None:
        raise Refused("idDoesNotExist", "There is no such record.")
    return kind, row[0], row[1], row[2]
