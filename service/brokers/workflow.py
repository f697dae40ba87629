"""技术经纪人: a broker's standing, and the evaluation of one year."""

from schemas.broker import BrokerStanding, EvaluationStatus
from service.access.workflow import Move, Part, Workflow

_BOTH = {Part.broker, Part.operator}

BROKER = Workflow(
    noun="broker",
    states=BrokerStanding,
    start={BrokerStanding.active},
    moves=(
        Move("read", _BOTH, set(BrokerStanding)),
        Move("read record", _BOTH, set(BrokerStanding)),
        Move("change", _BOTH, {BrokerStanding.active}),
        Move("evaluate", {Part.operator}, set(BrokerStanding)),
        Move("end", {Part.operator}, {BrokerStanding.active}, {BrokerStanding.ended}),
        Move("readmit", {Part.operator}, {BrokerStanding.ended}, {BrokerStanding.active}),
    ),
)

BROKER_EVALUATION = Workflow(
    noun="broker_evaluation",
    states=EvaluationStatus,
    start={EvaluationStatus.drafted},
    moves=(
        Move("read", _BOTH, set(EvaluationStatus)),
        Move("recompute", {Part.operator}, {EvaluationStatus.drafted}),
        Move(
            "confirm",
            {Part.operator},
            {EvaluationStatus.drafted, EvaluationStatus.answered},
            {EvaluationStatus.confirmed},
        ),
        Move("answer", {Part.broker}, {EvaluationStatus.confirmed}, {EvaluationStatus.answered}),
    ),
)
