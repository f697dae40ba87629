"""The check before a posting is published: what in its texts would give away a person, its poster or a secret."""

import re
from collections.abc import Iterable
from urllib.parse import unquote

from schemas.account import Organization
from schemas.leak import FieldText, Leak, LeakKind, held, kind_of_contact
from schemas.posting import PostingFields, texts_of
from schemas.reading import find_classified, find_contacts, find_own_names
from schemas.vocabulary import Confidentiality
from service.platform.settings import settings

_SITE = re.compile(r"^https?://(?:www[0-9]?\.)?")
_FIELDS = {
    "title": "标题",
    "description": "详细说明",
    "wanted_result": "期望成果",
    "partner_wish": "对合作方的要求",
    "keywords": "关键词",
    "attachments": "附件",
    "indicators": "技术指标",
    "ip": "知识产权",
    "external_id": "编号",
}


def find_leaks(organization: Organization, posting: PostingFields) -> list[Leak]:
    """What stands in the texts now, in the order of fields and places."""
    found: list[Leak] = []
    for text in texts_of(posting):
        there = list(_contacts(text))
        there += [_leak(text.field, LeakKind.classified, *mark) for mark in find_classified(text.text)]
        if posting.confidentiality is Confidentiality.trade:
            names = find_own_names(
                text.text, organization.name, organization.credit_code, organization.website
            )
            there += [_leak(text.field, LeakKind.own_name, *name) for name in names]
        found += sorted(there, key=lambda leak: leak.start)
    return found


def to_review(leaks: list[Leak]) -> list[Leak]:
    """Those for which a person looks before the posting is published."""
    return list(leaks if settings().hold_contacts else held(leaks))


def reason(leaks: Iterable[Leak]) -> str:
    """What poster and operator read beside the state."""
    told = dict.fromkeys(f"{_FIELDS[leak.field.split('/')[0]]}中有{leak.kind.zh}" for leak in leaks)
    return f"发布前检查：{'；'.join(told)}。已转人工审核"


def _contacts(text: FieldText) -> list[Leak]:
    if text.field.endswith("/url"):
        return [_leak(text.field, kind, 0, len(text.text)) for kind in _in_address(text.text)]
    return [
        _leak(text.field, kind_of_contact(place.kind), place.start, place.end)
        for place in find_contacts(text.text)
    ]


def _in_address(url: str) -> list[LeakKind]:
    """Not that it is an address, but what else it says: a number in its path, an account behind it."""
    found = find_contacts(_SITE.sub("", unquote(url)))
    return list(dict.fromkeys(kind_of_contact(place.kind) for place in found))


def _leak(field: str, kind: LeakKind, start: int, end: int) -> Leak:
    return Leak(field=field, start=start, end=end, kind=kind)
