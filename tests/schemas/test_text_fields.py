"""Every column that holds words is known here, with what keeps contacts from strangers. A new one has to be added."""

from typing import Any

import pytest
from sqlalchemy import ARRAY, Text
from sqlmodel import SQLModel

from schemas.account import OrganizationChange
from schemas.base import Structured
from schemas.challenge import ChallengeCreate
from schemas.need import NeedCreate
from schemas.posting import texts_of
from schemas.reading.contacts import MASK
from schemas.sealed import Sealed

NUMBER = "13800138000"

_POSTING = {
    "masked": "title description partner_wish",
    "checked": "keywords indicators ip attachments external_id",
    "sealed": "contacts readings confidential_detail",
    "chosen": "domains region maturity",
    "ours": "status_reason leaks domain_path region_path text_hash index_error",
}
# masked: covered when it is posted. checked: looked at before it is published. refused: told to whoever writes it.
# sealed: not for strangers. own: for one's own organisation, or the two of a dealing. operators: written by them.
# chosen: words of a vocabulary, figures. ours: made by the service.
FIELDS: dict[str, dict[str, str]] = {
    "need": {
        **_POSTING,
        "masked": f"{_POSTING['masked']} wanted_result",
        "chosen": f"{_POSTING['chosen']} budget",
    },
    "capability": {**_POSTING, "chosen": f"{_POSTING['chosen']} price"},
    "organization": {
        "operators": "suspended_for",
        "masked": "introduction",
        "refused": "name website",
        "chosen": "region credit_code",
        "ours": "region_path",
    },
    "challenge": {
        "masked": "title goal commitment conditions indicators criteria milestones",
        "operators": "returned",
        "chosen": "eligible_regions domains region",
        "ours": "domain_path region_path",
    },
    "challenge_amendment": {"masked": "reason", "operators": "refusal"},
    "challenge_step": {"masked": "reason", "ours": "verb"},
    "subscription": {"masked": "name text", "chosen": "filters"},
    "match_list": {"masked": "text", "ours": "model scoring items"},
    "introduction": {
        "masked": "message",
        "sealed": "seeker_contacts provider_contacts decline_remark outcome_remark",
    },
    "introduction_follow_up": {"sealed": "remark"},
    "introduction_message": {"sealed": "text documents"},
    "introduction_milestone": {"sealed": "title"},
    "introduction_nda": {"masked": "text", "sealed": "seeker_signer provider_signer", "ours": "text_hash"},
    "bid": {"sealed": "content nonce", "own": "excluded_reason results", "ours": "receipt"},
    "bid_delivery": {"sealed": "report decision_reason", "own": "attachments"},
    "bid_member": {"sealed": "task"},
    "bid_sheet": {"sealed": "remark"},
    "bid_step": {"ours": "verb"},
    "contract": {"sealed": "refusal_remark", "own": "registration_number", "ours": "rule_version findings"},
    "contract_entry": {"chosen": "domains", "ours": "rule_version"},
    "contract_signature": {"sealed": "signer", "ours": "hash"},
    "contract_version": {"sealed": "content", "ours": "hash"},
    "broker": {"chosen": "domains", "sealed": "certificate standing_reason"},
    "broker_evaluation": {"sealed": "reason answer", "ours": "figures"},
    "veto": {"sealed": "reason decided_by lift_reason", "operators": "source"},
    "target": {"operators": "plan key name unit place quote measured_how ambiguity"},
    "target_value": {"operators": "source"},
    "embed": {"own": "name", "chosen": "origins elements domains", "ours": "site_key"},
    "webhook": {"sealed": "url secret old_secret", "own": "description"},
    "import_run": {"own": "file_name", "sealed": "guesses", "ours": "file language failure errors leaks"},
    "import_chunk": {"sealed": "content"},
    "mail_address": {"sealed": "address"},
    "answered_request": {"sealed": "answer", "ours": "key fingerprint"},
    "api_key": {"own": "name", "chosen": "scopes networks", "ours": "prefix key_hash"},
    "web_session": {"own": "name", "ours": "token_hash form_token device person"},
    "audit_entry": {"ours": "action role before hash"},
    "encoder_model": {"ours": "name source"},
    "embedding": {"ours": "model text_hash terms"},
    "standing_vector": {"ours": "model terms"},
    "integrity_declaration": {"ours": "text_version"},
    "mail": {"ours": "error"},
    "mail_item": {"ours": "event"},
    "notice": {"ours": "needs once"},
    "outbox": {"ours": "sent_by error"},
    "outlook_figures": {"ours": "model scoring figures"},
    "webhook_delivery": {"ours": "event"},
    "worker_seen": {"ours": "name"},
}


def _holds_words(kind: Any) -> bool:
    return isinstance(kind, Text | Structured | Sealed) or (
        isinstance(kind, ARRAY) and isinstance(kind.item_type, Text)
    )


@pytest.mark.parametrize("table", SQLModel.metadata.sorted_tables, ids=lambda table: table.name)
def test_of_every_text_it_is_known_what_keeps_contacts_from_strangers(table: Any) -> None:
    there = {column.name for column in table.columns if _holds_words(column.type)}
    known = [name for names in FIELDS.get(table.name, {}).values() for name in names.split()]

    assert sorted(known) == sorted(there)
    sealed = {column.name for column in table.columns if isinstance(column.type, Sealed)}
    assert set(FIELDS.get(table.name, {}).get("sealed", "").split()) <= sealed


def _need(**fields: Any) -> NeedCreate:
    return NeedCreate.model_validate({"title": "枣", **fields})


@pytest.mark.parametrize("field", FIELDS["need"]["masked"].split())
def test_what_is_said_to_be_masked_is(field: str) -> None:
    assert getattr(_need(**{field: f"请拨{NUMBER}"}), field) == f"请拨{MASK}"


@pytest.mark.parametrize(
    "fields",
    [
        {"keywords": [NUMBER]},
        {"external_id": NUMBER},
        {"attachments": [{"title": NUMBER, "url": "https://a.cn"}]},
        {"attachments": [{"url": f"https://a.cn/{NUMBER}"}]},
        *({"indicators": [{name: NUMBER}]} for name in ("name", "unit", "text")),
        *({"indicators": [{name: int(NUMBER), "operator": "="}]} for name in ("value", "value_max")),
        {"ip": [{"type": "invention", "number": NUMBER}]},
        {"ip": [{"type": "invention", "owners": [NUMBER]}]},
    ],
    ids=str,
)
def test_what_is_said_to_be_checked_is_looked_at(fields: dict[str, Any]) -> None:
    looked_at = texts_of(_need(**fields))

    assert [text.field.split("/")[0] for text in looked_at if NUMBER in text.text] == list(fields)


def test_every_field_that_is_checked_is_tried_above() -> None:
    assert set(FIELDS["need"]["checked"].split()) == {
        "keywords",
        "external_id",
        "attachments",
        "indicators",
        "ip",
    }


def test_what_is_said_of_organisations_holds() -> None:
    assert OrganizationChange(introduction=f"请拨{NUMBER}").introduction == f"请拨{MASK}"
    for fields in (
        {"name": f"绿华枣业{NUMBER}"},
        {"name": "绿华枣业 微信zhangsan"},
        {"website": f"https://lvhua.cn/{NUMBER}"},
        {"website": "https://t.me/zhangsan"},
    ):
        with pytest.raises(ValueError, match="Contains a telephone"):
            OrganizationChange.model_validate(fields)
    assert OrganizationChange.model_validate({"website": "https://www.lvhua.cn/zh/"}).website


def test_lists_of_a_challenge_are_masked_too() -> None:
    posted = ChallengeCreate.model_validate(
        {
            "title": "枣",
            "indicators": [{"text": f"见{NUMBER}", "unit": NUMBER, "name": NUMBER}],
            "criteria": [{"name": f"请拨{NUMBER}", "weight": 100}],
            "milestones": [{"title": f"请拨{NUMBER}"}],
        }
    )

    assert NUMBER not in posted.model_dump_json()
    assert MASK in posted.criteria[0].name
