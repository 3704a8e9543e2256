"""The tables, of four kinds (design §1): entries, projections, operational; the vault is apart.

Columns of a projection stand in the order of its tuple in `ledger/rows.py`. Migrations describe
their own tables and never import these; a test compares the two.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    text,
)

# Ids and addresses compare byte by byte, whatever the server's own language is.
_TEXT = Text(collation="C").with_variant(Text(), "sqlite")
_INT = BigInteger().with_variant(Integer(), "sqlite")
_BYTES = LargeBinary()

metadata = MetaData()


def _text(name: str, *, key: bool = False) -> Column[str]:
    return Column(name, _TEXT, primary_key=key, nullable=False)


def _int(name: str, *, key: bool = False) -> Column[int]:
    return Column(name, _INT, primary_key=key, nullable=False, autoincrement=False)


def _bytes(name: str, *, key: bool = False) -> Column[bytes]:
    return Column(name, _BYTES, primary_key=key, nullable=False)


def _where(condition: str, name: str, *columns: str) -> Index:
    """An index of the rows that meet a condition; a query names it in the same words."""
    return Index(name, *columns, postgresql_where=text(condition), sqlite_where=text(condition))


# Entries ---------------------------------------------------------------------------------------

entries = Table("entries", metadata, _int("idx", key=True), _bytes("hash"), _bytes("data"))

# Projections -----------------------------------------------------------------------------------

head = Table(
    "head",
    metadata,
    _int("id", key=True),
    _int("size"),
    _bytes("hash"),
    _int("time"),
    _bytes("frontier"),
)
tile_roots = Table(
    "tile_roots", metadata, _int("level", key=True), _int("idx", key=True), _bytes("hash")
)
seen = Table(
    "idempotency",
    metadata,
    _bytes("key", key=True),
    _int("first"),
    _int("parts"),
    sqlite_with_rowid=False,
)
mentions = Table(
    "mentions",
    metadata,
    _text("owner", key=True),
    _int("entry", key=True),
    sqlite_with_rowid=False,
)
balances = Table(
    "balances",
    metadata,
    _text("owner", key=True),
    _text("purse", key=True),
    _text("asset", key=True),
    _int("amount"),
    sqlite_with_rowid=False,
)
parties = Table(
    "parties",
    metadata,
    _text("address", key=True),
    _text("state"),
    _text("parent"),
    _text("tier"),
    _text("form"),
    _text("guardian"),
    _int("last_capture"),
    _int("since"),
    _int("registered"),
)
credentials = Table(
    "credentials",
    metadata,
    _text("credential", key=True),
    _text("party"),
    _text("role"),
    _text("scopes"),
    _text("terminal"),
    _int("expires"),
    _int("revoked"),
    _int("since"),
)
activities = Table(
    "activities",
    metadata,
    _text("activity", key=True),
    _text("organisation"),
    _text("category"),
    _int("starts"),
    _int("ends"),
    _text("text"),
    _int("since"),
    _int("registered"),
    Index("activities_by_organisation", "organisation", "since"),
)
terms = Table(
    "terms",
    metadata,
    _text("activity", key=True),
    _text("training"),
    _text("insurance"),
    _int("min_age"),
    _int("participants"),
    _int("since"),
)
records = Table(
    "records",
    metadata,
    _text("record", key=True),
    _text("volunteer"),
    _text("organisation"),
    _text("activity"),
    _text("state"),
    _text("evidence"),
    _text("reasons"),
    _int("starts"),
    _int("ends"),
    _int("check_in"),
    _int("check_out"),
    _int("recorded"),
    _int("minutes"),
    _int("paid"),
    _int("points"),
    _text("vintage"),
    _int("deposited"),
    _int("overflow"),
    _text("recorder"),
    _text("approver"),
    _text("corrects"),
    _int("since"),
    _int("entered"),
    Index("records_by_volunteer", "volunteer", "check_in"),
    Index("records_by_organisation", "organisation", "since"),
    Index("records_by_organisation_and_day", "organisation", "check_in"),
    Index("records_by_check_in", "check_in"),
    Index("records_by_entry", "since"),
)
rewards = Table(
    "rewards",
    metadata,
    _text("reward", key=True),
    _text("merchant"),
    _text("state"),
    _text("form"),
    _text("asset"),
    _int("price"),
    _int("stock"),
    _int("per_person"),
    _int("gate_stars"),
    _int("hold_minutes"),
    _text("branches"),
    _int("opens"),
    _int("closes"),
    _int("valid_from"),
    _int("valid_until"),
    _text("text"),
    _int("since"),
)
reward_terms = Table(
    "reward_terms",
    metadata,
    _text("reward", key=True),
    _int("per_period"),
    _text("period"),
    _int("min_age"),
    _text("tiers"),
    _text("within"),
    _text("weekdays"),
    _text("fund"),
    _int("value_cents"),
    _int("since"),
)
funds = Table(
    "funds",
    metadata,
    _text("fund", key=True),
    _text("organisation"),
    _int("cents"),
    _int("committed"),
    _text("merchants"),
    _text("text"),
    _int("since"),
)
takings = Table(
    "takings",
    metadata,
    _text("reward", key=True),
    _text("volunteer", key=True),
    _int("quantity"),
    sqlite_with_rowid=False,
)
redemptions = Table(
    "redemptions",
    metadata,
    _text("redemption", key=True),
    _text("volunteer"),
    _text("reward"),
    _text("merchant"),
    _text("state"),
    _text("asset"),
    _int("quantity"),
    _int("amount"),
    _text("lots"),
    _int("expires"),
    _text("branch"),
    _text("terminal"),
    _int("captured"),
    _int("captured_quantity"),
    _text("flag"),
    _int("since"),
    _int("reserved"),
    _int("captured_entry"),
    _text("clerk"),
    _int("extended"),
    _int("upload_by"),
    _text("settlement"),
    _int("refunded"),
    _text("adjusted"),
    Index("redemptions_by_volunteer", "volunteer", "since"),
    Index("redemptions_by_merchant", "merchant", "since"),
    Index("redemptions_by_expiry", "state", "expires"),
    Index("redemptions_by_capture", "merchant", "captured"),
    # Small however much was settled before: each holds only the rows that its question asks for.
    _where("state = 'captured'", "redemptions_to_settle", "merchant", "captured", "redemption"),
    _where(
        "state = 'refunded' AND adjusted = ''", "redemptions_to_take_off", "merchant", "refunded"
    ),
    _where("settlement <> ''", "redemptions_by_settlement", "settlement"),
    _where("adjusted <> ''", "redemptions_by_adjustment", "adjusted"),
)
offline_sessions = Table(
    "offline_sessions",
    metadata,
    _text("session", key=True),
    _text("merchant"),
    _text("branch"),
    _text("terminal"),
    _text("till_key"),
    _text("state"),
    _int("captures"),
    _int("points"),
    _int("minutes"),
    _int("until"),
    _int("upload_by"),
    _int("last"),
    _int("recorded"),
    _int("taken_points"),
    _int("taken_minutes"),
    _int("opened"),
    _int("since"),
    _text("clerk"),
    Index("offline_sessions_by_merchant", "merchant", "since"),
)
offline_conflicts = Table(
    "offline_conflicts",
    metadata,
    _text("session", key=True),
    _int("counter", key=True),
    _text("merchant"),
    _text("volunteer"),
    _int("since"),
    Index("offline_conflicts_by_merchant", "merchant", "since"),
    Index("offline_conflicts_by_volunteer", "volunteer", "since"),
)
settlements = Table(
    "settlements",
    metadata,
    _text("settlement", key=True),
    _text("merchant"),
    _text("branch"),
    _int("starts"),
    _int("ends"),
    _int("lines"),
    _int("points"),
    _int("minutes"),
    _int("refunds"),
    _int("refunded_points"),
    _int("refunded_minutes"),
    _text("digest"),
    _int("closed"),
    _int("since"),
    Index("settlements_by_merchant", "merchant", "since"),
)
redeemed_months = Table(
    "redeemed_months",
    metadata,
    _text("volunteer", key=True),
    _text("month", key=True),
    _int("quantity"),
    sqlite_with_rowid=False,
)
cards = Table(
    "cards",
    metadata,
    _text("card", key=True),
    _text("volunteer"),
    _text("organisation"),
    _text("state"),
    _int("issued"),
    _int("since"),
    Index("cards_by_volunteer", "volunteer", "since"),
)
qualifications = Table(
    "qualifications",
    metadata,
    _text("volunteer", key=True),
    _text("what", key=True),
    _int("minutes"),
    _int("valid_from"),
    _int("valid_until"),
    _int("since"),
    sqlite_with_rowid=False,
)
conducts = Table(
    "conducts",
    metadata,
    _text("volunteer", key=True),
    _int("evaluations"),
    _int("total"),
    _int("poor"),
)
bans = Table(
    "backfill_bans",
    metadata,
    _text("party", key=True),
    _int("proven"),
    _int("until"),
    _int("minutes_at"),
    _int("minutes_needed"),
    _int("since"),
)
star_cases = Table(
    "star_cases",
    metadata,
    _text("case_id", key=True),
    _text("volunteer"),
    _text("change"),
    _int("star"),
    _text("state"),
    _text("organisation"),
    _text("notice_until"),
    _int("since"),
    Index("star_cases_by_volunteer", "volunteer", "since"),
    Index("star_cases_by_state", "state", "since"),
)
marks = Table(
    "marks",
    metadata,
    _text("owner", key=True),
    _text("what", key=True),
    _text("value"),
    _int("since"),
    sqlite_with_rowid=False,
)
objections = Table(
    "objections",
    metadata,
    _text("objection", key=True),
    _text("volunteer"),
    _text("subject_kind"),
    _text("subject"),
    _text("organisation"),
    _text("state"),
    _int("filed"),
    _text("flag_by"),
    _text("decide_by"),
    _int("since"),
    Index("objections_by_volunteer", "volunteer", "since"),
    Index("objections_by_state", "state", "decide_by"),
)
orders = Table(
    "orders",
    metadata,
    _text("order_id", key=True),
    _text("volunteer"),
    _text("organisation"),
    _text("category"),
    _int("minutes"),
    _text("state"),
    _text("provider"),
    _text("record"),
    _int("starts"),
    _int("ends"),
    _int("expires"),
    _int("since"),
    Index("orders_by_volunteer", "volunteer", "since"),
    Index("orders_by_provider", "provider", "since"),
    Index("orders_by_state", "state", "expires"),
)
consents = Table(
    "consents",
    metadata,
    _text("volunteer", key=True),
    _text("purpose", key=True),
    _text("party", key=True),
    _text("state"),
    _int("since"),
    sqlite_with_rowid=False,
)
credits_ = Table(
    "credits",
    metadata,
    _text("volunteer", key=True),
    _int("dishonest"),
    _int("repaired"),
    _text("cycle"),
    _int("points"),
    _int("since"),
    Index("credits_by_cycle", "cycle", "volunteer"),
)
populations = Table(
    "populations",
    metadata,
    _text("organisation", key=True),
    _int("year", key=True),
    _int("residents"),
    _int("staff"),
    _int("staff_registered"),
    _int("members"),
    _int("members_registered"),
    _int("since"),
    sqlite_with_rowid=False,
)
webhooks = Table(
    "webhooks",
    metadata,
    _text("webhook", key=True),
    _text("party"),
    _text("events"),
    _text("url"),
    _text("state"),
    _text("ground"),
    _int("since"),
    _int("made"),
    Index("webhooks_by_party", "party", "made"),
)
documents = Table(
    "documents",
    metadata,
    _text("kind", key=True),
    _text("name", key=True),
    _int("version", key=True),
    _int("since"),
)

PROJECTIONS: Final = (
    head,
    tile_roots,
    seen,
    mentions,
    balances,
    parties,
    credentials,
    activities,
    records,
    rewards,
    reward_terms,
    funds,
    takings,
    redemptions,
    settlements,
    offline_sessions,
    offline_conflicts,
    terms,
    cards,
    redeemed_months,
    qualifications,
    conducts,
    bans,
    star_cases,
    marks,
    objections,
    orders,
    consents,
    credits_,
    populations,
    webhooks,
    documents,
)

# Operational: lost without changing any balance ------------------------------------------------

checkpoints = Table(
    "checkpoints", metadata, _int("size", key=True), _bytes("root"), _int("time"), _text("note")
)
leases = Table("leases", metadata, _text("name", key=True), _text("holder"), _int("until"))
tokens = Table("tokens", metadata, _text("credential", key=True), _bytes("digest"))
sign_in_links = Table(
    "sign_in_links", metadata, _bytes("digest", key=True), _text("credential"), _int("until")
)
sessions = Table(
    "sessions",
    metadata,
    _bytes("digest", key=True),
    _text("credential"),
    _int("since"),
    _int("until"),
    # Of who acts for somebody else: what they stood on before, and until when; "" and 0 otherwise.
    _text("own"),
    _int("own_until"),
    # When somebody last asked for something, where that is noted: to the minute, at a desk.
    _int("used"),
    Index("sessions_by_credential", "credential"),
)
identities = Table(
    "identities",
    metadata,
    _bytes("digest", key=True),
    _text("credential"),
    _int("linked"),
    Index("identities_by_credential", "credential"),
)
passkeys = Table(
    "passkeys",
    metadata,
    # What the authenticator calls it.
    _bytes("id", key=True),
    # As COSE says it.
    _bytes("public_key"),
    _int("counter"),
    _text("credential"),
    _int("added"),
    _int("used"),
    Index("passkeys_by_credential", "credential"),
)
spent_challenges = Table("spent_challenges", metadata, _bytes("digest", key=True), _int("until"))
policy_drafts = Table(
    "policy_drafts",
    metadata,
    _text("draft", key=True),
    _text("toml"),
    _text("kept_by"),
    _int("kept"),
    _text("since"),
    _int("began"),
    _int("told"),
    _int("done"),
    _int("total"),
    _text("failed"),
    _text("outcome"),
)
codes = Table(
    "codes",
    metadata,
    _bytes("code", key=True),
    _text("redemption"),
    _bytes("sealed"),
    Index("codes_by_redemption", "redemption"),
)
attempts = Table(
    "attempts",
    metadata,
    _text("scope", key=True),
    _int("time", key=True),
    _int("failures"),
)
cool_offs = Table(
    "cool_offs",
    metadata,
    _text("scope", key=True),
    _int("failures"),
    _int("last"),
    _int("until"),
)
looks = Table(
    "looks",
    metadata,
    _text("volunteer", key=True),
    _int("time", key=True),
    _text("terminal", key=True),
    _text("redemption"),
    _text("merchant"),
    _text("branch"),
    _text("asked"),
    _text("outcome"),
    Index("looks_by_time", "time"),
)
certificate_checks = Table(
    "certificate_checks",
    metadata,
    _text("certificate", key=True),
    _int("checks"),
    _int("last"),
)
runs = Table(
    "runs",
    metadata,
    _text("task", key=True),
    _int("began", key=True),
    _int("ended"),
    _text("outcome"),
    _text("found"),
    _text("asked_by"),
)
stops = Table("stops", metadata, _text("owner", key=True), _int("since"))
outcomes = Table(
    "outcomes",
    metadata,
    _bytes("source", key=True),
    _int("item", key=True),
    _text("outcome"),
    _text("reasons"),
    _int("minutes"),
    _int("points"),
    _text("flag"),
    _int("entry"),
    sqlite_with_rowid=False,
)
imports = Table(
    "imports",
    metadata,
    _text("import_id", key=True),
    _text("organisation"),
    _text("credential"),
    _text("state"),
    _text("why"),
    _int("revision"),
    _bytes("source"),
    _int("records"),
    _int("made"),
    _int("changed"),
    _int("until"),
    _text("report"),
    _bytes("sealed"),
    Index("imports_by_organisation", "organisation", "made"),
    Index("imports_by_state", "state", "changed"),
)
dry_runs = Table(
    "dry_runs",
    metadata,
    _text("import_id", key=True),
    _int("revision", key=True),
    _text("organisation"),
    _int("time"),
    _int("identities"),
    Index("dry_runs_by_organisation", "organisation", "time"),
)
outbox = Table(
    "outbox",
    metadata,
    _int("entry", key=True),
    _text("webhook", key=True),
    _text("state"),
    _int("due"),
    _int("attempts"),
    _int("first"),
    _int("last"),
    _int("status"),
    _text("fault"),
    _text("claim"),
    _int("lease"),
    _text("asked"),
    Index("outbox_by_due", "state", "due"),
    Index("outbox_by_webhook", "webhook", "entry"),
    sqlite_with_rowid=False,
)

OPERATIONAL: Final = (
    checkpoints,
    leases,
    tokens,
    sign_in_links,
    sessions,
    identities,
    passkeys,
    spent_challenges,
    policy_drafts,
    codes,
    attempts,
    cool_offs,
    looks,
    certificate_checks,
    runs,
    stops,
    outcomes,
    imports,
    dry_runs,
    outbox,
)
