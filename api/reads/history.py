"""Reading every entry about a volunteer, with what it changed, why, and who was on the other side.

The list begins at either end, and can be held to one kind of thing or to one year of China's time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from marshmallow import Schema, fields

from api.caller import current_caller
from api.current import current_book
from api.reads.asking import (
    PAGE_MAX,
    Number,
    PageFromEitherEnd,
    not_there,
    page,
    page_of,
    reading,
    texts_of,
)
from api.reads.parties import names_of, visible_volunteer
from api.schemas import Choice, Moment, Whole
from ledger import account
from ledger.entry import Entry
from ledger.standing import CHINA_OFFSET_MS
from ledger.store import journal, queries

AMOUNTS: Final[Mapping[str, str]] = {
    account.SERVICE: "service_minutes",
    account.TIME: "time_minutes",
    account.POINT: "points_hundredths",
    account.STAR: "stars",
    account.CREDIT: "credits",
}
CAUSES: Final = (
    *("record", "activity", "reward", "redemption", "outcome", "reasons", "lapse"),
    *("relation", "circumstance"),
)
"""Facts of an entry that say why it was written."""
THINGS: Final = ("hours", "points", "saved_time", "vouchers", "stars", "other")
LOOKS_MAX: Final = 20
"""How often one request looks for more to fill its page, once there is something on it."""

_MOVES: Final[Mapping[str, str]] = {
    "service_minutes": "hours",
    "points_hundredths": "points",
    "time_minutes": "saved_time",
    "stars": "stars",
}
_BEGINS: Final[Mapping[str, str]] = {
    "service_": "hours",
    "statement_": "hours",
    "qualification_": "hours",
    "points_": "points",
    "referral_": "points",
    "time_": "saved_time",
    "frozen_time_": "saved_time",
    "order_": "saved_time",
    "redemption_": "vouchers",
    "capture_": "vouchers",
    "code_": "vouchers",
    "voucher_": "vouchers",
    "offline_": "vouchers",
    "star_": "stars",
    "medal_": "stars",
}
"""By how an entry's kind begins, what it is about even where it moved nothing."""


class PageOfHistory(PageFromEitherEnd):
    """Which entries, and from which end."""

    about = Choice(*THINGS, metadata={"description": "only what is about this"})
    year = Number(
        least=2000,
        most=2100,
        metadata={"description": "only what was written in this year (China)"},
    )


class NamesSchema(Schema):
    """What an entry's things are called, where it is known."""

    activity = fields.String()
    reward = fields.String()
    counterpart = fields.String()
    branch = fields.String()


class HistorySchema(Schema):
    """One entry as the volunteer it is about sees it."""

    entry = Whole(required=True, least=0)
    time = Moment(required=True)
    kind = fields.String(required=True)
    about = fields.List(
        fields.String(),
        required=True,
        metadata={"description": f"of {', '.join(THINGS)}; at least one"},
    )
    cause = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        required=True,
        metadata={"description": f"of {', '.join(CAUSES)}, those that the entry has"},
    )
    amounts = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata={
            "description": "what it changed in the volunteer's own accounts: "
            + ", ".join(AMOUNTS.values())
        },
    )
    counterpart = fields.String(
        required=True,
        metadata={"description": "who was on the other side; another volunteer is never named"},
    )
    names = fields.Nested(NamesSchema, required=True)


@reading(
    "/volunteers/<id:volunteer>/entries",
    "list_history",
    answer=page_of(HistorySchema, "HistoryPage"),
    query=PageOfHistory,
    roles=("operator", "organisation", "reviewer", "volunteer"),
    scope="volunteers:read",
    refusals=("not_found",),
    tag="parties",
)
def list_history(query: Mapping[str, Any], volunteer: str) -> dict[str, Any]:
    """Every entry about a volunteer, the oldest first unless asked otherwise.

    A page may hold fewer than `limit` even when more follow, but never nothing.
    """
    visible_volunteer(volunteer, current_caller())
    owner = account.volunteer(volunteer)
    found, more = _found(query, owner)
    return page(_lines(found, owner), more)


@reading(
    "/volunteers/<id:volunteer>/entries/<int:index>",
    "get_history_entry",
    answer=HistorySchema,
    roles=("operator", "organisation", "reviewer", "volunteer"),
    scope="volunteers:read",
    refusals=("not_found",),
    tag="parties",
)
def get_history_entry(volunteer: str, index: int) -> dict[str, Any]:
    """One entry about a volunteer."""
    visible_volunteer(volunteer, current_caller())
    owner = account.volunteer(volunteer)
    with current_book().database.reading() as connection:
        indexes = queries.mentions(connection, owner, after=index - 1, limit=1)
        if indexes != [index]:
            raise not_there()
        entries = journal.read_entries(connection, indexes)
    return _lines(entries, owner)[0]


def _found(query: Mapping[str, Any], owner: str) -> tuple[list[Entry], bool]:
    """The entries of one page, and whether to ask for more.

    What is about something else is left out after it was read, so this reads on until it has an
    item, and for `LOOKS_MAX` looks until the page is full.
    """
    limit, about = query["limit"], query.get("about")
    newest = "newest_first" in query
    after, before = query["starting_after"], None
    if newest:
        after, before = -1, after if after >= 0 else None
    with current_book().database.reading() as connection:
        if "year" in query:
            first, end = _year(query["year"])
            after = max(after, journal.first_at(connection, first) - 1)
            last = journal.first_at(connection, end)
            before = last if before is None else min(before, last)
        seen: list[Entry] = []
        looks, step = 0, limit + 1
        while True:
            indexes = queries.mentions(
                connection, owner, after=after, before=before, limit=step, newest=newest
            )
            entries = journal.read_entries(connection, indexes)
            if newest:
                entries.reverse()
            seen += [each for each in entries if about is None or about in things(each, owner)]
            if len(seen) > limit:
                return seen[:limit], True
            if len(indexes) < step:
                return seen, False
            looks += 1
            if seen and looks >= LOOKS_MAX:
                return seen, True
            if newest:
                before = indexes[-1]
            else:
                after = indexes[-1]
            step = PAGE_MAX


def _year(year: int) -> tuple[int, int]:
    """First instant (ms) of a year of China's time, and of the next."""
    first, end = (
        round(datetime(each, 1, 1, tzinfo=UTC).timestamp() * 1000) for each in (year, year + 1)
    )
    return first - CHINA_OFFSET_MS, end - CHINA_OFFSET_MS


def amounts_of(entry: Entry, owner: str) -> dict[str, int]:
    """What an entry changed in its owner's accounts, by name with unit; nothing that came to 0."""
    amounts: dict[str, int] = {}
    for posting in entry.postings:
        for address, change in (
            (posting.source, -posting.amount),
            (posting.destination, posting.amount),
        ):
            if account.split(address)[0] == owner:
                name = AMOUNTS[posting.asset]
                amounts[name] = amounts.get(name, 0) + change
    return {name: amount for name, amount in amounts.items() if amount}


def things(entry: Entry, owner: str) -> list[str]:
    """What an entry is about, in the order of `THINGS`."""
    found = {_MOVES.get(name, "other") for name in amounts_of(entry, owner)}
    found |= {thing for begin, thing in _BEGINS.items() if entry.kind.startswith(begin)}
    return [thing for thing in THINGS if thing in (found or {"other"})]


def _lines(entries: Sequence[Entry], owner: str) -> list[dict[str, Any]]:
    """Entries as `owner` sees them: their own amounts, and nobody else's."""
    lines = [_line(entry, owner) for entry in entries]
    names = _names(entries, lines)
    return [{**line, "names": names[line["entry"]]} for line in lines]


def _line(entry: Entry, owner: str) -> dict[str, Any]:
    facts = entry.facts
    others = {
        account.split(address)[0]
        for posting in entry.postings
        for address in (posting.source, posting.destination)
    } - {owner}
    return {
        "entry": entry.index,
        "time": entry.time,
        "kind": entry.kind,
        "about": things(entry, owner),
        "cause": {name: facts[name] for name in CAUSES if facts.get(name)},
        "amounts": amounts_of(entry, owner),
        "counterpart": _counterpart(entry, others),
    }


def _counterpart(entry: Entry, others: set[str]) -> str:
    facts = entry.facts
    if entry.kind == "time_transferred":
        # Another volunteer's id is theirs, however little it says.
        return "volunteer"
    for role in ("merchant", "organisation"):
        if facts.get(role):
            return f"{role}:{facts[role]}"
    pools = sorted(each for each in others if each.startswith("pool:"))
    return pools[0] if pools else ""


def _names(
    entries: Sequence[Entry], lines: Sequence[Mapping[str, Any]]
) -> dict[int, dict[str, str]]:
    """By entry, what its activity, reward, counterpart and branch are called. An entry that names
    only a record or a redemption is about the activity or the reward of that."""
    book = current_book()
    facts = {entry.index: entry.facts for entry in entries}
    with book.database.reading() as connection:
        records = queries.records_named(connection, _said(facts, "record", unless="activity"))
        redemptions = queries.redemptions_named(
            connection, _said(facts, "redemption", unless="reward")
        )
        meant = {
            index: {
                "activity": each.get("activity")
                or (records[each["record"]].activity if each.get("record") in records else ""),
                "reward": each.get("reward")
                or (
                    redemptions[each["redemption"]].reward
                    if each.get("redemption") in redemptions
                    else ""
                ),
            }
            for index, each in facts.items()
        }
        activities = queries.activities_named(
            connection, sorted({each["activity"] for each in meant.values() if each["activity"]})
        )
        rewards = queries.rewards_named(
            connection, sorted({each["reward"] for each in meant.values() if each["reward"]})
        )
    texts = texts_of(
        [*(each.text for each in activities.values()), *(each.text for each in rewards.values())]
    )
    places = book.vault.place_names(
        sorted(
            {line["counterpart"].partition(":")[2] for line in lines}
            | {each.get("branch", "") for each in facts.values()}
        )
    )
    organisations = names_of(
        sorted(
            {
                line["counterpart"].partition(":")[2]
                for line in lines
                if line["counterpart"].startswith("organisation:")
            }
        )
    )
    named: dict[int, dict[str, str]] = {}
    for line in lines:
        index = line["entry"]
        activity = activities.get(meant[index]["activity"])
        reward = rewards.get(meant[index]["reward"])
        other = line["counterpart"].partition(":")[2]
        names = {
            "activity": texts.get(activity.text, {}).get("name", "") if activity else "",
            "reward": texts.get(reward.text, {}).get("title", "") if reward else "",
            "counterpart": organisations.get(other) or places.get(other, ""),
            "branch": places.get(facts[index].get("branch", ""), ""),
        }
        named[index] = {name: text for name, text in names.items() if text}
    return named


def _said(facts: Mapping[int, Mapping[str, Any]], name: str, *, unless: str) -> list[str]:
    return sorted(
        {each[name] for each in facts.values() if each.get(name) and not each.get(unless)}
    )
