"""The demonstration shows each stage on the way from a match to a contract."""

from sqlmodel import Session, col, select

from schemas.account import Organization
from schemas.challenge import Challenge, ChallengeStatus
from schemas.contract import Contract, ContractStatus
from schemas.introduction import Introduction, IntroductionStatus
from schemas.need import Need
from schemas.vocabulary import PostingStatus
from service.access import audit
from service.demo import load_demo


def nothing(_what: str, _share: float) -> None:
    pass


def test_the_demonstration_has_something_in_each_state_and_is_loaded_once(session: Session) -> None:
    for _ in range(2):
        load_demo(session, nothing)
        session.commit()

    found = sorted(one.status for one in session.exec(select(Introduction)))
    assert found == sorted(
        [
            *[IntroductionStatus.accepted] * 2,
            IntroductionStatus.awaiting_provider,
            IntroductionStatus.awaiting_seeker,
            IntroductionStatus.declined,
            IntroductionStatus.proposed,
        ]
    )
    assert [one.status for one in session.exec(select(Contract))] == [ContractStatus.submitted]
    assert {one.status for one in session.exec(select(Challenge))} == {
        ChallengeStatus.review,
        ChallengeStatus.open,
        ChallengeStatus.evaluating,
        ChallengeStatus.acceptance,
    }
    waiting = select(Need).where(Need.status == PostingStatus.submitted)
    assert [one.external_id for one in session.exec(waiting)] == ["demo-n061"]
    unverified = select(Organization).where(col(Organization.verified_at).is_(None))
    assert len(session.exec(unverified).all()) == 1
    assert audit.verify(session).broken_at is None
