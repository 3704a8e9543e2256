"""What the entries so far add up to, as far as anybody has asked.

The sequencer decides against a `Standing`, folds each new entry into it (`ledger/fold/`) and
stores what changed. Rows come from a `Source` when first asked for. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, Generic, Protocol, TypeVar

from ledger import account
from ledger.calendar import Calendar
from ledger.entry import Entry
from ledger.errors import Refused
from ledger.policy import Policy, policy_from_canonical, policy_in_force
from ledger.posting import AMOUNT_MAX, Posting
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

DAY_MS: Final = 86_400_000
CHINA_OFFSET_MS: Final = 8 * 3_600_000
"""China has kept one time all year since 1992; programmes are dated by it."""
WINDOW_MS: Final = 8 * DAY_MS
"""Records are fetched by volunteer and window: most decisions about a session need one or two."""
EPOCH_DAY: Final = date(1970, 1, 1).toordinal()

Purse = dict[tuple[str, str], int]
"""An owner's balances by (purse, asset)."""
Key = TypeVar("Key")
Row = TypeVar("Row")


def china_date(time: int) -> str:
    """The day of an instant (ms) in China, ISO."""
    return date.fromordinal(EPOCH_DAY + china_day(time)).isoformat()


def china_day(time: int) -> int:
    """The day of an instant (ms) in China, counted from 1970-01-01."""
    return (time + CHINA_OFFSET_MS) // DAY_MS


def china_time(time: int) -> datetime:
    """An instant (ms) as the clocks of China show it; its zone says UTC and is not meant."""
    return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=time + CHINA_OFFSET_MS)


def month_of(time: int) -> str:
    """The month of an instant (ms) in China: `2025-03`."""
    return date.fromordinal(china_day(time) + EPOCH_DAY).isoformat()[:7]


def period_of(period: str, time: int) -> str:
    """The day, week, month, quarter or year of an instant (ms) in China: `2025-03-07`, `2025-W10`,
    `2025-03`, `2025-Q1`, `2025`."""
    day = date.fromordinal(china_day(time) + EPOCH_DAY)
    match period:
        case "day":
            return day.isoformat()
        case "week":
            year, week, _ = day.isocalendar()
            return f"{year}-W{week:02}"
        case "month":
            return day.isoformat()[:7]
        case "quarter":
            return f"{day.year:04}-Q{(day.month + 2) // 3}"
        case _:
            return f"{day.year:04}"


def _date_of(day: int) -> date:
    """The date of a day counted from 1970-01-01; the first there is for one out of reach, on which
    no policy can be in force."""
    in_reach = date.min.toordinal() <= day + EPOCH_DAY <= date.max.toordinal()
    return date.fromordinal(day + EPOCH_DAY) if in_reach else date.min


class Source(Protocol):
    """Where rows are that nobody has asked for yet."""

    def fetch(self, table: str, keys: Sequence[Any]) -> Mapping[Any, Any]:
        """The rows of `table` that exist among `keys`.

        `purses` gives a `Purse` for an owner; `sessions` the records of (volunteer, number of
        the window that check-in falls into) as a list; every other table its row.
        """


class Nowhere:
    """The source of an empty ledger."""

    def fetch(self, table: str, keys: Sequence[Any]) -> Mapping[Any, Any]:
        """Nothing is anywhere."""
        return {}


class Table(dict[Key, Row | None], Generic[Key, Row]):
    """Rows by key, fetched when first read; remembers what was added and what was changed."""

    def __init__(self, name: str, source: Source) -> None:
        super().__init__()
        self._name = name
        self._source = source
        self.added: dict[Key, Row] = {}
        self.changed: dict[Key, Row] = {}

    def __missing__(self, key: Key) -> Row | None:
        row = self._source.fetch(self._name, [key]).get(key)
        self[key] = row
        return row

    def add(self, key: Key, row: Row) -> None:
        """A row that did not exist."""
        self[key] = self.added[key] = row

    def change(self, key: Key, row: Row) -> None:
        """Another value for a row that exists."""
        self[key] = row
        if key in self.added:
            self.added[key] = row
        else:
            self.changed[key] = row


class Standing:
    """Balances, parties, records … after the entries folded so far."""

    ROW_TABLES: Final = (
        "parties",
        "credentials",
        "activities",
        "records",
        "rewards",
        "reward_terms",
        "funds",
        "takings",
        "redemptions",
        "offline_sessions",
        "offline_conflicts",
        "settlements",
        "terms",
        "cards",
        "redeemed_months",
        "qualifications",
        "conducts",
        "bans",
        "star_cases",
        "marks",
        "objections",
        "orders",
        "consents",
        "credits",
        "populations",
        "webhooks",
        "documents",
        "seen",
    )

    def __init__(self, source: Source | None = None) -> None:
        source = source or Nowhere()
        self._source = source
        self.parties: Table[str, Party] = Table("parties", source)
        self.credentials: Table[str, Credential] = Table("credentials", source)
        self.activities: Table[str, Activity] = Table("activities", source)
        self.records: Table[str, Record] = Table("records", source)
        self.rewards: Table[str, Reward] = Table("rewards", source)
        self.reward_terms: Table[str, RewardTerms] = Table("reward_terms", source)
        self.funds: Table[str, Fund] = Table("funds", source)
        self.settlements: Table[str, Settlement] = Table("settlements", source)
        self.takings: Table[tuple[str, str], Taking] = Table("takings", source)
        self.redemptions: Table[str, Redemption] = Table("redemptions", source)
        self.offline_sessions: Table[str, OfflineSession] = Table("offline_sessions", source)
        self.offline_conflicts: Table[tuple[str, int], OfflineConflict] = Table(
            "offline_conflicts", source
        )
        self.terms: Table[str, Terms] = Table("terms", source)
        self.redeemed_months: Table[tuple[str, str], RedeemedMonth] = Table(
            "redeemed_months", source
        )
        self.cards: Table[str, Card] = Table("cards", source)
        self.qualifications: Table[tuple[str, str], Qualification] = Table("qualifications", source)
        self.conducts: Table[str, Conduct] = Table("conducts", source)
        self.bans: Table[str, Ban] = Table("bans", source)
        self.star_cases: Table[str, StarCase] = Table("star_cases", source)
        self.marks: Table[tuple[str, str], Mark] = Table("marks", source)
        self.objections: Table[str, Objection] = Table("objections", source)
        self.orders: Table[str, Order] = Table("orders", source)
        self.consents: Table[tuple[str, str, str], Consent] = Table("consents", source)
        self.credits: Table[str, Credit] = Table("credits", source)
        self.populations: Table[tuple[str, int], Population] = Table("populations", source)
        self.webhooks: Table[str, Webhook] = Table("webhooks", source)
        self.documents: Table[tuple[str, str, int], Document] = Table("documents", source)
        self.stops: Table[str, Stop] = Table("stops", source)
        self.seen: Table[bytes, Seen] = Table("seen", source)
        self.purses: dict[str, Purse] = {}
        self.sessions: dict[tuple[str, int], list[str]] = {}
        self.moved: set[tuple[str, str, str]] = set()
        self.mentions: list[Mention] = []
        self.policies: list[Policy] = []
        self._policy_by_day: dict[int, Policy] = {}
        self._adopted_in: dict[str, int] = {}
        self._policies_are_scoped = False
        self.calendar_documents: dict[tuple[str, int], Mapping[str, Any]] = {}
        self._calendars: dict[str, Calendar] = {}
        self.overdraft_minutes = 0
        self.hours_may_be_taken = False
        """Whether some policy adopted so far takes service hours along with redeemed time (P47)."""
        self.captured_before = 0
        """When the holder of the capture folded last had captured before it (ms), or 0."""
        self.keeps_floors = True
        """Whether a posting may not break a floor. A rebuild says what the entries say, however
        wrong: refusing to would leave an operator with nothing."""

    def learn_policy(self, document: Mapping[str, Any], entry: int = 0) -> None:
        """A policy document (canonical form), adopted in `entry`, counts from its effective date
        on."""
        policy = policy_from_canonical(document)
        self.policies.append(policy)
        self._adopted_in[policy.version_name] = entry
        self._policies_are_scoped |= policy.scoped
        self._policy_by_day.clear()
        self.overdraft_minutes = max(self.overdraft_minutes, policy.tb_overdraft_min_minutes)
        self.hours_may_be_taken |= policy.redeem_reduces_hours

    def share_documents(self, other: Standing) -> None:
        """Know the documents that `other` knows. Shared, never copied: neither may learn one
        afterwards."""
        self.policies = other.policies
        self._policy_by_day = other._policy_by_day
        self._adopted_in = other._adopted_in
        self._policies_are_scoped = other._policies_are_scoped
        self.calendar_documents = other.calendar_documents
        self.overdraft_minutes = other.overdraft_minutes
        self.hours_may_be_taken = other.hours_may_be_taken

    def learn_calendar(self, name: str, year: int, document: Mapping[str, Any]) -> None:
        """A year's holidays and make-up workdays; adopting a year again replaces it."""
        self.calendar_documents[name, year] = document
        self._calendars.clear()

    def calendar(self, name: str) -> Calendar:
        """The adopted years of a calendar, merged."""
        calendar = self._calendars.get(name)
        if calendar is None:
            documents = [d for (of, _), d in self.calendar_documents.items() if of == name]
            calendar = self._calendars[name] = Calendar.from_canonical(documents, name=name)
        return calendar

    # What decisions read ---------------------------------------------------------------------

    def purse(self, owner: str) -> Purse:
        """The owner's balances; empty for an owner never seen. Copy before changing."""
        purse = self.purses.get(owner)
        if purse is None:
            self.prefetch({"purses": (owner,)})
            purse = self.purses[owner]
        return purse

    def balance(self, address: str, asset: str) -> int:
        """Balance of one account, in the asset's unit."""
        owner, purse = account.split(address)
        return self.purse(owner).get((purse, asset), 0)

    def sessions_between(self, volunteer: str, start: int, end: int) -> list[Record]:
        """The volunteer's records, of any state, with start ≤ check-in < end (ms)."""
        found = []
        for window in range(start // WINDOW_MS, (end - 1) // WINDOW_MS + 1):
            ids = self.sessions.get((volunteer, window))
            if ids is None:
                self.prefetch({"sessions": ((volunteer, window),)})
                ids = self.sessions[volunteer, window]
            for record_id in ids:
                record = self.records[record_id]
                if record is not None and start <= record.check_in < end:
                    found.append(record)
        return found

    def policy_at(self, time: int) -> Policy:
        """The policy for nobody's place and no category in force on the day of `time` (ms) in
        China. Refuses with `no_policy_in_force`."""
        return self.policy_for(time)

    def policy_for(self, time: int, organisation: str = "", category: str = "") -> Policy:
        """The policy that decides at `time` (ms) for an organisation (id) and a service category.

        Of the documents in force on that day in China, the nearest: the organisation's own, its
        tier's, and so on up the tree (`ledger/policy/force.py`). Refuses with
        `no_policy_in_force`.
        """
        day = (time + CHINA_OFFSET_MS) // DAY_MS
        # Nothing is remembered that a party's new place in the tree could make wrong.
        if self._policies_are_scoped and (organisation or category):
            places = self.places(organisation)
            return policy_in_force(self.policies, _date_of(day), places, category)
        policy = self._policy_by_day.get(day)
        if policy is None:
            policy = self._policy_by_day[day] = policy_in_force(self.policies, _date_of(day))
        return policy

    def policies_of_people(self, time: int) -> list[Policy]:
        """Each policy that `policy_of` could find for somebody at `time` (ms): of the documents in
        force that day for one place, or for none, the one adopted last. Those limited to service
        categories are not among them."""
        day = _date_of(china_day(time))
        deciding = {
            (policy.scope_organisation, policy.scope_tier): policy
            for policy in self.policies
            if policy.in_force_on(day) and not policy.scope_categories
        }
        return list(deciding.values())

    def policy_of(self, address: str, time: int) -> Policy:
        """The policy that decides at `time` (ms) about somebody's own value: that of the
        organisation they belong to, or nobody's. Refuses with `no_policy_in_force`."""
        return self.policy_for(time, self._home(address))

    def policy_then(self, address: str, time: int, entry: int) -> Policy:
        """As `policy_of`, of the documents that were adopted before `entry` was written: what is
        adopted later changes nothing, whatever date it is effective from."""
        if all(adopted < entry for adopted in self._adopted_in.values()):
            return self.policy_of(address, time)
        then = [
            policy
            for policy in self.policies
            if self._adopted_in.get(policy.version_name, 0) < entry
        ]
        return policy_in_force(then, _date_of(china_day(time)), self.places(self._home(address)))

    def _home(self, address: str) -> str:
        """The id of the organisation that somebody belongs to, or ""."""
        party = self.parties[address]
        kind, _, organisation = (party.parent if party is not None else "").partition(":")
        return organisation if kind == "organisation" else ""

    def places(self, organisation: str) -> list[tuple[str, str]]:
        """(id, tier) of an organisation and of each one above it, the nearest first."""
        places: dict[str, str] = {}
        # Whoever is no organisation ends the walk, and so would a loop that no decision makes.
        while organisation and organisation not in places:
            party = self.parties[f"organisation:{organisation}"]
            places[organisation] = party.tier if party is not None else ""
            kind, _, above = (party.parent if party is not None else "").partition(":")
            organisation = above if kind == "organisation" else ""
        return list(places.items())

    def party(self, address: str) -> Party:
        """A registered party. Refuses with `unknown_party`."""
        party = self.parties[address]
        if party is None:
            raise Refused("unknown_party", f"nobody is registered as {address}", party=address)
        return party

    def refuse_stopped(self, owner: str) -> None:
        """Refuse with `account_stopped` to spend where balances were found wrong (trust §4)."""
        stop = self.stops[owner]
        if stop is not None:
            raise Refused(
                "account_stopped",
                "a check found this account's balance wrong; spending stops until the operator has"
                " made the balances again from the entries",
                since=stop.since,
            )

    def forget_passing(self) -> None:
        """Forget what may change without an entry, or is asked once: stops and keys."""
        self.stops.clear()
        self.seen.clear()

    def active(self, address: str) -> Party:
        """A party that may act now. Refuses with `unknown_party` or `party_not_active`."""
        party = self.party(address)
        if party.state != "active":
            raise Refused(
                "party_not_active",
                f"{address} is {party.state}; reinstate it first, if that is right",
                party=address,
                state=party.state,
            )
        return party

    # Fetching ahead --------------------------------------------------------------------------

    def missing(self, wanted: Mapping[str, Iterable[Any]]) -> dict[str, list[Any]]:
        """By table, the keys among `wanted` whose rows are not in memory."""
        found = {}
        for table, keys in wanted.items():
            here = getattr(self, table)
            lacking = [key for key in dict.fromkeys(keys) if key not in here]
            if lacking:
                found[table] = lacking
        return found

    def take_in(self, table: str, keys: Iterable[Any], found: Mapping[Any, Any]) -> None:
        """Keep the rows that were found for `keys`; for the others, that there are none."""
        match table:
            case "purses":
                for owner in keys:
                    self.purses[owner] = dict(found.get(owner) or {})
            case "sessions":
                for key in keys:
                    records = found.get(key) or ()
                    self.sessions[key] = [record.record for record in records]
                    for record in records:
                        # A row already here is newer than the one that was fetched.
                        self.records.setdefault(record.record, record)
            case _:
                here = getattr(self, table)
                for key in keys:
                    here[key] = found.get(key)

    def prefetch(self, wanted: Mapping[str, Iterable[Any]]) -> None:
        """Fetch what is missing, one question a table."""
        for table, keys in self.missing(wanted).items():
            self.take_in(table, keys, self._source.fetch(table, keys))

    def weight(self) -> int:
        """How many rows are in memory: the sequencer starts afresh above its limit."""
        people = len(self.parties) + len(self.purses)
        return people + len(self.records) + len(self.sessions) + len(self.redemptions)

    # The fold --------------------------------------------------------------------------------

    def move(self, postings: Sequence[Posting]) -> None:
        """All of the postings, or none: ValueError for a broken floor leaves every balance as it
        was."""
        after: dict[tuple[str, str, str], int] = {}
        for source, destination, asset, amount in postings:
            slot = account.slot(source, asset)
            now = (after[slot] if slot in after else self._stands(slot)) - amount
            floor = account.floor_of(source, self.overdraft_minutes)
            broken = (floor is not None and now < floor) or now < -AMOUNT_MAX
            if broken and self.keeps_floors:
                raise ValueError(f"{source} would stand at {now} {asset}")
            after[slot] = now
            slot = account.slot(destination, asset)
            now = (after[slot] if slot in after else self._stands(slot)) + amount
            if now > AMOUNT_MAX and self.keeps_floors:
                raise ValueError(f"{destination} would stand at {now} {asset}")
            after[slot] = now
        for (owner, purse, asset), now in after.items():
            self.purses[owner][purse, asset] = now
        self.moved.update(after)

    def _stands(self, slot: tuple[str, str, str]) -> int:
        owner, purse, asset = slot
        return self.purse(owner).get((purse, asset), 0)

    def mention(self, owner: str, entry: Entry) -> None:
        """Remember that this entry is about `owner`."""
        self.mentions.append(Mention(owner, entry.index))

    def changed_balances(self) -> list[Balance]:
        """Every balance that moved since the last `forget_changes`."""
        return [
            Balance(owner, purse, asset, self.purses[owner][purse, asset])
            for owner, purse, asset in self.moved
        ]

    def forget_rows(self) -> None:
        """Drop every row from memory; they are fetched again when asked for."""
        self.forget_changes()
        self.purses.clear()
        self.sessions.clear()
        for name in self.ROW_TABLES:
            getattr(self, name).clear()

    def forget_changes(self) -> None:
        """What was added and changed is stored now."""
        self.moved.clear()
        self.mentions.clear()
        for name in self.ROW_TABLES:
            table: Table[Any, Any] = getattr(self, name)
            table.added.clear()
            table.changed.clear()
