"""``duijie train encoder``: a model fine-tuned on judged pairs, and measured beside the one it came from."""

import random
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from matching.encoder import DEFAULT_MODEL, Encoder, default_model_folder
from matching.metrics import RELEVANT
from schemas.base import LONGEST_TITLE, now
from schemas.wording import Wording
from service.learning.encoder_card import (
    Difference,
    EncoderCard,
    Quality,
    SetCompared,
    fingerprint_of,
    is_better,
    write_card,
)
from service.learning.encoder_comparison import (
    Figures,
    is_held_back,
    mean_difference,
    ndcg_of_each,
    nearest,
)
from service.learning.encoder_fitting import Example, fit
from service.learning.judged import IndexedSet, JudgedSet, index_judged, read_judged
from service.matches.encoders import encoder_for
from service.platform.problems import Problem
from service.platform.settings import settings
from service.platform.terminal_language import said
from service.postings.texts import text_of

Progress = Callable[[str, float], None]

HELD_BACK = 0.3
# With fewer an interval says nothing.
_FEWEST = 10
# A second of one processor trains on some four of them.
_MOST_TITLES = 2_000
# Of the judged ones that do not answer, the nearest; and of those that nobody judged, which are near, but
# not so near that they may well be answers.
_NEAREST_JUDGED, _UNJUDGED = 20, slice(10, 60)


@dataclass(frozen=True)
class _Split:
    """One folder of judged pairs: its needs that have an answer, by what they are for."""

    judged: JudgedSet
    trained: list[str]
    held_back: list[str]


def train_encoder(
    folders: Sequence[Path],
    pairs: Sequence[Path],
    base: str,
    epochs: int,
    folder: Path,
    progress: Progress,
    *,
    titles: bool = True,
) -> EncoderCard:
    """Write a new model and its card to ``folder``. No need is both trained on and measured with.

    folders: judged pairs. pairs: more of them to train on alone, where each need has but its own answer.
    titles: whether capabilities' own titles and texts are such pairs too.
    """
    splits = [_split(read_judged(one)) for one in folders]
    _refuse_too_few(splits)
    folder.parent.mkdir(parents=True, exist_ok=True)
    old = encoder_for(base)
    before = [_indexed(one.judged, old, said("原模型"), progress) for one in splits]
    judged = [
        example for one, indexed in zip(splits, before, strict=True) for example in _examples(one, indexed)
    ]
    bare = _bare_pairs(pairs, {one.judged.needs[need].title for one in splits for need in one.held_back})
    if titles:
        bare += _titles([one.judged for one in splits])
    # Under its name only once it is whole.
    building = folder.with_name(f".{folder.name}.building")
    shutil.rmtree(building, ignore_errors=True)
    fit(_to_load(base), judged, bare, epochs, building, lambda share: progress("训练", share))
    new = Encoder.load(
        str(building),
        settings().data_dir / "models",
        precision=settings().encoder_precision,
        threads=settings().encoder_threads,
    )
    after = [_indexed(one.judged, new, said("新模型"), progress) for one in splits]
    sets, judged_only, everything = _compared(splits, before, after)
    card = EncoderCard(
        made_at=now(),
        base=fingerprint_of(old.name),
        model=fingerprint_of(new.name),
        judged_pairs=len(judged),
        bare_pairs=len(bare),
        pairs_from=[one.name for one in (*folders, *pairs)],
        epochs=epochs,
        sets=sets,
        ndcg_judged=judged_only,
        ndcg=everything,
        better=is_better(judged_only, everything),
    )
    write_card(building, card)
    building.rename(folder)
    return card


def _split(judged: JudgedSet) -> _Split:
    answered = [
        need for need in judged.needs if max(judged.grades.get(need, {}).values(), default=0) >= RELEVANT
    ]
    held_back = [need for need in answered if is_held_back(judged.needs[need], HELD_BACK)]
    return _Split(judged, [need for need in answered if need not in held_back], held_back)


def _refuse_too_few(splits: Sequence[_Split]) -> None:
    trained = sum(len(one.trained) for one in splits)
    held_back = sum(len(one.held_back) for one in splits)
    if trained < _FEWEST or held_back < _FEWEST:
        raise Problem(
            Wording(
                f"有答案（2 级以上）的需求太少：可训练 {trained} 条，留出 {held_back} 条，各至少要 {_FEWEST} 条",
                f"Too few needs with an answer: {trained} to train on, {held_back} held back, {_FEWEST} wanted",
            )
        )


def _indexed(judged: JudgedSet, encoder: Encoder, whose: str, progress: Progress) -> IndexedSet:
    return index_judged(
        judged,
        encoder,
        lambda what, share: progress(
            said("{name} {what}（{whose}）", name=judged.name, what=what, whose=whose), share
        ),
    )


def _examples(one: _Split, indexed: IndexedSet) -> list[Example]:
    """For each answer of each need two that are near and none: one that was judged, one from the search."""
    drawn = random.Random(0)  # noqa: S311 -- the same examples each time
    found = []
    for need in one.trained:
        graded = one.judged.grades[need]
        unjudged = [other for other in nearest(indexed, need) if other not in graded]
        unjudged = unjudged[_UNJUDGED] or unjudged
        refused = [other for other in nearest(indexed, need, list(graded)) if graded[other] < RELEVANT]
        refused = refused[:_NEAREST_JUDGED]
        if not (refused or unjudged):
            continue
        for answer in (other for other, grade in graded.items() if grade >= RELEVANT):
            others = (drawn.choice(refused or unjudged), drawn.choice(unjudged or refused))
            found.append(_example(one.judged, need, answer, *others))
    return found


def _bare_pairs(folders: Sequence[Path], held_back: set[str]) -> list[Example]:
    sets = [read_judged(folder) for folder in folders]
    return [
        _example(judged, need, answer)
        for judged in sets
        for need, graded in judged.grades.items()
        if need in judged.needs and judged.needs[need].title not in held_back
        for answer, grade in graded.items()
        if grade >= RELEVANT
    ]


def _titles(sets: Sequence[JudgedSet]) -> list[Example]:
    """Each title asks for its own text. Where there was no title, the text's beginning stands for it."""
    found = {
        posting.title: Example(posting.title, posting.description)
        for judged in sets
        for posting in judged.capabilities.values()
        if posting.description and len(posting.title) < LONGEST_TITLE
    }
    drawn = random.Random(0)  # noqa: S311 -- the same pairs each time
    return drawn.sample(list(found.values()), min(len(found), _MOST_TITLES))


def _example(judged: JudgedSet, need: str, answer: str, *others: str) -> Example:
    answers = judged.capabilities
    return Example(
        text_of(judged.needs[need]),
        text_of(answers[answer]),
        tuple(text_of(answers[other]) for other in others),
    )


def _to_load(base: str) -> str:
    return str(default_model_folder(settings().data_dir / "models")) if base == DEFAULT_MODEL else base


def _compared(
    splits: Sequence[_Split], before: Sequence[IndexedSet], after: Sequence[IndexedSet]
) -> tuple[list[SetCompared], Difference, Difference]:
    """Each set's figures; and over all held-back needs the differences, over judged pairs only and over all."""
    sets, differences = [], []
    for one, then, later in zip(splits, before, after, strict=True):
        old, new = (ndcg_of_each(indexed, one.held_back) for indexed in (then, later))
        differences.append(new - old)
        sets.append(
            SetCompared(
                name=one.judged.name,
                needs_trained=len(one.trained),
                needs_held_back=len(one.held_back),
                base=_quality(old),
                trained=_quality(new),
            )
        )
    judged_only, everything = np.concatenate(differences).T
    return sets, mean_difference(judged_only), mean_difference(everything)


def _quality(each: Figures) -> Quality | None:
    if not len(each):
        return None
    judged_only, everything = each.mean(axis=0)
    return Quality(ndcg_judged=judged_only, ndcg=everything)
