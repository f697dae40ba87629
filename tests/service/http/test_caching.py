"""Who has the newest state of a feed need not load it again."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlmodel import Session

from schemas.account import Organization
from service.access.principal import ANYONE
from service.postings import actions as postings
from tests.make import make_need
from tests.service.portal.feeds.test_feeds import reader as reader  # noqa: PLC0414

PATHS = (
    "/feeds/needs.atom",
    "/feeds/needs.json",
    "/sitemap.xml",
    "/oai?verb=ListRecords&metadataPrefix=oai_dc",
    "/oai?verb=Identify",
)


def settled(session: Session) -> None:
    """Let all that was done lie some seconds back."""
    session.execute(text("SET LOCAL session_replication_role = replica"))
    session.execute(text("UPDATE audit_entry SET at = at - interval '10 seconds'"))
    session.commit()


@pytest.mark.parametrize("path", PATHS)
def test_what_the_reader_has_is_not_sent_again(
    session: Session, owner: Organization, reader: TestClient, path: str
) -> None:
    make_need(session, owner)
    settled(session)
    first = reader.get(path)
    tag, changed = first.headers["etag"], first.headers["last-modified"]

    again = [
        reader.request(method, path, headers=headers)
        for method in ("GET", "HEAD")
        for headers in (
            {"If-None-Match": tag},
            {"If-None-Match": f'"other", {tag.removeprefix("W/")}'},
            {"If-None-Match": "*"},
            {"If-Modified-Since": changed},
        )
    ]
    anew = [
        reader.get(path, headers=headers)
        for headers in (
            {"If-None-Match": '"other"'},
            {"If-None-Match": '"other"', "If-Modified-Since": changed},
            {"If-Modified-Since": format_datetime(datetime(2020, 1, 1, tzinfo=UTC), usegmt=True)},
            {"If-Modified-Since": "gestern"},
        )
    ]

    assert first.headers["cache-control"] == "no-cache"
    assert [answer.status_code for answer in again] == [304] * len(again)
    assert {(answer.content, answer.headers["etag"]) for answer in again} == {(b"", tag)}
    assert [answer.status_code for answer in anew] == [200] * len(anew)


@pytest.mark.parametrize("path", PATHS[:4])
def test_a_posting_that_is_withdrawn_makes_every_kept_answer_old(
    session: Session, owner: Organization, reader: TestClient, path: str
) -> None:
    make_need(session, owner)
    withdrawn = make_need(session, owner)
    settled(session)
    before = reader.get(path)
    postings.delete(session, ANYONE, withdrawn)
    session.commit()

    by_tag = reader.get(path, headers={"If-None-Match": before.headers["etag"]})
    by_time = reader.get(path, headers={"If-Modified-Since": before.headers["last-modified"]})

    assert [by_tag.status_code, by_time.status_code] == [200, 200]


def test_the_moment_of_a_harvest_makes_nothing_new(
    monkeypatch: pytest.MonkeyPatch, reader: TestClient
) -> None:
    tags = set()
    for second in (1, 2):
        monkeypatch.setattr(
            "service.portal.feeds.oai.now", lambda at=second: datetime(2026, 1, 1, 0, 0, at, tzinfo=UTC)
        )
        tags.add(reader.get("/oai?verb=Identify").headers["etag"])

    assert len(tags) == 1


def test_a_change_within_the_second_of_an_answer_is_told(
    session: Session, owner: Organization, reader: TestClient
) -> None:
    make_need(session, owner)
    at = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=30)

    def changed_at(moment: datetime) -> datetime:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(text("UPDATE audit_entry SET at = :moment"), {"moment": moment})
        session.commit()
        return parsedate_to_datetime(reader.get("/sitemap.xml").headers["last-modified"])

    assert changed_at(at) == at
    assert changed_at(at + timedelta(milliseconds=1)) == at + timedelta(seconds=1)
