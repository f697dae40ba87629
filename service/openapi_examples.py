"""Examples for the OpenAPI document: of each body that the API takes, and of some that it gives."""

from typing import Any

EXAMPLES: dict[str, Any] = {
    "FieldProblem": {"pointer": "/budget", "code": "unreadable", "message": "无法识别：没有找到金额"},
    "EmbeddedList": {
        "status": "ready",
        "note": None,
        "items": [
            {
                "title": "视觉红枣分级机",
                "href": "https://platform.example.cn/capabilities/01998e6e-7c4b-7d2a-9b58-3f6f2f1c8a10?lang=zh",
                "organization": "某农业装备研究所",
                "about": ["科技成果", "特色林果产品精深加工"],
                "score": 0.82,
                "summary": "双方都用到「红枣」、「分级」；技术领域相符。",
            }
        ],
    },
    "OrganizationCreate": {
        "name": "图木舒克市某枣业有限公司",
        "kind": "enterprise",
        "affiliation": "corps",
        "region": "659003.44",
        "introduction": "红枣种植、分级与加工。",
    },
    "OrganizationChange": {"website": "https://www.example.cn"},
    "ApiKeyCreate": {"role": "member", "name": "企业系统", "expires_at": "2027-12-31T23:59:59+08:00"},
    "NeedCreate": {
        "title": "红枣自动分级设备",
        "description": "现有人工分级日处理5吨，破损率高，寻求日处理20吨以上的视觉分级设备。",
        "external_id": "erp-2026-018",
        "need_type": "equipment",
        "domains": ["fruit.fruit_processing"],
        "keywords": ["红枣", "视觉分级"],
        "budget": {"min": 500_000, "max": 1_000_000},
        "maturity": {"scale": "trl", "value": "6-8"},
        "indicators": [{"name": "破损率", "operator": "<=", "value": 2, "unit": "%"}],
        "cooperation_modes": ["joint", "license"],
        "region": "659003.44",
        "deadline": "2027-10-31",
        "contacts": [{"name": "王工", "phone": "13800000000"}],
        "publish": True,
    },
    "NeedChange": {"budget": {"min": 800_000, "max": 1_200_000}},
    "CapabilityCreate": {
        "title": "视觉红枣分级机",
        "kind": "achievement",
        "description": "近红外与可见光结合，按大小、色泽与裂纹分五级，已在两条生产线应用。",
        "domains": ["fruit.fruit_processing"],
        "maturity": {"scale": "stage", "value": "mature"},
        "price": {"method": "face_to_face"},
        "cooperation_modes": ["license"],
        "publish": True,
    },
    "CapabilityChange": {"price": {"min": 600_000, "max": 600_000}},
    "Rejection": {"reason": "请补充技术指标"},
    "MatchRequest": {
        "text": "棉田残膜机械化回收，要求回收率90%以上",
        "looking_for": "capabilities",
        "limit": 5,
    },
    "EmbedCreate": {
        "name": "师市门户首页",
        "origins": ["https://portal.example.cn"],
        "elements": ["search", "latest"],
        "limit": 5,
    },
    "TargetCreate": {
        "plan": "“十五五”科技创新规划",
        "key": "tech_contract_value",
        "name": "技术市场合同成交金额",
        "unit": "亿元",
        "at_least": 1,
        "first_year": 2026,
        "due_year": 2030,
        "accumulates": True,
        "measured": "yes",
    },
    "TargetChange": {"at_least": 1.2},
    "TargetValueSet": {"value": 0.21, "source": "师市统计公报"},
}
