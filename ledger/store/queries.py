"""Questions that pages and programs ask of the projections."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any, Final, NamedTuple, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    Text,
    column,
    func,
    or_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy import table as table_named

from ledger.account import TIME
from ledger.decide.orders import OPEN as OPEN_ORDERS
from ledger.rows import (
    Activity,
    Credential,
    Document,
    Order,
    Party,
    Qualification,
    Record,
    Redemption,
    Reward,
)
from ledger.store import tables
from ledger.store.database import look

T = TypeVar("T")

MERGED_MAX: Final = 100
"""Of so many organisations the first records each are merged; with more, most of all records are
theirs, and going through all by day finds them sooner."""


def points_earned(connection: Connection, volunteer: str) -> int:
    """Hundredths of a point that a volunteer's effective records brought."""
    records = tables.records
    total = connection.execute(
        select(func.coalesce(func.sum(records.c.points), 0)).where(
            records.c.volunteer == volunteer, records.c.state == "effective"
        )
    )
    return int(total.scalar_one())


def mentions(
    connection: Connection,
    owner: str,
    *,
    after: int,
    limit: int,
    before: int | None = None,
    newest: bool = False,
) -> list[int]:
    """Indexes above `after`, and below `before` if given, of the entries about an owner: the lowest
    first, or with `newest` the highest."""
    entry = tables.mentions.c.entry
    query = select(entry).where(tables.mentions.c.owner == owner, entry > after)
    if before is not None:
        query = query.where(entry < before)
    rows = connection.execute(query.order_by(entry.desc() if newest else entry).limit(limit))
    return [row[0] for row in rows]


def newest_checkpoint(connection: Connection) -> tuple[int, bytes, bytes] | None:
    """(size, root, signed note) of the newest published checkpoint."""
    row = connection.execute(
        select(tables.checkpoints.c.size, tables.checkpoints.c.root, tables.checkpoints.c.note)
        .order_by(tables.checkpoints.c.size.desc())
        .limit(1)
    ).fetchone()
    return None if row is None else (row[0], bytes(row[1]), row[2].encode())


# Pages -----------------------------------------------------------------------------------------
#
# Each asks for one row more than it wants, so that the reader learns whether there are more; each
# begins behind the entry `after` that made the last row of the page before.


def parties_page(
    connection: Connection,
    role: str,
    *,
    after: int,
    limit: int,
    parents: Sequence[str] | None = None,
    state: str | None = None,
) -> tuple[list[Party], bool]:
    """Parties of one role (`volunteer`, `organisation` …), of those directly below `parents` if
    given, and whether more follow."""
    table = tables.parties
    # `;` follows `:`, so this is the range of addresses of one role, which the key answers.
    query = select(table).where(
        table.c.address >= f"{role}:", table.c.address < f"{role};", table.c.since > after
    )
    if parents is not None:
        query = query.where(table.c.parent.in_(parents))
    if state is not None:
        query = query.where(table.c.state == state)
    return _page(connection, query, table, Party, limit)


def party(connection: Connection, address: str) -> Party | None:
    """One party, or None."""
    return _one(connection, tables.parties, address, Party)


def children(connection: Connection, role: str, parents: Sequence[str]) -> list[Party]:
    """Parties of one role below any of `parents`, in order of registration: a merchant's
    branches, their terminals."""
    if not parents:
        return []
    table = tables.parties
    rows = connection.execute(
        select(table)
        .where(
            table.c.address >= f"{role}:",
            table.c.address < f"{role};",
            table.c.parent.in_(parents),
        )
        .order_by(table.c.since)
    )
    return [Party(*row) for row in rows]


def organisations_below(connection: Connection, address: str) -> list[str]:
    """Addresses of the organisation or team at `address` and of all that stand below it."""
    table = tables.parties
    below = select(table.c.address).where(table.c.address == address).cte("below", recursive=True)
    below = below.union(
        select(table.c.address).where(
            table.c.parent == below.c.address,
            table.c.address >= "organisation:",
            table.c.address < "organisation;",
        )
    )
    return [row[0] for row in connection.execute(select(below.c.address))]


def activities_page(
    connection: Connection,
    *,
    after: int,
    limit: int,
    organisations: Sequence[str] | None = None,
) -> tuple[list[Activity], bool]:
    """Activities, those of some organisations (ids) if asked, and whether more follow."""
    table = tables.activities
    query = select(table).where(table.c.since > after)
    if organisations is not None:
        query = query.where(table.c.organisation.in_(organisations))
    return _page(connection, query, table, Activity, limit)


def activity(connection: Connection, activity_id: str) -> Activity | None:
    """One activity, or None."""
    return _one(connection, tables.activities, activity_id, Activity)


def records_page(
    connection: Connection,
    *,
    after: int,
    limit: int,
    state: str | None = None,
    volunteer: str | None = None,
    organisations: Sequence[str] | None = None,
    newest_first: bool = False,
) -> tuple[list[Record], bool]:
    """Service records that fit every filter given (organisations by id), and whether more
    follow."""
    table = tables.records
    query = select(table).where(*_of_records(state, volunteer))
    if organisations is not None:
        query = query.where(table.c.organisation.in_(organisations))
    query = from_either_end(query, table, after=after, newest_first=newest_first)
    found = connection.execute(query.limit(limit + 1)).fetchall()
    return [Record(*row) for row in found[:limit]], len(found) > limit


def records_by_day(
    connection: Connection,
    *,
    after: Record | None,
    limit: int,
    state: str | None = None,
    volunteer: str | None = None,
    organisations: Sequence[str] | None = None,
    unsaved: bool = False,
    newest_first: bool = False,
) -> tuple[list[Record], bool]:
    """Service records that fit every filter given in the order in which the sessions began, and
    whether more follow; `after` is the last one of the page before. `unsaved`: effective, of this
    ledger, paid, and nothing of it in saved time.

    Each filter is answered along an index that is in this order already, so that a page costs what
    it shows: `records_by_volunteer`, `records_by_organisation_and_day`, `records_by_check_in`.
    """
    table = tables.records
    wanted = _of_records(state, volunteer)
    if unsaved:
        saved = table.c.deposited + table.c.overflow
        wanted += [table.c.state == "effective", table.c.organisation != ""]
        wanted += [table.c.paid > 0, saved == 0]
    if after is not None:
        place, last = tuple_(table.c.check_in, table.c.since), (after.check_in, after.since)
        wanted.append(place < last if newest_first else place > last)

    def in_order(query: Select[Any], columns: Any) -> Select[Any]:
        keys = (columns.check_in, columns.since)
        query = query.order_by(*(each.desc() if newest_first else each for each in keys))
        return query.limit(limit + 1)

    query = select(table).where(*wanted)
    if organisations is not None and len(organisations) == 1:
        query = query.where(table.c.organisation == organisations[0])
    if organisations is None or len(organisations) == 1:
        query = in_order(query, table.c)
    elif volunteer is None and 0 < len(organisations) <= MERGED_MAX:
        # The first of each, merged: an index has no order across several organisations.
        each_first = [
            select(in_order(query.where(table.c.organisation == one), table.c).subquery())
            for one in organisations
        ]
        merged = union_all(*each_first).subquery()
        query = in_order(select(merged), merged.c)
    else:
        # Hidden from the index of organisations, which would collect and sort all they have.
        query = query.where(func.coalesce(table.c.organisation, "").in_(organisations))
        query = in_order(query, table.c)
    found = connection.execute(query).fetchall()
    return [Record(*row) for row in found[:limit]], len(found) > limit


def record_made_by(
    connection: Connection,
    entry: int,
    *,
    volunteer: str | None = None,
    organisations: Sequence[str] | None = None,
) -> Record | None:
    """The record that an entry made, if it is this volunteer's and one of these organisations'."""
    table = tables.records
    query = select(table).where(table.c.since == entry, *_of_records(None, volunteer))
    if organisations is not None:
        query = query.where(table.c.organisation.in_(organisations))
    row = connection.execute(query).fetchone()
    return None if row is None else Record(*row)


def _of_records(state: str | None, volunteer: str | None) -> list[ColumnElement[bool]]:
    wanted = ((tables.records.c.state, state), (tables.records.c.volunteer, volunteer))
    return [one == value for one, value in wanted if value is not None]


def activities_named(connection: Connection, ids: Sequence[str]) -> dict[str, Activity]:
    """The registered ones among these activities, by id."""
    rows = connection.execute(
        select(tables.activities).where(tables.activities.c.activity.in_(ids))
    )
    return {row[0]: Activity(*row) for row in rows}


def records_named(connection: Connection, ids: Sequence[str]) -> dict[str, Record]:
    """Those of these service records that there are, by id."""
    rows = connection.execute(select(tables.records).where(tables.records.c.record.in_(ids)))
    return {row[0]: Record(*row) for row in rows}


def redemptions_named(connection: Connection, ids: Sequence[str]) -> dict[str, Redemption]:
    """Those of these redemptions that there are, by id."""
    table = tables.redemptions
    rows = connection.execute(select(table).where(table.c.redemption.in_(ids)))
    return {row[0]: Redemption(*row) for row in rows}


def rewards_named(connection: Connection, ids: Sequence[str]) -> dict[str, Reward]:
    """Those of these rewards that there are, by id."""
    rows = connection.execute(select(tables.rewards).where(tables.rewards.c.reward.in_(ids)))
    return {row[0]: Reward(*row) for row in rows}


def qualifications_page(
    connection: Connection, volunteer: str, *, after: int, limit: int
) -> tuple[list[Qualification], bool]:
    """A volunteer's courses and insurances, and whether more follow."""
    table = tables.qualifications
    query = select(table).where(table.c.since > after, table.c.volunteer == volunteer)
    return _page(connection, query, table, Qualification, limit)


def served_at(connection: Connection, volunteers: Collection[str]) -> set[tuple[str, str]]:
    """(volunteer, organisation) ids of all records that these volunteers have, of any state."""
    table = tables.records
    found: set[tuple[str, str]] = set()
    wanted = sorted(volunteers)
    for start in range(0, len(wanted), 1_000):
        some = table.c.volunteer.in_(wanted[start : start + 1_000])
        rows = select(table.c.volunteer, table.c.organisation).where(some).distinct()
        found.update((row[0], row[1]) for row in connection.execute(rows))
    return found


def record(connection: Connection, record_id: str) -> Record | None:
    """One service record, or None."""
    return _one(connection, tables.records, record_id, Record)


def rewards_page(
    connection: Connection,
    *,
    after: int,
    limit: int,
    state: str | None = None,
    merchant: str | None = None,
    or_of_merchant: str | None = None,
) -> tuple[list[Reward], bool]:
    """Rewards that fit, and whether more follow. With `or_of_merchant`, a merchant's own rewards
    come along whatever their state."""
    table = tables.rewards
    query = select(table).where(table.c.since > after)
    if state is not None:
        fits = table.c.state == state
        if or_of_merchant is not None:
            fits = or_(fits, table.c.merchant == or_of_merchant)
        query = query.where(fits)
    if merchant is not None:
        query = query.where(table.c.merchant == merchant)
    return _page(connection, query, table, Reward, limit)


def merchants_offering(connection: Connection) -> set[str]:
    """Ids of the merchants that have published rewards."""
    table = tables.rewards
    rows = select(table.c.merchant).where(table.c.state == "published").distinct()
    return {row[0] for row in connection.execute(rows)}


def reward(connection: Connection, reward_id: str) -> Reward | None:
    """One reward, or None."""
    return _one(connection, tables.rewards, reward_id, Reward)


def redemptions_page(
    connection: Connection,
    *,
    after: int,
    limit: int,
    state: str | None = None,
    volunteer: str | None = None,
    merchant: str | None = None,
    branch: str | None = None,
    clerk: str | None = None,
    newest_first: bool = False,
    flagged: bool = False,
) -> tuple[list[Redemption], bool]:
    """Redemptions that fit every filter given, and whether more follow. `flagged`: captured, and
    kept from settlement until somebody looks."""
    table = tables.redemptions
    query = from_either_end(select(table), table, after=after, newest_first=newest_first)
    if flagged:
        query = query.where(table.c.state == "captured", table.c.flag != "none")
    for filtered, value in (
        (table.c.state, state),
        (table.c.volunteer, volunteer),
        (table.c.merchant, merchant),
        (table.c.branch, branch),
        (table.c.clerk, clerk),
    ):
        if value is not None:
            query = query.where(filtered == value)
    found = connection.execute(query.limit(limit + 1)).fetchall()
    return [Redemption(*row) for row in found[:limit]], len(found) > limit


class Taken(NamedTuple):
    """What was captured and stands in one state of one asset: how many, pieces, hundredths of a
    point or minutes."""

    state: str
    asset: str
    captures: int
    quantity: int
    amount: int


def taken_between(
    connection: Connection,
    merchant: str,
    since: int,
    until: int,
    *,
    branch: str | None = None,
    terminal: str | None = None,
    clerk: str | None = None,
) -> list[Taken]:
    """What a merchant captured in [since, until) (ms), by state and asset; of one branch, till or
    clerk where they are named."""
    table = tables.redemptions
    # As `captured_amount`: every piece costs the same, so that a part is exact.
    amount = table.c.amount / table.c.quantity * table.c.captured_quantity
    query = (
        select(
            table.c.state,
            table.c.asset,
            func.count(),
            func.sum(table.c.captured_quantity),
            func.sum(amount),
        )
        .where(table.c.merchant == merchant, table.c.captured >= since, table.c.captured < until)
        .group_by(table.c.state, table.c.asset)
        .order_by(table.c.state, table.c.asset)
    )
    for filtered, value in (
        (table.c.branch, branch),
        (table.c.terminal, terminal),
        (table.c.clerk, clerk),
    ):
        if value is not None:
            query = query.where(filtered == value)
    return [Taken(*map(_whole, row)) for row in connection.execute(query)]


def lines_taken(
    connection: Connection,
    merchant: str,
    since: int,
    until: int,
    *,
    terminal: str | None = None,
    clerk: str | None = None,
    limit: int = 100,
) -> list[Redemption]:
    """The newest redemptions that a merchant captured in [since, until) (ms), of one till or clerk
    where they are named."""
    table = tables.redemptions
    query = (
        select(table)
        .where(table.c.merchant == merchant, table.c.captured >= since, table.c.captured < until)
        .order_by(table.c.captured.desc(), table.c.captured_entry.desc())
        .limit(limit)
    )
    for filtered, value in ((table.c.terminal, terminal), (table.c.clerk, clerk)):
        if value is not None:
            query = query.where(filtered == value)
    return [Redemption(*row) for row in connection.execute(query)]


def _whole(value: Any) -> Any:
    # A sum of big integers is a Decimal on PostgreSQL.
    return value if isinstance(value, str) else int(value)


def marks_of(
    connection: Connection, owners: Sequence[str], whats: Sequence[str]
) -> dict[tuple[str, str], str]:
    """Values of marks, by owner and what they say."""
    table = tables.marks
    rows = connection.execute(
        select(table.c.owner, table.c.what, table.c.value).where(
            table.c.owner.in_(owners), table.c.what.in_(whats)
        )
    )
    return {(row.owner, row.what): row.value for row in rows}


def marks_like(connection: Connection, owner: str, beginning: str) -> dict[str, str]:
    """Values of an owner's marks by what follows this beginning of what they say; it ends with a
    colon."""
    table = tables.marks
    rows = connection.execute(
        select(table.c.what, table.c.value).where(
            table.c.owner == owner,
            table.c.what >= beginning,
            # The character after the colon.
            table.c.what < f"{beginning[:-1]};",
        )
    )
    return {row.what.removeprefix(beginning): row.value for row in rows}


def redemption(connection: Connection, redemption_id: str) -> Redemption | None:
    """One redemption, or None."""
    return _one(connection, tables.redemptions, redemption_id, Redemption)


def orders_page(
    connection: Connection,
    *,
    after: int,
    limit: int,
    state: str | None = None,
    organisations: Sequence[str] | None = None,
    taking_part: str | None = None,
    without: str | None = None,
    expires_after: int | None = None,
    newest_first: bool = False,
) -> tuple[list[Order], bool]:
    """Service orders that fit every filter given (organisations by id), and whether more follow.

    `taking_part` is recipient or provider, `without` is no recipient; `expires_after` in ms."""
    table = tables.orders
    query = select(table)
    if state is not None:
        query = query.where(table.c.state == state)
    if organisations is not None:
        query = query.where(table.c.organisation.in_(organisations))
    if taking_part is not None:
        query = query.where(or_(table.c.volunteer == taking_part, table.c.provider == taking_part))
    if without is not None:
        query = query.where(table.c.volunteer != without)
    if expires_after is not None:
        query = query.where(table.c.expires > expires_after)
    query = from_either_end(query, table, after=after, newest_first=newest_first)
    found = connection.execute(query.limit(limit + 1)).fetchall()
    return [Order(*row) for row in found[:limit]], len(found) > limit


def order(connection: Connection, order_id: str) -> Order | None:
    """One service order, or None."""
    return _one(connection, tables.orders, order_id, Order)


def time_pools(connection: Connection) -> list[tuple[str, int]]:
    """(id, minutes) of every pool that ever held saved time, by id."""
    table = tables.balances
    rows = connection.execute(
        select(table.c.owner, table.c.amount)
        .where(table.c.owner >= "pool:", table.c.owner < "pool;", table.c.asset == TIME)
        .order_by(table.c.owner)
    )
    return [(row[0].partition(":")[2], row[1]) for row in rows]


def balances_of(connection: Connection, owner: str, asset: str) -> dict[str, int]:
    """An owner's balances of one asset, by purse."""
    table = tables.balances
    rows = connection.execute(
        select(table.c.purse, table.c.amount).where(table.c.owner == owner, table.c.asset == asset)
    )
    return {row[0]: row[1] for row in rows}


def time_set_aside(connection: Connection, volunteer: str) -> int:
    """Minutes of saved time that wait in a volunteer's open orders and reservations."""
    orders, redemptions = tables.orders, tables.redemptions
    waiting = select(func.coalesce(func.sum(orders.c.minutes), 0)).where(
        orders.c.volunteer == volunteer, orders.c.state.in_(OPEN_ORDERS)
    )
    reserved = select(func.coalesce(func.sum(redemptions.c.amount), 0)).where(
        redemptions.c.volunteer == volunteer,
        redemptions.c.state == "reserved",
        redemptions.c.asset == TIME,
    )
    return sum(int(connection.execute(each).scalar_one()) for each in (waiting, reserved))


def documents_page(
    connection: Connection, kind: str, *, after: int, limit: int
) -> tuple[list[Document], bool]:
    """Adopted documents of one kind (`policy`, `calendar`), and whether more follow."""
    table = tables.documents
    query = select(table).where(table.c.kind == kind, table.c.since > after)
    return _page(connection, query, table, Document, limit)


def document(connection: Connection, kind: str, name: str, version: int) -> Document | None:
    """One adopted document, or None."""
    table = tables.documents
    row = connection.execute(
        select(table).where(table.c.kind == kind, table.c.name == name, table.c.version == version)
    ).fetchone()
    return None if row is None else Document(*row)


def newest_document(connection: Connection) -> int:
    """Index of the newest entry that adopted a policy or a calendar; −1 before the first."""
    return ask_newest_document(connection)()


def ask_newest_document(connection: Connection) -> Callable[[], int]:
    """Ask for it now and take the answer later, so that questions share a trip."""
    cursor = look(connection, "SELECT coalesce(max(since), -1) FROM documents")
    return lambda: int(cursor.fetchone()[0])


def credential(connection: Connection, credential_id: str) -> Credential | None:
    """What a token may do, or None."""
    return _one(connection, tables.credentials, credential_id, Credential)


def credentials_page(
    connection: Connection, *, after: int, limit: int, party: str = ""
) -> tuple[list[Credential], bool]:
    """Credentials, those of one party if asked, and whether more follow."""
    table = tables.credentials
    query = select(table).where(table.c.since > after)
    if party:
        query = query.where(table.c.party == party)
    return _page(connection, query, table, Credential, limit)


def is_mentioned(connection: Connection, owner: str, entry: int) -> bool:
    """Whether this entry is about `owner`."""
    table = tables.mentions
    row = connection.execute(
        select(table.c.entry).where(table.c.owner == owner, table.c.entry == entry)
    ).fetchone()
    return row is not None


def checkpoint_made_at(connection: Connection) -> tuple[int, int] | None:
    """(size, time in ms) of the newest published checkpoint."""
    row = connection.execute(
        select(tables.checkpoints.c.size, tables.checkpoints.c.time)
        .order_by(tables.checkpoints.c.size.desc())
        .limit(1)
    ).fetchone()
    return None if row is None else (row[0], row[1])


def applied_migration(connection: Connection, version_table: str) -> str:
    """The newest migration that a database has had; "" before the first."""
    version = column("version_num", Text)
    found = connection.execute(select(version).select_from(table_named(version_table)))
    return str(found.scalar_one_or_none() or "")


def from_either_end(
    query: Select[Any], table: Table, *, after: int, newest_first: bool
) -> Select[Any]:
    """The rows that follow the entry `after` in the order asked for; -1: from the very end."""
    since = table.c.since
    if not newest_first:
        return query.where(since > after).order_by(since)
    older = query.where(since < after) if after >= 0 else query
    return older.order_by(since.desc())


def _page(
    connection: Connection,
    query: Select[Any],
    table: Table,
    row: Callable[..., T],
    limit: int,
) -> tuple[list[T], bool]:
    found = connection.execute(query.order_by(table.c.since).limit(limit + 1)).fetchall()
    return [row(*each) for each in found[:limit]], len(found) > limit


def _one(connection: Connection, table: Table, key: str, row: Callable[..., T]) -> T | None:
    (primary,) = table.primary_key.columns
    found = connection.execute(select(table).where(primary == key)).fetchone()
    return None if found is None else row(*found)
