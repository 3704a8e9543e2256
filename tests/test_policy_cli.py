"""`sidereal policy …`: what an operator types to check, adopt, show and compare rules."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from api.cli import main
from api.cli.common import opened
from api.settings import Settings
from ledger.actions.parties import RegisterOrganisation
from ledger.book import CONSOLE
from ledger.policies import profile_names, shipped
from ledger.policy import PARAMETERS

TOWN = """
id = "town"
version = 1
title = "A town"
issuer = "Town hall"
effective_from = 2025-01-01
[scope]
region = "620500"
{scope}
[parameters.points]
per_hour = {{ value = {per_hour}, basis = "Town order 2025-12" }}
"""


class Shell:
    """Runs `sidereal policy` on a ledger of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.environment = {
            "SIDEREAL_HOME": str(home),
            "SIDEREAL_DATABASE_URL": "",
            "SIDEREAL_VAULT_URL": "",
        }

    def run(self, *words: str) -> Result:
        return CliRunner(env=self.environment).invoke(main, words)

    def __call__(self, *words: str) -> str:
        result = self.run("policy", *words)
        assert result.exit_code == 0, result.output
        return result.stdout

    def refuses(self, *words: str, code: int = 1) -> str:
        result = self.run("policy", *words)
        assert (result.exit_code, result.stdout) == (code, ""), result.output
        return result.stderr


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("founded") / "home"
    assert Shell(home).run("init").exit_code == 0
    return home


@pytest.fixture
def shell(founded: Path, tmp_path: Path) -> Shell:
    subprocess.run(["cp", "-a", founded, tmp_path / "home"], check=True)
    return Shell(tmp_path / "home")


def town(folder: Path, *, scope: str = "", per_hour: str = "2", version: int = 1) -> str:
    file = folder / f"town-{version}.toml"
    written = TOWN.format(scope=scope, per_hour=per_hour)
    file.write_text(written.replace("version = 1", f"version = {version}"), encoding="utf-8")
    return str(file)


# check ------------------------------------------------------------------------------------------


def test_a_draft_is_checked_without_a_ledger(tmp_path: Path) -> None:
    said = Shell(tmp_path / "nothing")("check", town(tmp_path))
    assert re.fullmatch(r"town version 1 can be adopted; SHA-256 [0-9a-f]{64}\n", said)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("value = 1001", "parameters.points.per_hour.value: must be from 0 to 1000, not 1001"),
        ("value = = 2", "line 11"),
        ("valeu = 2", "parameters.points.per_hour.valeu: there is no such key here"),
    ],
)
def test_a_draft_is_refused_with_the_path_or_the_line(
    tmp_path: Path, written: str, said: str
) -> None:
    file = Path(town(tmp_path))
    file.write_text(file.read_text().replace("value = 2", written), encoding="utf-8")
    sentence = Shell(tmp_path / "nothing").refuses("check", str(file))
    assert sentence.startswith("policy_refused: ")
    assert said in sentence


# adopt ------------------------------------------------------------------------------------------


def test_a_shipped_profile_is_adopted_by_its_name(shell: Shell) -> None:
    assert "nanjing version 1 adopted by entry" in shell("adopt", "--profile", "nanjing")
    assert json.loads(shell("show", "--json"))["id"] == "nanjing"


@pytest.mark.parametrize("name", ["calendar-cn-2025", "atlantis", "../cn-default", ""])
def test_only_a_shipped_policy_is_a_profile(shell: Shell, name: str) -> None:
    assert shell.refuses("adopt", "--profile", name).startswith("unknown_document: ")


def test_one_document_is_adopted_at_a_time(shell: Shell, tmp_path: Path) -> None:
    shell.refuses("adopt", code=2)
    shell.refuses("adopt", town(tmp_path), "--profile", "nanjing", code=2)


# show -------------------------------------------------------------------------------------------


def test_show_says_every_value_with_its_unit_and_basis(shell: Shell, tmp_path: Path) -> None:
    shell("adopt", town(tmp_path, per_hour="1.5"))
    lines = shell("show").splitlines()
    assert lines[0] == "town version 1: A town"
    assert lines[1] == "in force from 2025-01-01 on, issued by Town hall"
    assert lines[2] == "scope: region 620500"
    at = lines.index("  points.per_hour = 1.5 points")
    assert lines[at + 1] == "      Town order 2025-12"
    assert lines[at + 2] == "      number, three decimals; 0 to 1,000; default 1 points; P48"
    at = lines.index("  star.thresholds_h = 100, 300, 600, 1000, 1500 h")
    assert lines[at + 1] == "      default"
    assert "  time.day_split = true" in lines
    assert "  tb.grant_to = none" in lines
    assert len(lines) == 3 + 3 * len(PARAMETERS)


def test_show_at_a_day_says_what_decided_then(shell: Shell, tmp_path: Path) -> None:
    shell("adopt", town(tmp_path))
    assert "town version 1" in shell("show", "--at", "2025-01-01")
    assert "cn-default version 3" in shell("show", "--at", "2024-12-31")
    assert shell.refuses("show", "--at", "1999-12-31").startswith("no_policy_in_force: ")
    shell.refuses("show", "--at", "2025-02-30", code=2)


def test_show_walks_up_from_an_organisation(shell: Shell, tmp_path: Path) -> None:
    with opened(Settings(home=shell.home)) as book:
        city, county = book.new_id(), book.new_id()
        for organisation, above, tier in ((city, "", "city"), (county, city, "county")):
            action = RegisterOrganisation(organisation=organisation, parent=above, tier=tier)
            book.record(action, caller=CONSOLE, key=f"register-{organisation}")
    shell("adopt", town(tmp_path, scope=f'organisation = "{city}"\ncategories = ["health"]'))
    shell("adopt", town(tmp_path, scope='tier = "county"', version=2))

    def decides(*words: str) -> str:
        return shell("show", *words).split(":")[0]

    assert decides() == "cn-default version 3"
    assert decides("--organisation", city) == "cn-default version 3"
    assert decides("--organisation", city, "--category", "health") == "town version 1"
    assert decides("--organisation", county, "--category", "health") == "town version 2"
    assert decides("--category", "health") == "cn-default version 3"
    assert f"organisation {city} and below; only health" in shell("list")
    assert "county tier and below" in shell("list")
    assert shell.refuses("show", "--organisation", "nobody").startswith("unknown_party: ")
    shell.refuses("show", "--category", "night", code=2)


# diff and list ----------------------------------------------------------------------------------


def test_diff_says_each_differing_parameter_with_both_values_and_bases(
    shell: Shell, tmp_path: Path
) -> None:
    file = town(tmp_path, per_hour="1.5")
    said = shell("diff", "cn-default/3", file).splitlines()
    assert said == [
        "cn-default/3 → town/1",
        "from 2000-01-01 on → from 2025-01-01 on",
        "region CN → region 620500",
        "points.per_hour: 1 points → 1.5 points",
        "    cn-default/3: S41 Hailin [C], S42 Xian'an [B]",
        f"    {file}: Town order 2025-12",
        f"1 of {len(PARAMETERS)} parameters differ",
    ]


def test_diff_compares_files_shipped_and_adopted_documents_alike(
    shell: Shell, tmp_path: Path
) -> None:
    same = f"0 of {len(PARAMETERS)} parameters differ\n"
    assert shell("diff", "cn-default", "cn-default/3") == same
    assert "star.nominated_from: 0 stars → 5 stars" in shell("diff", "cn-default", "beijing")
    for unknown in ("atlantis", "cn-default/1", str(tmp_path), "calendar-cn-2025"):
        assert shell.refuses("diff", "cn-default", unknown).startswith("unknown_document: ")
    bad = tmp_path / "bad.toml"
    bad.write_bytes(shipped("cn-default").replace(b"per_hour", b"per_our"))
    assert shell.refuses("diff", "cn-default", str(bad)).startswith("policy_refused: ")


def test_two_shipped_documents_are_compared_without_a_ledger(tmp_path: Path) -> None:
    said = Shell(tmp_path / "nothing")("diff", "nanjing", "shanghai")
    assert "tb.redeem_min_age: 60 years → 65 years" in said
    assert "    nanjing: S28 Nanjing 2019 [B]: 60 and above, with a balance" in said


def test_list_names_what_is_adopted_and_what_is_shipped(shell: Shell, tmp_path: Path) -> None:
    shell("adopt", town(tmp_path, scope='categories = ["health", "culture"]'))
    adopted, shipped_ = shell("list").split("shipped, to adopt with --profile:\n")
    first, second = adopted.splitlines()[1:]
    assert first.startswith("  cn-default/3, from 2000-01-01 on, scope region CN, entry ")
    assert second.startswith(
        "  town/1, from 2025-01-01 on, scope region 620500; only culture, health, "
    )
    assert tuple(line.split(",")[0].strip() for line in shipped_.splitlines()) == profile_names()
