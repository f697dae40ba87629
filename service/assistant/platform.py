"""The platform as an assistant's door calls it: over HTTP, with the caller's key, and told what went wrong."""

from typing import Any

import httpx2 as httpx
from mcp.server.mcpserver.exceptions import ToolError

# A first search may wait for the model.
_PATIENCE = 60.0


class Platform:
    """A running API. Its answers come back as they are; a refusal becomes an error that the assistant reads."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    @property
    def address(self) -> str:
        return str(self._client.base_url).rstrip("/")

    def get(self, path: str, **asked: Any) -> Any:
        return self._answer("GET", path, params=_given(asked))

    def post(self, path: str, **body: Any) -> Any:
        return self._answer("POST", path, json=_given(body))

    def _answer(self, method: str, path: str, **sent: Any) -> Any:
        try:
            answer = self._client.request(method, path, **sent)
        except httpx.TransportError as error:
            raise ToolError(
                f"无法连接对接平台 {self.address}。The platform cannot be reached: {type(error).__name__}"
            ) from error
        content_type = answer.headers.get("content-type", "").partition(";")[0]
        if answer.is_success and content_type == "application/json":
            return answer.json()
        if content_type == "application/problem+json":
            # Word for word: ``type``, ``status_now`` and ``errors`` say what can be done about it.
            raise ToolError(answer.text)
        raise ToolError(
            f"{self.address} 的回答无法识别，请检查地址。"
            f"Not an answer of this platform's API ({answer.status_code}); check the address"
        )


def connect(address: str, key: str, language: str) -> httpx.Client:
    """Redirects are not followed: the key goes to the address that was given, and nowhere else."""
    return httpx.Client(
        base_url=address,
        headers={"Authorization": f"Bearer {key}", "Accept-Language": language},
        timeout=_PATIENCE,
    )


def _given(values: dict[str, Any]) -> dict[str, Any]:
    """Without what was left out, so that the API's own defaults count."""
    return {name: value for name, value in values.items() if value is not None and value != []}
