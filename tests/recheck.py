"""A second opinion on a ledger: what must hold after any story, worked out without its help.

`Laws` reads entries as an auditor would, from their bytes alone. `recheck` holds a whole database
to them and each entry to the verifier's grammar, so that no decision writes what an auditor would
refuse, and then compares every projected row with a fold from zero, both ways.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from audit.accounts import Book
from audit.claims import FOLLOWED, Claims
from audit.documents import READ_AS_VALUES, facts_of, overdraft_minutes
from audit.grammar import TOGETHER, check_together, grammar, postings_of
from ledger.entry import decode
from ledger.fold import fold
from ledger.standing import Standing
from ledger.store import tables
from ledger.store.projections import ROWS

KEYS = {
    *("v", "origin", "index", "prev", "time", "kind", "actor", "auth", "idem", "salt"),
    *("rules", "policy", "facts", "postings"),
}
ONCE = {
    "time_deposited": ("record",),
    "service_reversed": ("record",),
    "service_confirmed": ("record",),
    "service_evaluated": ("record",),
    "redemption_reserved": ("redemption",),
    "redemption_captured": ("redemption",),
    "redemption_voided": ("redemption",),
    "redemption_assisted": ("redemption",),
    "redemption_guarded": ("redemption",),
    "card_issued": ("card",),
    "card_closed": ("card",),
    "redemption_extended": ("redemption",),
    "redemption_refunded": ("redemption",),
    "settlement_stated": ("settlement",),
    "capture_reviewed": ("redemption",),
    "voucher_signed": ("redemption",),
    "offline_opened": ("session",),
    "offline_closed": ("session",),
    "offline_conflict": ("session", "counter"),
    "objection_filed": ("objection",),
    "objection_forwarded": ("objection",),
    "objection_decided": ("objection",),
    "statement_accepted": ("statement",),
    "service_ported": ("origin", "foreign_record"),
    "star_noticed": ("case",),
    "medal_granted": ("volunteer", "medal"),
    "commendation_recorded": ("commendation",),
    "referral_awarded": ("referred",),
    "order_requested": ("order",),
    "order_done": ("order", "record"),
    "settlement_closed": ("settlement",),
    "certificate_issued": ("certificate",),
    "clerk_registered": ("clerk",),
    "credential_bound": ("credential",),
    "credential_lent": ("credential",),
    "credential_linked": ("credential",),
}
"""Kinds that there are at most once for these facts together."""
RECORDS = {"service_recorded", "service_ported"}
ENDINGS = {"redemption_captured", "redemption_released", "redemption_expired"}
CASE_BEGINS = {"star_applied", "star_downgrade_proposed"}
CASE_ENDS = {"star_granted", "star_refused", "star_downgraded", "star_downgrade_dismissed"}
ORDER_PAYS = {"order_confirmed", "order_settled"}
ORDER_ENDS = {*ORDER_PAYS, "order_cancelled", "order_expired"}
MAY_MOVE = {
    "SERVICE": {
        *("service_recorded", "service_confirmed", "service_reversed"),
        *("qualification_recorded", "service_ported"),
        # Only where a policy takes hours for what they paid for (domain §10 P47).
        *("redemption_captured", "redemption_voided", "redemption_refunded", *ORDER_PAYS),
    },
    "STAR": {"star_granted", "star_downgraded"},
    "CREDIT": {"credit_listed", "credit_withdrawn"},
}
"""The kinds that may move an asset at all; saved time and points move in many."""
MAY_ISSUE = {
    "TIME": {"time_deposited"},
    "POINT": {"service_recorded", "service_confirmed", "referral_awarded"},
}
THRESHOLDS_MINUTES = (6_000, 18_000, 36_000, 60_000, 90_000)


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def tree_root(leaves: Sequence[bytes]) -> bytes:
    """RFC 6962 §2.1, written as its definition reads."""
    if not leaves:
        return sha256(b"")
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return sha256(b"\x01" + tree_root(leaves[:split]) + tree_root(leaves[split:]))


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    assert len(found) == len(pairs), "a key stands twice"
    return found


def _no_float(text: str) -> Any:
    raise AssertionError(f"{text} is no integer")


def parse(data: bytes) -> dict[str, Any]:
    """An entry's fields, if its bytes are canonical."""
    fields: dict[str, Any] = json.loads(
        data, object_pairs_hook=_no_duplicates, parse_float=_no_float, parse_constant=_no_float
    )
    again = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert again.encode() == data, "not canonical"
    assert len(data) <= 65_535
    return fields


class Laws:
    """Entries one by one, in order; `take` fails on the first that breaks a law."""

    def __init__(self) -> None:
        self.prev = bytes(32)
        self.time = 0
        self.size = 0
        self.origin = ""
        self.leaves: list[bytes] = []
        self.balances: defaultdict[tuple[str, str], int] = defaultdict(int)
        self.done: Counter[tuple[Any, ...]] = Counter()
        self.idem: dict[str, tuple[str, int, int]] = {}
        self.overdraft = 0
        self.settled: dict[str, str] = {}
        self.open_case: dict[str, str] = {}
        self.listed: dict[str, tuple[str, int]] = {}
        self.consents: dict[tuple[str, ...], str] = {}
        self.cards: dict[str, str] = {}
        self.holders: dict[str, str] = {}
        self.steps: dict[str, int] = {}
        self.named: dict[str, str] = {}
        self.flagged: set[str] = set()
        self.counted: Counter[str] = Counter()
        self.kept: dict[str, int] = {}

    def take(self, data: bytes) -> None:
        entry = parse(data)
        self._place(entry)
        self._answer(entry["idem"])
        if entry["kind"] == "policy_adopted":
            values = entry["facts"]["document"]["values"]
            self.overdraft = max(self.overdraft, values["tb_overdraft_min_minutes"])
        self._move(entry)
        self._at_most_once(entry["kind"], entry["facts"])
        self._redeem(entry["kind"], entry["facts"])
        self._offline(entry["kind"], entry["facts"], entry["time"])
        self._card(entry["kind"], entry["facts"])
        self._star(entry["kind"], entry["facts"])
        self._order(entry["kind"], entry["facts"])
        self._credit(entry["kind"], entry["facts"])
        self.prev = sha256(b"\x00" + data)
        self.leaves.append(self.prev)
        self.time, self.size = entry["time"], self.size + 1

    def _place(self, entry: dict[str, Any]) -> None:
        assert set(entry) == KEYS
        assert entry["index"] == self.size, "a gap, or out of turn"
        assert entry["prev"] == self.prev.hex(), "the link is broken"
        assert entry["time"] >= self.time, "time ran backwards"
        self.origin = self.origin or entry["origin"]
        assert entry["origin"] == self.origin

    def _answer(self, idem: dict[str, Any]) -> None:
        """The parts of one answer are neighbours, and no key is answered twice."""
        key, part = idem["key"], idem["part"]
        if part == 0:
            assert key not in self.idem, "one key was answered twice"
            self.idem[key] = (idem["request"], self.size, idem["parts"])
        assert self.idem[key] == (idem["request"], self.size - part, idem["parts"])
        assert part < idem["parts"]

    def _move(self, entry: dict[str, Any]) -> None:
        slots = set()
        for posting in entry["postings"]:
            asset, amount = posting["asset"], posting["amount"]
            assert amount >= 1
            for address, change in ((posting["source"], -amount), (posting["destination"], amount)):
                self.balances[address, asset] += change
                slots.add((address, asset))
            if asset in MAY_MOVE:
                assert entry["kind"] in MAY_MOVE[asset], f"{entry['kind']} moved {asset}"
            if asset in MAY_ISSUE and posting["source"].startswith("issuer:"):
                assert entry["kind"] in MAY_ISSUE[asset], f"{entry['kind']} made {asset}"
        for slot in slots:
            self._floor(*slot)

    def _floor(self, address: str, asset: str) -> None:
        amount = self.balances[address, asset]
        if address.startswith("issuer:"):
            assert amount <= 0, f"{address} has taken back more than it gave"
        elif ":owed:" in address or address.endswith(":clawed_back"):
            assert amount <= 0, f"{address} is owed by the ledger: {amount}"
        elif address.startswith("volunteer:") and address.endswith(":time"):
            assert amount >= -self.overdraft, f"{address} stands at {amount}"
        else:
            assert amount >= 0, f"{address} stands at {amount}"

    def _at_most_once(self, kind: str, facts: dict[str, Any]) -> None:
        if kind in ONCE:
            self._once(kind, *(facts[name] for name in ONCE[kind]))
        if kind in RECORDS:
            self._once("made", facts["record"])
        if kind in ("service_refused", "service_reversed"):
            self._once("taken back", facts["record"])
        if kind == "time_deposited":
            self._once("saved", facts["record"])
        if kind == "time_granted" and facts["ground"] == "starting":
            self._once("given a start", facts["volunteer"])
        if kind in ("objection_forwarded", "objection_decided"):
            assert self.done["objection_filed", facts["objection"]], "nobody objected"
        if kind == "objection_forwarded":
            assert not self.done["objection_decided", facts["objection"]], "it was decided before"
        if kind == "consent_recorded":
            key = (facts["volunteer"], facts["purpose"], facts["party"])
            assert self.consents.get(key) != facts["answer"], "the same answer twice"
            self.consents[key] = facts["answer"]

    def _redeem(self, kind: str, facts: dict[str, Any]) -> None:
        """A redemption ends once; only what was captured is voided or settled, and one of both;
        what was flagged is settled once somebody looked at it."""
        if kind in ENDINGS:
            self._once("ended", facts["redemption"])
            assert self._left_in_held(facts["redemption"]) == 0, "something stayed behind in held"
        if kind == "redemption_captured" and facts["flag"] in ("offline", "rapid"):
            self.flagged.add(facts["redemption"])
        if kind == "capture_reviewed":
            assert facts["redemption"] in self.flagged, "there was nothing to look at"
            self.flagged.remove(facts["redemption"])
        if kind == "redemption_refunded":
            which = facts["redemption"]
            assert self.settled.get(which) == facts["settlement"], "it was not settled there"
        if kind == "settlement_stated":
            for which in filter(None, facts["refunds"].split("+")):
                assert self.done["redemption_refunded", which], "it was never refunded"
                self._once("taken off", which)
        gone = {"redemption_voided": [facts.get("redemption")]}.get(kind, [])
        if kind == "settlement_closed":
            gone = facts["redemptions"].split("+")
            assert len(gone) == facts["lines"], "the lines are miscounted"
            assert self.flagged.isdisjoint(gone), "nobody looked at it"
            self.settled |= dict.fromkeys(gone, facts["settlement"])
        for each in gone:
            assert self.done["redemption_captured", each], f"{each} was never captured"
            self._once("undone or settled", each)

    def _offline(self, kind: str, facts: dict[str, Any], time: int) -> None:
        """A till's session counts each acceptance once and is closed complete; a voucher that was
        signed is neither given back nor expired before the till's time to say so is over."""
        if kind == "voucher_signed":
            self.kept[facts["redemption"]] = facts["upload_by"]
        if kind in ("redemption_released", "redemption_expired"):
            assert time >= self.kept.get(facts["redemption"], 0), "a till may still have taken it"
        taken = kind == "capture_presented" and facts["means"] == "offline"
        if taken or kind == "offline_conflict":
            session = facts["till_session" if taken else "session"]
            assert self.done["offline_opened", session], "no such session"
            assert not self.done["offline_closed", session], "the session was closed"
            self._once("counted", session, facts["counter"])
            self.counted[session] += 1
        if kind == "offline_closed":
            assert self.counted[facts["session"]] == facts["last"], "something is missing"

    def _card(self, kind: str, facts: dict[str, Any]) -> None:
        """One card at a time, which only its holder's vouchers are taken with; a holder's rotating
        values are used in their order, each once; what an office reserved it was let."""
        if kind == "card_issued":
            assert facts["volunteer"] not in self.cards, "two cards of one volunteer"
            self.cards[facts["volunteer"]] = facts["card"]
        if kind == "card_closed":
            assert self.cards.pop(facts["volunteer"]) == facts["card"]
        if kind == "redemption_reserved":
            self.holders[facts["redemption"]] = facts["volunteer"]
        if kind in ("redemption_assisted", "code_reissued") and facts["organisation"]:
            if facts["card"]:
                assert self.cards.get(facts["volunteer"]) == facts["card"], "not their card"
            else:
                office = f"organisation:{facts['organisation']}"
                key = (facts["volunteer"], "office_redemption", office)
                assert self.consents.get(key) == "given", "nobody let the office"
        if kind == "capture_presented":
            holder = self.holders[facts["redemption"]]
            if facts["means"] == "card":
                assert self.cards.get(holder) == facts["card"], "not the holder's card"
            if facts["means"] == "rotating":
                assert facts["step"] > self.steps.get(holder, 0), "a value was used twice"
            self.steps[holder] = max(self.steps.get(holder, 0), facts["step"])

    def _star(self, kind: str, facts: dict[str, Any]) -> None:
        """One case at a time, which ends once; what is held is what was decided last."""
        if kind in CASE_BEGINS:
            self._once("begun", facts["case"])
            assert facts["volunteer"] not in self.open_case, "two cases of one volunteer"
            self.open_case[facts["volunteer"]] = facts["case"]
        if kind == "star_noticed":
            assert self.open_case.get(facts["volunteer"]) == facts["case"], "no such case is open"
        if kind in CASE_ENDS and facts["case"]:
            self._once("a case's end", facts["case"])
            if self.done["begun", facts["case"]]:
                assert self.open_case.pop(facts["volunteer"], "") == facts["case"]
        if kind in MAY_MOVE["STAR"]:
            held = self.balances[f"volunteer:{facts['volunteer']}:stars", "STAR"]
            assert held == facts["star"], f"{held} stars are held, not {facts['star']}"

    def _order(self, kind: str, facts: dict[str, Any]) -> None:
        """An order ends once and leaves nothing behind; its record pays as if it had been saved.
        Another is named only where that one pays no more; each report is disputed at most once."""
        if kind == "order_done":
            before = self.named.get(facts["order"])
            gone = self.done["taken back", before] or self.done["saved", before]
            assert before is None or gone, "what was reported could still be paid for"
            self.named[facts["order"]] = facts["record"]
        if kind == "order_disputed":
            self._once(kind, facts["order"], self.named[facts["order"]])
        if kind not in ORDER_ENDS:
            return
        assert self.done["order_requested", facts["order"]], "nobody asked for it"
        self._once("ended", facts["order"])
        assert self._left_in_held(facts["order"]) == 0, "something stayed behind in held"
        if kind in ORDER_PAYS and facts["minutes"] + facts["overflow_minutes"]:
            assert self.named.get(facts["order"]) == facts["record"], "nothing was reported"
            assert not self.done["taken back", facts["record"]], "it pays for what did not happen"
            self._once("saved", facts["record"])

    def _left_in_held(self, which: str) -> int:
        return sum(self.balances.get((f"held:{which}", each), 0) for each in ("POINT", "TIME"))

    def _credit(self, kind: str, facts: dict[str, Any]) -> None:
        """On the list of one cycle at a time, with the points of that listing and no others."""
        if kind not in MAY_MOVE["CREDIT"]:
            return
        who = facts["volunteer"]
        cycle, points = self.listed.pop(who, ("", 0))
        if kind == "credit_listed":
            assert cycle != facts["cycle"], "listed twice in one cycle"
            assert facts["taken_back"] == points, "the last listing's points stay"
            assert self.consents.get((who, "credit_list", "")) == "given", "listed unasked"
            self.listed[who] = (facts["cycle"], facts["points"])
        else:
            assert (facts["cycle"], facts["points"]) == (cycle, points), "another listing ends"
        now = self.listed.get(who, ("", 0))[1]
        there = self.balances.get((f"volunteer:{who}:credit", "CREDIT"), 0)
        assert there == now, f"{there} credit points are held, not {now}"

    def _once(self, what: str, *which: Any) -> None:
        key = (what, *which)
        self.done[key] += 1
        assert self.done[key] == 1, f"{which} was {what} twice"

    def finish(self) -> None:
        """What must hold once all entries are there."""
        sums: Counter[str] = Counter()
        for (_, asset), amount in self.balances.items():
            sums[asset] += amount
        assert not any(sums.values()), f"value came from nowhere: {sums}"
        for key, (_, first, parts) in self.idem.items():
            assert first + parts <= self.size, f"the answer to {key} was cut short"

    def minutes(self, volunteer: str) -> int:
        """Confirmed service of a volunteer, both kinds of evidence."""
        purse = f"volunteer:{volunteer}:service:"
        return sum(
            self.balances.get((purse + evidence, "SERVICE"), 0)
            for evidence in ("check_in", "backfill")
        )

    def eligible_star(self, volunteer: str) -> int:
        """Domain §10 P23 under cn-default: thresholds reached, compared with ≥."""
        return sum(self.minutes(volunteer) >= threshold for threshold in THRESHOLDS_MINUTES)


def recheck(url: str) -> Laws:
    """Hold the ledger in this database to every law; what was read, for further questions."""
    # Of one moment, should somebody still be writing.
    level = "SERIALIZABLE" if url.startswith("sqlite") else "REPEATABLE READ"
    engine = sa.create_engine(url, poolclass=sa.NullPool, isolation_level=level)
    with engine.connect() as connection:
        laws, claims = Laws(), AuditedClaims()
        standing = Standing()
        query = sa.select(tables.entries).order_by(tables.entries.c.idx)
        for index, hash_, data in connection.execute(query):
            assert index == laws.size
            laws.take(bytes(data))
            assert bytes(hash_) == laws.prev
            claims.take(laws.origin, bytes(data))
            fold(standing, decode(bytes(data)))
        laws.finish()
        claims.finish()
        _compare(connection, standing, laws)
    engine.dispose()
    return laws


class AuditedClaims:
    """What the auditor's folder says of each entry's form and, in the end, of merchants' claims."""

    def __init__(self) -> None:
        self._claims, self._book = Claims(), Book()

    def take(self, origin: str, data: bytes) -> None:
        """One entry, held to the grammar and to the claims before it."""
        entry = hold_to_the_format(origin, data)
        moves = postings_of(entry["postings"])
        if entry["kind"] == b"policy_adopted":
            self._book.allow_overdraft(overdraft_minutes(facts_of(data)))
        self._book.post(moves)
        if entry["kind"] in FOLLOWED:
            facts = facts_of(data) if entry["kind"] in READ_AS_VALUES else None
            self._claims.follow(entry, moves, facts, begins=entry["part"] == b"0")

    def finish(self) -> None:
        """Accounts are what claims add up to."""
        self._claims.check(self._book)


def hold_to_the_format(origin: str, data: bytes) -> re.Match[bytes]:
    """An entry has the facts and the postings that docs/format.md gives its kind."""
    line = data + b"\n"
    entry = grammar(origin).match(line)
    if entry is None:
        raise AssertionError(f"{grammar(origin).explain(line)}: {data.decode()}")
    if entry["kind"] in TOGETHER:
        check_together(entry, postings_of(entry["postings"]))
    if entry["kind"] in READ_AS_VALUES:
        facts_of(data)
    return entry


def rows(connection: sa.Connection, table: sa.Table) -> set[tuple[Any, ...]]:
    found = connection.execute(sa.select(table)).fetchall()
    return {tuple(bytes(v) if isinstance(v, memoryview) else v for v in row) for row in found}


def _compare(connection: sa.Connection, standing: Standing, laws: Laws) -> None:
    """Every stored row has its entries, and every entry its rows."""
    for name, (table, _) in ROWS.items():
        folded = {tuple(row) for row in getattr(standing, name).values() if row is not None}
        assert rows(connection, table) == folded, f"{name} differ from the entries"
    balances = {
        (owner, purse, asset, amount)
        for owner, within in standing.purses.items()
        for (purse, asset), amount in within.items()
    }
    assert rows(connection, tables.balances) == balances
    by_postings = {
        (f"{owner}:{purse}" if purse else owner, asset): amount
        for owner, purse, asset, amount in balances
    }
    assert by_postings == dict(laws.balances), "the fold differs from the postings"
    assert rows(connection, tables.mentions) == {tuple(each) for each in standing.mentions}
    [head] = connection.execute(
        sa.select(tables.head.c.size, tables.head.c.hash, tables.head.c.time)
    ).fetchall()
    assert (head[0], bytes(head[1]), head[2]) == (laws.size, laws.prev, laws.time)
    full_tiles = {
        (1, tile, tree_root(laws.leaves[256 * tile : 256 * tile + 256]))
        for tile in range(laws.size // 256)
    }
    stored = {row for row in rows(connection, tables.tile_roots) if row[0] == 1}
    assert stored == full_tiles
    for size, root in connection.execute(
        sa.select(tables.checkpoints.c.size, tables.checkpoints.c.root)
    ):
        assert bytes(root) == tree_root(laws.leaves[:size]), f"checkpoint {size} was signed falsely"
