"""What each kind of entry changes: the one fold over the journal.

The sequencer folds what it has just decided, `sidereal rebuild` the whole journal, a replay the
entries of a bundle: all three agree by construction (docs/decisions/0002). Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

from ledger import account
from ledger.entry import Entry
from ledger.posting import Posting
from ledger.rows import (
    Activity,
    Credential,
    Document,
    Party,
    Record,
    Redemption,
    Reward,
    Seen,
    Taking,
)
from ledger.standing import WINDOW_MS, Standing

Row = TypeVar("Row")


def fold(standing: Standing, entry: Entry) -> None:
    """Change `standing` as the entry says.

    Raises ValueError where a posting would break a floor: nothing is changed then, and the entry
    must not be written.
    """
    if entry.postings:
        standing.move(entry.postings)
    if entry.part == 0:
        key = bytes.fromhex(entry.idem.key)
        standing.seen.add(key, Seen(key, entry.index, entry.parts))
    _FOLD[entry.kind](standing, entry.facts, entry)


Fold = Callable[[Standing, Mapping[str, Any], Entry], None]


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


def _registers(role: str) -> Fold:
    def change(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
        _register(standing, entry, f"{role}:{facts[role]}")

    return change


def _party_becomes(state: str) -> Fold:
    def change(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
        address = facts["party"]
        standing.parties.change(address, standing.party(address)._replace(state=state))
        standing.mention(address, entry)

    return change


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


def _redemption_ends(state: str) -> Fold:
    def change(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
        redemption = _present(standing.redemptions[facts["redemption"]])
        standing.redemptions.change(redemption.redemption, redemption._replace(state=state))
        _take(standing, redemption.reward, redemption.volunteer, -redemption.quantity)
        standing.mention(account.volunteer(redemption.volunteer), entry)
        standing.mention(f"merchant:{redemption.merchant}", entry)

    return change


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


_FOLD: Final[Mapping[str, Fold]] = {
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
