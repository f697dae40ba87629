"""A small fixed set as a floor: needs in five languages, each with the one capability that answers it.

The figures lie a little below what was measured when they were written down. Who moves one moves it up, or says
in the change why quality may fall.
"""

import json
from pathlib import Path

import numpy as np
import pytest

from matching.metrics import Measured
from schemas.vocabulary import Side
from service.learning.evaluation import evaluate_folders
from service.matches.sample_texts import sample_texts

pytestmark = pytest.mark.model

TOPICS = Path(__file__).parents[3] / "benchmarks" / "data" / "languages.json"
LANGUAGES = ("zh", "en", "ru", "kk", "ug")
# nDCG@10. No word of English and Russian needs stands in a Chinese text.
FLOORS = {
    "词": {"zh": 0.58, "kk": 0.75, "ug": 0.64},
    "向量": {"zh": 0.90, "en": 0.75, "ru": 0.59, "kk": 0.90, "ug": 0.88},
    "全流程": {"zh": 0.91, "en": 0.75, "ru": 0.59, "kk": 0.90, "ug": 0.89},
}


@pytest.fixture(scope="module")
def topics(tmp_path_factory: pytest.TempPathFactory, data_dir: Path) -> Path:
    """As a folder of judged pairs. The demonstration's capabilities are on the same subjects, and answer none."""
    folder = tmp_path_factory.mktemp("topics")
    found = json.loads(TOPICS.read_text(encoding="utf-8"))
    capabilities = [
        {"id": f"{place}", "title": topic["capability"]["title"], "text": topic["capability"]["description"]}
        for place, topic in enumerate(found)
    ]
    for place, sample in enumerate(sample_texts(Side.capabilities)):
        title, _, text = sample.partition("\n")
        capabilities.append({"id": f"other-{place}", "title": title, "text": text})
    needs = [
        {"id": f"{language}-{place}", "title": topic["need"][language][:200], "text": ""}
        for place, topic in enumerate(found)
        for language in LANGUAGES
    ]
    for name, rows in (("needs", needs), ("capabilities", capabilities)):
        lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
        (folder / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    pairs = [f"{need['id']}\t{need['id'].partition('-')[2]}\t3" for need in needs]
    (folder / "qrels.tsv").write_text("\n".join(["need_id\tcap_id\tgrade", *pairs]), encoding="utf-8")
    return folder


def test_quality_does_not_fall_unnoticed(topics: Path) -> None:
    (found,) = evaluate_folders([topics], lambda *_: None)

    each = {row.name: _by_language(row.measured) for row in found.rows}
    assert {
        (row, language): each[row][language]
        for row, floors in FLOORS.items()
        for language, floor in floors.items()
        if each[row][language] < floor
    } == {}


def _by_language(measured: Measured) -> dict[str, float]:
    languages = np.array([need.partition("-")[0] for need in measured.queries])
    return {one: float(measured.each["ndcg"][languages == one].mean()) for one in LANGUAGES}
