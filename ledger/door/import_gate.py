"""What an organisation's caller may hand in by a file, and what it learns of a no (trust §5)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Final

from ledger import account
from ledger.actions.service import RecordService
from ledger.book import Book, Caller
from ledger.decide import bans
from ledger.door.tree import Tree
from ledger.errors import Refused
from ledger.intake.desk import Desk
from ledger.intake.gate import Noes
from ledger.intake.rows import Session
from ledger.rows import Party
from ledger.store import queries

_HELD: Final = Refused(
    "held_for_identity_check",
    "somebody in this row is held for an identity check; the operator will look into it",
)
"""All that is said of people whom somebody else registered."""
_FOREIGN: Final = Refused(
    "foreign_organisation", "this row is of an organisation for which you cannot record anything"
)
_FUTURE: Final = Refused(
    "recorded_in_the_future", "the row says that it was recorded later than now"
)
_TAKEN: Final = Refused("foreign_activity", "this activity's number is another organisation's")


class OrganisationGate:
    """Lets records of the organisation itself and of those below it pass, about people whom it may
    know. For the length of one run."""

    def __init__(self, book: Book, caller: Caller, *, source: bytes = b"") -> None:
        """`source`: under what the file's records are known, where some of its rows were emptied
        since; by default under what its bytes come to."""
        self._known_as = source
        self._book = book
        self._caller = caller
        self._tree = Tree(book, caller)
        self._ours: dict[str, bool] = {}
        self._banned: dict[str, bool] = {}
        self._strange: set[str] = set()

    def source(self, digest: bytes) -> bytes:
        """Apart from the same file in other hands: what they were refused is no fate of ours."""
        if self._known_as:
            return self._known_as
        return hashlib.sha256(f"import\0{self._caller.party}\0".encode() + digest).digest()

    def source_of(self, content: bytes) -> bytes:
        """`source` of a file's bytes."""
        return self.source(hashlib.sha256(content).digest())

    def before_claims(self, sessions: Mapping[int, Session]) -> Noes:
        """Refuses with `foreign_organisation`, whether there is such an organisation or not, and
        with `recorded_in_the_future`."""
        now = self._book.clock.now_ms()
        noes: dict[int, Refused] = {}
        for number, each in sessions.items():
            if not self._is_ours(each.organisation_code):
                noes[number] = _FOREIGN
            elif each.recorded > now:
                noes[number] = _FUTURE
        return noes

    def before_decisions(
        self, sessions: Mapping[int, Session], actions: Mapping[int, RecordService], desk: Desk
    ) -> Noes:
        """Refuses with `held_for_identity_check`, `foreign_activity` and `backfill_banned`: what
        was proven against somebody is not got around by a file."""
        people = self._look_up(actions.values(), desk)
        banned = self._may_not_backfill(actions.values(), people)
        activities = desk.activities(list({each.activity for each in actions.values()}))
        noes: dict[int, Refused] = {}
        for number, action in actions.items():
            activity = activities.get(action.activity)
            if self._is_strange(sessions[number], action, people):
                noes[number] = _HELD
            elif activity is not None and not self._tree.acts_for(
                f"organisation:{activity.organisation}"
            ):
                noes[number] = _TAKEN
            elif action.evidence == "backfill" and action.volunteer in banned:
                noes[number] = banned[action.volunteer]
        return noes

    def told(self, action: RecordService, refused: Refused) -> str:
        """The code, but for a conflict with somebody of whom the organisation may not know."""
        if refused.code == "identity_conflict" and action.record in self._strange:
            return _HELD.code
        return refused.code

    def _is_ours(self, code: str) -> bool:
        known = self._ours.get(code)
        if known is None:
            found = self._book.vault.find("organisation", "organisation_code", code)
            known = any(self._tree.acts_for(f"organisation:{one}") for one in found)
            self._ours[code] = known
        return known

    def _look_up(self, actions: Iterable[RecordService], desk: Desk) -> Mapping[str, Party]:
        """Whoever is registered among those that these actions name, by address."""
        wanted: dict[str, None] = {}
        for each in actions:
            wanted |= dict.fromkeys(account.volunteer(one) for one in _people(each))
            wanted |= dict.fromkeys(f"staff:{one}" for one in (each.recorder, each.approver))
        people = desk.parties(list(wanted)) if wanted else {}
        self._served = self._served_here(
            [
                (each.volunteer, each.organisation)
                for each in actions
                if account.volunteer(each.volunteer) in people
            ]
        )
        return people

    def _may_not_backfill(
        self, actions: Iterable[RecordService], people: Mapping[str, Party]
    ) -> Mapping[str, Refused]:
        """Whoever may not backfill at present, by id (domain §10 P17)."""
        owners = {
            each.volunteer
            for each in actions
            if each.evidence == "backfill" and account.volunteer(each.volunteer) in people
        }
        found: dict[str, Refused] = {}
        if owners:
            now = self._book.clock.now_ms()
            with self._book.database.reading() as connection:
                standing = self._book.standing_in(connection)
                standing.prefetch({"bans": [account.volunteer(one) for one in owners]})
                for one in owners:
                    try:
                        bans.refuse_banned(account.volunteer(one), standing, now)
                    except Refused as no:
                        found[one] = no
        return found

    def _served_here(self, pairs: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
        wanted = set(pairs)
        if not wanted:
            return set()
        with self._book.database.reading() as connection:
            return wanted & queries.served_at(connection, {one for one, _ in wanted})

    def _is_strange(
        self, session: Session, action: RecordService, people: Mapping[str, Party]
    ) -> bool:
        """Whether the session names a volunteer or staff of somebody else's, or somebody who may
        not be registered; and note whose conflicts may not be told."""
        for one in (action.recorder, action.approver):
            staff = people.get(f"staff:{one}")
            if staff is not None and staff.parent and not self._tree.acts_for(staff.parent):
                return True
        if any(
            (other := people.get(account.volunteer(one))) is not None
            and not self._knows(other, action.organisation, one)
            for one in action.conflicts
        ):
            self._strange.add(action.record)
        party = people.get(account.volunteer(action.volunteer))
        if party is None:
            return self._is_banned(session.identity_number)
        return not self._knows(party, action.organisation, action.volunteer)

    def _knows(self, party: Party, organisation: str, volunteer: str) -> bool:
        """Whether the organisation registered this person, or one above or below it did, or nobody
        in particular; or an earlier record of theirs is its own."""
        return (
            not party.parent
            or self._tree.acts_for(party.parent)
            or party.parent in self._tree.line(self._caller.party)
            or (volunteer, organisation) in self._served
        )

    def _is_banned(self, identity_number: str) -> bool:
        known = self._banned.get(identity_number)
        if known is None:
            known = self._book.vault.is_banned(identity_number, at=self._book.clock.now_ms())
            self._banned[identity_number] = known
        return known


def _people(action: RecordService) -> tuple[str, ...]:
    return (action.volunteer, *action.conflicts)
