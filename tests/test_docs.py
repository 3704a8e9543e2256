"""The documents say what the code does: refusals, kinds, tables, commands, words."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from pkgutil import resolve_name

import click
import pytest
from click.testing import CliRunner

from api import problems
from api.cli import UNREADABLE, main
from ledger.entry import KINDS
from ledger.store import tables
from ledger.vault.door import PURPOSES

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = sorted([ROOT / "README.md", *DOCS.glob("*.md"), *DOCS.glob("decisions/*.md")])
CODE = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
REFUSING = ("Refused", "KeysRefused", "Problem")
"""What is raised with a code as its first argument."""
FACE = re.compile(r"([a-z]+(?:_[a-z]+)*)\||([a-z]+(?:_[a-z]+)+): ")
"""`code|reason` of a field, or `code: sentence` of the command line."""


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def section(text: str, heading: str) -> str:
    """What stands under a heading of the second level."""
    after = text.split(f"\n## {heading}\n", 1)[1]
    return after.split("\n## ", 1)[0]


def rows(text: str) -> Iterator[list[str]]:
    """The cells of every table's rows, without heads and rules."""
    lines = text.split("\n")
    for above, line in pairwise(["", *lines]):
        if line.startswith("|") and above.startswith("|") and not line.startswith("|---"):
            yield [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def quoted(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


# Refusals ----------------------------------------------------------------------------------------


class Refusals(ast.NodeVisitor):
    """Collects every code that a module can give, wherever codes are written."""

    def __init__(self) -> None:
        self.codes: set[str] = set()
        self.unread: list[str] = []
        self._function: ast.AST = ast.Module([], [])
        self._refusing_class = False

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        before, self._refusing_class = self._refusing_class, _names(node.bases, REFUSING)
        self.generic_visit(node)
        self._refusing_class = before

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        before, self._function = self._function, node
        returns = ast.unparse(node.returns) if node.returns else ""
        if returns == "Read":
            # `ledger.intake.rows`: a session, or the code of what is wrong with it.
            for each in ast.walk(node):
                if isinstance(each, ast.Return) and each.value is not None:
                    self.codes |= _strings(each.value)
        if "Iterator[tuple[str, str, str]]" in returns:
            # `api.problems`: pointer, code and reason of each fault.
            for each in ast.walk(node):
                if isinstance(each, ast.Tuple) and len(each.elts) == 3:
                    self.codes |= _strings(each.elts[1])
        self.generic_visit(node)
        self._function = before

    def visit_Call(self, node: ast.Call) -> None:
        function = ast.unparse(node.func)
        if function in REFUSING or (self._refusing_class and function == "super().__init__"):
            self._take(node)
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        # Written whole, or as the beginning of an f-string.
        if isinstance(node.value, str) and (face := FACE.match(node.value)):
            self.codes.add(face[1] or face[2])

    def _take(self, node: ast.Call) -> None:
        first = node.args[0] if node.args else None
        if isinstance(first, ast.Name):
            # A variable: whatever this function puts into it.
            for each in ast.walk(self._function):
                if isinstance(each, ast.Assign) and _names(each.targets, (first.id,)):
                    self.codes |= _strings(each.value)
        elif isinstance(first, ast.Attribute) and first.attr == "code":
            return  # another's refusal, handed on
        elif first is None or not (found := _strings(first)):
            self.unread.append(ast.unparse(node))
        else:
            self.codes |= found


def _names(nodes: list[ast.expr], wanted: tuple[str, ...]) -> bool:
    return any(isinstance(each, ast.Name) and each.id in wanted for each in nodes)


def _strings(node: ast.expr) -> set[str]:
    """What a constant, or a choice between constants, can be."""
    if isinstance(node, ast.IfExp):
        return _strings(node.body) | _strings(node.orelse)
    return {node.value} if isinstance(node, ast.Constant) and isinstance(node.value, str) else set()


def scanned() -> Refusals:
    found = Refusals()
    for folder in ("ledger", "api"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            found.visit(ast.parse(file.read_text(encoding="utf-8"), str(file)))
    found.codes |= {code for code, _ in problems._OF_STATUS.values()}
    return found


GIVEN = scanned()
REFUSALS = page("refusals.md")
WRITTEN = {code for row in rows(REFUSALS) for code in quoted(row[0])}


def test_every_code_is_written_where_it_can_be_read_off() -> None:
    assert GIVEN.unread == []
    assert [code for code in GIVEN.codes if not CODE.fullmatch(code)] == []


@pytest.mark.parametrize(
    "code",
    [
        "self_recorded",  # Refused("…")
        "policy_refused",  # a class of its own
        "key_missing",  # KeysRefused
        "malformed_json",  # Problem
        "malformed_row",  # returned by the reader of rows
        "no_time_zone",  # "code|reason" of a field
        "empty",  # the same, of one word
        "invalid_request",  # one of two, in a variable
        "bad_value",  # a fault without a code of its own
        "method_not_allowed",  # Werkzeug's own no
        "vault_unusable",  # the command line's own
    ],
)
def test_the_search_finds_codes_however_they_are_written(code: str) -> None:
    assert code in GIVEN.codes


def test_every_refusal_of_the_code_is_written_down() -> None:
    assert sorted(GIVEN.codes - WRITTEN) == []


def test_every_refusal_that_is_written_down_is_in_the_code() -> None:
    assert sorted(WRITTEN - GIVEN.codes) == []


def test_every_refusal_says_why_in_a_sentence() -> None:
    assert [row for row in rows(REFUSALS) if not all(row)] == []


def test_no_table_of_refusals_says_one_code_twice() -> None:
    for part in REFUSALS.split("\n\n"):
        codes = [code for row in rows(part) for code in quoted(row[0])]
        again = {code for code in codes if codes.count(code) > 1}
        # Publishing a reward and reserving it both count from one, in one table.
        assert again <= {"bad_amount"}, part


def test_codes_in_other_tables_and_documents_are_given_too() -> None:
    assert sorted(set(problems.STATUS) - GIVEN.codes) == []
    assert sorted(UNREADABLE - GIVEN.codes) == []
    told = section(page("recovery.md"), "What a start checks")
    assert sorted({code for row in rows(told) for code in quoted(row[0])} - GIVEN.codes) == []


def test_routes_document_only_refusals_that_exist() -> None:
    documented: set[str] = set()
    for file in sorted((ROOT / "api").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.keyword) and node.arg == "refusals":
                for each in ast.walk(node.value):
                    if isinstance(each, ast.Constant) and isinstance(each.value, str):
                        documented |= set(each.value.split())
    assert "unknown_credential" in documented
    assert sorted(documented - GIVEN.codes) == []


# Formats -----------------------------------------------------------------------------------------

FORMAT = page("format.md")
TYPES = {"integer": int, "integers": int, "time": int, "times": int, "object": dict}


def facts_of(cell: str) -> dict[str, type]:
    """`names` type; `names` type … – each name with how JSON writes it."""
    bare = cell
    while bare != (bare := re.sub(r"\([^()]*\)", "", bare)):
        pass
    found: dict[str, type] = {}
    for group in bare.split(";"):
        names = re.match(r"\s*`\w+`(?:\s*,\s*`\w+`)*", group)
        assert names is not None, group
        kind = re.match(r"\s*(\w*)", group[names.end() :])
        assert kind is not None
        found |= dict.fromkeys(quoted(names[0]), TYPES.get(kind[1], str))
    return found


def test_the_kinds_and_their_facts_are_those_of_the_code() -> None:
    told: dict[str, dict[str, type]] = {}
    for kinds, facts, *_ in rows(section(FORMAT, "3. Kinds and their facts")):
        for kind in quoted(kinds):
            assert kind not in told
            told[kind] = facts_of(facts)
    assert told == {kind: dict(facts) for kind, facts in KINDS.items()}


def test_the_tables_are_those_of_the_code() -> None:
    text = section(FORMAT, "11. Tables of the database")
    _, entries, projections, operational = re.split(
        r"Entries: |Projections \([^)]*\): |Operational \([^)]*\): ", text.replace("\n", " ")
    )
    assert quoted(entries) == [tables.entries.name]
    assert quoted(projections) == [table.name for table in tables.PROJECTIONS]
    assert quoted(operational) == [table.name for table in tables.OPERATIONAL]


def test_every_table_is_of_one_kind() -> None:
    of_a_kind = [tables.entries, *tables.PROJECTIONS, *tables.OPERATIONAL]
    assert sorted(table.name for table in of_a_kind) == sorted(tables.metadata.tables)


def test_the_access_log_names_a_purpose_that_there_is() -> None:
    (told,) = re.findall(r"its purpose `(\w+)`", page("vault.md"))
    assert told in PURPOSES


# README ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", PAGES, ids=lambda file: str(file.relative_to(ROOT)))
def test_every_link_leads_somewhere(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#\s]+)\)", text)
    lost = [link for link in links if "://" not in link and not (file.parent / link).exists()]
    assert lost == []


def commands() -> list[str]:
    """Every `sidereal …` that a page tells somebody to type."""
    found: set[str] = set()
    for file in PAGES:
        text = file.read_text(encoding="utf-8")
        found |= set(re.findall(r"^\.venv/bin/sidereal (.+)$", text, re.MULTILINE))
        found |= set(re.findall(r"\$\(\.venv/bin/sidereal ([^)]+)\)", text))
        found |= set(re.findall(r"`(?:\.venv/bin/)?sidereal ([^`]+)`", text))
    return sorted(found)


def test_the_pages_speak_of_commands() -> None:
    assert {"init --host ledger.example.org", "serve", "rebuild --check"} <= set(commands())


@pytest.mark.parametrize("line", commands())
def test_every_command_on_a_page_can_be_typed(line: str) -> None:
    """Its words lead to a command, that command has the options, and `--help` of it answers."""
    words = line.split()
    command: click.Command = main
    context = click.Context(main, info_name="sidereal")
    path: list[str] = []
    while isinstance(command, click.Group) and words:
        found = command.get_command(context, words[0])
        assert found is not None, line
        path.append(words.pop(0))
        command = found
        context = click.Context(command, info_name=path[-1], parent=context)
    command.make_parser(context).parse_args(words)
    answered = CliRunner().invoke(main, [*path, "--help"])
    assert answered.exit_code == 0, answered.output


def test_every_target_of_make_on_a_page_is_in_the_makefile() -> None:
    targets = set(re.findall(r"^(\w+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE))
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    told = set(re.findall(r"(?:^|`)make (\w+)", readme, re.MULTILINE))
    assert told
    assert told <= targets


def test_the_readme_names_every_document() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    missing = [file.name for file in DOCS.glob("*.md") if f"docs/{file.name}" not in readme]
    assert missing == []


# Names of files and modules ----------------------------------------------------------------------

FOLDERS = "api|audit|bench|docs|ledger|migrations|tests"
SOURCES = sorted(
    path
    for folder in FOLDERS.split("|")
    for path in (ROOT / folder).rglob("*.py")
    # What the import law forbids is written there on purpose.
    if path.name != "test_import_law.py"
)


def named(pattern: str) -> set[str]:
    """What stands between backticks in documents and code and has this form."""
    form = re.compile(f"`((?:{FOLDERS}){pattern})`")
    return {
        name
        for file in (*PAGES, ROOT / "CHANGELOG.md", *SOURCES)
        for name in form.findall(file.read_text(encoding="utf-8"))
    }


def test_every_file_that_is_named_is_there() -> None:
    paths = named(r"/[\w./-]*(?:\.(?:css|html|js|md|py|toml)|/)")
    assert "ledger/fold/" in paths
    assert [path for path in sorted(paths) if not (ROOT / path).exists()] == []


def test_every_module_and_name_in_it_that_is_named_is_there() -> None:
    for name in sorted(named(r"(?:\.[A-Za-z_]\w*)+")):
        resolve_name(name)


# Glossary ----------------------------------------------------------------------------------------


def test_the_glossary_is_sorted() -> None:
    words = [row[0] for row in rows(page("glossary.md"))]
    assert words == sorted(words, key=str.casefold)


def test_the_glossary_gives_one_word_one_meaning() -> None:
    words = [word for row in rows(page("glossary.md")) for word in row[0].split(", ")]
    assert sorted({word for word in words if words.count(word) > 1}) == []
    assert [row for row in rows(page("glossary.md")) if not all(row)] == []
