"""The index follows the tables: nothing missed, nothing kept too long, in every process alike."""

import time
from collections.abc import Callable
from threading import Event, Thread
from uuid import UUID

import numpy as np
import numpy.typing as npt
import pytest
from sqlalchemy import text
from sqlmodel import Session

from matching.index import Query
from schemas.base import now
from schemas.capability import Capability
from schemas.embedding import EncoderModel
from schemas.operation import WorkerSeen
from schemas.vocabulary import Side
from service.matches.index_follower import followed
from service.matches.live_index import LiveIndex
from service.platform import db, loops
from service.platform.settings import settings
from tests.conftest import ClientFor
from tests.make import make_capability, make_need, make_organization
from tests.running import wait_for

pytestmark = pytest.mark.model


def ids(index: LiveIndex, side: Side = Side.capabilities) -> set[UUID]:
    assert index.serving is not None
    return index.serving.side(side).ids()


def test_what_was_published_before_and_after_the_start_is_there(
    session: Session, do_work: Callable[[], None]
) -> None:
    before = make_capability(session)
    do_work()
    index = LiveIndex()
    index.refresh()
    after = make_capability(session)
    do_work()

    index.refresh()

    assert ids(index) == {before.id, after.id}


@pytest.mark.parametrize("change", ["close", "delete", "reject"])
def test_what_is_no_longer_published_is_taken_out(
    session: Session, do_work: Callable[[], None], change: str
) -> None:
    posting = make_capability(session)
    do_work()
    index = LiveIndex()
    index.refresh()
    statement = {
        "close": "UPDATE capability SET status = 'closed'",
        "delete": "UPDATE capability SET deleted_at = now()",
        "reject": "UPDATE capability SET status = 'rejected'",
    }[change]
    session.execute(text(statement))
    session.commit()

    index.refresh()

    assert posting.id not in ids(index)


def test_a_transaction_that_began_earlier_and_commits_later_is_not_missed(
    session: Session, do_work: Callable[[], None]
) -> None:
    early, late = make_capability(session), make_capability(session)
    do_work()
    index = LiveIndex()
    with Session(db.engine()) as slow:
        # The slow one takes its transaction id first, the quick one commits first.
        slow.execute(text("UPDATE capability SET status = 'closed' WHERE id = :id"), {"id": early.id})
        session.execute(text("UPDATE capability SET status = 'closed' WHERE id = :id"), {"id": late.id})
        session.commit()
        index.refresh()
        seen_between = ids(index)
        slow.commit()

    index.refresh()

    assert seen_between == {early.id}
    assert ids(index) == set()


def test_a_second_look_reads_nothing_again(session: Session, do_work: Callable[[], None]) -> None:
    make_capability(session)
    make_need(session)
    do_work()
    index = LiveIndex()

    first, second = index.refresh(), index.refresh()

    assert (first, second) == (2, 0)


def test_a_change_of_the_organisation_reaches_its_postings(
    session: Session, do_work: Callable[[], None], model: EncoderModel, client_for: ClientFor
) -> None:
    owner = make_organization(session, affiliation="corps")
    posting = make_capability(session, owner)
    do_work()
    index = LiveIndex()
    index.refresh()
    client = client_for(owner)
    answer = client.patch(
        f"/v1/organizations/{owner.id}", json={"affiliation": "aid", "aid_province": "广东"}
    )

    index.refresh()

    assert answer.status_code == 200
    assert index.serving is not None
    found = index.serving.side(Side.capabilities).search(
        Query(_any_vector(model.dim)[np.newaxis], {}), k=5, filters={"affiliation": ["aid"]}
    )
    assert found.ids == [posting.id]


def test_a_start_from_a_snapshot_equals_one_from_the_tables(
    session: Session, do_work: Callable[[], None]
) -> None:
    postings = [make_capability(session, title=f"残膜回收机第{number}型") for number in range(5)]
    do_work()
    first = LiveIndex()
    first.refresh()
    first.save()
    session.execute(text("UPDATE capability SET status = 'closed' WHERE id = :id"), {"id": postings[0].id})
    session.commit()
    newer = make_capability(session)
    do_work()

    second = LiveIndex()
    read = second.refresh()

    assert ids(second) == {posting.id for posting in postings[1:]} | {newer.id}
    # What was in the snapshot was not read again.
    assert read < len(postings)


def test_a_damaged_snapshot_is_passed_over(session: Session, do_work: Callable[[], None]) -> None:
    posting = make_capability(session)
    do_work()
    first = LiveIndex()
    first.refresh()
    first.save()
    path = settings().data_dir / "index" / "capabilities.snapshot"
    path.write_bytes(path.read_bytes()[:-40])

    second = LiveIndex()
    second.refresh()

    assert ids(second) == {posting.id}


def test_a_snapshot_of_another_installation_is_not_believed(
    session: Session, do_work: Callable[[], None]
) -> None:
    make_capability(session)
    do_work()
    first = LiveIndex()
    first.refresh()
    first.save()
    session.execute(text("UPDATE installation SET id = gen_random_uuid()"))
    session.execute(text("DELETE FROM embedding"))
    session.commit()

    second = LiveIndex()
    second.refresh()

    assert ids(second) == set()


def test_changes_while_it_reads_are_all_found_in_the_end(
    session: Session, do_work: Callable[[], None]
) -> None:
    made: list[Capability] = [make_capability(session) for _ in range(20)]
    do_work()
    index, stop = LiveIndex(), Event()

    def look() -> None:
        while not stop.is_set():
            index.refresh()

    reader = Thread(target=look)
    reader.start()
    for posting in made[:10]:
        session.execute(text("UPDATE capability SET status = 'closed' WHERE id = :id"), {"id": posting.id})
        session.commit()
    stop.set()
    reader.join()

    index.refresh()

    assert ids(index) == {posting.id for posting in made[10:]}


def test_a_snapshot_that_cannot_be_written_stops_nothing_and_is_written_later(
    session: Session, do_work: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings(), "snapshot_every", 0.05)
    monkeypatch.setattr(loops, "_FIRST_PAUSE", 0.01)
    failed = _count_failures(monkeypatch)
    snapshot = settings().data_dir / "index" / "capabilities.snapshot"
    # As a full disk, this lets nothing be written.
    snapshot.parent.write_bytes(b"")
    make_capability(session)
    do_work()
    index = LiveIndex()
    with followed(index):
        wait_for(lambda: len(failed) > 2)
        newer = make_capability(session)
        do_work()

        wait_for(lambda: newer.id in ids(index))
        ready = index.ready
        snapshot.parent.unlink()
        wait_for(snapshot.exists)

    assert ready


def test_the_follower_goes_on_whatever_happens_to_it(
    session: Session, do_work: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loops, "_FIRST_PAUSE", 0.01)
    failed = _count_failures(monkeypatch)
    refresh = LiveIndex.refresh

    def fails(index: LiveIndex) -> int:
        if len(failed) < 3:
            raise ValueError("A row that nobody can read.")
        return refresh(index)

    monkeypatch.setattr(LiveIndex, "refresh", fails)
    posting = make_capability(session)
    do_work()
    index = LiveIndex()

    with followed(index):
        wait_for(lambda: index.ready)

    assert posting.id in ids(index)


def test_an_index_that_looks_no_more_is_not_ready_and_tells_how_far_behind_it_is(
    client_for: ClientFor, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_for()
    session.add(WorkerSeen(name="here:1:x", seen_at=now()))
    session.commit()
    client.app.state.index.refresh()  # type: ignore[attr-defined]
    looking = client.get("/readyz")
    monkeypatch.setattr(client.app.state.index, "_looked_at", time.monotonic() - 40)  # type: ignore[attr-defined]

    answer, metrics = client.get("/readyz"), client.get("/metrics").text

    assert (looking.status_code, looking.json()["index"]) == (200, True)
    assert (answer.status_code, answer.json()["index"]) == (503, False)
    assert 40 <= float(metrics.split("\nduijie_index_behind_seconds ")[1].split()[0]) < 100


def _count_failures(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The failures that loops log, from now on."""
    failed: list[str] = []
    monkeypatch.setattr(loops.log, "warning", lambda said, **more: failed.append(more["error"]))
    return failed


def _any_vector(dim: int) -> npt.NDArray[np.float32]:
    vector: npt.NDArray[np.float32] = np.eye(dim, dtype=np.float32)[0]
    return vector
