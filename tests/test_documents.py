"""What documents name exists: paths, modules, symbols, commands, and where their links lead."""

import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

from service.commands.cli import COMMANDS

ROOT = Path(__file__).parents[1]
CURRENT = [
    *ROOT.glob("docs/*.md"),
    *ROOT.glob("docs/zh/*.md"),
    ROOT / "CONTRIBUTING.md",
    *ROOT.glob("README*.md"),
]
# Decisions may name what was; their links still lead somewhere.
LINKED = [*CURRENT, *ROOT.glob("docs/decisions/*.md")]
# The tutorial has its reader make these.
MADE_BY_THE_READER = {"schemas/reading/tonnes.py", "tests/schemas/test_reading_tonnes.py"}
OURS = ("schemas", "matching", "service", "workers")

_FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_FILE = r"\.(?:py|md|toml|po|html|json|txt|js|yaml|xlsx|csv|atom|log)$"
_PATH = re.compile(r"[\w./<>*…-]+(?:\.(?:py|md|toml|po|html|json|txt|js|yaml)|/)")


def _name(document: Path) -> str:
    return str(document.relative_to(ROOT))


def _text(document: Path) -> str:
    return document.read_text(encoding="utf-8")


def _quoted(document: Path) -> set[str]:
    return set(re.findall(r"`([^`\n]+)`", _FENCED.sub("", _text(document))))


@cache
def _modules() -> dict[str, list[str]]:
    """The sources of ours by the last name of their module, rooms by the name of their folder."""
    found: dict[str, list[str]] = {}
    for folder in OURS:
        for file in (ROOT / folder).rglob("*.py"):
            name = file.parent.name if file.name == "__init__.py" else file.stem
            found.setdefault(name, []).append(file.read_text(encoding="utf-8"))
    return found


@cache
def _sources() -> str:
    return "\n".join(text for texts in _modules().values() for text in texts)


def _path_is_there(path: str) -> bool:
    pattern = re.sub(r"<\w+>", "*", path.rstrip("/")).replace("…", "**")
    return any(ROOT.glob(pattern))


def _missing_paths(document: Path) -> Iterator[str]:
    folders = {one.name for one in ROOT.iterdir() if one.is_dir()} - {"var", "dist"}
    for quoted in _quoted(document) - MADE_BY_THE_READER:
        first = quoted.split("/", maxsplit=1)[0]
        if "/" in quoted and first in folders and _PATH.fullmatch(quoted) and not _path_is_there(quoted):
            yield quoted


def _missing_symbols(document: Path) -> Iterator[str]:
    for quoted in _quoted(document):
        named = re.fullmatch(r"(?:\w+\.)*(\w+)\.(_*[a-zA-Z]\w*)(?:\(\))?", quoted)
        # Types of events and names of tasks are texts in the code, and files are no symbols.
        if named is None or f'"{quoted}"' in _sources() or re.search(_FILE, quoted):
            continue
        module, symbol = named.groups()
        owners = _modules().get(module) or [
            text for texts in _modules().values() for text in texts if f"class {module}(" in text
        ]
        if owners and not any(re.search(rf"\b{symbol}\b", text) for text in owners):
            yield quoted


def _subcommands(name: str) -> set[str]:
    """Of a group of commands; none where what follows a command is an argument of it."""
    module, _, function = COMMANDS[name][0].partition(":")
    group = getattr(import_module(f"service.commands.{module}"), function)
    commands = getattr(group, "registered_commands", [])
    return {one.name or one.callback.__name__ for one in commands}


def _missing_commands(document: Path) -> Iterator[str]:
    targets = set(re.findall(r"^([a-z-]+):", _text(ROOT / "Makefile"), re.MULTILINE))
    called = "\n".join([*_quoted(document), *_FENCED.findall(_text(document))])
    for name in re.findall(r"^(?:\S+=\S+ )*make ([a-z][a-z-]+)", called, re.MULTILINE):
        if name not in targets:
            yield f"make {name}"
    for name, further in re.findall(
        r"^(?:\S+=\S+ |\S+/)*duijie ([a-z-]+)(?: ([a-z-]+))?", called, re.MULTILINE
    ):
        if name not in COMMANDS:
            yield f"duijie {name}"
        elif further and (several := _subcommands(name)) and further not in several:
            yield f"duijie {name} {further}"


def _anchors(document: Path) -> set[str]:
    """As GitHub makes them of headings."""
    headings = re.findall(r"^#+ +(.+)$", _FENCED.sub("", _text(document)), re.MULTILINE)
    plain = [re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", one).strip().lower() for one in headings]
    return {re.sub(r"[^\w\- ]", "", one).replace(" ", "-") for one in plain}


def _broken_links(document: Path) -> Iterator[str]:
    for link in re.findall(r"\]\(([^)\s]+)\)", _FENCED.sub("", _text(document))):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (document.parent / path).resolve() if path else document
        if not target.exists() or (anchor and anchor not in _anchors(target)):
            yield link


def test_the_checks_below_look_at_something() -> None:
    quoted = {one for document in CURRENT for one in _quoted(document)}

    assert {"schemas/need.py", "make check", "duijie run", "upkeep.mend"} & quoted
    assert {"list", "create"} <= _subcommands("keys")
    assert _anchors(ROOT / "docs" / "api.md") >= {"errors", "matches-匹配"}


@pytest.mark.parametrize("document", CURRENT, ids=_name)
def test_paths_symbols_and_commands_that_a_document_names_exist(document: Path) -> None:
    assert sorted(_missing_paths(document)) == []
    assert sorted(_missing_symbols(document)) == []
    assert sorted(_missing_commands(document)) == []


@pytest.mark.parametrize("document", LINKED, ids=_name)
def test_links_of_a_document_lead_somewhere(document: Path) -> None:
    assert sorted(_broken_links(document)) == []


def test_the_names_in_code_of_the_glossary_exist() -> None:
    names = re.findall(r"`(\w+)`", _text(ROOT / "docs" / "glossary.md"))

    assert len(names) > 40
    assert [one for one in names if not re.search(rf"\b{one}\b", _sources())] == []
