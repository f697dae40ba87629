"""揭榜. Before it is opened nobody but its bidders has any part in it: to all others it is not there."""

from schemas.bid import NEVER_OPENED, STANDING
from schemas.bid import BidStatus as State
from service.access.workflow import Move, Part, Workflow

_BIDDERS = {Part.bidder, Part.member}
_THEIRS = {Part.publisher, Part.operator}

BID = Workflow(
    noun="bid",
    states=State,
    start=STANDING,
    moves=(
        Move("read", _BIDDERS, set(State)),
        Move("read", {*_THEIRS, Part.reviewer}, set(State) - NEVER_OPENED - {State.sealed}),
        Move("replace", {Part.bidder}, STANDING, STANDING),
        Move("withdraw", {Part.bidder}, STANDING, {State.withdrawn}),
        Move("agree", {Part.member}, {State.agreeing}, STANDING),
        Move("refuse", {Part.member}, STANDING, {State.agreeing}),
        Move("open", {Part.service}, {State.sealed}, {State.opened}),
        Move("lapse", {Part.service}, STANDING, {State.lapsed}),
        Move("exclude", {Part.operator}, {State.opened}, {State.excluded}),
        Move("win", {Part.service}, {State.opened}, {State.won}),
        Move("lose", {Part.service}, {State.opened}, {State.lost}),
        Move("reopen", {Part.service}, {State.won, State.lost}, {State.opened}),
        Move("report", {Part.bidder}, {State.won}),
        Move("decide", _THEIRS, {State.won}, {State.won, State.stopped}),
        Move("deliver", {Part.bidder}, {State.won}, {State.delivered}),
        Move("accept", _THEIRS, {State.delivered}, {State.accepted, State.won}),
    ),
)
