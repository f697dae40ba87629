"""The table that an organisation fills in and sends back, with the words it may choose from."""

import io
import re
from collections.abc import Mapping
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from schemas.domains import DOMAINS
from schemas.vocabularies import VOCABULARIES
from schemas.vocabulary import Side
from service.postings.headings import columns_of

_EXAMPLES = {
    Side.needs: {
        "title": "（示例）棉田残膜机械化回收与再利用技术",
        "description": "本团约3万亩滴灌棉田残膜逐年累积，现有机具捡拾不净、含杂高，寻求适合沙壤土的成套技术。",
        "wanted_result": "形成可推广的回收作业方案，残膜可直接造粒。",
        "need_type": "技术难题",
        "budget": "50-100万元",
        "deadline": "2027年10月底",
        "domains": "棉花产业升级与绿色发展",
        "indicators": "残膜回收率≥90%；含杂率≤10%",
        "maturity": "中试",
    },
    Side.capabilities: {
        "title": "（示例）红枣低温真空脱水加工成套技术",
        "kind": "科技成果",
        "description": "采用分段控温与真空脉动脱水，保持枣片色泽与糖酸比，已在两条生产线应用，能耗低于热风干燥。",
        "price": "面议",
        "domains": "特色林果产品精深加工",
        "indicators": "维生素C保留率≥80%；单位能耗降低20%以上",
        "maturity": "已产业化",
        "ip.type": "发明专利",
    },
}
_SHARED_EXAMPLE = {
    "external_id": "示例-1",
    "keywords": "示例；请删除本行",
    "cooperation_modes": "技术许可、合作研发",
    "region": "44团",
}
_CHOICES = {
    "need_type": "need_type",
    "kind": "capability_kind",
    "visibility": "visibility",
    "confidentiality": "confidentiality",
}
_HEAD = PatternFill("solid", fgColor="DCE6F1")


#: By it the row that shows how to fill in the others is known, whatever was changed around it.
EXAMPLE = "示例"
_MARKED = re.compile(rf"[\s（(【\[]*{EXAMPLE}(?:[\s）)】\]\-:：0-9]|$)")


def is_example(fields: Mapping[str, Any]) -> bool:
    """Whether a row is the template's own: marked so where people and files keep marks, or saying what it says."""
    keywords = fields.get("keywords") or ""
    words = keywords if isinstance(keywords, list) else re.split(r"[；;，,、]", str(keywords))
    marks = [fields.get("title"), fields.get("external_id"), *words]
    if any(isinstance(mark, str) and _MARKED.match(mark) for mark in marks):
        return True
    said = {str(fields.get(name) or "").strip() for name in ("title", "description")}
    return any(said == {example["title"], example["description"]} for example in _EXAMPLES.values())


def template(side: Side) -> bytes:
    """An XLSX with Chinese headings, an example row, drop-down lists, and a sheet of words."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "需求" if side is Side.needs else "供给"
    example = {**_EXAMPLES[side], **_SHARED_EXAMPLE}
    for place, ((field, part), headings) in enumerate(columns_of(side).items(), 1):
        name = f"{field}.{part}" if part else field
        head = sheet.cell(1, place, headings[0])
        head.font, head.fill = Font(bold=True), _HEAD
        sheet.cell(2, place, example.get(name, ""))
        sheet.column_dimensions[get_column_letter(place)].width = 40 if field == "description" else 18
        if name in _CHOICES:
            labels = ",".join(term.zh for term in VOCABULARIES[_CHOICES[name]] if term != "classified")
            choice = DataValidation(type="list", formula1=f'"{labels}"', allow_blank=True)
            choice.add(f"{get_column_letter(place)}2:{get_column_letter(place)}2000")
            sheet.add_data_validation(choice)
    sheet.freeze_panes = "A2"
    words = book.create_sheet("可选词")
    words.append(["技术领域", "细分领域"])
    for domain in DOMAINS.values():
        if domain.parent is not None:
            words.append([DOMAINS[domain.parent].zh, domain.zh])
    words.append([])
    words.append(["合作方式"])
    for mode in VOCABULARIES["cooperation_mode"]:
        words.append([mode.zh])
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()
