"""What the entries so far add up to, as far as anybody has asked.

`Standing` is the one fold over entries. The sequencer decides against it and writes what changed;
`sidereal rebuild` folds the whole journal into fresh tables; a replay folds it in memory. All three
therefore agree by construction. Rows come from a `Source` when first asked for. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
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
    Credential,
    Document,
    Mention,
    Party,
    Record,
    Redemption,
    Reward,
    Seen,
    Stop,
    Taking,
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
        "takings",
        "redemptions",
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
        self.takings: Table[tuple[str, str], Taking] = Table("takings", source)
        self.redemptions: Table[str, Redemption] = Table("redemptions", source)
        self.documents: Table[tuple[str, str, int], Document] = Table("documents", source)
        self.stops: Table[str, Stop] = Table("stops", source)
        self.seen: Table[bytes, Seen] = Table("seen", source)
        self.purses: dict[str, Purse] = {}
        self.sessions: dict[tuple[str, int], list[str]] = {}
        self.moved: set[tuple[str, str, str]] = set()
        self.mentions: list[Mention] = []
        self.policies: list[Policy] = []
        self._policy_by_day: dict[int, Policy] = {}
        self.calendar_documents: dict[tuple[str, int], Mapping[str, Any]] = {}
        self._calendars: dict[str, Calendar] = {}
        self.overdraft_minutes = 0

    def learn_policy(self, document: Mapping[str, Any]) -> None:
        """A policy document (canonical form) counts from its effective date on."""
        policy = policy_from_canonical(document)
        self.policies.append(policy)
        self._policy_by_day.clear()
        self.overdraft_minutes = max(self.overdraft_minutes, policy.tb_overdraft_min_minutes)

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

    def policy_on(self, day: date) -> Policy:
        """The policy in force on a local day. Refuses with `no_policy_in_force`."""
        return policy_in_force(self.policies, day)

    def policy_at(self, time: int) -> Policy:
        """The policy in force on the day of `time` (ms) in China. Refuses as `policy_on`."""
        day = (time + CHINA_OFFSET_MS) // DAY_MS
        policy = self._policy_by_day.get(day)
        if policy is None:
            # A year beyond the calendar has no date: no policy can be in force then.
            in_reach = date.min.toordinal() <= day + EPOCH_DAY <= date.max.toordinal()
            day_or_none = date.fromordinal(day + EPOCH_DAY) if in_reach else date.min
            policy = self._policy_by_day[day] = self.policy_on(day_or_none)
        return policy

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
        return len(self.records) + len(self.purses) + len(self.sessions) + len(self.seen)

    # The fold --------------------------------------------------------------------------------

    def apply(self, entry: Entry) -> None:
        """Fold one entry. Raises ValueError where a posting would break a floor: nothing is
        changed then, and the entry must not be written."""
        if entry.postings:
            self._move(entry.postings)
        if entry.part == 0:
            key = bytes.fromhex(entry.idem.key)
            self.seen.add(key, Seen(key, entry.index, entry.parts))
        _FOLD[entry.kind](self, entry.facts, entry)

    def _move(self, postings: Sequence[Posting]) -> None:
        """All of the postings, or none: a broken floor leaves every balance as it was."""
        after: dict[tuple[str, str, str], int] = {}
        for source, destination, asset, amount in postings:
            slot = account.slot(source, asset)
            now = (after[slot] if slot in after else self._stands(slot)) - amount
            floor = account.floor_of(source, self.overdraft_minutes)
            if (floor is not None and now < floor) or now < -AMOUNT_MAX:
                raise ValueError(f"{source} would stand at {now} {asset}")
            after[slot] = now
            slot = account.slot(destination, asset)
            now = (after[slot] if slot in after else self._stands(slot)) + amount
            if now > AMOUNT_MAX:
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


def points_brought(postings: Sequence[Posting]) -> tuple[int, str]:
    """(hundredths, lapse date or "") of the points that these postings issue."""
    hundredths, vintage = 0, ""
    for posting in postings:
        if posting.asset == account.POINT and posting.source == account.ISSUERS[account.POINT]:
            hundredths += posting.amount
            purse = account.split(posting.destination)[1]
            if purse.startswith(account.POINTS_PURSE):
                vintage = purse[len(account.POINTS_PURSE) :]
    return hundredths, vintage


def _register(standing: Standing, entry: Entry, address: str, **given: str) -> None:
    party = Party(
        address=address,
        state="active",
        parent=given.get("parent", ""),
        tier=given.get("tier", ""),
        form=given.get("form", ""),
        guardian=given.get("guardian", ""),
        last_capture=0,
        since=entry.index,
    )
    standing.parties.add(address, party)
    standing.mention(address, entry)


def _organisation(organisation: str) -> str:
    return f"organisation:{organisation}" if organisation else ""


def _volunteer_registered(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    _register(
        standing,
        entry,
        account.volunteer(facts["volunteer"]),
        parent=_organisation(facts["organisation"]),
        guardian=facts["guardian"],
    )


def _guardian_consented(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    address = account.volunteer(facts["volunteer"])
    standing.parties.change(address, standing.party(address)._replace(guardian="consented"))
    standing.mention(address, entry)


def _organisation_registered(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    _register(
        standing,
        entry,
        _organisation(facts["organisation"]),
        parent=_organisation(facts["parent"]),
        tier=facts["tier"],
        form=facts["form"],
    )


def _staff_registered(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    parent = _organisation(facts["organisation"])
    _register(standing, entry, f"staff:{facts['staff']}", parent=parent)


def _branch_registered(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    merchant = f"merchant:{facts['merchant']}"
    _register(standing, entry, f"branch:{facts['branch']}", parent=merchant)
    standing.mention(merchant, entry)


def _terminal_registered(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    _register(standing, entry, f"terminal:{facts['terminal']}", parent=f"branch:{facts['branch']}")
    standing.mention(f"merchant:{facts['merchant']}", entry)


def _registers(role: str) -> Callable[[Standing, Mapping[str, Any], Entry], None]:
    def fold(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
        _register(standing, entry, f"{role}:{facts[role]}")

    return fold


def _party_becomes(state: str) -> Callable[[Standing, Mapping[str, Any], Entry], None]:
    def fold(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
        address = facts["party"]
        standing.parties.change(address, standing.party(address)._replace(state=state))
        standing.mention(address, entry)

    return fold


def _relation(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    # Who is related to whom, and how, is the vault's to know.
    standing.mention(account.volunteer(facts["volunteer"]), entry)


def _credential_issued(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    standing.credentials.add(
        facts["credential"],
        Credential(
            credential=facts["credential"],
            party=facts["party"],
            role=facts["role"],
            scopes=facts["scopes"],
            terminal=facts["terminal"],
            expires=facts["expires"],
            revoked=0,
            since=entry.index,
        ),
    )
    standing.mention(facts["party"], entry)


def _credential_revoked(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    credential = _present(standing.credentials[facts["credential"]])
    standing.credentials.change(credential.credential, credential._replace(revoked=1))
    standing.mention(credential.party, entry)


def _activity_registered(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    standing.activities.add(facts["activity"], Activity(**facts, since=entry.index))


def _service_recorded(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    points, vintage = points_brought(entry.postings)
    outcome, minutes, volunteer = facts["outcome"], facts["minutes"], facts["volunteer"]
    record = Record(
        facts["record"],
        volunteer,
        facts["organisation"],
        facts["activity"],
        outcome,
        facts["evidence"],
        facts["reasons"],
        facts["starts"],
        facts["ends"],
        facts["check_in"],
        facts["check_out"],
        facts["recorded"],
        minutes,
        minutes if outcome == "effective" else 0,
        points,
        vintage,
        0,
        0,
        facts["recorder"],
        facts["approver"],
        facts["corrects"],
        entry.index,
    )
    standing.records.add(record.record, record)
    window = (volunteer, record.check_in // WINDOW_MS)
    # A decision has always fetched the window before; a rebuild never does and needs none.
    if window in standing.sessions:
        standing.sessions[window].append(record.record)
    standing.mention(account.volunteer(volunteer), entry)


def _service_confirmed(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    record = _present(standing.records[facts["record"]])
    points, vintage = points_brought(entry.postings)
    standing.records.change(
        record.record,
        record._replace(state="effective", paid=facts["minutes"], points=points, vintage=vintage),
    )
    standing.mention(account.volunteer(record.volunteer), entry)


def _service_refused(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    record = _present(standing.records[facts["record"]])
    standing.records.change(record.record, record._replace(state="refused"))
    standing.mention(account.volunteer(record.volunteer), entry)


def _service_reversed(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    record = _present(standing.records[facts["record"]])
    standing.records.change(record.record, record._replace(state="reversed"))
    standing.mention(account.volunteer(record.volunteer), entry)


def _points_lapsed(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    standing.mention(account.volunteer(facts["volunteer"]), entry)


def _time_deposited(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    record = _present(standing.records[facts["record"]])
    standing.records.change(
        record.record,
        record._replace(deposited=facts["minutes"], overflow=facts["overflow_minutes"]),
    )
    standing.mention(account.volunteer(record.volunteer), entry)


def _time_transferred(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    standing.mention(account.volunteer(facts["volunteer"]), entry)
    standing.mention(account.volunteer(facts["recipient"]), entry)


def _time_donated(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    standing.mention(account.volunteer(facts["volunteer"]), entry)


def _reward_published(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    standing.rewards.add(facts["reward"], Reward(**facts, state="published", since=entry.index))
    standing.mention(f"merchant:{facts['merchant']}", entry)


def _reward_withdrawn(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    reward = _present(standing.rewards[facts["reward"]])
    standing.rewards.change(reward.reward, reward._replace(state="withdrawn"))
    standing.mention(f"merchant:{reward.merchant}", entry)


def _take(standing: Standing, reward_id: str, volunteer: str, quantity: int) -> None:
    """`quantity` of a reward goes to a volunteer; below zero it comes back."""
    reward = _present(standing.rewards[reward_id])
    standing.rewards.change(reward_id, reward._replace(stock=reward.stock - quantity))
    taking = standing.takings[reward_id, volunteer]
    if taking is None:
        standing.takings.add((reward_id, volunteer), Taking(reward_id, volunteer, quantity))
    else:
        changed = taking._replace(quantity=taking.quantity + quantity)
        standing.takings.change((reward_id, volunteer), changed)


def _redemption_reserved(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    lots = " ".join(f"{posting.source}={posting.amount}" for posting in entry.postings)
    standing.redemptions.add(
        facts["redemption"],
        Redemption(
            redemption=facts["redemption"],
            volunteer=facts["volunteer"],
            reward=facts["reward"],
            merchant=facts["merchant"],
            state="reserved",
            asset=facts["asset"],
            quantity=facts["quantity"],
            amount=facts["amount"],
            lots=lots,
            expires=facts["expires"],
            branch="",
            terminal="",
            captured=0,
            captured_quantity=0,
            flag="none",
            since=entry.index,
        ),
    )
    _take(standing, facts["reward"], facts["volunteer"], facts["quantity"])
    standing.mention(account.volunteer(facts["volunteer"]), entry)
    standing.mention(f"merchant:{facts['merchant']}", entry)


def _redemption_captured(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    redemption = _present(standing.redemptions[facts["redemption"]])
    standing.redemptions.change(
        redemption.redemption,
        redemption._replace(
            state="captured",
            branch=facts["branch"],
            terminal=facts["terminal"],
            captured=entry.time,
            captured_quantity=facts["quantity"],
            flag=facts["flag"],
        ),
    )
    left = redemption.quantity - facts["quantity"]
    if left:
        _take(standing, redemption.reward, redemption.volunteer, -left)
    holder = account.volunteer(redemption.volunteer)
    standing.parties.change(holder, standing.party(holder)._replace(last_capture=entry.time))
    standing.mention(holder, entry)
    standing.mention(f"merchant:{redemption.merchant}", entry)


def _redemption_ends(state: str) -> Callable[[Standing, Mapping[str, Any], Entry], None]:
    def fold(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
        redemption = _present(standing.redemptions[facts["redemption"]])
        standing.redemptions.change(redemption.redemption, redemption._replace(state=state))
        _take(standing, redemption.reward, redemption.volunteer, -redemption.quantity)
        standing.mention(account.volunteer(redemption.volunteer), entry)
        standing.mention(f"merchant:{redemption.merchant}", entry)

    return fold


def _policy_adopted(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    name, version = facts["policy"], facts["version"]
    standing.documents.add(
        ("policy", name, version), Document("policy", name, version, entry.index)
    )
    standing.learn_policy(facts["document"])


def _calendar_adopted(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    name, year = facts["calendar"], facts["year"]
    key = ("calendar", name, year)
    put = standing.documents.add if standing.documents[key] is None else standing.documents.change
    put(key, Document(*key, entry.index))
    standing.learn_calendar(name, year, facts["document"])


def _changes_no_row(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    """The entry itself is all there is."""


def _present(row: Row | None) -> Row:
    """A row that an entry just decided speaks of; missing, the fold has a bug."""
    if row is None:
        raise LookupError("an entry speaks of a row that was never written")
    return row


_FOLD: Final[Mapping[str, Callable[[Standing, Mapping[str, Any], Entry], None]]] = {
    "genesis": _changes_no_row,
    "policy_adopted": _policy_adopted,
    "calendar_adopted": _calendar_adopted,
    "volunteer_registered": _volunteer_registered,
    "guardian_consented": _guardian_consented,
    "organisation_registered": _organisation_registered,
    "staff_registered": _staff_registered,
    "merchant_registered": _registers("merchant"),
    "branch_registered": _branch_registered,
    "terminal_registered": _terminal_registered,
    "auditor_registered": _registers("auditor"),
    "operator_registered": _registers("operator"),
    "party_suspended": _party_becomes("suspended"),
    "party_reinstated": _party_becomes("active"),
    "party_left": _party_becomes("left"),
    "party_forgotten": _party_becomes("forgotten"),
    "relation_registered": _relation,
    "relation_removed": _relation,
    "credential_issued": _credential_issued,
    "credential_revoked": _credential_revoked,
    "activity_registered": _activity_registered,
    "service_recorded": _service_recorded,
    "service_confirmed": _service_confirmed,
    "service_refused": _service_refused,
    "service_reversed": _service_reversed,
    "points_lapsed": _points_lapsed,
    "time_deposited": _time_deposited,
    "time_transferred": _time_transferred,
    "time_donated": _time_donated,
    "reward_published": _reward_published,
    "reward_withdrawn": _reward_withdrawn,
    "redemption_reserved": _redemption_reserved,
    "redemption_captured": _redemption_captured,
    "redemption_released": _redemption_ends("released"),
    "redemption_expired": _redemption_ends("expired"),
    "access_committed": _changes_no_row,
}
