"""All that the ledger holds about a volunteer, as one file for them to keep.

Each part is what a read of the API answers, in its own form (JSON) and as a table (CSV); the
entries are the very bytes that were hashed. Looking at it is in the access log as every look is.
"""

from __future__ import annotations

import csv
import io
import json
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from typing import IO, Any, Final

from flask import Response, g
from marshmallow import Schema

from api.pages import words
from api.pages.calling import every, read
from api.pages.guard import for_roles, page, pages
from api.pages.troubles import Noes
from api.pages.volunteer.asked import now_of
from api.papers.sheets import safe
from api.reads import (
    cards,
    certificates,
    credit_lists,
    entries,
    honours,
    objections,
    orders,
    own_data,
    parties,
    rewards,
    service,
    stars,
    statements,
    time_bank,
)
from api.times import rfc3339
from ledger.door.tree import refuse_helpers
from ledger.standing import china_time

PIECE_BYTES: Final = 65_536
PAGE: Final = "200"
PARTS: Final = (
    *("profile", "records", "entries", "redemptions", "time", "stars", "objections"),
    *("consents", "accesses", "cards", "certificates", "statement"),
)
"""What the page says is in it."""

NOT_STATED: Final = frozenset({"nothing_to_state", "no_checkpoint", "not_yet_covered"})
"""Why there may be no statement now; the file says so."""

Rows = Iterator[Mapping[str, Any]]


@pages.get("/me/download")
@for_roles("volunteer")
def my_download() -> Response:
    """What would be in it, and the button. For nobody but the volunteer."""
    refuse_helpers(g.caller)
    return page("volunteer/download", parts=PARTS)


@pages.post("/me/download")
@for_roles("volunteer")
def my_download_now() -> Response:
    """The file. Issuing the signed statement in it is an entry, so this is no GET."""
    refuse_helpers(g.caller)
    # Unlinked at once: what is left when this process dies is nothing.
    packed = tempfile.TemporaryFile()  # noqa: SIM115 - closed when the answer is
    try:
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
            _pack(archive)
    except BaseException:
        packed.close()
        raise
    answer = Response(_pieces(packed), content_type="application/zip")
    answer.call_on_close(packed.close)
    answer.content_length = packed.tell()
    packed.seek(0)
    day = f"{china_time(now_of()):%Y-%m-%d}"
    answer.headers["Content-Disposition"] = f"attachment; filename=sidereal-{day}.zip"
    return answer


def _pack(archive: zipfile.ZipFile) -> None:
    own = {"volunteer": g.caller.id}
    one: dict[str, tuple[type[Schema], Any]] = {
        "profile": (parties.ProfileSchema, read(parties.get_volunteer, **own)),
        "standing": (parties.StandingSchema, read(parties.get_standing, **own)),
        "saved-time": (time_bank.SavedTimeSchema, read(time_bank.get_saved_time)),
        "honours": (honours.HonoursSchema, read(honours.get_honours, **own)),
    }
    for name, (schema, found) in one.items():
        archive.writestr(f"{name}.json", _json(schema().dump(found)))
    lists: dict[str, tuple[type[Schema], Rows]] = {
        "records": (service.RecordSchema, every(service.list_service_records)),
        "redemptions": (rewards.RedemptionSchema, _redemptions()),
        "objections": (objections.ObjectionSchema, every(objections.list_objections)),
        "orders": (orders.OrderSchema, every(orders.list_orders)),
        "star-cases": (stars.StarCaseSchema, every(stars.list_star_cases)),
        "qualifications": (
            parties.QualificationSchema,
            every(parties.list_qualifications, **own),
        ),
        "consents": (credit_lists.ConsentSchema, every(credit_lists.list_consents, **own)),
        "credit": (credit_lists.CreditSchema, every(credit_lists.list_credits)),
        "relations": (own_data.RelationSchema, _whole(own_data.list_relations)),
        "accesses": (own_data.AccessSchema, _accesses()),
        "till-looks": (cards.LookSchema, _looks()),
        "cards": (cards.CardRowSchema, _whole(cards.list_cards)),
        "certificates": (
            certificates.OwnCertificateSchema,
            _whole(certificates.list_certificates),
        ),
    }
    for name, (schema, rows) in lists.items():
        _write_list(archive, name, [schema().dump(row) for row in rows])
    _write_entries(archive)
    stated = _write_statements(archive)
    said = [
        words.say(key, lang)
        for lang in words.LANGUAGES
        for key in (
            "my.download.readme",
            "my.download.readme.stated" if stated else "my.download.readme.unstated",
        )
    ]
    archive.writestr("README.txt", "\n\n".join(said) + "\n")


# What is in it -----------------------------------------------------------------------------------


def _whole(view: Any) -> Rows:
    yield from read(view, volunteer=g.caller.id)["data"]


def _redemptions() -> Rows:
    """Without the codes of vouchers that can still be used: whoever finds the file has none."""
    for one in every(rewards.list_redemptions):
        yield {name: value for name, value in one.items() if name != "code"}


def _accesses() -> Rows:
    before, more = "", True
    while more:
        query = {"limit": PAGE, "before": before, "own": "yes"}
        found = read(own_data.list_accesses, query, volunteer=g.caller.id)
        yield from found["data"]
        more = found["has_more"]
        before = str(found["data"][-1]["access"]) if more else ""


def _looks() -> Rows:
    before, more = "", True
    while more:
        query = {"limit": PAGE, "before": before}
        found = read(cards.list_looks, query, volunteer=g.caller.id)
        yield from found["data"]
        more = found["has_more"]
        before = rfc3339(found["data"][-1]["time"]) if more else ""


def _write_entries(archive: zipfile.ZipFile) -> None:
    """Each entry's bytes on a line of their own, which hold no line break, and a table of their
    hashes."""
    rows = []
    with archive.open("entries.jsonl", "w", force_zip64=True) as lines:
        for entry in every(entries.list_entries):
            lines.write(entry["data"].encode() + b"\n")
            rows.append(
                {
                    "entry": entry["entry"],
                    "time": rfc3339(entry["time"]),
                    "kind": entry["kind"],
                    "hash": entry["hash"],
                }
            )
    archive.writestr("entries.csv", _csv(rows))


def _write_statements(archive: zipfile.ZipFile) -> bool:
    """The signed statement of the records, in as many files as it needs; whether there is one.

    There is none without effective records, nor before a checkpoint covers the newest."""
    after, count, more = "", 0, True
    while more:
        try:
            found = read(statements.get_statement, {"starting_after": after}, volunteer=g.caller.id)
        except Noes as no:
            if no.code not in NOT_STATED:
                raise
            return count > 0
        if isinstance(found, Response):
            # Asked for as bare text: the file alone, which does not say where the next begins.
            found = {"statement": found.get_data(as_text=True), "has_more": False}
        count += 1
        archive.writestr(f"statement-{count}.txt", found["statement"])
        more = found["has_more"]
        after = str(found["last"]) if more else ""
    return True


# How it is written -------------------------------------------------------------------------------


def _write_list(archive: zipfile.ZipFile, name: str, rows: list[dict[str, Any]]) -> None:
    archive.writestr(f"{name}.json", _json(rows))
    archive.writestr(f"{name}.csv", _csv(rows))


def _json(what: Any) -> str:
    return json.dumps(what, ensure_ascii=False, indent=1) + "\n"


def _csv(rows: list[dict[str, Any]]) -> bytes:
    """A table with a mark at its beginning, so that spreadsheets show Chinese."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(row.get(name)) for name in columns])
    return out.getvalue().encode("utf-8-sig")


def _cell(value: Any) -> str | int:
    if isinstance(value, int):
        return int(value) if not isinstance(value, bool) else str(value).lower()
    if isinstance(value, dict | list):
        return safe(json.dumps(value, ensure_ascii=False)) if value else ""
    return "" if value is None else safe(str(value))


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(PIECE_BYTES):
            yield piece
