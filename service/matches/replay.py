"""``duijie replay``: a shown list computed anew, and for each place what differs and why."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import count
from typing import Literal, NamedTuple
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import select
from sqlmodel import Session, col

from matching.score import SIGNALS
from schemas.account import Organization
from schemas.match import MatchFilters
from schemas.match_list import ListedMatch, MatchList, Reranked
from schemas.vocabulary import PostingStatus, Side
from schemas.wording import Wording
from service.matches.live_index import LiveIndex, Serving
from service.matches.matches import rank_again, reader_of, subject_of
from service.matches.scoring import scoring
from service.platform.db import transaction
from service.platform.problems import NotThere, Problem
from service.platform.settings import settings
from service.postings.access import TABLES, Posting, readable

Why = Literal[
    "deleted", "not_published", "not_readable", "new", "changed", "folded", "left", "joined", "encoder", "scoring",
    "policy", "signals", "other_side", "folding", "reranker", "moved",
]  # fmt: skip
# Scores and signals are kept with four digits.
_SAME = 0.00005
_BEGINNING = 40


class Circumstance(BaseModel):
    """Something that a list depends on as a whole."""

    name: Literal["encoder", "scoring", "weights", "index", "reranker", "asked"]
    then: str
    now: str
    same: bool


class ReplayedPlace(BaseModel):
    """A posting that was in the list, is in it today, or both; places counted from 1."""

    id: UUID
    title: str
    organization: str
    place_then: int | None
    place_now: int | None
    score_then: float | None
    score_now: float | None
    why: list[Why]
    #: Which signals are not what they were.
    signals: list[str] = []

    @property
    def same(self) -> bool:
        return not self.why


class Replay(BaseModel):
    list_id: UUID
    created_at: datetime
    looking_for: Side
    #: How many places were shown.
    shown: int
    #: Whether what asked is still there, so that the list could be computed anew.
    computed: bool
    same: bool
    circumstances: list[Circumstance]
    places: list[ReplayedPlace]


class _Known(NamedTuple):
    posting: Posting
    organization: str
    #: Whether whoever the list was shown to may read the posting today.
    readable: bool


def replay_list(list_id: UUID) -> Replay:
    """Raises ``NotThere``, or ``Problem`` where there is no index yet."""
    index = LiveIndex()
    index.refresh()
    if index.serving is None:
        raise Problem(
            Wording("还没有建立索引，请先运行 duijie run", "There is no index yet: start duijie run first")
        )
    with transaction() as session:
        listed = session.get(MatchList, list_id)
        if listed is None:
            raise NotThere(Wording("没有这个列表", "There is no such list"))
        return replay(session, index.serving, listed)


def replay(session: Session, serving: Serving, listed: MatchList) -> Replay:
    again = rank_again(session, serving, listed)
    circumstances = _circumstances(session, serving, listed)
    places = _places(session, listed, again, circumstances) if again is not None else []
    return Replay(
        list_id=listed.id,
        created_at=listed.created_at,
        looking_for=listed.looking_for,
        shown=listed.shown,
        computed=again is not None,
        same=again is not None and all(place.same for place in places),
        circumstances=circumstances,
        places=places,
    )


def _circumstances(session: Session, serving: Serving, listed: MatchList) -> list[Circumstance]:
    multipliers = MatchFilters.model_validate(listed.asked).multipliers
    weights = {name: scoring().weights[name].weight * multipliers.get(name, 1) for name in SIGNALS}
    state = serving.states[listed.looking_for].running_from or 0
    reranker = settings().reranker or str(Reranked.off)
    return [
        _told("encoder", listed.model, serving.model.name),
        _told("scoring", listed.scoring, scoring().version),
        _told("weights", _weights(listed.weights, weights), _weights(weights, listed.weights)),
        _told("index", str(listed.index_state), str(state)),
        # Which one it was is not kept.
        Circumstance(
            name="reranker",
            then=str(listed.reranked),
            now=reranker,
            same=listed.reranked is Reranked.off and reranker == Reranked.off,
        ),
        _asked(listed, subject_of(session, listed)),
    ]


def _told(name: Literal["encoder", "scoring", "weights", "index"], then: str, today: str) -> Circumstance:
    return Circumstance(name=name, then=then, now=today, same=then == today)


def _weights(of: Mapping[str, float], other: Mapping[str, float]) -> str:
    """Those that are not the same on both sides."""
    differing = sorted(name for name in of.keys() | other.keys() if of.get(name) != other.get(name))
    return " ".join(f"{name} {of[name]:.3f}" for name in differing if name in of)


def _asked(listed: MatchList, subject: Posting | None) -> Circumstance:
    """A posting by its title, with the time of its last change where that came later; a text by its beginning."""
    if listed.subject_id is None:
        text = (listed.text or "")[:_BEGINNING]
        return Circumstance(name="asked", then=text, now=text, same=True)
    if subject is None:
        return Circumstance(name="asked", then=str(listed.subject_id), now="", same=False)
    same = subject.updated_at <= listed.created_at
    now = subject.title if same else f"{subject.title}（{subject.updated_at:%Y-%m-%d %H:%M}）"
    return Circumstance(name="asked", then=subject.title, now=now, same=same)


def _places(
    session: Session, listed: MatchList, again: Sequence[ListedMatch], circumstances: Sequence[Circumstance]
) -> list[ReplayedPlace]:
    """In the order of then; what came since at the end, in the order of now."""
    then = {one.id: (place, one) for place, one in zip(count(1), listed.items, strict=False)}
    today = {one.id: (place, one) for place, one in zip(count(1), again, strict=False)}
    known = _known(session, listed, then.keys() | today.keys())
    folded = {other for one in again for other in one.alike}
    differing: set[str] = {one.name for one in circumstances if not one.same}
    nowhere = (None, None)
    places = []
    for posting_id in [*then, *(one for one in today if one not in then)]:
        (place_then, before), (place_now, after) = (
            then.get(posting_id, nowhere),
            today.get(posting_id, nowhere),
        )
        posting, organization, readable_now = known.get(posting_id, (None, "", False))
        why: list[Why]
        signals: list[str] = []
        if before is None:
            why = ["joined", *_written_since(posting, listed)]
        elif after is None:
            why = _why_gone(posting, listed, is_folded=posting_id in folded, is_readable=readable_now)
        else:
            signals = _other_signals(before, after)
            why = _why_other(before, after, signals, differing, _written_since(posting, listed))
            if not why and place_then != place_now:
                why = ["reranker"] if "reranker" in differing else ["moved"]
        places.append(
            ReplayedPlace(
                id=posting_id,
                title=posting.title if posting and readable_now else "",
                organization=organization,
                place_then=place_then,
                place_now=place_now,
                score_then=before.score if before else None,
                score_now=after.score if after else None,
                why=why,
                signals=signals,
            )
        )
    return places


def _known(session: Session, listed: MatchList, posting_ids: Iterable[UUID]) -> dict[UUID, _Known]:
    table = TABLES[listed.looking_for]
    rows = session.execute(
        select(table, col(Organization.name), readable(table, reader_of(listed), matched=True))
        .join(Organization, col(Organization.id) == col(table.organization_id))
        .where(col(table.id).in_(posting_ids))
    )
    return {row[0].id: _Known(*row) for row in rows}


def _written_since(posting: Posting | None, listed: MatchList) -> list[Why]:
    if posting is None:
        return []
    if posting.published_at is not None and posting.published_at > listed.created_at:
        return ["new"]
    # The index held every transaction before its state; what was written since, it may not have known.
    return ["changed"] if (posting.changed_xid or 0) >= listed.index_state else []


def _why_gone(posting: Posting | None, listed: MatchList, *, is_folded: bool, is_readable: bool) -> list[Why]:
    if posting is None or posting.deleted_at is not None:
        return ["deleted"]
    if posting.status is not PostingStatus.published:
        return ["not_published"]
    if not is_readable:
        return ["not_readable"]
    return ["folded" if is_folded else "left", *_written_since(posting, listed)]


def _other(one: float | None, another: float | None) -> bool:
    if one is None or another is None:
        return one is not another
    return abs(one - another) >= _SAME


def _other_signals(before: ListedMatch, after: ListedMatch) -> list[str]:
    return [name for name in SIGNALS if _other(before.signals.get(name), after.signals.get(name))]


def _why_other(
    before: ListedMatch, after: ListedMatch, signals: list[str], differing: set[str], written: list[Why]
) -> list[Why]:
    why: list[Why] = []
    if _other(before.score, after.score) or signals:
        why += written
        why += ["encoder"] if "encoder" in differing else []
        why += ["scoring"] if differing & {"scoring", "weights"} else []
        why += ["policy"] if _other(before.policy, after.policy) else []
        why += ["signals"] if signals else []
        why += ["other_side"] if _other(before.for_capability, after.for_capability) else []
    if set(before.alike) != set(after.alike):
        why += ["folding"]
    return why
