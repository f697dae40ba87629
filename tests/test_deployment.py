"""What the documents say of a deployment is what its files ask for."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
_REQUIRED = re.compile(r"\$\{(\w+):\?")


@pytest.mark.parametrize("page", ["README.md", "README.zh-CN.md", "docs/operations.md"])
def test_the_documents_give_each_value_without_which_compose_does_not_start(page: str) -> None:
    required = set(_REQUIRED.findall((ROOT / "compose.yaml").read_text(encoding="utf-8")))
    written = (ROOT / page).read_text(encoding="utf-8")
    (around,) = [
        written[max(0, at.start() - 400) : at.start()] for at in re.finditer("docker compose up", written)
    ]

    assert required >= {"POSTGRES_PASSWORD", "DUIJIE_SECRET_KEY"}
    assert {name for name in required if f"{name}=" not in around} == set()
    # And how the key is made.
    assert "openssl rand -base64 32 | tr '+/' '-_'" in written
