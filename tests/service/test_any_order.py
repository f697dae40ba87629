"""Random sequences of actions by random roles: whatever happens, in whatever order, all still holds."""

from functools import partial

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlmodel import Session

from tests.conftest import ClientFor
from tests.service.rules.introductions import IntroductionRules

# The same sequences each time: what fails once fails again. For a longer look, raise the two numbers; for the
# shortest sequence that fails, which takes minutes, add Phase.shrink.
_SETTINGS = settings(
    max_examples=14,
    stateful_step_count=15,
    phases=[Phase.generate],
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


class AnyOrder(IntroductionRules):
    """All nouns with rules of their own; a new one is named here."""


def test_whatever_anybody_does_all_still_holds(session: Session, client_for: ClientFor) -> None:
    # It takes whatever makes a machine, though it says that it takes a class.
    run_state_machine_as_test(partial(AnyOrder, session, client_for), settings=_SETTINGS)  # type: ignore[arg-type]
