"""Telling follows reading: no feed, webhook or mail says of anything to a key whose role may not read it."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session, col, select

from schemas.account import Organization
from schemas.base import now
from schemas.introduction import Introduction
from schemas.mail import MailItem
from schemas.notice import Notice, NoticeKind
from schemas.vocabulary import Role
from service.introductions.stalls import tell_of_stalled
from service.notices.feed import notify
from tests.conftest import ClientFor
from tests.mail_server import Mailbox
from tests.mailing_steps import confirmed
from tests.make import make_need, make_organization
from tests.receiver import Receiver
from tests.service.contracting import agree, draft, parties
from tests.service.tenders import Tender
from tests.telling import tell
from tests.workers.hooks import deliveries, hook
from tests.workers.test_standing import subscribe
from workers import standing

# What a key for embedding reads: what is published, matches, and the webhooks that it made.
_FOR_EMBEDDING = {"capability", "match", "webhook"}
_FOR_BROKERS = {"broker"}


def kinds(client: TestClient) -> set[str]:
    items = client.get("/v1/notifications", params={"limit": 200}).json()["items"]
    return {one["kind"] for one in items}


def of_all_kinds(session: Session, owner: Organization) -> None:
    for kind in NoticeKind:
        # In a match that no subscription asked for there is nothing to mail or send.
        if kind is not NoticeKind.match_found:
            notify(session, kind, uuid4(), [owner.id], status="opened")
    session.commit()


def readable(role: Role) -> set[str]:
    hidden = {
        Role.integrator: {kind.value.partition(".")[0] for kind in NoticeKind} - _FOR_EMBEDDING,
        Role.member: _FOR_BROKERS,
    }.get(role, set())
    every = {kind.value for kind in NoticeKind if kind is not NoticeKind.match_found}
    return {kind for kind in every if kind.partition(".")[0] not in hidden}


@pytest.mark.parametrize("role", list(Role), ids=str)
def test_feeds_webhooks_and_mails_tell_a_role_what_it_may_read(
    session: Session,
    client_for: ClientFor,
    owner: Organization,
    hooked: Receiver,
    mailbox: Mailbox,
    role: Role,
) -> None:
    client = client_for(owner, role)
    made = hook(client, hooked)
    confirmed(session, client, whole_organization=True)

    of_all_kinds(session, owner)
    tell(session)

    expected = readable(role)
    assert kinds(client) == expected
    assert {one["kind"] for one in deliveries(client, made, limit=200)} == expected
    mailed = select(Notice.kind).join(MailItem, col(MailItem.notice_id) == col(Notice.id))
    assert set(session.exec(mailed)) == expected


def test_a_key_for_embedding_learns_nothing_of_dealings_and_bids_by_any_way(
    session: Session, client_for: ClientFor, hooked: Receiver
) -> None:
    two, tender = parties(session, client_for), Tender(session, client_for).opened()
    integrators = [client_for(one, Role.integrator) for one in (two.seller, two.buyer, tender.firm)]
    hooks = [hook(client, hooked) for client in integrators]
    draft(session, two)
    tender.bid()
    tender.pass_deadline()
    tender.do(tender.operator, "reviewers", {"organization_id": str(tender.panel.id)})

    tell(session)

    for client, made in zip(integrators, hooks, strict=True):
        assert kinds(client) == set()
        assert deliveries(client, made) == []
    assert {"introduction.requested", "contract.drafted"} <= kinds(two.provider)
    assert {"bid.moved", "challenge.moved"} <= kinds(tender.bidder)


def test_a_brokers_members_are_not_told_of_what_it_brokers_which_they_do_not_read(
    session: Session, client_for: ClientFor, hooked: Receiver
) -> None:
    two = parties(session, client_for)
    member = client_for(two.agent)
    hooks = {"member": hook(member, hooked), "broker": hook(two.broker, hooked)}
    found = agree(session, two)
    two.seeker.post(f"/v1/introductions/{found}/move", json={"stage": "negotiation"})
    draft(session, two)

    tell(session)

    assert member.get(f"/v1/introductions/{found}").status_code == 404
    assert kinds(member) == set()
    assert deliveries(member, hooks["member"]) == []
    assert {"introduction.accepted", "contract.drafted"} <= kinds(two.broker)
    assert {one["kind"] for one in deliveries(two.broker, hooks["broker"])} == kinds(two.broker)


def test_a_key_manages_the_webhooks_that_tell_no_more_than_it_may_be_told(
    session: Session, client_for: ClientFor, owner: Organization, hooked: Receiver
) -> None:
    member, integrator = client_for(owner), client_for(owner, Role.integrator)
    of_member, of_integrator = hook(member, hooked), hook(integrator, hooked)
    notify(session, NoticeKind.bid_moved, uuid4(), [owner.id], status="lapsed")
    tell(session)

    asked = [
        integrator.get(f"/v1/webhooks/{of_member['id']}/deliveries"),
        integrator.post(f"/v1/webhooks/{of_member['id']}/rotate"),
        integrator.post(f"/v1/webhooks/{of_member['id']}/redeliver", json={}),
        integrator.delete(f"/v1/webhooks/{of_member['id']}"),
    ]

    assert [answer.status_code for answer in asked] == [404] * 4
    assert [one["id"] for one in integrator.get("/v1/webhooks").json()] == [of_integrator["id"]]
    assert len(member.get("/v1/webhooks").json()) == 2
    assert len(deliveries(member, of_member)) == 1


def test_an_address_that_a_member_gives_as_well_is_told_what_members_are(
    session: Session, client_for: ClientFor, owner: Organization, mailbox: Mailbox
) -> None:
    integrator, member = client_for(owner, Role.integrator), client_for(owner)
    address = confirmed(session, integrator, whole_organization=True)
    before = address.role
    confirmed(session, member, whole_organization=True)
    session.refresh(address)
    as_member = address.role
    confirmed(session, integrator, whole_organization=True)
    session.refresh(address)

    assert (before, as_member, address.role) == (Role.integrator, Role.member, Role.member)


def test_what_operators_are_told_of_as_such_their_members_are_not(
    session: Session, client_for: ClientFor
) -> None:
    desk = make_organization(session)
    operator, member = client_for(desk, Role.operator), client_for(desk)
    two = parties(session, client_for)
    found = agree(session, two)
    stalled = session.get_one(Introduction, UUID(found), populate_existing=True)
    stalled.moved_at = now() - timedelta(days=999)
    session.commit()
    tell_of_stalled(session)
    session.commit()

    assert "introduction.stalled" in kinds(operator)
    assert "introduction.stalled" in kinds(two.broker)
    assert kinds(member) == set()


@pytest.mark.model
def test_of_what_only_members_see_a_key_for_embedding_is_not_told_where_all_are(
    session: Session, client_for: ClientFor, owner: Organization, do_work: Callable[[], None]
) -> None:
    standing._kept.cache_clear()
    waiting = make_organization(session)
    member, integrator = client_for(waiting), client_for(waiting, Role.integrator)
    subscribe(member, whole_organization=True)
    told = []

    for visibility in ("members", "public"):
        make_need(session, owner, title="棉田残膜回收机械", visibility=visibility)
        do_work()
        tell(session)
        told.append([len(client.get("/v1/notifications").json()["items"]) for client in (member, integrator)])

    assert told == [[1, 0], [2, 1]]
