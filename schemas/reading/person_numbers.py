"""Numbers that are one person's: the resident identity number (GB 11643), and a bank card's."""

from contextlib import suppress
from datetime import date

from stdnum import luhn
from stdnum.cn import ric
from stdnum.exceptions import ValidationError

_EARLIEST = 1900
_OLD, _OLDEST = 15, 1930
# The first two digits are those of a province, and 8 of Hong Kong, Macao and Taiwan.
_PROVINCES = {
    *("11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41", "42"),
    *(
        "43",
        "44",
        "45",
        "46",
        "50",
        "51",
        "52",
        "53",
        "54",
        "61",
        "62",
        "63",
        "64",
        "65",
        "71",
        "81",
        "82",
        "83",
    ),
}


def is_identity(written: str) -> bool:
    """Whether it is an identity number: a province, a day of birth and the right check digit.

    The county is not looked up: those of before 1980 are in no list. Numbers of before 1999 have 15 digits, of which
    none is a check digit.
    """
    number = _digits(written)
    if len(number) == _OLD:
        return number[:2] in _PROVINCES and _is_day(f"19{number[6:12]}")
    if len(number) != 18 or number[:2] not in _PROVINCES or number[-1] != ric.calc_check_digit(number):
        return False
    with suppress(ValidationError):
        return _EARLIEST <= ric.get_birth_date(number).year <= date.today().year  # noqa: DTZ011 - a year
    return False


def _is_day(digits: str) -> bool:
    with suppress(ValueError):
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).year >= _OLDEST
    return False


def is_card(written: str) -> bool:
    """Whether it is the number of a bank card: UnionPay's, Visa's or Mastercard's first digits, and the check digit."""
    number = _digits(written)
    issued = number.startswith("62") and 16 <= len(number) <= 19
    issued = issued or (len(number) == 16 and (number[0] == "4" or "51" <= number[:2] <= "55"))
    return issued and bool(luhn.is_valid(number))


def _digits(written: str) -> str:
    return "".join(one for one in written.upper() if one.isdigit() or one == "X")
