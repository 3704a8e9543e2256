"""Every parameter that a policy document may name, each on one line of the schema. Pure.

Name in documents, shape (type and range), default, unit, rule and Python attribute stand side by
side here, and everything else (reading, checking, the canonical form, the manual's table, what
commands show) is derived from it. The P-numbers are rows of the table in domain §10, other rules
name their section there; "choice" has none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any, Final

from ledger.policy.shapes import (
    Flag,
    Fraction,
    Listed,
    MonthDay,
    Name,
    Pack,
    Packs,
    Rising,
    Shape,
    TimeZone,
    Weight,
    Weights,
    Whole,
    Word,
    Words,
    WordsListed,
)
from ledger.policy.words import (
    GRANT_GROUPS,
    GRANTING_TIERS,
    KINDS,
    NOT_TIME,
    RECEIVERS,
    RELATIONS,
    VOID_GROUNDS,
)

_SAME: Final = object()
STARS_MAX: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One line of the schema: what a document may say under `name` and what it means."""

    name: str
    shape: Shape
    unit: str
    default: Any
    """What a document that is read now and does not name the parameter gets."""
    absent: Any
    """What a document adopted before the parameter existed gets: decisions stay as they were."""
    rule: str
    for_readers: bool = False
    """Whether it is stated for readers alone: people follow it, and no decision reads it."""

    @property
    def canonical_name(self) -> str:
        """`_` for `.`, and a suffix where the stored unit differs from the written one."""
        return self.name.replace(".", "_") + self.shape.suffix

    @property
    def canonical_default(self) -> Any:
        """The default in the form that entries hold."""
        return self.shape.canonical(self.default)

    @property
    def canonical_absent(self) -> Any:
        """`absent` in the form that entries hold."""
        return self.shape.canonical(self.absent)

    def said(self, canonical: Any) -> str:
        """A value in canonical form as people write it, with its unit: `1.5 points`."""
        if isinstance(self.shape, Flag):
            return "true" if self.shape.typed(canonical) else "false"
        said = _said(canonical, thousandths=isinstance(self.shape, Fraction))
        return f"{said} {self.unit}" if self.unit and canonical != [] else said

    def stated(self, document: Mapping[str, Any]) -> tuple[str, str | None]:
        """(value with its unit, basis) of a canonical document: "" where it gives no basis, None
        where it was adopted before this parameter existed, which leaves it as it was."""
        name = self.canonical_name
        value = document["values"].get(name)
        if value is None:
            return self.said(self.canonical_absent), None
        return self.said(value), str(document["bases"].get(name, ""))


def _said(value: Any, *, thousandths: bool = False) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(_said(item) for item in value) or "none"
    if isinstance(value, Mapping):
        parts = (
            f"{name.removesuffix('_thousandths')} "
            f"{_said(part, thousandths=name.endswith('_thousandths'))}"
            for name, part in value.items()
        )
        return "{" + ", ".join(parts) + "}"
    if thousandths:
        whole, rest = divmod(value, 1000)
        return f"{whole}.{rest:03}".rstrip("0") if rest else str(whole)
    return str(value)


def _parameter(
    name: str,
    shape: Shape,
    default: Any,
    unit: str,
    rule: str,
    *,
    absent: Any = _SAME,
    for_readers: bool = False,
) -> Any:
    """A field that carries its own line of the schema."""
    line = Parameter(
        name=name,
        shape=shape,
        default=default,
        absent=default if absent is _SAME else absent,
        unit=unit,
        rule=rule,
        for_readers=for_readers,
    )
    return field(metadata={"parameter": line})


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """The values of one document, in the units that decisions count in.

    A parameter added later gets an `absent` value under which decisions stay what they were before
    it existed, because documents adopted earlier do not name it.
    """

    id: str
    version: int
    effective_from: date
    effective_to: date | None
    scope_region: str
    """CN or a division code. It tells readers where the rules come from; it chooses nothing."""
    scope_organisation: str
    """Id of the organisation at and below which the document decides; or ""."""
    scope_tier: str
    """The tier of organisation at and below which it decides; or ""."""
    scope_categories: frozenset[str]
    """The service categories it decides about; none named means all."""

    # Service time

    time_storage_unit: str = _parameter("time.storage_unit", Word(("minute",)), "minute", "", "P1")
    time_display: str = _parameter(
        "time.display",
        Word(("hours_and_minutes", "decimal_hours")),
        "hours_and_minutes",
        "",
        "P2",
        for_readers=True,
    )
    rounding: str = _parameter(
        "time.rounding",
        Word(("none", "floor_15", "ceil_15", "floor_30", "ceil_30", "floor_60")),
        "none",
        "",
        "P3",
    )
    session_min_minutes: int = _parameter("time.session_min", Whole(0, 1440), 0, "min", "P3")
    excluded_time: frozenset[str] = _parameter("time.exclude", Words(NOT_TIME), NOT_TIME, "", "P4")
    training_counts: bool = _parameter("time.training_counts", Flag(), False, "", "P5")
    day_auto_limit_minutes: int = _parameter(
        "time.day_auto_limit", Whole(1, 1440), 480, "min", "P6"
    )
    day_review_limit_minutes: int = _parameter(
        "time.day_review_limit", Whole(1, 1440), 720, "min", "P7"
    )
    session_max_minutes: int = _parameter("time.session_max", Whole(1, 1440), 1440, "min", "P8")
    time_zone: str = _parameter("time.day_boundary", TimeZone(), "Asia/Shanghai", "", "P9")
    day_split: bool = _parameter("time.day_split", Flag(), True, "", "P9")
    overlap: str = _parameter(
        "time.overlap", Word(("hold_later", "reject_later")), "hold_later", "", "P10"
    )

    # Recording, review and the gates before an hour is earned

    review_by_tier: bool = _parameter("review.by_tier", Flag(), True, "", "P7", absent=False)
    check_ins_max: int = _parameter(
        "checkin.max_per_activity_day", Whole(0, 100), 3, "", "P11", absent=0
    )
    self_gps_min_participants: int = _parameter(
        "checkin.self_gps_min_participants", Whole(0, 1_000_000), 100, "", "P12"
    )
    deadline_working_days: int = _parameter(
        "record.deadline_working_days", Whole(0, 366), 10, "working days", "P13"
    )
    calendar_name: str = _parameter("record.calendar", Name(), "cn", "", "P13")
    late_policy: str = _parameter(
        "record.late_policy", Word(("second_approver", "reject")), "second_approver", "", "P14"
    )
    backfill_max_is_schedule: bool = _parameter("backfill.max_is_schedule", Flag(), True, "", "P15")
    backfill_earns_points: bool = _parameter("backfill.earns_points", Flag(), False, "", "P16")
    backfill_counts_for: frozenset[str] = _parameter(
        "backfill.counts_for",
        Words(("certificate", "stars", "credit")),
        ("certificate", "stars"),
        "",
        "P16",
    )
    backfill_ban_months: int = _parameter(
        "backfill.ban_months", Whole(0, 1200), 12, "months", "P17"
    )
    backfill_ban_minutes: int = _parameter(
        "backfill.ban_hours", Whole(0, 100_000, scale=60), 100, "h", "P17"
    )
    publish_before_start: bool = _parameter(
        "activity.publish_before_start", Flag(), True, "", "P19", absent=False
    )
    excluded_kinds: frozenset[str] = _parameter(
        "activity.excluded_kinds", Words(KINDS), KINDS, "", "P20"
    )
    gate_training: bool = _parameter("gate.training", Flag(), True, "", "§9")
    gate_insurance: bool = _parameter("gate.insurance", Flag(), True, "", "§9")
    recorder_separation: bool = _parameter("recorder.separation", Flag(), True, "", "P18")
    zero_on_bad_conduct: bool = _parameter("quality.zero_on_bad_conduct", Flag(), False, "", "P21")
    volunteer_min_age: int = _parameter("volunteer.min_age", Whole(0, 150), 0, "years", "P22")
    guardian_below_age: int = _parameter(
        "volunteer.guardian_below_age", Whole(0, 150), 18, "years", "P22"
    )
    guardian_required: bool = _parameter(
        "volunteer.guardian_required", Flag(), True, "", "P22", absent=False
    )
    sensitive_below_age: int = _parameter(
        "volunteer.sensitive_below_age", Whole(0, 150), 14, "years", "P22"
    )

    # Stars and medals

    star_thresholds_minutes: tuple[int, ...] = _parameter(
        "star.thresholds_h",
        Rising(1, 1_000_000, STARS_MAX, scale=60),
        (100, 300, 600, 1000, 1500),
        "h",
        "P23",
    )
    star_window: str = _parameter(
        "star.window", Word(("lifetime", "year", "rolling_year", "cycle")), "lifetime", "", "P24"
    )
    star_year_ends: str = _parameter("star.year_ends", MonthDay(), "12-31", "", "P24")
    star_cycle_minutes: int = _parameter(
        "star.cycle_h", Whole(0, 1_000_000, scale=60), 0, "h", "P24"
    )
    star_mode: str = _parameter(
        "star.mode", Word(("application", "automatic")), "application", "", "P25"
    )
    star_sequential: bool = _parameter("star.sequential", Flag(), True, "", "P26")
    star_tenure_months: tuple[int, ...] = _parameter(
        "star.min_tenure_months", Listed(0, 1200, STARS_MAX), (0, 0, 0, 0, 0), "months", "P27"
    )
    star_quality_min: tuple[int, ...] = _parameter(
        "star.quality_min", Listed(0, 500, STARS_MAX), (), "hundredths of an evaluation", "P28"
    )
    star_points_min: tuple[int, ...] = _parameter(
        "star.points_min", Listed(0, 1_000_000, STARS_MAX), (), "points", "P28"
    )
    star_nominated_from: int = _parameter(
        "star.nominated_from", Whole(0, STARS_MAX), 0, "stars", "P28"
    )
    star_granting_tier: tuple[str, ...] = _parameter(
        "star.granting_tier",
        WordsListed(GRANTING_TIERS, STARS_MAX),
        ("county", "county", "city", "city", "province"),
        "",
        "P29",
    )
    star_publicity_working_days: int = _parameter(
        "star.publicity_working_days", Whole(0, 366), 3, "working days", "P30"
    )
    star_after_reversal: str = _parameter(
        "star.after_reversal",
        Word(("propose", "automatic", "none")),
        "propose",
        "",
        "P31",
        absent="none",
    )
    medal_thresholds_minutes: tuple[int, ...] = _parameter(
        "medal.thresholds_h", Rising(1, 1_000_000, STARS_MAX, scale=60, least=0), (), "h", "P32"
    )

    # Points and rewards

    points_per_hour_thousandths: int = _parameter(
        "points.per_hour", Fraction(0, 1000), 1, "points", "P48"
    )
    points_activity_cap_minutes: int = _parameter(
        "points.activity_cap_min", Whole(0, 100_000), 0, "min", "P49"
    )
    points_day_cap_hundredths: int = _parameter(
        "points.day_cap", Whole(0, 1_000_000, scale=100), 0, "points", "P49"
    )
    points_weights: tuple[Weight, ...] = _parameter("points.weight", Weights(), (), "", "P50")
    points_referral_thousandths: int = _parameter(
        "points.referral", Fraction(0, 1000), 0, "points", "P51"
    )
    points_referral_after_minutes: int = _parameter(
        "points.referral_after_minutes", Whole(0, 100_000), 60, "min", "P51"
    )
    points_validity_months: int = _parameter(
        "points.validity_months", Whole(0, 1200), 36, "months", "P52"
    )
    points_lapse: str = _parameter(
        "points.lapse", Word(("month_end", "year_end", "never")), "month_end", "", "P52"
    )
    points_spend_order: str = _parameter(
        "points.spend_order", Word(("soonest_to_lapse",)), "soonest_to_lapse", "", "P52"
    )
    points_negative_balance: str = _parameter(
        "points.negative_balance", Word(("clawback_only",)), "clawback_only", "", "P56"
    )
    redeem_reduces_hours: bool = _parameter(
        "redeem.reduces_service_hours", Flag(), False, "", "P47"
    )
    redeem_per_period: int = _parameter("redeem.per_period", Whole(0, 1000), 0, "", "P53")
    redeem_period: str = _parameter(
        "redeem.period", Word(("month", "quarter", "half_year", "year")), "quarter", "", "P53"
    )
    redeem_reversible: frozenset[str] = _parameter(
        "redeem.reversible",
        Words(VOID_GROUNDS),
        ("system_fault", "cannot_supply"),
        "",
        "P54",
    )
    redeem_gate_stars: int = _parameter("redeem.gate_stars", Whole(0, STARS_MAX), 0, "stars", "P55")
    redeem_hold_minutes: int = _parameter(
        "redeem.hold_minutes", Whole(1, 525_600), 30, "min", "choice"
    )
    redeem_rapid_refuse_seconds: int = _parameter(
        "redeem.rapid_refuse_s", Whole(0, 86_400), 5, "s", "choice"
    )
    redeem_rapid_flag_seconds: int = _parameter(
        "redeem.rapid_flag_s", Whole(0, 86_400), 15, "s", "choice"
    )
    redeem_extendable: bool = _parameter(
        "redeem.extendable", Flag(), True, "", "choice", absent=False
    )
    redeem_void_hours: int = _parameter(
        "redeem.void_hours", Whole(0, 8_784), 24, "h", "choice", absent=0
    )
    redeem_refund_days: int = _parameter(
        "redeem.refund_days", Whole(0, 3_660), 30, "d", "choice", absent=0
    )
    redeem_printed_hold_minutes: int = _parameter(
        "redeem.printed_hold_minutes", Whole(0, 525_600), 10_080, "min", "choice", absent=0
    )
    redeem_rotating: str = _parameter(
        "redeem.rotating", Word(("off", "required")), "off", "", "choice"
    )
    redeem_recheck_above: int = _parameter(
        "redeem.recheck_above", Whole(0, 2**53 - 1), 10_000, "hundredths or min", "choice"
    )
    offline_captures: int = _parameter(
        "offline.captures", Whole(0, 10_000), 50, "", "choice", absent=0
    )
    offline_points: int = _parameter(
        "offline.points", Whole(0, 2**53 - 1), 20_000, "hundredths", "choice", absent=0
    )
    offline_minutes: int = _parameter(
        "offline.minutes", Whole(0, 2**53 - 1), 600, "min", "choice", absent=0
    )
    offline_max_age_minutes: int = _parameter(
        "offline.max_age_minutes", Whole(0, 44_640), 720, "min", "choice", absent=0
    )
    offline_upload_minutes: int = _parameter(
        "offline.upload_minutes", Whole(0, 133_920), 2_880, "min", "choice", absent=0
    )
    merchant_sees: frozenset[str] = _parameter(
        "merchant.sees", Words(("masked_name",)), (), "", "P57"
    )
    courtesy_price_percent: tuple[int, ...] = _parameter(
        "courtesy.price_percent", Listed(0, 100, STARS_MAX), (), "percent", "§5"
    )
    courtesy_packs: tuple[Pack, ...] = _parameter("courtesy.packs", Packs(), (), "", "§5")

    # Time bank

    tb_rate_minutes: int = _parameter("tb.rate_minutes", Whole(1, 1440), 60, "min", "P33")
    tb_weights: tuple[Weight, ...] = _parameter("tb.weight", Weights(), (), "", "P33")
    tb_granularity_minutes: int = _parameter(
        "tb.granularity_minutes", Whole(1, 1440), 1, "min", "P34"
    )
    tb_daily_cap_minutes: int = _parameter("tb.daily_cap_minutes", Whole(0, 1440), 0, "min", "P35")
    tb_account_cap_minutes: int = _parameter(
        "tb.account_cap_h", Whole(0, 1_000_000, scale=60), 1500, "h", "P36"
    )
    tb_overflow_to: str = _parameter("tb.overflow_to", Word(("pool", "nowhere")), "pool", "", "P36")
    tb_depositor_min_age: int = _parameter(
        "tb.depositor_min_age", Whole(0, 150), 18, "years", "P37"
    )
    tb_depositor_guardian_ok: bool = _parameter(
        "tb.depositor_guardian_ok", Flag(), True, "", "P37", absent=False
    )
    tb_redeem_min_age: int = _parameter("tb.redeem_min_age", Whole(0, 150), 60, "years", "P38")
    tb_redeem_min_age_difficulty: int = _parameter(
        "tb.redeem_min_age_difficulty", Whole(0, 150), 0, "years", "P38"
    )
    tb_redeem_spouse_counts: bool = _parameter("tb.redeem_spouse_counts", Flag(), True, "", "P38")
    tb_transfer_to: frozenset[str] = _parameter(
        "tb.transfer_to", Words(RECEIVERS), RELATIONS, "", "P39"
    )
    tb_group_account: str = _parameter(
        "tb.group_account", Word(("donate_only", "none")), "donate_only", "", "P40"
    )
    tb_goods: bool = _parameter("tb.goods", Flag(), False, "", "P42")
    tb_overdraft_min_minutes: int = _parameter(
        "tb.overdraft_min_minutes", Whole(0, 600_000), 0, "min", "P43"
    )
    tb_grant_starting_minutes: int = _parameter(
        "tb.grant_starting_minutes", Whole(0, 6000), 0, "min", "P44"
    )
    tb_grant_to: frozenset[str] = _parameter("tb.grant_to", Words(GRANT_GROUPS), (), "", "P44")
    tb_order_hold_days: int = _parameter("tb.order_hold_days", Whole(1, 366), 30, "days", "choice")
    tb_elder_home_coins: int = _parameter(
        "tb.elder_home_coins", Whole(0, 1_000_000), 0, "coins", "§3"
    )
    tb_expiry: str = _parameter("tb.expiry", Word(("none",)), "none", "", "P45")
    tb_on_death: str = _parameter("tb.on_death", Word(("freeze",)), "freeze", "", "P46")
    tb_on_exit: str = _parameter("tb.on_exit", Word(("freeze",)), "freeze", "", "P46")

    # Credit incentives

    credit_clean_years: int = _parameter("credit.clean_years", Whole(0, 50), 3, "years", "P58")
    credit_repair_restores: bool = _parameter("credit.repair_restores", Flag(), True, "", "P58")
    credit_cycle: str = _parameter("credit.cycle", Word(("year", "half_year")), "year", "", "P59")
    credit_consent: str = _parameter("credit.consent", Word(("opt_in",)), "opt_in", "", "P60")
    credit_min_minutes: int = _parameter(
        "credit.min_hours", Whole(0, 1_000_000, scale=60), 0, "h", "§5"
    )
    credit_min_stars: int = _parameter("credit.min_stars", Whole(0, STARS_MAX), 1, "stars", "§5")
    credit_points_by_star: tuple[int, ...] = _parameter(
        "credit.points_by_star", Listed(0, 1000, STARS_MAX), (1, 2, 3, 4, 5), "credit points", "§5"
    )
    credit_points_per_10h_thousandths: int = _parameter(
        "credit.points_per_10h", Fraction(0, 1000), 0, "credit points", "§5"
    )
    credit_points_max: int = _parameter(
        "credit.points_max", Whole(0, 100_000), 50, "credit points", "§5"
    )
    credit_measures_by_star: tuple[int, ...] = _parameter(
        "credit.measures_by_star", Listed(0, 1000, STARS_MAX + 1), (), "measures", "§5"
    )

    # Objections, publicity, retention, targets

    dispute_flag_days: int = _parameter(
        "dispute.flag_working_days", Whole(0, 366), 1, "working days", "P61"
    )
    dispute_decide_days: int = _parameter(
        "dispute.decide_working_days", Whole(0, 366), 5, "working days", "P61"
    )
    dispute_forward_days: int = _parameter(
        "dispute.forward_working_days", Whole(0, 366), 2, "working days", "P61"
    )
    dispute_forwarded_days: int = _parameter(
        "dispute.forwarded_decide_working_days", Whole(0, 366), 5, "working days", "P61"
    )
    publicity_points_cycle: str = _parameter(
        "publicity.points_cycle",
        Word(("quarter", "half_year", "none")),
        "quarter",
        "",
        "P62",
        for_readers=True,
    )
    retention_ledger: str = _parameter(
        "retention.ledger", Word(("permanent",)), "permanent", "", "P63", for_readers=True
    )
    retention_logs_months: int = _parameter(
        "retention.logs_months", Whole(6, 1200), 6, "months", "P64", for_readers=True
    )
    retention_sharing_years: int = _parameter(
        "retention.sharing_years", Whole(3, 100), 3, "years", "P64", for_readers=True
    )
    target_residents_percent: int = _parameter(
        "target.residents_percent", Whole(0, 100), 13, "percent", "P65"
    )
    target_staff_percent: int = _parameter(
        "target.staff_percent", Whole(0, 100), 50, "percent", "P65"
    )
    target_members_percent: int = _parameter(
        "target.members_percent", Whole(0, 100), 90, "percent", "P65"
    )
    clause_words: str = _parameter("clause.words", Word(("civil_code",)), "civil_code", "", "P66")


PARAMETERS: Final[Mapping[str, Parameter]] = {
    one.metadata["parameter"].name: one.metadata["parameter"]
    for one in fields(Parameters)
    if "parameter" in one.metadata
}
"""The schema: every parameter that a document may name, by its name there, in reading order."""

ATTRIBUTES: Final[Mapping[str, str]] = {
    one.metadata["parameter"].name: one.name
    for one in fields(Parameters)
    if "parameter" in one.metadata
}
"""The attribute of `Policy` that holds a parameter, by the parameter's name in documents."""
