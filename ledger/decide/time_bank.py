"""Decide about saved time: deposit, gift, donation, grant, and what is frozen (domain §3, §10
P33–P46).

Nobody can buy, cash out or earn interest: there is no action for it. A volunteer's own acts follow
the policy of the organisation that registered them. Accounts of whoever died, left or is suspended
are frozen: nothing is saved, given, received or spent (`party_not_active`), and only what they had
set aside comes back.
"""

from __future__ import annotations

from typing import Final

from ledger import account
from ledger.account import ISSUERS, PLATFORM_POOL, TIME, TIME_PURSE
from ledger.actions.parties import CIRCUMSTANCES
from ledger.actions.time_bank import (
    DepositTime,
    DonateTime,
    GrantTime,
    MoveFrozenTime,
    TransferTime,
)
from ledger.decide.points import credit, refuse_while_owed
from ledger.decide.service import standing_record
from ledger.entry import Draft
from ledger.errors import Refused
from ledger.policy import Policy
from ledger.posting import AMOUNT_MAX, Posting
from ledger.rows import Party, Record
from ledger.standing import Purse, Standing

COIN_MINUTES: Final = 60
"""Saved minutes in one coin: one hour (domain §3, S29–S32)."""
STARTING: Final = "starting"
"""The ground of a grant that everybody gets once (domain §10 P44)."""
_FROZEN_FOR_GOOD: Final = ("deceased", "left", "forgotten")


def deposit(action: DepositTime, standing: Standing, time: int) -> list[Draft]:
    """Save a record, or part of it, once (domain §10 P33–P37; worked examples B1, B4).

    `action.minutes` are minutes of service; the rate, the weight of the record's category and the
    granularity say how many minutes of saved time they are. What the day or the account cannot
    hold goes to the pool, or nowhere, as policy says. Refuses with `unknown_record`,
    `record_state_conflict`, `not_saved_here`, `already_deposited`, `too_many_minutes`,
    `group_has_no_account`, `attestation_outdated`, `age_gate_unmet`, `nothing_to_save`,
    `account_full`.
    """
    owner = account.volunteer(action.volunteer)
    party = standing.active(owner)
    policy = standing.policy_of(owner, time)
    found = standing_record(action.record, standing)
    if found.volunteer != action.volunteer:
        raise Refused("unknown_record", "there is no such service record")
    refuse_unless_unsaved(found)
    if not 1 <= action.minutes <= found.paid:
        raise Refused(
            "too_many_minutes",
            f"this record brought {found.paid} minutes; save at most those",
            minutes=found.paid,
        )
    gate, tested = _depositor_gate(action, party, policy)
    saved = policy.time_credit(action.minutes, _category(found, standing))
    if not saved:
        raise Refused(
            "nothing_to_save",
            "these minutes make no whole unit of saved time; save more of the record at once",
            granularity_minutes=policy.tb_granularity_minutes,
            rate_minutes=policy.tb_rate_minutes,
        )
    purse = dict(standing.purse(owner))
    today = _left_of_the_day(found, standing, policy)
    room = _room(purse, policy)
    kept = policy.whole_coins(min(saved, today, room))
    overflow = saved - kept if policy.tb_overflow_to == "pool" else 0
    if not kept + overflow:
        raise Refused(
            "account_full",
            "no more can be saved of this day"
            if not policy.whole_coins(today)
            else "the account is full; spend first",
            account_cap_minutes=policy.tb_account_cap_minutes,
            daily_cap_minutes=policy.tb_daily_cap_minutes,
        )

    postings = []
    if kept:
        postings += credit(
            purse, action.volunteer, TIME, kept, source=ISSUERS[TIME], into=TIME_PURSE
        )
    if overflow:
        postings.append(Posting(ISSUERS[TIME], PLATFORM_POOL, TIME, overflow))
    facts = {
        "record": action.record,
        "volunteer": action.volunteer,
        "minutes": kept,
        "overflow_minutes": overflow,
        "age_gate": gate,
        "age_tested": tested,
    }
    return [Draft("time_deposited", facts, postings, policy.version_name)]


def transfer(action: TransferTime, standing: Standing, time: int) -> list[Draft]:
    """Saved time goes to whom policy allows (domain §10 P39; B9, B10, B16).

    What is given is there: an overdraft is for being served (P43). Refuses with
    `group_donates_only` (either of them), `not_a_relative`, `account_stopped`, `bad_amount`,
    `spending_blocked`, `insufficient_time`, `not_whole_coins`, `account_full`.
    """
    owner, recipient = account.volunteer(action.volunteer), account.volunteer(action.recipient)
    party = standing.active(owner)
    policy = standing.policy_of(owner, time)
    # A group saves what it served; it gives nothing, and could spend nothing that it is given.
    for one in (party, standing.active(recipient)):
        refuse_group_spending(one)
    # Nobody is their own relative, whatever the door attests.
    if action.relation not in policy.tb_transfer_to or owner == recipient:
        raise Refused(
            "not_a_relative",
            "time can be given to a registered relative; register the relation first",
            relation=action.relation,
        )
    purse = dict(standing.purse(owner))
    standing.refuse_stopped(owner)
    _refuse_unless_saved(purse, action.minutes)
    refuse_parts_of_coins(action.minutes, policy)
    postings = _into_account(
        action.recipient, action.minutes, standing, time, source=account.time_of(action.volunteer)
    )
    facts = {
        "volunteer": action.volunteer,
        "recipient": action.recipient,
        "minutes": action.minutes,
        "relation": action.relation,
    }
    return [Draft("time_transferred", facts, postings, policy.version_name)]


def donate(action: DonateTime, standing: Standing, time: int) -> list[Draft]:
    """Saved time goes to a pool (domain §3); a group's too (B13), and nobody's overdraft (P43).

    Refuses with `unknown_party`, `party_not_active`, `account_stopped`, `bad_amount`,
    `spending_blocked`, `insufficient_time`, `not_whole_coins`.
    """
    owner = account.volunteer(action.volunteer)
    standing.active(owner)
    policy = standing.policy_of(owner, time)
    if action.pool != "platform":
        standing.active(f"organisation:{action.pool}")
    standing.refuse_stopped(owner)
    _refuse_unless_saved(standing.purse(owner), action.minutes)
    refuse_parts_of_coins(action.minutes, policy)
    posting = Posting(
        account.time_of(action.volunteer), account.pool(action.pool), TIME, action.minutes
    )
    facts = {"volunteer": action.volunteer, "pool": action.pool, "minutes": action.minutes}
    return [Draft("time_donated", facts, [posting], policy.version_name)]


def grant(action: GrantTime, standing: Standing, time: int) -> list[Draft]:
    """A pool gives saved time to somebody, never more than it has (domain §10 P44).

    `starting` is what policy gives everybody once; any other ground is a circumstance that policy
    names and the door attests. Refuses with `group_donates_only`, `no_starting_time`,
    `already_granted`, `ground_not_granted`, `bad_amount`, `not_whole_coins`, `pool_empty`,
    `account_full`.
    """
    owner = account.volunteer(action.volunteer)
    party = standing.active(owner)
    policy = standing.policy_of(owner, time)
    if action.pool != "platform":
        standing.party(f"organisation:{action.pool}")
    # A group saves what it served; it can spend nothing that it is given.
    refuse_group_spending(party)
    minutes = _granted_minutes(action, standing, policy)
    pool = account.pool(action.pool)
    standing.refuse_stopped(pool)
    there = standing.balance(pool, TIME)
    if there < minutes:
        raise Refused(
            "pool_empty",
            f"{minutes} minutes are asked and the pool has {there}; it gives only what it has",
            needed_minutes=minutes,
            pool_minutes=there,
        )
    postings = _into_account(action.volunteer, minutes, standing, time, source=pool)
    facts = {
        "volunteer": action.volunteer,
        "pool": action.pool,
        "minutes": minutes,
        "ground": action.ground,
    }
    return [Draft("time_granted", facts, postings, policy.version_name)]


def move_frozen(action: MoveFrozenTime, standing: Standing, time: int) -> list[Draft]:
    """A person decides where the saved time of somebody who died, left or was forgotten goes
    (domain §10 P46).

    Refuses with `not_frozen`, `one_destination`, `reason_missing`, `bad_amount`,
    `spending_blocked`, `insufficient_time`, `group_donates_only`, `account_full`.
    """
    owner = account.volunteer(action.volunteer)
    party = standing.party(owner)
    policy = standing.policy_of(owner, time)
    if party.state not in _FROZEN_FOR_GOOD:
        raise Refused(
            "not_frozen",
            f"this volunteer is {party.state}; only the account of one who died, left or was"
            " forgotten is moved",
            state=party.state,
        )
    if bool(action.recipient) == bool(action.pool):
        raise Refused("one_destination", "name the recipient or the pool, and not both")
    if not action.reason:
        raise Refused("reason_missing", "say why the time goes there")
    standing.refuse_stopped(owner)
    # No overdraft: nobody borrows in the name of who is gone.
    _refuse_unless_saved(standing.purse(owner), action.minutes)
    source = account.time_of(action.volunteer)
    if action.recipient:
        refuse_group_spending(standing.active(account.volunteer(action.recipient)))
        postings = _into_account(action.recipient, action.minutes, standing, time, source=source)
    else:
        if action.pool != "platform":
            standing.active(f"organisation:{action.pool}")
        postings = [Posting(source, account.pool(action.pool), TIME, action.minutes)]
    facts = {
        "volunteer": action.volunteer,
        "recipient": action.recipient,
        "pool": action.pool,
        "minutes": action.minutes,
        "reason": action.reason,
    }
    return [Draft("frozen_time_moved", facts, postings, policy.version_name)]


# What every spending of saved time asks ----------------------------------------------------------


def refuse_unless_covered(purse: Purse, minutes: int, policy: Policy) -> None:
    """Saved time must cover what is spent on being served, down to the overdraft (domain §10 P43).

    Refuses with `bad_amount`, `spending_blocked`, `insufficient_time`.
    """
    _refuse_unless_saved(purse, minutes, overdraft=policy.tb_overdraft_min_minutes)


def refuse_parts_of_coins(minutes: int, policy: Policy) -> None:
    """Where time is saved in multiples of `tb_granularity_minutes` it moves in them too (domain §10
    P34). Refuses with `not_whole_coins`."""
    if policy.whole_coins(minutes) != minutes:
        raise Refused(
            "not_whole_coins",
            f"saved time moves in multiples of {policy.tb_granularity_minutes} minutes here",
            granularity_minutes=policy.tb_granularity_minutes,
        )


def refuse_group_spending(party: Party) -> None:
    """A group saves time and donates it; it neither gives nor redeems nor asks for service
    (domain §10 P40; B13). Refuses with `group_donates_only`."""
    if party.form == "group":
        raise Refused("group_donates_only", "a group donates what it saved; nothing else")


def refuse_groups_without_account(party: Party, policy: Policy) -> None:
    """Where policy gives groups no account, nothing is credited to one (domain §10 P40). Refuses
    with `group_has_no_account`."""
    if party.form == "group" and policy.tb_group_account == "none":
        raise Refused("group_has_no_account", "groups save no time here; their members can")


def refuse_unless_may_redeem(gate: str, tested: int, policy: Policy) -> None:
    """Who may spend saved time on service (domain §10 P38; B7, B8).

    `met`: the own age; `spouse`: a spouse's, where that counts; `difficulty`: a special difficulty
    and the age that policy has for it. `tested` is the age that the door asked for. Refuses with
    `attestation_outdated`, `age_gate_unmet`.
    """
    minimum = policy.tb_redeem_min_age
    if gate == "difficulty" and policy.tb_redeem_min_age_difficulty:
        minimum = policy.tb_redeem_min_age_difficulty
    elif gate == "spouse" and not policy.tb_redeem_spouse_counts:
        gate = "unmet"
    opens = {"met", "spouse"}
    if policy.tb_redeem_min_age_difficulty:
        opens.add("difficulty")
    refuse_unless_of_age(gate, tested, minimum, "to spend saved time", opens=opens)


def refuse_unless_of_age(
    gate: str,
    tested: int,
    minimum: int,
    purpose: str,
    *,
    opens: frozenset[str] | set[str] = frozenset({"met"}),
) -> None:
    """The door attested `gate` for `tested` years; policy says `minimum` years, and which words
    open the gate. Refuses with `attestation_outdated`, `age_gate_unmet`."""
    if tested != minimum:
        raise Refused(
            "attestation_outdated", "the rules changed this moment; please send the request again"
        )
    if gate not in opens:
        raise Refused(
            "age_gate_unmet", f"one must be {minimum} {purpose}", minimum_years=minimum, gate=gate
        )


def refuse_unless_unsaved(found: Record) -> None:
    """An effective record of this ledger that nobody saved yet. What came over from another one
    is that one's to save, or it would be saved at both. Refuses with `record_state_conflict`,
    `not_saved_here`, `already_deposited`."""
    if found.state != "effective":
        raise Refused(
            "record_state_conflict",
            f"this record is {found.state}; only an effective one can be saved",
            state=found.state,
        )
    if not found.organisation:
        raise Refused(
            "not_saved_here",
            "this record came over from another ledger; save it where it was recorded",
        )
    if found.deposited or found.overflow:
        raise Refused("already_deposited", "this record has been saved already")


def kept_and_overflow(purse: Purse, minutes: int, policy: Policy) -> tuple[int, int]:
    """Of `minutes`, how many an account with this purse holds, and how many are too many, by the
    policy of its owner: a full account leaves no part of a coin (domain §10 P34, P36)."""
    kept = min(minutes, policy.whole_coins(_room(purse, policy)))
    return kept, minutes - kept


def elder_home_entitled(policy: Policy, time_minutes: int, service_minutes: int) -> bool:
    """Whether saved coins and service hours both reach what a place in a public elder home asks
    (domain §3 S29; B12). False where policy knows no such place."""
    needed = policy.tb_elder_home_coins * COIN_MINUTES
    return 0 < needed <= min(time_minutes, service_minutes)


def _refuse_nothing(minutes: int) -> None:
    if minutes < 1:
        raise Refused("bad_amount", "move at least one minute")


def _refuse_unless_saved(purse: Purse, minutes: int, *, overdraft: int = 0) -> None:
    """At least a minute, nothing owed, and no more than is saved and the overdraft allows."""
    _refuse_nothing(minutes)
    refuse_while_owed(purse, TIME)
    there = purse.get((TIME_PURSE, TIME), 0)
    if there + overdraft < minutes:
        raise Refused(
            "insufficient_time",
            f"{minutes} minutes are asked and {there} are saved",
            needed_minutes=minutes,
            saved_minutes=there,
        )


def _into_account(
    volunteer: str, minutes: int, standing: Standing, time: int, *, source: str
) -> list[Posting]:
    """The postings into somebody's account, which must hold all of it by the policy of its owner
    (domain §10 P36). Refuses with `account_full`."""
    owner = account.volunteer(volunteer)
    policy = standing.policy_of(owner, time)
    purse = dict(standing.purse(owner))
    if minutes > _room(purse, policy):
        raise Refused(
            "account_full",
            "the recipient's account cannot hold so much; give less, or to the pool",
            cap_minutes=policy.tb_account_cap_minutes,
        )
    return credit(purse, volunteer, TIME, minutes, source=source, into=TIME_PURSE)


def _room(purse: Purse, policy: Policy) -> int:
    """Minutes that still fit into the account; a cap of 0 is none (domain §10 P36)."""
    cap = policy.tb_account_cap_minutes or AMOUNT_MAX
    return max(0, cap - purse.get((TIME_PURSE, TIME), 0))


def _left_of_the_day(found: Record, standing: Standing, policy: Policy) -> int:
    """Minutes that can still be saved of the local day on which `found` was checked in (domain
    §10 P35), counting what other records of that day brought to account and pool."""
    if not policy.tb_daily_cap_minutes:
        return AMOUNT_MAX
    begins = policy.first_instant(policy.local_date(found.check_in))
    ends = policy.midnight_after(found.check_in)
    saved = sum(
        other.deposited + other.overflow
        for other in standing.sessions_between(found.volunteer, begins, ends)
        if other.state == "effective"
    )
    return max(0, policy.tb_daily_cap_minutes - saved)


def _category(found: Record, standing: Standing) -> str:
    """The service category of a record of this ledger."""
    activity = standing.activities[found.activity]
    return activity.category if activity is not None else ""


def _depositor_gate(action: DepositTime, party: Party, policy: Policy) -> tuple[str, int]:
    """(gate, age tested) by which the volunteer may save (domain §10 P37): the own age, below it
    a guardian's consent where policy allows that, or a group's account, which has no age."""
    if party.form == "group":
        refuse_groups_without_account(party, policy)
        return "group", 0
    opens = {"met"}
    if policy.tb_depositor_guardian_ok and party.guardian == "consented":
        opens.add("guardian")
    refuse_unless_of_age(
        action.age_gate,
        action.age_tested,
        policy.tb_depositor_min_age,
        "to save time",
        opens=opens,
    )
    return action.age_gate, action.age_tested


def _granted_minutes(action: GrantTime, standing: Standing, policy: Policy) -> int:
    """How many minutes this grant gives, or why it gives none."""
    if action.ground == STARTING:
        minutes = policy.tb_grant_starting_minutes
        if not minutes:
            raise Refused("no_starting_time", "this policy gives nobody time to start with")
        if standing.marks[account.volunteer(action.volunteer), f"granted:{STARTING}"] is not None:
            raise Refused("already_granted", "the starting time was granted already")
        if action.minutes not in (0, minutes):
            raise Refused("bad_amount", f"the starting time is {minutes} minutes", minutes=minutes)
        return minutes
    if action.ground not in CIRCUMSTANCES or action.ground not in policy.tb_grant_to:
        raise Refused(
            "ground_not_granted",
            "this policy grants no time on that ground",
            ground=action.ground,
        )
    _refuse_nothing(action.minutes)
    refuse_parts_of_coins(action.minutes, policy)
    return action.minutes
