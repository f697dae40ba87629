"""Which postings of one side fit best: searched, scored, folded and capped."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

import numpy as np
import numpy.typing as npt

from matching.index import Candidates, MatchIndex, Query
from matching.score import score, with_bonus
from schemas.base import now
from schemas.match import MatchFilters
from schemas.match_list import ListedMatch
from schemas.vocabulary import Side
from service.access.principal import Principal
from service.matches.live_index import Serving
from service.matches.scoring import scoring
from service.matches.visibility import readers_of
from service.platform.settings import settings
from service.postings.facts import AFFILIATIONS

# Candidates are taken by vector and by words, so more than a page of each is looked at.
_FEWEST_CANDIDATES = 200
_WIDER = 4
# How many places are kept for later pages.
_FEWEST_LISTED = 100

# Postings of one organisation whose vectors are so close say nearly the same.
_ALIKE = 0.95

_FILTERS = ("kind", "need_type", "domain", "affiliation", "region", "cooperation_mode")


class Asking(NamedTuple):
    """The searching posting or text: its side, its vectors and words, and the facts that it states."""

    side: Side
    query: Query
    facts: np.void


class Ranking(NamedTuple):
    """Best first; and the best score of what did not reach the threshold, if anything did not."""

    listed: list[ListedMatch]
    nearest_miss: float | None


def rank(
    serving: Serving, asking: Asking, asked: MatchFilters, filters: Mapping[str, Sequence[str]]
) -> Ranking:
    """The list that ``asked`` describes: at least a page of it, where there is so much."""
    wanted = max(asked.limit, _FEWEST_LISTED)
    threshold = threshold_of(asked)
    index = serving.side(asking.side.other)
    k = max(_FEWEST_CANDIDATES, 2 * wanted)
    while True:
        candidates = index.search(asking.query, k=k, filters=filters)
        ranked = _Ranked(asking, candidates, asked.multipliers)
        above = ranked.reaching(threshold)
        heads = _fold(index, candidates, above) if asked.fold else dict.fromkeys(above, ())
        kept = _cap(candidates.groups, list(heads), asked.max_per_organization)
        # Further candidates are less similar: if some already fell below the threshold, no more are fetched.
        if len(kept) >= wanted or candidates.complete or len(above) < len(candidates.ids):
            listed = [ranked.listed(place, heads[place]) for place in kept[:wanted]]
            return Ranking(listed, ranked.best_of_the_rest(above))
        k *= _WIDER


def score_given(
    serving: Serving, asking: Asking, posting_ids: Iterable[UUID], multipliers: Mapping[str, float]
) -> list[ListedMatch]:
    """Score given postings, as far as they are in the index; best first."""
    candidates = serving.side(asking.side.other).signals(asking.query, posting_ids)
    ranked = _Ranked(asking, candidates, multipliers)
    return [ranked.listed(place, ()) for place in ranked.reaching(0)]


def why_not(listed: ListedMatch, shown: Sequence[ListedMatch]) -> list[str]:
    """Why a posting is not in the list that is shown by default; empty if it is."""
    if any(one.id == listed.id for one in shown):
        return []
    if listed.score < scoring().good_from:
        return ["below_threshold"]
    if any(listed.id in one.alike for one in shown):
        return ["folded"]
    of_same = [one for one in shown if one.organization_id == listed.organization_id]
    return ["organization_cap"] if of_same and of_same[-1].score >= listed.score else ["beyond_the_list"]


def threshold_of(asked: MatchFilters) -> float:
    return scoring().good_from if asked.min_score is None else asked.min_score


def filters_of(caller: Principal, asked: MatchFilters) -> dict[str, list[str]]:
    filters = {
        name: [str(value) for value in values] for name in _FILTERS if (values := getattr(asked, name))
    }
    filters["reader"] = readers_of(caller)
    return filters


class _Ranked:
    """Candidates with their scores. Places are places among the candidates."""

    def __init__(self, asking: Asking, candidates: Candidates, multipliers: Mapping[str, float]) -> None:
        self._candidates = candidates
        self._scores = score(
            scoring(),
            candidates,
            asking.facts,
            asking_is_need=asking.side is Side.needs,
            today=now().date(),
            multipliers=multipliers,
        )
        self._policy = policy_bonus()[candidates.facts["affiliation"]]
        self._final = with_bonus(self._scores.both, self._policy)

    def reaching(self, threshold: float) -> list[int]:
        """Best first; of equals, the older posting first, so that the order does not depend on the index."""
        final = self._final.tolist()
        ids = self._candidates.ids
        # Scores are shown with four digits: rounded first, so that what looks equal ranks as equal.
        places = [place for place, value in enumerate(final) if round(value, 4) >= threshold]
        return sorted(places, key=lambda place: (-round(final[place], 4), ids[place]))

    def best_of_the_rest(self, above: Sequence[int]) -> float | None:
        rest = np.delete(self._final, above)
        return round(float(rest.max()), 4) if len(rest) else None

    def listed(self, place: int, alike: Sequence[int]) -> ListedMatch:
        found, scores = self._candidates, self._scores
        affiliation = int(found.facts["affiliation"][place])
        return ListedMatch(
            id=found.ids[place],
            organization_id=UUID(found.groups[place]),
            affiliation=AFFILIATIONS[affiliation - 1] if affiliation else None,
            score=_rounded(self._final[place]) or 0.0,
            for_need=_rounded(scores.for_need[place]) or 0.0,
            for_capability=_rounded(scores.for_capability[place]),
            known=_rounded(scores.known[place]) or 0.0,
            signals={name: _rounded(values[place]) for name, values in scores.signals.items()},
            policy=_rounded(self._policy[place]) or 0.0,
            alike=tuple(found.ids[other] for other in alike),
        )


def _rounded(value: np.float32) -> float | None:
    return None if np.isnan(value) else round(float(value), 4)


def policy_bonus() -> npt.NDArray[np.float32]:
    """The operator's bonus in log-odds by the number of an affiliation."""
    weights = settings().policy_weights
    return np.array([0, *(weights.get(affiliation, 0) for affiliation in AFFILIATIONS)], np.float32)


def _fold(index: MatchIndex, candidates: Candidates, places: Sequence[int]) -> dict[int, tuple[int, ...]]:
    """Of postings of one organisation that say nearly the same, the best stands for the others.

    The places that stay, in their order, each with the places that it stands for.
    """
    of_group: dict[str, list[int]] = {}
    for place in places:
        of_group.setdefault(candidates.groups[place], []).append(place)
    stands_for: dict[int, list[int]] = {}
    for some in of_group.values():
        if len(some) == 1:
            stands_for |= {place: [] for place in some}
            continue
        vectors = index.first_vectors([candidates.ids[place] for place in some])
        close = vectors @ vectors.T >= _ALIKE
        heads: list[int] = []
        for row, place in enumerate(some):
            head = next((one for one in heads if close[row, one]), None)
            if head is None:
                heads.append(row)
                stands_for[place] = []
            else:
                stands_for[some[head]].append(place)
    return {place: tuple(stands_for[place]) for place in places if place in stands_for}


def _cap(groups: Sequence[str], places: Sequence[int], most: int) -> list[int]:
    """At most so many of one organisation, its best; 0 means no cap."""
    taken: dict[str, int] = {}
    kept = []
    for place in places:
        taken[groups[place]] = taken.get(groups[place], 0) + 1
        if most == 0 or taken[groups[place]] <= most:
            kept.append(place)
    return kept
