"""Working days in China, with the weekends that are worked to make up for a holiday."""

from datetime import date, timedelta, timezone
from functools import lru_cache

import holidays
from holidays import HolidayBase
from holidays.countries.china import ChinaStaticHolidays

from schemas.base import now

_CHINA = timezone(timedelta(hours=8))

# The State Council announces each year's days off, and the weekends worked for them, late in the year before.
ANNOUNCED_UNTIL: int = max(ChinaStaticHolidays.special_public_holidays)


@lru_cache
def _calendar(year: int) -> HolidayBase:
    # A year is filled in when a weekday of it is asked for. A weekend that is worked is not known before that, so
    # all years that may be reached are named here. A notice of one year may also move a day of the year before.
    return holidays.country_holidays("CN", years=range(year - 1, year + 3))


def is_working_day(day: date) -> bool:
    return _calendar(day.year).is_working_day(day)


def working_days_after(day: date, count: int) -> date:
    """The last of so many working days, of which the first is the next one after ``day``: 民法典第201条."""
    return _calendar(day.year).get_nth_working_day(day, count)


def days_after(day: date, count: int) -> date:
    """So many days later, or the next working day where that is none: 民法典第203条."""
    due = day + timedelta(days=count)
    while not is_working_day(due):
        due += timedelta(days=1)
    return due


def is_estimated(day: date) -> bool:
    """Whether its year's days off were still unknown to the calendar."""
    return day.year > ANNOUNCED_UNTIL


def today() -> date:
    """The day that it is in China: there a year ends eight hours earlier than in UTC."""
    return now().astimezone(_CHINA).date()
