"""Lists and pages with few rows, and then with many: what they ask the database must not grow with them."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from fastapi.testclient import TestClient
from sqlmodel import Session, SQLModel, select

from schemas.account import ApiKey, Organization
from schemas.base import now
from schemas.bid import Bid, BidDelivery, BidMember
from schemas.bid_review import BidReviewer, BidSheet
from schemas.broker import Broker, BrokerEvaluation
from schemas.challenge import Challenge, ChallengeStep
from schemas.challenge_amendment import AmendmentStatus, ChallengeAmendment
from schemas.contract import Contract, ContractEntry, ContractSignature, ContractVersion
from schemas.embed import Embed, EmbedUse
from schemas.integrity import IntegrityDeclaration, Veto
from schemas.introduction import Introduction, IntroductionStep
from schemas.introduction_follow_up import IntroductionFollowUp
from schemas.introduction_message import IntroductionMessage
from schemas.introduction_milestone import IntroductionMilestone
from schemas.mail import Frequency, MailAddress, MailLanguage
from schemas.notice import Notice
from schemas.subscription import Channel, StandingFilters, Subscription
from schemas.target import Target, TargetValue
from schemas.vocabulary import Role, Side
from schemas.web_session import WebSession
from schemas.webhook import Webhook, WebhookDelivery
from tests.conftest import ClientFor, Refreshed
from tests.make import make_capability, make_need, make_organization
from tests.service import contracting
from tests.service.proposals import Brokerage
from tests.service.tenders import Tender
from tests.service.two_sides import TwoSides
from tests.service.worklists import make_match

R = TypeVar("R", bound=SQLModel)

_CROPS = ("玉米", "加工番茄", "甜菜", "辣椒", "打瓜", "马铃薯")
#: How many rows come to the first.
MORE = 12


class World(NamedTuple):
    session: Session
    client_for: ClientFor
    refreshed: Refreshed


class Seen(NamedTuple):
    """Who looks, and what the braces of the addresses stand for."""

    readers: list[TestClient]
    names: dict[str, Any] = {}  # noqa: RUF012 -- of a tuple, and not changed


class Growth(NamedTuple):
    """shown_at: whose answers get longer. counted_at: whose answers may stay as long as they were.

    rows: says who looks when there are few rows; going on, it adds more.
    """

    rows: Callable[[World], Iterator[Seen]]
    shown_at: tuple[str, ...]
    counted_at: tuple[str, ...]


GROWTHS: list[Growth] = []


def shown_at(
    *addresses: str, counted_at: tuple[str, ...] = ()
) -> Callable[[Callable[[World], Iterator[Seen]]], None]:
    return lambda rows: GROWTHS.append(Growth(rows, addresses, counted_at))


def again(session: Session, row: R, **changes: Any) -> R:
    """One more row that says the same but for ``changes``, with what the program or the database gives of its own."""
    table = SQLModel.metadata.tables[str(row.__tablename__)]
    said = {name: getattr(row, name) for name in {*table.columns.keys()} - {"id", "written_xid"}}
    made = type(row)(**said | changes)
    session.add(made)
    session.flush()
    return made


def all_of(session: Session, table: type[R], **having: Any) -> list[R]:
    conditions = [getattr(table, name) == value for name, value in having.items()]
    return list(session.exec(select(table).where(*conditions)))


def again_with(session: Session, row: Any, children: dict[type[SQLModel], str], **changes: Any) -> Any:
    """Likewise, with the rows of other tables that name it in this column."""
    made = again(session, row, **changes)
    for table, column in children.items():
        for child in all_of(session, table, **{column: row.id}):
            again(session, child, **{column: made.id})
    return made


def _awarded(world: World) -> Tender:
    tender = Tender(world.session, world.client_for).opened()
    tender.bid()
    return tender.evaluating().awarded()


@shown_at("/v1/challenges", "/v1/challenges?facets=true", "/challenges")
def challenges(world: World) -> Iterator[Seen]:
    """Each of another publisher, with a need, a winner and a way behind it."""
    session, tender = world.session, _awarded(world)
    challenge = session.get_one(Challenge, UUID(tender.id))
    [bid] = all_of(session, Bid)
    yield Seen([tender.publisher, tender.operator, tender.reviewer, tender.bidder])
    for _ in range(MORE):
        need = make_need(session, make_organization(session))
        other = again_with(
            session,
            challenge,
            {ChallengeStep: "challenge_id", BidReviewer: "challenge_id"},
            organization_id=need.organization_id,
            need_id=need.id,
        )
        won = again(session, bid, challenge_id=other.id, organization_id=make_organization(session).id)
        again(
            session,
            all_of(session, BidMember)[0],
            bid_id=won.id,
            challenge_id=other.id,
            organization_id=won.organization_id,
        )


@shown_at(
    "/v1/challenges/{challenge_id}",
    "/v1/challenges/{challenge_id}/bids",
    "/v1/challenges/{challenge_id}/reviews",
    "/challenges/{challenge_id}",
    "/challenges/{challenge_id}/reviews",
)
def bids(world: World) -> Iterator[Seen]:
    """Each of a consortium of its own, with a sheet of each reviewer."""
    session, tender = world.session, _awarded(world)
    [bid], [reviewer], [sheet] = all_of(session, Bid), all_of(session, BidReviewer), all_of(session, BidSheet)
    [member] = all_of(session, BidMember)
    session.add(BidDelivery(bid_id=bid.id))
    session.commit()
    yield Seen([tender.publisher, tender.operator, tender.reviewer], {"challenge_id": tender.id})
    reviewers = [again(session, reviewer, organization_id=make_organization(session).id) for _ in range(3)]
    for one in reviewers:
        again(session, sheet, reviewer_id=one.id)
    for _ in range(MORE):
        firm = make_organization(session)
        other = again_with(session, bid, {BidDelivery: "bid_id"}, organization_id=firm.id)
        for member_id in (firm.id, make_organization(session).id):
            again(session, member, bid_id=other.id, organization_id=member_id)
        for one in (reviewer, *reviewers):
            again(session, sheet, bid_id=other.id, reviewer_id=one.id)


@shown_at(
    "/v1/challenges/{challenge_id}/amendments",
    "/challenges/{challenge_id}",
)
def amendments(world: World) -> Iterator[Seen]:
    session, tender = world.session, Tender(world.session, world.client_for).opened()
    tender.do(tender.publisher, "amendments", {"reason": "更正", "changes": {"goal": "研制两台样机。"}})
    [amendment] = all_of(session, ChallengeAmendment)
    yield Seen([tender.publisher], {"challenge_id": tender.id})
    for number in range(2, MORE + 2):
        again(session, amendment, number=number, status=AmendmentStatus.published, decided_at=now())


@shown_at(
    "/",
    "/needs",
    "/capabilities",
    "/my",
    "/sitemap.xml",
    "/feeds/needs.atom",
    "/feeds/capabilities.atom",
    "/feeds/needs.json",
    "/oai?verb=ListRecords&metadataPrefix=oai_dc",
    "/oai?verb=ListIdentifiers&metadataPrefix=oai_dc",
    "/v1/needs",
    "/v1/needs?facets=true",
    "/v1/capabilities",
    "/v1/capabilities?facets=true",
    "/v1/exports/needs?format=csv",
    "/v1/exports/needs?format=xlsx",
    "/v1/exports/needs?format=jsonl",
    "/v1/exports/capabilities?format=csv",
    "/v1/exports/capabilities?format=xlsx",
    "/v1/exports/capabilities?format=jsonl",
)
def postings(world: World) -> Iterator[Seen]:
    owner = make_organization(world.session)

    def post() -> None:
        for side_owner in (owner, make_organization(world.session)):
            make_need(world.session, side_owner, description="地膜残留多，需要捡拾。")
            make_capability(world.session, side_owner, description="一次捡拾打包。")

    post()
    yield Seen([world.client_for(owner)])
    for _ in range(MORE // 2):
        post()


@shown_at(
    "/v1/needs/{need_id}/matches?min_score=0&fold=false",
    "/v1/capabilities/{capability_id}/matches?min_score=0&fold=false",
    "/search?q=棉田残膜回收",
    "/v1/embedded/latest?key={site_key}&side=needs",
    "/v1/embedded/search?key={site_key}&q=残膜",
    "/embed/latest?key={site_key}&side=needs",
    # Near-duplicates are folded there.
    counted_at=(
        "/needs/{need_id}",
        "/capabilities/{capability_id}",
        "/v1/embedded/matches?key={site_key}&need={need_id}",
        "/embed/matches?key={site_key}&need={need_id}",
    ),
)
def matches(world: World) -> Iterator[Seen]:
    session, owner = world.session, make_organization(world.session)
    need, capability = make_need(session, owner), make_capability(session, owner)
    make_need(session), make_capability(session)
    client = world.client_for(owner)
    made = world.client_for(owner, Role.integrator).post(
        "/v1/embeds",
        json={
            "name": "园区",
            "origins": ["https://a.example.cn"],
            "elements": ["latest", "search", "matches"],
        },
    )
    assert made.status_code == 201, made.text
    client.headers["Origin"] = "https://a.example.cn"
    world.refreshed(client)
    names = {"need_id": need.id, "capability_id": capability.id, "site_key": made.json()["site_key"]}
    yield Seen([client], names)
    for crop in _CROPS:
        make_need(session, title=f"{crop}地残膜回收技术"), make_capability(session, title=f"{crop}残膜捡拾机")
    world.refreshed(client)


@shown_at("/v1/embeds")
def embeds(world: World) -> Iterator[Seen]:
    session, owner = world.session, make_organization(world.session)
    embed = Embed(
        organization_id=owner.id, name="园区", site_key="djs_0", origins=["https://a.cn"], elements=["latest"]
    )
    session.add(embed)
    session.flush()
    session.add(EmbedUse(embed_id=embed.id, day=now().date(), requests=3))
    yield Seen([world.client_for(owner, Role.integrator), world.client_for(role=Role.operator)])
    for number in range(MORE):
        other = again(session, embed, site_key=f"djs_{number + 1}")
        session.add(EmbedUse(embed_id=other.id, day=now().date(), requests=3))


@shown_at("/v1/organizations", "/v1/organizations?facets=true", "/desk")
def organizations(world: World) -> Iterator[Seen]:
    make_organization(world.session, verified=False)
    yield Seen([world.client_for(role=Role.operator)])
    for _ in range(MORE):
        make_organization(world.session, verified=False)


@shown_at("/v1/organizations/{organization_id}/look-alikes")
def look_alikes(world: World) -> Iterator[Seen]:
    one = make_organization(world.session, name="石河子残膜研究所")
    yield Seen([world.client_for(role=Role.operator)], {"organization_id": one.id})
    for _ in range(MORE):
        make_organization(world.session, name="石河子残膜研究所")


@shown_at("/v1/organizations/{organization_id}/api-keys", "/account")
def keys(world: World) -> Iterator[Seen]:
    session, owner = world.session, make_organization(world.session)
    client = world.client_for(owner)
    [key] = all_of(session, ApiKey)
    yield Seen([client], {"organization_id": owner.id})
    [signed_in] = all_of(session, WebSession)
    for number in range(MORE):
        other = again(session, key, key_hash=f"{number:064d}", made_by=key.id)
        again(session, signed_in, token_hash=f"{number:064d}")
        again(session, signed_in, token_hash=f"{number:063d}a", api_key_id=other.id)


@shown_at(
    "/v1/notifications",
    "/v1/subscriptions",
    "/v1/mail-addresses",
    "/v1/webhooks",
    "/v1/webhooks/{webhook_id}/deliveries",
    "/v1/audit",
    "/notifications",
    "/subscriptions",
    "/webhooks",
    "/audit",
    counted_at=("/v1/notifications/unread",),
)
def notices(world: World) -> Iterator[Seen]:
    """Of introductions of others each, with a webhook that each was sent to."""
    session, two = world.session, TwoSides(world.session, world.client_for)
    two.ask(two.provider)
    [notice] = all_of(session, Notice, organization_id=two.seeking.id)
    key = session.exec(select(ApiKey).where(ApiKey.organization_id == two.seeking.id)).one()
    address = MailAddress(
        organization_id=two.seeking.id,
        api_key_id=key.id,
        role=Role.member,
        address="a@example.cn",
        language=MailLanguage.chinese,
        frequency=Frequency.at_once,
        asked_at=now(),
        confirmed_at=now(),
    )
    webhook = Webhook(
        organization_id=two.seeking.id, role=Role.member, url="https://a.example.cn", secret="s"
    )
    session.add_all([address, webhook])
    session.flush()
    delivery = WebhookDelivery(
        webhook_id=webhook.id, notice_id=notice.id, event="0", due_at=now(), asked_at=now()
    )
    subscription = Subscription(
        organization_id=two.seeking.id,
        api_key_id=key.id,
        looking_for=Side.capabilities,
        text="残膜",
        filters=StandingFilters(),
        channels=[Channel.email],
        mail_address_id=address.id,
    )
    session.add_all([delivery, subscription])
    session.commit()
    yield Seen([two.seeker], {"webhook_id": webhook.id})
    [introduction] = all_of(session, Introduction)
    for number in range(MORE):
        other = _introduced(world, introduction, seeker_id=two.seeking.id)
        told = again(session, notice, subject_id=other.id, once=None)
        again(session, delivery, notice_id=told.id, event=f"{number + 1}")
        mailed = again(session, address, address=f"b{number}@example.cn")
        need = make_need(session, two.seeking)
        again(session, subscription, text=None, posting_id=need.id, mail_address_id=mailed.id)
        hooked = again(session, webhook, url=f"https://b{number}.example.cn")
        again(session, delivery, webhook_id=hooked.id)


def _introduced(world: World, row: Introduction, **same: UUID) -> Introduction:
    """Another introduction like ``row``, between another two but for what is the same."""
    session = world.session
    seeker, provider, broker = (make_organization(session).id for _ in range(3))
    need = make_need(session, _organization(world, same.get("seeker_id", seeker)))
    capability = make_capability(session, _organization(world, same.get("provider_id", provider)))
    made: Introduction = again_with(
        session,
        row,
        {IntroductionStep: "introduction_id"},
        need_id=need.id,
        capability_id=capability.id,
        **{"seeker_id": seeker, "provider_id": provider, "broker_id": row.broker_id and broker, **same},
    )
    return made


def _organization(world: World, key: UUID) -> Organization:
    return world.session.get_one(Organization, key)


@shown_at(
    "/v1/introductions", "/v1/introductions?stalled=true", "/introductions", "/introductions?stalled=true"
)
def introductions(world: World) -> Iterator[Seen]:
    """Some of the seeker's own, and one of others that a broker sees in outline where it has stalled."""
    two = TwoSides(world.session, world.client_for)
    place = two.brokered()
    two.long_ago(place, "moved_at", 400)
    row = two.row(place)
    others = _introduced(world, row)
    yield Seen([two.seeker, two.broker, two.operator])
    for _ in range(MORE // 2):
        _introduced(world, row, seeker_id=two.seeking.id, broker_id=two.brokering.id)
        _introduced(world, others)


@shown_at(
    "/v1/introductions/{introduction_id}",
    "/v1/introductions/{introduction_id}/messages",
    "/v1/introductions/{introduction_id}/milestones",
    "/introductions/{introduction_id}",
)
def dialogue(world: World) -> Iterator[Seen]:
    session, two = world.session, TwoSides(world.session, world.client_for)
    place = two.brokered()
    row, key = two.row(place), all_of(session, ApiKey)[0]
    message = IntroductionMessage(
        introduction_id=row.id, organization_id=two.seeking.id, api_key_id=key.id, text="你好"
    )
    milestone = IntroductionMilestone(
        introduction_id=row.id, title="样机", done_at=now(), done_by=two.seeking.id, done_with=key.id
    )
    session.add_all([message, milestone])
    session.commit()
    yield Seen([two.seeker, two.provider], {"introduction_id": row.id})
    [step, *_] = all_of(session, IntroductionStep)
    for number in range(MORE):
        again(session, message, organization_id=(two.providing, two.brokering)[number % 2].id)
        again(session, milestone, done_by=two.providing.id)
        again(session, step, organization_id=make_organization(session).id)


@shown_at("/v1/introductions/{introduction_id}/follow-ups", "/introductions/{introduction_id}")
def follow_ups(world: World) -> Iterator[Seen]:
    session, two = world.session, TwoSides(world.session, world.client_for)
    place = two.brokered()
    assert two.seeker.post(f"{place}/end", json={"outcome": "contract"}).is_success
    two.long_ago(place, "ended_at", 800)
    row = two.row(place)
    answer = IntroductionFollowUp(
        introduction_id=row.id, months=6, organization_id=two.seeking.id, answered_at=now(), remark="好"
    )
    session.add(answer)
    yield Seen([two.seeker, two.operator], {"introduction_id": row.id})
    for months, side in ((6, two.providing), (12, two.seeking), (12, two.providing), (24, two.seeking)):
        again(session, answer, months=months, organization_id=side.id)


_OF_A_CONTRACT: dict[type[SQLModel], str] = {
    ContractVersion: "contract_id",
    ContractSignature: "contract_id",
    ContractEntry: "contract_id",
}


@shown_at("/v1/contracts", "/v1/contracts?facets=true", "/contracts")
def contracts(world: World) -> Iterator[Seen]:
    session, parties = world.session, contracting.parties(world.session, world.client_for)
    made = contracting.register(parties, contracting.draft(session, parties))
    yield Seen([parties.seeker, parties.operator])
    _more_contracts(world, made["id"])


@shown_at(
    "/v1/contracts/export",
    "/contracts/export.csv",
    "/contracts/export.xlsx",
    counted_at=(
        "/v1/contracts/totals",
        "/v1/statistics",
        "/v1/statistics/introductions",
        "/statistics.csv",
    ),
)
def registered(world: World) -> Iterator[Seen]:
    session, parties = world.session, contracting.parties(world.session, world.client_for)
    made = contracting.register(parties, contracting.draft(session, parties))
    yield Seen([parties.operator])
    _more_contracts(world, made["id"])


def _more_contracts(world: World, key: str) -> None:
    session, contract = world.session, world.session.get_one(Contract, UUID(key))
    [introduction] = all_of(session, Introduction)
    for number in range(MORE):
        other = _introduced(world, introduction, seeker_id=contract.seeker_id)
        again_with(
            session,
            contract,
            _OF_A_CONTRACT,
            introduction_id=other.id,
            provider_id=other.provider_id,
            broker_id=other.broker_id,
            registration_number=f"9{number:015d}",
        )


@shown_at(
    "/v1/contracts/{contract_id}",
    "/v1/contracts/{contract_id}/versions",
    "/contracts/{contract_id}",
)
def versions(world: World) -> Iterator[Seen]:
    session, parties = world.session, contracting.parties(world.session, world.client_for)
    contract = session.get_one(Contract, UUID(contracting.draft(session, parties)["id"]))
    [version] = all_of(session, ContractVersion)
    yield Seen([parties.seeker, parties.provider], {"contract_id": contract.id})
    for number in range(2, MORE + 2):
        again(session, version, number=number, written_by=parties.seller.id)
    contract.version = MORE + 1


@shown_at(
    "/v1/brokers",
    "/v1/brokers/{broker_id}/evaluations",
    "/broker",
    "/broker/{broker_id}",
    counted_at=("/v1/brokers/{broker_id}/record",),
)
def brokers(world: World) -> Iterator[Seen]:
    session, made = world.session, Brokerage(world.session, world.client_for)
    made.contracted()
    answer = made.operator.post(f"{made.place}/evaluations", json={"year": now().year})
    assert answer.status_code == 201, answer.text
    broker, [evaluation] = session.get_one(Broker, UUID(made.id)), all_of(session, BrokerEvaluation)
    yield Seen([made.operator], {"broker_id": made.id})
    [introduction] = all_of(session, Introduction)
    for number in range(MORE):
        other = again(session, broker, organization_id=make_organization(session, kind="broker").id)
        again(session, evaluation, broker_id=other.id)
        again(session, evaluation, year=evaluation.year - number - 1)
        _introduced(world, introduction, broker_id=made.own.id)


@shown_at("/v1/brokers/worklist", "/broker")
def worklist(world: World) -> Iterator[Seen]:
    session, made = world.session, Brokerage(world.session, world.client_for)
    make_match(session)
    row = session.get_one(Introduction, UUID(made.propose()))
    yield Seen([made.broker])
    for _ in range(MORE // 2):
        make_match(session)
        _introduced(world, row, broker_id=made.own.id)


@shown_at("/v1/vetoes", "/v1/integrity/declarations")
def integrity(world: World) -> Iterator[Seen]:
    session, owner = world.session, make_organization(world.session)
    veto = Veto(
        organization_id=owner.id, reason="弄虚作假", decided_by="科技局", source="文", starts_on=now().date()
    )
    client = world.client_for(owner)
    declaration = IntegrityDeclaration(
        organization_id=owner.id,
        text_version="1",
        api_key_id=all_of(session, ApiKey)[0].id,
        valid_until=now() + timedelta(days=3),
    )
    session.add_all([veto, declaration])
    yield Seen([client])
    for _ in range(MORE):
        again(session, veto)
        again(session, declaration)


@shown_at("/v1/vetoes", "/desk")
def vetoes(world: World) -> Iterator[Seen]:
    """Each against another organisation."""
    session, owner = world.session, make_organization(world.session)
    veto = Veto(
        organization_id=owner.id, reason="弄虚作假", decided_by="科技局", source="文", starts_on=now().date()
    )
    session.add(veto)
    yield Seen([world.client_for(role=Role.operator)])
    for _ in range(MORE):
        again(session, veto, organization_id=make_organization(session).id)


@shown_at("/v1/targets", "/statistics", "/desk")
def targets(world: World) -> Iterator[Seen]:
    session = world.session
    target = Target(plan="p", key="k", name="成交额", unit="亿元", at_least=5, first_year=2021, due_year=2025)
    session.add(target)
    session.flush()
    session.add(TargetValue(target_id=target.id, year=2022, value=1))
    yield Seen([world.client_for(role=Role.operator)])
    for number in range(MORE):
        other = again(session, target, key=f"k{number}")
        session.add(TargetValue(target_id=other.id, year=2022, value=1))


@shown_at("/v1/statistics/gaps", "/v1/statistics/transfers?state=ahead&state=near&state=past")
def outlooks(world: World) -> Iterator[Seen]:
    """Needs without supply, and results with a day by which they are to be transferred."""

    def post() -> None:
        make_match(world.session, 0.01)
        make_capability(world.session, publicly_funded=True, transfer_by=now().date() + timedelta(days=9))

    post()
    yield Seen([world.client_for(role=Role.operator)])
    for _ in range(MORE):
        post()
