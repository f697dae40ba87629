"""Forms that other portals read: well-formed, public only, and safe."""

import json
import re
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update
from sqlmodel import Session

from schemas.account import Organization
from schemas.base import now
from schemas.need import Need
from service.access.principal import ANYONE
from service.portal.feeds import oai
from service.postings import actions as postings
from tests.conftest import ClientFor
from tests.make import make_capability, make_need

SCRIPT = "</script><script>alert(1)</script>"
ATOM = {"a": "http://www.w3.org/2005/Atom"}
OAI = {"o": "http://www.openarchives.org/OAI/2.0/", "dc": "http://purl.org/dc/elements/1.1/"}


@pytest.fixture
def reader(client_for: ClientFor) -> TestClient:
    client = client_for()
    del client.headers["authorization"]
    return client


def harvested(reader: TestClient, **asked: str) -> ET.Element:
    answer = reader.get("/oai", params=asked)
    assert answer.headers["content-type"] == "text/xml; charset=utf-8"
    return ET.fromstring(answer.content)


def identifiers(answer: ET.Element) -> list[str]:
    return [found.text or "" for found in answer.iterfind(".//o:header/o:identifier", OAI)]


def error(answer: ET.Element) -> str | None:
    found = answer.find("o:error", OAI)
    return None if found is None else found.get("code")


@pytest.mark.parametrize("kind", ["atom", "json"])
def test_a_feed_has_what_is_public_of_the_domains_and_regions_asked_for(
    session: Session, owner: Organization, reader: TestClient, kind: str
) -> None:
    make_need(session, owner, title="骏枣裂果控制", domains=["fruit"], region="659003.44")
    make_need(session, owner, title="异纤分拣", domains=["textile"], region="659003.44")
    make_need(session, owner, title="香梨贮藏", domains=["fruit"], region="652801")
    make_need(session, owner, title="会员的需求", domains=["fruit"], visibility="members")

    answer = reader.get(f"/feeds/needs.{kind}?domain=fruit&region=659003")

    if kind == "atom":
        feed = ET.fromstring(answer.content)
        assert [found.text for found in feed.iterfind("a:entry/a:title", ATOM)] == ["骏枣裂果控制"]
    else:
        assert [item["title"] for item in answer.json()["items"]] == ["骏枣裂果控制"]


def test_a_script_in_a_title_stays_text_in_feeds_and_in_json_ld(
    session: Session, owner: Organization, reader: TestClient
) -> None:
    need = make_need(session, owner, title=f"棉花{SCRIPT}", description="&<>")

    atom, page = reader.get("/feeds/needs.atom"), reader.get(f"/needs/{need.id}").text
    told = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)

    assert ET.fromstring(atom.content).find("a:entry/a:title", ATOM) is not None
    assert json.loads(told[0])["name"] == f"棉花{SCRIPT}"
    assert "<script>alert" not in page
    # Nothing in it may end the element that it stands in, however browsers read what comes after.
    assert not set(told[0]) & set("<>&")


def test_the_sitemap_names_public_pages_alone(
    session: Session, owner: Organization, reader: TestClient
) -> None:
    public = [make_capability(session, owner), make_need(session, owner)]
    hidden = [
        make(session, owner, **fields)
        for make in (make_need, make_capability)
        for fields in ({"visibility": "private"}, {"visibility": "members"}, {"publish": False})
    ]

    sitemap, robots = reader.get("/sitemap.xml").text, reader.get("/robots.txt").text

    assert f"http://testserver/capabilities/{public[0].id}" in sitemap
    assert f"http://testserver/needs/{public[1].id}" in sitemap
    assert [one.id for one in hidden if str(one.id) in sitemap] == []
    assert "Sitemap: http://testserver/sitemap.xml" in robots


def test_oembed_tells_of_public_postings_of_this_site_alone(
    session: Session, owner: Organization, reader: TestClient
) -> None:
    need = make_need(session, owner, title="骏枣裂果控制")
    hidden = make_need(session, owner, visibility="private")

    def told(url: str, **more: str) -> Any:
        return reader.get("/oembed", params={"url": url, **more})

    assert told(f"http://testserver/needs/{need.id}").json()["title"] == "骏枣裂果控制"
    assert told(f"http://testserver/needs/{hidden.id}").status_code == 404
    assert told(f"https://evil.example/needs/{need.id}").status_code == 404
    assert told(f"http://testserver/needs/{need.id}", format="xml").status_code == 501


@pytest.mark.parametrize(
    "site",
    [
        "http://testserver.evil.example",
        "http://testserver@evil.example",
        "http://testserver:8080",
        "http://testserver:port",
        "https://testserver",
        "http://[testserver",
    ],
)
def test_oembed_tells_nothing_of_a_site_whose_name_begins_with_ours(
    session: Session, owner: Organization, reader: TestClient, site: str
) -> None:
    need = make_need(session, owner)

    assert reader.get("/oembed", params={"url": f"{site}/needs/{need.id}"}).status_code == 404


def test_oembed_knows_this_site_by_its_usual_port_too(
    session: Session, owner: Organization, reader: TestClient
) -> None:
    need = make_need(session, owner)

    assert reader.get("/oembed", params={"url": f"http://testserver:80/needs/{need.id}"}).status_code == 200


def test_harvesting_has_records_of_both_sides_in_parts_and_deletions(
    session: Session, owner: Organization, reader: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oai, "_AT_ONCE", 2)
    needs = [make_need(session, owner, title=f"需求{number}") for number in range(3)]
    offers = [make_capability(session, owner) for _ in range(2)]
    make_need(session, owner, visibility="members")
    make_need(session, owner, publish=False)
    postings.delete(session, ANYONE, needs[0])
    session.commit()

    found, deleted, token = [], [], None
    while token != "":
        asked = {"resumptionToken": token} if token else {"metadataPrefix": "oai_dc"}
        part = harvested(reader, verb="ListRecords", **asked)
        assert error(part) is None
        found += identifiers(part)
        deleted += [
            header.findtext("o:identifier", None, OAI)
            for header in part.iterfind(".//o:header[@status='deleted']", OAI)
        ]
        token = part.findtext(".//o:resumptionToken", "", OAI)

    assert sorted(found) == sorted(
        [f"oai:testserver:needs/{one.id}" for one in needs]
        + [f"oai:testserver:capabilities/{one.id}" for one in offers]
    )
    assert deleted == [f"oai:testserver:needs/{needs[0].id}"]


def test_what_changed_at_one_moment_is_harvested_whole(
    session: Session, owner: Organization, reader: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oai, "_AT_ONCE", 2)
    needs = [make_need(session, owner) for _ in range(3)]
    session.execute(update(Need).values(updated_at=now()))
    session.commit()

    first = harvested(reader, verb="ListIdentifiers", metadataPrefix="oai_dc")
    token = first.findtext(".//o:resumptionToken", "", OAI)
    second = harvested(reader, verb="ListIdentifiers", resumptionToken=token)

    found = identifiers(first) + identifiers(second)
    assert sorted(found) == sorted(f"oai:testserver:needs/{one.id}" for one in needs)


def test_harvesting_keeps_to_sets_and_days(session: Session, owner: Organization, reader: TestClient) -> None:
    need = make_need(session, owner, domains=["fruit.fruit_processing"])
    make_capability(session, owner, domains=["textile"])
    tomorrow = (now() + timedelta(days=1)).strftime("%Y-%m-%d")

    def listed(**more: str) -> list[str] | str | None:
        answer = harvested(reader, verb="ListIdentifiers", metadataPrefix="oai_dc", **more)
        return error(answer) or identifiers(answer)

    assert listed(set="domain:fruit") == [f"oai:testserver:needs/{need.id}"]
    assert listed(set="needs") == [f"oai:testserver:needs/{need.id}"]
    assert listed(**{"from": tomorrow}) == "noRecordsMatch"
    assert listed(set="nothing") == "noRecordsMatch"
    assert listed(until="2021-01-01") == "noRecordsMatch"


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({}, "badVerb"),
        ({"verb": "Steal"}, "badVerb"),
        ({"verb": "ListRecords"}, "badArgument"),
        ({"verb": "Identify", "x": "1"}, "badArgument"),
        ({"verb": "ListRecords", "metadataPrefix": "marc"}, "cannotDisseminateFormat"),
        ({"verb": "ListRecords", "metadataPrefix": "oai_dc", "from": "gestern"}, "badArgument"),
        ({"verb": "ListRecords", "resumptionToken": "x"}, "badResumptionToken"),
        (
            {"verb": "GetRecord", "metadataPrefix": "oai_dc", "identifier": "oai:testserver:needs/1"},
            "idDoesNotExist",
        ),
    ],
)
def test_what_is_asked_wrongly_is_told_in_the_protocols_words(
    reader: TestClient, asked: dict[str, str], code: str
) -> None:
    assert error(harvested(reader, **asked)) == code


def test_the_repository_says_what_it_is_and_a_record_can_be_read_alone(
    session: Session, owner: Organization, reader: TestClient
) -> None:
    need = make_need(session, owner, title="骏枣裂果控制", domains=["fruit"])

    identify = harvested(reader, verb="Identify")
    sets = harvested(reader, verb="ListSets")
    formats = harvested(reader, verb="ListMetadataFormats")
    one = harvested(
        reader, verb="GetRecord", metadataPrefix="oai_dc", identifier=f"oai:testserver:needs/{need.id}"
    )

    assert identify.findtext(".//o:deletedRecord", None, OAI) == "transient"
    assert "domain:fruit" in [found.text for found in sets.iterfind(".//o:setSpec", OAI)]
    assert formats.findtext(".//o:metadataPrefix", None, OAI) == "oai_dc"
    assert one.findtext(".//dc:title", None, OAI) == "骏枣裂果控制"


def test_what_xml_cannot_hold_is_left_out_of_a_harvest_and_the_rest_is_read(
    session: Session, owner: Organization, reader: TestClient
) -> None:
    make_need(session, owner)
    session.execute(update(Need).values(title="红枣\x01分级", description="\x0b日处理20吨"))
    session.commit()

    record = harvested(reader, verb="ListRecords", metadataPrefix="oai_dc")

    assert [record.findtext(f".//dc:{tag}", None, OAI) for tag in ("title", "description")] == [
        "红枣分级",
        "日处理20吨",
    ]
