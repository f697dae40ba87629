import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from schemas.domains import DOMAINS, PROGRAMMES, DomainKey, find_domain, read_domains, widen


def test_the_plan_has_seventeen_domains_with_fifty_seven_items() -> None:
    boxes = [domain for domain in DOMAINS.values() if domain.parent is None]
    items = [domain for domain in DOMAINS.values() if domain.parent is not None]

    assert (len(boxes), len(items)) == (17, 57)


def test_an_item_hangs_under_its_domain_by_its_key() -> None:
    items = [domain for domain in DOMAINS.values() if domain.parent is not None]

    assert all(item.key.startswith(f"{item.parent}.") and item.parent in DOMAINS for item in items)


def test_related_domains_exist() -> None:
    related = {key for domain in DOMAINS.values() for key in domain.related}

    assert related
    assert related <= set(DOMAINS)


def test_service_boxes_are_programmes_and_no_domains() -> None:
    boxes = [programme for programme in PROGRAMMES.values() if programme.parent is None]

    assert len(boxes) == 6
    assert not set(PROGRAMMES) & set(DOMAINS)


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("fruit", "fruit"),
        ("fruit.fruit_processing", "fruit.fruit_processing"),
        ("林果标准化生产及高质量发展", "fruit"),
        (" 生物 医药产业技术 ", "biomed"),
        ("Biomedicine", "biomed"),
        ("biomedicine", "biomed"),
        ("Ｆｒｕｉｔ", "fruit"),
        ("特色林果产品精深加工", "fruit.fruit_processing"),
        ("农业大数据", "smart_agri.agri_bigdata"),
    ],
)
def test_a_domain_is_found_by_key_or_label(written: str, key: str) -> None:
    found = find_domain(written)

    assert found == key


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("林果", "fruit"),
        ("质量兴农", "crops.quality_green"),
        ("纺织", "textile"),
        ("农机", "agri_machinery"),
        # Items begin like this too; the domain is meant.
        ("textil", "textile"),
        ("畜禽安全高效养殖与牧草业健康发展", "livestock"),
    ],
)
def test_a_beginning_or_a_usual_name_is_enough(written: str, key: str) -> None:
    found = find_domain(written)

    assert found == key


@pytest.mark.parametrize("written", ["", "农", "纺", "特色", "火箭", "fruit.", "fruit.rocket"])
def test_what_names_no_domain_or_several_is_not_found(written: str) -> None:
    found = find_domain(written)

    assert found is None


@given(st.sampled_from(list(DOMAINS)))
def test_every_domain_is_found_by_its_own_key_and_chinese_label(key: str) -> None:
    found = find_domain(key), find_domain(DOMAINS[key].zh)

    assert found == (key, key)


def test_the_type_gives_the_key_for_a_label() -> None:
    adapter = TypeAdapter(list[DomainKey])

    assert adapter.validate_python(["新能源", "fruit"]) == ["new_energy", "fruit"]


def test_the_type_refuses_what_it_does_not_know() -> None:
    adapter = TypeAdapter(DomainKey)

    with pytest.raises(ValidationError) as refused:
        adapter.validate_python("火箭")

    assert refused.value.errors()[0]["type"] == "unknown_domain"


def test_a_label_with_a_comma_of_its_own_stays_whole_in_a_list() -> None:
    read = read_domains("质量兴农、绿色兴农关键技术与示范、新能源")

    assert [find_domain(one) for one in read] == ["crops.quality_green", "new_energy"]


def test_a_posting_under_an_item_is_found_by_the_domain_too() -> None:
    assert widen("fruit.fruit_processing") == ["fruit", "fruit.fruit_processing"]
    assert widen("fruit") == ["fruit"]
