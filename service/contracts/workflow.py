"""技术合同: from the draft to what became of it. Totals change with ``register`` and with ``cancel`` alone."""

from schemas.contract import ContractStatus as State
from service.access.workflow import Move, Part, Workflow

_SIDES = {Part.seeker, Part.provider}
_SIGNING = {State.draft, State.amending}
_MADE = {State.signed, State.submitted, State.registered, State.refused, State.amending, State.fulfilled}
_SETTLED = {State.signed, State.registered, State.refused}

CONTRACT = Workflow(
    noun="contract",
    states=State,
    start={State.draft, State.signed},
    moves=(
        Move("read", {*_SIDES, Part.broker, Part.operator}, set(State)),
        Move("read versions", {*_SIDES, Part.operator}, set(State)),
        Move("read precheck", {*_SIDES, Part.operator}, set(State)),
        Move("change", _SIDES, _SIGNING),
        # The second signature of a version makes it signed; under an agreement to end it, cancelled.
        Move("sign", _SIDES, _SIGNING, {*_SIGNING, State.signed, State.cancelled}),
        Move("amend", _SIDES, _SETTLED, {State.amending}),
        Move("terminate", _SIDES, _SETTLED, {State.amending}),
        Move("restore", _SIDES, {State.amending}, _SETTLED),
        Move("submit", {Part.provider, Part.operator}, {State.signed}, {State.submitted}),
        Move("withdraw", {Part.provider, Part.operator}, {State.submitted}, {State.signed}),
        Move("register", {Part.operator}, {State.submitted}, {State.registered, State.cancelled}),
        Move("refuse", {Part.operator}, {State.submitted}, {State.refused}),
        Move("fulfil", {Part.seeker, Part.operator}, {State.registered}, {State.fulfilled}),
        Move("cancel", _SIDES, {State.draft}, {State.cancelled}),
        Move("cancel", {Part.operator}, _MADE, {State.cancelled}),
    ),
)
