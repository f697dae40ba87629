"""Introductions, contracts and brokers, as those walk them who walk their workflows."""

from httpx2 import Response

from schemas.vocabulary import Role
from tests.make import make_organization
from tests.service.contracting import content
from tests.service.doings.doing import Doings, World, walked
from tests.service.walks.broker import BrokerEvaluationWalk, BrokerWalk
from tests.service.walks.contract import ContractWalk
from tests.service.walks.introduction import IntroductionWalk

_DIALOGUE = {
    "POST /stage": ("move", "accepted", "seeker"),
    "POST /nda": ("ask nda", "accepted", "seeker"),
    "POST /nda/sign": ("sign nda", "accepted", "provider"),
    "POST /messages": ("write", "accepted", "provider"),
    "POST /milestones": ("add milestone", "accepted", "seeker"),
    "PUT /milestones/{milestone_id}": ("change milestone", "accepted", "seeker"),
    "POST /milestones/{milestone_id}/done": ("finish milestone", "accepted", "provider"),
    "DELETE /milestones/{milestone_id}": ("remove milestone", "accepted", "seeker"),
    "PUT /follow-ups/{months}": ("follow up", "ended", "seeker"),
    "POST /take-up": ("take up", "accepted", "another broker"),
    "POST /broker/agree": ("agree to broker", "accepted", "seeker"),
    "POST /broker/refuse": ("refuse broker", "accepted", "provider"),
}
_CONTRACT = {
    "PUT /content": ("change", "draft", "seeker"),
    "POST /sign": ("sign", "draft", "provider"),
    "POST /amend": ("amend", "registered", "seeker"),
    "POST /terminate": ("terminate", "signed", "seeker"),
    "POST /restore": ("restore", "amending", "provider"),
    "POST /submit": ("submit", "signed", "provider"),
    "POST /withdraw": ("withdraw", "submitted", "provider"),
    "POST /register": ("register", "submitted", "operator"),
    "POST /refuse": ("refuse", "submitted", "operator"),
    "POST /fulfil": ("fulfil", "registered", "seeker"),
    "POST /cancel": ("cancel", "draft", "seeker"),
}


def _enter(world: World) -> Response:
    body = {
        "seeker_id": str(world.own.id),
        "provider_id": str(world.other.id),
        "signed_on": "2026-01-05",
        "content": content(),
    }
    return world.operator.post("/v1/contracts", json=body)


def _register(world: World) -> Response:
    broker = make_organization(world.session, kind="broker")
    return world.client_for(broker, Role.broker).post("/v1/brokers", json={})


def _at(base: str, operation: str) -> str:
    method, place = operation.split()
    return f"{method} {base}{place}"


DOCKING: Doings = {
    **{
        _at("/v1/introductions/{introduction_id}", operation): (
            f"introduction.{verb.replace(' ', '_')}",
            walked(IntroductionWalk, state, who, verb),
        )
        for operation, (verb, state, who) in _DIALOGUE.items()
    },
    "POST /v1/introductions/{introduction_id}/contract": (
        "contract.draft",
        walked(IntroductionWalk, "accepted", "seeker", "contract"),
    ),
    "POST /v1/contracts": ("contract.enter", _enter),
    **{
        _at("/v1/contracts/{contract_id}", operation): (
            f"contract.{verb}",
            walked(ContractWalk, state, who, verb),
        )
        for operation, (verb, state, who) in _CONTRACT.items()
    },
    "POST /v1/brokers": ("broker.register", _register),
    "PATCH /v1/brokers/{broker_id}": ("broker.change", walked(BrokerWalk, "active", "broker", "change")),
    "POST /v1/brokers/{broker_id}/end": ("broker.end", walked(BrokerWalk, "active", "operator", "end")),
    "POST /v1/brokers/{broker_id}/readmit": (
        "broker.readmit",
        walked(BrokerWalk, "ended", "operator", "readmit"),
    ),
    "POST /v1/brokers/{broker_id}/evaluations": (
        "broker.evaluate",
        walked(BrokerWalk, "active", "operator", "evaluate"),
    ),
    **{
        f"POST /v1/brokers/{{broker_id}}/evaluations/{{year}}/{verb}": (
            f"broker.{verb}_evaluation",
            walked(BrokerEvaluationWalk, state, who, verb),
        )
        for verb, state, who in (
            ("recompute", "drafted", "operator"),
            ("confirm", "drafted", "operator"),
            ("answer", "confirmed", "broker"),
        )
    },
}
