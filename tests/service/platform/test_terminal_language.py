"""The command line speaks English where the locale does, and Chinese everywhere else."""

import ast
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.pofile import read_po
from sqlmodel import Session
from typer.testing import CliRunner

from schemas.vocabulary import Role
from schemas.wording import Told, Wording
from service.commands.cli import app, main
from service.platform.terminal_language import said, terminal_language

SERVICE = Path(__file__).parents[3] / "service"
CATALOGUE = SERVICE / "locales" / "commands.en.po"
CHINESE = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")
# What imports one of these talks to a terminal.
TALKS = {"typer", "service.platform.console", "service.platform.terminal_language"}
FAILURES = {
    "BackupFailed", "EvaluationFailed", "NoSecretKey", "PortTaken", "PostgresUnavailable", "StillRunning",
    "UnsupportedServer", "WeakKey",
}  # fmt: skip


def speak(monkeypatch: pytest.MonkeyPatch, **locale: str) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.setenv(name, locale.get(name, ""))


@pytest.mark.parametrize(
    ("locale", "language"),
    [
        ({}, "zh"),
        ({"LANG": "C"}, "zh"),
        ({"LANG": "C.UTF-8"}, "zh"),
        ({"LANG": "POSIX"}, "zh"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh-Hans"}, "zh"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({"LANG": "en"}, "en"),
        ({"LANG": "ru_RU.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_MESSAGES": "en_GB.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "en_US.UTF-8", "LC_ALL": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "C"}, "zh"),
    ],
)
def test_the_locale_says_which(
    monkeypatch: pytest.MonkeyPatch, locale: dict[str, str], language: str
) -> None:
    speak(monkeypatch, **locale)

    assert terminal_language() == language


def test_slots_are_filled_and_terms_told_by_their_labels(monkeypatch: pytest.MonkeyPatch) -> None:
    speak(monkeypatch, LANG="en_US.UTF-8")

    assert said("{role}密钥：{key}", role=Role.operator, key="{x}") == "Key of the role Operator: {x}"
    assert said(Role.operator) == "Operator"
    assert said(Wording("没有", "None")) == "None"
    assert said(Told(key="phone", zh="电话", en="Telephone")) == "Telephone"
    assert said("") == ""


def test_every_text_of_the_command_line_is_in_the_catalogue_and_nothing_else_is() -> None:
    told = {text for module in modules() for text in told_in(module)}

    assert told == set(catalogue())


def test_translations_are_english_and_have_the_same_slots() -> None:
    for chinese, english in catalogue().items():
        assert english
        assert not CHINESE.search(english)
        assert slots(english) == slots(chinese), chinese


def test_what_differs_from_time_to_time_is_a_slot_that_is_filled() -> None:
    """What an f-string makes is in no catalogue; and a slot that is left out would end the command."""
    for module in modules():
        tree = ast.parse(module.read_text(encoding="utf-8"))
        elsewhere = (
            within(tree, "Wording") if talks(tree) else everything(tree) - within(tree, "progress", *FAILURES)
        )
        made = [
            node.lineno
            for node in ast.walk(tree)
            if isinstance(node, ast.JoinedStr)
            and node not in elsewhere
            and any(
                isinstance(part, ast.Constant) and CHINESE.search(str(part.value)) for part in node.values
            )
        ]
        assert not made, (module, made)
        for call in calls(tree, "said"):
            text = call.args[0].value if isinstance(call.args[0], ast.Constant) else None
            if isinstance(text, str):
                filled = {keyword.arg for keyword in call.keywords}
                assert filled == {name for name, _ in slots(text)}, (module, call.lineno)


@pytest.mark.parametrize("arguments", [(), ("keys",), ("keys", "create"), ("import",), ("match",)])
def test_help_is_english_where_the_locale_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    speak(monkeypatch, LANG="en_US.UTF-8")

    shown = help_of(monkeypatch, capsys, *arguments)

    assert "Usage: " in shown
    assert not CHINESE.search(shown)


@pytest.mark.parametrize("locale", ["zh_CN.UTF-8", "C", ""])
def test_help_is_chinese_where_the_locale_is_chinese_or_says_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], locale: str
) -> None:
    speak(monkeypatch, LANG=locale)

    shown = help_of(monkeypatch, capsys, "import")

    assert "导入一个文件，显示进度和逐行的问题。" in shown
    assert "以哪个密钥的名义导入；写 - 则从标准输入读取一行" in shown


def test_doctor_speaks_english(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    speak(monkeypatch, LANG="en_US.UTF-8")

    answer = CliRunner().invoke(app, ["doctor"])

    assert "Database" in answer.output
    assert not CHINESE.search(answer.output)


def help_of(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    monkeypatch.setattr(sys, "argv", ["duijie", *arguments, "--help"])
    monkeypatch.setenv("COLUMNS", "200")
    with pytest.raises(SystemExit):
        main()
    return capsys.readouterr().out


def catalogue() -> dict[str, str]:
    with CATALOGUE.open("rb") as file:
        return {str(one.id): str(one.string) for one in read_po(file) if one.id}


def slots(text: str) -> set[tuple[str, str]]:
    return {(name, form or "") for _, name, form, _ in Formatter().parse(text) if name is not None}


def modules() -> list[Path]:
    return sorted(SERVICE.rglob("*.py"))


def told_in(module: Path) -> Iterator[str]:
    """The Chinese texts that a module tells at a terminal: all of one that talks to it, of others what they pass on."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    passed_on = within(tree, "progress", *FAILURES)
    told = everything(tree) - within(tree, "Wording") if talks(tree) else passed_on
    for node in told:
        text = node.value if isinstance(node, ast.Constant) else None
        if isinstance(text, str) and CHINESE.search(text) and not is_body(text):
            yield text


def is_body(text: str) -> bool:
    """Whether it is sent, to try the API, rather than told."""
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


def talks(tree: ast.Module) -> bool:
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    imported |= {one.name for node in ast.walk(tree) if isinstance(node, ast.Import) for one in node.names}
    return bool(TALKS & imported)


def everything(tree: ast.AST) -> set[ast.AST]:
    return set(ast.walk(tree))


def within(tree: ast.AST, *names: str) -> set[ast.AST]:
    return {node for name in names for call in calls(tree, name) for node in ast.walk(call)}


def calls(tree: ast.AST, name: str) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
            yield node
