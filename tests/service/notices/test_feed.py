"""The feed: whose, in which order, none missed, and what is read."""

from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlmodel import Session, select

from schemas.account import ApiKey, Organization
from schemas.notice import NoticeKind
from schemas.operation import Installation
from schemas.vocabulary import Role
from service.access.key_text import key_hash
from service.notices.feed import notify
from service.platform import db
from tests.conftest import ClientFor
from tests.make import make_organization

KIND = NoticeKind.introduction_requested


def told(session: Session, organization: Organization, **more: Any) -> UUID:
    subject = uuid4()
    notify(session, KIND, subject, [organization.id], **more)
    session.commit()
    return subject


def key_of(session: Session, client: Any) -> UUID:
    key = client.headers["authorization"].removeprefix("Bearer ")
    return session.exec(select(ApiKey.id).where(ApiKey.key_hash == key_hash(key))).one()


def subjects(answer: Any) -> list[str]:
    return [one["subject_id"] for one in answer.json()["items"]]


def test_one_reads_what_the_organisation_and_one_in_person_were_told_and_nothing_else(
    session: Session, owner: Organization, client_for: ClientFor
) -> None:
    mine, colleague = client_for(owner), client_for(owner)
    to_all = told(session, owner)
    to_me = told(session, owner, api_key_id=key_of(session, mine))
    told(session, owner, api_key_id=key_of(session, colleague))
    told(session, make_organization(session))

    answer = mine.get("/v1/notifications")

    assert subjects(answer) == [str(to_all), str(to_me)]
    assert [one["personal"] for one in answer.json()["items"]] == [False, True]
    assert answer.json()["more"] is False


def test_the_cursor_leads_through_all_of_it_and_then_to_what_comes_later(
    session: Session, owner: Organization, client_for: ClientFor
) -> None:
    client = client_for(owner)
    wanted = [str(told(session, owner)) for _ in range(5)]

    found: list[str] = []
    cursor = None
    for _ in range(3):
        page = client.get("/v1/notifications", params={"limit": 2, **({"cursor": cursor} if cursor else {})})
        found += subjects(page)
        cursor = page.json()["next_cursor"]
    nothing = client.get("/v1/notifications", params={"cursor": cursor})
    later = told(session, owner)
    something = client.get("/v1/notifications", params={"cursor": nothing.json()["next_cursor"]})

    assert found == wanted
    assert subjects(nothing) == []
    assert subjects(something) == [str(later)]


def test_a_notice_that_commits_late_is_not_passed_over(
    session: Session, owner: Organization, client_for: ClientFor
) -> None:
    client = client_for(owner)
    with db.engine().connect() as slow:
        # Its id is taken, and its notice written, before the other one; it commits after.
        slow_session = Session(slow)
        late = uuid4()
        notify(slow_session, KIND, late, [owner.id])
        slow_session.flush()
        early = told(session, owner)

        first = client.get("/v1/notifications").json()
        slow_session.commit()
        second = client.get("/v1/notifications", params={"cursor": first["next_cursor"]}).json()

    seen = [one["subject_id"] for one in [*first["items"], *second["items"]]]
    assert sorted(seen) == sorted([str(early), str(late)])


def test_a_cursor_of_before_a_restore_begins_anew(
    session: Session, owner: Organization, client_for: ClientFor
) -> None:
    client = client_for(owner)
    subject = told(session, owner)
    cursor = client.get("/v1/notifications").json()["next_cursor"]
    before = session.exec(select(Installation.id)).one()
    session.execute(text("UPDATE installation SET id = :id"), {"id": uuid4()})
    session.commit()

    again = client.get("/v1/notifications", params={"cursor": cursor})
    session.execute(text("UPDATE installation SET id = :id"), {"id": before})
    session.commit()

    assert subjects(again) == [str(subject)]


def test_what_is_marked_is_read_for_the_whole_organisation(
    session: Session, owner: Organization, client_for: ClientFor
) -> None:
    client, colleague = client_for(owner), client_for(owner)
    told(session, owner), told(session, owner)
    [first, second] = client.get("/v1/notifications").json()["items"]

    left = client.post("/v1/notifications/read", json={"ids": [first["id"]]})
    unread = colleague.get("/v1/notifications", params={"unread": True})
    none = colleague.post("/v1/notifications/read", json={})

    assert left.json() == {"unread": 1}
    assert subjects(unread) == [second["subject_id"]]
    assert none.json() == client.get("/v1/notifications/unread").json() == {"unread": 0}


def test_anothers_notice_cannot_be_marked_and_looks_absent(
    session: Session, owner: Organization, client_for: ClientFor
) -> None:
    stranger = client_for()
    told(session, owner)
    [notice] = client_for(owner).get("/v1/notifications").json()["items"]

    theirs = stranger.post("/v1/notifications/read", json={"ids": [notice["id"]]})
    nobodys = stranger.post("/v1/notifications/read", json={"ids": [str(uuid4())]})

    assert theirs.status_code == nobodys.status_code == 404
    assert theirs.json() == nobodys.json()


def test_a_cursor_that_is_not_one_of_ours_is_refused(client_for: ClientFor) -> None:
    answer = client_for().get("/v1/notifications", params={"cursor": "kein"})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == "wrong_cursor"


def test_somebody_told_alone_and_with_all_sees_it_once(
    session: Session, owner: Organization, client_for: ClientFor
) -> None:
    client, colleague = client_for(owner), client_for(owner)
    subject = uuid4()
    for key in (key_of(session, client), None, None):
        notify(
            session, NoticeKind.match_found, subject, [owner.id], api_key_id=key, once="match:1", side="needs"
        )
    session.commit()

    assert subjects(client.get("/v1/notifications")) == [str(subject)]
    assert subjects(colleague.get("/v1/notifications")) == [str(subject)]


def test_notices_are_filtered_by_kind(session: Session, owner: Organization, client_for: ClientFor) -> None:
    told(session, owner)
    ended = uuid4()
    notify(session, NoticeKind.introduction_ended, ended, [owner.id])
    session.commit()

    answer = client_for(owner).get("/v1/notifications", params={"kind": "introduction.ended"})

    assert subjects(answer) == [str(ended)]


def test_a_key_that_reads_no_challenge_or_bid_is_not_told_of_them(
    session: Session, client_for: ClientFor, owner: Organization
) -> None:
    for kind in (NoticeKind.bid_moved, NoticeKind.challenge_moved):
        notify(session, kind, uuid4(), [owner.id])
    session.commit()

    told = [
        {one["kind"] for one in client_for(owner, role).get("/v1/notifications").json()["items"]}
        for role in (Role.integrator, Role.member)
    ]

    assert told == [set(), {"challenge.moved", "bid.moved"}]
