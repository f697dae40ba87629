"""Saved searches indexed as documents; each new posting is run against them (percolation).

A first pass computes an upper bound of each score: all signals but the words, for which it assumes the best value.
Only searches whose bound reaches their least score are scored exactly, as a search would score them. A subscriber
is therefore notified of the postings that the search itself would show, and of no others.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
from sqlalchemy import and_, func, or_, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col

from matching.facts import NOTHING
from matching.index import Candidates, Entry, MatchIndex, Query
from matching.score import score, with_bonus
from matching.text import query_weights
from schemas.account import ApiKey, Organization
from schemas.base import now
from schemas.embedding import Embedding
from schemas.subscription import StandingFilters, StandingVector, Subscription
from schemas.vocabulary import PostingStatus, Role, Side
from service.matches.encoders import EncodedText, encode
from service.matches.live_index import Serving
from service.matches.ranking import Asking, policy_bonus, score_given
from service.matches.saved_searches import least_score
from service.matches.scoring import scoring
from service.matches.stored_vectors import read_encoded, read_vectors
from service.matches.visibility import readers_as, readers_of_posting
from service.postings.access import TABLES, Posting
from service.postings.facts import AFFILIATIONS, facts_of
from service.postings.texts import Writing

_FILTERS = tuple(StandingFilters.model_fields)
#: The label of a query that does not filter by something.
_ANY = "*"
_ENCODED_AT_ONCE = 32
# Vectors are kept in float16 on both sides, so that a sum may differ in the third digit.
_LEEWAY = 0.02


class Reached(NamedTuple):
    subscription: Subscription
    score: float


class Standing:
    """All subscriptions, by the side that they look for; of one encoder. Not for several threads at once."""

    def __init__(self) -> None:
        self._model = ""
        self._indexes: dict[Side, MatchIndex] = {}
        self._stamps: dict[UUID, str] = {}
        self._side_of: dict[UUID, Side] = {}
        self._floor: dict[UUID, float] = {}

    def __len__(self) -> int:
        return len(self._stamps)

    def catch_up(self, session: Session, serving: Serving) -> None:
        """Load what changed. The version of every row is compared, so that no order of commits hides a change."""
        if self._model != serving.model.name:
            self._model, self._stamps = serving.model.name, {}
            self._indexes = {side: MatchIndex(serving.model.dim) for side in Side}
        there = _stamps(session, serving.model.name)
        gone = self._stamps.keys() - there.keys()
        for side in Side:
            self._indexes[side].delete(one for one in gone if self._side_of[one] is side)
        changed = [one for one, stamp in there.items() if self._stamps.get(one) != stamp]
        for start in range(0, len(changed), 500):
            self._take_in(session, serving, changed[start : start + 500])
        self._stamps = there

    def reached_by(self, session: Session, serving: Serving, posting: Posting, side: Side) -> list[Reached]:
        """The subscriptions that a posting of ``side`` reaches; never those of its own organisation."""
        stored = session.get(Embedding, (posting.id, serving.model.name))
        if stored is None or posting.status is not PostingStatus.published:
            return []
        organization = session.get_one(Organization, posting.organization_id)
        encoded = read_encoded(stored, serving.model.dim)
        index = self._indexes[side]
        found = index.search(
            # Words are left to the exact score: among queries they would weigh otherwise than among postings.
            Query(encoded.vectors, {}, encoded.wish),
            k=len(index) + 1,
            filters=_labels_met(posting, organization),
        )
        bonus = policy_bonus()[AFFILIATIONS.index(organization.affiliation) + 1]
        most = with_bonus(_at_most(found, facts_of(posting), side), bonus)
        possible = [
            one
            for one, group, best in zip(found.ids, found.groups, most.tolist(), strict=True)
            if group != str(posting.organization_id) and best + _LEEWAY >= self._floor[one]
        ]
        return _scored(session, serving, possible, posting)

    def _take_in(self, session: Session, serving: Serving, ids: Sequence[UUID]) -> None:
        entries: dict[Side, list[Entry]] = {side: [] for side in Side}
        for subscription, role, asking in _loaded(session, serving, ids):
            self._side_of[subscription.id] = subscription.looking_for
            self._floor[subscription.id] = least_score(subscription)
            query = asking.query
            entries[subscription.looking_for].append(
                Entry(
                    subscription.id,
                    query.vectors,
                    (),
                    _labels_wanted(subscription, role),
                    str(subscription.organization_id),
                    asking.facts,
                    query.wish,
                )
            )
        taken = {entry.id for some in entries.values() for entry in some}
        for side in Side:
            self._indexes[side].delete(set(ids) - taken)
            self._indexes[side].upsert(entries[side])


def has_subscriptions(session: Session, side: Side) -> bool:
    waiting = select(col(Subscription.id)).where(col(Subscription.looking_for) == side).limit(1)
    return session.execute(waiting).first() is not None


def _stamps(session: Session, model: str) -> dict[UUID, str]:
    """The subscriptions that count, each with the version of all that it is made of."""
    parts: list[Any] = [text("subscription.xmin::text"), col(ApiKey.role)]
    query = select(col(Subscription.id)).join(ApiKey, col(ApiKey.id) == col(Subscription.api_key_id))
    usable = []
    for table in TABLES.values():
        query = query.outerjoin(
            table,
            and_(
                col(table.id) == col(Subscription.posting_id),
                col(table.deleted_at).is_(None),
                col(table.status) != PostingStatus.closed,
            ),
        )
        parts.append(col(table.changed_xid))
        usable.append(col(table.id).is_not(None))
    query = query.outerjoin(
        Embedding,
        and_(col(Embedding.posting_id) == col(Subscription.posting_id), col(Embedding.model) == model),
    )
    ends = col(ApiKey.expires_at)
    query = query.add_columns(func.concat_ws(":", *parts)).where(
        col(ApiKey.revoked_at).is_(None),
        or_(ends.is_(None), ends > now(), col(Subscription.whole_organization).is_(True)),
        or_(
            col(Subscription.posting_id).is_(None),
            and_(or_(*usable), col(Embedding.posting_id).is_not(None)),
        ),
    )
    return dict(session.execute(query).all())


def _loaded(
    session: Session, serving: Serving, ids: Sequence[UUID]
) -> list[tuple[Subscription, Role, Asking]]:
    """Subscriptions with what each asks; texts that this encoder has not read yet are encoded, and kept."""
    rows = session.execute(
        select(Subscription, col(ApiKey.role))
        .join(ApiKey, col(ApiKey.id) == col(Subscription.api_key_id))
        .where(col(Subscription.id).in_(ids))
    ).all()
    subscriptions = [row[0] for row in rows]
    asking = {**_texts(session, serving, subscriptions), **_postings(session, serving, subscriptions)}
    return [(one, role, asking[one.id]) for one, role in rows if one.id in asking]


def _texts(session: Session, serving: Serving, subscriptions: Sequence[Subscription]) -> dict[UUID, Asking]:
    by_text = {one.id: one for one in subscriptions if one.text is not None}
    kept = {
        vector.subscription_id: vector
        for vector in session.execute(
            select(StandingVector).where(
                col(StandingVector.subscription_id).in_(by_text),
                col(StandingVector.model) == serving.model.name,
            )
        ).scalars()
    }
    for side in Side:
        lacking = [one for one in by_text.values() if one.id not in kept and one.looking_for is side]
        for start in range(0, len(lacking), _ENCODED_AT_ONCE):
            some = lacking[start : start + _ENCODED_AT_ONCE]
            writings = [Writing(one.text or "") for one in some]
            for one, encoded in zip(some, encode(serving.model, side.other, writings), strict=True):
                kept[one.id] = _keep(session, serving, one, encoded)
    return {
        key: Asking(by_text[key].looking_for.other, _query(vector, serving.model.dim), NOTHING)
        for key, vector in kept.items()
    }


def _query(kept: StandingVector, dim: int) -> Query:
    return Query(read_vectors(kept.vectors, dim), query_weights(kept.terms, kept.terms[: kept.title_terms]))


def _keep(
    session: Session, serving: Serving, subscription: Subscription, encoded: EncodedText
) -> StandingVector:
    kept = StandingVector(
        subscription_id=subscription.id,
        model=serving.model.name,
        vectors=encoded.vectors.astype(np.float16).tobytes(),
        terms=encoded.terms,
        title_terms=encoded.title_terms,
    )
    values = kept.model_dump()
    # Another worker may be doing the same.
    session.execute(
        insert(StandingVector)
        .values(values)
        .on_conflict_do_update(index_elements=["subscription_id"], set_=values)
    )
    return kept


def _postings(
    session: Session, serving: Serving, subscriptions: Sequence[Subscription]
) -> dict[UUID, Asking]:
    asking: dict[UUID, Asking] = {}
    for side, table in TABLES.items():
        asked = {
            one.id: one.posting_id
            for one in subscriptions
            if one.posting_id and one.looking_for is side.other
        }
        rows = session.execute(
            select(table, Embedding)
            .join(Embedding, col(Embedding.posting_id) == col(table.id))
            .where(col(table.id).in_(asked.values()), col(Embedding.model) == serving.model.name)
        ).all()
        read = {
            posting.id: Asking(side, read_encoded(stored, serving.model.dim).query, facts_of(posting))
            for posting, stored in rows
        }
        asking |= {key: read[posting_id] for key, posting_id in asked.items() if posting_id in read}
    return asking


def _labels_wanted(subscription: Subscription, role: Role) -> dict[str, list[str]]:
    filters = {
        name: [str(value) for value in getattr(subscription.filters, name)] or [_ANY] for name in _FILTERS
    }
    return {**filters, "reader": readers_as(role, subscription.organization_id)}


def _labels_met(posting: Posting, organization: Organization) -> dict[str, list[str]]:
    """The filter values that this posting satisfies, the value for no filter included."""
    met: dict[str, list[Any]] = {
        "kind": [getattr(posting, "kind", None)],
        "need_type": [getattr(posting, "need_type", None)],
        "domain": posting.domain_path,
        "affiliation": [organization.affiliation],
        "region": posting.region_path,
        "cooperation_mode": posting.cooperation_modes,
    }
    labels = {name: [_ANY, *(str(one) for one in values if one)] for name, values in met.items()}
    return {**labels, "reader": readers_of_posting(posting.organization_id, posting.visibility)}


def _at_most(found: Candidates, facts: np.void, side: Side) -> Any:
    """An upper bound of each score: the word signal at its best, since the score is monotone in it."""
    best = []
    for words in (0.0, 1.0, np.nan):
        given = replace(found, words=np.full(len(found.ids), words, np.float32))
        today = now().date()
        best.append(score(scoring(), given, facts, asking_is_need=side is Side.needs, today=today).both)
    return np.maximum.reduce(best)


def _scored(session: Session, serving: Serving, ids: Sequence[UUID], posting: Posting) -> list[Reached]:
    """Exactly, as each query would find the posting."""
    return [
        Reached(subscription, listed.score)
        for subscription, _, asking in _loaded(session, serving, ids)
        for listed in score_given(serving, asking, [posting.id], {})
        if listed.score >= least_score(subscription)
    ]
