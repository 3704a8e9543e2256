"""The lock holds everything that pyproject.toml asks for, with hashes, and names no address."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
LOCK = (ROOT / "requirements.lock").read_text()
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def locked() -> dict[str, str]:
    """Each locked package and its version."""
    pins = re.findall(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", LOCK, re.MULTILINE)
    return {canonicalize_name(name): version for name, version in pins}


def asked() -> list[Requirement]:
    project = PYPROJECT["project"]
    groups = [
        PYPROJECT["build-system"]["requires"],
        project["dependencies"],
        *project["optional-dependencies"].values(),
        *PYPROJECT["dependency-groups"].values(),
    ]
    return [Requirement(line) for group in groups for line in group]


def test_everything_asked_for_is_locked_at_a_version_that_fits() -> None:
    pins = locked()
    missing = [
        str(each)
        for each in asked()
        if not each.specifier.contains(pins.get(canonicalize_name(each.name), "0"))
    ]
    assert missing == [], "run `make lock`"


def test_every_locked_package_has_hashes() -> None:
    blocks = re.split(r"^(?=[A-Za-z0-9])", LOCK, flags=re.MULTILINE)
    assert [block for block in blocks if block and "--hash=sha256:" not in block] == []


def test_the_lock_names_no_address() -> None:
    assert re.findall(r"://|^-{1,2}[a-z]", LOCK, re.MULTILINE) == []
