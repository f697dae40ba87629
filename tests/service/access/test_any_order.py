"""Random sequences of actions by random roles: whatever happens, in whatever order, all still holds."""

from functools import partial

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlmodel import Session

from tests.conftest import ClientFor
from tests.service.rules.bids import BidRules
from tests.service.rules.contracts import ContractRules
from tests.service.rules.machine import Machine

# The same sequences each time: what fails once fails again. For a longer look, raise the two numbers; for the
# shortest sequence that fails, which takes minutes, add Phase.shrink.
_SETTINGS = settings(
    stateful_step_count=25,
    phases=[Phase.generate],
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


class Dealing(ContractRules):
    """From postings to contracts."""


class Tendering(BidRules):
    """From challenges to what was accepted."""


@pytest.mark.parametrize(("rules", "examples"), [(Dealing, 10), (Tendering, 6)])
def test_whatever_anybody_does_all_still_holds(
    session: Session, client_for: ClientFor, rules: type[Machine], examples: int
) -> None:
    # It takes whatever makes a machine, though it says that it takes a class.
    run_state_machine_as_test(
        partial(rules, session, client_for),  # type: ignore[arg-type]
        settings=settings(_SETTINGS, max_examples=examples),
    )
