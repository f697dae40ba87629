"""对接: from the first question to what became of it."""

from schemas.introduction import IntroductionStatus as State
from service.access.workflow import Move, Part, Workflow

_SIDES = {Part.seeker, Part.provider}
_TALKING = {*_SIDES, Part.broker}
_ANYBODY = {*_SIDES, Part.broker, Part.operator}
_OPEN = {State.proposed, State.awaiting_provider, State.awaiting_seeker}

INTRODUCTION = Workflow(
    noun="introduction",
    states=State,
    start={State.proposed, State.awaiting_provider, State.awaiting_seeker},
    moves=(
        Move("read", _ANYBODY, set(State)),
        Move("accept", {Part.seeker}, {State.proposed}, {State.awaiting_provider}),
        Move("accept", {Part.provider}, {State.proposed}, {State.awaiting_seeker}),
        Move("accept", {Part.provider}, {State.awaiting_provider}, {State.accepted}),
        Move("accept", {Part.seeker}, {State.awaiting_seeker}, {State.accepted}),
        Move("decline", {Part.seeker}, {State.proposed, State.awaiting_seeker}, {State.declined}),
        Move("decline", {Part.provider}, {State.proposed, State.awaiting_provider}, {State.declined}),
        Move("withdraw", {Part.seeker}, {State.awaiting_provider}, {State.withdrawn}),
        Move("withdraw", {Part.provider}, {State.awaiting_seeker}, {State.withdrawn}),
        Move("withdraw", {Part.broker, Part.operator}, _OPEN, {State.withdrawn}),
        Move("move", _ANYBODY, {State.accepted}),
        Move("end", _ANYBODY, {State.accepted}, {State.ended}),
        Move("contract", _SIDES, {State.accepted}),
        Move("take up", {Part.helper}, {State.accepted}),
        Move("agree to broker", _SIDES, {State.accepted}),
        Move("refuse broker", _SIDES, {State.accepted}),
        Move("read contacts", _SIDES, {State.accepted, State.ended}),
        Move("ask nda", _SIDES, {*_OPEN, State.accepted}),
        Move("sign nda", _SIDES, {*_OPEN, State.accepted}),
        Move("read nda", _SIDES, set(State)),
        # What is confidential shuts again with the end: it may be written anew for others.
        Move("read details", _SIDES, {State.accepted}),
        Move("write", _TALKING, {State.accepted}),
        Move("read messages", _TALKING, {State.accepted, State.ended}),
        Move("add milestone", _TALKING, {State.accepted}),
        Move("change milestone", _TALKING, {State.accepted}),
        Move("finish milestone", _TALKING, {State.accepted}),
        Move("remove milestone", _TALKING, {State.accepted}),
        Move("read milestones", _ANYBODY, {State.accepted, State.ended}),
        Move("follow up", _SIDES, {State.ended}),
        Move("read follow-ups", {*_SIDES, Part.operator}, {State.ended}),
        Move("expire", {Part.service}, _OPEN, {State.expired}),
    ),
)
