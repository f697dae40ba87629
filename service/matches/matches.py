"""Ranked, explained pairs: computed when they are asked for; the list that was shown is kept."""

from dataclasses import dataclass
from typing import cast
from uuid import UUID

from sqlmodel import Session, col, select

from matching.facts import NOTHING
from matching.score import SIGNALS
from schemas.capability import Capability
from schemas.embedding import Embedding
from schemas.match import CapabilityMatches, MatchFilters, MatchRequest, NeedMatches, PairMatch
from schemas.match_list import ListedMatch, MatchList
from schemas.need import Need
from schemas.reading import mask_contacts
from schemas.vocabulary import Role, Side
from schemas.wording import Wording
from service.access.principal import ANYONE, Permission, Principal, reading_as
from service.matches.answers import INDEXING, answer, answer_pair, nothing_yet
from service.matches.encoders import EncodedText
from service.matches.encoding_queue import encode_texts
from service.matches.explain import Explained
from service.matches.live_index import LiveIndex, Serving
from service.matches.ranking import Asking, filters_of, rank, score_given, threshold_of, why_not
from service.matches.reranking import rerank_list
from service.matches.scoring import scoring
from service.matches.shown_lists import list_of, read_page
from service.matches.stored_vectors import read_encoded
from service.matches.visibility import readers_of_members
from service.platform.messages import said
from service.platform.problems import NotThere, WrongState
from service.platform.settings import settings
from service.postings.access import TABLES, Posting, readable
from service.postings.facts import facts_of
from service.postings.texts import Writing, text_of

AnyMatches = CapabilityMatches | NeedMatches

# Whoever is at the machine itself.
_EVERYBODY = reading_as(Role.operator, UUID(int=0))
_READ_IN_PART = Wording(
    "文字较长，仅按前 {limit} 个字符匹配。", "The text is long; only its first {limit} characters were read."
)
_NOT_PUBLISHED = Wording("该供给尚未发布，不参与匹配", "The capability is not published, and is in no match")


@dataclass(frozen=True)
class Asker:
    """What is searched with: an encoded posting, or a free text."""

    side: Side
    text: str
    encoded: EncodedText
    posting: Posting | None = None

    @property
    def asking(self) -> Asking:
        return Asking(self.side, self.encoded.query, facts_of(self.posting) if self.posting else NOTHING)

    @property
    def explained(self) -> Explained:
        if self.posting is not None:
            return Explained.of(self.posting, self.encoded)
        return Explained(self.side, self.text, self.encoded)


def match_need(
    session: Session, caller: Principal, index: LiveIndex, need: Need, asked: MatchFilters, language: str
) -> CapabilityMatches:
    """Rank capabilities for a need. The caller must already be authorised for ``need``."""
    return cast("CapabilityMatches", _match_posting(session, caller, index, need, asked, language))


def match_capability(
    session: Session,
    caller: Principal,
    index: LiveIndex,
    capability: Capability,
    asked: MatchFilters,
    language: str,
) -> NeedMatches:
    """Rank needs for a capability. The caller must already be authorised for ``capability``."""
    return cast("NeedMatches", _match_posting(session, caller, index, capability, asked, language))


def _match_posting(
    session: Session,
    caller: Principal,
    index: LiveIndex,
    posting: Posting,
    asked: MatchFilters,
    language: str,
) -> AnyMatches:
    caller.require(Permission.match)
    serving = index.serving
    asker = _of_posting(session, serving, posting) if serving else None
    if serving is None or asker is None:
        return nothing_yet(side_of(posting).other, serving, language)
    return _answer(session, caller, serving, asker, asked, language)


def match_text(
    session: Session,
    caller: Principal,
    index: LiveIndex,
    asked: MatchRequest,
    language: str,
    *,
    keep: bool = True,
) -> AnyMatches:
    """What fits a text that is posted nowhere, read as a posting of the side that is not looked for.

    keep: not where somebody is still typing.
    """
    caller.require(Permission.match)
    serving = index.serving
    if serving is None:
        return nothing_yet(asked.looking_for, None, language)
    text = mask_contacts(asked.text)[0]
    limit = settings().free_text_limit
    asker = _of_text(serving, asked.looking_for.other, text[:limit])
    told = _answer(session, caller, serving, asker, asked, language, keep=keep)
    if len(text) > limit:
        told.read_characters = limit
        part = said(_READ_IN_PART._replace(slots={"limit": limit}), language)
        told.note = f"{part} {told.note}" if told.note else part
    return told


def match_text_once(
    session: Session, serving: Serving, text: str, looking_for: Side, asked: MatchFilters, language: str
) -> AnyMatches:
    """The same on the machine itself, where nobody calls and every posting may be shown. Nothing is kept."""
    asker = _of_text(serving, looking_for.other, text)
    made = find(serving, asker, asked, {})
    rerank_list(session, asker.text, made)
    page = read_page(session, _EVERYBODY, looking_for, made.items, 0, asked.limit)
    return answer(session, serving, asker.explained, made, page, asked, language)


def find(serving: Serving, asker: Asker, asked: MatchFilters, filters: dict[str, list[str]]) -> MatchList:
    """Answer without keeping anything: the list as it would be kept."""
    ranking = rank(serving, asker.asking, asked, filters)
    return MatchList(
        organization_id=UUID(int=0),
        looking_for=asker.side.other,
        subject_id=asker.posting.id if asker.posting else None,
        text=None if asker.posting else asker.text,
        asked=asked.model_dump(mode="json", exclude={"cursor", "text", "looking_for"}),
        filters=filters,
        model=serving.model.name,
        scoring=scoring().version,
        weights={name: scoring().weights[name].weight * asked.multipliers.get(name, 1) for name in SIGNALS},
        index_state=serving.states[asker.side.other].running_from or 0,
        threshold=threshold_of(asked),
        nearest_miss=ranking.nearest_miss,
        items=ranking.listed,
    )


def rank_again(session: Session, serving: Serving, listed: MatchList) -> list[ListedMatch] | None:
    """What a kept list would be today, for the reader that it was shown to.

    None if the searching posting is gone, or the reader may not read it any more.
    """
    asker: Asker | None
    if listed.subject_id is not None:
        posting = subject_of(session, listed)
        asker = _of_posting(session, serving, posting) if posting else None
    else:
        asker = _of_text(serving, listed.looking_for.other, listed.text or "")
    if asker is None:
        return None
    made = find(serving, asker, MatchFilters.model_validate(listed.asked), listed.filters)
    rerank_list(session, asker.text, made)
    return made.items


def reader_of(listed: MatchList) -> Principal:
    """The reader of the list. Old lists do not record the role: then the one with the fewest permissions."""
    return reading_as(listed.role or Role.integrator, listed.organization_id)


def subject_of(session: Session, listed: MatchList) -> Posting | None:
    """The searching posting, if the reader of the list may still read it."""
    table = TABLES[listed.looking_for.other]
    query = select(table).where(
        col(table.id) == listed.subject_id, readable(table, reader_of(listed), matched=True)
    )
    return cast("Posting | None", session.exec(query).first())


def best_for_need(
    session: Session, serving: Serving, need: Need, limit: int = 10
) -> list[ListedMatch] | None:
    """The best matches that every member may see, without a threshold; None if the need is not encoded yet."""
    asker = _of_posting(session, serving, need)
    if asker is None:
        return None
    asked = MatchFilters(limit=limit, min_score=0, max_per_organization=0, fold=False)
    return find(serving, asker, asked, {"reader": readers_of_members()}).items[:limit]


def best_for_capability(
    session: Session, serving: Serving, capability: Capability, limit: int
) -> list[ListedMatch] | None:
    """The best needs, private ones included, to notify their owners; None if the capability is not encoded yet."""
    asker = _of_posting(session, serving, capability)
    if asker is None:
        return None
    asked = MatchFilters(limit=limit, min_score=0, max_per_organization=0, fold=False)
    return find(serving, asker, asked, {}).items[:limit]


def explain_pair(
    session: Session, caller: Principal, index: LiveIndex, need: Need, capability: Capability, language: str
) -> PairMatch:
    """Why this pair is, or is not, shown as a match. The caller must already be authorised for both."""
    caller.require(Permission.match)
    serving = index.serving
    asker = _of_posting(session, serving, need) if serving else None
    stored = session.get(Embedding, (capability.id, serving.model.name)) if serving else None
    if serving is None or asker is None or stored is None:
        raise WrongState(INDEXING)
    scored = score_given(serving, asker.asking, [capability.id], {})
    if not scored:
        raise WrongState(_NOT_PUBLISHED)
    [listed] = scored
    usual, everything = (
        MatchFilters(),
        MatchFilters(limit=1000, min_score=0, max_per_organization=0, fold=False),
    )
    shown, ranked = (
        rank(serving, asker.asking, asked, filters_of(caller, asked)).listed for asked in (usual, everything)
    )
    place = next((place for place, one in enumerate(ranked, 1) if one.id == listed.id), None)
    return answer_pair(
        session, serving, asker.explained, (need, capability), listed, place, why_not(listed, shown), language
    )


def side_of(posting: Posting) -> Side:
    return Side.needs if isinstance(posting, Need) else Side.capabilities


def _of_posting(session: Session, serving: Serving, posting: Posting) -> Asker | None:
    stored = session.get(Embedding, (posting.id, serving.model.name))
    if stored is None:
        return None
    return Asker(side_of(posting), text_of(posting), read_encoded(stored, serving.model.dim), posting)


def _of_text(serving: Serving, side: Side, text: str) -> Asker:
    writing = Writing(text)
    return Asker(side, writing.text, encode_texts(serving.model, side, [writing])[0])


def _answer(
    session: Session,
    caller: Principal,
    serving: Serving,
    asker: Asker,
    asked: MatchFilters,
    language: str,
    *,
    keep: bool = True,
) -> AnyMatches:
    """The first page, whose list is then kept, or a further page of a kept list."""
    keep = keep and caller is not ANYONE
    if asked.cursor is None:
        made, start = find(serving, asker, asked, filters_of(caller, asked)), 0
        rerank_list(session, asker.text, made)
        if keep:
            made.organization_id, made.role = caller.organization_id, caller.role
            session.add(made)
    else:
        made, start = list_of(session, caller, asked.cursor)
        if made.subject_id != (asker.posting.id if asker.posting else None) or made.looking_for is asker.side:
            raise NotThere
    page = read_page(session, caller, made.looking_for, made.items, start, asked.limit)
    if page:
        made.shown = max(made.shown, page[-1].place + 1)
    told = answer(session, serving, asker.explained, made, page, asked, language)
    if not keep and asked.cursor is None:
        told.list_id = told.next_cursor = None
    return told
