"""Migrations describe their own tables; here they are compared with the tables that we use."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_type_hints

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from ledger.rows import (
    Activity,
    Balance,
    Credential,
    Document,
    Mention,
    Party,
    Record,
    Redemption,
    Reward,
    Seen,
    Taking,
)
from ledger.store import tables
from ledger.vault import store as vault_store
from migrations import ledger as ledger_migrations
from migrations import vault as vault_migrations
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
    """Undoing the first step would destroy the journal."""
    from migrations.ledger.versions import v0001_first_ledger
    from migrations.vault.versions import v0001_first_vault

    for step in (v0001_first_ledger, v0001_first_vault):
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
        (Taking, tables.takings),
        (Redemption, tables.redemptions),
        (Document, tables.documents),
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
