"""揭榜挂帅: from a draft to what was accepted, or to nobody who could."""

from schemas.challenge import UNPUBLISHED
from schemas.challenge import ChallengeStatus as State
from service.access.workflow import Move, Part, Workflow

_THEIRS = {Part.publisher, Part.operator}
_UNDER_WAY = {State.evaluating, State.awarded, State.signed, State.working, State.acceptance}

CHALLENGE = Workflow(
    noun="challenge",
    states=State,
    start={State.draft},
    moves=(
        Move("read", _THEIRS, set(State)),
        Move("read", {Part.anybody}, set(State) - UNPUBLISHED),
        Move("change", {Part.publisher}, {State.draft}),
        Move("change", {Part.operator}, UNPUBLISHED),
        Move("submit", {Part.publisher}, {State.draft}, {State.review}),
        Move("recall", {Part.publisher}, {State.review}, {State.draft}),
        Move("return", {Part.operator}, {State.review}, {State.draft}),
        Move("open", {Part.operator}, {State.review}, {State.open}),
        Move("read suggestions", _THEIRS, {*UNPUBLISHED, State.open, State.failed}),
        Move("invite", _THEIRS, {State.open}),
        Move("propose amendment", {Part.publisher}, {State.open}),
        Move("recall amendment", {Part.publisher}, {State.open}),
        Move("publish amendment", {Part.operator}, {State.open}),
        Move("refuse amendment", {Part.operator}, {State.open}),
        Move("bid", {Part.bidder}, {State.open}),
        Move("withdraw", _THEIRS, {State.open}, {State.terminated}),
        Move("close", {Part.service}, {State.open}, {State.evaluating, State.failed}),
        Move("assign", {Part.operator}, {State.open, State.evaluating}),
        Move("recuse", {Part.operator, Part.reviewer}, {State.open, State.evaluating}),
        Move("declare", {Part.reviewer}, {State.evaluating}),
        Move("score", {Part.reviewer}, {State.evaluating}),
        Move("read reviews", {*_THEIRS, Part.reviewer}, set(State) - UNPUBLISHED),
        Move("award", _THEIRS, {State.evaluating}, {State.awarded}),
        Move("fail", {Part.operator}, {State.evaluating}, {State.failed}),
        Move("reopen", {Part.operator}, {State.awarded}, {State.evaluating}),
        Move("sign", _THEIRS, {State.awarded}, {State.signed}),
        Move("start", _THEIRS, {State.signed}, {State.working}),
        Move("take delivery", {Part.service}, {State.working}, {State.acceptance}),
        Move("stop all", {Part.service}, {State.working, State.acceptance}, {State.terminated}),
        Move("pass acceptance", {Part.service}, {State.acceptance}, {State.solved}),
        Move("send back", {Part.service}, {State.acceptance}, {State.working}),
        Move("terminate", _THEIRS, _UNDER_WAY, {State.terminated}),
        Move("read analysis", _THEIRS, {State.failed}),
    ),
)
