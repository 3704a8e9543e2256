"""Whoever edits a balance cannot spend it, and the books can be put right (trust §4)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import create_engine, text

from ledger import account
from ledger.book import Book, Caller
from ledger.door import time_bank, vouchers
from ledger.door.asking import Asking
from ledger.errors import Refused
from ledger.store.rebuilding import differences, rebuild
from tests.kit import Ledger, Town


def edited(ledger: Ledger, statement: str, **values: object) -> None:
    """What an insider does to the tables, past the ledger."""
    engine = create_engine(ledger.database_url)
    with engine.begin() as connection:
        assert connection.execute(text(statement), values).rowcount == 1
    engine.dispose()


def asking(book: Book, volunteer: str, key: str) -> Asking:
    caller = Caller(party=account.volunteer(volunteer), role="volunteer", credential=book.new_id())
    return Asking(book=book, caller=caller, key=key, request=key.encode())


@pytest.fixture
def rich(town: Town, ana: str) -> str:
    """Ana has served two hours and may spend two points."""
    town.served(ana, "2025-03-07 09:00", "11:00")
    return ana


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(Refused) as no:
        act()
    return no.value.code


def test_points_that_no_entry_gave_cannot_be_reserved(
    ledger: Ledger, book: Book, town: Town, rich: str
) -> None:
    ledger.tampered = True
    reward = town.reward(town.till())
    edited(
        ledger,
        "UPDATE balances SET amount = amount + 50000 WHERE owner = :owner AND asset = 'POINT'"
        " AND purse LIKE 'points:%'",
        owner=account.volunteer(rich),
    )

    def take() -> None:
        vouchers.reserve(asking(book, rich, "k" * 16), reward=reward)

    assert refused(take) == "account_stopped"
    # Not even what is theirs, until the operator has counted again.
    ledger.close()
    book = ledger.open()
    with book.database.snapshot() as connection:
        size = connection.execute(text("SELECT size FROM head")).scalar_one()
    assert [each.table for each in differences(book.database, book.origin)] == ["balances"]
    assert rebuild(book.database, book.origin) == size
    assert list(differences(book.database, book.origin)) == []
    receipt = vouchers.reserve(asking(book, rich, "l" * 16), reward=reward)
    assert receipt.entry.kind == "redemption_reserved"


def test_time_that_no_entry_gave_cannot_be_donated(ledger: Ledger, book: Book, rich: str) -> None:
    ledger.tampered = True
    engine = create_engine(ledger.database_url)
    with engine.begin() as connection:
        connection.execute(
            text("INSERT INTO balances VALUES (:owner, 'time', 'TIME', 600)"),
            {"owner": account.volunteer(rich)},
        )
    engine.dispose()

    def give() -> None:
        time_bank.donate(asking(book, rich, "k" * 16), pool="platform", minutes=60)

    assert refused(give) == "account_stopped"


def test_an_honest_balance_is_spent_without_a_word(book: Book, town: Town, rich: str) -> None:
    reward = town.reward(town.till())
    receipt = vouchers.reserve(asking(book, rich, "k" * 16), reward=reward)
    assert receipt.entry.facts["amount"] == 100


def test_a_rebuild_says_what_entries_say_however_wrong(
    ledger: Ledger, book: Book, town: Town, rich: str
) -> None:
    """Spent past the door, the false points leave a balance below zero that is not hidden."""
    ledger.tampered = True
    reward = town.reward(town.till(), price=10_000)
    ledger.close()
    edited(
        ledger,
        "UPDATE balances SET amount = amount + 50000 WHERE owner = :owner AND asset = 'POINT'"
        " AND purse LIKE 'points:%'",
        owner=account.volunteer(rich),
    )
    book = ledger.open()
    Town(book, ledger.clock).reserve(rich, reward)

    assert rebuild(book.database, book.origin) > 0

    assert list(differences(book.database, book.origin)) == []
    assert book.standing(rich).points_hundredths == 0
    with book.database.snapshot() as connection:
        lowest = connection.execute(
            text("SELECT min(amount) FROM balances WHERE owner LIKE 'volunteer:%'")
        ).scalar_one()
    assert lowest == 200 - 10_000


def test_entries_past_the_head_stop_the_start_and_the_signature(ledger: Ledger, book: Book) -> None:
    ledger.tampered = True
    with book.database.snapshot() as connection:
        size = connection.execute(text("SELECT size FROM head")).scalar_one()
    edited(
        ledger,
        "INSERT INTO entries VALUES (:size, :hash, :data)",
        size=size,
        hash=bytes(32),
        data=b"{}",
    )
    assert refused(book.signer.sign) == "stray_entries"
    assert refused(book.check) == "stray_entries"
