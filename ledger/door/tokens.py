"""Tokens: `sdk_<credential id>_<secret>`, shown once. The ledger keeps a SHA-256 of them.

What a token may do is its credential, made and revoked by entries. Losing the table of digests
stops every token and changes no entry.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Collection
from typing import Final

from ledger.actions.credentials import IssueCredential, RevokeCredential
from ledger.actors import ISSUES
from ledger.book import Book, Caller
from ledger.decide import helpers
from ledger.decide.clerks import not_active
from ledger.door.asking import Asking, with_its_entry
from ledger.door.tree import Tree, one_row
from ledger.errors import Refused
from ledger.rows import Credential
from ledger.sequencer import Receipt
from ledger.store import tables, vouchers
from ledger.store.vouchers import TokenRow

TOKEN: Final = re.compile(r"sdk_([0-9abcdefghjkmnpqrstvwxyz]{16})_([A-Za-z0-9_-]{43})")

_COMMON: Final = "activities:read entries:read parties:read policies:read rewards:read"
ROLE_SCOPES: Final[dict[str, frozenset[str]]] = {
    role: frozenset(f"{_COMMON} {scopes}".split())
    for role, scopes in {
        "operator": (
            "activities:write anomalies:read cards:read cards:write certificates:write"
            " credits:read credits:write exports:read funds:read funds:write honours:read"
            " honours:write indicators:read objections:decide objections:read orders:read"
            " orders:write parties:write policies:write redemptions:read redemptions:review"
            " redemptions:void rewards:write service-records:read service-records:review"
            " service-records:write settlements:read settlements:write stars:read"
            " stars:write statements:write time-bank:grant time-bank:read tokens:write"
            " volunteers:read webhooks:read webhooks:write"
        ),
        "organisation": (
            "activities:write cards:read cards:write certificates:write credits:read"
            " credits:write funds:read funds:write honours:read honours:write"
            " indicators:read objections:decide objections:read orders:read orders:write"
            " parties:write redemptions:assist redemptions:reissue service-records:read"
            " service-records:write stars:read stars:write statements:read statements:write"
            " time-bank:grant time-bank:read tokens:write volunteers:read webhooks:read"
            " webhooks:write"
        ),
        "reviewer": (
            "objections:decide objections:read service-records:read service-records:review"
            " stars:read volunteers:read"
        ),
        "merchant": (
            "funds:read parties:write redemptions:capture redemptions:read"
            " redemptions:verify redemptions:void rewards:write settlements:read"
            " settlements:write tokens:write webhooks:read webhooks:write"
        ),
        "volunteer": (
            "cards:read cards:write certificates:write credits:read credits:write"
            " honours:read objections:read objections:write orders:read orders:write"
            " parties:write redemptions:read redemptions:reissue redemptions:reserve"
            " service-records:read stars:read stars:write statements:read time-bank:read"
            " time-bank:write volunteers:read"
        ),
        "auditor": (
            "anomalies:read credits:read exports:read funds:read indicators:read"
            " objections:read orders:read redemptions:read service-records:read"
            " settlements:read stars:read time-bank:read"
        ),
    }.items()
}
"""What a token of each role may do at most, and does unless it was issued for less."""


CLERK_SCOPES: Final = frozenset(
    f"{_COMMON} redemptions:capture redemptions:read redemptions:verify redemptions:void"
    " settlements:read".split()
)
"""What a clerk's token may do at most: take vouchers, see what they took, note about it and give
it back, no more."""


def new_token(credential: str) -> tuple[str, bytes]:
    """A token for a credential, and the digest to keep of it."""
    token = f"sdk_{credential}_{secrets.token_urlsafe(32)}"
    return token, digest_of(token)


def digest_of(token: str) -> bytes:
    """What the ledger keeps of a token: 256 random bits need no salt."""
    return hashlib.sha256(token.encode()).digest()


def caller_of(book: Book, token: str) -> Caller:
    """Who shows this token. Refuses with `token_invalid`, `token_revoked`, `token_expired`,
    `caller_not_active` or, where it is a clerk's, `clerk_not_active`."""
    matched = TOKEN.fullmatch(token)
    row = None
    if matched is not None:
        with book.database.reading() as connection:
            row = vouchers.token_row(connection, matched[1])
    kept = row.digest if row is not None else bytes(32)
    # Compared even when nothing is kept, so that both noes take equally long.
    if not hmac.compare_digest(kept, digest_of(token)) or row is None:
        raise Refused("token_invalid", "this is no token of ours; send the one you were given")
    return caller_behind(book, row)


def caller_behind(book: Book, row: TokenRow) -> Caller:
    """Who acts with this credential now. Refuses as `caller_of`, but for `token_invalid`."""
    if row.revoked:
        raise Refused("token_revoked", "this token was revoked; ask for a new one")
    if row.expires and book.clock.now_ms() >= row.expires:
        raise Refused("token_expired", "this token's time is over; ask for a new one")
    if row.state != "active":
        raise Refused("caller_not_active", f"the party of this token is {row.state}")
    if row.clerk and row.clerk_state != "active":
        raise not_active(row.clerk, row.clerk_state)
    if row.helper and row.helper_state != "active":
        raise helpers.not_active()
    return Caller(
        party=row.party,
        role=row.role,
        credential=row.credential,
        scopes=frozenset(row.scopes.split("+")) & ROLE_SCOPES[row.role],
        terminal=row.terminal,
        branch=row.branch,
        clerk=row.clerk,
        helper=row.helper,
        halted=_halted(row),
    )


def _halted(row: TokenRow) -> str:
    if row.terminal_state not in ("", "active"):
        return f"terminal:{row.terminal}"
    return row.branch if row.branch_state not in ("", "active") else ""


def issue(
    ask: Asking,
    *,
    party: str,
    role: str,
    scopes: Collection[str] | None = None,
    terminal: str = "",
    clerk: str = "",
    expires: int = 0,
) -> tuple[Receipt, str]:
    """A token for a party, and the token itself, which can never be shown again.

    `scopes` None: all of the role's; for one's own party at most the caller's own. `expires` in
    ms, 0 for never. A clerk's token is for one till and can do no more than `CLERK_SCOPES`. Refuses
    with `unknown_party`, `role_not_allowed`, `terminal_needed`, `scope_not_of_role`, `bad_time`.
    """
    credential = ask.book.new_id()
    token, digest = new_token(credential)
    action = credential_for(
        ask,
        credential,
        party=party,
        role=role,
        scopes=scopes,
        terminal=terminal,
        clerk=clerk,
        expires=expires,
    )
    return ask.record(action, beside=with_its_entry(tables.tokens, (credential, digest))), token


def credential_for(
    ask: Asking,
    credential: str,
    *,
    party: str,
    role: str,
    scopes: Collection[str] | None,
    terminal: str,
    clerk: str,
    expires: int,
) -> IssueCredential:
    """The credential that the caller may issue, whatever it is used with. Refuses as `issue`."""
    caller = ask.caller
    Tree(ask.book, caller).refuse_unless_ours(party)
    if role not in ISSUES.get(caller.role, ()):
        raise Refused("role_not_allowed", f"{caller.role} cannot issue a token for this role")
    if caller.terminal:
        raise Refused("role_not_allowed", "a till's token issues no others")
    most = ROLE_SCOPES[role]
    if party == caller.party:
        # Whoever holds a narrow token cannot make a wider one of it.
        most &= caller.scopes
    if clerk:
        if not terminal:
            raise Refused("terminal_needed", "a clerk's token is for a till; say for which")
        Tree(ask.book, caller).refuse_unless_ours(f"clerk:{clerk}")
        most &= CLERK_SCOPES
    chosen = most if scopes is None else frozenset(scopes)
    if not chosen or not chosen <= most:
        raise Refused("scope_not_of_role", "such a token cannot have all of these scopes")
    if expires and expires <= ask.now():
        raise Refused("bad_time", "a token expires in the future")
    return IssueCredential(
        credential=credential,
        party=party,
        role=role,
        scopes="+".join(sorted(chosen)),
        terminal=terminal,
        expires=expires,
        clerk=clerk,
    )


def revoke(ask: Asking, *, credential: str) -> Receipt:
    """A token stops working. Refuses with `unknown_credential`."""
    found: Credential | None = one_row(ask.book, "credentials", credential)
    if found is None or not Tree(ask.book, ask.caller).acts_for(found.party):
        raise Refused("unknown_credential", "there is no such credential")
    return ask.record(RevokeCredential(credential=credential))
