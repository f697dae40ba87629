"""OAI-PMH 2.0, by which libraries and science portals harvest. https://www.openarchives.org/OAI/openarchivesprotocol.html"""

import base64
import binascii
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from xml.etree import ElementTree as ET

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ValidationError
from sqlalchemy import ARRAY, ColumnElement, Select, Text, and_, cast, select, tuple_
from sqlalchemy.dialects.postgresql import array
from sqlmodel import Session, col

from schemas.account import Organization
from schemas.base import now
from schemas.capability import Capability
from schemas.domains import DOMAINS
from schemas.embedding import Side
from schemas.need import Need
from schemas.vocabulary import PostingStatus, Visibility
from service.addresses import base_of
from service.db import SessionDep
from service.integrity import barred
from service.phrases import named_domain
from service.settings import settings
from service.web.feeds import UNFIT, xml_of

router = APIRouter(include_in_schema=False)

_OAI = "http://www.openarchives.org/OAI/2.0/"
_OAI_DC = "http://www.openarchives.org/OAI/2.0/oai_dc/"
_DC = "http://purl.org/dc/elements/1.1/"
_AT_ONCE = 100
_TABLES: dict[Side, Any] = {Side.needs: Need, Side.capabilities: Capability}
_DAY, _SECOND = "%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"
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

    side: Side = Side.needs
    both: bool = True
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
    root = ET.Element(f"{{{_OAI}}}OAI-PMH")
    for prefix, namespace in (("", _OAI), ("oai_dc", _OAI_DC), ("dc", _DC)):
        ET.register_namespace(prefix, namespace)
    _add(root, "responseDate", now().strftime(_SECOND))
    asked = dict(request.query_params)
    about = _add(root, "request", f"{base_of(request)}/oai")
    try:
        verb = _checked(request, asked)
        about.attrib.update(asked)
        answer = ET.SubElement(root, f"{{{_OAI}}}{verb}")
        _answer(verb, asked, answer, session, base_of(request))
    except Refused as refused:
        for child in [child for child in root if child.tag.endswith(tuple(_ARGUMENTS))]:
            root.remove(child)
        _add(root, "error", refused.told, code=refused.code)
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
        made = _add(answer, "metadataFormat", None)
        _add(made, "metadataPrefix", "oai_dc")
        _add(made, "schema", "http://www.openarchives.org/OAI/2.0/oai_dc.xsd")
        _add(made, "metadataNamespace", _OAI_DC)
    elif verb == "ListSets":
        sets = {
            side.value: name for side, name in ((Side.needs, "技术需求"), (Side.capabilities, "技术供给"))
        }
        boxes = [key for key, one in DOMAINS.items() if one.parent is None]
        sets |= {f"domain:{key}": named_domain("zh", key) for key in boxes}
        for spec, name in sets.items():
            made = _add(answer, "set", None)
            _add(made, "setSpec", spec)
            _add(made, "setName", name)
    elif verb == "GetRecord":
        side, posting, organization, is_barred = _record(session, asked["identifier"])
        _write_record(answer, side, posting, organization, base, whole=True, is_barred=is_barred)
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
        _add(answer, tag, text)


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
    if wanted in set(Side):
        found.side, found.both = Side(wanted), False
    elif wanted.removeprefix("domain:") in DOMAINS:
        found.domain = wanted.removeprefix("domain:")
    elif wanted:
        raise Refused("noRecordsMatch", "There is no such set.")
    return found


def _moment(written: str | None, *, last: bool = False) -> datetime | None:
    if written is None:
        return None
    for form in (_SECOND, _DAY):
        try:
            found = datetime.strptime(written, form).replace(tzinfo=UTC)
        except ValueError:
            continue
        return found + (timedelta(days=1) if form == _DAY else timedelta(seconds=1)) if last else found
    raise Refused("badArgument", "Dates are written YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ.")


def _list(answer: ET.Element, asked: Harvest, session: Session, base: str, *, whole: bool) -> None:
    """A hundred records, needs before capabilities; an empty token ends a list that came in parts."""
    table = _TABLES[asked.side]
    rows = session.execute(_query(asked).order_by(table.updated_at, table.id).limit(_AT_ONCE + 1)).all()
    for posting, organization, is_barred in rows[:_AT_ONCE]:
        _write_record(answer, asked.side, posting, organization, base, whole=whole, is_barred=is_barred)
    if len(rows) > _AT_ONCE:
        last = rows[_AT_ONCE - 1][0]
        onward = asked.model_copy(update={"after": (last.updated_at, last.id), "resumed": True})
        _add(answer, "resumptionToken", onward.token)
    elif asked.both and asked.side is Side.needs:
        onward = asked.model_copy(
            update={"side": Side.capabilities, "after": None, "resumed": asked.resumed or bool(rows)}
        )
        if session.execute(_query(onward).limit(1)).first() is not None:
            if rows:
                _add(answer, "resumptionToken", onward.token)
            else:
                _list(answer, onward, session, base, whole=whole)
            return
        _end(answer, asked, rows)
    else:
        _end(answer, asked, rows)


def _end(answer: ET.Element, asked: Harvest, rows: Sequence[Any]) -> None:
    if asked.resumed:
        _add(answer, "resumptionToken", "")
    elif not rows:
        raise Refused("noRecordsMatch", "Nothing fits.")


def _query(asked: Harvest) -> Select[Any]:
    table = _TABLES[asked.side]
    query: Select[Any] = (
        select(table, Organization, barred(table.organization_id))
        .join(Organization, col(Organization.id) == table.organization_id)
        .where(_harvestable(table))
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


def _harvestable(table: Any) -> ColumnElement[bool]:
    """Public, and published at some time."""
    return and_(table.visibility == Visibility.public, table.published_at.is_not(None))


def _record(session: Session, identifier: str) -> tuple[Side, Any, Organization, bool]:
    """``oai:duijie:needs/<id>``."""
    side, _, written = identifier.removeprefix("oai:duijie:").partition("/")
    try:
        table, posting_id = _TABLES[Side(side)], UUID(written)
    except ValueError:
        raise Refused("idDoesNotExist", "There is no such record.") from None
    row = session.execute(
        select(table, Organization, barred(table.organization_id))
        .join(Organization, col(Organization.id) == table.organization_id)
        .where(table.id == posting_id, _harvestable(table))
    ).first()
    if row is None:
        raise Refused("idDoesNotExist", "There is no such record.")
    return Side(side), row[0], row[1], row[2]


def _write_record(
    parent: ET.Element,
    side: Side,
    posting: Any,
    organization: Organization,
    base: str,
    *,
    whole: bool,
    is_barred: bool,
) -> None:
    """What is not there any more, or not at present, is told as deleted."""
    gone = is_barred or posting.deleted_at is not None or posting.status is not PostingStatus.published
    record = _add(parent, "record", None) if whole else parent
    header = _add(record, "header", None, **({"status": "deleted"} if gone else {}))
    _add(header, "identifier", f"oai:duijie:{side.value}/{posting.id}")
    _add(header, "datestamp", posting.updated_at.strftime(_SECOND))
    _add(header, "setSpec", side.value)
    for key in posting.domain_path:
        if DOMAINS[key].parent is None:
            _add(header, "setSpec", f"domain:{key}")
    if gone or not whole:
        return
    metadata = ET.SubElement(_add(record, "metadata", None), f"{{{_OAI_DC}}}dc")
    for tag, text in (
        ("title", posting.title),
        ("creator", organization.name),
        ("description", posting.description),
        ("date", posting.published_at.strftime(_DAY)),
        ("type", "技术需求" if side is Side.needs else "技术供给"),
        ("identifier", f"{base}/{side.value}/{posting.id}"),
        ("language", "zh"),
        *(("subject", named_domain("zh", key)) for key in posting.domains),
    ):
        if text:
            ET.SubElement(metadata, f"{{{_DC}}}{tag}").text = UNFIT.sub("", text)


def _add(parent: ET.Element, tag: str, text: str | None, **attributes: str) -> ET.Element:
    made = ET.SubElement(parent, f"{{{_OAI}}}{tag}", attributes)
    made.text = text
    return made
