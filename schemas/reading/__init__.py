"""Reads what people really write in forms. Pure functions: text in, a value out, or ``Unreadable``."""

from schemas.reading.classified import find_classified
from schemas.reading.contacts import (
    ERASED,
    NUMBERS_OF_A_PERSON,
    FoundContact,
    find_contacts,
    mask_contacts,
    masked,
    without_masks,
)
from schemas.reading.credit_codes import CreditCode
from schemas.reading.dates import read_date
from schemas.reading.indicators import IndicatorReading, read_indicator
from schemas.reading.lists import read_list
from schemas.reading.maturity import MaturityReading, read_maturity
from schemas.reading.money import read_money
from schemas.reading.own_names import find_own_names
from schemas.reading.terms import read_bool, read_term
from schemas.reading.writing import Unreadable

__all__ = [
    "ERASED",
    "NUMBERS_OF_A_PERSON",
    "CreditCode",
    "FoundContact",
    "IndicatorReading",
    "MaturityReading",
    "Unreadable",
    "find_classified",
    "find_contacts",
    "find_own_names",
    "mask_contacts",
    "masked",
    "read_bool",
    "read_date",
    "read_indicator",
    "read_list",
    "read_maturity",
    "read_money",
    "read_term",
    "without_masks",
]
