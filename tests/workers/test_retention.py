"""Upkeep empties what was kept long enough, some rows at a time, and leaves the rows."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text, update
from sqlmodel import Session, select

from schemas.account import Organization
from schemas.audit import AuditEntry
from schemas.base import now
from schemas.import_run import ImportRun
from schemas.introduction import Introduction
from schemas.introduction_follow_up import IntroductionFollowUp
from schemas.introduction_message import IntroductionMessage
from schemas.introduction_milestone import IntroductionMilestone
from schemas.introduction_nda import IntroductionNda
from schemas.need import Need
from schemas.operation import AnsweredRequest
from schemas.outbox import OutboxMessage
from schemas.vocabulary import PostingStatus
from schemas.web_session import WebSession
from service.platform import db
from service.platform.settings import settings
from service.trust import retention
from service.trust.subject_requests import holdings
from tests.conftest import ClientFor
from tests.make import make_capability, make_need, make_organization
from tests.service.postings.test_imports import post as post_file
from tests.service.postings.test_imports import work
from tests.service.walks.introduction import IntroductionWalk
from tests.workers.upkeep_round import one_round

PHONE = "13800138000"
CONTACTS = [{"name": "王工", "phone": PHONE}]


@pytest.fixture
def run(session: Session) -> Any:
    """One round of upkeep."""

    return lambda: one_round(session)


def aged(session: Session, table: Any, **values: Any) -> None:
    session.execute(update(table).values(**values))
    session.commit()


@pytest.mark.parametrize(
    ("status", "days", "kept"),
    [
        (PostingStatus.closed, 366, False),
        (PostingStatus.expired, 366, False),
        (PostingStatus.rejected, 366, False),
        (PostingStatus.closed, 364, True),
        (PostingStatus.published, 366, True),
        (PostingStatus.draft, 366, True),
    ],
)
def test_contacts_of_a_posting_go_a_year_after_it_ended(
    session: Session, run: Any, status: PostingStatus, days: int, *, kept: bool
) -> None:
    need = make_need(session, description=f"致电{PHONE}", contacts=CONTACTS)
    aged(session, Need, updated_at=now() - timedelta(days=days), status=status)

    run()

    found = session.get_one(Need, need.id)
    assert (bool(found.contacts), bool(found.readings), found.forgotten_at is None) == (kept, kept, kept)
    assert found.title == "棉田残膜回收技术"


def test_what_is_written_after_that_is_kept_as_long_as_anything_new(
    session: Session, client_for: ClientFor, owner: Organization, run: Any
) -> None:
    need = make_need(session, owner, contacts=CONTACTS)
    aged(session, Need, updated_at=now() - timedelta(days=400), status=PostingStatus.closed)
    run()
    client_for(owner).patch(f"/v1/needs/{need.id}", json={"contacts": CONTACTS})
    run()
    kept = session.get_one(Need, need.id).contacts
    aged(session, Need, updated_at=now() - timedelta(days=400))
    run()

    assert len(kept) == 1
    assert session.get_one(Need, need.id).contacts == []


@pytest.mark.parametrize(("days", "kept"), [(1096, False), (1094, True), (None, True)])
def test_contacts_and_messages_of_an_introduction_go_after_its_end(
    session: Session, client_for: ClientFor, owner: Organization, run: Any, days: int | None, *, kept: bool
) -> None:
    pair = {"need_id": str(make_need(session, owner).id), "capability_id": str(make_capability(session).id)}
    body = {**pair, "message": "想了解", "contacts": CONTACTS}
    client_for(owner).post("/v1/introductions", json=body)
    if days is not None:
        aged(session, Introduction, ended_at=now() - timedelta(days=days), status="withdrawn")

    run()

    found = session.exec(select(Introduction)).one()
    assert (bool(found.message), bool(found.seeker_contacts), found.forgotten_at is None) == (
        kept,
        kept,
        kept,
    )


def test_what_the_two_wrote_goes_with_it_and_what_they_signed_stays(
    session: Session, client_for: ClientFor, run: Any
) -> None:
    walk = IntroductionWalk(session, client_for)
    work = walk.bring("accepted")
    for verb in ("sign nda", "write", "end"):
        assert walk.send(walk.actors["seeker"].client, work, verb).is_success
    aged(session, Introduction, ended_at=now() - timedelta(days=200))
    assert walk.send(walk.actors["seeker"].client, work, "follow up").is_success
    aged(session, IntroductionFollowUp, remark="已用于三个连队", answered_at=now() - timedelta(days=1096))
    aged(session, Introduction, ended_at=now() - timedelta(days=1096))

    run()

    left = [
        session.exec(select(column)).one()
        for column in (
            IntroductionMessage.text,
            IntroductionMilestone.title,
            IntroductionFollowUp.remark,
            IntroductionNda.seeker_signer,
        )
    ]
    assert left == ["", "", "", "王建国"]


def test_what_is_reported_after_that_is_kept_as_long_as_anything_new(
    session: Session, client_for: ClientFor, run: Any
) -> None:
    walk = IntroductionWalk(session, client_for)
    work = walk.bring("ended")
    aged(session, Introduction, ended_at=now() - timedelta(days=1096))
    run()
    for days, left in ((1094, "已用于三个连队"), (1096, "")):
        assert walk.send(walk.actors["seeker"].client, work, "follow up").is_success
        aged(session, IntroductionFollowUp, remark="已用于三个连队")
        aged(session, IntroductionFollowUp, answered_at=now() - timedelta(days=days))
        run()
        assert session.exec(select(IntroductionFollowUp.remark)).one() == left


def test_the_words_in_the_report_of_an_import_go_after_it_and_the_file_at_its_end(
    session: Session, client_for: ClientFor, run: Any
) -> None:
    post_file(client_for(), f"需求名称,description\n残膜回收,致电{PHONE}\n".encode())
    work(session)
    done = session.exec(select(ImportRun)).one()
    assert (done.file, len(done.guesses)) == (None, 1)
    aged(session, ImportRun, finished_at=now() - timedelta(days=91))

    run()

    assert session.exec(select(ImportRun)).one().guesses == []


def test_kept_answers_and_sessions_that_are_over_go(
    session: Session, client_for: ClientFor, owner: Organization, run: Any
) -> None:
    client = client_for(owner)
    for key in ("1", "2"):
        client.post("/v1/needs", json={"title": "枣"}, headers={"Idempotency-Key": key})
    session.execute(
        update(AnsweredRequest).where(AnsweredRequest.key == "1").values(created_at=now() - timedelta(days=2))  # type: ignore[arg-type]
    )
    key_id = session.exec(select(AnsweredRequest)).first().api_key_id  # type: ignore[union-attr]
    for name, hours, unused in (("over", -1, 0), ("idle", 1, 9), ("there", 1, 0)):
        session.add(
            WebSession(
                token_hash=name,
                api_key_id=key_id,
                name=name,
                form_token="",
                expires_at=now() + timedelta(hours=hours),
                last_seen_at=now() - timedelta(hours=unused),
            )
        )
    session.commit()

    run()

    assert [one.key for one in session.exec(select(AnsweredRequest))] == ["2"]
    assert [one.name for one in session.exec(select(WebSession))] == ["there"]


def test_periods_are_settings_and_the_audit_knows_none(
    session: Session, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_need(session, contacts=CONTACTS)
    aged(session, Need, updated_at=now() - timedelta(days=3), status=PostingStatus.closed)
    monkeypatch.setattr(settings(), "posting_forget_days", 2)
    before = len(session.exec(select(AuditEntry)).all())

    run()

    assert session.exec(select(Need)).one().contacts == []
    entries = session.exec(select(AuditEntry)).all()
    assert [one.action for one in entries[before:]] == ["personal_data.forget"]


def test_it_goes_in_small_batches_and_the_rest_is_due_at_once(
    session: Session, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "_ROWS", 2)
    owner = make_organization(session)
    for _ in range(3):
        make_need(session, owner, contacts=CONTACTS)
    aged(session, Need, updated_at=now() - timedelta(days=400), status=PostingStatus.closed)

    message = run()
    left = session.execute(text("SELECT count(*) FROM need WHERE forgotten_at IS NULL")).scalar_one()
    again = run()

    assert left == 1
    assert session.get_one(OutboxMessage, message.id).due_at <= now()
    assert session.get_one(OutboxMessage, again.id).due_at > now()
    assert {len(need.contacts) for need in session.exec(select(Need))} == {0}


def test_every_column_that_is_emptied_can_hold_nothing() -> None:
    for holding, _, column in holdings():
        if holding.stays is None:
            assert not retention._nothing(column)


def test_two_at_once_do_not_wait_for_each_other(session: Session) -> None:
    make_need(session, contacts=CONTACTS)
    aged(session, Need, updated_at=now() - timedelta(days=400), status=PostingStatus.closed)

    with db.transaction() as first, db.transaction() as second:
        retention.forget_what_is_over(first)
        retention.forget_what_is_over(second)

    session.expire_all()
    assert session.exec(select(Need)).one().contacts == []
