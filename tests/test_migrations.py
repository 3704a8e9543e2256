"""Migrations describe their own tables; here they are compared with the tables that we use."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_type_hints

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from click.testing import CliRunner

from api.cli import main
from ledger.book import Book
from ledger.errors import Refused
from ledger.founding import open_book
from ledger.rows import (
    Activity,
    Balance,
    Ban,
    Card,
    Conduct,
    Consent,
    Credential,
    Credit,
    Document,
    Fund,
    Mark,
    Mention,
    Objection,
    Order,
    Party,
    Population,
    Qualification,
    Record,
    RedeemedMonth,
    Redemption,
    Reward,
    RewardTerms,
    Seen,
    Settlement,
    StarCase,
    Taking,
    Terms,
    Webhook,
)
from ledger.store import rebuilding, roles, tables
from ledger.store.database import WRITER_ROLE, Database
from ledger.vault import store as vault_store
from migrations import ledger as ledger_migrations
from migrations import running
from migrations import vault as vault_migrations
from migrations.ledger.versions import (
    v0001_first_ledger,
    v0002_rules_of_the_field,
    v0003_the_till,
    v0007_acting_for,
    v0009_identities,
    v0010_last_use,
    v0011_passkeys,
    v0012_when_it_came,
)
from migrations.vault.versions import v0001_first_vault, v0002_who_looked
from tests.kit import Ledger, Town
from tests.postgres import PostgresServer

Upgrade = Callable[[str], None]
PARTS: list[tuple[Upgrade, sa.MetaData, str]] = [
    (ledger_migrations.upgrade, tables.metadata, "ledger_version"),
    (vault_migrations.upgrade, vault_store.tables, "vault_version"),
]


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/empty.db"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    made = server.create_database()
    yield made
    server.drop_database(made)


def connected(url: str) -> sa.Engine:
    return sa.create_engine(url, poolclass=sa.NullPool)


def described(inspector: sa.Inspector, name: str) -> dict[str, Any]:
    """What a database says about one of its tables."""
    return {
        "columns": [
            (each["name"], str(each["type"]), each["nullable"])
            for each in inspector.get_columns(name)
        ],
        "key": inspector.get_pk_constraint(name)["constrained_columns"],
        "indexes": sorted(
            (str(each["name"]), each["column_names"], bool(each["unique"]))
            for each in inspector.get_indexes(name)
        ),
        "foreign": sorted(
            (each["constrained_columns"], each["referred_table"], each["referred_columns"])
            for each in inspector.get_foreign_keys(name)
        ),
    }


@pytest.mark.parametrize("part", PARTS, ids=["ledger", "vault"])
def test_the_migrated_tables_are_the_ones_we_use(
    url: str, part: tuple[Upgrade, sa.MetaData, str], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Names, types, nullability, keys, indexes: as if the tables had been made directly."""
    upgrade, metadata, version_table = part
    upgrade(url)
    if url.startswith("sqlite"):
        direct = f"sqlite:///{tmp_path}/direct.db"
    else:
        direct = request.getfixturevalue("postgres").create_database()
    metadata.create_all(made := connected(direct))
    migrated = connected(url)
    one, other = sa.inspect(migrated), sa.inspect(made)
    names = set(metadata.tables)
    assert set(one.get_table_names()) - {version_table} == names
    for name in sorted(names):
        assert described(one, name) == described(other, name), name
    if url.startswith("sqlite"):
        query = sa.text("SELECT name FROM sqlite_master WHERE sql LIKE '%WITHOUT ROWID%'")
        with migrated.connect() as a, made.connect() as b:
            assert set(a.execute(query)) == set(b.execute(query))


@pytest.mark.parametrize("part", PARTS, ids=["ledger", "vault"])
def test_alembic_finds_nothing_left_to_do(url: str, part: tuple[Upgrade, sa.MetaData, str]) -> None:
    upgrade, metadata, version_table = part
    upgrade(url)
    with connected(url).connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "version_table": version_table}
        )
        assert compare_metadata(context, metadata) == []


@pytest.mark.parametrize("part", PARTS, ids=["ledger", "vault"])
def test_migrating_again_changes_nothing(url: str, part: tuple[Upgrade, sa.MetaData, str]) -> None:
    upgrade, metadata, version_table = part
    upgrade(url)
    with connected(url).begin() as connection:
        inspector = sa.inspect(connection)
        before = {name: described(inspector, name) for name in metadata.tables}
    upgrade(url)
    with connected(url).connect() as connection:
        inspector = sa.inspect(connection)
        assert {name: described(inspector, name) for name in metadata.tables} == before
        versions = connection.execute(sa.text(f"SELECT version_num FROM {version_table}"))
        assert len(versions.fetchall()) == 1


def test_ledger_and_vault_may_share_a_server_and_share_no_table() -> None:
    assert set(tables.metadata.tables) & set(vault_store.tables.tables) == set()


def test_a_migrated_ledger_has_its_guards(url: str) -> None:
    """One trigger for what is there, one for what comes, at least."""
    ledger_migrations.upgrade(url)
    query = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'entries'"
        if url.startswith("sqlite")
        else "SELECT tgname FROM pg_trigger"
        " WHERE tgrelid = 'entries'::regclass AND NOT tgisinternal"
    )
    with connected(url).connect() as connection:
        names = {row[0] for row in connection.exec_driver_sql(query)}
    wanted = {"entries_come_in_turn"}
    wanted |= (
        {"entries_are_never_updated", "entries_are_never_deleted"}
        if url.startswith("sqlite")
        else {"entries_are_never_changed"}
    )
    assert wanted <= names


def test_there_is_no_way_back() -> None:
    """Undoing a step would destroy the journal, or what entries of newer kinds say."""
    for step in (
        *(
            v0001_first_ledger,
            v0002_rules_of_the_field,
            v0003_the_till,
            v0007_acting_for,
            v0009_identities,
            v0011_passkeys,
            v0012_when_it_came,
        ),
        *(v0001_first_vault, v0002_who_looked),
    ):
        with pytest.raises(NotImplementedError):
            step.downgrade()


@pytest.mark.parametrize(
    ("row", "table"),
    [
        (Party, tables.parties),
        (Credential, tables.credentials),
        (Activity, tables.activities),
        (Record, tables.records),
        (Reward, tables.rewards),
        (RewardTerms, tables.reward_terms),
        (Fund, tables.funds),
        (Settlement, tables.settlements),
        (Taking, tables.takings),
        (Redemption, tables.redemptions),
        (Terms, tables.terms),
        (Webhook, tables.webhooks),
        (RedeemedMonth, tables.redeemed_months),
        (Qualification, tables.qualifications),
        (Conduct, tables.conducts),
        (Ban, tables.bans),
        (StarCase, tables.star_cases),
        (Mark, tables.marks),
        (Objection, tables.objections),
        (Order, tables.orders),
        (Consent, tables.consents),
        (Credit, tables.credits_),
        (Population, tables.populations),
        (Document, tables.documents),
        (Card, tables.cards),
        (Seen, tables.seen),
        (Balance, tables.balances),
        (Mention, tables.mentions),
    ],
)
def test_a_rows_fields_are_its_tables_columns(row: Any, table: sa.Table) -> None:
    """In order: rows are stored and read by position."""
    assert row._fields == tuple(column.name for column in table.columns)
    types = {str: sa.Text, int: sa.BigInteger, bytes: sa.LargeBinary}
    hints = get_type_hints(row)
    for name, column in zip(row._fields, table.columns, strict=True):
        assert isinstance(column.type, types[hints[name]])
        assert not column.nullable


# A ledger that an earlier release made -----------------------------------------------------------

NEW_IN_V0002 = (
    tables.terms,
    tables.redeemed_months,
    tables.qualifications,
    tables.conducts,
    tables.bans,
    tables.star_cases,
    tables.marks,
    tables.objections,
    tables.orders,
    tables.consents,
    tables.credits_,
    tables.populations,
)
"""The tables that the first release did not have, and below those that came after the second."""
NEW_IN_V0003 = (
    tables.webhooks,
    tables.outbox,
    tables.offline_sessions,
    tables.offline_conflicts,
    tables.cards,
    tables.cool_offs,
    tables.looks,
    tables.reward_terms,
    tables.funds,
    tables.settlements,
    tables.sign_in_links,
    tables.sessions,
)
NEW_WITH_PAGES = (
    tables.identities,
    tables.passkeys,
    tables.spent_challenges,
    tables.policy_drafts,
    tables.certificate_checks,
    tables.runs,
    tables.imports,
    tables.dry_runs,
)
"""What pages brought, each by a small step of its own."""
LATER = (*NEW_IN_V0002, *NEW_IN_V0003, *NEW_WITH_PAGES)


def a_story_of_the_first_release(ledger: Ledger, town: Town) -> None:
    """Who registers, serves and redeems, in two months, one of them about to end in China."""
    ana, bo, till = town.volunteer(), town.volunteer(organisation=town.home), town.till()
    held = town.served(ana, "2025-03-03 09:00", "19:00")
    town.confirm(held.id)
    once = town.correct(held.id, town.session(ana, "2025-03-03 09:00", "18:00"))
    town.confirm(once.id)
    ledger.clock.forward(minutes=1)
    town.correct(once.id, town.session(ana, "2025-03-03 09:00", "16:00"))
    town.minutes_served(ana, 600, since="2025-02-03")
    town.minutes_served(bo, 600, since="2025-02-03")
    coffee = town.reward(till)
    ledger.clock.set("2025-03-31 23:59")
    town.release(town.reserve(bo, coffee), bo)
    town.capture(town.reserve(ana, coffee, 2), till, 1)
    ledger.clock.set("2025-04-01 00:00")
    town.capture(town.reserve(ana, coffee), till)
    overdue = town.reserve(ana, coffee)
    town.reserve(bo, coffee)
    ledger.clock.forward(days=1)
    town.expire(overdue)
    town.becomes(f"volunteer:{bo}", "suspended")


def as_the_first_release_left_it(ledger: Ledger, url: str) -> None:
    """Fill an empty database at `url` with the rows of a ledger, in the tables of v0001 alone."""
    running.upgrade(ledger_migrations.HERE, url, "v0001")
    old = sa.MetaData()
    old.reflect(earlier := connected(url))
    with connected(ledger.database_url).connect() as full, earlier.begin() as bare:
        for table in tables.metadata.sorted_tables:
            if table in LATER:
                assert table.name not in old.tables
                continue
            there = old.tables[table.name]
            columns = [table.c[column.name] for column in there.c]
            order = list(table.primary_key)
            rows = [row._asdict() for row in full.execute(sa.select(*columns).order_by(*order))]
            if rows:
                bare.execute(sa.insert(there), rows)


def contents(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every projection, in the order of their keys."""
    with connected(url).connect() as connection:
        return {
            table.name: [
                tuple(bytes(each) if isinstance(each, memoryview) else each for each in row)
                for row in connection.execute(sa.select(table).order_by(*table.primary_key))
            ]
            for table in tables.PROJECTIONS
        }


def test_a_ledger_of_the_first_release_is_brought_up_to_date(
    ledger: Ledger, book: Book, town: Town, url: str
) -> None:
    """What the entries say is filled in, so that a rebuild finds nothing to change."""
    a_story_of_the_first_release(ledger, town)
    as_the_first_release_left_it(ledger, url)

    ledger_migrations.upgrade(url)

    upgraded = contents(url)
    assert upgraded == contents(ledger.database_url)
    months = sorted((month, count) for _, month, count in upgraded["redeemed_months"])
    assert months == [("2025-03", 0), ("2025-03", 1), ("2025-04", 1), ("2025-04", 1)]
    # Founding is older than the story, and each entry's own time was taken.
    reserved = Redemption._fields.index("reserved")
    assert len({row[reserved] for row in upgraded["redemptions"]}) == 2
    database = Database(url, durable=False)
    try:
        roles.prepare(database)
        assert list(rebuilding.differences(database, book.origin)) == []
    finally:
        database.close()


def test_no_column_of_the_ledger_fills_itself(url: str) -> None:
    """A row that somebody forgot to fill must fail; SQLite alone cannot drop such a default."""
    ledger_migrations.upgrade(url)
    filled = {
        (name, column["name"])
        for name in tables.metadata.tables
        for column in sa.inspect(connected(url)).get_columns(name)
        if column["default"] is not None
    }
    later = (*v0003_the_till.ADDED, *v0010_last_use.ADDED)
    added = {*v0002_rules_of_the_field.ADDED, *(each[:2] for each in later)}
    added |= {each[:2] for each in v0012_when_it_came.ADDED}
    assert filled == (added if url.startswith("sqlite") else set())


def test_an_upgrade_that_breaks_off_leaves_the_ledger_as_it_was(ledger: Ledger, url: str) -> None:
    """An entry that cannot be read stops it in the middle: nothing of it stays."""
    as_the_first_release_left_it(ledger, url)
    with connected(url).begin() as connection:
        table = sa.Table("activities", sa.MetaData(), autoload_with=connection)
        one = dict.fromkeys(table.c.keys(), 0) | {
            **dict.fromkeys(("organisation", "category", "text"), ""),
            "activity": "0" * 16,
            "since": 10**9,
        }
        connection.execute(sa.insert(table), one)
    inspector = sa.inspect(connected(url))
    before = {name: described(inspector, name) for name in inspector.get_table_names()}

    with pytest.raises(sa.exc.IntegrityError):
        ledger_migrations.upgrade(url)

    inspector = sa.inspect(connected(url))
    assert {name: described(inspector, name) for name in inspector.get_table_names()} == before
    assert ledger_migrations.state(url) == "outdated"


def says(url: str, revision: str) -> None:
    """Write another revision over the one that the ledger's tables have."""
    with connected(url).begin() as connection:
        connection.execute(sa.text("UPDATE ledger_version SET version_num = :r"), {"r": revision})


@pytest.mark.parametrize(
    ("revision", "code"), [("v0001", "database_outdated"), ("v9999", "database_newer")]
)
def test_a_database_of_another_release_is_not_opened(
    ledger: Ledger, revision: str, code: str
) -> None:
    says(ledger.database_url, revision)
    with pytest.raises(Refused) as caught:
        ledger.open()
    assert caught.value.code == code
    newest = ScriptDirectory(str(ledger_migrations.HERE)).get_current_head()
    says(ledger.database_url, str(newest))
    ledger.open()


def test_a_database_without_a_ledger_is_not_opened(ledger: Ledger, url: str) -> None:
    with pytest.raises(Refused, match="restore it from its backup"):
        open_book(ledger.home, database_url=url, vault_url=ledger.vault_url, durable=False)
    if url.startswith("sqlite"):
        assert not Path(url.removeprefix("sqlite:///")).exists()


def test_init_upgrades_a_home_that_is_there(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command line says what to do, and doing it is enough, the writer's rights included."""
    home = tmp_path / "another"
    monkeypatch.setenv("SIDEREAL_HOME", str(home))
    monkeypatch.setenv("SIDEREAL_DATABASE_URL", url)
    monkeypatch.delenv("SIDEREAL_VAULT_URL", raising=False)
    # Tests run a server that does not wait for its disk, which the product refuses.
    monkeypatch.setattr(Database, "_refuse_early_acknowledgement", lambda _: None)
    run = CliRunner()
    made = run.invoke(main, ["init"])
    assert made.exit_code == 0, made.output
    with connected(url).begin() as connection:
        for table in LATER:
            connection.execute(sa.text(f"DROP TABLE {table.name}"))
        later_indexes = [name for name, *_ in v0012_when_it_came.INDEXES]
        for index in (
            *("redemptions_by_capture", "records_by_check_in", "records_by_entry"),
            *later_indexes,
            "records_by_organisation_and_day",
        ):
            connection.execute(sa.text(f"DROP INDEX {index}"))
        later = [*(each[:2] for each in v0003_the_till.ADDED), ("records", "entered")]
        for name, column in (*v0002_rules_of_the_field.ADDED, *later):
            connection.execute(sa.text(f"ALTER TABLE {name} DROP COLUMN {column}"))
    says(url, "v0001")

    refused = run.invoke(main, ["rebuild", "--check"])
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr.startswith("database_outdated: ")
    assert "`sidereal init`" in refused.stderr
    again = run.invoke(main, ["init"])
    assert (again.exit_code, again.stdout) == (0, made.stdout), again.output
    checked = run.invoke(main, ["rebuild", "--check"])
    assert checked.exit_code == 0, checked.output
    if url.startswith("postgresql"):
        with connected(url).connect() as connection:
            for table in tables.PROJECTIONS:
                may = sa.text("SELECT has_table_privilege(:role, :name, 'INSERT, DELETE')")
                given = {"role": WRITER_ROLE, "name": table.name}
                assert connection.execute(may, given).scalar_one(), table.name
