"""The demonstration town: every state is there, all of it is lawful, and none of it is anybody."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import orjson
import pytest
import sqlalchemy as sa

from api.cli.running import clear
from api.demo import Scale, Town, build_town, people, tour
from api.opening import open_ledger
from api.settings import Settings
from audit.note import parse_key
from audit.verify import verify
from ledger import account
from ledger.clock import check_clock
from ledger.errors import Refused
from ledger.export import export_bundle
from ledger.identity import check_identity_number, check_organisation_code
from ledger.store import journal, rebuilding
from tests.kit import at

NOW = at("2026-11-22 10:00")
SMALL = Scale(volunteers=40, communities=4, activities_a_quarter=40)


@dataclass(frozen=True)
class Built:
    """A town and where it stands."""

    town: Town
    settings: Settings

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        engine = sa.create_engine(self.settings.database_url)
        try:
            with engine.connect() as connection:
                return [tuple(row) for row in connection.execute(sa.text(query))]
        finally:
            engine.dispose()

    def kinds(self) -> Counter[str]:
        return Counter(
            orjson.loads(data)["kind"] for (data,) in self.rows("SELECT data FROM entries")
        )


def build(home: Path) -> Built:
    settings = Settings(home=home)
    return Built(build_town(settings, scale=SMALL, now_ms=NOW), settings)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return build(tmp_path_factory.mktemp("town") / "demo")


def test_redemptions_stand_in_every_state(built: Built) -> None:
    states = dict(built.rows("SELECT state, count(*) FROM redemptions GROUP BY state"))
    assert states.keys() == {
        *("reserved", "captured", "released", "expired", "voided", "settled", "refunded")
    }
    assert all(states.values())


def test_vouchers_were_taken_whole_in_part_and_in_a_hurry(built: Built) -> None:
    query = "SELECT captured_quantity < quantity, flag FROM redemptions WHERE state = 'captured'"
    taken = Counter(built.rows(query))
    assert taken[0, "none"] > 0
    assert taken[1, "none"] > 0
    assert any(flag == "rapid" for _, flag in taken)


def test_records_stand_in_every_state(built: Built) -> None:
    states = dict(built.rows("SELECT state, count(*) FROM records GROUP BY state"))
    assert states.keys() == {"effective", "held", "refused", "reversed"}
    corrections = built.rows("SELECT count(*) FROM records WHERE corrects <> ''")
    assert corrections == [(1,)]


def test_the_story_has_every_kind_of_entry_that_people_make(built: Built) -> None:
    expected = {
        *("volunteer_registered", "organisation_registered", "staff_registered"),
        *("merchant_registered", "branch_registered", "terminal_registered"),
        *("auditor_registered", "operator_registered", "activity_registered"),
        *("party_suspended", "party_reinstated", "party_left", "party_forgotten"),
        *("relation_registered", "credential_issued"),
        *("service_recorded", "service_confirmed", "service_refused", "service_reversed"),
        *("points_lapsed", "time_deposited", "time_transferred", "time_donated"),
        *("reward_published", "redemption_reserved", "redemption_captured"),
        *("redemption_released", "redemption_expired", "redemption_voided", "settlement_closed"),
        *("activity_terms", "gates_met", "qualification_recorded", "service_evaluated"),
        *("star_applied", "star_noticed", "star_granted", "star_downgrade_proposed"),
        *("star_downgraded", "fraud_proven", "commendation_recorded", "population_stated"),
        *("consent_recorded", "credit_listed", "credit_withdrawn"),
        *("order_requested", "order_offered", "order_accepted", "order_done", "order_confirmed"),
        *("objection_filed", "objection_decided", "certificate_issued"),
    }
    assert expected <= built.kinds().keys()


def test_organisations_stand_in_four_tiers_with_teams(built: Built) -> None:
    query = "SELECT tier, form FROM parties WHERE address LIKE 'organisation:%'"
    found = set(built.rows(query))
    assert {tier for tier, _ in found} == {"city", "county", "township", "community"}
    assert ("community", "team") in found


def test_a_clawback_left_something_owed(built: Built) -> None:
    owed = built.rows("SELECT sum(amount) FROM balances WHERE purse = 'owed:point'")
    assert owed[0][0] < 0


def test_every_asset_sums_to_zero(built: Built) -> None:
    sums = dict(built.rows("SELECT asset, sum(amount) FROM balances GROUP BY asset"))
    assert sums == dict.fromkeys(account.ASSETS, 0)


def test_every_row_is_what_the_entries_say(built: Built) -> None:
    book = open_ledger(built.settings, check=False)
    try:
        assert list(rebuilding.differences(book.database, book.origin)) == []
    finally:
        book.close()


def test_a_stranger_verifies_the_town(built: Built, tmp_path: Path) -> None:
    book = open_ledger(built.settings, check=False)
    try:
        export_bundle(book, tmp_path / "bundle", at=NOW)
    finally:
        book.close()
    verdict = verify(tmp_path / "bundle", parse_key(built.town.vkey))
    assert verdict.exit_code == 0, verdict


def test_the_story_ends_signed_and_a_little_before_the_present(built: Built) -> None:
    ((newest,),) = built.rows("SELECT max(size) FROM checkpoints")
    assert newest == built.town.entries
    assert built.rows("SELECT holder FROM leases WHERE name = 'signer'") == []
    book = open_ledger(built.settings, check=False)
    try:
        with book.database.reading() as connection:
            head = journal.read_head(connection, book.origin).chain
        check_clock(NOW, head_time=head.time, database_ms=None)
    finally:
        book.close()


def test_two_towns_are_equal_in_numbers_and_in_nothing_random(built: Built, tmp_path: Path) -> None:
    again = build(tmp_path / "demo")
    assert again.town.reports == built.town.reports
    assert again.kinds() == built.kinds()
    sums = "SELECT purse, asset, count(*), sum(amount) FROM balances GROUP BY purse, asset"
    assert sorted(again.rows(sums)) == sorted(built.rows(sums))
    states = "SELECT state, flag, quantity, amount, count(*) FROM redemptions GROUP BY 1, 2, 3, 4"
    assert sorted(again.rows(states)) == sorted(built.rows(states))
    assert again.town.origin != built.town.origin
    assert again.town.vkey != built.town.vkey
    assert not set(again.town.volunteers.values()) & set(built.town.volunteers.values())


def test_the_origin_marks_a_demonstration(built: Built) -> None:
    assert built.town.origin.startswith("demo-")


def test_each_kind_of_user_has_a_token_and_a_line(built: Built) -> None:
    text = tour.describe(built.town, built.settings, seconds=1.0)
    assert built.town.tokens.keys() == {
        *("operator", "organisation", "reviewer", "merchant", "volunteer", "auditor"),
        *("clerk", "shop"),
    }
    for token in built.town.tokens.values():
        assert f"curl -s '{built.settings.public_url}/v1/" in text
        assert f"Bearer {token}" in text
    assert f"--key {built.town.vkey}" in text


def test_a_command_on_the_town_makes_links_to_where_it_is_served(built: Built) -> None:
    """A form that comes from another address is refused."""
    served = replace(built.settings, public_url="http://localhost:18080")
    text = tour.describe(built.town, served, seconds=1.0)
    (line,) = [each for each in text.splitlines() if each.endswith("policy simulate hailin")]
    named = dict(each.split("=", 1) for each in shlex.split(line) if each.startswith("SIDEREAL_"))
    settings = Settings.read(named)
    assert (settings.home, settings.public_url) == (served.home, served.public_url)


def test_every_line_for_the_auditor_says_why(built: Built) -> None:
    text = tour.describe(built.town, built.settings, seconds=1.0)
    token = f"Bearer {built.town.tokens['auditor']}"
    lines = [line for line in text.splitlines() if token in line]
    assert lines
    for line in lines:
        assert "-H 'Reason: " in line


# Nobody's --------------------------------------------------------------------------------------


def everybody() -> Iterator[people.Person]:
    yield from people.invent(Scale(volunteers=1_440), date(2026, 11, 22)).people


def test_identity_numbers_are_well_formed_and_of_no_place() -> None:
    numbers = [person.identity_number for person in everybody()]
    for number in numbers:
        assert check_identity_number(number).number == number
        assert number.startswith("99")
    assert len(set(numbers)) == len(numbers)


def test_organisation_codes_are_well_formed_and_of_no_place() -> None:
    for organisation in people.invent(Scale(), date(2026, 11, 22)).organisations:
        assert check_organisation_code(organisation.code)[2:4] == "99"


def test_no_two_people_of_the_largest_town_share_a_name() -> None:
    names = [person.name for person in everybody()]
    assert len(set(names)) == len(names)


# Building again ---------------------------------------------------------------------------------


def test_an_earlier_demonstration_is_cleared_and_nothing_else_ever(tmp_path: Path) -> None:
    demo, other = tmp_path / "demo", tmp_path / "other"
    for home, origin in ((demo, "demo-xinghe/log/1"), (other, "ledger.example/log/1")):
        home.mkdir()
        (home / "origin").write_text(f"{origin}\n")
    clear(demo)
    assert not demo.exists()
    with pytest.raises(Refused) as caught:
        clear(other)
    assert caught.value.code == "not_a_demonstration"
    assert (other / "origin").exists()


def test_a_folder_that_no_demonstration_made_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("dear aunt")
    with pytest.raises(Refused):
        clear(tmp_path)
    assert re.fullmatch("dear aunt", (tmp_path / "letters.txt").read_text())
