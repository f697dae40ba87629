import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from schemas.regions import REGIONS, RegionCode, find_region, region_path


def test_all_provinces_are_known() -> None:
    provinces = [code for code in REGIONS if len(code) == 2]

    assert len(provinces) == 34


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("65", "新疆维吾尔自治区"),
        ("6531", "喀什地区"),
        ("653125", "莎车县"),
        ("653130", "巴楚县"),
        ("659001", "石河子市"),
        ("659003", "图木舒克市"),
        ("4419", "东莞市"),
        ("4420", "中山市"),
        ("659003.44", "44团"),
        ("659003.51", "51团"),
    ],
)
def test_codes_bear_their_names(code: str, name: str) -> None:
    region = REGIONS[code]

    assert region.name == name


def test_every_region_lies_in_a_known_province() -> None:
    outermost = {region_path(code)[0] for code in REGIONS}

    assert all(len(code) == 2 for code in outermost)


@pytest.mark.parametrize(
    ("code", "path"),
    [
        ("65", ["65"]),
        ("6531", ["65", "6531"]),
        ("653130", ["65", "6531", "653130"]),
        ("659003", ["65", "659003"]),
        ("659003.44", ["65", "659003", "659003.44"]),
        ("4419", ["44", "4419"]),
    ],
)
def test_a_path_goes_from_the_province_to_the_region_itself(code: str, path: list[str]) -> None:
    assert region_path(code) == path


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("65", "65"),
        ("650000", "65"),
        ("653100", "6531"),
        ("659003", "659003"),
        ("659003.44", "659003.44"),
        ("659003.JIASHI", "659003.jiashi"),
        # Counties elsewhere are not kept; the prefecture that they lie in is.
        ("130602", "1306"),
        ("110108", "11"),
    ],
)
def test_a_code_is_read_with_and_without_zeros(written: str, code: str) -> None:
    found = find_region(written)

    assert found == code


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("广东省", "44"),
        ("广东", "44"),
        ("图木舒克", "659003"),
        ("第三师", "659003"),
        ("新疆生产建设兵团第三师", "659003"),
        ("四十四团", "659003.44"),
        ("44团", "659003.44"),
        ("４４团", "659003.44"),
        ("第44团", "659003.44"),
        ("兵团第三师 四十四团", "659003.44"),
        ("第三师图木舒克市51团", "659003.51"),
        ("伽师总场", "659003.jiashi"),
        ("草湖镇", "659003.41"),
        ("喀什巴楚", "653130"),
        ("新疆喀什地区巴楚县", "653130"),
        ("广东省东莞市松山湖", "4419"),
    ],
)
def test_a_name_or_an_address_is_read(written: str, code: str) -> None:
    found = find_region(written)

    assert found == code


def test_the_wider_region_is_meant_where_two_share_a_name() -> None:
    assert find_region("和田") == "6532"
    assert find_region("吉林") == "22"
    assert find_region("吉林市") == "2202"


@pytest.mark.parametrize(
    "written",
    ["", "29团", "火星", "123", "6599", "990000", "659003.99", "广东小镇", "伊宁", "喀什" * 2000],
)
def test_what_is_no_region_or_either_of_two_is_not_found(written: str) -> None:
    found = find_region(written)

    assert found is None


@given(st.sampled_from(list(REGIONS)))
def test_every_region_is_found_by_its_code_and_full_name(code: str) -> None:
    path = region_path(code)
    address = "".join(REGIONS[part].name for part in path)

    assert find_region(code) == code
    assert find_region(address) == code


@given(st.text())
def test_any_text_is_a_region_or_none(written: str) -> None:
    found = find_region(written)

    assert found is None or found in REGIONS


def test_the_type_gives_the_code_for_a_name() -> None:
    adapter = TypeAdapter(RegionCode)

    assert adapter.validate_python("四十四团") == "659003.44"


def test_the_type_refuses_what_it_does_not_know() -> None:
    adapter = TypeAdapter(RegionCode)

    with pytest.raises(ValidationError) as refused:
        adapter.validate_python("火星")

    assert refused.value.errors()[0]["type"] == "unknown_region"
