"""The state tables of everything that two or more parties work on."""

from typing import Any

from service.access.workflow import Workflow
from service.brokers.workflow import BROKER, BROKER_EVALUATION
from service.contracts.workflow import CONTRACT
from service.introductions.workflow import INTRODUCTION
from service.workflows.bid import BID
from service.workflows.challenge import CHALLENGE

WORKFLOWS: tuple[Workflow[Any], ...] = (
    INTRODUCTION,
    CONTRACT,
    CHALLENGE,
    BID,
    BROKER,
    BROKER_EVALUATION,
)
