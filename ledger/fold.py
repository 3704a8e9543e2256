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
    ASSISTED,
    CLERK,
    CLERK_DAY,
    CLERK_LIMITS,
    GUARDED,
    HELD_CARD,
    HELPER,
    HELPS,
    LEARNED,
    LENT,
    LINKED,
    NOTED,
    OFFLINE,
    QUALIFIED,
    REISSUED,
    ROTATING_USED,
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
    Taking,
    Terms,
    Webhook,
    continuous,
    intervals_in,
    objection_mark,
    offline_mark,
)
from ledger.standing import (
    WINDOW_MS,
    Standing,
    Table,
    china_date,
    china_day,
    month_of,
    period_of,
)
from ledger.webhooks.events import LISTENS, listeners, owner_of

Key = TypeVar("Key")
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
        registered=entry.time,
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


def _group_registered(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    _register(
        standing,
        entry,
        account.volunteer(facts["volunteer"]),
        parent=_organisation(facts["organisation"]),
        form="group",
        guardian="not_needed",
    )


def _majority_reached(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    address = account.volunteer(facts["volunteer"])
    standing.parties.change(address, standing.party(address)._replace(guardian="not_needed"))
    standing.mention(address, entry)


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


def _clerk_registered(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    _register(standing, entry, f"clerk:{facts['clerk']}", parent=f"branch:{facts['branch']}")
    standing.mention(f"merchant:{facts['merchant']}", entry)


def _clerk_limited(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    clerk = f"clerk:{facts['clerk']}"
    numbers = (facts["captures"], facts["points"], facts["minutes"])
    _mark(standing, clerk, CLERK_LIMITS, " ".join(map(str, numbers)), entry)
    standing.mention(clerk, entry)
    standing.mention(f"merchant:{facts['merchant']}", entry)


def taken_limits(standing: Standing, clerk: str) -> tuple[int, int, int]:
    """What a clerk may take in a day: captures, hundredths of a point, minutes; 0 for any."""
    return _three(standing.marks[f"clerk:{clerk}", CLERK_LIMITS])


def taken_by(standing: Standing, clerk: str, time: int) -> tuple[int, int, int]:
    """What a clerk took so far on the local day of `time` (ms): captures, hundredths of a point,
    minutes."""
    return _three(standing.marks[f"clerk:{clerk}", CLERK_DAY + china_date(time)])


def clerk_of(standing: Standing, credential: str) -> str:
    """Id of the clerk whose credential this is; "" for nobody's, or none."""
    mark = standing.marks[f"credential:{credential}", CLERK] if credential else None
    return mark.value if mark is not None else ""


def helper_of(standing: Standing, credential: str) -> str:
    """The address of whoever acts for a volunteer with this credential; "" for nobody."""
    mark = standing.marks[f"credential:{credential}", HELPER] if credential else None
    return mark.value if mark is not None else ""


def _three(mark: Mark | None) -> tuple[int, int, int]:
    if mark is None:
        return 0, 0, 0
    captures, points, minutes = map(int, mark.value.split(" "))
    return captures, points, minutes


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


def _credential_bound(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    _mark(standing, f"credential:{facts['credential']}", CLERK, facts["clerk"], entry)
    standing.mention(f"clerk:{facts['clerk']}", entry)
    standing.mention(f"merchant:{facts['merchant']}", entry)


def _credential_lent(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    credential, helped = facts["credential"], account.volunteer(facts["volunteer"])
    _mark(standing, f"credential:{credential}", HELPER, facts["helper"], entry)
    _mark(standing, helped, f"{LENT}{credential}", facts["helper"], entry)
    _mark(standing, facts["helper"], f"{HELPS}{credential}", helped, entry)
    standing.mention(helped, entry)
    standing.mention(facts["helper"], entry)


def _credential_linked(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    credential = _present(standing.credentials[facts["credential"]])
    _mark(standing, f"credential:{credential.credential}", LINKED, facts["means"], entry)
    standing.mention(credential.party, entry)


def _credential_revoked(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    credential = _present(standing.credentials[facts["credential"]])
    standing.credentials.change(credential.credential, credential._replace(revoked=1))
    standing.mention(credential.party, entry)


def _activity_registered(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    activity = Activity(**facts, since=entry.index, registered=entry.time)
    standing.activities.add(activity.activity, activity)


def _activity_terms(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    terms = Terms(
        activity=facts["activity"],
        training=facts["training"],
        insurance=facts["insurance"],
        min_age=facts["min_age"],
        participants=facts["participants"],
        since=entry.index,
    )
    _put(standing.terms, terms.activity, terms)


def _qualification_recorded(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    key = (facts["volunteer"], facts["what"])
    before = standing.qualifications[key]
    minutes = facts["learning_minutes"] + (before.minutes if before else 0)
    owner, what = account.volunteer(facts["volunteer"]), QUALIFIED + facts["what"]
    mark = standing.marks[owner, what]
    known = f"{mark.value} " if mark is not None else ""
    intervals = f"{known}{facts['valid_from']}:{facts['valid_until']}"
    _mark(standing, owner, what, intervals, entry)
    if facts["minutes"]:
        learned = f"{LEARNED}{china_day(facts['valid_from'])}"
        _count(standing, owner, learned, facts["minutes"], entry)
    row = Qualification(*key, minutes, *continuous(intervals_in(intervals))[-1], entry.index)
    _put(standing.qualifications, key, row)
    standing.mention(owner, entry)


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
    _hours_repaid(standing, volunteer, entry)
    standing.mention(account.volunteer(volunteer), entry)


def _service_confirmed(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    record = _present(standing.records[facts["record"]])
    points, vintage = points_brought(entry.postings)
    standing.records.change(
        record.record,
        record._replace(state="effective", paid=facts["minutes"], points=points, vintage=vintage),
    )
    _hours_repaid(standing, record.volunteer, entry)
    standing.mention(account.volunteer(record.volunteer), entry)


def _service_refused(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    record = _present(standing.records[facts["record"]])
    standing.records.change(record.record, record._replace(state="refused"))
    standing.mention(account.volunteer(record.volunteer), entry)


def _service_reversed(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    record = _present(standing.records[facts["record"]])
    standing.records.change(record.record, record._replace(state="reversed"))
    # Points that had lapsed were taken back from nobody, and lapse no second time.
    taken = sum(each.amount for each in entry.postings if each.asset == account.POINT)
    if record.points > taken:
        owner = account.volunteer(record.volunteer)
        _count(standing, owner, SWEPT + record.vintage, taken - record.points, entry)
    # Hours that redeemed time had taken along were not there any more to be taken back.
    _hours_short(standing, record.volunteer, record.evidence, record.paid - facts["minutes"], entry)
    standing.mention(account.volunteer(record.volunteer), entry)


def _service_evaluated(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    volunteer = facts["volunteer"]
    before = standing.conducts[volunteer] or Conduct(volunteer, 0, 0, 0)
    after = Conduct(
        volunteer,
        before.evaluations + 1,
        before.total + facts["score"],
        before.poor + (facts["conduct"] == "poor"),
    )
    _put(standing.conducts, volunteer, after)
    _mark(standing, f"record:{facts['record']}", "evaluated", facts["conduct"], entry)
    standing.mention(account.volunteer(volunteer), entry)


def _fraud_proven(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    ban = Ban(
        facts["party"],
        entry.time,
        facts["ban_until"],
        facts["minutes_at"],
        facts["minutes_needed"],
        entry.index,
    )
    _put(standing.bans, ban.party, ban)
    standing.mention(ban.party, entry)


def _fraud_dismissed(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    ban = _present(standing.bans[facts["party"]])
    over = ban._replace(until=0, minutes_at=0, minutes_needed=0, since=entry.index)
    standing.bans.change(ban.party, over)
    standing.mention(ban.party, entry)


def _objection_filed(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    objection = Objection(
        objection=facts["objection"],
        volunteer=facts["volunteer"],
        subject_kind=facts["subject_kind"],
        subject=facts["subject"],
        organisation=facts["organisation"],
        state="filed",
        filed=entry.time,
        flag_by=facts["flag_by"],
        decide_by=facts["decide_by"],
        since=entry.index,
    )
    standing.objections.add(objection.objection, objection)
    _mark_objection(standing, objection, objection.objection, entry)
    standing.mention(account.volunteer(objection.volunteer), entry)


def _mark_objection(standing: Standing, objection: Objection, value: str, entry: Entry) -> None:
    what = objection_mark(objection.subject_kind, objection.subject)
    _mark(standing, account.volunteer(objection.volunteer), what, value, entry)


def _objection_forwarded(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    objection = _present(standing.objections[facts["objection"]])
    after = objection._replace(
        state="forwarded", organisation=facts["organisation"], decide_by=facts["decide_by"]
    )
    standing.objections.change(objection.objection, after)
    standing.mention(account.volunteer(objection.volunteer), entry)


def _objection_decided(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    objection = _present(standing.objections[facts["objection"]])
    standing.objections.change(objection.objection, objection._replace(state=facts["outcome"]))
    _mark_objection(standing, objection, "", entry)
    standing.mention(account.volunteer(objection.volunteer), entry)


def _about_volunteer(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    standing.mention(account.volunteer(facts["volunteer"]), entry)


def _statement_accepted(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    _mark(standing, f"statement:{facts['statement']}", "accepted", facts["volunteer"], entry)
    # With which key this ledger last took something from that origin.
    _mark(standing, f"origin:{facts['origin']}", "key", facts["key"], entry)
    standing.mention(account.volunteer(facts["volunteer"]), entry)


def _service_ported(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    # Nobody here recorded or approved it: who did is written in the ledger that it comes from.
    record = Record(
        record=facts["record"],
        volunteer=facts["volunteer"],
        organisation="",
        activity="",
        state="effective",
        evidence=facts["evidence"],
        reasons="",
        starts=facts["starts"],
        ends=facts["ends"],
        check_in=facts["check_in"],
        check_out=facts["check_out"],
        recorded=entry.time,
        minutes=facts["claimed_minutes"],
        paid=facts["minutes"],
        points=0,
        vintage="",
        deposited=0,
        overflow=0,
        recorder="",
        approver="",
        corrects="",
        since=entry.index,
    )
    standing.records.add(record.record, record)
    window = (record.volunteer, record.check_in // WINDOW_MS)
    if window in standing.sessions:
        standing.sessions[window].append(record.record)
    _mark(standing, f"origin:{facts['origin']}", facts["foreign_record"], record.record, entry)
    standing.mention(account.volunteer(record.volunteer), entry)


OPEN_STAR_CASE: Final = "open_star_case"
"""The mark on a volunteer whose star is being decided; its value is the case."""


def star_applied_for(standing: Standing, case: StarCase) -> int:
    """When a star was applied for: ms."""
    return int(_present(standing.marks[f"star_case:{case.case_id}", "applied"]).value)


def _star_case(state: str, change: str = "grant") -> Fold:
    """A case begins: one at a time for a volunteer."""

    def open_case(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
        case = StarCase(
            case_id=facts["case"],
            volunteer=facts["volunteer"],
            change=change,
            star=facts["star"],
            state=state,
            organisation=facts.get("organisation", ""),
            notice_until="",
            since=entry.index,
        )
        standing.star_cases.add(case.case_id, case)
        owner = account.volunteer(case.volunteer)
        _mark(standing, owner, OPEN_STAR_CASE, case.case_id, entry)
        if change == "grant":
            _mark(standing, f"star_case:{case.case_id}", "applied", str(entry.time), entry)
        standing.mention(owner, entry)

    return open_case


def _star_noticed(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    case = _present(standing.star_cases[facts["case"]])
    after = case._replace(state="noticed", notice_until=facts["notice_until"])
    standing.star_cases.change(case.case_id, after)
    _mark(standing, f"star_case:{case.case_id}", "noticed", facts["notice_from"], entry)
    standing.mention(account.volunteer(case.volunteer), entry)


def _star_case_ends(state: str) -> Fold:
    """A case ends. Automatic grants have none; an automatic downgrade begins and ends at once."""

    def end_case(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
        owner = account.volunteer(facts["volunteer"])
        case = standing.star_cases[facts["case"]] if facts["case"] else None
        if case is not None:
            standing.star_cases.change(case.case_id, case._replace(state=state))
            _mark(standing, owner, OPEN_STAR_CASE, "", entry)
        standing.mention(owner, entry)

    return end_case


def _medal_granted(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    owner = account.volunteer(facts["volunteer"])
    _mark(standing, owner, f"medal:{facts['medal']}", "granted", entry)
    standing.mention(owner, entry)


def _commendation_recorded(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    owner = account.volunteer(facts["volunteer"])
    _mark(standing, owner, f"commendation:{facts['commendation']}", "recorded", entry)
    standing.mention(owner, entry)


def _population_stated(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    row = Population(**facts, since=entry.index)
    _put(standing.populations, (row.organisation, row.year), row)
    standing.mention(_organisation(row.organisation), entry)


def _consent_recorded(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    key = (facts["volunteer"], facts["purpose"], facts["party"])
    _put(standing.consents, key, Consent(*key, facts["answer"], entry.index))
    standing.mention(account.volunteer(facts["volunteer"]), entry)


def _credit(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> Credit:
    """The volunteer's place on the credit list as it stands; blank for who never had one."""
    standing.mention(account.volunteer(facts["volunteer"]), entry)
    blank = Credit(facts["volunteer"], 0, 0, "", 0, entry.index)
    return standing.credits[facts["volunteer"]] or blank


def _dishonesty_recorded(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    credit = _credit(standing, facts, entry)
    if facts["serious"] == "yes":
        credit = credit._replace(dishonest=entry.time, repaired=0)
    _put(standing.credits, credit.volunteer, credit)


def _dishonesty_repaired(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    credit = _credit(standing, facts, entry)
    _put(standing.credits, credit.volunteer, credit._replace(repaired=entry.time))


def _credit_listed(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    credit = _credit(standing, facts, entry)
    # What star and how many measures were listed stands in this entry alone.
    after = credit._replace(cycle=facts["cycle"], points=facts["points"], since=entry.index)
    _put(standing.credits, credit.volunteer, after)


def _credit_withdrawn(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    credit = _credit(standing, facts, entry)
    _put(standing.credits, credit.volunteer, credit._replace(cycle="", points=0))


def _referral_awarded(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    _mark(standing, account.volunteer(facts["referred"]), "referred", facts["volunteer"], entry)
    standing.mention(account.volunteer(facts["volunteer"]), entry)
    standing.mention(account.volunteer(facts["referred"]), entry)


SWEPT: Final = "lapsed:"
"""The mark on a volunteer, by vintage, of hundredths that lapsed and were no reversal's since."""


def swept_of(standing: Standing, volunteer: str, vintage: str) -> int:
    """Hundredths of a vintage ("" for none) that lapsed, less those of records reversed since."""
    mark = standing.marks[account.volunteer(volunteer), SWEPT + vintage] if vintage else None
    return int(mark.value) if mark is not None and mark.value else 0


def _points_lapsed(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    owner = account.volunteer(facts["volunteer"])
    swept = sum(posting.amount for posting in entry.postings)
    _count(standing, owner, SWEPT + facts["lapse"], swept, entry)
    standing.mention(owner, entry)


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


def _time_granted(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    owner = account.volunteer(facts["volunteer"])
    _mark(standing, owner, f"granted:{facts['ground']}", facts["pool"], entry)
    standing.mention(owner, entry)


def _frozen_time_moved(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    standing.mention(account.volunteer(facts["volunteer"]), entry)
    if facts["recipient"]:
        standing.mention(account.volunteer(facts["recipient"]), entry)


REQUESTED: Final = "requested"
"""The mark on an order: when it was requested, ms. It counts in that month (domain §10 P53)."""


def _order_requested(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    order = Order(
        order_id=facts["order"],
        volunteer=facts["volunteer"],
        organisation=facts["organisation"],
        category=facts["category"],
        minutes=facts["minutes"],
        state="requested",
        provider="",
        record="",
        starts=facts["starts"],
        ends=facts["ends"],
        expires=facts["expires"],
        since=entry.index,
    )
    standing.orders.add(order.order_id, order)
    _mark(standing, f"order:{order.order_id}", REQUESTED, str(entry.time), entry)
    _count_redemption(standing, order.volunteer, entry.time, 1)
    standing.mention(account.volunteer(order.volunteer), entry)


def _order_becomes(state: str) -> Fold:
    """An order goes on. Its provider is whoever the entry names; after a refusal, nobody."""

    def change(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
        order = _present(standing.orders[facts["order"]])
        provider = facts.get("provider", order.provider)
        after = order._replace(
            state=state,
            provider="" if state == "requested" else provider,
            record=facts.get("record", order.record),
        )
        standing.orders.change(order.order_id, after)
        named = [order.volunteer, provider]
        if order.state == "offered" and state != "accepted" and facts["volunteer"] != provider:
            # Whoever only offered was not told whom they would serve, and this entry would tell.
            named = [order.volunteer]
        for one in dict.fromkeys(each for each in named if each):
            standing.mention(account.volunteer(one), entry)

    return change


def _order_called_off(state: str) -> Fold:
    """Nobody was served: the order does not count as a redemption any more (domain §10 P53)."""
    becomes = _order_becomes(state)

    def change(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
        becomes(standing, facts, entry)
        requested = _present(standing.marks[f"order:{facts['order']}", REQUESTED])
        _count_redemption(standing, facts["volunteer"], int(requested.value), -1)

    return change


def _order_ends(state: str) -> Fold:
    """Time has moved: what the record brought here cannot be saved a second time."""
    becomes = _order_becomes(state)

    def change(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
        becomes(standing, facts, entry)
        record = standing.records[facts["record"]] if facts["record"] else None
        if record is not None and facts["minutes"] + facts["overflow_minutes"]:
            after = record._replace(deposited=facts["minutes"], overflow=facts["overflow_minutes"])
            standing.records.change(record.record, after)

    return change


def _reward_becomes(state: str) -> Fold:
    """A reward is written down, all of it: drafted, drafted anew, or published."""

    def change(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
        before = standing.rewards[facts["reward"]]
        since = entry.index if before is None else before.since
        _put(standing.rewards, facts["reward"], Reward(**facts, state=state, since=since))
        standing.mention(f"merchant:{facts['merchant']}", entry)

    return change


def _reward_terms(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    said = {name: value for name, value in facts.items() if name != "merchant"}
    _put(standing.reward_terms, facts["reward"], RewardTerms(**said, since=entry.index))


def _reward_restocked(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    reward = _present(standing.rewards[facts["reward"]])
    after = reward._replace(stock=reward.stock + facts["change"])
    standing.rewards.change(reward.reward, after)
    standing.mention(f"merchant:{reward.merchant}", entry)


def _reward_withdrawn(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    reward = _present(standing.rewards[facts["reward"]])
    standing.rewards.change(reward.reward, reward._replace(state="withdrawn"))
    standing.mention(f"merchant:{reward.merchant}", entry)


def _fund_stated(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    before = standing.funds[facts["fund"]]
    committed, since = (before.committed, before.since) if before else (0, entry.index)
    _put(standing.funds, facts["fund"], Fund(**facts, committed=committed, since=since))
    standing.mention(_organisation(facts["organisation"]), entry)


HOURS_TAKEN: Final = "hours_taken"
"""The mark on a redemption whose time took service hours along (domain §10 P47): `purse=minutes`
joined by spaces."""
HOURS_SHORT: Final = "hours_short:"
"""The mark on a volunteer, by evidence: minutes of reversed records that could not be taken back
because P47 had taken them before. New service repays them first, and a voided redemption does not
bring them back. One class stands below zero where it repaid the other; their sum never does."""
_EVIDENCE: Final = ("check_in", "backfill")


def _hours_short(
    standing: Standing, volunteer: str, evidence: str, change: int, entry: Entry
) -> None:
    """`change` minutes more, or fewer, are short."""
    if change:
        owner, what = account.volunteer(volunteer), HOURS_SHORT + evidence
        before = standing.marks[owner, what]
        short = change + (int(before.value) if before and before.value else 0)
        _mark(standing, owner, what, str(short) if short else "", entry)


def hours_short(standing: Standing, volunteer: str) -> dict[str, int]:
    """Minutes that are short by class of evidence; their sum is 0 or more (P47)."""
    if not standing.hours_may_be_taken:
        return {}
    keys = [(account.volunteer(volunteer), HOURS_SHORT + evidence) for evidence in _EVIDENCE]
    standing.prefetch({"marks": keys})
    marks = (standing.marks[key] for key in keys)
    values = (int(mark.value) if mark is not None and mark.value else 0 for mark in marks)
    return dict(zip(_EVIDENCE, values, strict=True))


def _hours_repaid(standing: Standing, volunteer: str, entry: Entry) -> None:
    """What new service gives back at once is short no more."""
    for source, _, asset, amount in entry.postings:
        if asset == account.SERVICE and source != account.ISSUERS[account.SERVICE]:
            evidence = source.rpartition(":")[2]
            _hours_short(standing, volunteer, evidence, -amount, entry)


def _take(standing: Standing, redemption: Redemption, quantity: int, entry: Entry) -> None:
    """`quantity` of its reward goes to the holder of a redemption; below zero it comes back. Both
    count in the period in which it was reserved."""
    reward_id, volunteer = redemption.reward, redemption.volunteer
    reward = _present(standing.rewards[reward_id])
    standing.rewards.change(reward_id, reward._replace(stock=reward.stock - quantity))
    taking = standing.takings[reward_id, volunteer]
    if taking is None:
        standing.takings.add((reward_id, volunteer), Taking(reward_id, volunteer, quantity))
    else:
        changed = taking._replace(quantity=taking.quantity + quantity)
        standing.takings.change((reward_id, volunteer), changed)
    terms = standing.reward_terms[reward_id]
    if terms is None:
        return
    if terms.per_period:
        what = _taken(terms, redemption.reserved)
        _count(standing, account.volunteer(volunteer), what, quantity, entry)
    fund = standing.funds[terms.fund] if terms.fund else None
    if fund is not None:
        committed = fund.committed + quantity * terms.value_cents
        standing.funds.change(fund.fund, fund._replace(committed=committed))


def taken_in_period(standing: Standing, terms: RewardTerms, volunteer: str, time: int) -> int:
    """How many of a reward somebody holds or has had in the period in which `time` (ms) lies."""
    mark = standing.marks[account.volunteer(volunteer), _taken(terms, time)]
    return int(mark.value) if mark is not None and mark.value else 0


def _taken(terms: RewardTerms, time: int) -> str:
    """What the mark on a volunteer is called that counts a reward in one period."""
    return f"taken:{terms.reward}:{period_of(terms.period, time)}"


def _count_redemption(standing: Standing, volunteer: str, reserved: int, change: int) -> None:
    """One redemption more, or one less, in the month in which it was reserved or requested."""
    key = (volunteer, month_of(reserved))
    before = standing.redeemed_months[key]
    quantity = change + (before.quantity if before else 0)
    _put(standing.redeemed_months, key, RedeemedMonth(*key, quantity))


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
            reserved=entry.time,
            captured_entry=0,
            clerk="",
            extended=0,
            upload_by=0,
            settlement="",
            refunded=0,
            adjusted="",
        ),
    )
    redemption = _present(standing.redemptions[facts["redemption"]])
    _take(standing, redemption, facts["quantity"], entry)
    _count_redemption(standing, facts["volunteer"], entry.time, 1)
    standing.mention(account.volunteer(facts["volunteer"]), entry)
    standing.mention(f"merchant:{facts['merchant']}", entry)


def _redemption_captured(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    redemption = _present(standing.redemptions[facts["redemption"]])
    clerk = clerk_of(standing, entry.auth)
    standing.redemptions.change(
        redemption.redemption,
        redemption._replace(
            state="captured",
            branch=facts["branch"],
            terminal=facts["terminal"],
            captured=entry.time,
            captured_quantity=facts["quantity"],
            flag=facts["flag"],
            captured_entry=entry.index,
            clerk=clerk,
        ),
    )
    if clerk:
        before = taken_by(standing, clerk, entry.time)
        points = facts["amount"] if redemption.asset == account.POINT else 0
        now = (before[0] + 1, before[1] + points, before[2] + facts["amount"] - points)
        day = CLERK_DAY + china_date(entry.time)
        _mark(standing, f"clerk:{clerk}", day, " ".join(map(str, now)), entry)
        standing.mention(f"clerk:{clerk}", entry)
    left = redemption.quantity - facts["quantity"]
    if left:
        _take(standing, redemption, -left, entry)
    holder = account.volunteer(redemption.volunteer)
    standing.parties.change(holder, standing.party(holder)._replace(last_capture=entry.time))
    hours = " ".join(
        f"{account.split(posting.source)[1]}={posting.amount}"
        for posting in entry.postings
        if posting.asset == account.SERVICE
    )
    if hours:
        _mark(standing, f"redemption:{redemption.redemption}", HOURS_TAKEN, hours, entry)
    standing.mention(holder, entry)
    standing.mention(f"merchant:{redemption.merchant}", entry)


def _capture_noted(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    redemption = _present(standing.redemptions[facts["redemption"]])
    _mark(standing, f"redemption:{facts['redemption']}", NOTED, facts["text"], entry)
    # What is noted about a capture is about its holder too: it is forgotten with them.
    standing.mention(account.volunteer(redemption.volunteer), entry)
    standing.mention(f"merchant:{facts['merchant']}", entry)


def _capture_presented(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    redemption = _present(standing.redemptions[facts["redemption"]])
    holder = account.volunteer(redemption.volunteer)
    if facts["step"] > rotating_step_used(standing, holder):
        _mark(standing, holder, ROTATING_USED, str(facts["step"]), entry)
    standing.mention(holder, entry)
    standing.mention(f"merchant:{facts['merchant']}", entry)
    if facts["means"] == "offline":
        session = _present(standing.offline_sessions[facts["till_session"]])
        if may_have_taken(session, redemption, facts["accepted"], entry.time):
            # It was the shop's then, whenever we heard of it.
            after = redemption._replace(captured=facts["accepted"])
            standing.redemptions.change(redemption.redemption, after)
        _taken_offline(standing, redemption.asset, redemption.amount, facts, entry)


def may_have_taken(
    session: OfflineSession, redemption: Redemption, accepted: int, time: int
) -> bool:
    """Whether a till's clock can be right that says `accepted` (ms) of what it uploads at `time`:
    its session was open by then, and the voucher reserved."""
    return max(session.opened, redemption.reserved) <= accepted <= time


def _voucher_signed(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    redemption = _present(standing.redemptions[facts["redemption"]])
    after = redemption._replace(upload_by=facts["upload_by"])
    standing.redemptions.change(redemption.redemption, after)
    _mark(standing, f"redemption:{redemption.redemption}", OFFLINE, facts["branch"], entry)
    standing.mention(account.volunteer(redemption.volunteer), entry)
    standing.mention(f"merchant:{facts['merchant']}", entry)


def _offline_opened(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    session = OfflineSession(
        **facts,
        state="open",
        last=0,
        recorded=0,
        taken_points=0,
        taken_minutes=0,
        opened=entry.time,
        since=entry.index,
    )
    standing.offline_sessions.add(session.session, session)
    _mark(standing, f"branch:{session.branch}", OFFLINE, session.session, entry)
    standing.mention(f"merchant:{facts['merchant']}", entry)


def _offline_closed(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    session = _present(standing.offline_sessions[facts["session"]])
    standing.offline_sessions.change(session.session, session._replace(state="closed"))
    # Once its time to upload was over, another till may have begun there.
    owner = f"branch:{session.branch}"
    mark = standing.marks[owner, OFFLINE]
    if mark is not None and mark.value == session.session:
        _mark(standing, owner, OFFLINE, "", entry)
    standing.mention(f"merchant:{facts['merchant']}", entry)


def _offline_conflict(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    taken = {**facts, "till_session": facts["session"]}
    _taken_offline(standing, facts["asset"], facts["amount"], taken, entry)
    found = standing.redemptions[facts["redemption"]] if facts["redemption"] else None
    volunteer = found.volunteer if found is not None else ""
    key = (facts["session"], facts["counter"])
    conflict = OfflineConflict(*key, facts["merchant"], volunteer, entry.index)
    standing.offline_conflicts.add(key, conflict)
    standing.mention(f"merchant:{facts['merchant']}", entry)
    if volunteer:
        standing.mention(account.volunteer(volunteer), entry)


def _taken_offline(
    standing: Standing, asset: str, amount: int, facts: Mapping[str, Any], entry: Entry
) -> None:
    """One counter more of a till's session was uploaded, whatever became of it."""
    session = _present(standing.offline_sessions[facts["till_session"]])
    after = session._replace(
        last=max(session.last, facts["counter"]),
        recorded=session.recorded + 1,
        taken_points=session.taken_points + (amount if asset == account.POINT else 0),
        taken_minutes=session.taken_minutes + (amount if asset == account.TIME else 0),
    )
    standing.offline_sessions.change(session.session, after)
    owner, what = offline_mark(session.session, facts["counter"])
    _mark(standing, owner, what, facts["redemption"] or "unknown", entry)


def rotating_step_used(standing: Standing, holder: str) -> int:
    """The highest step of a rotating value that a holder (address) has used; 0 for none."""
    mark = standing.marks[holder, ROTATING_USED]
    return int(mark.value) if mark is not None else 0


def _card_issued(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    holder = account.volunteer(facts["volunteer"])
    standing.cards.add(
        facts["card"],
        Card(
            card=facts["card"],
            volunteer=facts["volunteer"],
            organisation=facts["organisation"],
            state="active",
            issued=entry.time,
            since=entry.index,
        ),
    )
    _mark(standing, holder, HELD_CARD, facts["card"], entry)
    _mention_holder_and_office(standing, facts, entry)


def _card_closed(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    card = _present(standing.cards[facts["card"]])
    standing.cards.change(card.card, card._replace(state=facts["ground"], since=entry.index))
    holder = account.volunteer(card.volunteer)
    _mark(standing, holder, HELD_CARD, "", entry)
    _mention_holder_and_office(
        standing, {"volunteer": card.volunteer, "organisation": card.organisation}, entry
    )


def _card_pin_changed(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    card = _present(standing.cards[facts["card"]])
    standing.cards.change(card.card, card._replace(since=entry.index))
    _mention_holder_and_office(standing, facts, entry)


def _redemption_assisted(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    # It stands before its reservation, so the mark is all there is to change yet.
    owner = f"redemption:{facts['redemption']}"
    _mark(standing, owner, ASSISTED, facts["organisation"], entry)
    _mention_holder_and_office(standing, facts, entry)


def _redemption_guarded(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    _mark(standing, f"redemption:{facts['redemption']}", GUARDED, "required", entry)
    standing.mention(account.volunteer(facts["volunteer"]), entry)


def _code_reissued(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    _count(standing, f"redemption:{facts['redemption']}", REISSUED, 1, entry)
    _mention_holder_and_office(standing, facts, entry)


def _mention_holder_and_office(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    standing.mention(account.volunteer(facts["volunteer"]), entry)
    if facts["organisation"]:
        standing.mention(_organisation(facts["organisation"]), entry)


def _redemption_ends(state: str) -> Fold:
    def change(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
        redemption = _present(standing.redemptions[facts["redemption"]])
        standing.redemptions.change(redemption.redemption, redemption._replace(state=state))
        # Once captured, what was not taken has gone back already.
        there = redemption.captured_quantity or redemption.quantity
        _take(standing, redemption, -there, entry)
        _count_redemption(standing, redemption.volunteer, redemption.reserved, -1)
        standing.mention(account.volunteer(redemption.volunteer), entry)
        standing.mention(f"merchant:{redemption.merchant}", entry)

    return change


def _redemption_voided(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    _redemption_undone("voided", standing, facts, entry)


def _redemption_refunded(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    _redemption_undone("refunded", standing, facts, entry)
    redemption = _present(standing.redemptions[facts["redemption"]])
    after = redemption._replace(refunded=entry.index)
    standing.redemptions.change(redemption.redemption, after)


def _redemption_extended(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    redemption = _present(standing.redemptions[facts["redemption"]])
    after = redemption._replace(expires=facts["expires"], extended=1)
    standing.redemptions.change(redemption.redemption, after)
    standing.mention(account.volunteer(redemption.volunteer), entry)
    standing.mention(f"merchant:{redemption.merchant}", entry)


def _redemption_undone(
    state: str, standing: Standing, facts: Mapping[str, Any], entry: Entry
) -> None:
    _redemption_ends(state)(standing, facts, entry)
    redemption = _present(standing.redemptions[facts["redemption"]])
    owner = account.volunteer(redemption.volunteer)
    returned = {
        posting.destination: posting.amount
        for posting in entry.postings
        if posting.asset == account.SERVICE
    }
    taken = dict(hours_taken(standing, redemption.redemption))
    for evidence in _EVIDENCE:
        purse = account.SERVICE_PURSE + evidence
        change = returned.get(f"{owner}:{purse}", 0) - taken.get(purse, 0)
        _hours_short(standing, redemption.volunteer, evidence, change, entry)


def hours_taken(standing: Standing, redemption: str) -> list[tuple[str, int]]:
    """(purse, minutes) of the service hours that a captured redemption took along (P47)."""
    mark = standing.marks[f"redemption:{redemption}", HOURS_TAKEN]
    taken = (each.partition("=") for each in mark.value.split()) if mark is not None else ()
    return [(purse, int(minutes)) for purse, _, minutes in taken]


def _capture_reviewed(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    redemption = _present(standing.redemptions[facts["redemption"]])
    standing.redemptions.change(redemption.redemption, redemption._replace(flag="none"))
    standing.mention(account.volunteer(redemption.volunteer), entry)
    standing.mention(f"merchant:{redemption.merchant}", entry)


def _settlement_closed(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    for one in facts["redemptions"].split("+"):
        redemption = _present(standing.redemptions[one])
        after = redemption._replace(state="settled", settlement=facts["settlement"])
        standing.redemptions.change(one, after)
        _mark(standing, f"redemption:{one}", "settled", facts["settlement"], entry)
    row = Settlement(
        settlement=facts["settlement"],
        merchant=facts["merchant"],
        branch="",
        starts=0,
        ends=0,
        lines=facts["lines"],
        points=facts["points"],
        minutes=facts["minutes"],
        refunds=0,
        refunded_points=0,
        refunded_minutes=0,
        digest="",
        closed=entry.time,
        since=entry.index,
    )
    standing.settlements.add(row.settlement, row)
    standing.mention(f"merchant:{facts['merchant']}", entry)


def _settlement_stated(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    refunds = facts["refunds"].split("+") if facts["refunds"] else []
    for one in refunds:
        redemption = _present(standing.redemptions[one])
        after = redemption._replace(adjusted=facts["settlement"])
        standing.redemptions.change(one, after)
    said = {name: value for name, value in facts.items() if name != "refunds"}
    # The entry to quote is the one that holds the digest.
    row = Settlement(**said, refunds=len(refunds), closed=entry.time, since=entry.index)
    _put(standing.settlements, row.settlement, row)
    standing.mention(f"merchant:{facts['merchant']}", entry)


def _webhook_set(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    webhook = facts["webhook"]
    before = standing.webhooks[webhook]
    made = entry.index if before is None else before.made
    _put(standing.webhooks, webhook, Webhook(**facts, since=entry.index, made=made))
    owner = owner_of(facts["party"])
    mark = standing.marks[owner, LISTENS]
    listening = dict(listeners(mark.value)) if mark is not None else {}
    listening.pop(webhook, None)
    if facts["state"] == "active":
        listening[webhook] = facts["events"]
    value = " ".join(f"{each}={events}" for each, events in listening.items())
    _mark(standing, owner, LISTENS, value, entry)
    standing.mention(facts["party"], entry)


def _certificate_issued(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    # Whose it is, is nobody's to read here.
    owner = f"certificate:{facts['certificate']}"
    _mark(standing, owner, "issued", facts["commitment"], entry)


def _policy_adopted(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    name, version = facts["policy"], facts["version"]
    standing.documents.add(
        ("policy", name, version), Document("policy", name, version, entry.index)
    )
    standing.learn_policy(facts["document"])


def _calendar_adopted(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    name, year = facts["calendar"], facts["year"]
    key = ("calendar", name, year)
    _put(standing.documents, key, Document(*key, entry.index))
    standing.learn_calendar(name, year, facts["document"])


def _changes_no_row(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    """The entry itself is all there is."""


def _mark(standing: Standing, owner: str, what: str, value: str, entry: Entry) -> None:
    _put(standing.marks, (owner, what), Mark(owner, what, value, entry.index))


def _count(standing: Standing, owner: str, what: str, change: int, entry: Entry) -> None:
    """A mark that counts goes up or down; "" for nothing."""
    before = standing.marks[owner, what]
    total = change + (int(before.value) if before is not None and before.value else 0)
    _mark(standing, owner, what, str(total) if total else "", entry)


def _put(table: Table[Key, Row], key: Key, row: Row) -> None:
    """A row that may or may not have been there."""
    (table.add if table[key] is None else table.change)(key, row)


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
    "group_registered": _group_registered,
    "guardian_consented": _guardian_consented,
    "majority_reached": _majority_reached,
    "organisation_registered": _organisation_registered,
    "staff_registered": _staff_registered,
    "merchant_registered": _registers("merchant"),
    "branch_registered": _branch_registered,
    "terminal_registered": _terminal_registered,
    "clerk_registered": _clerk_registered,
    "clerk_limited": _clerk_limited,
    "auditor_registered": _registers("auditor"),
    "operator_registered": _registers("operator"),
    "party_suspended": _party_becomes("suspended"),
    "party_reinstated": _party_becomes("active"),
    "party_left": _party_becomes("left"),
    "party_died": _party_becomes("deceased"),
    "party_forgotten": _party_becomes("forgotten"),
    "relation_registered": _relation,
    "relation_removed": _relation,
    "circumstance_recorded": _about_volunteer,
    "circumstance_removed": _about_volunteer,
    "consent_recorded": _consent_recorded,
    "credential_issued": _credential_issued,
    "credential_bound": _credential_bound,
    "credential_lent": _credential_lent,
    "credential_linked": _credential_linked,
    "credential_revoked": _credential_revoked,
    "activity_registered": _activity_registered,
    "activity_terms": _activity_terms,
    "qualification_recorded": _qualification_recorded,
    "gates_met": _about_volunteer,
    "service_recorded": _service_recorded,
    "service_confirmed": _service_confirmed,
    "service_refused": _service_refused,
    "service_reversed": _service_reversed,
    "service_evaluated": _service_evaluated,
    "fraud_proven": _fraud_proven,
    "fraud_dismissed": _fraud_dismissed,
    "objection_filed": _objection_filed,
    "objection_forwarded": _objection_forwarded,
    "objection_decided": _objection_decided,
    "statement_issued": _about_volunteer,
    "statement_accepted": _statement_accepted,
    "service_ported": _service_ported,
    "star_applied": _star_case("applied"),
    "star_noticed": _star_noticed,
    "star_granted": _star_case_ends("granted"),
    "star_refused": _star_case_ends("refused"),
    "star_downgrade_proposed": _star_case("proposed", "downgrade"),
    "star_downgraded": _star_case_ends("confirmed"),
    "star_downgrade_dismissed": _star_case_ends("dismissed"),
    "medal_granted": _medal_granted,
    "commendation_recorded": _commendation_recorded,
    "population_stated": _population_stated,
    "dishonesty_recorded": _dishonesty_recorded,
    "dishonesty_repaired": _dishonesty_repaired,
    "credit_listed": _credit_listed,
    "credit_withdrawn": _credit_withdrawn,
    "referral_awarded": _referral_awarded,
    "points_lapsed": _points_lapsed,
    "time_deposited": _time_deposited,
    "time_transferred": _time_transferred,
    "time_donated": _time_donated,
    "time_granted": _time_granted,
    "frozen_time_moved": _frozen_time_moved,
    "order_requested": _order_requested,
    "order_offered": _order_becomes("offered"),
    "order_assigned": _order_becomes("assigned"),
    "order_declined": _order_becomes("requested"),
    "order_accepted": _order_becomes("accepted"),
    "order_done": _order_becomes("done"),
    "order_confirmed": _order_ends("confirmed"),
    "order_disputed": _order_becomes("disputed"),
    "order_settled": _order_ends("settled"),
    "order_cancelled": _order_called_off("cancelled"),
    "order_expired": _order_called_off("expired"),
    "reward_published": _reward_becomes("published"),
    "reward_drafted": _reward_becomes("draft"),
    "reward_terms": _reward_terms,
    "reward_restocked": _reward_restocked,
    "reward_withdrawn": _reward_withdrawn,
    "fund_stated": _fund_stated,
    "redemption_gates": _about_volunteer,
    "redemption_reserved": _redemption_reserved,
    "redemption_captured": _redemption_captured,
    "capture_presented": _capture_presented,
    "voucher_signed": _voucher_signed,
    "offline_opened": _offline_opened,
    "offline_closed": _offline_closed,
    "offline_conflict": _offline_conflict,
    "card_issued": _card_issued,
    "card_closed": _card_closed,
    "card_pin_changed": _card_pin_changed,
    "redemption_assisted": _redemption_assisted,
    "redemption_guarded": _redemption_guarded,
    "code_reissued": _code_reissued,
    "capture_noted": _capture_noted,
    "redemption_released": _redemption_ends("released"),
    "redemption_expired": _redemption_ends("expired"),
    "redemption_voided": _redemption_voided,
    "redemption_extended": _redemption_extended,
    "redemption_refunded": _redemption_refunded,
    "capture_reviewed": _capture_reviewed,
    "settlement_closed": _settlement_closed,
    "webhook_set": _webhook_set,
    "settlement_stated": _settlement_stated,
    "certificate_issued": _certificate_issued,
    "access_committed": _changes_no_row,
}
