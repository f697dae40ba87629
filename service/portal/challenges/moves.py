"""What may be done to a challenge from its page, and the fields that each deed takes."""

from collections.abc import Mapping
from typing import Literal, NamedTuple
from uuid import UUID

from sqlmodel import Session
from starlette.datastructures import FormData

from schemas.bid_review import Award, Signing
from schemas.challenge import ChallengeShown, Invite, WithReason
from schemas.contract import ContractShown
from schemas.wording import Wording
from service.access.principal import Principal
from service.challenges import advice as challenge_advice
from service.challenges import awards, challenges
from service.contracts.contracts import ContractQuery, list_contracts
from service.platform.problems import Unfit
from service.portal.field_errors import id_in

Verb = Literal[
    "submit",
    "recall",
    "return",
    "open",
    "withdraw",
    "award",
    "fail",
    "reopen",
    "sign",
    "start",
    "terminate",
    "invite",
]
_MOST = 200


class Signable(NamedTuple):
    """A winner, and the contracts with it that are kept here."""

    bid_id: UUID
    name: str
    contracts: list[ContractShown]


def signable(session: Session, caller: Principal, challenge: ChallengeShown) -> list[Signable]:
    """The contracts that the caller may name for each winner: those between the publisher and one of its bid."""
    if "sign" not in challenge.may:
        return []
    theirs = list_contracts(session, caller, ContractQuery(limit=_MOST)).items
    publisher = challenge.organization.id
    found = []
    for winner in challenge.winners_now:
        bidders = {one.id for one in (winner.organization, *winner.members)}
        between = [one for one in theirs if one.seeker.id == publisher and one.provider.id in bidders]
        found.append(Signable(winner.bid_id, winner.organization.name, between))
    return found


def move(session: Session, caller: Principal, challenge_id: UUID, verb: Verb, form: FormData) -> None:
    said = str(form.get("reason") or "").strip()
    plain = {
        "submit": challenges.submit,
        "recall": challenges.recall,
        "open": challenges.open_to_bids,
        "start": awards.start,
    }
    with_reason = {
        "return": challenges.send_back,
        "withdraw": challenges.withdraw,
        "fail": awards.fail,
        "reopen": awards.reopen,
        "terminate": awards.terminate,
    }
    if verb in plain:
        plain[verb](session, caller, challenge_id)
    elif verb in with_reason:
        with_reason[verb](session, caller, challenge_id, reason_in(said))
    elif verb == "award":
        body = Award(
            bid_ids=[id_in(one) for one in form.getlist("bid_ids")],
            accept_above_reward="accept_above_reward" in form,
            reason=said[:200],
        )
        awards.award(session, caller, challenge_id, body)
    elif verb == "sign":
        awards.sign(
            session, caller, challenge_id, Signing(contracts=_named(session, caller, challenge_id, form))
        )
    else:
        told = [id_in(one) for one in form.getlist("organization_ids")]
        challenge_advice.invite(session, caller, challenge_id, Invite(organization_ids=told))


def _named(
    session: Session, caller: Principal, challenge_id: UUID, form: Mapping[str, object]
) -> dict[UUID, UUID]:
    """By bid, which contract was chosen."""
    found = challenges.access_challenge(session, caller, challenge_id).challenge
    named = {}
    for one in signable(session, caller, challenges.shown(session, caller, found)):
        wanted = str(form.get(f"contract-{one.bid_id}") or "")
        if wanted:
            named[one.bid_id] = id_in(wanted)
    return named


def reason_in(said: str) -> WithReason:
    if not said:
        raise Unfit("/reason", "missing", Wording("请写明理由", "Say why"))
    return WithReason(reason=said)
