"""Activities and service records, singly and in batches.

The activity says which organisation a record belongs to, and when it was meant to take place.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from ledger import account
from ledger.actions.service import (
    ConfirmService,
    CorrectService,
    EvaluateService,
    RecordQualification,
    RecordService,
    RefuseService,
    RegisterActivity,
    ReverseService,
)
from ledger.book import Book, Caller
from ledger.decide.qualifications import INSURANCE
from ledger.door.asking import Asking
from ledger.door.tree import Tree, activity_row, record_of_ours, rows, unknown_party
from ledger.errors import Refused
from ledger.rows import Activity, Party, Terms
from ledger.sequencer import Receipt, Result
from ledger.store import journal, queries, tables
from ledger.store.outcomes import NO_ENTRY, Outcome, read_outcomes

ITEMS_MAX: Final = 5_000
"""How many records one batch may hold."""
SPENT: Final[Mapping[str, str]] = {
    "travel": "travel_minutes",
    "meals": "meal_minutes",
    "rest": "rest_minutes",
}
"""What time within a session may have gone into (domain §10 P4), and the field that says so."""


def register_activity(
    ask: Asking,
    *,
    name: str,
    content: str,
    category: str,
    starts: int = 0,
    ends: int = 0,
    organisation: str = "",
    number: str = "",
    training: str = "",
    insurance: str = "",
    min_age: int = 0,
    participants: int = 0,
) -> Receipt:
    """An activity of an organisation, with its published times (ms; 0 and 0: none published).

    `training` is a course that those who take part complete first: an activity itself, so that it
    has a name and an organisation. Refuses with `organisation_needed`, `unknown_party`,
    `unknown_activity` and `bad_time`.
    """
    organisation = organisation or (ask.caller.id if ask.caller.role == "organisation" else "")
    if not organisation:
        raise Refused("organisation_needed", "say which organisation's activity this is")
    Tree(ask.book, ask.caller).refuse_unless_ours(f"organisation:{organisation}")
    if bool(starts) != bool(ends):
        raise Refused("bad_time", "give both times of the activity, or neither")
    if training:
        _refuse_unknown_course(ask.book, training)
    return ask.record(
        RegisterActivity(
            activity=ask.book.new_id(),
            organisation=organisation,
            category=category,
            starts=starts,
            ends=ends,
            text=ask.sealed(name=name, content=content, number=number),
            training=training,
            insurance=insurance,
            min_age=min_age,
            participants=participants,
        )
    )


def record_qualification(
    ask: Asking,
    *,
    volunteer: str,
    valid_from: int,
    valid_until: int = 0,
    course: str = "",
    learning_minutes: int = 0,
    recorder: str = "",
    organisation: str = "",
) -> Receipt:
    """A course that a volunteer completed, an activity's id; without one, an insurance that covers
    them. Times in ms, `valid_until` 0 for without end. Refuses with `organisation_needed`,
    `unknown_party` and `unknown_activity`."""
    book, caller = ask.book, ask.caller
    organisation = organisation or (caller.id if caller.role == "organisation" else "")
    if not organisation:
        raise Refused("organisation_needed", "say which organisation records this")
    tree = Tree(book, caller)
    tree.refuse_unless_ours(f"organisation:{organisation}")
    if not known_to(book, caller, tree, [(volunteer, organisation)]):
        raise unknown_party(account.volunteer(volunteer))
    if recorder:
        refuse_foreign_staff(tree, recorder, volunteer)
    if course:
        _refuse_unknown_course(book, course)
    return ask.record(
        RecordQualification(
            volunteer=volunteer,
            organisation=organisation,
            what=course or INSURANCE,
            learning_minutes=learning_minutes,
            valid_from=valid_from,
            valid_until=valid_until,
            recorder=recorder,
        )
    )


def _refuse_unknown_course(book: Book, course: str) -> None:
    if activity_row(book, course) is None:
        raise Refused("unknown_activity", "there is no such course; register it as an activity")


class Desk:
    """Turns what somebody sent into actions: one request's look at activities, staff and people."""

    def __init__(self, book: Book, caller: Caller, items: Sequence[Mapping[str, Any]]) -> None:
        self._book = book
        self._tree = Tree(book, caller)
        self._activities: dict[str, Activity] = rows(
            book, "activities", [item["activity"] for item in items]
        )
        addresses = {f"staff:{item[who]}" for item in items for who in ("recorder", "approver")}
        addresses |= {f"organisation:{each.organisation}" for each in self._activities.values()}
        self._tree.fetch(addresses)
        self._known = known_to(
            book,
            caller,
            self._tree,
            [
                (item["volunteer"], self._activities[item["activity"]].organisation)
                for item in items
                if item["activity"] in self._activities
            ],
        )
        self._terms: dict[str, Terms] = rows(book, "terms", list(self._activities))
        self._of_age = self._ages(items)

    def action(self, item: Mapping[str, Any]) -> RecordService:
        """The record that `item` asks for. Refuses with `unknown_activity`, `unknown_party`,
        `activity_times_missing` or `times_are_published`."""
        activity = self._activities.get(item["activity"])
        if activity is None or not self._tree.acts_for(f"organisation:{activity.organisation}"):
            raise Refused("unknown_activity", "there is no such activity; register it first")
        volunteer = item["volunteer"]
        for who in ("recorder", "approver"):
            refuse_foreign_staff(self._tree, item[who], volunteer)
        if (volunteer, activity.organisation) not in self._known:
            raise unknown_party(account.volunteer(volunteer))
        starts, ends = _times(item, activity)
        gate, tested = self._of_age.get((volunteer, *self._age_asked(item)), ("", 0))
        spent = [(what, item.get(name, 0)) for what, name in SPENT.items()]
        return RecordService(
            record=self._book.new_id(),
            volunteer=volunteer,
            organisation=activity.organisation,
            activity=activity.activity,
            evidence=item["evidence"],
            starts=starts,
            ends=ends,
            check_in=item["check_in"],
            check_out=item["check_out"],
            deducted_minutes=item.get("deducted_minutes", 0),
            recorder=item["recorder"],
            approver=item["approver"],
            kind=item.get("kind", ""),
            method=item.get("method", ""),
            spent=tuple((what, minutes) for what, minutes in spent if minutes),
            age_gate=gate,
            age_tested=tested,
        )

    def _age_asked(self, item: Mapping[str, Any]) -> tuple[int, str]:
        """The age that the item's activity asks, and the local day on which it must be reached."""
        terms = self._terms.get(item["activity"])
        if terms is None or not terms.min_age:
            return 0, ""
        return terms.min_age, self._book.policy().local_date(item["check_in"]).isoformat()

    def _ages(self, items: Sequence[Mapping[str, Any]]) -> dict[tuple[str, int, str], Any]:
        """(verdict, age tested) by volunteer, age and day: the vault is asked once for each age
        and day."""
        asked: dict[tuple[int, str], set[str]] = {}
        for item in items:
            age, day = self._age_asked(item)
            if age:
                asked.setdefault((age, day), set()).add(item["volunteer"])
        found = {}
        for (age, day), people in asked.items():
            verdicts = self._book.vault.attest_ages(sorted(people), age, date.fromisoformat(day))
            for one, verdict in verdicts.items():
                found[one, age, day] = (verdict, age)
        return found


def _times(item: Mapping[str, Any], activity: Activity) -> tuple[int, int]:
    """When the activity of an item takes place (ms): as published, or as the item says where
    nothing was. Which rules decide, what is late and how much can be backfilled follow from it."""
    starts, ends = item.get("starts", activity.starts), item.get("ends", activity.ends)
    if activity.starts and (starts, ends) != (activity.starts, activity.ends):
        raise Refused(
            "times_are_published",
            "this activity has published times; leave out `starts` and `ends`, or register the"
            " other dates as an activity of their own",
            starts=activity.starts,
            ends=activity.ends,
        )
    if not starts or not ends:
        raise Refused(
            "activity_times_missing",
            "this activity has no published times; send `starts` and `ends`",
        )
    return starts, ends


def refuse_foreign_staff(tree: Tree, staff: str, volunteer: str) -> None:
    """Refuse with `unknown_party` staff who work for somebody else."""
    # A volunteer named where staff belongs is refused by the rules, with its own code.
    if staff == volunteer:
        return
    party = tree.party(f"staff:{staff}")
    # Staff of no single organisation work for several.
    if party is None or (party.parent and not tree.acts_for(party.address)):
        raise unknown_party(f"staff:{staff}")


def known_to(
    book: Book, caller: Caller, tree: Tree, pairs: Iterable[tuple[str, str]]
) -> set[tuple[str, str]]:
    """Those (volunteer, organisation) among `pairs` where the organisation may record something
    about the volunteer.

    It registered them, or one above or below it in its own tree did; or they came without an
    organisation; or an earlier record of them is its own. Nobody sells hours to strangers whose id
    they happened to see (domain §8 S59). For an operator everybody who is registered is known.
    """
    wanted = set(pairs)
    tree.fetch(account.volunteer(volunteer) for volunteer, _ in wanted)
    known, others = set(), set()
    for volunteer, organisation in wanted:
        party = tree.party(account.volunteer(volunteer))
        if caller.role == "operator" or (
            # Who is not registered at all is refused by the rules, in the rules' order.
            party is None or _in_one_line(tree, party, f"organisation:{organisation}")
        ):
            known.add((volunteer, organisation))
        else:
            others.add((volunteer, organisation))
    if others:
        with book.database.reading() as connection:
            known |= others & queries.served_at(connection, {one for one, _ in others})
    return known


def _in_one_line(tree: Tree, party: Party, organisation: str) -> bool:
    """Whether the party's home is the organisation, or stands above or below it."""
    return not party.parent or (
        organisation in tree.line(party.parent) or party.parent in tree.line(organisation)
    )


def record(ask: Asking, **item: Any) -> Receipt:
    """One service record, entered now."""
    return ask.record(Desk(ask.book, ask.caller, [item]).action(item))


def confirm(ask: Asking, *, record: str) -> Receipt:
    """A reviewer confirms a held record."""
    record_of_ours(ask.book, ask.caller, record)
    return ask.record(ConfirmService(record=record, reviewer=_reviewer(ask)))


def refuse(ask: Asking, *, record: str, reason: str) -> Receipt:
    """A reviewer turns a held record down and says why."""
    record_of_ours(ask.book, ask.caller, record)
    return ask.record(
        RefuseService(record=record, reviewer=_reviewer(ask), reason=ask.sealed(reason=reason))
    )


def reverse(ask: Asking, *, record: str, reason: str) -> Receipt:
    """Take back an effective record and say why."""
    record_of_ours(ask.book, ask.caller, record)
    return ask.record(ReverseService(record=record, reason=ask.sealed(reason=reason)))


def correct(ask: Asking, *, record: str, reason: str, **item: Any) -> Receipt:
    """Reverse a record and write the corrected one in its place, both linked."""
    original = record_of_ours(ask.book, ask.caller, record)
    item = {"activity": original.activity, "volunteer": original.volunteer, **item}
    corrected = Desk(ask.book, ask.caller, [item]).action(item)
    if corrected.organisation != original.organisation:
        raise Refused("wrong_organisation", "a correction stays with its organisation")
    return ask.record(
        CorrectService(record=record, corrected=corrected, reason=ask.sealed(reason=reason))
    )


def evaluate(
    ask: Asking, *, record: str, score: int, conduct: str = "good", text: str = ""
) -> Receipt:
    """What an organisation says of a record of its own, once; `score` from 1 to 5."""
    record_of_ours(ask.book, ask.caller, record)
    return ask.record(
        EvaluateService(record=record, score=score, conduct=conduct, text=ask.sealed(text=text))
    )


def _reviewer(ask: Asking) -> str:
    return ask.caller.id if ask.caller.role == "reviewer" else ""


# Batches -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchAnswer:
    """What became of every item. `recorded` entries were written by this very call."""

    outcomes: Sequence[Outcome]
    entries: Mapping[int, Any]
    """The entries behind the outcomes, by index."""
    replayed: bool


def record_batch(ask: Asking, items: Sequence[Mapping[str, Any] | Refused]) -> BatchAnswer:
    """Up to `ITEMS_MAX` records in one transaction, each with its own outcome.

    An item that is a `Refused` already (its shape was wrong) keeps its place. The outcomes are
    kept, refused ones included, if anything was recorded; if nothing was, nothing is remembered.
    The same batch sent again under its key answers alike; another one refuses with `key_reused`.
    """
    if not 1 <= len(items) <= ITEMS_MAX:
        raise Refused("batch_too_large", f"a batch holds 1 to {ITEMS_MAX} records")
    source = ask.idem
    known = _answered(ask, source)
    if known is not None:
        return known
    desk = Desk(ask.book, ask.caller, [item for item in items if not isinstance(item, Refused)])
    asks: list[tuple[RecordService, str, bytes]] = []
    places: list[int] = []
    outcomes: dict[int, Outcome] = {}
    for place, item in enumerate(items):
        try:
            if isinstance(item, Refused):
                raise item
            asks.append((desk.action(item), *_part(ask, place)))
            places.append(place)
        except Refused as refused:
            outcomes[place] = _refused(source, place, refused)

    def beside(results: Sequence[Result]) -> list[tuple[Any, Outcome]]:
        """Outcomes in the same transaction as the entries: a crash keeps both or neither."""
        for place, result in zip(places, results, strict=True):
            outcomes[place] = _outcome(source, place, result)
        if not any(isinstance(result, Receipt) for result in results):
            return []
        return [(tables.outcomes, outcomes[place]) for place in range(len(items))]

    entries: dict[int, Any] = {}
    if asks:
        results = ask.book.record_all(asks, caller=ask.caller, beside=beside)
        for place, result in zip(places, results, strict=True):
            outcomes[place] = _outcome(source, place, result)
            if isinstance(result, Receipt):
                entries[result.entry.index] = result.entry
            elif result.code == "key_reused":
                raise result
    return BatchAnswer(
        outcomes=[outcomes[place] for place in range(len(items))],
        entries=entries,
        replayed=False,
    )


def _part(ask: Asking, place: int) -> tuple[str, bytes]:
    """Key and request of one item: the batch's, and its place. No client's key has a `#`."""
    request = json.dumps([place]).encode() + ask.request
    return f"{ask.key}#{place}", request


def _answered(ask: Asking, source: bytes) -> BatchAnswer | None:
    """The first answer again, if this batch recorded anything before."""
    with ask.book.database.reading() as connection:
        outcomes = list(read_outcomes(connection, source, 0, ITEMS_MAX).values())
        indexes = [each.entry for each in outcomes if each.entry != NO_ENTRY]
        entries = {each.index: each for each in journal.read_entries(connection, indexes)}
    if not indexes:
        return None
    first = next(each for each in outcomes if each.entry != NO_ENTRY)
    key, request = _part(ask, first.item)
    # Refuses where the key stood for another batch.
    ask.book.answered(caller=ask.caller, key=key, request=request)
    return BatchAnswer(outcomes=outcomes, entries=entries, replayed=True)


def _outcome(source: bytes, place: int, result: Result) -> Outcome:
    if isinstance(result, Refused):
        return _refused(source, place, result)
    facts = result.entry.facts
    points = sum(each.amount for each in result.entry.postings if each.asset == account.POINT)
    return Outcome(
        source,
        place,
        facts["outcome"],
        facts["reasons"],
        facts["minutes"],
        points,
        "",
        result.entry.index,
    )


def _refused(source: bytes, place: int, refused: Refused) -> Outcome:
    pointer = str(refused.facts.get("pointer", ""))
    return Outcome(source, place, "refused", refused.code, 0, 0, pointer, NO_ENTRY)
