"""Cards: a number and a PIN, sealed under their holder's key (trust §6; docs/vault.md, Cards).

Entries hold a card's random id alone. The number is found by a keyed index value; the PIN is kept
as Argon2id, whose secret is no part of the vault's database: six digits alone fall in an hour to
whoever has a copy of it. `forget` destroys all of it with everything else of a person.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Final

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from ledger import cards
from ledger.vault.claims import BIRTH_DATE, IDENTITY_NUMBER, VOLUNTEER
from ledger.vault.door import Vault

_NUMBER: Final = "card_number_"
_PIN: Final = "card_pin_"
_INDEX: Final = "card_number"
_SALT_BYTES: Final = 16
_MEMORY_KIB: Final = 19 * 1024
_ITERATIONS: Final = 2
_LANES: Final = 1
"""What OWASP asks of Argon2id: 19 MiB, twice, in one lane: 40 ms."""
_NO_PIN: Final = f"$argon2id$v=19$m={_MEMORY_KIB},t={_ITERATIONS},p={_LANES}${'A' * 22}${'A' * 43}"
"""A hash that no PIN has, with the cost of a real one."""


def number_field(card: str) -> str:
    """The sealed field in which a card's number is, for `Vault.read`."""
    return _NUMBER + card


def issue(vault: Vault, holder: str, card: str, pin: str) -> str:
    """Make a number for a card and keep it with its PIN; returns the number.

    The same card again gets its PIN anew and keeps its number. Raises KeyError for an unknown or
    forgotten holder.
    """
    key = vault.person_key(holder)
    number = _number_of(vault, holder, card)
    if not number:
        number = _unused_number(vault)
        vault.store.add_indexed_field(
            holder,
            number_field(card),
            key.seal_field(number_field(card), number),
            index=_INDEX,
            blind=vault.sealer.blind(VOLUNTEER, _INDEX, number),
        )
    set_pin(vault, holder, card, pin)
    return number


def find(vault: Vault, number: str) -> tuple[str, str]:
    """(holder, card) of a number; two empty ones where no card has it."""
    blind = vault.sealer.blind(VOLUNTEER, _INDEX, number)
    for holder in vault.store.by_blind(_INDEX, [blind]).get(blind, []):
        # Whoever is forgotten this moment has no fields any more, and is not found.
        for subject, wrapped, field, sealed in vault.store.fields_beginning(holder, _NUMBER):
            if vault.sealer.person(subject, wrapped).open_field(field, sealed) == number:
                return holder, field.removeprefix(_NUMBER)
    return "", ""


def set_pin(vault: Vault, holder: str, card: str, pin: str, change: str = "") -> None:
    """Keep a PIN of a card: the first, or the one that a change brings, which waits beside the one
    in force until its entry is there. `change` is what that entry's request alone has, lower-case
    hex. Raises KeyError as `issue`."""
    field = _pin_field(card, change)
    hashed = Argon2id(
        salt=secrets.token_bytes(_SALT_BYTES),
        length=32,
        iterations=_ITERATIONS,
        lanes=_LANES,
        memory_cost=_MEMORY_KIB,
        secret=vault.sealer.pin_secret(),
    ).derive_phc_encoded(pin.encode())
    vault.store.put_fields(holder, {field: vault.person_key(holder).seal_field(field, hashed)})
    vault.store.erase_traces()


def drop_pin(vault: Vault, holder: str, card: str, change: str = "") -> None:
    """Erase a PIN that is not in force: the first, or that of a change. None there is fine."""
    vault.store.remove_field(holder, _pin_field(card, change))
    vault.store.erase_traces()


def is_pin_of(
    vault: Vault, holder: str, card: str, pin: str, changed_by: Callable[[], str]
) -> bool:
    """Whether this is the PIN of a card. As slow for a card that is not there as for one that is,
    so that nobody learns which numbers exist.

    Which PIN is in force is the ledger's to say, never a second write here: `changed_by` tells
    which change its last entry about the card stands for, and is asked only once one was kept.
    """
    kept = {"": _NO_PIN}
    first = _pin_field(card)
    for subject, wrapped, field, sealed in vault.store.fields_beginning(holder, first):
        change = field[len(first) :].removeprefix("_")
        kept[change] = vault.sealer.person(subject, wrapped).open_field(field, sealed)
    in_force = kept.get(changed_by(), kept[""]) if len(kept) > 1 else kept[""]
    try:
        Argon2id.verify_phc_encoded(pin.encode(), in_force, secret=vault.sealer.pin_secret())
    except InvalidKey:
        return False
    return True


def _pin_field(card: str, change: str = "") -> str:
    return f"{_PIN}{card}_{change}" if change else _PIN + card


def is_guessable(vault: Vault, holder: str, pin: str) -> bool:
    """Whether a PIN is trivial, or stands in the holder's date of birth or ID number."""
    if cards.is_trivial(pin):
        return True
    for subject, wrapped, field, sealed in vault.store.fields(
        [holder], [BIRTH_DATE, IDENTITY_NUMBER]
    ):
        known = vault.sealer.person(subject, wrapped).open_field(field, sealed)
        if field == IDENTITY_NUMBER:
            if pin == known[-cards.PIN_LENGTH :]:
                return True
        else:
            year, month, day = known.split("-")
            born = {year[2:] + month + day, day + month + year[2:], month + day + year[2:]}
            if pin in born | {year + month, month + year}:
                return True
    return False


def destroy(vault: Vault, holder: str, card: str) -> bool:
    """Destroy number, index value and every PIN of a card; whether anything was there."""
    number = _number_of(vault, holder, card)
    blind = vault.sealer.blind(VOLUNTEER, _INDEX, number) if number else b""
    pins = [field for _, _, field, _ in vault.store.fields_beginning(holder, _pin_field(card))]
    gone = vault.store.remove_indexed_fields(
        holder, [number_field(card), *pins], index=_INDEX, blind=blind
    )
    vault.store.erase_traces()
    return gone > 0


def _number_of(vault: Vault, holder: str, card: str) -> str:
    for subject, wrapped, field, sealed in vault.store.fields([holder], [number_field(card)]):
        return vault.sealer.person(subject, wrapped).open_field(field, sealed)
    return ""


def _unused_number(vault: Vault) -> str:
    while True:
        number = cards.make_card_number(secrets.token_bytes(cards.RANDOM_BYTES))
        blind = vault.sealer.blind(VOLUNTEER, _INDEX, number)
        if not vault.store.by_blind(_INDEX, [blind]):
            return number
