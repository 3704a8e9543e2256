"""Policy: dated data that decides, read from a document people can read.

`read_policy` turns TOML into a checked document whose canonical form an entry can hold;
`policy_from_canonical` turns that form into a frozen `Policy`, so a replay needs neither the TOML
nor this repository's shipped files; `policy_in_force` chooses among the adopted ones.

Pure: no clock, no database, no configuration. Every parameter is one field of `Policy`: its name
in documents, range, default, unit, rule and Python type stand side by side there, and everything
else is derived from that. `docs/policy.md` describes the document for those who write one.
"""

from __future__ import annotations

import json
import re
import tomllib
import unicodedata
from bisect import bisect_right
from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from difflib import get_close_matches
from functools import lru_cache
from hashlib import sha256
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ledger.errors import Refused

if TYPE_CHECKING:
    # For the annotation alone: calendars are read with this module's tools.
    from ledger.calendar import Calendar

Canonical = dict[str, Any]
"""A document in the form that entries hold: strings, whole numbers, lists and objects."""

NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
REGION: Final = re.compile(r"CN|[1-9][0-9](?:[0-9]{2}){0,2}")
TEXT_CHARACTERS_MAX: Final = 500
TOML_BYTES_MAX: Final = 262_144
# An entry holds at most 65,535 bytes; the rest of it (hashes, ids, salt) needs far less than this.
CANONICAL_BYTES_MAX: Final = 60_000

NOT_SERVICE: Final[Mapping[str, str]] = {
    "meeting": "会议",
    "duty_shift": "值班",
    "own_job": "本职工作",
    "donation": "捐款捐物",
    "social_practice": "社会实践",
    "school_duty": "校内劳动",
}
"""Kinds of activity that a policy may exclude (domain §10 P20): id → the word organisations use."""

KINDS: Final = tuple(NOT_SERVICE)
RELATIONS: Final = ("spouse", "lineal")
"""Relations to whom time may be given (domain §10 P39)."""


class PolicyRefused(Refused):
    """A policy or calendar document cannot be used as it is written.

    `path` is the key's path in the document (`""` for the document as a whole) and `reason` says
    what is wrong with it. The code is `policy_refused`.
    """

    def __init__(self, path: str, reason: str) -> None:
        sentence = f"{path}: {reason}" if path else reason
        super().__init__("policy_refused", sentence, path=path, reason=reason)
        self.path = path
        self.reason = reason

    def __reduce__(self) -> tuple[Any, ...]:
        return (PolicyRefused, (self.path, self.reason))


# --- what a value may be -----------------------------------------------------------------------


class Shape(Protocol):
    """What one parameter's value may be; both methods raise `ValueError` with the reason."""

    @property
    def suffix(self) -> str:
        """What the canonical name adds, so that a reader sees the unit."""

    def canonical(self, written: object) -> Any:
        """What an entry holds for the value as written in TOML."""

    def typed(self, canonical: object) -> Any:
        """What `Policy` holds for a canonical value; checks the same range again."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number from `low` to `high`; `Policy` holds it times `scale` (hours as minutes)."""

    low: int
    high: int
    scale: int = 1
    suffix: str = ""

    def canonical(self, written: object) -> int:
        # A TOML boolean is a Python int; it must not pass as 0 or 1.
        if isinstance(written, bool) or not isinstance(written, int):
            raise ValueError(f"must be a whole number, not {_shown(written)}")
        if not self.low <= written <= self.high:
            raise ValueError(f"must be from {self.low} to {self.high}, not {_shown(written)}")
        return written

    def typed(self, canonical: object) -> int:
        return self.canonical(canonical) * self.scale


@dataclass(frozen=True, slots=True)
class Fraction:
    """A number from `low` to `high` in whole thousandths; held and stored as thousandths."""

    low: int
    high: int
    suffix: str = "_thousandths"

    def canonical(self, written: object) -> int:
        if isinstance(written, bool) or not isinstance(written, int | Decimal):
            raise ValueError(f"must be a number, not {_shown(written)}")
        number = Decimal(written)
        if number.is_nan() or not self.low <= number <= self.high:
            raise ValueError(f"must be from {self.low} to {self.high}, not {_shown(written)}")
        thousandths = int(number.scaleb(3))
        # Compared exactly, because a product in decimal arithmetic may already be rounded.
        if Decimal(thousandths).scaleb(-3) != number:
            raise ValueError(f"must have at most three decimals, not {_shown(written)}")
        return thousandths

    def typed(self, canonical: object) -> int:
        return Whole(self.low * 1000, self.high * 1000).canonical(canonical)


@dataclass(frozen=True, slots=True)
class Flag:
    """`true` or `false`; stored as `yes` or `no`, because entries hold no booleans."""

    suffix: str = ""

    def canonical(self, written: object) -> str:
        if not isinstance(written, bool):
            raise ValueError(f"must be true or false, not {_shown(written)}")
        return "yes" if written else "no"

    def typed(self, canonical: object) -> bool:
        if canonical not in ("yes", "no"):
            raise ValueError(f"must be yes or no, not {_shown(canonical)}")
        return canonical == "yes"


@dataclass(frozen=True, slots=True)
class Words:
    """Distinct words of a closed list, in any order; stored sorted, held as a frozen set."""

    allowed: tuple[str, ...]
    suffix: str = ""

    def canonical(self, written: object) -> list[str]:
        if not isinstance(written, list | tuple):
            raise ValueError(f"must be a list, not {_shown(written)}")
        for word in written:
            if word not in self.allowed:
                known = ", ".join(self.allowed)
                raise ValueError(f"{_shown(word)} is none of {known}")
        if len(set(written)) != len(written):
            raise ValueError("names one word twice")
        return sorted(written)

    def typed(self, canonical: object) -> frozenset[str]:
        return frozenset(self.canonical(canonical))


@dataclass(frozen=True, slots=True)
class Rising:
    """One to `most` whole numbers, each larger than the one before; held times `scale`."""

    low: int
    high: int
    most: int
    scale: int = 1
    suffix: str = ""

    def canonical(self, written: object) -> list[int]:
        if not isinstance(written, list | tuple):
            raise ValueError(f"must be a list, not {_shown(written)}")
        if not 1 <= len(written) <= self.most:
            raise ValueError(f"must have 1 to {self.most} numbers, not {len(written)}")
        numbers = [Whole(self.low, self.high).canonical(number) for number in written]
        for before, after in pairwise(numbers):
            if after <= before:
                raise ValueError(f"must rise: {after} follows {before}")
        return numbers

    def typed(self, canonical: object) -> tuple[int, ...]:
        return tuple(number * self.scale for number in self.canonical(canonical))


@dataclass(frozen=True, slots=True)
class Name:
    """The name of another document: small letters, digits and hyphens."""

    suffix: str = ""

    def canonical(self, written: object) -> str:
        if not isinstance(written, str) or not NAME.fullmatch(written):
            raise ValueError(f"must be small letters, digits and hyphens, not {_shown(written)}")
        return written

    typed = canonical


@dataclass(frozen=True, slots=True)
class TimeZone:
    """A zone of the tz database, such as Asia/Shanghai."""

    suffix: str = ""

    def canonical(self, written: object) -> str:
        if not isinstance(written, str) or not re.fullmatch(r"[A-Za-z0-9_+/-]{1,64}", written):
            raise ValueError(f"must name a time zone, not {_shown(written)}")
        try:
            ZoneInfo(written)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"{_shown(written)} is no zone of the tz database") from None
        return written

    typed = canonical


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One line of the schema: what a document may say under `name` and what it means."""

    name: str
    shape: Shape
    unit: str
    default: Any
    rule: str

    @property
    def canonical_name(self) -> str:
        """`_` for `.`, and a suffix where the stored unit differs from the written one."""
        return self.name.replace(".", "_") + self.shape.suffix

    @property
    def canonical_default(self) -> Any:
        """The default in the form that entries hold."""
        return self.shape.canonical(self.default)


def _parameter(name: str, shape: Shape, default: Any, unit: str, rule: str) -> Any:
    """A field of `Policy` that carries its own line of the schema; `rule` is of domain §10."""
    line = Parameter(name=name, shape=shape, default=default, unit=unit, rule=rule)
    return field(metadata={"parameter": line})


# --- the policy --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Every number and switch that a decision reads, and the arithmetic that only they decide.

    Made by `policy_from_canonical` alone. Times are milliseconds since 1970 UTC; dates are local
    to `time_zone`. A new parameter is one more line here, with a default under which decisions
    stay what they were before it existed: older adopted documents do not name it.
    The P-numbers are rows of the table in domain §10; "choice" has none.
    """

    id: str
    version: int
    effective_from: date
    effective_to: date | None

    day_auto_limit_minutes: int = _parameter(
        "time.day_auto_limit", Whole(1, 1440), 480, "min", "P6"
    )
    day_review_limit_minutes: int = _parameter(
        "time.day_review_limit", Whole(1, 1440), 720, "min", "P7"
    )
    session_max_minutes: int = _parameter("time.session_max", Whole(1, 1440), 1440, "min", "P8")
    time_zone: str = _parameter("time.day_boundary", TimeZone(), "Asia/Shanghai", "", "P9")
    deadline_working_days: int = _parameter(
        "record.deadline_working_days", Whole(0, 366), 10, "working days", "P13"
    )
    calendar_name: str = _parameter("record.calendar", Name(), "cn", "", "P13")
    backfill_max_is_schedule: bool = _parameter("backfill.max_is_schedule", Flag(), True, "", "P15")
    backfill_earns_points: bool = _parameter("backfill.earns_points", Flag(), False, "", "P16")
    excluded_kinds: frozenset[str] = _parameter(
        "activity.excluded_kinds", Words(KINDS), KINDS, "", "P20"
    )
    recorder_separation: bool = _parameter("recorder.separation", Flag(), True, "", "P18")
    guardian_below_age: int = _parameter(
        "volunteer.guardian_below_age", Whole(0, 150), 18, "years", "P22"
    )
    sensitive_below_age: int = _parameter(
        "volunteer.sensitive_below_age", Whole(0, 150), 14, "years", "P22"
    )
    star_thresholds_minutes: tuple[int, ...] = _parameter(
        "star.thresholds_h",
        Rising(1, 1_000_000, 20, scale=60),
        (100, 300, 600, 1000, 1500),
        "h",
        "P23",
    )
    points_per_hour_thousandths: int = _parameter(
        "points.per_hour", Fraction(0, 1000), 1, "points", "P48"
    )
    points_validity_months: int = _parameter(
        "points.validity_months", Whole(0, 1200), 36, "months", "P52"
    )
    redeem_gate_stars: int = _parameter("redeem.gate_stars", Whole(0, 20), 0, "stars", "P55")
    redeem_hold_minutes: int = _parameter(
        "redeem.hold_minutes", Whole(1, 525_600), 30, "min", "choice"
    )
    redeem_rapid_refuse_seconds: int = _parameter(
        "redeem.rapid_refuse_s", Whole(0, 86_400), 5, "s", "choice"
    )
    redeem_rapid_flag_seconds: int = _parameter(
        "redeem.rapid_flag_s", Whole(0, 86_400), 15, "s", "choice"
    )
    redeem_recheck_above: int = _parameter(
        "redeem.recheck_above", Whole(0, 2**53 - 1), 10_000, "hundredths or min", "choice"
    )
    tb_account_cap_minutes: int = _parameter(
        "tb.account_cap_h", Whole(1, 1_000_000, scale=60), 1500, "h", "P36"
    )
    tb_depositor_min_age: int = _parameter(
        "tb.depositor_min_age", Whole(0, 150), 18, "years", "P37"
    )
    tb_redeem_min_age: int = _parameter("tb.redeem_min_age", Whole(0, 150), 60, "years", "P38")
    tb_redeem_spouse_counts: bool = _parameter("tb.redeem_spouse_counts", Flag(), True, "", "P38")
    tb_transfer_to: frozenset[str] = _parameter(
        "tb.transfer_to", Words(RELATIONS), RELATIONS, "", "P39"
    )
    tb_goods: bool = _parameter("tb.goods", Flag(), False, "", "P42")
    tb_overdraft_min_minutes: int = _parameter(
        "tb.overdraft_min_minutes", Whole(0, 600_000), 0, "min", "P43"
    )

    @property
    def version_name(self) -> str:
        """How an entry names the policy that decided it: `cn-default/1`."""
        return f"{self.id}/{self.version}"

    def in_force_on(self, day: date) -> bool:
        """Whether the document is effective on that day; the last day is included."""
        return self.effective_from <= day and (
            self.effective_to is None or day <= self.effective_to
        )

    # Days

    def local_date(self, instant_ms: int) -> date:
        """The day on which an instant falls in the policy's time zone (domain §10 P9)."""
        return _local_time(self.time_zone).day(instant_ms // 1000)

    def midnight_after(self, instant_ms: int) -> int:
        """The first instant of the next local day: later than `instant_ms`, milliseconds."""
        return _local_time(self.time_zone).next_day_starts(instant_ms // 1000) * 1000

    def split_minutes_by_day(self, check_in_ms: int, minutes: int) -> list[tuple[date, int]]:
        """The local days a session's minutes belong to: none, one or two, no zero among them.

        The minutes run on from check-in; the first day takes at most the whole minutes that are
        left to its midnight and the next takes the rest (domain §10 P9, worked example T13).
        `minutes` is 0 to 1,440; anything else is a mistake of the caller (`ValueError`).
        """
        if not 0 <= minutes <= 1440:
            raise ValueError(f"a session has 0 to 1,440 minutes, not {minutes}")
        local = _local_time(self.time_zone)
        check_in_s = check_in_ms // 1000
        first = min(minutes, (local.next_day_starts(check_in_s) * 1000 - check_in_ms) // 60_000)
        days = []
        if first:
            days.append((local.day(check_in_s), first))
        if minutes > first:
            days.append((local.day(check_in_s) + timedelta(days=1), minutes - first))
        return days

    def lateness(self, calendar: Calendar, ended_ms: int, recorded_ms: int) -> tuple[bool, str]:
        """Whether a record is late, and the name of the calendar that says so.

        It is late if its local day lies after the `deadline_working_days`-th working day that
        follows the local day on which the activity ended (domain §10 P13, worked example T14).
        The name is `monday_to_friday` if a year that was counted has no adopted calendar.
        """
        days = calendar.named(self.calendar_name)
        deadline = days.deadline(self.local_date(ended_ms), self.deadline_working_days)
        return self.local_date(recorded_ms) > deadline.last_day, deadline.calendar

    # Stars (domain §10 P23, compared with ≥)

    def eligible_star(self, service_minutes: int) -> int:
        """How many thresholds the minutes reach; 0 below the first."""
        return bisect_right(self.star_thresholds_minutes, service_minutes)

    def minutes_to_next_star(self, service_minutes: int) -> int | None:
        """Minutes still missing to the next threshold, at least 1; None above the last one."""
        star = self.eligible_star(service_minutes)
        if star == len(self.star_thresholds_minutes):
            return None
        return self.star_thresholds_minutes[star] - service_minutes

    # Points (domain §10 P48, P52)

    def points_hundredths(self, minutes: int) -> int:
        """Hundredths of a point that a record's minutes earn, rounded down once per record."""
        return minutes * 100 * self.points_per_hour_thousandths // (60 * 1000)

    def lapse_date(self, earned_at_ms: int) -> date:
        """The last day on which points credited then can be spent.

        It is the last day of the month that lies `points_validity_months` after the local month of
        earning: earned in 2026-11 and valid for 36 months, they can be spent to 2029-11-30.
        """
        return _lapse_date(self.time_zone, self.points_validity_months, earned_at_ms)


def _parameters() -> Iterator[tuple[str, Parameter]]:
    for one in fields(Policy):
        if "parameter" in one.metadata:
            yield one.name, one.metadata["parameter"]


PARAMETERS: Final[Mapping[str, Parameter]] = {line.name: line for _, line in _parameters()}
"""The schema: every parameter that a document may name, by its name there."""

_ATTRIBUTES: Final[Mapping[str, str]] = {line.name: attribute for attribute, line in _parameters()}


# --- the document ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyDocument:
    """A checked document: what an entry holds of it, the digest of its TOML, and what it means."""

    canonical: Canonical
    toml_sha256: str
    policy: Policy


_HEAD: Final = ("id", "version", "title", "issuer", "scope", "effective_from")
_CANONICAL_KEYS: Final = (*_HEAD, "effective_to", "values", "bases")


def read_policy(toml: bytes) -> PolicyDocument:
    """Read and check a policy document; a parameter it leaves out takes its default.

    Raises `PolicyRefused` with the key's path and the reason for whatever is unknown, missing, of
    the wrong type, out of range or in contradiction, and with the line for a syntax error.
    """
    document = parse_toml(toml)
    only_keys(document, needed=_HEAD, allowed=("effective_to", "parameters"))
    scope = table(document["scope"], "scope")
    only_keys(scope, needed=("region",), allowed=(), under="scope")
    values, bases = _read_parameters(table(document.get("parameters", {}), "parameters"))
    ends = document.get("effective_to")
    canonical = {
        "id": checked(Name().canonical, document["id"], "id"),
        "version": checked(Whole(1, 1_000_000).canonical, document["version"], "version"),
        "title": text(document["title"], "title"),
        "issuer": text(document["issuer"], "issuer"),
        "scope": {"region": checked(_region, scope["region"], "scope.region")},
        "effective_from": day(document["effective_from"], "effective_from").isoformat(),
        "effective_to": "" if ends is None else day(ends, "effective_to").isoformat(),
        "values": values,
        "bases": bases,
    }
    fits_an_entry(canonical)
    return PolicyDocument(
        canonical=canonical,
        toml_sha256=sha256(toml).hexdigest(),
        policy=policy_from_canonical(canonical),
    )


def policy_from_canonical(document: Mapping[str, Any]) -> Policy:
    """The policy that an adopting entry holds; needs no TOML, so a replay can call it.

    A parameter that the document does not name takes its default: the document was adopted before
    the parameter existed. Raises `PolicyRefused` where a value is unknown, out of range or
    contradicts another.
    """
    only_keys(document, needed=_CANONICAL_KEYS, allowed=())
    values = dict(table(document["values"], "values"))
    typed = {}
    for parameter in PARAMETERS.values():
        name = parameter.canonical_name
        value = values.pop(name, parameter.canonical_default)
        typed[_ATTRIBUTES[parameter.name]] = checked(parameter.shape.typed, value, f"values.{name}")
    if values:
        raise PolicyRefused(f"values.{min(values)}", "there is no such parameter")
    ends = document["effective_to"]
    policy = Policy(
        id=checked(Name().canonical, document["id"], "id"),
        version=checked(Whole(1, 1_000_000).canonical, document["version"], "version"),
        effective_from=_iso_day(document["effective_from"], "effective_from"),
        effective_to=None if ends == "" else _iso_day(ends, "effective_to"),
        **typed,
    )
    _refuse_contradictions(policy)
    return policy


def policy_in_force(adopted: Sequence[Policy], on: date) -> Policy:
    """The policy that decides what happens on a day: of those effective then, the latest adopted.

    The scope of a document is stated for its readers; it does not choose among policies yet.
    `adopted` stands in the order of adoption. Raises `Refused` (`no_policy_in_force`) if none of
    them is effective on that day.
    """
    for policy in reversed(adopted):
        if policy.in_force_on(on):
            return policy
    raise Refused(
        "no_policy_in_force",
        f"no adopted policy is effective on {on.isoformat()}; adopt one that is",
        on=on.isoformat(),
    )


def _read_parameters(tree: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Canonical values and their bases, every parameter of the schema in both."""
    values = {line.canonical_name: line.canonical_default for line in PARAMETERS.values()}
    bases = dict.fromkeys(values, "default")
    seen = set()
    for name, node in _leaves(tree, ""):
        path = f"parameters.{name}"
        if name in seen:
            # `a.b` may be written as a table inside a table or as one quoted key.
            raise PolicyRefused(path, "is given twice")
        seen.add(name)
        parameter = PARAMETERS[name]
        entry = table(node, path)
        only_keys(entry, needed=("value", "basis"), allowed=("unit",), under=path)
        unit = entry.get("unit", parameter.unit)
        if unit != parameter.unit:
            expected = parameter.unit or "no unit"
            raise PolicyRefused(f"{path}.unit", f"is counted in {expected}, not {_shown(unit)}")
        values[parameter.canonical_name] = checked(
            parameter.shape.canonical, entry["value"], f"{path}.value"
        )
        bases[parameter.canonical_name] = text(entry["basis"], f"{path}.basis")
    return values, bases


def _leaves(tree: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    """(name, node) for each parameter in a tree of tables; refuses names outside the schema."""
    for key, node in tree.items():
        name = f"{prefix}{key}"
        if name in PARAMETERS:
            yield name, node
        elif isinstance(node, dict) and any(known.startswith(f"{name}.") for known in PARAMETERS):
            yield from _leaves(node, f"{name}.")
        else:
            near = get_close_matches(name, PARAMETERS, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise PolicyRefused(f"parameters.{_clean(name)}", f"there is no such parameter{hint}")


def _refuse_contradictions(policy: Policy) -> None:
    """Pairs of values that are each possible but cannot both be meant."""

    def no(path: str, reason: str) -> PolicyRefused:
        return PolicyRefused(path, reason)

    if policy.effective_to is not None and policy.effective_to < policy.effective_from:
        raise no("effective_to", f"lies before effective_from ({policy.effective_from})")
    if policy.day_review_limit_minutes < policy.day_auto_limit_minutes:
        raise no(
            "parameters.time.day_review_limit.value",
            f"is below time.day_auto_limit ({policy.day_auto_limit_minutes} min)",
        )
    if policy.sensitive_below_age > policy.guardian_below_age:
        raise no(
            "parameters.volunteer.sensitive_below_age.value",
            f"is above volunteer.guardian_below_age ({policy.guardian_below_age} years)",
        )
    if policy.redeem_rapid_flag_seconds < policy.redeem_rapid_refuse_seconds:
        raise no(
            "parameters.redeem.rapid_flag_s.value",
            f"is below redeem.rapid_refuse_s ({policy.redeem_rapid_refuse_seconds} s)",
        )
    if policy.redeem_gate_stars > len(policy.star_thresholds_minutes):
        raise no(
            "parameters.redeem.gate_stars.value",
            f"asks for a star that star.thresholds_h does not have "
            f"({len(policy.star_thresholds_minutes)} thresholds)",
        )


# --- reading documents: shared with calendars --------------------------------------------------


def parse_toml(toml: bytes) -> dict[str, Any]:
    """TOML as a dictionary, decimals exact. `PolicyRefused` names the line of a syntax error."""
    if len(toml) > TOML_BYTES_MAX:
        raise PolicyRefused("", f"the document is longer than {TOML_BYTES_MAX} bytes")
    try:
        written = toml.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = toml.count(b"\n", 0, error.start) + 1
        raise PolicyRefused("", f"line {line} is not UTF-8") from None
    try:
        return tomllib.loads(written, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise PolicyRefused("", f"this is not TOML: {_clean(str(error))}") from None
    except RecursionError:
        raise PolicyRefused("", "lists or tables are nested too deeply") from None
    except ValueError as error:
        # A number of thousands of digits, or a date such as 2025-02-30, on older interpreters.
        raise PolicyRefused("", f"this is not TOML: {_clean(str(error))}") from None


def only_keys(
    node: Mapping[str, Any], *, needed: tuple[str, ...], allowed: tuple[str, ...], under: str = ""
) -> None:
    """Refuse a table that lacks a needed key or has one that nobody reads."""
    prefix = f"{under}." if under else ""
    for key in node:
        if key not in needed and key not in allowed:
            raise PolicyRefused(f"{prefix}{_clean(key)}", "there is no such key here")
    for key in needed:
        if key not in node:
            raise PolicyRefused(f"{prefix}{key}", "is missing")


def table(node: object, path: str) -> Mapping[str, Any]:
    """The node as a table; refused if it is anything else."""
    if not isinstance(node, Mapping):
        raise PolicyRefused(path, f"must be a table, not {_shown(node)}")
    return node


def checked(check: Any, written: object, path: str) -> Any:
    """What `check` makes of the value; its `ValueError` becomes a refusal at `path`."""
    try:
        return check(written)
    except ValueError as error:
        raise PolicyRefused(path, str(error)) from None


def text(written: object, path: str) -> str:
    """One line of published text: 1 to 500 characters, none that a reader cannot see."""
    if not isinstance(written, str):
        raise PolicyRefused(path, f"must be text, not {_shown(written)}")
    if not written.strip() or len(written) > TEXT_CHARACTERS_MAX:
        raise PolicyRefused(path, f"must have 1 to {TEXT_CHARACTERS_MAX} characters")
    if _clean(written) != written:
        raise PolicyRefused(path, "has a line break or a character that cannot be seen")
    return written


def day(written: object, path: str) -> date:
    """A TOML local date, such as 2025-03-07; a date with a time is refused."""
    if isinstance(written, datetime) or not isinstance(written, date):
        raise PolicyRefused(path, f"must be a date such as 2025-03-07, not {_shown(written)}")
    return written


def fits_an_entry(canonical: Canonical) -> None:
    """Refuse a document whose canonical form would not fit into one entry."""
    size = len(json.dumps(canonical, ensure_ascii=False, separators=(",", ":")).encode())
    if size > CANONICAL_BYTES_MAX:
        raise PolicyRefused("", f"needs {size} bytes in an entry; {CANONICAL_BYTES_MAX} fit")


def _region(written: object) -> str:
    if not isinstance(written, str) or not REGION.fullmatch(written):
        raise ValueError(
            f"must be CN or a division code of 2, 4 or 6 digits, not {_shown(written)}"
        )
    return written


def _iso_day(written: object, path: str) -> date:
    if not isinstance(written, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", written):
        raise PolicyRefused(path, f"must be a date such as 2025-03-07, not {_shown(written)}")
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise PolicyRefused(path, f"{written} is not a day of the calendar") from None


def _clean(written: str) -> str:
    """The text with every control, format and separator character shown as `�`."""
    hidden = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    return "".join("�" if unicodedata.category(c) in hidden else c for c in written)


def _shown(written: object) -> str:
    """A value as a refusal quotes it: short, on one line."""
    if isinstance(written, bool):
        return "true" if written else "false"
    if isinstance(written, str):
        shown = f'"{_clean(written)}"'
    elif isinstance(written, int) and abs(written) >= 10**20:
        return "a number of more than 20 digits"
    elif isinstance(written, Mapping):
        return "a table"
    elif isinstance(written, list | tuple):
        return "a list"
    else:
        shown = str(written)
    return shown if len(shown) <= 60 else f"{shown[:57]}…"


# --- local time --------------------------------------------------------------------------------

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_ORDINAL: Final = date(1970, 1, 1).toordinal()
_DAY_S: Final = 86_400
_CACHED_DAYS_MAX: Final = 100_000
# Python has no datetime before year 1 or after year 9999; offsets there are taken from these edges.
_FIRST_S: Final = int((datetime(1, 1, 3, tzinfo=UTC) - _EPOCH).total_seconds())
_LAST_S: Final = int((datetime(9999, 12, 29, tzinfo=UTC) - _EPOCH).total_seconds())
_CHANGES: Final = -1_000_000


class _LocalTime:
    """Local days of one zone, in integers.

    Asking `zoneinfo` costs microseconds and each record asks several times, so the offset of each
    UTC day is remembered when it is the same at all of the day's 25 full hours (no zone changes
    its offset and back within one hour). Days on which it changes are marked and asked afresh.
    """

    __slots__ = ("_offsets", "_zone")

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._offsets: dict[int, int] = {}

    def day(self, instant_s: int) -> date:
        """The local day on which the instant falls."""
        return date.fromordinal((instant_s + self._offset(instant_s)) // _DAY_S + _EPOCH_ORDINAL)

    def next_day_starts(self, instant_s: int) -> int:
        """The first second after the instant that belongs to a later local day."""
        offset = self._offset_of_utc_day(instant_s // _DAY_S)
        if offset != _CHANGES:
            midnight = ((instant_s + offset) // _DAY_S + 1) * _DAY_S - offset
            # At most 24 hours ahead: in the same UTC day or the next, and both must agree.
            if self._offset_of_utc_day(midnight // _DAY_S) == offset:
                return midnight
        return self._search_next_day(instant_s)

    def _search_next_day(self, instant_s: int) -> int:
        """Bisection, for days on which clocks change: right whether midnight is skipped or not."""
        today = self.day(instant_s)
        before, after = instant_s, instant_s + 50 * 3600
        while after - before > 1:
            middle = (before + after) // 2
            if self.day(middle) > today:
                after = middle
            else:
                before = middle
        return after

    def _offset(self, instant_s: int) -> int:
        offset = self._offset_of_utc_day(instant_s // _DAY_S)
        return offset if offset != _CHANGES else self._ask(instant_s)

    def _offset_of_utc_day(self, utc_day: int) -> int:
        offset = self._offsets.get(utc_day)
        if offset is None:
            start = utc_day * _DAY_S
            found = {self._ask(start + hour * 3600) for hour in range(25)}
            offset = found.pop() if len(found) == 1 else _CHANGES
            # A bound, so that hostile dates cannot fill the memory; refilling is cheap.
            if len(self._offsets) >= _CACHED_DAYS_MAX:
                self._offsets.clear()
            self._offsets[utc_day] = offset
        return offset

    def _ask(self, instant_s: int) -> int:
        within = min(max(instant_s, _FIRST_S), _LAST_S)
        offset = (_EPOCH + timedelta(seconds=within)).astimezone(self._zone).utcoffset()
        if offset is None:
            raise ValueError(f"{self._zone} has no offset")
        return offset // timedelta(seconds=1)


@lru_cache(maxsize=64)
def _local_time(zone: str) -> _LocalTime:
    return _LocalTime(ZoneInfo(zone))


# Everything that is earned in one group of entries is earned at one instant.
@lru_cache(maxsize=256)
def _lapse_date(zone: str, months_valid: int, earned_at_ms: int) -> date:
    """The last day of the month that lies `months_valid` after the local month of earning."""
    earned = _local_time(zone).day(earned_at_ms // 1000)
    return _last_day_of_month(earned.year * 12 + earned.month - 1 + months_valid)


@lru_cache(maxsize=4096)
def _last_day_of_month(months: int) -> date:
    """The last day of a month counted from January of year 0."""
    year, month = divmod(months, 12)
    return date(year, month + 1, monthrange(year, month + 1)[1])
