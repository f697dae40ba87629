"""Varied texts, from which a model's mean vector is taken: those of the demonstration."""

import json
from functools import lru_cache
from importlib.resources import files

from schemas.vocabulary import Side


@lru_cache
def sample_texts(side: Side) -> tuple[str, ...]:
    lines = (files("service.demo") / f"{side}.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines if line]
    return tuple(f"{row['title']}\n{row['description']}" for row in rows)
