"""Certificates of service: what they must state, who learns what, and what a correction does."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import pytest

from ledger.door import certificates
from ledger.store import journal
from ledger.vault import certificates as kept
from tests.api_client import Cast, Site

CHECKS_MAX = 60
PERIOD = {"first_day": "2025-03-01", "last_day": "2025-03-31"}


@pytest.fixture
def site(sqlite_site: Site) -> Site:
    return sqlite_site


@pytest.fixture
def town(site: Site) -> Cast:
    return Cast(site)


def wanted(town: Cast, **changes: Any) -> dict[str, Any]:
    """A certificate of March 2025 by the home organisation."""
    return {"organisation": town.home, "content": "社区义诊", **PERIOD, **changes}


def at_ms(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def issued(site: Site, town: Cast, who: str, **changes: Any) -> str:
    path = f"/volunteers/{who}/certificates"
    return str(site.made(town.host, path, wanted(town, **changes))["number"])


def checked(site: Site, number: str) -> Any:
    """What a stranger without a token is told."""
    answer = site.get("", f"/certificates/{number}")
    assert answer.status == 200
    return answer.json


def served(site: Site, town: Cast) -> tuple[str, dict[str, Any]]:
    """A volunteer of the town with a record of 300 minutes."""
    who = site.volunteer(town.home)
    return who, town.served("2025-03-08 09:00", "14:00", who=who)


class TestWhatItMustState:
    """Order 67 arts. 14 and 15: time, content and recording unit; free of charge."""

    def test_t22_without_service_content_it_is_refused(self, site: Site, town: Cast) -> None:
        who, _ = served(site, town)
        path = f"/volunteers/{who}/certificates"
        body = wanted(town)
        del body["content"]
        before = site.size()
        answer = site.post(town.host, path, body)
        assert (answer.status, answer.code) == (422, "certificate_incomplete")
        assert site.size() == before
        assert site.post(town.host, path, wanted(town)).status == 201

    def test_t22_without_service_time_it_is_refused(self, site: Site, town: Cast) -> None:
        who = site.volunteer(town.home)
        answer = site.post(town.host, f"/volunteers/{who}/certificates", wanted(town))
        assert answer.code == "certificate_incomplete"

    def test_t22_without_a_recording_unit_it_is_refused(self, site: Site, town: Cast) -> None:
        who, _ = served(site, town)
        path = f"/volunteers/{who}/certificates"
        answer = site.post(town.host, path, wanted(town, organisation="0" * 16))
        assert answer.code == "unknown_party"

    def test_t24_a_fee_is_refused(self, site: Site, town: Cast) -> None:
        who, _ = served(site, town)
        path = f"/volunteers/{who}/certificates"
        answer = site.post(town.host, path, wanted(town, fee_cents=1))
        assert (answer.status, answer.code) == (422, "certificate_is_free")
        assert site.post(town.host, path, wanted(town, fee_cents=0)).status == 201


class TestWhatAStrangerLearns:
    def test_the_certified_period_and_nothing_about_the_person(
        self, site: Site, town: Cast
    ) -> None:
        who, _ = served(site, town)
        number = issued(site, town, who)
        assert re.fullmatch("[0-9A-HJKMNP-TV-Z]{26}", number)
        assert checked(site, number) == {
            "state": "valid",
            "first_day": "2025-03-01",
            "last_day": "2025-03-31",
            "certified_minutes": 300,
            "current_minutes": 300,
            "organisation": town.home,
            "checks": 1,
            "checked_before": None,
        }
        assert checked(site, number.lower())["state"] == "valid"
        assert checked(site, f"{number[:5]}-{number[5:]}".replace("1", "I"))["state"] == "valid"

    def test_each_check_is_counted_and_its_holder_sees_how_often(
        self, site: Site, town: Cast
    ) -> None:
        """Neither unknown numbers nor the holder's own looks are counted."""
        who, _ = served(site, town)
        number, token = issued(site, town, who), site.volunteer_token(who)
        path = f"/volunteers/{who}/certificates"
        [mine] = site.get(token, path)["data"]
        assert (mine["checks"], mine["last_checked"], mine["state"]) == (0, None, "valid")
        checked(site, number)
        first = site.clock.ms
        site.clock.forward(minutes=5)
        checked(site, "0" * 26)
        again = checked(site, number)
        assert again["checks"] == 2
        assert at_ms(again["checked_before"]) == first
        [mine] = site.get(token, path)["data"]
        assert (mine["checks"], at_ms(mine["last_checked"])) == (2, site.clock.ms)

    def test_from_one_address_only_so_many_are_checked_in_ten_minutes(self, site: Site) -> None:
        for _ in range(CHECKS_MAX):
            assert checked(site, "0" * 26)["state"] == "unknown"
        answer = site.get("", f"/certificates/{'0' * 26}")
        assert (answer.status, answer.code) == (429, "too_many_checks")
        assert 0 < int(answer.headers["Retry-After"]) <= 600
        site.clock.forward(minutes=10)
        assert checked(site, "0" * 26)["state"] == "unknown"

    def test_whoever_asks_too_often_uses_up_what_is_left_for_nobody_else(
        self, site: Site, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(certificates, "CHECKS_OF_ALL_MAX", CHECKS_MAX + 2)
        path = f"/v1/certificates/{'0' * 26}"

        def ask(address: str) -> int:
            return site.client().get(path, environ_base={"REMOTE_ADDR": address}).status_code

        assert [ask("192.0.2.1") for _ in range(CHECKS_MAX + 9)][-1] == 429
        assert [ask("192.0.2.2") for _ in range(3)] == [200, 200, 429]

    def test_however_many_addresses_a_subscriber_has_they_have_one_share(self, site: Site) -> None:
        path = f"/v1/certificates/{'0' * 26}"

        def ask(address: str) -> int:
            return site.client().get(path, environ_base={"REMOTE_ADDR": address}).status_code

        answers = [ask(f"2001:db8:1:2::{n:x}") for n in range(CHECKS_MAX + 1)]
        assert answers == [200] * CHECKS_MAX + [429]
        assert ask("2001:db8:1:3::1") == 200

    def test_a_number_stands_in_no_log(self, site: Site, town: Cast) -> None:
        who, _ = served(site, town)
        number, token = issued(site, town, who), site.volunteer_token(who)
        checked(site, number)
        entry = site.get(token, f"/volunteers/{who}/certificates")["data"][0]["entry"]
        paper = f"/v1/volunteers/{who}/certificates/{entry}/paper"
        printed = site.client().get(paper, headers={"Authorization": f"Bearer {token}"})
        assert printed.status_code == 200
        assert number.lower() not in site.log.getvalue().lower()
        assert who not in site.log.getvalue()

    def test_t23_a_correction_makes_it_superseded_with_the_present_figure(
        self, site: Site, town: Cast
    ) -> None:
        who, record = served(site, town)
        number = issued(site, town, who)
        corrected = {
            **town.session("2025-03-08 09:00", "13:00", who=who),
            "reason": "签退时间有误",
        }
        corrected.pop("volunteer")
        site.made(town.host, f"/service-records/{record['record']}/correct", corrected)
        told = checked(site, number)
        assert told["state"] == "superseded"
        assert (told["certified_minutes"], told["current_minutes"]) == (300, 240)

    def test_service_outside_the_period_does_not_count(self, site: Site, town: Cast) -> None:
        who, _ = served(site, town)
        town.served("2025-02-28 09:00", "10:00", who=who)
        assert checked(site, issued(site, town, who))["certified_minutes"] == 300
        told = checked(site, issued(site, town, who, first_day="2025-02-28"))
        assert told["certified_minutes"] == 360

    def test_a_unit_certifies_what_it_or_one_below_it_recorded(
        self, site: Site, town: Cast
    ) -> None:
        """Order 67 arts. 15 and 17: who organises records, and who records certifies."""
        with site.earlier():
            city = site.organisation(tier="city")
            units = [site.organisation(tier="community", parent=city) for _ in range(2)]
            activities = [site.activity(unit) for unit in units]
        who = site.volunteer(town.home)
        for activity, day, until in zip(activities, (8, 9), ("10:00", "11:00"), strict=True):
            session = town.session(f"2025-03-0{day} 09:00", until, who=who, activity=activity)
            site.made(site.operator, "/service-records", session)
        asked = f"/volunteers/{who}/certificates"
        for unit, minutes in ((city, 180), (units[0], 60), (units[1], 120)):
            number = site.made(site.operator, asked, wanted(town, organisation=unit))["number"]
            told = checked(site, number)
            assert (told["certified_minutes"], told["state"]) == (minutes, "valid")
        for stranger in (site.organisation(), town.home):
            before = site.size()
            answer = site.post(site.operator, asked, wanted(town, organisation=stranger))
            assert (answer.status, answer.code) == (422, "certificate_incomplete")
            assert site.size() == before

    def test_a_number_that_nobody_was_given_is_unknown(self, site: Site) -> None:
        assert checked(site, "0" * 26) == {"state": "unknown"}

    def test_the_holder_switches_it_off_and_on(self, site: Site, town: Cast) -> None:
        who, _ = served(site, town)
        number, token = issued(site, town, who), site.volunteer_token(who)
        path = f"/certificates/{number}/show"
        assert site.post(token, path, {"shown": False}).status == 200
        assert checked(site, number) == {"state": "unknown"}
        assert site.post(token, path, {"shown": True}).status == 200
        assert checked(site, number)["state"] == "valid"
        stranger = site.volunteer_token(site.volunteer(town.home))
        assert site.post(stranger, path, {"shown": False}).status == 404

    def test_after_forgetting_it_is_unknown(self, site: Site, town: Cast) -> None:
        who, _ = served(site, town)
        number = issued(site, town, who)
        site.made(site.operator, f"/parties/volunteer:{who}/forget", {})
        assert checked(site, number) == {"state": "unknown"}


class TestWhatTheLedgerHolds:
    def test_its_entry_names_nobody_and_holds_no_number(self, site: Site, town: Cast) -> None:
        who, _ = served(site, town)
        token = site.volunteer_token(who)
        answer = site.made(token, f"/volunteers/{who}/certificates", wanted(town))
        with site.book.database.reading() as connection:
            [entry] = journal.read_entries(connection, [answer["entry"]])
        assert entry.kind == "certificate_issued"
        assert who.encode() not in entry.data
        assert answer["number"].encode() not in entry.data.upper()
        assert entry.actor == "system"

    def test_the_same_request_again_makes_no_second_certificate(
        self, site: Site, town: Cast
    ) -> None:
        who, _ = served(site, town)
        path, token = f"/volunteers/{who}/certificates", site.volunteer_token(who)
        first = site.post(token, path, wanted(town), key="certificate-key-1")
        again = site.post(token, path, wanted(town), key="certificate-key-1")
        assert (again.status, again["entry"]) == (201, first["entry"])
        assert again.headers["Idempotency-Replayed"] == "true"
        [mine] = site.get(token, path)["data"]
        assert mine["number"] == first["number"]
        assert (mine["minutes"], mine["content"], mine["shown"]) == (300, "社区义诊", True)

    def test_nobody_else_lists_them(self, site: Site, town: Cast) -> None:
        who, _ = served(site, town)
        issued(site, town, who)
        stranger = site.volunteer_token(site.volunteer(town.home))
        assert site.get(stranger, f"/volunteers/{who}/certificates").status == 404

    def test_a_vault_that_was_altered_does_not_pass(self, site: Site, town: Cast) -> None:
        """The opening must be what the ledger committed to."""
        who, _ = served(site, town)
        number = issued(site, town, who)
        opening = kept.find(site.book.vault, number)
        assert opening is not None
        kept.replace(site.book.vault, who, number, opening | {"minutes": 3000})
        assert checked(site, number) == {"state": "unknown"}
