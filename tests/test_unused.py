"""What nothing uses any more is gone: templates, macros, classes of the style sheets, and what a
module keeps for itself."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
API = ROOT / "api"
TEMPLATES = {
    str(path.relative_to(API / "templates")): path.read_text(encoding="utf-8")
    for path in sorted((API / "templates").rglob("*.html"))
}
CODE = "".join(path.read_text(encoding="utf-8") for path in sorted(API.rglob("*.py")))
SCRIPTS = "".join(path.read_text(encoding="utf-8") for path in (API / "static").glob("*.js"))
SHEETS = sorted(path for path in (API / "static").glob("*.css") if path.stem != "modern-normalize")


def test_each_template_is_shown_or_used_by_another() -> None:
    """A view names it without `pages/` and its ending, some without their folder as well; another
    template names it whole."""
    shown = set(re.findall(r'"([\w/]+)"', CODE))
    folders = re.findall(r'f"(\w+)/\{template\}"', CODE)
    shown |= {f"{folder}/{name}" for folder in folders for name in shown}
    named = {
        name
        for text in TEMPLATES.values()
        for name in re.findall(r'["\']([\w/]+\.html)["\']', text)
    } | set(re.findall(r'"([\w/]+\.html)"', CODE))
    unused = [
        name
        for name in TEMPLATES
        if name not in named and name.removeprefix("pages/").removesuffix(".html") not in shown
    ]
    assert unused == []


def test_each_macro_is_called() -> None:
    everywhere = "".join(TEMPLATES.values())
    macros = re.findall(r"{%-?\s*macro\s+(\w+)", everywhere)
    assert macros
    calls = r"(?<!macro )\b%s(\(| as \w)"
    assert [name for name in macros if not re.search(calls % name, everywhere)] == []


def test_each_class_of_a_sheet_is_given_to_something() -> None:
    """Some classes are put together: `line-2` is `line-` and a number."""
    given = set(re.findall(r"[\w-]+", "".join((*TEMPLATES.values(), CODE, SCRIPTS))))
    for sheet in SHEETS:
        rules = re.sub(r"/\*.*?\*/", "", sheet.read_text(encoding="utf-8"), flags=re.S)
        selectors = "".join(re.findall(r"([^{}]*)\{", rules))
        classes = set(re.findall(r"\.([a-z][\w-]*)", selectors))
        assert classes, f"{sheet.name} styles nothing"
        left = {re.sub(r"\d+$", "", name) for name in classes - given} - given
        assert left == set(), f"{sheet.name}: nothing is called that"


def test_each_colour_and_size_of_a_sheet_is_used() -> None:
    text = "".join(sheet.read_text(encoding="utf-8") for sheet in SHEETS)
    names = set(re.findall(r"(--[\w-]+)\s*:", text))
    assert names
    assert {name for name in names if f"var({name}" not in text} == set()


def test_what_a_module_keeps_for_itself_it_uses() -> None:
    """Linters count a constant of a module as used, since another might import it."""
    kept = 0
    unused = []
    for folder in ("api", "audit", "bench", "ledger"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            names = re.findall(r"^(_[A-Za-z]\w*)(?:: [^=\n]+)? = ", text, flags=re.M)
            kept += len(names)
            unused += [
                f"{path.relative_to(ROOT)}: {name}"
                for name in names
                if len(re.findall(rf"\b{name}\b", text)) == 1
            ]
    assert kept
    assert unused == []
