"""Saved time: the volunteer's own acts, grants out of pools, and the accounts of those who are
gone (domain §3, §10 P33–P46).

Ages, relations and circumstances are attested here, from what the vault keeps sealed; the rules
see the verdict only.
"""

from __future__ import annotations

from ledger import account
from ledger.actions.time_bank import (
    DepositTime,
    DonateTime,
    GrantTime,
    MoveFrozenTime,
    TransferTime,
)
from ledger.book import Book
from ledger.decide.time_bank import STARTING
from ledger.door.asking import Asking
from ledger.door.recount import refuse_wrong_balance
from ledger.door.tree import Tree, one_row
from ledger.errors import Refused
from ledger.policy import Policy
from ledger.rows import Party
from ledger.sequencer import Receipt


def deposit(ask: Asking, *, record: str, minutes: int) -> Receipt:
    """Save `minutes` of an own record. Age or guardian are attested here (domain §10 P37)."""
    policy = ask.book.policy_of(ask.caller.party)
    return ask.record(
        DepositTime(
            record=record,
            volunteer=ask.caller.id,
            minutes=minutes,
            age_gate=attested_depositor(ask, ask.caller.id, policy),
            age_tested=policy.tb_depositor_min_age,
        )
    )


def transfer(ask: Asking, *, recipient: str, minutes: int) -> Receipt:
    """Give saved time to whom policy allows. Whoever is none answers alike, registered or not."""
    relation = _attested_relation(ask, recipient)
    refuse_wrong_balance(ask.book, ask.caller.id)
    return ask.record(
        TransferTime(
            volunteer=ask.caller.id, recipient=recipient, minutes=minutes, relation=relation
        )
    )


def donate(ask: Asking, *, pool: str, minutes: int) -> Receipt:
    """Give saved time to a pool: `platform`, or an organisation's id."""
    refuse_wrong_balance(ask.book, ask.caller.id)
    return ask.record(DonateTime(volunteer=ask.caller.id, pool=pool, minutes=minutes))


def grant(ask: Asking, *, volunteer: str, pool: str, ground: str, minutes: int = 0) -> Receipt:
    """A pool gives time: the operator out of any, an organisation out of its own (domain §10 P44).

    An organisation grants to those whom it or one below it registered. A circumstance that is not
    on file is no ground (`ground_not_granted`), whether policy knows it or not.
    """
    tree = Tree(ask.book, ask.caller)
    tree.refuse_unless_ours(account.volunteer(volunteer))
    if ask.caller.role != "operator" and pool != ask.caller.id:
        raise Refused("not_your_pool", "an organisation grants out of its own pool only")
    if ground != STARTING and not ask.book.vault.attest_circumstance(volunteer, ground):
        raise Refused("ground_not_granted", "this is not on file for the volunteer", ground=ground)
    return ask.record(GrantTime(volunteer=volunteer, pool=pool, ground=ground, minutes=minutes))


def move_frozen(
    ask: Asking,
    *,
    volunteer: str,
    minutes: int,
    reason: str,
    recipient: str = "",
    pool: str = "",
) -> Receipt:
    """The operator decides where the time of somebody who died, left or was forgotten goes
    (domain §10 P46)."""
    refuse_wrong_balance(ask.book, volunteer)
    return ask.record(
        MoveFrozenTime(
            volunteer=volunteer,
            minutes=minutes,
            recipient=recipient,
            pool=pool,
            reason=ask.sealed(reason=reason),
        )
    )


def attested_redeemer(book: Book, volunteer: str, policy: Policy, now: int) -> tuple[str, int]:
    """(gate, age asked for) of whether a volunteer may spend saved time `now` (ms; domain §10 P38).

    `met` by the own age, `spouse` by that of one on file, `difficulty` by a special difficulty
    on file and the age that policy has for it; otherwise `unmet` or `unknown`.
    """
    minimum = policy.tb_redeem_min_age
    own = _attested_age(book, volunteer, minimum, policy, now)
    if own == "met":
        return own, minimum
    vault, today = book.vault, policy.local_date(now)
    if policy.tb_redeem_spouse_counts:
        spouses = vault.spouses_of(volunteer)
        if "met" in vault.attest_ages(spouses, minimum, today).values():
            return "spouse", minimum
    lower = policy.tb_redeem_min_age_difficulty
    if (
        lower
        and vault.attest_circumstance(volunteer, "special_difficulty")
        and _attested_age(book, volunteer, lower, policy, now) == "met"
    ):
        return "difficulty", lower
    return own, minimum


def attested_depositor(ask: Asking, volunteer: str, policy: Policy) -> str:
    """By what a volunteer may come to saved time (domain §10 P37): `met`, `guardian`, `group`, or
    why not: `unmet`, `unknown`."""
    party = _party(ask.book, account.volunteer(volunteer))
    if party is not None and party.form == "group":
        return "group"
    own = _attested_age(ask.book, volunteer, policy.tb_depositor_min_age, policy, ask.now())
    consented = party is not None and party.guardian == "consented"
    return "guardian" if own != "met" and consented and policy.tb_depositor_guardian_ok else own


def _attested_age(book: Book, volunteer: str, minimum_years: int, policy: Policy, now: int) -> str:
    """`met`, `unmet` or `unknown`: has the volunteer reached that age on the policy's today."""
    if minimum_years == 0:
        return "met"
    today = policy.local_date(now)
    return book.vault.attest_age(volunteer, minimum_years, today)


def _attested_relation(ask: Asking, recipient: str) -> str:
    """What the recipient is to the caller, as far as policy counts it (domain §10 P39). Refuses
    with `not_a_relative`."""
    counted = ask.book.policy_of(ask.caller.party).tb_transfer_to
    vault = ask.book.vault
    relation = vault.attest_relation(ask.caller.id, recipient)
    if relation in counted:
        return relation
    # Asked only where it opens something: who is needy is nobody's to try out.
    if "needy_elder" in counted and vault.attest_circumstance(recipient, "needy_elder"):
        return "needy_elder"
    raise Refused(
        "not_a_relative",
        "time can be given to a registered relative; register the relation first",
    )


def _party(book: Book, address: str) -> Party | None:
    found: Party | None = one_row(book, "parties", address)
    return found
