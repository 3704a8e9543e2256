"""Projections: what the fold over entries says, stored, fetched and made again."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Any, Final

from sqlalchemy import Connection, Table, select

from ledger.entry import decode
from ledger.rows import (
    Activity,
    Ban,
    Card,
    Conduct,
    Consent,
    Credential,
    Credit,
    Document,
    Fund,
    Mark,
    Objection,
    OfflineConflict,
    OfflineSession,
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
    Stop,
    Taking,
    Terms,
    Webhook,
)
from ledger.standing import WINDOW_MS, Purse, Standing
from ledger.store import tables
from ledger.store.database import any_of, array_text, driver
from ledger.store.writing import Writer

ROWS: Final[Mapping[str, tuple[Table, Callable[..., Any]]]] = {
    "parties": (tables.parties, Party),
    "credentials": (tables.credentials, Credential),
    "activities": (tables.activities, Activity),
    "records": (tables.records, Record),
    "rewards": (tables.rewards, Reward),
    "reward_terms": (tables.reward_terms, RewardTerms),
    "funds": (tables.funds, Fund),
    "takings": (tables.takings, Taking),
    "redemptions": (tables.redemptions, Redemption),
    "offline_sessions": (tables.offline_sessions, OfflineSession),
    "offline_conflicts": (tables.offline_conflicts, OfflineConflict),
    "settlements": (tables.settlements, Settlement),
    "terms": (tables.terms, Terms),
    "redeemed_months": (tables.redeemed_months, RedeemedMonth),
    "cards": (tables.cards, Card),
    "qualifications": (tables.qualifications, Qualification),
    "conducts": (tables.conducts, Conduct),
    "bans": (tables.bans, Ban),
    "star_cases": (tables.star_cases, StarCase),
    "marks": (tables.marks, Mark),
    "objections": (tables.objections, Objection),
    "orders": (tables.orders, Order),
    "consents": (tables.consents, Consent),
    "credits": (tables.credits_, Credit),
    "populations": (tables.populations, Population),
    "webhooks": (tables.webhooks, Webhook),
    "documents": (tables.documents, Document),
    "seen": (tables.seen, Seen),
}
"""The projections that `write_changes` stores."""
_READ_ONLY: Final = {"stops": (tables.stops, Stop)}


class StoredRows:
    """A `Source` over the database, for as long as `connection` is open."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def fetch(self, table: str, keys: Sequence[Any]) -> Mapping[Any, Any]:
        """The rows that exist among `keys` (see `ledger.standing.Source`)."""
        return self.ask(table, keys)()

    def ask(self, table: str, keys: Sequence[Any]) -> Callable[[], Mapping[Any, Any]]:
        """Ask for rows now and take the answer later, so that questions share a trip."""
        match table:
            case "purses":
                return self._purses(keys)
            case "sessions":
                return self._sessions(keys)
        stored, row = ROWS.get(table) or _READ_ONLY[table]
        columns = list(stored.primary_key)
        where, parameters = any_of(self.connection, columns, keys)
        # The names come from our own tables.
        query = f"SELECT * FROM {stored.name} WHERE {where}"  # noqa: S608
        cursor = self._execute(query, parameters)
        if len(columns) > 1:
            width = len(columns)
            return lambda: {tuple(each[:width]): row(*each) for each in cursor.fetchall()}
        return lambda: {each[0]: row(*each) for each in cursor.fetchall()}

    def _purses(self, owners: Sequence[str]) -> Callable[[], dict[str, Purse]]:
        where, parameters = any_of(self.connection, [tables.balances.c.owner], owners)
        query = f"SELECT owner, purse, asset, amount FROM balances WHERE {where}"  # noqa: S608
        cursor = self._execute(query, parameters)

        def answer() -> dict[str, Purse]:
            purses: defaultdict[str, Purse] = defaultdict(dict)
            for owner, purse, asset, amount in cursor.fetchall():
                purses[owner][purse, asset] = amount
            return purses

        return answer

    def _sessions(
        self, keys: Sequence[tuple[str, int]]
    ) -> Callable[[], dict[tuple[str, int], list[Record]]]:
        ranges = _ranges(keys)
        asked = set(keys)
        parameters: tuple[Any, ...]
        if self.connection.dialect.name == "postgresql":
            query = (
                "SELECT r.* FROM unnest(%s::text[], %s::bigint[], %s::bigint[])"
                " AS w(volunteer, starts, ends) JOIN LATERAL (SELECT * FROM records"
                " WHERE volunteer = w.volunteer AND check_in >= w.starts AND check_in < w.ends"
                " OFFSET 0) r ON true ORDER BY r.since"
            )
            parameters = tuple(array_text(column) for column in zip(*ranges, strict=True))
        else:
            query = (
                "SELECT r.* FROM (SELECT value ->> 0 AS volunteer, value ->> 1 AS starts,"
                " value ->> 2 AS ends FROM json_each(?)) w CROSS JOIN records r"
                " ON r.volunteer = w.volunteer AND r.check_in >= w.starts AND r.check_in < w.ends"
                " ORDER BY r.since"
            )
            parameters = (json.dumps(ranges),)
        cursor = self._execute(query, parameters)

        def answer() -> dict[tuple[str, int], list[Record]]:
            sessions: defaultdict[tuple[str, int], list[Record]] = defaultdict(list)
            for record in map(Record._make, cursor.fetchall()):
                key = (record.volunteer, record.check_in // WINDOW_MS)
                if key in asked:
                    sessions[key].append(record)
            return sessions

        return answer

    def _execute(self, query: str, parameters: tuple[Any, ...]) -> Any:
        """The driver's own cursor: these queries run for every group."""
        return driver(self.connection).execute(query, parameters)


def _ranges(keys: Sequence[tuple[str, int]]) -> list[tuple[str, int, int]]:
    """(volunteer, start, end) in ms: neighbouring windows of one volunteer in one range."""
    ranges = []
    for volunteer, group in groupby(sorted(keys), key=lambda key: key[0]):
        windows = [window for _, window in group]
        start = before = windows[0]
        for window in windows[1:]:
            if window != before + 1:
                ranges.append((volunteer, start * WINDOW_MS, (before + 1) * WINDOW_MS))
                start = window
            before = window
        ranges.append((volunteer, start * WINDOW_MS, (before + 1) * WINDOW_MS))
    return ranges


def load_documents(connection: Connection, standing: Standing) -> None:
    """Teach `standing` every adopted policy and calendar, in the order of their adoption."""
    query = (
        select(tables.entries.c.data)
        .join(tables.documents, tables.documents.c.since == tables.entries.c.idx)
        .order_by(tables.entries.c.idx)
    )
    for (data,) in connection.execute(query):
        entry = decode(bytes(data))
        if entry.kind == "policy_adopted":
            standing.learn_policy(entry.facts["document"], entry.index)
        else:
            facts = entry.facts
            standing.learn_calendar(facts["calendar"], facts["year"], facts["document"])


def standing_from(connection: Connection) -> Standing:
    """A standing that reads its rows through `connection`, and knows the adopted documents."""
    standing = Standing(StoredRows(connection))
    load_documents(connection, standing)
    return standing


def write_changes(writer: Writer, standing: Standing) -> None:
    """Store what was added and changed since the standing was loaded or last stored."""
    if standing.moved:
        writer.put(tables.balances, standing.changed_balances())
    if standing.mentions:
        # One entry may name a party twice.
        writer.add(tables.mentions, list(dict.fromkeys(standing.mentions)))
    for name, (table, _) in ROWS.items():
        rows = getattr(standing, name)
        if rows.added:
            writer.add(table, list(rows.added.values()))
        if rows.changed:
            writer.put(table, list(rows.changed.values()))
    standing.forget_changes()
