import copy
import json
import pickle

import pytest
from pydantic import TypeAdapter, ValidationError

from schemas.vocabularies import VOCABULARIES
from schemas.vocabulary import (
    AidProvince,
    CapabilityKind,
    Confidentiality,
    CooperationMode,
    OrganizationKind,
    Term,
)


def test_a_term_is_its_key_and_carries_both_labels() -> None:
    term = CooperationMode.commissioned

    assert term == "commissioned" == str(term) == f"{term}"
    assert (term.zh, term.en) == ("委托研发", "Commissioned R&D")


def test_a_term_is_found_by_its_key() -> None:
    found = CooperationMode("joint")

    assert found is CooperationMode.joint


def test_a_term_keeps_its_labels_when_copied_and_pickled() -> None:
    term = CapabilityKind.achievement

    copies = [copy.deepcopy(term), pickle.loads(pickle.dumps(term))]

    assert [(one is term, one.zh) for one in copies] == [(True, "科技成果"), (True, "科技成果")]


def test_a_term_goes_through_json_as_its_key() -> None:
    adapter = TypeAdapter(list[CooperationMode])

    sent = adapter.dump_json([CooperationMode.joint])

    assert sent == json.dumps([CooperationMode.joint]).encode() == b'["joint"]'
    assert adapter.validate_json(sent) == [CooperationMode.joint]


def test_an_unknown_key_is_refused() -> None:
    adapter = TypeAdapter(CooperationMode)

    with pytest.raises(ValidationError, match="Input should be 'commissioned'"):
        adapter.validate_python("barter")


def test_the_json_schema_lists_the_keys() -> None:
    schema = TypeAdapter(Confidentiality).json_schema()

    assert schema["enum"] == ["open", "trade", "classified"]


@pytest.mark.parametrize("vocabulary", VOCABULARIES.values())
def test_every_term_has_its_own_chinese_and_english_label(vocabulary: type[Term]) -> None:
    chinese, english = [term.zh for term in vocabulary], [term.en for term in vocabulary]

    assert all(chinese)
    assert all(english)
    assert len(set(chinese)) == len(set(english)) == len(vocabulary)


def test_every_vocabulary_is_listed() -> None:
    listed = set(VOCABULARIES.values())

    assert listed == set(Term.__subclasses__())


def test_the_keys_that_outsiders_rely_on_are_there() -> None:
    kinds = {str(kind) for kind in OrganizationKind}

    assert kinds >= {"enterprise", "university", "research_institute", "government"}
    assert kinds >= {"broker", "regiment", "cooperative", "other"}
    assert {"expert", "achievement", "patent", "service", "facility", "team"} <= {
        str(kind) for kind in CapabilityKind
    }
    assert len(AidProvince) == 19
