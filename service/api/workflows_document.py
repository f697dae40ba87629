"""``docs/workflows.md``, written from the tables: a diagram and a table for each."""

from collections.abc import Iterable
from typing import Any

from service.access.workflow import Move, Workflow
from service.api.workflows_all import WORKFLOWS

_HEAD = """\
# Workflows

Who may do what, in which state. `make workflows` writes this page from the tables in `service/<room>/workflow.py`; a
test walks every state, verb and role over HTTP and compares with what stands here. Who is nothing to a piece of
work gets 404, who may never do a thing 403, who may not do it now 409 with `status_now`; and then nothing has changed.
"""


def render() -> str:
    return "\n".join([_HEAD, *(_section(workflow) for workflow in WORKFLOWS)])


def _section(workflow: Workflow[Any]) -> str:
    states = "\n".join(f"| `{state.value}` | {state.zh} | {state.en} |" for state in workflow.states)
    moves = "\n".join(_row(move) for move in workflow.moves)
    return f"""\
## {workflow.noun.replace("_", " ").capitalize()}

```mermaid
stateDiagram-v2
{_arrows(workflow)}
```

| state | 中文 | |
|---|---|---|
{states}

| verb | by | in | leads to |
|---|---|---|---|
{moves}
"""


def _row(move: Move[Any]) -> str:
    return f"| {move.verb} | {_said(move.by)} | {_said(move.of)} | {_said(move.to)} |"


def _said(values: Iterable[Any]) -> str:
    return ", ".join(sorted(value.value for value in values))


def _arrows(workflow: Workflow[Any]) -> str:
    """One arrow for each way from one state to another, with all its verbs on it."""
    verbs: dict[tuple[str, str], list[str]] = {
        ("[*]", state.value): [] for state in workflow.states if state in workflow.start
    }
    for move in workflow.moves:
        for source in workflow.states:
            for target in workflow.states:
                if source in move.of and target in move.to and source != target:
                    said = verbs.setdefault((source.value, target.value), [])
                    if move.verb not in said:
                        said.append(move.verb)
    return "\n".join(
        f"  {source} --> {target}" + (f": {', '.join(said)}" if said else "")
        for (source, target), said in verbs.items()
    )
