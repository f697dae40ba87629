"""OAI-PMH as its specification words it, and harvested whole by a client that others wrote."""

import warnings
from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlmodel import Session

from schemas.account import Organization
from schemas.base import now
from service.access.principal import ANYONE
from service.portal.feeds import oai
from service.postings import actions as postings
from tests.make import make_capability, make_need
from tests.service.portal.feeds.test_feeds import OAI, error, identifiers
from tests.service.portal.feeds.test_feeds import reader as reader  # noqa: PLC0414
from tests.serving import HOST, serving
from tests.telling import set_to

with warnings.catch_warnings():
    # It has "\{" in a plain string, of which newer Pythons warn when they compile it.
    warnings.simplefilter("ignore")
    from sickle import Sickle
    from sickle.oaiexceptions import BadArgument, IdDoesNotExist, NoRecordsMatch

LIST = "verb=ListIdentifiers&metadataPrefix=oai_dc"
LOCATION = "{http://www.w3.org/2001/XMLSchema-instance}schemaLocation"
NAMESPACE = "http://www.openarchives.org/OAI/2.0/"


def answer_to(reader: TestClient, query: str) -> ET.Element:
    return ET.fromstring(reader.get(f"/oai?{query}").content)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("verb=Identify&verb=Identify", "badVerb"),
        ("verb=Identify&verb=ListSets", "badVerb"),
        ("verb=identify", "badVerb"),
        ("verb=", "badVerb"),
        (f"{LIST}&set=needs&set=needs", "badArgument"),
        (f"{LIST}&metadataPrefix=oai_dc", "badArgument"),
        (f"{LIST}&from=2026-01-02&until=2026-01-01", "badArgument"),
        (f"{LIST}&from=2026-01-01T00:00:01Z&until=2026-01-01T00:00:00Z", "badArgument"),
        (f"{LIST}&from=2026-01-01&until=2026-01-02T00:00:00Z", "badArgument"),
        (f"{LIST}&from=2026-01-01T00:00:00Z&until=2026-01-02", "badArgument"),
        (f"{LIST}&from=2026-1-1", "badArgument"),
        (f"{LIST}&from=2026-02-30", "badArgument"),
        (f"{LIST}&from=", "badArgument"),
        (f"{LIST}&until=2026-01-01T00:00:00", "badArgument"),
        (f"{LIST}&until=2026-01-01T00:00:00%2B08:00", "badArgument"),
        (f"{LIST}&set=红枣", "badArgument"),
        (f"{LIST}&set=", "badArgument"),
        (f"{LIST}&set=fruit", "noRecordsMatch"),
        (f"{LIST}&set=domain:fruit.fruit_processing", "noRecordsMatch"),
        (f"{LIST}&until=9999-12-31", None),
        (f"{LIST}&until=9999-12-31T23:59:59Z", None),
        (f"{LIST}&from=0001-01-01", None),
        (f"{LIST}&resumptionToken=x", "badArgument"),
        ("verb=ListSets&resumptionToken=x", "badResumptionToken"),
        ("verb=ListIdentifiers&resumptionToken=eyJkb21haW4iOiJcdTAwMDAifQ==", "badResumptionToken"),
        ("verb=ListMetadataFormats&identifier=oai:testserver:needs/1", "idDoesNotExist"),
        ("verb=GetRecord&metadataPrefix=oai_dc&identifier=a%01b", "badArgument"),
        ("verb=GetRecord&metadataPrefix=oai_dc", "badArgument"),
    ],
)
def test_requests_are_refused_with_the_code_of_the_specification(
    session: Session, owner: Organization, reader: TestClient, query: str, code: str | None
) -> None:
    make_need(session, owner)

    assert error(answer_to(reader, query)) == code


@pytest.mark.parametrize(
    ("query", "attributes"),
    [
        ("verb=Steal&x=1", {}),
        (f"{LIST}&from=gestern", {}),
        (
            "verb=ListRecords&metadataPrefix=marc",
            {"verb": "ListRecords", "metadataPrefix": "marc"},
        ),
        (
            f"{LIST}&set=nothing",
            {"verb": "ListIdentifiers", "metadataPrefix": "oai_dc", "set": "nothing"},
        ),
    ],
)
def test_the_request_is_repeated_unless_it_is_not_understood(
    reader: TestClient, query: str, attributes: dict[str, str]
) -> None:
    asked = answer_to(reader, query).find("o:request", OAI)

    assert asked is not None
    assert asked.text == "http://testserver/oai"
    assert asked.attrib == attributes


def test_arguments_may_come_as_a_form(session: Session, owner: Organization, reader: TestClient) -> None:
    need = make_need(session, owner)

    identify = reader.post("/oai", data={"verb": "Identify"})
    listed = reader.post("/oai", data={"verb": "ListIdentifiers", "metadataPrefix": "oai_dc"})
    twice = reader.post("/oai", data={"verb": ["Identify", "Identify"]})
    empty = reader.post("/oai")

    assert identify.status_code == 200
    assert ET.fromstring(identify.content).find("o:Identify", OAI) is not None
    assert identifiers(ET.fromstring(listed.content)) == [f"oai:testserver:needs/{need.id}"]
    assert [error(ET.fromstring(answer.content)) for answer in (twice, empty)] == ["badVerb", "badVerb"]


def test_identifiers_stand_under_the_sites_own_domain_and_identify_says_how(
    session: Session, owner: Organization, reader: TestClient
) -> None:
    need = make_need(session, owner)
    own, other = (f"oai:{domain}:needs/{need.id}" for domain in ("dj.example.cn", "duijie"))

    with set_to(public_url="https://dj.example.cn:8443"):
        listed = answer_to(reader, LIST)
        found, foreign = (
            answer_to(reader, f"verb=GetRecord&metadataPrefix=oai_dc&identifier={one}")
            for one in (own, other)
        )
        scheme = answer_to(reader, "verb=Identify").find(".//{*}oai-identifier")
    without_domain = answer_to(reader, "verb=Identify").find(".//{*}oai-identifier")

    assert identifiers(listed) == identifiers(found) == [own]
    assert error(foreign) == "idDoesNotExist"
    assert scheme is not None
    assert scheme.findtext("{*}repositoryIdentifier") == "dj.example.cn"
    assert scheme.findtext("{*}scheme") == "oai"
    # The scheme has no place for a name of one word.
    assert without_domain is None


def test_answers_and_metadata_name_their_schemas(
    session: Session, owner: Organization, reader: TestClient
) -> None:
    make_need(session, owner)

    root = answer_to(reader, "verb=ListRecords&metadataPrefix=oai_dc")
    metadata = root.find(".//{*}dc")

    assert root.attrib[LOCATION] == f"{NAMESPACE} {NAMESPACE}OAI-PMH.xsd"
    assert [child.tag.rpartition("}")[2] for child in root] == ["responseDate", "request", "ListRecords"]
    assert metadata is not None
    assert metadata.attrib[LOCATION] == f"{NAMESPACE}oai_dc/ {NAMESPACE}oai_dc.xsd"


def test_the_day_of_until_belongs_to_what_is_listed(
    session: Session, owner: Organization, reader: TestClient
) -> None:
    need = make_need(session, owner)
    moment = need.updated_at

    def listed(form: str, **bounds: timedelta) -> list[str] | str | None:
        given = "".join(f"&{name}={(moment + away).strftime(form)}" for name, away in bounds.items())
        answer = answer_to(reader, f"{LIST}{given.replace('begin', 'from')}")
        return error(answer) or identifiers(answer)

    whole = [f"oai:testserver:needs/{need.id}"]
    none, day, second = timedelta(0), timedelta(days=1), timedelta(seconds=1)
    assert listed("%Y-%m-%d", begin=none, until=none) == whole
    assert listed("%Y-%m-%d", until=-day) == "noRecordsMatch"
    assert listed("%Y-%m-%dT%H:%M:%SZ", begin=none, until=none) == whole
    assert listed("%Y-%m-%dT%H:%M:%SZ", begin=second) == "noRecordsMatch"
    assert listed("%Y-%m-%dT%H:%M:%SZ", until=-second) == "noRecordsMatch"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_sickle_harvests_the_whole_repository(
    session: Session, owner: Organization, app: FastAPI, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    monkeypatch.setattr(oai, "_AT_ONCE", 2)
    needs = [make_need(session, owner, title=f"骏枣分级{number}", domains=["fruit"]) for number in range(5)]
    offers = [make_capability(session, owner, title=f"光谱分选{number}") for number in range(3)]
    postings.delete(session, ANYONE, needs[0])
    session.commit()
    tomorrow = (now() + timedelta(days=1)).strftime("%Y-%m-%d")

    with serving(app) as port:
        sickle = Sickle(f"http://{HOST}:{port}/oai", http_method=method, timeout=60)
        records = list(sickle.ListRecords(metadataPrefix="oai_dc"))
        headers = list(sickle.ListIdentifiers(metadataPrefix="oai_dc", set="needs"))
        kept = list(sickle.ListRecords(metadataPrefix="oai_dc", ignore_deleted=True))
        one = sickle.GetRecord(metadataPrefix="oai_dc", identifier=records[1].header.identifier)
        identify = sickle.Identify()
        sets = [found.setSpec for found in sickle.ListSets()]
        formats = [found.metadataPrefix for found in sickle.ListMetadataFormats()]
        with pytest.raises(NoRecordsMatch):
            sickle.ListRecords(metadataPrefix="oai_dc", **{"from": tomorrow})
        with pytest.raises(BadArgument):
            sickle.ListRecords(metadataPrefix="oai_dc", **{"from": tomorrow, "until": "2026-01-01"})
        with pytest.raises(IdDoesNotExist):
            sickle.GetRecord(metadataPrefix="oai_dc", identifier="oai:elsewhere:1")

    titles = {title for record in records if not record.deleted for title in record.metadata["title"]}
    assert titles == {f"骏枣分级{number}" for number in range(1, 5)} | {
        f"光谱分选{number}" for number in range(3)
    }
    assert [record.header.identifier for record in records if record.deleted] == [
        f"oai:{HOST}:needs/{needs[0].id}"
    ]
    assert len(headers) == len(needs)
    assert len(kept) == len(needs) + len(offers) - 1
    assert one.metadata == records[1].metadata
    assert (identify.granularity, identify.deletedRecord) == ("YYYY-MM-DDThh:mm:ssZ", "transient")
    assert {"needs", "capabilities", "domain:fruit"} <= set(sets)
    assert formats == ["oai_dc"]
