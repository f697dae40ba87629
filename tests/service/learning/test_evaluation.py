"""``duijie evaluate`` and ``duijie train``: on toys, and on a small fixed set as a floor of quality."""

import json
from pathlib import Path

import pytest

from matching.fitting import BELIEVED
from matching.score import Scoring
from service.matches.scoring import scoring
from service.platform.settings import settings
from tests.service.commands.test_cli import typed

OFFERS = ("残膜捡拾机", "红枣分级机", "羊布病检测试纸", "光伏板清洗机器人", "盐碱地改良剂", "棉花打顶机")
NEEDS = ("残膜怎么捡拾", "红枣按大小分级", "羊布病要快速检测", "光伏板积尘要清洗")


def make_judged(folder: Path) -> Path:
    """A need for each of the first four offers, which alone is relevant to it."""
    folder.mkdir()
    rows = {
        "needs": [{"id": f"n{place}", "title": title, "text": ""} for place, title in enumerate(NEEDS)],
        # Abstracts have no title.
        "capabilities": [
            {"id": f"c{place}", "title": "", "text": title} for place, title in enumerate(OFFERS)
        ],
    }
    for name, some in rows.items():
        lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in some)
        (folder / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    pairs = [
        f"n{need}\tc{offer}\t{3 if need == offer else 0}"
        for need in range(len(NEEDS))
        for offer in range(len(OFFERS))
    ]
    (folder / "qrels.tsv").write_text("\n".join(["need_id\tcap_id\tgrade", *pairs]), encoding="utf-8")
    return folder


@pytest.mark.model
def test_evaluate_prints_every_stage_of_every_set_and_writes_it_as_json(
    data_dir: Path, tmp_path: Path
) -> None:
    folders = [make_judged(tmp_path / name) for name in ("甲", "乙")]
    written = tmp_path / "report.json"

    code, said = typed("evaluate", *map(str, folders), "--json", str(written))

    assert code == 0
    headings = ("nDCG", "Recall", "@100", "MRR", "judged", "AUC", "ECE", "毫秒", "1.000")
    assert all(word in said for word in ("甲", "乙", *headings))
    reports = json.loads(written.read_text(encoding="utf-8"))
    assert [report["set"] for report in reports] == ["甲", "乙"]
    assert [row["name"] for row in reports[0]["rows"]] == ["词", "向量", "融合", "全流程"]
    assert reports[0]["rows"][-1]["figures"]["ndcg"]["mean"] == 1


@pytest.mark.model
def test_train_writes_a_scoring_that_the_service_can_use(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, out = make_judged(tmp_path / "甲"), tmp_path / "scoring.json"

    code, said = typed("train", str(folder), "--out", str(out))

    assert (code, "折交叉验证" in said) == (0, True)
    made = Scoring.read(out.read_text(encoding="utf-8"))
    assert made.weights["dense"].learned
    assert made.weights["dense"].weight > 0
    assert made.weights["money"] == BELIEVED["money"]
    assert made.card["sets"]["甲"]["pairs"] == 24
    monkeypatch.setattr(settings(), "scoring", out)
    assert scoring().version == made.version
