"""China has one time, UTC+8: days are counted in it."""

from datetime import date, timedelta, timezone

from schemas.base import now

#: Days are counted in China, which has one time.
CHINA = timezone(timedelta(hours=8))


def today() -> date:
    return now().astimezone(CHINA).date()
