"""Statements: records leave one ledger and come to another, proven, with consent, and never twice
(docs/statement.md; domain §12 I14)."""

from __future__ import annotations

import itertools
import json
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from api import timers
from api.cli import main
from ledger import account, statement
from ledger.actions.orders import ReportOrderDone
from ledger.actions.statements import AcceptStatement, PortedRecord
from ledger.book import CONSOLE, Caller
from ledger.door import certificates, statements
from ledger.door.asking import Asking
from ledger.entry import canonical
from ledger.errors import Refused
from ledger.founding import found, open_book
from ledger.keys import Ed25519Signer, Ed25519Verifier
from ledger.merkle import Frontier, inclusion_proof, leaf_hash, tree_root
from ledger.note import Checkpoint, sign_note
from ledger.sequencer import Receipt
from ledger.statement import STATEMENT_BYTES_MAX, Proven, Statement, build, open_statement
from ledger.store import journal
from tests.api_client import Cast, Site
from tests.kit import FOUNDED, MINUTE_MS, TODAY, FakeClock, Ledger, Town, at, scenario
from tests.recheck import recheck

# Two ledgers -------------------------------------------------------------------------------------


@pytest.fixture
def elsewhere(ledger: Ledger, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Town]:
    """Another town with a ledger of its own, on the same kind of database."""
    home = tmp_path / "elsewhere"
    url = f"sqlite:///{home}/ledger.db"
    if not ledger.is_sqlite:
        url = request.getfixturevalue("postgres").create_database()
    found(
        home,
        database_url=url,
        vault_url=f"sqlite:///{home}/vault.db",
        host="elsewhere.example",
        clock=FakeClock(FOUNDED),
        durable=False,
    ).close()
    made = Ledger(home, url, FakeClock(TODAY))
    try:
        yield Town(made.open(), made.clock)
        made.close()
        recheck(url)
    finally:
        made.close()
        if not ledger.is_sqlite:
            request.getfixturevalue("postgres").drop_database(url)


@dataclass(frozen=True)
class Trip:
    """From one town to another, for one person."""

    origin: Town
    there: str
    """Who they are where they come from."""
    town: Town
    here: str

    def issued(self, **given: Any) -> bytes:
        """The statement of what there is now."""
        self.origin.book.signer.sign()
        return statements.issue(self.origin.book, CONSOLE, volunteer=self.there, **given).statement

    def accepted(self, file: bytes, **given: Any) -> Receipt:
        return accepting(self.town, self.here, file, self.key, **given)

    @property
    def key(self) -> str:
        return self.origin.book.keys.log.vkey


def accepting(town: Town, who: str, file: bytes, key: str, *, caller: Caller = CONSOLE) -> Receipt:
    ask = Asking(book=town.book, caller=caller, key=town.key(), request=b"[]")
    return statements.accept(ask, volunteer=who, statement=file, key=key)


@pytest.fixture
def trip(elsewhere: Town, town: Town, ana: str) -> Trip:
    """Somebody who agreed to take their records along."""
    town.consent(ana, "statement")
    return Trip(elsewhere, elsewhere.volunteer(), town, ana)


def ported(receipt: Receipt) -> list[tuple[int, int]]:
    """(claimed, paid) minutes of each record that came over."""
    return [
        (entry.facts["claimed_minutes"], entry.facts["minutes"]) for entry in receipt.entries[1:]
    ]


class TestTheTrip:
    def test_every_effective_record_comes_over_as_service_and_nothing_else(
        self, trip: Trip
    ) -> None:
        away, who = trip.origin, trip.there
        away.served(who, "2025-03-03 09:00", "12:00")
        away.served(who, "2025-03-04 09:00", "11:00", evidence="backfill")
        # Held for an overlap and confirmed: it brings the hour that nothing else covers.
        overlapping = away.served(who, "2025-03-03 11:00", "13:00")
        assert away.confirm(overlapping.id) == 60
        # Held, refused and reversed ones stay behind.
        away.served(who, "2025-03-03 12:30", "13:30")
        away.refuse(away.served(who, "2025-03-04 10:00", "12:00").id)
        away.reverse(away.served(who, "2025-03-05 09:00", "10:00").id)

        receipt = trip.accepted(trip.issued())

        kinds = [entry.kind for entry in receipt.entries]
        assert kinds == ["statement_accepted", *["service_ported"] * 3]
        assert receipt.entry.facts["records"] == 3
        assert ported(receipt) == [(180, 180), (120, 120), (60, 60)]
        has = trip.town.standing(trip.here)
        assert (has.check_in_minutes, has.backfill_minutes) == (240, 120)
        assert (has.points_hundredths, has.points_earned_hundredths, has.time_minutes) == (0, 0, 0)
        # Nothing leaves where it came from.
        assert away.minutes(who) == 360

    def test_the_origin_says_what_it_issued(self, trip: Trip) -> None:
        trip.origin.served(trip.there, "2025-03-03 09:00", "12:00")
        file = trip.issued()
        entry = trip.origin.book.history(account.volunteer(trip.there))[-1]
        assert entry.kind == "statement_issued"
        assert entry.facts["statement"] == sha256(file).hexdigest()
        assert (entry.facts["records"], entry.facts["minutes"]) == (1, 180)

    def test_the_same_statement_asked_for_again_is_one_entry(self, trip: Trip) -> None:
        trip.origin.served(trip.there, "2025-03-03 09:00", "12:00")
        trip.origin.book.signer.sign()
        first = statements.issue(trip.origin.book, CONSOLE, volunteer=trip.there)
        again = statements.issue(trip.origin.book, CONSOLE, volunteer=trip.there)
        assert again == first

    def test_only_what_a_checkpoint_covers_is_stated(self, trip: Trip) -> None:
        trip.origin.served(trip.there, "2025-03-03 09:00", "12:00")
        trip.origin.book.signer.sign()
        held = trip.origin.served(trip.there, "2025-03-03 11:00", "13:00")
        trip.origin.confirm(held.id)
        with trip.origin.refuses("not_yet_covered"):
            statements.issue(trip.origin.book, CONSOLE, volunteer=trip.there)
        trip.origin.book.signer.sign()
        issued = statements.issue(trip.origin.book, CONSOLE, volunteer=trip.there)
        assert (issued.records, issued.minutes) == (2, 240)

    def test_nothing_to_state(self, trip: Trip) -> None:
        trip.origin.book.signer.sign()
        with trip.origin.refuses("nothing_to_state"):
            statements.issue(trip.origin.book, CONSOLE, volunteer=trip.there)
        with trip.origin.refuses("unknown_party"):
            statements.issue(trip.origin.book, CONSOLE, volunteer=trip.origin.new())

    def test_what_does_not_fit_goes_into_the_next(
        self, trip: Trip, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for day in range(3, 8):
            trip.origin.served(trip.there, f"2025-03-0{day} 09:00", "10:00")
        whole = len(trip.issued())
        monkeypatch.setattr(statements, "STATEMENT_BYTES_MAX", whole * 2 // 3)
        after, brought, files = -1, 0, 0
        while True:
            trip.origin.book.signer.sign()
            issued = statements.issue(trip.origin.book, CONSOLE, volunteer=trip.there, after=after)
            assert len(issued.statement) <= whole * 2 // 3
            trip.accepted(issued.statement)
            brought, files = brought + issued.records, files + 1
            if not issued.has_more:
                break
            after = issued.last
        assert (brought, trip.town.minutes(trip.here)) == (5, 300)
        assert files > 1

    def test_what_came_over_is_not_stated_as_ones_own(self, trip: Trip) -> None:
        """Else a third ledger would count it twice: from here and from where it was served."""
        trip.origin.served(trip.there, "2025-03-03 09:00", "12:00")
        trip.accepted(trip.issued())
        trip.town.served(trip.here, "2025-03-05 09:00", "10:00")
        trip.town.book.signer.sign()
        issued = statements.issue(trip.town.book, CONSOLE, volunteer=trip.here)
        assert (issued.records, issued.minutes) == (1, 60)

    def test_ported_minutes_count_for_the_star(self, trip: Trip) -> None:
        trip.origin.minutes_served(trip.there, 6_000)
        trip.accepted(trip.issued())
        assert trip.town.standing(trip.here).eligible_star == 1

    def test_nobody_here_certifies_what_was_recorded_elsewhere(self, trip: Trip) -> None:
        trip.origin.served(trip.there, "2025-03-03 09:00", "12:00")
        trip.town.served(trip.here, "2025-03-04 09:00", "10:00")
        trip.accepted(trip.issued())
        march = date(2025, 3, 1), date(2025, 3, 31)
        book, home = trip.town.book, trip.town.home
        assert trip.town.minutes(trip.here) == 240
        assert certificates.minutes_between(book, trip.here, home, *march) == 60

    def test_a_ported_record_can_be_reversed_here(self, trip: Trip) -> None:
        trip.origin.served(trip.there, "2025-03-03 09:00", "12:00")
        receipt = trip.accepted(trip.issued())
        trip.town.reverse(receipt.entries[1].facts["record"])
        assert trip.town.minutes(trip.here) == 0
        # And does not come back by the same way.
        with trip.town.refuses("statement_known"):
            trip.accepted(trip.issued())

    def test_minutes_come_over_in_the_order_in_which_they_were_paid(self, trip: Trip) -> None:
        """The first session waits; the second, which overlaps it, is confirmed before it and takes
        the hour that they share."""
        away, who = trip.origin, trip.there
        first = away.served(who, "2025-01-06 09:00", "12:00", recorded="2025-03-05 09:00")
        second = away.served(who, "2025-01-06 11:00", "13:00")
        assert (first.outcome, second.outcome) == ("held", "held")
        assert (away.confirm(second.id), away.confirm(first.id)) == (120, 120)

        receipt = trip.accepted(trip.issued())

        foreign = [entry.facts["foreign_record"] for entry in receipt.entries[1:]]
        assert foreign == [second.id, first.id]
        assert ported(receipt) == [(120, 120), (120, 120)]
        assert trip.town.minutes(trip.here) == away.minutes(who) == 240

    def test_what_came_over_is_saved_where_it_was_recorded(self, trip: Trip) -> None:
        """Else the same hours would be saved time at both ledgers."""
        away, who = trip.origin, trip.there
        served = away.served(who, "2025-03-03 09:00", "12:00")
        away.deposit(who, served.id, 180)
        receipt = trip.accepted(trip.issued())
        record = receipt.entries[1].facts["record"]

        with trip.town.refuses("not_saved_here"):
            trip.town.deposit(trip.here, record, 180)
        assert (away.time(who), trip.town.time(trip.here)) == (180, 0)

    def test_nobody_is_paid_here_for_what_was_done_there(self, trip: Trip, bo: str) -> None:
        town = trip.town
        town.saved(bo, 180)
        order = town.accepted_order(bo, trip.here)
        for each in (town, trip.origin):
            each.clock.set("2025-03-13 09:00")
        trip.origin.served(trip.there, "2025-03-11 09:00", "10:00")
        receipt = trip.accepted(trip.issued())
        record = receipt.entries[1].facts["record"]

        with town.refuses("not_saved_here"):
            town.do(ReportOrderDone(order=order, record=record))


class TestNeverTwice:
    def test_the_same_statement_again_is_known(self, trip: Trip) -> None:
        trip.origin.served(trip.there, "2025-03-03 09:00", "12:00")
        file = trip.issued()
        trip.accepted(file)
        with trip.town.refuses("statement_known"):
            trip.accepted(file)
        # Nor does a newer one with nothing new in it bring anything.
        trip.origin.served(trip.origin.volunteer(), "2025-03-03 09:00", "12:00")
        with trip.town.refuses("statement_known"):
            trip.accepted(trip.issued())
        assert trip.town.minutes(trip.here) == 180

    def test_a_newer_statement_brings_only_what_is_new(self, trip: Trip) -> None:
        trip.origin.served(trip.there, "2025-03-03 09:00", "12:00")
        old = trip.issued()
        trip.origin.served(trip.there, "2025-03-05 09:00", "10:00")
        receipt = trip.accepted(trip.issued())
        assert (receipt.entry.facts["records"], receipt.entry.facts["known"]) == (2, 0)
        with trip.town.refuses("statement_known"):
            trip.accepted(old)
        trip.origin.served(trip.there, "2025-03-06 09:00", "10:00")
        receipt = trip.accepted(trip.issued())
        assert (receipt.entry.facts["records"], receipt.entry.facts["known"]) == (1, 2)
        assert trip.town.minutes(trip.here) == 300

    def test_an_older_statement_may_come_first(self, trip: Trip) -> None:
        trip.origin.served(trip.there, "2025-03-03 09:00", "12:00")
        old = trip.issued()
        trip.origin.served(trip.there, "2025-03-05 09:00", "10:00")
        trip.accepted(old)
        assert trip.town.minutes(trip.here) == 180
        trip.accepted(trip.issued())
        assert trip.town.minutes(trip.here) == 240

    def test_what_was_reversed_since_is_not_taken_away_by_itself(self, trip: Trip) -> None:
        first = trip.origin.served(trip.there, "2025-03-03 09:00", "12:00")
        trip.accepted(trip.issued())
        trip.origin.reverse(first.id)
        trip.origin.served(trip.there, "2025-03-05 09:00", "10:00")
        receipt = trip.accepted(trip.issued())
        assert (receipt.entry.facts["records"], receipt.entry.facts["known"]) == (1, 0)
        assert trip.town.minutes(trip.here) == 240

    def test_one_person_is_one_volunteer(self, trip: Trip, bo: str) -> None:
        trip.origin.served(trip.there, "2025-03-03 09:00", "12:00")
        trip.accepted(trip.issued())
        trip.origin.served(trip.there, "2025-03-05 09:00", "10:00")
        trip.town.consent(bo, "statement")
        newer = trip.issued()
        with trip.town.refuses("statement_of_another"):
            accepting(trip.town, bo, newer, trip.key)

    @scenario("""
        id                                | check_in | check_out | paid
        before it                         | 07:00    | 09:00     | 180
        until its middle                  | 08:00    | 10:00     | 120
        in its middle                     | 10:00    | 11:00     | 120
        all of it, and a minute beyond    | 08:59    | 12:01     | 0
        from its end on                   | 12:00    | 14:00     | 180
    """)
    def test_no_minute_that_is_covered_here_is_paid_again(
        self, trip: Trip, check_in: str, check_out: str, paid: int
    ) -> None:
        here = trip.town.served(trip.here, f"2025-03-03 {check_in}", check_out)
        trip.origin.served(trip.there, "2025-03-03 09:00", "12:00")
        assert ported(trip.accepted(trip.issued())) == [(180, paid)]
        assert trip.town.minutes(trip.here) == here.minutes + paid

    def test_a_held_record_here_covers_nothing_and_is_later_paid_what_is_left(
        self, trip: Trip
    ) -> None:
        trip.town.served(trip.here, "2025-03-03 08:00", "09:30")
        held = trip.town.served(trip.here, "2025-03-03 09:00", "13:00")
        assert held.outcome == "held"
        trip.origin.served(trip.there, "2025-03-03 09:00", "12:00")
        assert ported(trip.accepted(trip.issued())) == [(180, 150)]
        assert trip.town.confirm(held.id) == 60

    def test_two_statements_of_two_ledgers_share_no_minute(self, trip: Trip, ana: str) -> None:
        """The second brings what the first left: from wherever it comes."""
        trip.origin.served(trip.there, "2025-03-03 09:00", "12:00")
        trip.accepted(trip.issued())
        third = Mint()
        third.session("2025-03-03 11:00", minutes=180)
        receipt = accepting(trip.town, ana, third.file(), third.vkey)
        assert ported(receipt) == [(180, 120)]

    def test_no_day_has_more_than_its_minutes(self, trip: Trip) -> None:
        """Short sessions are lifted to an hour here, so a day can fill up before it is over."""
        trip.town.adopt(
            ("session_min = { value = 0", "session_min = { value = 60"),
            ("day_auto_limit = { value = 480", "day_auto_limit = { value = 1440"),
            ("day_review_limit = { value = 720", "day_review_limit = { value = 1440"),
        )
        for hour in range(20):
            trip.town.served(trip.here, f"2025-03-03 {hour:02d}:00", f"{hour:02d}:10")
        assert trip.town.minutes(trip.here) == 1_200
        mint = Mint()
        mint.session("2025-03-03 10:00", minutes=840)
        receipt = accepting(trip.town, trip.here, mint.file(), mint.vkey)
        assert ported(receipt) == [(840, 240)]
        assert trip.town.minutes(trip.here) == 1_440


class TestConsent:
    """I14: no sharing without consent; with it, every one is on file."""

    @scenario("""
        id                        | answer    | outcome
        I14 nothing was said      | none      | consent_missing
        I14 consent was refused   | refused   | consent_missing
        I14 consent was withdrawn | withdrawn | consent_missing
        I14 consent was given     | given     | shared
    """)
    @pytest.mark.parametrize("way", ["to an organisation", "from a ledger"])
    def test_records_are_shared_with_consent_alone_and_that_is_kept(
        self, town: Town, ana: str, way: str, answer: str, outcome: str
    ) -> None:
        purpose = "share_records" if way == "to an organisation" else "statement"
        if answer == "withdrawn":
            town.consent(ana, purpose)
        if answer != "none":
            town.consent(ana, purpose, answer)
        mint = Mint()
        mint.session(minutes=60)
        home = town.organisation()
        town.served(ana, "2025-03-05 09:00", "10:00")
        town.book.signer.sign()
        caller = organisation(town, home) if way == "to an organisation" else CONSOLE

        def share() -> None:
            if caller is CONSOLE:
                accepting(town, ana, mint.file(), mint.vkey)
            else:
                statements.issue(town.book, caller, volunteer=ana)

        if outcome == "shared":
            share()
            # Three years later the row is still there, whatever the timers did.
            town.clock.forward(days=3 * 366)
            timers.sweep(town.book, town.clock.ms)
            assert (caller.party, ana, "sharing") in looks(town)
        else:
            # Somebody else's volunteer is, without consent, not even there.
            with town.refuses(outcome if caller is CONSOLE else "unknown_party"):
                share()

    def test_nothing_comes_over_without_consent(self, trip: Trip, bo: str) -> None:
        trip.origin.served(trip.there, "2025-03-03 09:00", "12:00")
        file = trip.issued()
        with trip.town.refuses("consent_missing"):
            accepting(trip.town, bo, file, trip.key)
        trip.town.consent(trip.here, "statement", "withdrawn")
        with trip.town.refuses("consent_missing"):
            trip.accepted(file)
        trip.town.consent(trip.here, "statement")
        trip.accepted(file)
        assert (account.CONSOLE, trip.here, "sharing") in looks(trip.town)

    def test_another_organisation_takes_records_only_with_consent(
        self, town: Town, ana: str
    ) -> None:
        town.served(ana, "2025-03-03 09:00", "12:00")
        town.book.signer.sign()
        other = town.organisation()
        caller = organisation(town, other)
        with town.refuses("unknown_party"):
            statements.issue(town.book, caller, volunteer=ana)
        town.consent(ana, "share_records", party=f"organisation:{other}")
        issued = statements.issue(town.book, caller, volunteer=ana)
        assert issued.minutes == 180
        assert (caller.party, ana, "sharing") in looks(town)
        third = organisation(town, town.organisation())
        with town.refuses("unknown_party"):
            statements.issue(town.book, third, volunteer=ana)
        town.consent(ana, "share_records", "withdrawn", party=f"organisation:{other}")
        with town.refuses("unknown_party"):
            statements.issue(town.book, caller, volunteer=ana)

    def test_ones_own_organisation_needs_it_too(self, town: Town) -> None:
        home = town.organisation()
        who = town.volunteer(organisation=home)
        town.served(who, "2025-03-03 09:00", "12:00")
        town.book.signer.sign()
        caller = organisation(town, home)
        with town.refuses("consent_missing"):
            statements.issue(town.book, caller, volunteer=who)
        town.consent(who, "share_records")
        statements.issue(town.book, caller, volunteer=who)

    def test_a_volunteer_takes_their_own_and_nobody_elses(
        self, town: Town, ana: str, bo: str
    ) -> None:
        town.served(ana, "2025-03-03 09:00", "12:00")
        town.book.signer.sign()
        statements.issue(town.book, themselves(town, ana), volunteer=ana)
        town.consent(ana, "share_records")
        with town.refuses("unknown_party"):
            statements.issue(town.book, themselves(town, bo), volunteer=ana)

    def test_an_organisation_brings_no_key_of_its_own(self, trip: Trip) -> None:
        home = trip.town.organisation()
        caller = organisation(trip.town, home)
        who, other = (trip.town.volunteer(organisation=home) for _ in range(2))
        mine, theirs = Mint(), Mint()
        for day, mint in ((3, mine), (4, theirs)):
            trip.town.consent(who if mint is mine else other, "statement")
            mint.session(f"2025-03-0{day} 09:00", minutes=60)
        with trip.town.refuses("origin_not_known"):
            accepting(trip.town, who, mine.file(), mine.vkey, caller=caller)
        accepting(trip.town, who, mine.file(), mine.vkey)
        mine.session("2025-03-05 09:00", minutes=60)
        accepting(trip.town, who, mine.file(), mine.vkey, caller=caller)
        with trip.town.refuses("origin_not_known"):
            accepting(trip.town, other, theirs.file(), theirs.vkey, caller=caller)
        # Not for somebody who is not theirs.
        with trip.town.refuses("unknown_party"):
            accepting(trip.town, trip.here, mine.file(), mine.vkey, caller=caller)


def organisation(town: Town, which: str) -> Caller:
    """An organisation with a token."""
    return Caller(party=f"organisation:{which}", role="organisation", credential=town.new())


def themselves(town: Town, who: str) -> Caller:
    """A volunteer with a token."""
    return Caller(party=account.volunteer(who), role="volunteer", credential=town.new())


def looks(town: Town) -> set[tuple[str, str, str]]:
    """(by, subject, purpose) of every row of the access log."""
    return {(by, who, why) for _, _, by, who, why in town.book.vault.store.access_rows(0)}


# What holds and what does not --------------------------------------------------------------------


_seeds = itertools.count(1)


class Mint:
    """A ledger small enough to be forged: entries, keys and checkpoint of a test's own."""

    def __init__(self, seed: bytes = b"") -> None:
        seed = seed or sha256(str(next(_seeds)).encode()).digest()
        self.origin = f"mint.example/log/{seed.hex()[:16]}"
        self.log = Ed25519Signer(self.origin, sha256(seed + b"log").digest())
        self.manifest = Ed25519Signer(f"{self.origin}/manifest", sha256(seed + b"man").digest())
        self.volunteer = "v" * 16
        self.entries: list[bytes] = []
        self.records = 0
        self.minutes = {"check_in": 0, "backfill": 0}
        self.add(
            "genesis",
            {
                "hash": "sha256",
                "log_key": self.log.public_key.hex(),
                "ack_key": "0" * 64,
                "manifest_key": self.manifest.public_key.hex(),
            },
        )

    @property
    def vkey(self) -> str:
        return self.log.vkey

    def add(
        self,
        kind: str,
        facts: dict[str, Any],
        postings: Any = (),
        *,
        instead: dict[str, Any] | None = None,
    ) -> None:
        """An entry; `instead` are fields that a test wants otherwise."""
        fields = {
            "v": 1,
            "origin": self.origin,
            "index": len(self.entries),
            "prev": "0" * 64,
            "time": 1_741_568_400_000,
            "kind": kind,
            "actor": "console",
            "auth": "",
            "idem": {"key": "0" * 32, "request": "0" * 32, "part": 0, "parts": 1},
            "salt": "0" * 32,
            "rules": 1,
            "policy": "none",
            "facts": facts,
            "postings": list(postings),
            **(instead or {}),
        }
        self.entries.append(canonical(fields))

    def facts(self, check_in: str, *, minutes: int, **given: Any) -> dict[str, Any]:
        start = at(check_in)
        return {
            "record": f"{len(self.entries):016d}",
            "volunteer": self.volunteer,
            "organisation": "0" * 16,
            "activity": "a" * 16,
            "evidence": "check_in",
            "starts": start,
            "ends": start + minutes * MINUTE_MS,
            "check_in": start,
            "check_out": start + minutes * MINUTE_MS,
            "deducted_minutes": 0,
            "recorder": "1" * 16,
            "approver": "2" * 16,
            "recorded": start + minutes * MINUTE_MS,
            "minutes": minutes,
            "outcome": "effective",
            "reasons": "",
            "calendar": "cn",
            "corrects": "",
            **given,
        }

    def session(
        self, check_in: str = "2025-03-03 09:00", *, minutes: int = 60, **given: Any
    ) -> str:
        """A record; `given` may change its facts."""
        facts = self.facts(check_in, minutes=minutes, **given)
        postings = []
        if facts["outcome"] == "effective":
            postings = self.brings(facts["minutes"], evidence=facts["evidence"])
            self.records += 1
            self.minutes[facts["evidence"]] += facts["minutes"]
        self.add("service_recorded", facts, postings)
        return str(facts["record"])

    def brings(self, minutes: int, *, evidence: str = "check_in", **given: Any) -> list[Any]:
        posting = {
            "source": "issuer:service",
            "destination": f"volunteer:{self.volunteer}:service:{evidence}",
            "asset": "SERVICE",
            "amount": minutes,
            **given,
        }
        return [posting]

    @property
    def root(self) -> bytes:
        return tree_root(len(self.entries), self._subtree)

    def proven(self, *indexes: int) -> list[Proven]:
        """These entries with their ways to the root."""
        size = len(self.entries)
        return [
            Proven(index, self.entries[index], inclusion_proof(index, size, self._subtree))
            for index in indexes
        ]

    def _subtree(self, level: int, index: int) -> bytes:
        part = Frontier()
        for data in self.entries[index << level : (index + 1) << level]:
            part.append(leaf_hash(data))
        return part.root()

    def file(self, **given: Any) -> bytes:
        """A statement of all that is there; `given` may say something else than what is true."""
        size = len(self.entries)
        checkpoint = Checkpoint(origin=self.origin, size=size, root=self.root)
        told: dict[str, Any] = {
            "origin": self.origin,
            "size": size,
            "volunteer": self.volunteer,
            "records": self.records,
            "minutes": self.minutes,
            "checkpoint": sign_note(checkpoint.text(), [self.log]),
            "entries": self.proven(*range(size)),
            "signer": self.manifest,
            **given,
        }
        return build(**told)

    def open(self, file: bytes | None = None, *, key: str = "") -> Statement:
        return open_statement(
            self.file() if file is None else file,
            log=Ed25519Verifier.from_vkey(key or self.vkey),
            verifier=Ed25519Verifier,
        )


def refused(act: Callable[[], Any]) -> str:
    """In which part a statement is refused."""
    with pytest.raises(Refused) as caught:
        act()
    assert caught.value.code == "statement_invalid", caught.value
    return str(caught.value.facts["part"])


@pytest.fixture
def mint() -> Mint:
    """Three records, one of them held and confirmed; entry 4 is none that is told."""
    made = Mint(b"seed" * 8)
    made.session("2025-03-03 09:00", minutes=120)
    made.session("2025-03-04 09:00", minutes=60, evidence="backfill")
    held = made.session("2025-03-03 10:00", minutes=120, outcome="held", reasons="overlap")
    made.add("party_left", {"party": "console", "reason": ""})
    made.add(
        "service_confirmed",
        {"record": held, "volunteer": made.volunteer, "organisation": "0" * 16, "minutes": 60},
        made.brings(60),
    )
    made.records, made.minutes["check_in"] = 3, 180
    return made


class TestTheFile:
    def test_what_holds_is_told(self, mint: Mint) -> None:
        file = mint.file(entries=mint.proven(0, 1, 2, 3, 5))
        opened = mint.open(file)
        assert opened.digest == sha256(file).hexdigest()
        assert (opened.origin, opened.volunteer, opened.size) == (mint.origin, "v" * 16, 6)
        assert opened.minutes == {"check_in": 180, "backfill": 60}
        assert [each.minutes for each in opened.records] == [120, 60, 60]
        assert opened.records[0].hash == leaf_hash(mint.entries[1]).hex()

    def test_it_is_text_that_people_can_look_at(self, mint: Mint) -> None:
        lines = mint.file(entries=mint.proven(0, 1, 2, 3, 5)).decode().split("\n")
        assert lines[:8] == [
            "sidereal/statement@v1",
            mint.origin,
            "6",
            "v" * 16,
            "records 3",
            "check_in 180",
            "backfill 60",
            lines[7],
        ]
        assert lines[7].startswith("body ")
        assert (lines[8], lines[10]) == ("", "")
        assert lines[9].startswith(f"— {mint.origin}/manifest ")
        assert lines[11].startswith("checkpoint ")

    def test_no_byte_can_be_another_and_none_be_missing(self, mint: Mint) -> None:
        file = mint.file(entries=mint.proven(0, 1, 2, 3, 5))
        mint.open(file)
        for place in range(len(file)):
            for changed in (
                file[:place] + bytes([file[place] ^ 1]) + file[place + 1 :],
                file[:place] + file[place + 1 :],
            ):
                refused(lambda changed=changed: mint.open(changed))  # type: ignore[misc]
        for tail in (b"\n", b"x", b" "):
            refused(lambda tail=tail: mint.open(file + tail))  # type: ignore[misc]

    @scenario("""
        id                                   | change                | part
        the header counts one record more    | records=4             | sums
        or one fewer                         | records=2             | sums
        a minute too many                    | check_in=181          | sums
        minutes of the other evidence        | swapped               | sums
        another size                         | size=5                | checkpoint
        another volunteer                    | volunteer=other       | entries
        a volunteer that is none             | volunteer=none        | header
        another origin                       | origin                | checkpoint
        signed by the log key                | signer=log            | signature
        signed by a stranger                 | signer=stranger       | signature
        a checkpoint of a stranger           | checkpoint=stranger   | checkpoint
        a checkpoint that is none            | checkpoint=none       | checkpoint
        no genesis                           | entries=1 2 3 5       | genesis
        nothing at all                       | entries=              | genesis
        an entry twice                       | entries=0 1 1 2 3 5   | entries
        out of order                         | entries=0 2 1 3 5     | entries
        a record left out                    | entries=0 2 3 5       | sums
        held and never confirmed             | entries=0 1 2 3       | entries
        confirmed without a record           | entries=0 1 2 5       | entries
        a kind that is not told              | entries=0 1 2 3 4 5   | entries
    """)
    def test_whoever_has_the_manifest_key_can_still_not_say_what_is_not_so(
        self, mint: Mint, change: str, part: str
    ) -> None:
        what, _, value = change.partition("=")
        stranger = Mint(b"stranger" * 4)
        given: dict[str, Any] = {"entries": mint.proven(0, 1, 2, 3, 5)}
        match what:
            case "records" | "size":
                given[what] = int(value)
            case "check_in":
                given["minutes"] = {**mint.minutes, "check_in": int(value)}
            case "swapped":
                given["minutes"] = {"check_in": 60, "backfill": 180}
            case "volunteer":
                given["volunteer"] = {"other": "w" * 16, "none": "nobody"}[value]
            case "origin":
                given["origin"] = stranger.origin
            case "signer":
                given["signer"] = mint.log if value == "log" else stranger.manifest
            case "checkpoint":
                told = Checkpoint(origin=mint.origin, size=6, root=bytes(32))
                given["checkpoint"] = (
                    sign_note(told.text(), [stranger.log]) if value == "stranger" else b"none\n"
                )
            case "entries":
                given["entries"] = mint.proven(*map(int, value.split()))
        assert refused(lambda: mint.open(mint.file(**given))) == part

    @scenario("""
        id                                 | facts
        a session of another person        | {"volunteer": "wwwwwwwwwwwwwwww"}
        no minutes                         | {"minutes": 0}
        fewer than none                    | {"minutes": -60}
        a day and a minute                 | {"check_out": 1741051260000}
        out before in                      | {"check_out": 1740963600000}
        before there were rules            | {"check_in": 946684799999}
        a year that cannot be              | {"check_in": 9007199254740991}
        a kind of evidence that is none    | {"evidence": "hearsay"}
        an organisation that is none       | {"organisation": ""}
        an id that is none                 | {"record": "../../etc/passwd"}
        a fact of another type             | {"check_in": "1740963600000"}
        a yes for a number                 | {"deducted_minutes": true}
        a fact too many                    | {"more": 1}
    """)
    def test_an_entry_of_the_log_may_still_be_no_session(self, facts: str) -> None:
        mint = Mint(b"seed" * 8)
        told = {**mint.facts("2025-03-03 09:00", minutes=60), **json.loads(facts)}
        evidence = str(told["evidence"])
        minutes = told["minutes"]
        mint.add("service_recorded", told, mint.brings(minutes, evidence=evidence))
        mint.records, mint.minutes["check_in"] = 1, max(0, minutes)
        assert refused(mint.open) in ("entries", "sums")

    @scenario("""
        id                          | postings
        none at all                 | []
        a minute more               | [{"amount": 61}]
        true is not one             | [{"amount": true}]
        out of somebody's account   | [{"source": "volunteer:vvvvvvvvvvvvvvvv:time"}]
        to somebody else            | [{"destination": "volunteer:wwwwwwwwwwwwwwww:time"}]
        twice                       | [{}, {}]
        no list                     | {"asset": "SERVICE"}
        a list of nothing           | [null]
    """)
    def test_minutes_are_what_the_postings_brought(self, postings: str) -> None:
        mint = Mint(b"seed" * 8)
        told: Any = json.loads(postings)
        if isinstance(told, list):
            told = [mint.brings(60)[0] | each if each is not None else "x" for each in told]
        facts = mint.facts("2025-03-03 09:00", minutes=60)
        mint.add("service_recorded", facts, instead={"postings": told})
        mint.records, mint.minutes["check_in"] = 1, 60
        assert refused(mint.open) == "entries"

    @scenario("""
        id                  | fields
        another version     | {"v": 2}
        true is not one     | {"v": true}
        another ledger      | {"origin": "elsewhere.example/log/0"}
        another place       | {"index": 7}
        a field too many    | {"more": 1}
        facts that are none | {"facts": []}
        a kind that is none | {"kind": ["service_recorded"]}
    """)
    def test_an_entry_is_one_of_this_log_at_this_place(self, fields: str) -> None:
        mint = Mint(b"seed" * 8)
        facts = mint.facts("2025-03-03 09:00", minutes=60)
        mint.add("service_recorded", facts, mint.brings(60), instead=json.loads(fields))
        mint.records, mint.minutes["check_in"] = 1, 60
        assert refused(mint.open) == "entries"

    @pytest.mark.parametrize(
        "data",
        [
            b"",
            b"null",
            b"{}",
            b"{",
            b'{"a": 1}',
            b"[" * 100_000,
            b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
            b"1" * 5_000,
            b'{"a":1.5}',
            b'"\\ud800"',
            bytes(range(256)),
            b"\x00" * 70_000,
        ],
        ids=lambda data: f"{len(data)} bytes {data[:8]!r}",
    )
    def test_what_stands_in_the_log_may_be_anything(self, data: bytes) -> None:
        mint = Mint(b"seed" * 8)
        mint.entries.append(data)
        assert refused(mint.open) == "entries"

    def test_a_confirmation_pays_no_more_than_was_recorded(self, mint: Mint) -> None:
        entry = json.loads(mint.entries[5])
        entry["facts"]["minutes"] = entry["postings"][0]["amount"] = 121
        mint.entries[5] = canonical(entry)
        mint.minutes["check_in"] = 241
        file = mint.file(entries=mint.proven(0, 1, 2, 3, 5))
        assert refused(lambda: mint.open(file)) == "entries"

    def test_the_key_must_be_the_logs_first(self, mint: Mint) -> None:
        other = Ed25519Signer(mint.origin, bytes(range(32)))
        file = mint.file(entries=mint.proven(0, 1, 2, 3, 5))
        assert refused(lambda: mint.open(file, key=other.vkey)) == "checkpoint"
        # A checkpoint under another key does not make another genesis.
        mint.log = other
        file = mint.file(entries=mint.proven(0, 1, 2, 3, 5))
        assert refused(lambda: mint.open(file)) == "genesis"

    def test_it_is_never_too_long(self, mint: Mint) -> None:
        assert refused(lambda: mint.open(b"x" * (STATEMENT_BYTES_MAX + 1))) == "size"
        long = mint.file(entries=mint.proven(0, 1, 2, 3, 5))
        padded = long + b"A" * (STATEMENT_BYTES_MAX - len(long))
        assert refused(lambda: mint.open(padded)) == "body"

    @pytest.mark.parametrize(
        ("line", "part"),
        [
            ("entry 01 e30=", "entries"),
            ("entry 1 e30", "entries"),
            ("entry 1 e31=", "entries"),
            ("entry 1 e30= more", "entries"),
            ("entry -1 e30=", "entries"),
            ("entry ", "entries"),
            ("entry 9999999999999999 e30=", "entries"),
            ("entry 99999999999999999 e30=", "entries"),
            ("c2hvcnQ=", "entries"),
            ("checkpoint e30=", "entries"),
            (" ", "entries"),
            ("é", "body"),
        ],
    )
    def test_a_line_that_is_not_as_it_should_be(self, mint: Mint, line: str, part: str) -> None:
        file = mint.file(entries=mint.proven(0, 1, 2, 3, 5))
        note, body = file.split(b"\nbody ")[0], file.split(b"\n\n", 2)[2]
        body += line.encode() + b"\n"
        text = note.decode() + f"\nbody {sha256(body).hexdigest()}\n"
        again = sign_note(text, [mint.manifest]) + b"\n" + body
        assert refused(lambda: mint.open(again)) == part

    def test_more_hashes_than_any_way_has(self, mint: Mint) -> None:
        first, *rest = mint.proven(0, 1, 2, 3, 5)
        for count, part in ((63, "entries"), (64, "body")):
            long = first._replace(hashes=[bytes(32)] * count)
            file = mint.file(entries=[long, *rest])
            assert refused(lambda file=file: mint.open(file)) == part  # type: ignore[misc]

    @given(st.binary(max_size=600))
    def test_strange_bytes_are_refused_and_nothing_else(self, strange: bytes) -> None:
        mint = Mint(b"seed" * 8)
        refused(lambda: mint.open(strange))
        body = b"checkpoint " + b64encode(strange) + b"\n" + strange + b"\n"
        text = "\n".join(
            [
                *(statement.FORMAT, mint.origin, "1", "v" * 16, "records 0"),
                *("check_in 0", "backfill 0", f"body {sha256(body).hexdigest()}", ""),
            ]
        )
        refused(lambda: mint.open(sign_note(text, [mint.manifest]) + b"\n" + body))


class TestAtTheDoor:
    def test_ones_own_statement_is_refused(self, town: Town, ana: str) -> None:
        town.served(ana, "2025-03-03 09:00", "12:00")
        town.consent(ana, "statement")
        town.book.signer.sign()
        file = statements.issue(town.book, CONSOLE, volunteer=ana).statement
        with town.refuses("own_statement"):
            accepting(town, ana, file, town.book.keys.log.vkey)

    @pytest.mark.parametrize("key", ["", "x", "a+b+c", "ledger.example+00000000+AAAA", "é+1+1"])
    def test_a_key_that_is_none(self, town: Town, ana: str, key: str) -> None:
        assert refused(lambda: accepting(town, ana, b"", key)) == "key"

    def test_a_forged_statement_leaves_nothing_behind(self, town: Town, ana: str) -> None:
        town.consent(ana, "statement")
        mint = Mint()
        mint.session(minutes=60)
        file = mint.file()
        before = town.size()
        assert refused(lambda: accepting(town, ana, file[:-2] + b"\n", mint.vkey)) == "body"
        assert town.size() == before

    def test_a_session_that_is_not_over_is_none(self, town: Town, ana: str) -> None:
        town.consent(ana, "statement")
        mint = Mint()
        mint.session("2025-03-10 08:30", minutes=30)
        accepting(town, ana, mint.file(), mint.vkey)
        mint.session("2025-03-10 08:31", minutes=30)
        with town.refuses("statement_invalid"):
            accepting(town, ana, mint.file(), mint.vkey)

    def test_whoever_is_not_active_gets_nothing(self, town: Town, ana: str) -> None:
        town.consent(ana, "statement")
        town.suspend(ana)
        mint = Mint()
        mint.session(minutes=60)
        with town.refuses("party_not_active"):
            accepting(town, ana, mint.file(), mint.vkey)

    def test_a_record_stands_once_in_an_action(self, town: Town, ana: str) -> None:
        """The door's parser sees to it; the decision does not rely on that."""
        town.consent(ana, "statement")
        one = PortedRecord(
            record=town.new(),
            foreign_record=town.new(),
            foreign_hash="0" * 64,
            evidence="check_in",
            starts=at("2025-03-03 09:00"),
            ends=at("2025-03-03 10:00"),
            check_in=at("2025-03-03 09:00"),
            check_out=at("2025-03-03 10:00"),
            minutes=60,
        )
        town.do(
            AcceptStatement(
                statement="0" * 64,
                volunteer=ana,
                origin="1" * 64,
                key="2" * 64,
                size=2,
                records=(one, replace(one, record=town.new())),
            )
        )
        assert town.minutes(ana) == 60


# Over HTTP, and at the command line ---------------------------------------------------------------


@pytest.fixture
def site(town: Town) -> Site:
    return Site(town.book, town.clock)


class TestOverHttp:
    def test_a_volunteer_takes_it_and_another_ledger_accepts_it(
        self, site: Site, elsewhere: Town
    ) -> None:
        away = Site(elsewhere.book, elsewhere.clock)
        there, here = Cast(away), Cast(site)
        there.served("2025-03-03 09:00", "12:00", evidence="backfill")
        elsewhere.book.signer.sign()
        path = f"/volunteers/{there.ana}/statement"
        taken = away.get(there.ana_token, path)
        assert (taken.status, taken["records"], taken["minutes"]) == (200, 1, 180)
        assert taken["has_more"] is False
        bare = away.get(there.ana_token, path, Accept="text/plain")
        assert bare.text == taken["statement"]
        body = {"statement": taken["statement"], "key": elsewhere.book.keys.log.vkey}
        path = f"/volunteers/{here.ana}/statements"
        answer = site.post(site.operator, path, body)
        assert (answer.status, answer.code) == (409, "consent_missing")
        agreed = {"purpose": "statement", "answer": "given"}
        site.made(here.ana_token, f"/volunteers/{here.ana}/consents", agreed)
        answer = site.post(here.host, path, body)
        assert (answer.status, answer.code) == (409, "origin_not_known")
        made = site.made(site.operator, path, body)
        assert (made["kind"], made["records"], made["known"]) == ("statement_accepted", 1, 0)
        again = site.post(here.host, path, body)
        assert (again.status, again.code) == (409, "statement_known")
        (record,) = site.get(here.ana_token, "/service-records")["data"]
        assert (record["paid_minutes"], record["organisation"]) == (180, "")
        # A newer one: from now on the organisation may accept it for its own volunteers.
        there.served("2025-03-05 09:00", "10:00", evidence="backfill")
        elsewhere.book.signer.sign()
        newer = away.get(there.ana_token, f"/volunteers/{there.ana}/statement")["statement"]
        made = site.made(here.host, path, body | {"statement": newer})
        assert (made["records"], made["known"]) == (1, 1)

    def test_what_cannot_be_accepted_says_where_it_fails(self, site: Site) -> None:
        here = Cast(site)
        mint = Mint()
        mint.session(minutes=60)
        path = f"/volunteers/{here.ana}/statements"
        text = mint.file().decode()
        for sent, key, code, part in (
            (text, "x", "statement_invalid", "key"),
            ("", mint.vkey, "statement_invalid", "header"),
            (text + "\n", mint.vkey, "statement_invalid", "body"),
            (text.replace("records 1", "records 2"), mint.vkey, "statement_invalid", "signature"),
            ("x" * (STATEMENT_BYTES_MAX + 1), mint.vkey, "statement_invalid", "size"),
        ):
            answer = site.post(site.operator, path, {"statement": sent, "key": key})
            assert (answer.status, answer.code) == (422, code), answer.text
            assert answer["facts"] == {"part": part}
        answer = site.post(site.operator, path, {"statement": 7, "key": mint.vkey})
        assert (answer.status, answer.code) == (422, "wrong_type")
        answer = site.post(site.operator, path, {"statement": "x" * 1_100_000, "key": mint.vkey})
        assert (answer.status, answer.code) == (413, "body_too_large")

    def test_an_organisation_reads_it_with_consent_only(self, site: Site) -> None:
        cast = Cast(site)
        cast.served("2025-03-03 09:00", "12:00", evidence="backfill")
        site.book.signer.sign()
        path = f"/volunteers/{cast.ana}/statement"
        other = site.organisation()
        token = site.organisation_token(other)
        assert site.get(token, path).code == "unknown_party"
        assert site.get(cast.host, path).code == "consent_missing"
        agreed = {
            "purpose": "share_records",
            "answer": "given",
            "party": f"organisation:{other}",
        }
        site.made(cast.ana_token, f"/volunteers/{cast.ana}/consents", agreed)
        assert site.get(token, path)["minutes"] == 180
        assert site.get(cast.host, path).code == "consent_missing"
        stranger = site.volunteer_token(site.volunteer())
        assert site.get(stranger, path).code == "unknown_party"


class Shell:
    """`sidereal` on one ledger."""

    def __init__(self, home: Path) -> None:
        self.environment = {
            "SIDEREAL_HOME": str(home),
            "SIDEREAL_DATABASE_URL": "",
            "SIDEREAL_VAULT_URL": "",
        }

    def __call__(self, *words: str, code: int = 0) -> Result:
        result = CliRunner(env=self.environment).invoke(main, words)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == code, result.output
        return result


def test_at_the_command_line(tmp_path: Path) -> None:
    """Exported from one home, checked and accepted in another."""
    homes = [tmp_path / "one", tmp_path / "two"]
    shells = [Shell(home) for home in homes]
    people = []
    for home, shell in zip(homes, shells, strict=True):
        shell("init")
        book = open_book(
            home,
            database_url=f"sqlite:///{home}/ledger.db",
            vault_url=f"sqlite:///{home}/vault.db",
        )
        clock = FakeClock(TODAY)
        town = Town(book, clock)
        people.append(town.volunteer())
        if home is homes[0]:
            town.served(people[0], "2025-03-03 09:00", "12:00")
            key = book.keys.log.vkey
        else:
            town.consent(people[1], "statement")
        book.close()
    file = tmp_path / "statement.txt"
    out = shells[0]("statement", "export", people[0], "--out", str(file)).stdout
    assert "1 records, 3 h 0 min" in out
    assert key in out
    assert file.stat().st_mode & 0o077 == 0
    again = shells[0]("statement", "export", people[0], "--out", str(file), code=1)
    assert again.stderr.startswith("file_exists: ")
    new = tmp_path / "other.txt"
    shells[0]("statement", "export", "0" * 16, "--out", str(new), code=1)
    assert not new.exists()

    checked = shells[1]("statement", "accept", str(file), "--key", key).stdout
    assert "nothing was recorded" in checked
    words = ("statement", "accept", str(file), "--key", key, "--volunteer", people[1])
    done = shells[1](*words).stdout
    assert "1 records came over and brought 3 h 0 min; 0 had come before" in done
    again = shells[1](*words, code=1)
    assert (again.stdout, again.stderr.split(":")[0]) == ("", "statement_known")
    numbers = json.loads(shells[1]("standing", people[1], "--json").stdout)
    assert numbers["service_minutes"] == 180


def test_the_format_is_what_it_was() -> None:
    """The vector is a file of version 1, which every later release must open."""
    mint = Mint(b"vector" * 6)
    mint.session("2025-03-03 09:00", minutes=120)
    mint.session("2025-03-04 09:00", minutes=60, evidence="backfill")
    vector = (Path(__file__).parent / "vectors" / "statement-1.txt").read_bytes()
    assert mint.file() == vector
    assert mint.open(vector).minutes == {"check_in": 120, "backfill": 60}


def test_what_was_hashed_is_what_is_carried(elsewhere: Town) -> None:
    """The entries in the file are the stored bytes."""
    who = elsewhere.volunteer()
    served = elsewhere.served(who, "2025-03-03 09:00", "12:00")
    elsewhere.book.signer.sign()
    file = statements.issue(elsewhere.book, CONSOLE, volunteer=who).statement
    with elsewhere.book.database.reading() as connection:
        (stored,) = journal.read_data(connection, served.entry.index, 1)
    assert f"entry {served.entry.index} {b64encode(stored).decode()}\n".encode() in file
