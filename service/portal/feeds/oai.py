"""OAI-PMH 2.0, by which libraries and science portals harvest. https://www.openarchives.org/OAI/openarchivesprotocol.html"""

import base64
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID
from xml.etree import ElementTree as ET

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field
from sqlmodel import Session
from starlette.datastructures import ImmutableMultiDict

from schemas.account import Organization
from schemas.base import now
from schemas.domains import DOMAINS
from service.catalogue.harvest import KINDS, TABLES, Kind, find_record, harvest
from service.http.addresses import base_of
from service.http.caching import with_validators
from service.http.dependencies import SessionDep
from service.http.rate_limits import by_address
from service.platform.phrases import named_domain
from service.platform.settings import settings
from service.portal.feeds.feeds import xml_of
from service.portal.feeds.oai_arguments import Refused, checked, period
from service.portal.feeds.oai_records import (
    NAMES,
    OAI,
    OAI_DC,
    PREFIXES,
    SCHEMA_LOCATION,
    SECOND,
    add,
    identifier_scheme,
    kind_of,
    read_identifier,
    write_record,
)
from service.portal.sessions import SentFormDep

router = APIRouter(include_in_schema=False, dependencies=[Depends(by_address)])

_AT_ONCE = 100
_BOXES = [key for key, one in DOMAINS.items() if one.parent is None]


class Harvest(BaseModel):
    """What is being harvested, and how far: all that a resumption token holds."""

    side: Kind = "needs"
    both: bool = Field(default=True, description="And then those that come after it.")
    domain: Literal["", *_BOXES] = ""  # type: ignore[valid-type]
    begin: datetime | None = None
    end: datetime | None = None
    after: tuple[datetime, UUID] | None = None
    resumed: bool = False

    @property
    def token(self) -> str:
        return base64.urlsafe_b64encode(self.model_dump_json().encode()).decode()


@router.get("/oai")
def oai(request: Request, session: SessionDep) -> Response:
    told = _told(request, session, request.query_params)
    # Before the moment is put in, which would make each second's tag another.
    content = ET.tostring(told)
    return with_validators(session, _stamped(told), content)


@router.post("/oai")
def oai_by_form(request: Request, session: SessionDep, form: SentFormDep) -> Response:
    """Harvesters may send the arguments as a form; nothing is changed, so any site may send it."""
    # Files are none of the protocol's arguments; the empty name is none, either.
    given = [(name, value if isinstance(value, str) else "") for name, value in form.multi_items()]
    return _stamped(
        _told(request, session, ImmutableMultiDict([*given, *request.query_params.multi_items()]))
    )


def _stamped(told: ET.Element) -> Response:
    moment = ET.Element(f"{{{OAI}}}responseDate")
    moment.text = now().strftime(SECOND)
    told.insert(0, moment)
    return xml_of(told, "text/xml")


def _told(request: Request, session: Session, given: ImmutableMultiDict[str, str]) -> ET.Element:
    """The whole answer, but for its moment."""
    root = ET.Element(f"{{{OAI}}}OAI-PMH", {SCHEMA_LOCATION: f"{OAI} {OAI}OAI-PMH.xsd"})
    for prefix, namespace in PREFIXES.items():
        ET.register_namespace(prefix, namespace)
    about = add(root, "request", f"{base_of(request)}/oai")
    try:
        verb, asked = checked(given)
        about.attrib.update(asked)
        answer = ET.SubElement(root, f"{{{OAI}}}{verb}")
        _answer(verb, asked, answer, session, base_of(request))
    except Refused as refused:
        for child in root[1:]:
            root.remove(child)
        if refused.code in {"badVerb", "badArgument"}:
            # Nothing is repeated of what cannot be understood.
            about.attrib.clear()
        add(root, "error", refused.told, code=refused.code)
    return root


def _answer(verb: str, asked: dict[str, str], answer: ET.Element, session: Session, base: str) -> None:
    if asked.get("metadataPrefix", "oai_dc") != "oai_dc":
        raise Refused("cannotDisseminateFormat", "oai_dc alone is offered.")
    if verb == "Identify":
        _identify(answer, base)
    elif verb == "ListMetadataFormats":
        if "identifier" in asked:
            _record(session, asked["identifier"], base)
        made = add(answer, "metadataFormat", None)
        add(made, "metadataPrefix", "oai_dc")
        add(made, "schema", "http://www.openarchives.org/OAI/2.0/oai_dc.xsd")
        add(made, "metadataNamespace", OAI_DC)
    elif verb == "ListSets":
        if "resumptionToken" in asked:
            raise Refused("badResumptionToken", "Sets are listed at once.")
        sets: dict[str, str] = dict(NAMES.items())
        sets |= {f"domain:{key}": named_domain("zh", key) for key in _BOXES}
        for spec, name in sets.items():
            made = add(answer, "set", None)
            add(made, "setSpec", spec)
            add(made, "setName", name)
    elif verb == "GetRecord":
        side, posting, organization, is_barred = _record(session, asked["identifier"], base)
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
    if scheme := identifier_scheme(base):
        add(answer, "description", None).append(scheme)


def _harvest(asked: dict[str, str]) -> Harvest:
    if token := asked.get("resumptionToken"):
        try:
            return Harvest.model_validate_json(base64.urlsafe_b64decode(token))
        except ValueError:
            raise Refused("badResumptionToken", "Not one of ours.") from None
    wanted = asked.get("set", "")
    begin, end = period(asked)
    found = Harvest(begin=begin, end=end)
    if wanted in TABLES:
        found.side, found.both = kind_of(wanted), False
    elif wanted in {f"domain:{key}" for key in _BOXES}:
        found.domain = wanted.removeprefix("domain:")
    elif wanted:
        raise Refused("noRecordsMatch", "There is no such set.")
    return found


def _list(answer: ET.Element, asked: Harvest, session: Session, base: str, *, whole: bool) -> None:
    """A hundred records, one kind after another; an empty token ends a list that came in parts."""
    rows = _rows(session, asked, _AT_ONCE + 1)
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
        if _rows(session, onward, 1):
            return onward
    return None


def _rows(session: Session, asked: Harvest, limit: int) -> Sequence[Any]:
    return harvest(
        session,
        asked.side,
        begin=asked.begin,
        end=asked.end,
        domain=asked.domain,
        after=asked.after,
        limit=limit,
    )


def _end(answer: ET.Element, asked: Harvest, rows: Sequence[Any]) -> None:
    if asked.resumed:
        add(answer, "resumptionToken", "")
    elif not rows:
        raise Refused("noRecordsMatch", "Nothing fits.")


def _record(session: Session, identifier: str, base: str) -> tuple[Kind, Any, Organization, bool]:
    try:
        kind, posting_id = read_identifier(identifier, base)
    except ValueError:
        raise Refused("idDoesNotExist", "There is no such record.") from None
    row = find_record(session, kind, posting_id)
    if row is None:
        raise Refused("idDoesNotExist", "There is no such record.")
    return kind, row[0], row[1], row[2]
