"""Days as the State Council's notices have them; each was counted by hand."""

from datetime import UTC, date, datetime

import pytest

from service.contracts.registration_rules import working_days
from service.contracts.registration_rules.working_days import (
    days_after,
    is_working_day,
    today,
    working_days_after,
)


@pytest.mark.parametrize(
    ("received", "count", "due"),
    [
        # 2026-02-15 to 02-23 are off for the Spring Festival; Saturday 02-14 and Saturday 02-28 are worked.
        (date(2026, 2, 13), 1, date(2026, 2, 14)),
        (date(2026, 2, 14), 1, date(2026, 2, 24)),
        (date(2026, 2, 13), 15, date(2026, 3, 12)),
        # 10-01 to 10-07 are off; Sunday 09-20 and Saturday 10-10 are worked.
        (date(2026, 9, 18), 1, date(2026, 9, 20)),
        (date(2026, 9, 30), 3, date(2026, 10, 10)),
        # An ordinary weekend, and a day of receipt that is no working day.
        (date(2026, 3, 6), 1, date(2026, 3, 9)),
        (date(2026, 3, 7), 1, date(2026, 3, 9)),
    ],
)
def test_working_days_are_those_of_the_state_councils_notices(received: date, count: int, due: date) -> None:
    assert working_days_after(received, count) == due


def test_a_weekend_that_is_worked_is_known_though_it_is_the_first_day_that_is_asked_for() -> None:
    assert is_working_day(date(2025, 1, 26))  # a Sunday
    assert not is_working_day(date(2025, 1, 28))  # a Tuesday, New Year's Eve


def test_calendar_days_end_on_the_next_working_day() -> None:
    assert days_after(date(2026, 1, 10), 30) == date(2026, 2, 9)
    assert days_after(date(2026, 1, 20), 30) == date(2026, 2, 24)


def test_a_new_day_begins_in_china_eight_hours_earlier(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(working_days, "now", lambda: datetime(2026, 12, 31, 16, 0, tzinfo=UTC))

    assert today() == date(2027, 1, 1)
