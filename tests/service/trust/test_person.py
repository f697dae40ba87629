"""Finding one person, however a number was written and whatever file it stands in; and nobody else."""

import pytest

from schemas.personal_data import PersonAsked
from schemas.reading import ERASED as MASK
from service.trust.person import Person

BY_PHONE = Person(PersonAsked(phone="138-0013-8000"))
BY_NAME = Person(PersonAsked(name="王建国"))
CSV = "需求名称,contacts.name\n残膜回收,王建国\n"


@pytest.mark.parametrize(
    "written", ["13800138000", "138 0013 8000", "138-0013-8000", "+86 138·0013·8000", "0086(138)00138000"]
)
def test_a_number_is_found_and_covered_however_it_is_written(written: str) -> None:
    assert BY_PHONE.found_in([f"请致电{written}。"]) == [f"请致电{written}。"]
    assert BY_PHONE.covered(f"请致电{written}。") == f"请致电{MASK}。"


@pytest.mark.parametrize("written", ["213800138000", "138001380001", "ZL2013800138000.5"])
def test_a_piece_of_a_longer_number_is_nobodys(written: str) -> None:
    assert BY_PHONE.found_in([written]) == []
    assert BY_PHONE.covered(written) == written


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_a_file_is_read_in_each_way_it_may_be_written(encoding: str) -> None:
    assert BY_NAME.found_in(CSV.encode(encoding)) == ["file"]
    assert BY_NAME.found_in(CSV.replace("王建国", "李工").encode(encoding)) == []


UYGHUR = Person(PersonAsked(name="阿卜杜拉·买买提"))
IN_ARABIC = Person(PersonAsked(name="ئابدۇللا مەمەت"))


@pytest.mark.parametrize(
    "written",
    [
        *(
            f"阿卜杜拉{between}买买提"
            for between in ("·", "•", "・", "‧", "．", ".", "", " ", "　", " · ", "-", "\u200b", "·\u200b")
        ),
        "阿 卜 杜 拉 · 买 买 提",
    ],
)
def test_a_name_is_compared_by_its_letters(written: str) -> None:
    assert UYGHUR.found_in([f"联系{written}同志"]) == [f"联系{written}同志"]
    assert UYGHUR.covered(f"联系{written}同志") == f"联系{MASK}同志"
    assert UYGHUR.found_in([{"name": written, "phone": ""}])
    assert Person(PersonAsked(name=written)).covered("联系阿卜杜拉·买买提同志") == f"联系{MASK}同志"


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("ئابدۇللا مەمەت", "ئابدۇللا · مەمەت"),
        ("ئابدۇللا مەمەت", "ابدۇللا مەمەت"),
        ("ئابدۇللا مەمەت", "ئابدۇللامەمەت"),
        ("ئابدۇللا مەمەت", "ئابدۇللا مەمـەت"),
        ("ئەلى", "ئەلي"),
        ("Ivan Petrov", "IVAN  PETROV"),
        ("Ivan Petrov", "Ｉｖａｎ Ｐｅｔｒｏｖ"),
        ("Иван Петров", "ИВАН ПЕТРОВ"),
        ("王建国", "王 建 国"),
    ],
)
def test_names_in_other_scripts_and_cases_are_the_same(name: str, written: str) -> None:
    assert Person(PersonAsked(name=name)).covered(f"({written}) 1") == f"({MASK}) 1"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("王伟", "老王，伟业公司"),
        ("王伟", "王经理、伟业"),
        ("Ann", "annex"),
        ("Ann", "Joann"),
        ("阿里·木", "阿里 到 木"),
    ],
)
def test_letters_that_stand_apart_are_no_name(name: str, text: str) -> None:
    assert Person(PersonAsked(name=name)).found_in([text]) == []
    assert Person(PersonAsked(name=name)).covered(text) == text
