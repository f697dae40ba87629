"""Every state, verb and role of every workflow, over HTTP, against the tables of docs/workflows.md."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlmodel import Session

from service.api.workflows_all import WORKFLOWS
from service.api.workflows_document import render
from tests.conftest import ClientFor
from tests.service.tables import everything
from tests.service.walks.bid import BidWalk
from tests.service.walks.broker import BrokerEvaluationWalk, BrokerWalk
from tests.service.walks.challenge import ChallengeWalk
from tests.service.walks.contract import ContractWalk
from tests.service.walks.introduction import IntroductionWalk
from tests.service.walks.walk import Actor, Walk

PAGE = Path(__file__).parents[3] / "docs" / "workflows.md"
WALKS: dict[str, type[Walk]] = {
    "introduction": IntroductionWalk,
    "contract": ContractWalk,
    "broker": BrokerWalk,
    "broker_evaluation": BrokerEvaluationWalk,
    "challenge": ChallengeWalk,
    "bid": BidWalk,
}
_SERVICE = "the service itself"


class Rule(NamedTuple):
    verb: str
    by: frozenset[str]
    of: frozenset[str]
    to: frozenset[str]


def _words(cell: str) -> frozenset[str]:
    return frozenset(word.strip() for word in cell.split(",") if word.strip())


def _sections() -> Iterator[tuple[str, list[str], list[Rule]]]:
    """The states and rules of each section, as they stand on the page."""
    for section in re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        noun = section.partition("\n")[0].strip().lower().replace(" ", "_")
        rules = re.findall(r"^\| ([^|`]+?) \| ([^|]+?) \| ([^|]+?) \| ([^|]*?) ?\|$", section, re.MULTILINE)
        yield (
            noun,
            re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE),
            [Rule(verb, _words(by), _words(of), _words(to)) for verb, by, of, to in rules if verb != "verb"],
        )


SECTIONS = {noun: (states, rules) for noun, states, rules in _sections()}
CASES = [(noun, state) for noun, (states, _) in SECTIONS.items() for state in states]


def test_the_page_is_what_the_tables_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == render(), "make workflows writes it anew"


def test_every_workflow_is_on_the_page_and_walked() -> None:
    assert {workflow.noun for workflow in WORKFLOWS} == set(SECTIONS) == set(WALKS)
    assert all(rules and states for states, rules in SECTIONS.values())


@pytest.mark.parametrize(("noun", "state"), CASES)
def test_what_the_page_allows_works_and_all_else_changes_nothing(
    session: Session, client_for: ClientFor, noun: str, state: str
) -> None:
    rules = [rule for rule in SECTIONS[noun][1] if _SERVICE not in rule.by]
    walk = WALKS[noun](session, client_for)
    work = walk.bring(state)
    assert walk.state(work) == state

    before = everything(session)
    for verb in dict.fromkeys(rule.verb for rule in rules):
        for name, actor in walk.actors.items():
            if _allowed(rules, verb, actor, state):
                continue
            answer = walk.send(actor.client, work, verb)
            assert answer.status_code in _refusals(rules, verb, actor), (name, verb, state, answer.text)
            if answer.status_code == 409:
                assert answer.json()["status_now"] == state, (name, verb, answer.text)
        assert everything(session) == before, (verb, state)

    for verb in dict.fromkeys(rule.verb for rule in rules):
        for name, actor in walk.actors.items():
            allowed = _allowed(rules, verb, actor, state)
            if allowed:
                fresh = walk.bring(state)
                walk.prepare(fresh, verb)
                answer = walk.send(actor.client, fresh, verb)
                assert answer.is_success, (name, verb, state, answer.text)
                leads_to = frozenset[str]().union(*(rule.to for rule in allowed)) or {state}
                assert walk.state(fresh) in leads_to, (name, verb, state)


def _allowed(rules: list[Rule], verb: str, actor: Actor, state: str) -> list[Rule]:
    return [rule for rule in rules if rule.verb == verb and rule.by & actor.parts and state in rule.of]


def _refusals(rules: list[Rule], verb: str, actor: Actor) -> set[int]:
    """Strangers see nothing, or may do nothing at all; others may never do it, or not now."""
    if not actor.parts or actor.helps:
        return {403, 404}
    return {409} if any(rule.verb == verb and rule.by & actor.parts for rule in rules) else {403}
