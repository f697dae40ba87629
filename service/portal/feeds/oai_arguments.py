"""The arguments of an OAI-PMH request, as its specification allows them (2.0, sections 2.7, 3.1.1, 3.6 and 4)."""

import re
from datetime import UTC, datetime, timedelta

from starlette.datastructures import ImmutableMultiDict

from service.portal.feeds.feeds import UNFIT
from service.portal.feeds.oai_records import DAY, SECOND

# By verb: what it must be given, and what it may. A resumption token replaces all others.
_ARGUMENTS: dict[str, tuple[set[str], set[str]]] = {
    "Identify": (set(), set()),
    "ListMetadataFormats": (set(), {"identifier"}),
    "ListSets": (set(), set()),
    "ListIdentifiers": ({"metadataPrefix"}, {"from", "until", "set"}),
    "ListRecords": ({"metadataPrefix"}, {"from", "until", "set"}),
    "GetRecord": ({"metadataPrefix", "identifier"}, set()),
}
_RESUMABLE = {"ListSets", "ListIdentifiers", "ListRecords"}
_GRANULARITIES = {
    DAY: re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"),
    SECOND: re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z"),
}
_SET = re.compile(r"[A-Za-z0-9_.!~*'()-]+(:[A-Za-z0-9_.!~*'()-]+)*")


class Refused(Exception):
    """An error of the protocol: code and words."""

    def __init__(self, code: str, told: str) -> None:
        super().__init__(told)
        self.code, self.told = code, told


def checked(given: ImmutableMultiDict[str, str]) -> tuple[str, dict[str, str]]:
    """The verb, and all arguments, the verb among them."""
    verbs = given.getlist("verb")
    if len(verbs) != 1 or verbs[0] not in _ARGUMENTS:
        raise Refused("badVerb", "One verb is needed, of those that the protocol has.")
    [verb], asked = verbs, dict(given)
    if len(given.multi_items()) != len(asked):
        raise Refused("badArgument", "An argument was given twice.")
    if any(UNFIT.search(name + value) for name, value in asked.items()):
        raise Refused("badArgument", "An argument has a character that XML cannot hold.")
    names = asked.keys() - {"verb"}
    if verb in _RESUMABLE and names == {"resumptionToken"}:
        return verb, asked
    must, may = _ARGUMENTS[verb]
    if not must <= names <= must | may:
        raise Refused("badArgument", f"{verb} takes {sorted(must)}, and may take {sorted(may)}.")
    if "set" in asked and not _SET.fullmatch(asked["set"]):
        raise Refused("badArgument", "A set is written in letters and digits, such as domain:fruit.")
    period(asked)
    return verb, asked


def period(asked: dict[str, str]) -> tuple[datetime | None, datetime | None]:
    """The first moment that is asked for, and the first one after; None where there is no bound."""
    written = [asked[name] for name in ("from", "until") if name in asked]
    forms = {form for one in written for form, pattern in _GRANULARITIES.items() if pattern.fullmatch(one)}
    if len(forms) > 1:
        raise Refused("badArgument", "from and until need the same granularity.")
    try:
        moments = [datetime.strptime(one, forms.copy().pop()).replace(tzinfo=UTC) for one in written]
    except (KeyError, ValueError):
        raise Refused("badArgument", "Dates are written YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ.") from None
    begin = moments[0] if "from" in asked else None
    last = moments[-1] if "until" in asked else None
    if begin and last and begin > last:
        raise Refused("badArgument", "from is after until.")
    step = timedelta(days=1) if DAY in forms else timedelta(seconds=1)
    latest = datetime.max.replace(tzinfo=UTC)
    # The last day that can be written has no day after it.
    return begin, min(last, latest - step) + step if last else None
