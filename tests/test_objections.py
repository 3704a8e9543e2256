"""Objections: who may object to what, who answers, and the clock of domain §10 P61."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger import account
from ledger.actions.objections import DecideObjection, FileObjection, ForwardObjection
from ledger.actions.stars import ApplyForStar
from ledger.entry import Entry
from ledger.rows import Objection
from ledger.store.projections import standing_from
from tests.api_client import Cast, Site, key, site_of_its_own
from tests.kit import Ledger, Town, scenario

WHY = {"Reason": "complaint 17"}


def objecting(town: Town, who: str, kind: str = "record", subject: str = "", **given: str) -> Entry:
    return town.do(
        FileObjection(
            objection=town.new(), volunteer=who, subject_kind=kind, subject=subject, **given
        )
    ).entry


def forwarding(town: Town, objection: str, organisation: str) -> Entry:
    return town.do(ForwardObjection(objection=objection, organisation=organisation)).entry


def deciding(town: Town, objection: str, outcome: str = "upheld", reviewer: str = "") -> Entry:
    return town.do(DecideObjection(objection=objection, outcome=outcome, reviewer=reviewer)).entry


def row(town: Town, objection: str) -> Objection:
    with town.book.database.reading() as connection:
        found = standing_from(connection).objections[objection]
    assert found is not None
    return found


class TestTheClock:
    @scenario("""
        id                           | filed            | flag_by    | decide_by  | calendar
        K19                          | 2025-03-10 09:00 | 2025-03-11 | 2025-03-17 | cn
        K19 as the Monday ends       | 2025-03-10 23:59 | 2025-03-11 | 2025-03-17 | cn
        filed on a Friday            | 2025-03-14 09:00 | 2025-03-17 | 2025-03-21 | cn
        filed on a Saturday          | 2025-03-15 09:00 | 2025-03-17 | 2025-03-21 | cn
        before a holiday of one day  | 2025-04-03 09:00 | 2025-04-07 | 2025-04-11 | cn
        a worked Sunday is counted   | 2025-04-25 09:00 | 2025-04-27 | 2025-05-06 | cn
        no calendar for that year    | 2027-03-01 09:00 | 2027-03-02 | 2027-03-08 | monday_to_friday
    """)
    def test_days_are_working_days_and_the_first_is_not_counted(
        self,
        town: Town,
        ana: str,
        ledger: Ledger,
        filed: str,
        flag_by: str,
        decide_by: str,
        calendar: str,
    ) -> None:
        record = town.served(ana, "2025-03-03 09:00", "11:00")
        ledger.clock.set(filed)
        facts = objecting(town, ana, subject=record.id).facts
        assert (facts["flag_by"], facts["decide_by"]) == (flag_by, decide_by)
        assert facts["calendar"] == calendar

    @scenario("""
        id                             | decided          | on_time
        K19 on the last day            | 2025-03-17 23:59 | yes
        K19 a minute into the next one | 2025-03-18 00:00 | no
    """)
    def test_an_answer_says_whether_it_came_in_time(
        self, town: Town, ana: str, ledger: Ledger, decided: str, on_time: str
    ) -> None:
        filed = objecting(town, ana, "other")
        ledger.clock.set(decided)
        assert deciding(town, filed.facts["objection"]).facts["on_time"] == on_time

    @scenario("""
        id                           | forwarded        | decide_by
        at once                      | 2025-03-10 10:00 | 2025-03-17
        on the second working day    | 2025-03-12 18:00 | 2025-03-19
        too late: no time is won     | 2025-03-20 09:00 | 2025-03-19
    """)
    def test_whoever_gets_it_has_five_days_from_the_day_it_should_have_come(
        self, town: Town, ana: str, ledger: Ledger, forwarded: str, decide_by: str
    ) -> None:
        filed = objecting(town, ana, "other")
        ledger.clock.set(forwarded)
        entry = forwarding(town, filed.facts["objection"], town.organisation())
        assert entry.facts["decide_by"] == decide_by
        assert row(town, filed.facts["objection"]).decide_by == decide_by

    def test_a_policy_may_set_other_days(self, town: Town, ana: str) -> None:
        town.adopt(
            ("flag_working_days = { value = 1", "flag_working_days = { value = 0"),
            ("\ndecide_working_days = { value = 5", "\ndecide_working_days = { value = 10"),
        )
        facts = objecting(town, ana, "other").facts
        assert (facts["flag_by"], facts["decide_by"]) == ("2025-03-10", "2025-03-24")


class TestWhat:
    def test_somebody_elses_record_answers_as_one_that_is_not_there(
        self, town: Town, ana: str, bo: str
    ) -> None:
        record = town.served(ana, "2025-03-03 09:00", "11:00")
        with town.refuses("unknown_record"):
            objecting(town, bo, subject=record.id)
        with town.refuses("unknown_record"):
            objecting(town, bo, subject=town.new())
        with town.refuses("unknown_record"):
            objecting(town, bo)

    def test_somebody_elses_voucher_answers_as_one_that_is_not_there(
        self, town: Town, ana: str, bo: str
    ) -> None:
        town.served(ana, "2025-03-03 09:00", "11:00")
        redemption = town.reserve(ana, town.reward(town.till()))
        with town.refuses("unknown_redemption"):
            objecting(town, bo, "redemption", redemption)
        with town.refuses("unknown_redemption"):
            objecting(town, ana, "redemption", town.new())
        entry = objecting(town, ana, "redemption", redemption)
        assert row(town, entry.facts["objection"]).subject == redemption

    def test_a_star_case_is_ones_own(self, town: Town, ana: str, bo: str) -> None:
        town.minutes_served(ana, 6_000)
        case = town.new()
        town.do(ApplyForStar(case=case, volunteer=ana, star=1))
        with town.refuses("unknown_star_case"):
            objecting(town, bo, "star", case)
        objecting(town, ana, "star", case)
        objecting(town, bo, "star")

    def test_a_credit_listing_has_no_id(self, town: Town, ana: str) -> None:
        for kind in ("credit", "other"):
            with town.refuses("no_such_subject"):
                objecting(town, ana, kind, town.new())
            objecting(town, ana, kind)

    def test_one_objection_to_one_thing_at_a_time(self, town: Town, ana: str) -> None:
        record = town.served(ana, "2025-03-03 09:00", "11:00")
        other = town.served(ana, "2025-03-04 09:00", "11:00")
        first = objecting(town, ana, subject=record.id).facts["objection"]
        with town.refuses("objection_open"):
            objecting(town, ana, subject=record.id)
        objecting(town, ana, subject=other.id)
        forwarding(town, first, town.organisation())
        with town.refuses("objection_open"):
            objecting(town, ana, subject=record.id)
        deciding(town, first, "rejected")
        objecting(town, ana, subject=record.id)

    @pytest.mark.parametrize("state", ["suspended", "left"])
    def test_whoever_is_suspended_or_has_left_may_object(
        self, town: Town, ana: str, state: str
    ) -> None:
        town.becomes(account.volunteer(ana), state)
        objecting(town, ana, "other")

    def test_nobody_objects_for_the_forgotten_or_the_unknown(self, town: Town, ana: str) -> None:
        town.becomes(account.volunteer(ana), "forgotten")
        with town.refuses("party_not_active"):
            objecting(town, ana, "other")
        with town.refuses("unknown_party"):
            objecting(town, town.new(), "other")

    def test_an_objection_changes_no_balance(self, town: Town, ana: str) -> None:
        record = town.served(ana, "2025-03-03 09:00", "11:00")
        before = town.standing(ana)
        objection = objecting(town, ana, subject=record.id).facts["objection"]
        deciding(town, objection, "upheld", town.reviewer)
        after = town.standing(ana)
        assert (after.service_minutes, after.points_hundredths) == (
            before.service_minutes,
            before.points_hundredths,
        )
        assert town.state(record.id) == "effective"


class TestWhoAnswers:
    def test_a_record_is_answered_by_its_organisation_whoever_is_named(self, town: Town) -> None:
        ana = town.volunteer(organisation=town.organisation())
        record = town.served(ana, "2025-03-03 09:00", "11:00")
        entry = objecting(town, ana, subject=record.id, organisation=town.organisation())
        assert entry.facts["organisation"] == town.home

    def test_everything_else_by_ones_own_or_by_whom_one_names(self, town: Town) -> None:
        home, other = town.organisation(), town.organisation()
        ana, nobodys = town.volunteer(organisation=home), town.volunteer()
        assert objecting(town, ana, "other").facts["organisation"] == home
        assert objecting(town, ana, "credit", organisation=other).facts["organisation"] == other
        assert objecting(town, nobodys, "other").facts["organisation"] == ""

    def test_whom_one_names_must_be_there(self, town: Town, ana: str) -> None:
        with town.refuses("unknown_party"):
            objecting(town, ana, "other", organisation=town.new())
        gone = town.organisation()
        town.becomes(f"organisation:{gone}", "suspended")
        with town.refuses("party_not_active"):
            objecting(town, ana, "other", organisation=gone)

    def test_it_is_forwarded_once_and_to_somebody_else(self, town: Town, ana: str) -> None:
        record = town.served(ana, "2025-03-03 09:00", "11:00")
        objection = objecting(town, ana, subject=record.id).facts["objection"]
        other, third = town.organisation(), town.organisation()
        with town.refuses("unknown_objection"):
            forwarding(town, town.new(), other)
        with town.refuses("unknown_party"):
            forwarding(town, objection, town.new())
        with town.refuses("same_organisation"):
            forwarding(town, objection, town.home)
        forwarding(town, objection, other)
        assert row(town, objection).organisation == other
        with town.refuses("already_forwarded"):
            forwarding(town, objection, third)
        deciding(town, objection)
        with town.refuses("objection_state_conflict"):
            forwarding(town, objection, town.home)

    def test_nobody_decides_about_what_they_did_themselves(self, town: Town, ana: str) -> None:
        record = town.served(ana, "2025-03-03 09:00", "11:00")
        objection = objecting(town, ana, subject=record.id).facts["objection"]
        for who in (town.recorder, town.approver):
            with town.refuses("reviewer_took_part"):
                deciding(town, objection, reviewer=who)
        with town.refuses("unknown_party"):
            deciding(town, objection, reviewer=town.new())
        assert deciding(town, objection, reviewer=town.reviewer).facts["reviewer"] == town.reviewer

    def test_what_is_decided_stays_decided(self, town: Town, ana: str) -> None:
        objection = objecting(town, ana, "other").facts["objection"]
        with town.refuses("unknown_objection"):
            deciding(town, town.new())
        deciding(town, objection, "rejected")
        assert row(town, objection).state == "rejected"
        with town.refuses("objection_state_conflict"):
            deciding(town, objection, "upheld")


# Over HTTP ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def site(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site_of_its_own(sqlite_template, tmp_path_factory.mktemp("site") / "home") as made:
        yield made


@pytest.fixture(scope="module")
def cast(site: Site) -> Cast:
    return Cast(site)


@pytest.fixture(scope="module")
def auditor(site: Site) -> str:
    which = site.made(site.operator, "/auditors", {"name": "审计所"})["auditor"]
    return site.token(f"auditor:{which}", "auditor")


_days = iter(f"2025-02-{day:02d}" for day in range(3, 28))


def record_of(cast: Cast) -> str:
    return str(cast.served(f"{next(_days)} 09:00", "10:00", evidence="backfill")["record"])


def filed(site: Site, cast: Cast, record: str) -> str:
    body = {"subject_kind": "record", "subject": record, "text": "我九点才到"}
    return str(site.made(cast.ana_token, "/objections", body)["objection"])


class TestOverHttp:
    def test_the_flag_shows_at_once_and_until_the_answer(self, site: Site, cast: Cast) -> None:
        record = record_of(cast)
        path = f"/service-records/{record}"
        assert site.get(cast.host, path)["objection"] is None
        objection = filed(site, cast, record)
        for token in (cast.host, cast.ana_token, cast.reviewer, site.operator):
            assert site.get(token, path)["objection"] == "open"
        (listed,) = [
            each
            for each in site.get(cast.host, "/service-records?limit=200")["data"]
            if each["record"] == record
        ]
        assert listed["objection"] == "open"
        body = {"outcome": "upheld", "reason": "签到表写的是九点"}
        answer = site.made(cast.reviewer, f"/objections/{objection}/decide", body)
        assert (answer["kind"], answer["outcome"], answer["on_time"]) == (
            "objection_decided",
            "upheld",
            "yes",
        )
        assert site.get(cast.host, path)["objection"] is None

    def test_the_volunteer_sees_every_step_and_what_was_said(self, site: Site, cast: Cast) -> None:
        record = record_of(cast)
        objection = filed(site, cast, record)
        other = site.organisation()
        site.made(cast.host, f"/objections/{objection}/forward", {"organisation": other})
        body = {"outcome": "rejected", "reason": "两张表都写着十点"}
        site.made(site.organisation_token(other), f"/objections/{objection}/decide", body)
        shown = site.get(cast.ana_token, f"/objections/{objection}").json
        assert shown["state"] == "rejected"
        assert shown["text"] == {"text": "我九点才到"}
        assert [each["kind"] for each in shown["steps"]] == [
            "objection_filed",
            "objection_forwarded",
            "objection_decided",
        ]
        assert shown["steps"][1]["organisation"] == other
        assert shown["steps"][2]["text"] == {"reason": "两张表都写着十点"}
        assert shown["steps"][2]["outcome"] == "rejected"

    def test_the_records_organisation_learns_what_another_one_answered(
        self, site: Site, cast: Cast
    ) -> None:
        """It is its record that is to be corrected or not; the answer stays the other's."""
        record = record_of(cast)
        objection = filed(site, cast, record)
        other = site.organisation()
        path = f"/objections/{objection}"
        site.made(cast.host, f"{path}/forward", {"organisation": other})

        for token in (cast.host, cast.reviewer):
            assert site.get(token, path)["state"] == "forwarded"
            listed = [each["objection"] for each in site.get(token, "/objections")["data"]]
            assert objection in listed
        body = {"outcome": "upheld", "reason": "签到表写的是九点"}
        assert site.post(cast.host, f"{path}/decide", body).code == "unknown_objection"

        site.made(site.organisation_token(other), f"{path}/decide", body)
        shown = site.get(cast.host, path).json
        assert (shown["state"], shown["organisation"]) == ("upheld", other)
        assert shown["steps"][-1]["text"] == {"reason": "签到表写的是九点"}
        upheld = site.get(cast.host, "/objections?state=upheld&limit=200")["data"]
        assert objection in [each["objection"] for each in upheld]

    def test_what_is_anothers_is_not_there(self, site: Site, cast: Cast) -> None:
        record = record_of(cast)
        objection = filed(site, cast, record)
        stranger = site.volunteer_token(site.volunteer())
        elsewhere = site.organisation_token(site.organisation())
        for token in (stranger, elsewhere):
            assert site.get(token, f"/objections/{objection}").code == "not_found"
            assert objection not in str(site.get(token, "/objections").json)
        body = {"subject_kind": "record", "subject": record, "text": "x"}
        assert site.post(stranger, "/objections", body).code == "unknown_record"
        for act, sent in (
            ("forward", {"organisation": cast.home}),
            ("decide", {"outcome": "upheld", "reason": "x"}),
        ):
            path = f"/objections/{objection}/{act}"
            assert site.post(elsewhere, path, sent).code == "unknown_objection"
        # Whoever it is forwarded to answers it, and whoever had it does no more.
        new_home = site.organisation()
        site.made(cast.host, f"/objections/{objection}/forward", {"organisation": new_home})
        body = {"outcome": "upheld", "reason": "x"}
        path = f"/objections/{objection}/decide"
        assert site.post(cast.host, path, body).code == "unknown_objection"
        site.made(site.organisation_token(new_home), path, body)

    def test_the_same_request_again_is_the_same_objection(self, site: Site, cast: Cast) -> None:
        record = record_of(cast)
        body = {"subject_kind": "record", "subject": record, "text": "我九点才到"}
        used = key()
        first = site.post(cast.ana_token, "/objections", body, key=used)
        again = site.post(cast.ana_token, "/objections", body, key=used)
        assert first.json == again.json
        assert again.headers["Idempotency-Replayed"] == "true"
        answer = site.post(cast.ana_token, "/objections", body)
        assert (answer.status, answer.code) == (409, "objection_open")

    def test_overdue_ones_come_first_and_alone_if_asked(
        self, site: Site, cast: Cast, auditor: str
    ) -> None:
        now = site.clock.ms
        old = filed(site, cast, record_of(cast))
        site.clock.forward(days=4)
        middle = filed(site, cast, record_of(cast))
        site.clock.forward(days=6)
        fresh = filed(site, cast, record_of(cast))
        for token, headers in ((cast.host, {}), (cast.reviewer, {}), (auditor, WHY)):
            answer = site.get(token, "/objections?limit=200", **headers)
            listed = [each["objection"] for each in answer["data"]]
            assert [listed.index(each) for each in (old, middle, fresh)] == sorted(
                listed.index(each) for each in (old, middle, fresh)
            )
            assert [each["decide_by"] for each in answer["data"]] == sorted(
                each["decide_by"] for each in answer["data"]
            )
            overdue = site.get(token, "/objections?overdue=true&limit=200", **headers)["data"]
            assert old in [each["objection"] for each in overdue]
            assert fresh not in [each["objection"] for each in overdue]
            assert all(each["overdue"] for each in overdue)
            # Page by page, each once.
            paged, after = [], -1
            while True:
                path = f"/objections?limit=1&starting_after={after}"
                part = site.get(token, path, **headers)
                paged += [each["objection"] for each in part["data"]]
                if not part["has_more"]:
                    break
                after = part["data"][-1]["entry"]
            assert paged == listed
        for state in ("open", "filed", "upheld", "all"):
            found = site.get(cast.host, f"/objections?state={state}&limit=200")["data"]
            assert (old in [each["objection"] for each in found]) == (state != "upheld")
        assert site.clock.ms > now

    def test_an_auditor_says_why(self, site: Site, cast: Cast, auditor: str) -> None:
        objection = filed(site, cast, record_of(cast))
        for path in ("/objections", f"/objections/{objection}"):
            assert site.get(auditor, path).code == "reason_missing"
            assert site.get(auditor, path, **WHY).status == 200
        assert objection in "".join(f"{each}" for each in site.book.vault.store.access_rows(0))

    def test_what_was_written_is_sealed(self, site: Site, cast: Cast) -> None:
        objection = filed(site, cast, record_of(cast))
        entry = site.get(cast.ana_token, f"/objections/{objection}")["entry"]
        assert "九点" not in site.book.entry(entry).data.decode()
