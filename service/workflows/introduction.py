"""对接: from the first question to what became of it."""

from schemas.introduction import IntroductionStatus as State
from service.workflows.workflow import Move, Part, Workflow

_SIDES = {Part.seeker, Part.provider}
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
        Move("end", _ANYBODY, {State.accepted}, {State.ended}),
        Move("contract", _SIDES, {State.accepted}),
        Move("read contacts", _SIDES, {State.accepted, State.ended}),
        Move("expire", {Part.service}, _OPEN, {State.expired}),
    ),
)
