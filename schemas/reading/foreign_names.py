"""The part of an organisation's name that is not Chinese: whole, and in the short forms that people use."""

import re
from collections.abc import Iterator

# Long enough to be a name of its own: 「ABC科技」 is a Chinese one.
_SHORTEST_RUN = 6
_LATIN = r"[A-Za-zÀ-ɏ][A-Za-zÀ-ɏ0-9&'’ ,.-]*"
_CYRILLIC = r"[Ѐ-ӿ«][Ѐ-ӿ0-9«»\"' ,.-]*"
_ARABIC = r"[\u0600-\u06ff\ufb50-\ufdff\ufe70-\ufefc][\u0600-\u06ff\ufb50-\ufdff\ufe70-\ufefc0-9«» -]*"
_RUN = re.compile(f"{_LATIN}|{_CYRILLIC}|{_ARABIC}")

_FORM = re.compile(
    r"[\s,]*\b(?:(?:co|company|corp|corporation)\b\.?[\s,]*)?(?:ltd|limited|inc|llc|gmbh|plc)\b\.?\s*$"
    r"|[\s,]*\b(?:co|company|corp|corporation|group|cooperative|factory|institute|center|centre)\b\.?\s*$"
    r"|^(?:ооо|оао|зао|ао|тоо|ип|осоо)\b\s*"
    r"|\s+(?:چەكلىك\s+)?(?:مەسئۇلىيەت\s+)?(?:شىركىتى|شىركەت|گۇرۇھى|كوپىراتىپى|زاۋۇتى|ئىنستىتۇتى|مەركىزى)\s*$",
    re.IGNORECASE,
)
_PLACE = re.compile(
    r"^(?:china|xinjiang|tumshuk|tumxuk|tumushuke|kashgar|kashi|aksu|hotan|urumqi|beijing|shanghai|guangdong"
    r"|синьцзян|тумшук|кашгар|شىنجاڭ|تۇمشۇق|قەشقەر|ئاقسۇ|خوتەن|ئۈرۈمچى|بېيجىڭ)(?:\s+(?:city|شەھىرى))?\s+",
    re.IGNORECASE,
)
# What is left, and says nothing of whose it is.
_PLAIN = {
    *("agriculture", "agricultural", "agri", "technology", "technologies", "science", "sciences", "research"),
    *(
        "of",
        "and",
        "the",
        "institute",
        "academy",
        "center",
        "centre",
        "company",
        "group",
        "cooperative",
        "food",
    ),
    *("university", "college", "textile", "cotton", "jujube", "fruit", "machinery", "energy", "environment"),
    *("технология", "технологии", "наука", "центр", "институт", "университет", "хлопок"),
    *("يېزا", "ئىگىلىك", "پەن", "تېخنىكا", "تېخنىكىسى", "پاختا", "چىلان", "مېۋە"),
}
_SHORTEST = 4


def foreign_runs(name: str) -> list[str]:
    """The parts of a name that are written in other letters than Chinese."""
    return [run.strip(" ,.-") for run in _RUN.findall(name) if len(run.strip()) >= _SHORTEST_RUN]


def chinese_part(name: str) -> str:
    """The name without them, and without the brackets in which they stood."""
    for run in foreign_runs(name):
        name = name.replace(run, "")
    return re.sub(r"[（(][\s,.]*[）)]", "", name).strip(" ,.-/")


def foreign_patterns(name: str) -> Iterator[str]:
    """Regular expressions for each form, the longest first."""
    for run in foreign_runs(name):
        forms = [form for form in _shorter(run) if _tells(form)]
        for form in sorted(dict.fromkeys([run, *forms]), key=len, reverse=True):
            # Uyghur and Russian words take endings. Chinese stands right before and behind, without a space.
            after = r"(?![A-Za-z0-9])" if form[-1].isascii() else ""
            yield rf"(?<![A-Za-zЀ-ӿ\u0600-\u06ff]){_spaced(form)}{after}"


def _shorter(run: str) -> Iterator[str]:
    bare = _FORM.sub("", run)
    while (again := _FORM.sub("", bare)) != bare:
        bare = again
    bare = bare.strip(" ,.-\"«»'")
    yield bare
    while (local := _PLACE.sub("", bare)) != bare:
        yield local
        bare = local


def _tells(form: str) -> bool:
    words = re.findall(r"\w+", form.lower())
    return len(form) >= _SHORTEST and any(word not in _PLAIN for word in words)


def _spaced(form: str) -> str:
    """However its words are joined: Lvhua Jujube, lvhua-jujube, LvhuaJujube."""
    return r"[\s,.«»\"'-]*".join(re.escape(word) for word in re.findall(r"\w+", form))
