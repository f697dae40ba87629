"""The phrases of the four languages, and who is told which."""

import string

import pytest
from starlette.requests import Request

from schemas.bid import BidStatus, ConsortiumRole, GateDecision, IndicatorOutcome
from schemas.bid_review import RecusalReason
from schemas.challenge import ChallengeKind, ChallengeMode, ChallengeStatus, IpOwnershipWish
from schemas.domains import DOMAINS
from schemas.vocabulary import (
    Affiliation,
    CapabilityKind,
    CooperationMode,
    NeedType,
    OrganizationKind,
    PostingStatus,
    PricingMethod,
    Visibility,
)
from service.language import (
    REASON_LANGUAGES,
    language_of,
    message_language,
    reason_language_of,
)
from service.phrases import _phrases, named_domain, named_region, quoted

PARTS = ("marks", "names", "summary", "detail", "sums", "maturity")


def slots(language: str) -> dict[str, set[str | None]]:
    return {
        f"{part}.{key}": {slot for _, slot, _, _ in string.Formatter().parse(said) if slot}
        for part in PARTS
        for key, said in _phrases(language)[part].items()
    }


@pytest.mark.parametrize("language", REASON_LANGUAGES)
def test_every_language_has_the_same_phrases_with_the_same_slots(language: str) -> None:
    assert len(slots("zh")) > 40
    assert slots(language) == slots("zh")


@pytest.mark.parametrize("language", ["ug", "ru"])
def test_modes_domains_and_the_like_have_names_of_their_own(language: str) -> None:
    names = _phrases(language)

    assert set(names["cooperation_mode"]) == set(CooperationMode)
    assert set(names["affiliation"]) == set(Affiliation)
    assert set(names["pricing_method"]) == set(PricingMethod)
    assert set(names["capability_kind"]) == set(CapabilityKind)
    assert set(names["need_type"]) == set(NeedType)
    assert set(names["visibility"]) == set(Visibility)
    assert set(names["posting_status"]) == set(PostingStatus)
    assert set(names["organization_kind"]) == set(OrganizationKind)
    assert set(names["challenge_status"]) == set(ChallengeStatus)
    assert set(names["challenge_kind"]) == set(ChallengeKind)
    assert set(names["challenge_mode"]) == set(ChallengeMode)
    assert set(names["ip_ownership_wish"]) == set(IpOwnershipWish)
    assert set(names["bid_status"]) == set(BidStatus)
    assert set(names["consortium_role"]) == set(ConsortiumRole)
    assert set(names["gate_decision"]) == set(GateDecision)
    assert set(names["indicator_outcome"]) == set(IndicatorOutcome)
    assert set(names["recusal_reason"]) == set(RecusalReason)
    assert {key for key, domain in DOMAINS.items() if domain.parent is None} <= set(names["domain"])


def test_what_has_no_name_in_a_language_is_given_in_chinese_between_its_marks() -> None:
    assert named_region("ru", "4419") == "«东莞市»"
    assert named_region("en", "653122") == "“疏勒县”"
    assert named_domain("ru", "health.elder_care") == "здоровье населения («康养创新服务»)"
    assert named_domain("en", "health.elder_care") == "Elder and rehabilitation care"


def test_a_quote_is_one_line_without_its_full_stop() -> None:
    assert quoted("zh", "背景\n耕层残膜多。") == "「耕层残膜多」"
    assert quoted("zh", "。") == "「。」"


@pytest.mark.parametrize(
    ("header", "reasons", "messages"),
    [
        ("", "zh", "zh"),
        ("en-GB,en;q=0.9", "en", "en"),
        ("ug-CN", "ug", "zh"),
        ("ru", "ru", "en"),
        ("ug, en;q=0.5", "ug", "en"),
        ("ru;q=0.5, zh-CN", "zh", "zh"),
        ("kk", "zh", "zh"),
        ("ru;q=x, en;q=0.1", "en", "en"),
    ],
)
def test_reasons_are_told_in_four_languages_and_messages_in_two(
    header: str, reasons: str, messages: str
) -> None:
    request = Request({"type": "http", "headers": [(b"accept-language", header.encode())]})

    assert reason_language_of(request) == reasons
    assert language_of(request) == messages


def test_who_reads_reasons_in_another_language_is_told_the_rest_in_one_of_the_two() -> None:
    assert {language: message_language(language) for language in REASON_LANGUAGES} == {
        "zh": "zh",
        "en": "en",
        "ug": "zh",
        "ru": "en",
    }
