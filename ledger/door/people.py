"""Registering people and organisations, and ending what was registered.

Names and numbers go to the vault before the entry that needs them; the session of claims is kept
open until the ledger has decided, so that one number never becomes two people. A crash between
the two leaves a candidate without an entry, which is swept later.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date
from typing import Final

from ledger import account
from ledger.actions import Action
from ledger.actions.clerks import LimitClerk, RegisterClerk
from ledger.actions.parties import (
    ChangeParty,
    ReachMajority,
    RecordCircumstance,
    RecordGuardianConsent,
    RegisterAuditor,
    RegisterBranch,
    RegisterGroup,
    RegisterMerchant,
    RegisterOrganisation,
    RegisterRelation,
    RegisterStaff,
    RegisterTerminal,
    RegisterVolunteer,
    RemoveCircumstance,
    RemoveRelation,
)
from ledger.actions.service import DismissFraud, ProveFraud
from ledger.book import Book
from ledger.decide.webhooks import REMOVED
from ledger.door import imports
from ledger.door.asking import Asking
from ledger.door.tree import Tree, refuse_tills, rows, unknown_party
from ledger.entry import Entry
from ledger.errors import Refused
from ledger.identity import (
    BadIdentityNumber,
    BadOrganisationCode,
    check_identity_number,
    check_organisation_code,
)
from ledger.policy import Policy
from ledger.rows import Ban
from ledger.sequencer import Receipt
from ledger.store import vouchers, ways
from ledger.store.cards import forget_looks
from ledger.vault import Claims, VolunteerClaim, cards
from ledger.vault.door import Relation

_PAGE: Final = 500


def register_volunteer(
    ask: Asking,
    *,
    name: str,
    identity_number: str,
    number: str = "",
    organisation: str = "",
    guardian_consent: bool = False,
) -> Receipt:
    """A person becomes a volunteer of an organisation, by default the caller's own.

    Below policy's least age nobody is registered, `age_gate_unmet`. Younger than policy's age
    without a guardian's consent, the entry says `missing`; below the age of sensitive data consent
    is needed first, `guardian_consent_needed` (domain §10 P22, I12). Refuses with
    `bad_identity_number`, and where the number belongs to somebody: `already_registered` or
    `identity_conflict` to those who registered that person, `held_for_identity_check` to everybody
    else (trust §5).
    """
    book, caller = ask.book, ask.caller
    tree = Tree(book, caller)
    organisation = organisation or _own_organisation(ask)
    if organisation:
        tree.refuse_unless_ours(f"organisation:{organisation}")
    identity = _identity_number(identity_number)
    now = ask.now()
    with book.database.reading() as connection:
        policy = book.standing_in(connection).policy_for(now, organisation)
    banned = book.vault.is_banned(identity, at=now)
    claim = VolunteerClaim(number=_normalised(number) or None, identity_number=identity, name=name)
    with book.vault.claims(persist=True, at=now) as claims:
        (claimed,) = claims.volunteers([claim])
        _refuse_held(ask, tree, [claimed.id, *claimed.conflicts], banned=banned)
        _refuse_too_young(claims, claimed.id, policy, policy.local_date(now))
        return ask.record(
            RegisterVolunteer(
                volunteer=claimed.id,
                organisation=organisation,
                guardian=_guardian(
                    claims, claimed.id, policy, policy.local_date(now), consent=guardian_consent
                ),
                conflicts=claimed.conflicts,
            )
        )


def _refuse_held(ask: Asking, tree: Tree, involved: list[str], *, banned: bool) -> None:
    """Whoever did not register these people learns only that somebody must look (trust §5)."""
    addresses = [account.volunteer(one) for one in involved]
    tree.fetch(addresses)
    there = [one for one in addresses if tree.party(one) is not None]
    if banned and ask.caller.role == "operator":
        raise Refused("identity_banned", "this person is banned for proven fraud at present")
    if banned or not all(tree.acts_for(one) for one in there):
        raise Refused(
            "held_for_identity_check",
            "this person is held for an identity check; the operator will look into it",
        )


def _refuse_too_young(claims: Claims, volunteer: str, policy: Policy, on: date) -> None:
    least = policy.volunteer_min_age
    if least and claims.attest_ages([volunteer], least, on)[volunteer] != "met":
        raise Refused(
            "age_gate_unmet", f"volunteers are {least} or older here", minimum_years=least
        )


def _guardian(claims: Claims, volunteer: str, policy: Policy, on: date, *, consent: bool) -> str:
    """The guardian fact (domain §10 P22, worked example I12)."""
    if claims.attest_ages([volunteer], policy.guardian_below_age, on)[volunteer] == "met":
        return "not_needed"
    if consent:
        return "consented"
    below = policy.sensitive_below_age
    if claims.attest_ages([volunteer], below, on)[volunteer] == "unmet":
        raise Refused(
            "guardian_consent_needed",
            f"below {below} a guardian must consent first (Personal Information Protection Law,"
            " article 31)",
            below_years=below,
        )
    return "missing"


def register_organisation(
    ask: Asking,
    *,
    name: str,
    organisation_code: str = "",
    parent: str = "",
    tier: str = "community",
    form: str = "organisation",
) -> Receipt:
    """An organisation or team below `parent`; only an operator makes a root.

    Teams need no code of their own; an organisation does. Refuses with `bad_organisation_code`.
    """
    tree = Tree(ask.book, ask.caller)
    parent = parent or _own_organisation(ask)
    if parent:
        tree.refuse_unless_ours(f"organisation:{parent}")
    if organisation_code:
        key = _organisation_code(organisation_code)
    elif form == "team":
        key = _unnumbered(ask)
    else:
        raise Refused("bad_organisation_code", "an organisation has a code of 18 characters")
    return _claim_and_record(
        ask,
        "organisation",
        key,
        {"name": name},
        lambda made: RegisterOrganisation(organisation=made, parent=parent, tier=tier, form=form),
    )


def register_staff(ask: Asking, *, name: str, number: str = "", organisation: str = "") -> Receipt:
    """Somebody who records, approves or reviews for an organisation."""
    organisation = organisation or _own_organisation(ask)
    tree = Tree(ask.book, ask.caller)
    if organisation:
        tree.refuse_unless_ours(f"organisation:{organisation}")

    def action(made: str) -> Action:
        there = tree.party(f"staff:{made}")
        if there is not None and not tree.acts_for(there.address):
            raise Refused(
                "held_for_identity_check",
                "this number is in use elsewhere; the operator will look into it",
            )
        return RegisterStaff(staff=made, organisation=organisation)

    key = _normalised(number) or _unnumbered(ask)
    return _claim_and_record(ask, "staff", key, {"name": name}, action)


def register_merchant(ask: Asking, *, name: str, number: str = "") -> Receipt:
    """A partner merchant; `number` is its own business number, if it has one."""
    return _claim_and_record(
        ask,
        "merchant",
        _normalised(number) or _unnumbered(ask),
        {"name": name},
        lambda made: RegisterMerchant(merchant=made),
    )


def register_auditor(ask: Asking, *, name: str, number: str = "") -> Receipt:
    """Somebody who checks the ledger."""
    return _claim_and_record(
        ask,
        "auditor",
        _normalised(number) or _unnumbered(ask),
        {"name": name},
        lambda made: RegisterAuditor(auditor=made),
    )


def register_branch(ask: Asking, *, merchant: str, name: str, number: str = "") -> Receipt:
    """A branch of a merchant; its number is its own among the merchant's branches."""
    Tree(ask.book, ask.caller).refuse_unless_ours(f"merchant:{merchant}")
    return _claim_and_record(
        ask,
        "branch",
        _within(merchant, number) or _unnumbered(ask),
        {"name": name},
        lambda made: RegisterBranch(merchant=merchant, branch=made),
    )


def register_terminal(ask: Asking, *, branch: str, name: str, number: str = "") -> Receipt:
    """A till of a branch."""
    party = Tree(ask.book, ask.caller).refuse_unless_ours(f"branch:{branch}")
    merchant = party.parent.partition(":")[2]
    return _claim_and_record(
        ask,
        "terminal",
        _within(branch, number) or _unnumbered(ask),
        {"name": name},
        lambda made: RegisterTerminal(merchant=merchant, branch=branch, terminal=made),
    )


def register_clerk(
    ask: Asking, *, branch: str, name: str, number: str = "", note: str = ""
) -> Receipt:
    """Somebody who stands at a branch's tills; the name and what is noted are sealed."""
    tree = Tree(ask.book, ask.caller)
    party = tree.refuse_unless_ours(f"branch:{branch}")
    merchant = party.parent.partition(":")[2]
    refuse_tills(ask.caller)
    text = ask.sealed(note=note)
    return _claim_and_record(
        ask,
        "clerk",
        _within(merchant, number) or _unnumbered(ask),
        {"name": name},
        lambda made: RegisterClerk(merchant=merchant, branch=branch, clerk=made, text=text),
    )


def limit_clerk(
    ask: Asking, *, clerk: str, captures: int = 0, points_hundredths: int = 0, minutes: int = 0
) -> Receipt:
    """What a clerk may take in one local day; 0 for no limit."""
    tree = Tree(ask.book, ask.caller)
    party = tree.refuse_unless_ours(f"clerk:{clerk}")
    refuse_tills(ask.caller)
    branch = tree.party(party.parent)
    action = LimitClerk(
        merchant=branch.parent.partition(":")[2] if branch is not None else "",
        clerk=clerk,
        captures=captures,
        points=points_hundredths,
        minutes=minutes,
    )
    return ask.record(action)


def register_group(ask: Asking, *, name: str, organisation: str = "", number: str = "") -> Receipt:
    """Volunteers who serve and save time as one (domain §3, §10 P40), of an organisation that
    answers for them, by default the caller's own. Refuses with `organisation_needed`."""
    organisation = organisation or _own_organisation(ask)
    if not organisation:
        raise Refused("organisation_needed", "say which organisation's group this is")
    Tree(ask.book, ask.caller).refuse_unless_ours(f"organisation:{organisation}")
    return _claim_and_record(
        ask,
        "group",
        _within(organisation, number) or _unnumbered(ask),
        {"name": name},
        lambda made: RegisterGroup(volunteer=made, organisation=organisation),
    )


def reach_majority(ask: Asking, *, volunteer: str) -> Receipt:
    """A volunteer whose guardian's consent was missing has come of age. The age is attested here,
    by the policy of the volunteer's own organisation (domain §10 P22)."""
    book = ask.book
    address = account.volunteer(volunteer)
    Tree(book, ask.caller).refuse_unless_ours(address)
    policy = book.policy_of(address)
    age = policy.guardian_below_age
    gate = book.vault.attest_age(volunteer, age, policy.local_date(ask.now()))
    return ask.record(ReachMajority(volunteer=volunteer, age_gate=gate, age_tested=age))


def prove_fraud(ask: Asking, *, volunteer: str, reason: str) -> Receipt:
    """Fraud was proven against a volunteer (domain §8, §10 P17), after whatever procedure the
    organisation that answers for them has; what is false is reversed by itself."""
    Tree(ask.book, ask.caller).refuse_unless_ours(account.volunteer(volunteer))
    receipt = ask.record(ProveFraud(volunteer=volunteer, reason=ask.sealed(reason=reason)))
    finish(ask.book, receipt.entry)
    return receipt


def dismiss_fraud(ask: Asking, *, volunteer: str, reason: str) -> Receipt:
    """A proof of fraud did not hold, on objection or otherwise: the ban is lifted, here and on the
    person. Refuses with `unknown_party` and `nothing_to_lift`."""
    receipt = ask.record(DismissFraud(volunteer=volunteer, reason=ask.sealed(reason=reason)))
    finish(ask.book, receipt.entry)
    return receipt


def record_circumstance(ask: Asking, *, volunteer: str, circumstance: str) -> Receipt:
    """Something that a policy asks about is true of a volunteer; the entry holds an id, what it is
    stays sealed. Only what is needed for a purpose is kept (PIPL article 6), and it is destroyed
    when it ends."""
    party = Tree(ask.book, ask.caller).refuse_unless_ours(account.volunteer(volunteer))
    made, vault = ask.own_id(), ask.book.vault
    try:
        vault.add_circumstance(volunteer, circumstance, circumstance_id=made)
    except KeyError:
        # Registered by an import of ids alone, or forgotten this moment.
        raise unknown_party(party.address) from None
    # A crash here leaves a circumstance without its entry; the same request, sent again, finds it
    # under the same id and adds the entry.
    try:
        return ask.record(RecordCircumstance(volunteer=volunteer, circumstance=made))
    except Refused:
        vault.remove_circumstance(volunteer, made)
        raise


def end_circumstance(ask: Asking, *, volunteer: str, circumstance: str) -> Receipt:
    """It is true no longer. Refuses with `unknown_circumstance`."""
    Tree(ask.book, ask.caller).refuse_unless_ours(account.volunteer(volunteer))
    if not ask.book.vault.has_circumstance(volunteer, circumstance):
        raise Refused("unknown_circumstance", "there is no such circumstance")
    receipt = ask.record(RemoveCircumstance(volunteer=volunteer, circumstance=circumstance))
    finish(ask.book, receipt.entry)
    return receipt


def record_guardian_consent(ask: Asking, *, volunteer: str) -> Receipt:
    """A guardian's consent was seen by the organisation."""
    Tree(ask.book, ask.caller).refuse_unless_ours(account.volunteer(volunteer))
    return ask.record(RecordGuardianConsent(volunteer=volunteer))


def register_relation(ask: Asking, *, volunteer: str, relative: str, relation: Relation) -> Receipt:
    """`relative` is the volunteer's spouse, lineal relative or friend (domain §10 P39). Both are
    the caller's. Refuses with `relation_to_oneself`."""
    tree = Tree(ask.book, ask.caller)
    for one in (volunteer, relative):
        party = tree.refuse_unless_ours(account.volunteer(one))
        if party.state != "active":
            raise Refused("party_not_active", f"{party.address} is {party.state}")
    if volunteer == relative:
        raise Refused("relation_to_oneself", "a relation is between two people")
    made, vault = ask.own_id(), ask.book.vault
    try:
        vault.add_relation(volunteer, relative, relation, relation_id=made, at=ask.now())
    except KeyError:
        # Registered by an import of ids alone, or forgotten this moment: there is nobody to name.
        raise unknown_party(account.volunteer(relative)) from None
    # A crash here leaves a relation without its entry; the same request, sent again, finds it
    # under the same id and adds the entry.
    try:
        return ask.record(RegisterRelation(volunteer=volunteer, relation=made))
    except Refused:
        vault.remove_relation(made)
        raise


def end_relation(ask: Asking, *, volunteer: str, relation: str) -> Receipt:
    """A relation ends. Refuses with `unknown_relation`."""
    Tree(ask.book, ask.caller).refuse_unless_ours(account.volunteer(volunteer))
    found = ask.book.vault.store.relation(relation)
    if found is None or volunteer not in (found.volunteer, found.relative):
        raise Refused("unknown_relation", "there is no such relation")
    receipt = ask.record(RemoveRelation(volunteer=volunteer, relation=relation))
    finish(ask.book, receipt.entry)
    return receipt


def change_party(ask: Asking, *, address: str, change: str, reason: str = "") -> Receipt:
    """Suspend, reinstate, leave or die, or forget a volunteer. `change` is what becomes of them.

    A volunteer leaves and is forgotten by their own wish; everything else is for whoever stands
    above, never for oneself.
    """
    tree, caller = Tree(ask.book, ask.caller), ask.caller
    tree.refuse_unless_ours(address)
    refuse_tills(ask.caller)
    own = address == caller.party
    if own and change in ("suspended", "reinstated", "died"):
        raise Refused("not_for_oneself", "somebody above decides this")
    if change == "forgotten":
        return forget(ask, address=address)
    return ask.record(ChangeParty(party=address, change=change, reason=ask.sealed(reason=reason)))


def forget(ask: Asking, *, address: str) -> Receipt:
    """Append the entry, then destroy what the vault knows (trust §5)."""
    receipt = ask.record(ChangeParty(party=address, change="forgotten"))
    finish(ask.book, receipt.entry)
    return receipt


def finish(book: Book, entry: Entry) -> None:
    """What the vault still has to do after an entry; again changes nothing.

    A crash before it is made good when the request is sent again, and for what was forgotten by
    `repeat_forgets` at the next start.
    """
    if entry.kind == "relation_removed":
        book.vault.remove_relation(entry.facts["relation"])
    elif entry.kind == "circumstance_removed":
        book.vault.remove_circumstance(entry.facts["volunteer"], entry.facts["circumstance"])
    elif entry.kind == "card_closed":
        cards.destroy(book.vault, entry.facts["volunteer"], entry.facts["card"])
    elif entry.kind == "card_issued" and entry.part:
        finish(book, book.entry(entry.index - 1))
    elif entry.kind == "fraud_proven":
        _keep_out(book, entry)
    elif entry.kind == "fraud_dismissed":
        _let_in(book, entry)
    elif entry.kind == "webhook_set" and entry.facts["state"] == REMOVED:
        book.vault.forget_text(entry.facts["url"])
    elif entry.kind == "party_forgotten":
        _forget_all(book, [entry.facts["party"]])


def _keep_out(book: Book, entry: Entry) -> None:
    """Whoever is banned does not come back as somebody else meanwhile (domain §8)."""
    facts = entry.facts
    if facts["ban_until"] > entry.time and _is_last_word(book, entry):
        # One who is known by id alone, or is forgotten already, has no number to be known by.
        with suppress(KeyError):
            book.vault.ban(facts["party"].partition(":")[2], until=facts["ban_until"])


def _let_in(book: Book, entry: Entry) -> None:
    """Nothing was proven: the person may register again."""
    if _is_last_word(book, entry):
        # Of somebody forgotten, the index value goes when the ban would have ended.
        with suppress(KeyError):
            book.vault.lift_ban(entry.facts["party"].partition(":")[2])


def _is_last_word(book: Book, entry: Entry) -> bool:
    """Whether no later entry says otherwise of the ban: a request sent again undoes nothing."""
    party = entry.facts["party"]
    ban: Ban | None = rows(book, "bans", [party]).get(party)
    return ban is not None and ban.since == entry.index


def repeat_forgets(book: Book) -> int:
    """Forget again whomever an entry forgot; for every start and every restore (trust §5).

    Returns how many the vault still knew.
    """
    with book.database.reading() as connection:
        addresses = vouchers.forgotten_parties(connection)
    return _forget_all(book, addresses)


def _forget_all(book: Book, addresses: Sequence[str]) -> int:
    """Destroy what was written about these, who looked at their vouchers, and what the vault knows
    of them; returns of how many it knew anything."""
    for address in addresses:
        _forget_texts(book, address)
    ids = [address.partition(":")[2] for address in addresses]
    # First, because it needs the numbers that the vault is about to destroy.
    people = [address for address in addresses if address.startswith("volunteer:")]
    imports.forget_people(book, [address.partition(":")[2] for address in people])
    forget_looks(book.database, ids)
    ways.forget(book.database, addresses)
    return book.vault.forget_all(ids)


def _forget_texts(book: Book, address: str) -> None:
    digests = [each for each in _reasons(book, address) if each]
    if digests and book.vault.store.destroy_texts(digests):
        book.vault.store.erase_traces()


def _reasons(book: Book, address: str) -> Iterator[str]:
    """Digests of what was written in every entry about somebody: reasons, and of a person also
    evaluations, notes and the like."""
    names = ("reason", "text") if address.startswith(("volunteer:", "clerk:")) else ("reason",)
    after = -1
    while entries := book.history(address, after=after, limit=_PAGE):
        for entry in entries:
            yield from (str(entry.facts.get(name, "")) for name in names)
        after = entries[-1].index


def _claim_and_record(
    ask: Asking,
    kind: str,
    key: str,
    fields: Mapping[str, str],
    action: Callable[[str], Action],
) -> Receipt:
    """Find or make the subject of `key`, and register it while nobody else can claim it."""
    with ask.book.vault.claims(persist=True, at=ask.now()) as claims:
        (claimed,) = claims.others(kind, [(key, fields)])
        return ask.record(action(claimed.id))


def _own_organisation(ask: Asking) -> str:
    return ask.caller.id if ask.caller.role == "organisation" else ""


def _unnumbered(ask: Asking) -> str:
    """The key of a subject without a number: its request's own, so that a retry finds it."""
    return f"~{ask.idem.hex()[:32]}"


def _within(above: str, number: str) -> str:
    bare = _normalised(number)
    return f"{above}/{bare}" if bare else ""


def _normalised(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def _identity_number(written: str) -> str:
    try:
        return check_identity_number(_normalised(written).upper()).number
    except BadIdentityNumber as bad:
        raise Refused("bad_identity_number", bad.sentence) from None


def _organisation_code(written: str) -> str:
    try:
        return check_organisation_code(_normalised(written).upper())
    except BadOrganisationCode as bad:
        raise Refused("bad_organisation_code", bad.sentence) from None
