"""Decide about certificates of service 志愿服务记录证明 (Order 67 arts. 14, 15; domain §1)."""

from __future__ import annotations

from ledger.actions.certificates import IssueCertificate
from ledger.entry import Draft
from ledger.errors import Refused
from ledger.standing import Standing


def issue(action: IssueCertificate, standing: Standing, time: int) -> list[Draft]:
    """A certificate states service time, content and recording unit, and is free
    (domain §12 T22, T24). The entry holds a commitment and names nobody (trust §5)."""
    if action.fee_cents:
        raise Refused("certificate_is_free", "a certificate is free of charge (Order 67, art. 14)")
    if not action.content or action.minutes < 1:
        raise Refused(
            "certificate_incomplete",
            "a certificate states service content, and service time that the named organisation or"
            " one below it has recorded (Order 67, arts. 15, 17)",
        )
    standing.party(f"organisation:{action.organisation}")
    if standing.marks[f"certificate:{action.certificate}", "issued"] is not None:
        raise Refused("already_registered", "this certificate number is taken")
    facts = {
        "certificate": action.certificate,
        "commitment": action.commitment,
        "organisation": action.organisation,
    }
    return [Draft("certificate_issued", facts)]
