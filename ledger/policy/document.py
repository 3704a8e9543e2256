"""Reading policy documents: from TOML that people write, and from the form that entries hold.

`read_policy` fills what a document leaves out with defaults; `policy_from_canonical` with what
held before the parameter existed. Both refuse what is unknown, out of range or contradicts itself.
Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from difflib import get_close_matches
from hashlib import sha256
from typing import Any, Final

from ledger.ids import is_id
from ledger.policy.parameters import ATTRIBUTES, PARAMETERS, Parameter
from ledger.policy.reading import (
    Canonical,
    PolicyRefused,
    checked,
    day,
    fits_an_entry,
    iso_day,
    key_shown,
    only_keys,
    parse_toml,
    shown,
    table,
    text,
)
from ledger.policy.rules import Policy
from ledger.policy.shapes import Name, Whole, Word, Words, region
from ledger.policy.words import FORBIDDEN, GRANTING_TIERS, SERVICE_CATEGORIES

_HEAD: Final = ("id", "version", "title", "issuer", "scope", "effective_from")
_CANONICAL_KEYS: Final = (*_HEAD, "effective_to", "values", "bases")
_SCOPE_KEYS: Final = ("region", "organisation", "tier", "categories")
_FORBIDDEN: Final = "is forbidden and cannot be a parameter (P41)"
DEFAULT_BASIS: Final = "default"
"""The basis of a value that the document leaves to the schema's default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyDocument:
    """A checked document: what an entry holds of it, the digest of its TOML, and what it means."""

    canonical: Canonical
    toml_sha256: str
    policy: Policy


def read_policy(toml: bytes) -> PolicyDocument:
    """Read and check a policy document; a parameter it leaves out takes its default.

    Raises `PolicyRefused` with the key's path and the reason for whatever is unknown, missing, of
    the wrong type, out of range or in contradiction, and with the line for a syntax error.
    """
    document = parse_toml(toml)
    only_keys(document, needed=_HEAD, allowed=("effective_to", "parameters"))
    scope = table(document["scope"], "scope")
    only_keys(scope, needed=_SCOPE_KEYS[:1], allowed=_SCOPE_KEYS[1:], under="scope")
    values, bases = _read_parameters(table(document.get("parameters", {}), "parameters"))
    ends = document.get("effective_to")
    canonical = {
        "id": checked(Name().canonical, document["id"], "id"),
        "version": checked(Whole(1, 1_000_000).canonical, document["version"], "version"),
        "title": text(document["title"], "title"),
        "issuer": text(document["issuer"], "issuer"),
        "scope": _read_scope(scope),
        "effective_from": day(document["effective_from"], "effective_from").isoformat(),
        "effective_to": "" if ends is None else day(ends, "effective_to").isoformat(),
        "values": values,
        "bases": bases,
    }
    fits_an_entry(canonical)
    policy = policy_from_canonical(canonical)
    _refuse_draft_contradictions(policy, bases)
    return PolicyDocument(canonical=canonical, toml_sha256=sha256(toml).hexdigest(), policy=policy)


def policy_from_canonical(document: Mapping[str, Any]) -> Policy:
    """The policy that an adopting entry holds; needs no TOML, so a replay can call it.

    A parameter that the document does not name takes its `absent` value: the document was adopted
    before the parameter existed. Raises `PolicyRefused` where a value is unknown, out of range or
    contradicts another.
    """
    only_keys(document, needed=_CANONICAL_KEYS, allowed=())
    bases = table(document["bases"], "bases")
    values = dict(table(document["values"], "values"))
    named = values.keys() & set(_PARAMETER_BY_CANONICAL)
    typed = {}
    for parameter in PARAMETERS.values():
        name = parameter.canonical_name
        value = values.pop(name, parameter.canonical_absent)
        typed[ATTRIBUTES[parameter.name]] = checked(parameter.shape.typed, value, f"values.{name}")
    if values:
        name = min(values)
        forbidden = name in _FORBIDDEN_CANONICAL
        raise PolicyRefused(
            f"values.{key_shown(name)}", _FORBIDDEN if forbidden else "there is no such parameter"
        )
    ends = document["effective_to"]
    policy = Policy(
        id=checked(Name().canonical, document["id"], "id"),
        version=checked(Whole(1, 1_000_000).canonical, document["version"], "version"),
        effective_from=iso_day(document["effective_from"], "effective_from"),
        effective_to=None if ends == "" else iso_day(ends, "effective_to"),
        **_typed_scope(table(document["scope"], "scope")),
        **typed,
    )
    _refuse_contradictions(policy)
    _refuse_missing_granters(policy, bases, named)
    return policy


_PARAMETER_BY_CANONICAL: Final = frozenset(line.canonical_name for line in PARAMETERS.values())
_FORBIDDEN_CANONICAL: Final = frozenset(name.replace(".", "_") for name in FORBIDDEN)


# --- scope -------------------------------------------------------------------------------------


def _read_scope(scope: Mapping[str, Any]) -> dict[str, Any]:
    """The scope as an entry holds it: always all four names."""
    return {
        "region": checked(region, scope["region"], "scope.region"),
        "organisation": checked(_organisation, scope.get("organisation", ""), "scope.organisation"),
        "tier": checked(_tier, scope.get("tier", ""), "scope.tier"),
        "categories": checked(
            Words(SERVICE_CATEGORIES).canonical, scope.get("categories", []), "scope.categories"
        ),
    }


def scope_of(document: Mapping[str, Any]) -> dict[str, Any]:
    """The scope of an adopted document with all four names; the first form has a region alone."""
    return _read_scope(document["scope"])


def _typed_scope(scope: Mapping[str, Any]) -> dict[str, Any]:
    """The scope's fields of `Policy`."""
    if scope.keys() != {"region"}:
        only_keys(scope, needed=_SCOPE_KEYS, allowed=(), under="scope")
    read = _read_scope(scope)
    if read["organisation"] and read["tier"]:
        raise PolicyRefused(
            "scope.tier", "contradicts scope.organisation: name one organisation, or a tier"
        )
    return {
        "scope_region": read["region"],
        "scope_organisation": read["organisation"],
        "scope_tier": read["tier"],
        "scope_categories": frozenset(read["categories"]),
    }


def _organisation(written: object) -> str:
    if not isinstance(written, str) or (written and not is_id(written)):
        raise ValueError(f"must be an organisation's id of 16 characters, not {shown(written)}")
    return written


def _tier(written: object) -> str:
    return "" if written == "" else Word(GRANTING_TIERS).canonical(written)


# --- parameters --------------------------------------------------------------------------------


def _read_parameters(tree: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Canonical values and their bases, every parameter of the schema in both."""
    values = {line.canonical_name: line.canonical_default for line in PARAMETERS.values()}
    bases = dict.fromkeys(values, DEFAULT_BASIS)
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
            raise PolicyRefused(f"{path}.unit", f"is counted in {expected}, not {shown(unit)}")
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
        elif name in FORBIDDEN:
            raise PolicyRefused(f"parameters.{name}", _FORBIDDEN)
        elif isinstance(node, dict) and any(known.startswith(f"{name}.") for known in PARAMETERS):
            yield from _leaves(node, f"{name}.")
        else:
            name = key_shown(name)
            near = get_close_matches(name, PARAMETERS, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise PolicyRefused(f"parameters.{name}", f"there is no such parameter{hint}")


# --- contradictions ----------------------------------------------------------------------------


def _refuse_contradictions(policy: Policy) -> None:
    """Pairs of values that are each possible but cannot both be meant."""
    if policy.effective_to is not None and policy.effective_to < policy.effective_from:
        raise PolicyRefused("effective_to", f"lies before effective_from ({policy.effective_from})")
    for name, contradicts, reason in _contradictions(policy):
        if contradicts:
            raise PolicyRefused(f"parameters.{name}.value", reason)


def _contradictions(policy: Policy) -> Iterator[tuple[str, bool, str]]:
    """(parameter, whether it contradicts another, which and how), in the order they are told."""
    stars = len(policy.star_thresholds_minutes)
    no_such_star = f"a star that star.thresholds_h does not have ({stars} thresholds)"
    yield (
        "time.day_review_limit",
        policy.day_review_limit_minutes < policy.day_auto_limit_minutes,
        f"is below time.day_auto_limit ({policy.day_auto_limit_minutes} min)",
    )
    yield (
        "time.session_min",
        policy.session_min_minutes > policy.session_max_minutes,
        f"is above time.session_max ({policy.session_max_minutes} min)",
    )
    yield (
        "volunteer.sensitive_below_age",
        policy.sensitive_below_age > policy.guardian_below_age,
        f"is above volunteer.guardian_below_age ({policy.guardian_below_age} years)",
    )
    yield (
        "star.cycle_h",
        policy.star_window == "cycle" and policy.star_cycle_minutes == 0,
        'must be above 0, because star.window is "cycle"',
    )
    yield (
        "star.cycle_h",
        policy.star_window != "cycle" and policy.star_cycle_minutes > 0,
        f'must be 0, because star.window is "{policy.star_window}"',
    )
    yield (
        "star.cycle_h",
        policy.star_window == "cycle"
        and policy.star_thresholds_minutes[-1] > policy.star_cycle_minutes,
        "ends before the last threshold of star.thresholds_h: nobody could reach it",
    )
    yield (
        "star.nominated_from",
        policy.star_nominated_from > stars,
        f"asks nomination for {no_such_star}",
    )
    yield (
        "redeem.rapid_flag_s",
        policy.redeem_rapid_flag_seconds < policy.redeem_rapid_refuse_seconds,
        f"is below redeem.rapid_refuse_s ({policy.redeem_rapid_refuse_seconds} s)",
    )
    yield "redeem.gate_stars", policy.redeem_gate_stars > stars, f"asks for {no_such_star}"
    yield (
        "courtesy.packs",
        any(pack.star > stars for pack in policy.courtesy_packs),
        f"names {no_such_star}",
    )
    yield (
        "tb.redeem_min_age_difficulty",
        policy.tb_redeem_min_age_difficulty > policy.tb_redeem_min_age,
        f"is above tb.redeem_min_age ({policy.tb_redeem_min_age} years)",
    )
    yield (
        "tb.daily_cap_minutes",
        0 < policy.tb_daily_cap_minutes < policy.tb_granularity_minutes,
        f"is below tb.granularity_minutes ({policy.tb_granularity_minutes} min): nobody could save",
    )
    yield "credit.min_stars", policy.credit_min_stars > stars, f"asks for {no_such_star}"


# What a list by star holds beside the stars of `star.thresholds_h`: measures begin with none.
_LISTS_BY_STAR: Final = {
    "star.min_tenure_months": 0,
    "star.quality_min": 0,
    "star.points_min": 0,
    "star.granting_tier": 0,
    "courtesy.price_percent": 0,
    "credit.points_by_star": 0,
    "credit.measures_by_star": 1,
}


def _refuse_draft_contradictions(policy: Policy, bases: Mapping[str, str]) -> None:
    """Contradictions that a draft is refused for and that a ledger may have adopted before they
    were asked about: a replay reads those as it did."""
    for name, contradicts, reason in _draft_contradictions(policy):
        if contradicts:
            raise PolicyRefused(f"parameters.{name}.value", reason)
    stars = len(policy.star_thresholds_minutes)
    for name, more in _LISTS_BY_STAR.items():
        listed = getattr(policy, ATTRIBUTES[name])
        # A default is as long as the default's thresholds, whatever the document's are.
        stated = bases[PARAMETERS[name].canonical_name] != DEFAULT_BASIS
        if stated and len(listed) > stars + more:
            raise PolicyRefused(
                f"parameters.{name}.value",
                f"lists {len(listed)} values; star.thresholds_h has {stars} stars",
            )


def _draft_contradictions(policy: Policy) -> Iterator[tuple[str, bool, str]]:
    """As `_contradictions`."""
    yield (
        "star.nominated_from",
        policy.star_nominated_from > 0 and policy.star_mode == "automatic",
        'must be 0, because star.mode is "automatic": nobody applies and nobody nominates',
    )
    unit = policy.tb_granularity_minutes
    whole_units = f"is no multiple of tb.granularity_minutes ({unit} min)"
    yield "tb.daily_cap_minutes", policy.tb_daily_cap_minutes % unit > 0, whole_units
    yield "tb.account_cap_h", policy.tb_account_cap_minutes % unit > 0, whole_units
    yield "tb.grant_starting_minutes", policy.tb_grant_starting_minutes % unit > 0, whole_units
    yield (
        "tb.elder_home_coins",
        0 < policy.tb_account_cap_minutes < policy.tb_elder_home_coins * 60,
        f"is above tb.account_cap_h ({policy.tb_account_cap_minutes // 60} h): out of reach",
    )
    yield (
        "credit.measures_by_star",
        policy.credit_min_stars > 0 and policy.credit_measures(0) > 0,
        f"offers measures without a star, and credit.min_stars is {policy.credit_min_stars}",
    )


def _refuse_missing_granters(policy: Policy, bases: Mapping[str, Any], named: Set[str]) -> None:
    """Refuse stars that nobody was said to grant, where the document itself says who or how many.

    A document that leaves both to their defaults, or was adopted before granting tiers existed, is
    read with the last tier for the stars beyond.
    """
    stars, tiers = len(policy.star_thresholds_minutes), len(policy.star_granting_tier)
    if tiers >= stars or "star_granting_tier" not in named:
        return
    said = (bases.get(name) for name in ("star_thresholds_h", "star_granting_tier"))
    if any(basis != DEFAULT_BASIS for basis in said):
        raise PolicyRefused(
            "parameters.star.granting_tier.value",
            f"names {tiers} tiers for the {stars} stars of star.thresholds_h",
        )


def differences(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> list[tuple[Parameter, tuple[str, str | None], tuple[str, str | None]]]:
    """Each parameter of which two canonical documents say different things, with what each states
    (`Parameter.stated`)."""
    stated = ((each, each.stated(before), each.stated(after)) for each in PARAMETERS.values())
    return [(each, was, becomes) for each, was, becomes in stated if was[0] != becomes[0]]
