"""What ``duijie run`` says once everything is up: where it is, whose keys there are, and what to try."""

from collections.abc import Mapping

from schemas.vocabulary import Role
from service.platform.console import output
from service.platform.terminal_language import said

_TEXT = '{"text": "棉花打顶机械", "looking_for": "capabilities", "limit": 3}'
_NEED = '{"title": "红枣分级设备", "description": "日处理20吨", "budget": "50-100万元", "publish": true}'
# A key that its giver has already is not shown about.
_GIVEN = "由 DUIJIE_OPERATOR_KEY 给定"


def greet(address: str, keys: Mapping[Role, str | None]) -> None:
    """keys: those to show; None for one that its giver has already."""
    lines = [
        said("对接已启动：{address}", address=address),
        said("接口文档：{address}/docs", address=address),
        "",
    ]
    lines += [
        said("{role}密钥（{value}）：{key}", role=role, value=role.value, key=keys[role] or said(_GIVEN))
        for role in keys
    ]
    key = keys.get(Role.member) or keys.get(Role.operator) or "$DUIJIE_OPERATOR_KEY"
    call = f'-H "Authorization: Bearer {key}"'
    post = f'{call} -H "Content-Type: application/json" -d'
    lines += ["", said("试一试：")]
    lines += [
        f"curl -s '{address}/v1/capabilities?limit=3' {call}",
        f"curl -s {address}/v1/matches {post} '{_TEXT}'",
        f"curl -s {address}/v1/needs {post} '{_NEED}'",
        "",
        said("按 Ctrl-C 停止。"),
    ]
    # Plain, so that a line can be copied whole.
    output.print("\n".join(lines))
