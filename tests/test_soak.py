"""The soak in short: kills while four roles are at work lose nothing and double nothing."""

from pathlib import Path

import pytest

from tests.soak import soak, tables


@pytest.mark.journey
def test_nothing_is_lost_or_doubled_while_processes_are_killed(tmp_path: Path) -> None:
    found = soak(tmp_path / "var", minutes=0.5, kill_every=8)

    assert len(found.posted) > 5
    assert sum(found.kills.values()) >= 2
    assert (found.lost, found.doubled, found.waiting) == (set(), set(), 0)
    assert len(tables(found)) == 3
