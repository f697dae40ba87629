"""How well needs in five languages find the Chinese capability that answers them, and what helps."""

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from zlib import crc32

import numpy as np
import numpy.typing as npt
from rich.table import Table

from matching import kazakh, uyghur
from matching.centre import centred, mean_of
from matching.encoder import Encoder
from matching.glossary import Glossary
from matching.language import Language, language_of_text, language_samples
from matching.readable import needs_chinese_summary, readable
from schemas.vocabulary import Side
from service.matches.encoders import PROMPT_OF
from service.matches.sample_texts import sample_texts
from service.platform.console import output, print_table, progress_bar
from tests.model import model_cache

Vectors = npt.NDArray[np.float32]
Rewriting = Callable[[str], str]

_LANGUAGES: dict[Language, str] = {
    "zh": "Chinese",
    "en": "English",
    "ru": "Russian",
    "kk": "Kazakh",
    "ug": "Uyghur",
}

# Uyghur letters in the spelling of languages of which the model has read more.
_UYGHUR = "ابپتجچخدرزژسشغفقكگڭلمنھوۇۆۈۋېىيە"
_SPELLINGS = {
    "Uyghur Latin": "a b p t j ch x d r z zh s sh gh f q k g ng l m n h o u ö ü w é i y e",
    "Uyghur Cyrillic": "а б п т җ ч х д р з ж с ш ғ ф қ к г ң л м н һ о у ө ү в е и й ә",
    "Kazakh Cyrillic": "а б п т ж ш х д р з ж с ш ғ ф қ к г ң л м н һ о ұ ө ү у е і й е",
    "Uzbek Cyrillic": "а б п т ж ч х д р з ж с ш ғ ф қ к г нг л м н ҳ о у ў у в е и й а",
    "Uzbek Latin": "a b p t j ch x d r z j s sh g‘ f q k g ng l m n h o u o‘ u v e i y a",
    "Turkish": "a b p t c ç h d r z j s ş ğ f k k g n l m n h o u ö ü v e i y e",
    "Azerbaijani": "a b p t c ç x d r z j s ş ğ f q k g n l m n h o u ö ü v e i y ə",
}


@dataclass(frozen=True)
class Topic:
    """A capability, and the need that it answers in each language."""

    domain: str
    # Whether its needs were left unread while the Uyghur glossary grew.
    held_out: bool
    capability: str
    needs: dict[Language, str]


class Search:
    """Places of the right capability among those of all topics and of the demonstration data."""

    def __init__(self, encoder: Encoder, topics: list[Topic]) -> None:
        self._encoder = encoder
        others = list(sample_texts(Side.capabilities))
        found = self._encode([topic.capability for topic in topics] + others, Side.capabilities)
        self._capabilities = centred(found, mean_of(found[len(topics) :]))
        self.mean_of_language = cache(self._mean_of_language)

    def places(self, needs: list[str], means: list[Language | None]) -> npt.NDArray[np.int64]:
        """How many capabilities come before the right one; each need's vector is less a language's mean."""
        vectors = self._encode(needs, Side.needs)
        less = np.stack([self.mean_of_language(language) for language in means])
        similarities = centred(vectors - less, np.zeros_like(less[0])) @ self._capabilities.T
        right = np.diagonal(similarities)
        places: npt.NDArray[np.int64] = (similarities > right[:, np.newaxis]).sum(axis=1)
        return places

    def _mean_of_language(self, language: Language | None) -> Vectors:
        samples = language_samples().get(language or "zh") or list(sample_texts(Side.needs))
        return mean_of(self._encode(samples, Side.needs))

    def _encode(self, texts: list[str], side: Side) -> Vectors:
        return self._encoder.encode(texts, side=PROMPT_OF[side])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="default", help="folder or name of a sentence-transformers model")
    asked = parser.parse_args()
    topics = _topics()
    with progress_bar() as progress:
        search = Search(Encoder.load(asked.model, model_cache(), progress=progress), topics)
        table = Table(
            "", "needs", "top-1", "top-5", "held out: top-1", "top-5",
            title=f"{len(topics)} topics among {len(topics) + len(sample_texts(Side.capabilities))} capabilities",
        )  # fmt: skip
        rows = list(_rows())
        for done, (name, language, rewriting, own_mean) in enumerate(rows, 1):
            needs = [rewriting(topic.needs[language]) for topic in topics]
            means = [language_of_text(need) if own_mean else None for need in needs]
            table.add_row(_LANGUAGES[language], name, *_shares(topics, search.places(needs, means)))
            progress("needs in five languages", done / len(rows))
    print_table(table)
    for language in ("kk", "ug"):
        asking = sum(needs_chinese_summary(topic.needs[language]) for topic in topics)
        output.print(f"{_LANGUAGES[language]}: a Chinese summary is asked for with {asking} needs.")


def _topics() -> list[Topic]:
    rows = json.loads((files("benchmarks") / "data" / "languages.json").read_text(encoding="utf-8"))
    return [
        Topic(
            domain=row["domain"],
            held_out=row["held_out"],
            capability=f"{row['capability']['title']}\n{row['capability']['description']}",
            needs=row["need"],
        )
        for row in rows
    ]


def _rows() -> list[tuple[str, Language, Rewriting, bool]]:
    """Name, language, what is done to the text, and whether its own language's mean is taken off."""
    rows: list[tuple[str, Language, Rewriting, bool]] = [
        ("as it stands", language, _as_it_stands, False) for language in _LANGUAGES
    ]
    rows.append(("less its language's mean", "kk", _as_it_stands, True))
    rows += [(f"spelled as {name}", "ug", _respelling(name), False) for name in _SPELLINGS]
    for language in ("kk", "ug"):
        rows.append(("and its Chinese words", language, _with_chinese_words, False))
        rows.append(("half of the glossary", language, _by_part(language, _in_half), False))
    rows.append(("what the Uyghur one has too", "kk", _by_part("kk", _in_uyghur_glossary), False))
    rows += [("as the product reads it", language, readable, True) for language in _LANGUAGES]
    return sorted(rows, key=lambda row: list(_LANGUAGES).index(row[1]))


def _as_it_stands(text: str) -> str:
    return text


def _with_chinese_words(text: str) -> str:
    return f"{text}\n{readable(text)}"


def _by_part(language: Language, keep: Callable[[str], bool]) -> Rewriting:
    """Reading by those entries alone whose Chinese is kept: how it is for who uses other words."""
    spoken = {"ug": uyghur, "kk": kazakh}[language]
    whole = spoken.glossary()
    part = Glossary(
        whole.word,
        {begin: [one for one in same if keep(one[2])] for begin, same in whole.entries.items()},
    )
    return lambda text: "".join(piece for piece, _ in part.pieces(spoken.plain(text)))


def _in_half(chinese: str) -> bool:
    return crc32(chinese.encode()) % 2 == 0


def _in_uyghur_glossary(chinese: str) -> bool:
    return any(chinese == one[2] for same in uyghur.glossary().entries.values() for one in same)


def _respelling(name: str) -> Rewriting:
    letters = dict(zip(_UYGHUR, _SPELLINGS[name].split(), strict=True)) | {
        "ئ": "",
        "،": ",",
        "؛": ";",
        "؟": "?",
    }
    table = str.maketrans(letters)
    return lambda text: text.translate(table)


def _shares(topics: list[Topic], places: npt.NDArray[np.int64]) -> list[str]:
    unseen = np.array([topic.held_out for topic in topics])
    return [f"{(part < best).mean():.2f}" for part in (places, places[unseen]) for best in (1, 5)]


if __name__ == "__main__":
    main()
