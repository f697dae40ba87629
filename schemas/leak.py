"""What a posting would give away to strangers: where it stands and what it is, never the words themselves."""

from collections.abc import Iterator
from typing import NamedTuple

from pydantic import BaseModel, Field

from schemas.vocabulary import PostingStatus, Term


class LeakKind(Term):
    phone = "phone", "电话号码", "Telephone number"
    email = "email", "电子邮箱", "E-mail address"
    account = "account", "社交账号", "Account of a messenger"
    website = "website", "网址", "Web address"
    identity_number = "identity_number", "居民身份证号", "Identity number"
    bank_card = "bank_card", "银行卡号或账号", "Bank card or account number"
    own_name = "own_name", "脱敏发布中出现本单位名称", "Own name in a masked posting"
    classified = "classified", "涉密标志或字样", "Words that mark classified matter"


class Leak(BaseModel):
    """One place. Of what was taken out, the place in the words as they were sent; else in those that are kept."""

    field: str = Field(description="Such as `description`, `keywords/0` or `attachments/0/title`.")
    start: int
    end: int
    kind: LeakKind
    taken_out: bool = Field(default=False, description="It stands there no longer.")


class LeakShown(Leak):
    zh: str = Field(description="What it is, in Chinese.")
    en: str = Field(description="What it is, in English.")


class RowLeak(Leak):
    """A place in a row of an import."""

    row: int


class LeakCheck(BaseModel):
    """What publishing would come to. Nothing of it was kept."""

    status: PostingStatus = Field(
        description="What the posting would be: `published`, or `submitted` for review."
    )
    reason: str = Field(description="Why it would be held for review; empty where it would not.")
    leaks: list[LeakShown]


class FieldText(NamedTuple):
    """A text that readers of a posting see, by the place of its field."""

    field: str
    text: str


# Kinds of contacts, as the reader of texts calls them.
KIND_OF_CONTACT = {
    "email": LeakKind.email,
    "wechat": LeakKind.account,
    "qq": LeakKind.account,
    "messenger": LeakKind.account,
    "website": LeakKind.website,
    "identity": LeakKind.identity_number,
    "passport": LeakKind.identity_number,
    "card": LeakKind.bank_card,
}


def kind_of_contact(kind: str) -> LeakKind:
    return KIND_OF_CONTACT.get(kind, LeakKind.phone)


def shown_leaks(leaks: list[Leak]) -> list[LeakShown]:
    return [LeakShown(**leak.model_dump(), zh=leak.kind.zh, en=leak.kind.en) for leak in leaks]


def held(leaks: list[Leak]) -> Iterator[Leak]:
    """Those for which somebody has to look before the posting is published."""
    return (leak for leak in leaks if not leak.taken_out or leak.kind in _ALWAYS_LOOKED_AT)


# They are no way to reach somebody, but copied from papers: what else was copied, a person has to see.
_ALWAYS_LOOKED_AT = {LeakKind.identity_number, LeakKind.bank_card}
