"""Who may import whom: the contracts of pyproject.toml, and what they cannot say.

The lint alone would be satisfied by a contract that refuses nothing, so each one is also
shown a small tree that breaks it.
"""

from __future__ import annotations

import ast
import subprocess
import sys
import sysconfig
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PYPROJECT = ROOT / "pyproject.toml"
LINT_IMPORTS = Path(sysconfig.get_path("scripts")) / "lint-imports"

LAYERS = "the pure files of ledger import none of the others"

# Modules of the standard library through which a clock, chance or the surroundings would get in.
UNSTEADY = {"logging", "os", "random", "secrets", "socket", "subprocess", "threading", "time"}
CLOCK_CALLS = {"now", "today", "utcnow"}


def pure_modules() -> frozenset[str]:
    """The names in the lower layer of the contract, which is the one list of pure files."""
    contracts = tomllib.loads(PYPROJECT.read_text())["tool"]["importlinter"]["contracts"]
    (contract,) = [each for each in contracts if each["name"] == LAYERS]
    _, lower = contract["layers"]
    return frozenset(name.strip(" ()") for name in lower.split(":"))


def files_of(module: str) -> list[Path]:
    """The files of `ledger.<module>`, be it a file or a folder; none if it is not there."""
    one = ROOT / "ledger" / f"{module}.py"
    return [one] if one.exists() else sorted((ROOT / "ledger" / module).rglob("*.py"))


def imports_of(path: Path) -> Iterator[str]:
    """Every dotted name that a file imports, wherever in the file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the contracts over the packages that lie in `folder`."""
    return subprocess.run(
        [LINT_IMPORTS, "--no-cache", "--config", PYPROJECT],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def tree(folder: Path, files: dict[str, str]) -> Path:
    """Four empty packages with a few files in them."""
    for package in ("ledger", "api", "audit", "migrations"):
        files.setdefault(f"{package}/__init__.py", "")
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def test_every_contract_is_kept() -> None:
    answer = lint_imports(ROOT)
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_what_the_design_allows_is_kept(tmp_path: Path) -> None:
    allowed = {
        "api/app.py": "import flask, audit.verify, ledger.book, migrations.env",
        "audit/verify.py": "import hashlib, orjson, cryptography",
        "audit/replay.py": "import ledger.account",
        "ledger/account.py": "import enum",
        "ledger/book.py": "import ledger.sequencer, ledger.account",
        "ledger/sequencer.py": "import ledger.store.tables, sqlalchemy",
        "ledger/store/__init__.py": "import sqlalchemy",
        "ledger/store/tables.py": "import sqlalchemy, sqlite3, psycopg",
        "ledger/vault.py": "import cryptography, sqlalchemy",
    }
    answer = lint_imports(tree(tmp_path, allowed))
    assert answer.returncode == 0, answer.stdout + answer.stderr


@pytest.mark.parametrize(
    ("files", "contract"),
    [
        (
            {"ledger/book.py": "import api"},
            "api stands on ledger and audit, and nothing of theirs looks back",
        ),
        (
            {"audit/verify.py": "import api"},
            "api stands on ledger and audit, and nothing of theirs looks back",
        ),
        ({"ledger/merkle.py": "import ledger.keys", "ledger/keys.py": ""}, LAYERS),
        (
            {
                "ledger/decide/__init__.py": "",
                "ledger/decide/stars.py": "import ledger.store",
                "ledger/store/__init__.py": "",
            },
            LAYERS,
        ),
        ({"ledger/nobody_placed_me.py": ""}, LAYERS),
        (
            {"ledger/entry.py": "import sqlalchemy"},
            "only these files of ledger know SQLAlchemy",
        ),
        ({"ledger/note.py": "import cryptography"}, "only keys and vault know cryptography"),
        (
            {"ledger/sequencer.py": "import flask"},
            "ledger knows nothing of the web or the terminal",
        ),
        (
            {"audit/verify.py": "import ledger.merkle", "ledger/merkle.py": ""},
            "audit shares no code with ledger",
        ),
        (
            {"audit/bundle.py": "import sqlalchemy"},
            "audit runs where neither a database nor a web library is installed",
        ),
        (
            {
                "migrations/one.py": "import ledger.store.tables",
                "ledger/store/__init__.py": "",
                "ledger/store/tables.py": "",
            },
            "a migration describes its own tables",
        ),
    ],
)
def test_what_the_design_forbids_is_found(
    tmp_path: Path, files: dict[str, str], contract: str
) -> None:
    answer = lint_imports(tree(tmp_path, dict(files)))
    said = " ".join(answer.stdout.split())
    assert answer.returncode == 1, said + answer.stderr
    assert f"{contract} BROKEN" in said


def test_importing_ledger_loads_nothing_else_of_it() -> None:
    script = "import sys, ledger; print(*sorted(m for m in sys.modules if 'ledger' in m))"
    answer = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert answer.stdout.split() == ["ledger"]
    assert list(imports_of(ROOT / "ledger" / "__init__.py")) == []


@pytest.mark.parametrize("module", sorted(pure_modules()))
def test_a_pure_file_reads_no_clock_no_chance_and_no_environment(module: str) -> None:
    for path in files_of(module):
        brought_in = {name.partition(".")[0] for name in imports_of(path)}
        assert not brought_in & UNSTEADY, path
        calls = {
            node.func.attr
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        }
        assert not calls & CLOCK_CALLS, path


def test_the_verifier_needs_the_standard_library_and_cryptography_alone() -> None:
    """orjson may be there; `audit.replay` alone may look into the pure files of ledger."""
    allowed = sys.stdlib_module_names | {"audit", "cryptography", "orjson"}
    for path in sorted((ROOT / "audit").rglob("*.py")):
        for name in imports_of(path):
            package, _, rest = name.partition(".")
            if path.name == "replay.py" and package == "ledger":
                assert rest.partition(".")[0] in pure_modules(), path
            else:
                assert package in allowed, f"{path} imports {name}"
