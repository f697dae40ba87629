"""The state tables of everything that two or more parties work on."""

from typing import Any

from service.access.workflow import Workflow
from service.brokers.workflow import BROKER, BROKER_EVALUATION
from service.challenges.bid_workflow import BID
from service.challenges.workflow import CHALLENGE
from service.contracts.workflow import CONTRACT
from service.introductions.workflow import INTRODUCTION

WORKFLOWS: tuple[Workflow[Any], ...] = (
    INTRODUCTION,
    CONTRACT,
    CHALLENGE,
    BID,
    BROKER,
    BROKER_EVALUATION,
)
