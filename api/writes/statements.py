"""Statements of other ledgers: a volunteer's records come over."""

from __future__ import annotations

from typing import Any

from api.schemas import NewStatementSchema
from api.writes.asking import writing
from ledger.door import statements
from ledger.door.asking import Asking
from ledger.sequencer import Receipt

Body = dict[str, Any]


@writing(
    "/volunteers/<id:volunteer>/statements",
    NewStatementSchema,
    scope="statements:write",
    tag="statements",
    refusals="unknown_party own_statement statement_invalid origin_not_known party_not_active"
    " consent_missing statement_known statement_of_another",
)
def accept_statement(ask: Asking, body: Body, volunteer: str) -> Receipt:
    """Accept a statement that another ledger signed, as that of a volunteer here who consented.

    Everything in it is checked against the key; each record counts once, whatever is sent again.
    """
    statement = body["statement"].encode()
    return statements.accept(ask, volunteer=volunteer, statement=statement, key=body["key"])
