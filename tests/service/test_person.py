"""Finding one person, however a number was written and whatever file it stands in; and nobody else."""

import pytest

from schemas.personal_data import PersonAsked
from service.person import MASK, Person

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
