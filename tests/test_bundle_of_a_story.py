"""The writer and the verifier agree about every kind of posting, in one long story."""

from __future__ import annotations

from pathlib import Path

from audit.note import parse_key
from audit.verify import verify
from ledger.book import Book
from ledger.export import export_bundle
from tests.kit import Ledger, Town


def everything_is_told(ledger: Ledger, town: Town, ana: str, bo: str) -> None:
    """Earn, hold, confirm, correct, save past the cap, give, donate, reserve, take part of it,
    give back, expire, take back what was spent, repay: each leaves what the verifier allows."""
    till = town.till()
    first = town.served(ana, "2024-03-04 09:00", "12:00")
    late = town.served(ana, "2024-03-05 09:00", "18:00")
    town.confirm(late.id)
    town.deposit(ana, first.id, 120)
    town.saved(ana, 90_000, since="2015-01-05")
    town.deposit(ana, late.id, 540)
    town.give(ana, bo, 60)
    town.donate(ana, 30)
    coffee = town.reward(till)
    town.release(town.reserve(ana, coffee), ana)
    town.capture(town.reserve(ana, coffee, 3), till, 1)
    overdue = town.reserve(ana, coffee)
    ledger.clock.forward(days=2)
    town.expire(overdue)
    order = town.service_order(till, price=60)
    town.capture(town.reserve(ana, order), till)
    # Bo spends all that one session brought, and the session is taken back.
    spent = town.served(bo, "2024-03-06 09:00", "11:00")
    town.deposit(bo, spent.id, 120)
    town.donate(bo, 180)
    kept = town.reserve(bo, coffee, 2)
    town.reverse(spent.id)
    assert town.owed(bo) == 200
    town.release(kept, bo)
    again = town.served(bo, "2024-03-07 09:00", "10:00")
    town.correct(again.id, town.session(bo, "2024-03-07 09:00", "09:45"))
    town.reverse(late.id)


def test_a_story_with_every_turn_is_verified(
    ledger: Ledger, book: Book, town: Town, ana: str, bo: str, tmp_path: Path
) -> None:
    """What the writer wrote, the verifier allows."""
    everything_is_told(ledger, town, ana, bo)
    book.signer.sign()

    export_bundle(book, tmp_path / "bundle", at=ledger.clock.now_ms())
    verdict = verify(tmp_path / "bundle", parse_key(book.keys.log.vkey))

    # The reason stands first in a failure: it says where writer and verifier part.
    assert verdict.reason.startswith("Every check passed")
    assert verdict.exit_code == 0
