"""Who and what the numbers in a file stand for.

Turns sessions, in which people's own numbers stand, into actions, in which only random ids do.
Whoever is new becomes a candidate in the vault and is introduced by the first session that the
ledger does not refuse; a session that is refused teaches nobody anything (design §10).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Final

from ledger.actions.parties import RegisterOrganisation, RegisterStaff, RegisterVolunteer
from ledger.actions.service import Introduction, RecordService, RegisterActivity
from ledger.entry import Entry
from ledger.intake.desk import Desk
from ledger.intake.rows import Session
from ledger.vault import Vault
from ledger.vault.claims import Claimed, Claims, VolunteerClaim

_VOLUNTEER: Final = "volunteer"
_ORGANISATION: Final = "organisation"
_STAFF: Final = "staff"
_ACTIVITY: Final = "activity"


class People:
    """The parties and activities of one file.

    `guardian_below_age` and `today` decide who is a minor without whose guardian's consent
    nothing new could be recorded (domain §10 P22).
    """

    def __init__(
        self,
        claims: Claims,
        desk: Desk,
        new_id: Callable[[], str],
        *,
        guardian_below_age: int,
        today: date,
    ) -> None:
        self._claims = claims
        self._desk = desk
        self._new_id = new_id
        self._guardian_below_age = guardian_below_age
        self._today = today
        self._ids: dict[str, dict[str, str]] = {_ORGANISATION: {}, _STAFF: {}, _ACTIVITY: {}}
        self._texts: dict[tuple[str, str, str], str] = {}
        self._under_age: dict[str, bool] = {}
        self._without_consent: set[str] = set()
        self._unregistered: set[tuple[str, str]] = set()
        self._registered: set[tuple[str, str]] = set()
        self._named_texts: set[str] = set()

    def actions(self, sessions: Sequence[Session]) -> list[RecordService]:
        """An action for each session. What they name is claimed, and written where it is new."""
        volunteers = self._claim_volunteers(sessions)
        self._claim(
            _ORGANISATION,
            {each.organisation_code: {"name": each.organisation} for each in reversed(sessions)},
        )
        self._claim(_STAFF, {n: {} for each in sessions for n in (each.recorder, each.approver)})
        self._claim(_ACTIVITY, {each.activity: {} for each in sessions})
        self._look_up_registered()
        self._seal_texts(sessions)
        return [
            self._action(each, volunteers[each.volunteer, each.identity_number])
            for each in sessions
        ]

    def is_minor_without_consent(self, volunteer: str) -> bool:
        """Whether this volunteer is a minor today and no guardian's consent is recorded."""
        return volunteer in self._without_consent

    def learn(self, entries: Iterable[Entry]) -> None:
        """These entries were written: the texts that they name are needed."""
        for entry in entries:
            if entry.kind == "activity_registered":
                self._named_texts.add(entry.facts["text"])

    def sweep(self, vault: Vault, *, made_before_ms: int) -> None:
        """Forget candidates and texts of this file that no entry names.

        Others' are left alone, so that no door that is about to record something is robbed.
        Only after the session of claims has ended.
        """
        mine = {one: (kind, one) for kind, one in self._unregistered}
        if mine:

            def is_registered(ids: Sequence[str]) -> set[str]:
                # Asked again under the lock: somebody may have registered one since.
                asked = [mine[one] for one in ids if one in mine]
                found = {one for _, one in self._look_up(asked)}
                return {one for one in ids if one not in mine or one in found}

            vault.sweep(is_registered, made_before_ms)
        orphans = set(self._texts.values()) - self._named_texts
        if orphans:
            vault.sweep_texts(lambda digests: set(digests) - orphans, made_before_ms)

    def _claim_volunteers(self, sessions: Sequence[Session]) -> dict[tuple[str, str], Claimed]:
        # Claimed again in every chunk, because conflicts grow with whoever came since.
        wanted: dict[tuple[str, str], str] = {}
        for each in sessions:
            wanted.setdefault((each.volunteer, each.identity_number), each.name)
        claimed = self._claims.volunteers(
            [
                VolunteerClaim(number=number, identity_number=identity_number, name=name)
                for (number, identity_number), name in wanted.items()
            ]
        )
        ids = [each.id for each in claimed]
        self._unregistered.update(
            (_VOLUNTEER, one) for one in ids if (_VOLUNTEER, one) not in self._registered
        )
        unasked = [one for one in ids if one not in self._under_age]
        if unasked:
            ages = self._claims.attest_ages(unasked, self._guardian_below_age, self._today)
            for one in unasked:
                self._under_age[one] = ages[one] != "met"
                if self._under_age[one]:
                    self._without_consent.add(one)
        return dict(zip(wanted, claimed, strict=True))

    def _claim(self, kind: str, wanted: Mapping[str, Mapping[str, str]]) -> None:
        ids = self._ids[kind]
        new = [(key, fields) for key, fields in wanted.items() if key not in ids]
        if not new:
            return
        for (key, _), claimed in zip(new, self._claims.others(kind, new), strict=True):
            ids[key] = claimed.id
            self._unregistered.add((kind, claimed.id))

    def _look_up_registered(self) -> None:
        known = self._look_up(sorted(self._unregistered))
        self._registered |= known
        self._unregistered -= known

    def _look_up(self, wanted: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
        """Those of these (kind, id) that an entry has registered."""
        parties = {f"{kind}:{one}": (kind, one) for kind, one in wanted if kind != _ACTIVITY}
        activities = [one for kind, one in wanted if kind == _ACTIVITY]
        found = set()
        if parties:
            for address, party in self._desk.parties(list(parties)).items():
                found.add(parties[address])
                if party.guardian == "consented":
                    self._without_consent.discard(parties[address][1])
        if activities:
            found.update((_ACTIVITY, one) for one in self._desk.activities(activities))
        return found

    def _seal_texts(self, sessions: Sequence[Session]) -> None:
        """Seal what is said of activities that no entry knows yet, each text once."""
        new = []
        for each in sessions:
            text = (each.activity, each.activity_name, each.category)
            is_known = (_ACTIVITY, self._ids[_ACTIVITY][each.activity]) in self._registered
            if not is_known and text not in self._texts:
                self._texts[text] = ""
                new.append(text)
        if new:
            digests = self._claims.seal_texts(
                [{"name": name, "category": category} for _, name, category in new]
            )
            self._texts.update(zip(new, digests, strict=True))

    def _action(self, session: Session, volunteer: Claimed) -> RecordService:
        organisation = self._ids[_ORGANISATION][session.organisation_code]
        activity = self._ids[_ACTIVITY][session.activity]
        # Who appears as staff in the own record is the volunteer, and is refused for it.
        recorder, approver = (
            volunteer.id if number == session.volunteer else self._ids[_STAFF][number]
            for number in (session.recorder, session.approver)
        )
        return RecordService(
            record=self._new_id(),
            volunteer=volunteer.id,
            organisation=organisation,
            activity=activity,
            evidence=session.evidence,
            starts=session.starts,
            ends=session.ends,
            check_in=session.check_in,
            check_out=session.check_out,
            deducted_minutes=session.deducted_minutes,
            recorder=recorder,
            approver=approver,
            recorded=session.recorded,
            kind=session.kind,
            introduces=self._introductions(
                session, volunteer.id, organisation, activity, (recorder, approver)
            ),
            conflicts=volunteer.conflicts,
        )

    def _introductions(
        self,
        session: Session,
        volunteer: str,
        organisation: str,
        activity: str,
        staff: Sequence[str],
    ) -> tuple[Introduction, ...]:
        """Registrations of whom no entry knew when this chunk began."""
        new: list[Introduction] = []
        unregistered = self._unregistered
        if (_ORGANISATION, organisation) in unregistered:
            new.append(RegisterOrganisation(organisation=organisation))
        if (_VOLUNTEER, volunteer) in unregistered:
            guardian = "missing" if self._under_age[volunteer] else "not_needed"
            new.append(
                RegisterVolunteer(volunteer=volunteer, organisation=organisation, guardian=guardian)
            )
        new += [
            RegisterStaff(staff=one)
            for one in dict.fromkeys(staff)
            if (_STAFF, one) in unregistered
        ]
        if (_ACTIVITY, activity) in unregistered:
            new.append(
                RegisterActivity(
                    activity=activity,
                    organisation=organisation,
                    category=session.ledger_category,
                    text=self._texts[session.activity, session.activity_name, session.category],
                )
            )
        return tuple(new)
