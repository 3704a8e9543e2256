"""The laws of policy documents and of the arithmetic that they decide."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from audit import canonical as auditors
from ledger.entry import canonical
from ledger.errors import Refused
from ledger.policies import shipped, shipped_names
from ledger.policy import (
    ATTRIBUTES,
    NOT_SERVICE,
    PARAMETERS,
    Fraction,
    Policy,
    PolicyRefused,
    policy_from_canonical,
    policy_in_force,
    read_policy,
)

VECTORS = Path(__file__).parent / "vectors"
VECTOR = VECTORS / "policy-cn-default.json"
OLDER = VECTORS / "policy-cn-default-1.json"
DEFAULT = read_policy(shipped("cn-default")).policy

HEAD = """
id = "town"
version = 3
title = "A town"
issuer = "Town hall"
effective_from = 2025-01-01
[scope]
region = "620500"
"""


def ms(local: str, zone: str = "Asia/Shanghai") -> int:
    """Milliseconds of a local time such as 2025-03-07 22:00."""
    at = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone))
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def town(parameters: str = "", head: str = HEAD) -> Policy:
    return read_policy((head + parameters).encode()).policy


def refusal(document: str | bytes) -> tuple[str, str]:
    with pytest.raises(PolicyRefused) as refused:
        read_policy(document.encode() if isinstance(document, str) else document)
    assert refused.value.code == "policy_refused"
    assert refused.value.facts == {"path": refused.value.path, "reason": refused.value.reason}
    return refused.value.path, refused.value.reason


def given_value(name: str, value: str) -> str:
    return HEAD + f'[parameters."{name}"]\nvalue = {value}\nbasis = "choice"\n'


# --- the shipped default -----------------------------------------------------------------------


def test_the_default_says_what_the_domain_table_says() -> None:
    assert DEFAULT.version_name == "cn-default/3"
    assert DEFAULT.effective_from == date(2000, 1, 1)
    assert DEFAULT.effective_to is None
    assert (DEFAULT.day_auto_limit_minutes, DEFAULT.day_review_limit_minutes) == (480, 720)
    assert DEFAULT.session_max_minutes == 24 * 60
    assert (DEFAULT.time_zone, DEFAULT.calendar_name) == ("Asia/Shanghai", "cn")
    assert DEFAULT.deadline_working_days == 10
    assert DEFAULT.backfill_max_is_schedule
    assert not DEFAULT.backfill_earns_points
    assert DEFAULT.excluded_kinds == set(NOT_SERVICE)
    assert DEFAULT.recorder_separation
    assert (DEFAULT.guardian_below_age, DEFAULT.sensitive_below_age) == (18, 14)
    assert DEFAULT.star_thresholds_minutes == (6_000, 18_000, 36_000, 60_000, 90_000)
    assert DEFAULT.points_per_hour_thousandths == 1000
    assert DEFAULT.points_validity_months == 36
    assert (DEFAULT.redeem_gate_stars, DEFAULT.redeem_hold_minutes) == (0, 30)
    assert (DEFAULT.redeem_rapid_refuse_seconds, DEFAULT.redeem_rapid_flag_seconds) == (5, 15)
    assert DEFAULT.tb_account_cap_minutes == 1500 * 60
    assert (DEFAULT.tb_depositor_min_age, DEFAULT.tb_redeem_min_age) == (18, 60)
    assert DEFAULT.tb_redeem_spouse_counts
    assert not DEFAULT.tb_goods
    assert DEFAULT.tb_transfer_to == {"spouse", "lineal"}
    assert DEFAULT.tb_overdraft_min_minutes == 0


def test_the_default_writes_out_every_parameter_with_its_basis() -> None:
    bases = read_policy(shipped("cn-default")).canonical["bases"]
    assert set(bases) == {line.canonical_name for line in PARAMETERS.values()}
    assert "default" not in bases.values()


def test_the_canonical_form_of_the_default_is_the_published_vector() -> None:
    """A changed byte here changes what every ledger adopts: it needs a new version."""
    document = read_policy(shipped("cn-default"))
    vector = json.loads(VECTOR.read_text(encoding="utf-8"))
    assert vector == {"toml_sha256": document.toml_sha256, "document": document.canonical}
    assert document.toml_sha256 == sha256(shipped("cn-default")).hexdigest()


def test_a_replay_needs_the_canonical_form_alone() -> None:
    vector = json.loads(VECTOR.read_text(encoding="utf-8"))
    assert policy_from_canonical(vector["document"]) == DEFAULT


def test_only_shipped_names_are_shipped() -> None:
    assert "cn-default" in shipped_names()
    for name in ("cn-default.toml", "../policy", "", "__init__"):
        with pytest.raises(Refused) as refused:
            shipped(name)
        assert refused.value.code == "unknown_document"


# --- the canonical form ------------------------------------------------------------------------


def levels(node: Any) -> int:
    if isinstance(node, dict):
        return 1 + max((levels(child) for child in node.values()), default=0)
    if isinstance(node, list):
        return 1 + max((levels(child) for child in node), default=0)
    return 0


def leaves(node: Any) -> Iterator[Any]:
    if isinstance(node, dict | list):
        for child in node.values() if isinstance(node, dict) else node:
            yield from leaves(child)
    else:
        yield node


def test_the_canonical_form_is_what_an_entry_may_hold() -> None:
    document = read_policy(
        (HEAD + "[parameters.points]\nper_hour = {value = 1.5, basis = 'choice'}").encode()
    ).canonical
    assert levels(document) == 3
    assert all(type(leaf) in (str, int) for leaf in leaves(document))
    names = [
        name for node in (document, *document.values()) if isinstance(node, dict) for name in node
    ]
    assert all(re.fullmatch(r"[a-z0-9_]+", name) for name in names)
    assert document["values"]["points_per_hour_thousandths"] == 1500
    assert document["values"]["recorder_separation"] == "yes"
    assert document["values"]["tb_goods"] == "no"
    assert document["effective_from"] == "2025-01-01"
    assert document["effective_to"] == ""


def test_weights_and_packs_nest_no_deeper_than_an_auditor_reads() -> None:
    """An entry nests at most six deep, and its document begins at the third level."""
    document = read_policy(
        (
            HEAD
            + "[parameters]\n"
            + "points.weight.value = [{category = 'health', weight = 0.5, basis = 'S1'}]\n"
            + "points.weight.basis = 'S1'\n"
            + "courtesy.packs.value = [{star = 1, item = '体检', count = 1, value_yuan = 9}]\n"
            + "courtesy.packs.basis = 'S1'\n"
        ).encode()
    ).canonical
    assert levels(document) == 4
    assert document["values"]["points_weight"] == [
        {"category": "health", "weight_thousandths": 500, "basis": "S1"}
    ]
    assert all(type(leaf) in (str, int) for leaf in leaves(document))
    line = canonical({"facts": {"document": document}})
    assert auditors.read(line) == {"facts": {"document": document}}


def test_no_two_parameters_share_a_canonical_name() -> None:
    assert len({line.canonical_name for line in PARAMETERS.values()}) == len(PARAMETERS)


def test_the_layout_of_the_toml_does_not_change_its_meaning() -> None:
    nested = town('[parameters.star]\nthresholds_h = {value = [50, 90], basis = "choice"}')
    quoted = town(
        '[parameters."star.thresholds_h"]\nbasis = "choice"\nunit = "h"\nvalue = [50, 90]'
    )
    dotted = town(
        '[parameters]\nstar.thresholds_h.value = [50, 90]\nstar.thresholds_h.basis = "S1"'
    )
    assert nested == quoted == dotted
    assert nested.star_thresholds_minutes == (3000, 5400)


def test_the_order_of_words_does_not_matter() -> None:
    one = town(given_value("tb.transfer_to", '["spouse", "lineal"]'), head="")
    other = town(given_value("tb.transfer_to", '["lineal", "spouse"]'), head="")
    assert one == other


def test_a_parameter_left_out_takes_its_default_and_says_so() -> None:
    document = read_policy(HEAD.encode())
    assert document.canonical["values"]["time_day_auto_limit"] == 480
    assert set(document.canonical["bases"].values()) == {"default"}
    same = replace(
        DEFAULT,
        id="town",
        version=3,
        effective_from=date(2025, 1, 1),
        effective_to=None,
        scope_region="620500",
    )
    assert document.policy == same


def test_a_document_adopted_before_a_parameter_existed_is_still_read() -> None:
    document = read_policy(HEAD.encode()).canonical
    del document["values"]["redeem_hold_minutes"]
    assert policy_from_canonical(document).redeem_hold_minutes == 30


def older() -> Policy:
    """Version 1 of the default, as a ledger adopted it before most parameters existed."""
    return policy_from_canonical(json.loads(OLDER.read_text(encoding="utf-8"))["document"])


def test_the_first_default_decides_as_it_did() -> None:
    """What it does not name takes the value under which nothing changed for its decisions."""
    document = json.loads(OLDER.read_text(encoding="utf-8"))["document"]
    assert document["scope"] == {"region": "CN"}
    policy = older()
    assert policy.version_name == "cn-default/1"
    assert not policy.scoped
    for line in PARAMETERS.values():
        stated = document["values"].get(line.canonical_name, line.canonical_absent)
        assert getattr(policy, ATTRIBUTES[line.name]) == line.shape.typed(stated), line.name
    unlike = {
        line.name
        for line in PARAMETERS.values()
        if getattr(policy, ATTRIBUTES[line.name]) != getattr(DEFAULT, ATTRIBUTES[line.name])
    }
    assert unlike == {
        "review.by_tier",
        "checkin.max_per_activity_day",
        "activity.publish_before_start",
        "volunteer.guardian_required",
        "star.after_reversal",
        "redeem.extendable",
        "redeem.void_hours",
        "redeem.refund_days",
        "redeem.printed_hold_minutes",
        "offline.captures",
        "offline.points",
        "offline.minutes",
        "offline.max_age_minutes",
        "offline.upload_minutes",
        "tb.depositor_guardian_ok",
    }
    assert not policy.review_by_tier
    assert policy.check_ins_max == 0
    assert not policy.publish_before_start
    assert not policy.guardian_required
    assert policy.star_after_reversal == "none"
    assert not policy.tb_depositor_guardian_ok


@given(st.integers(0, 100_000), st.integers(0, 100_000))
def test_the_first_default_counts_as_it_did(minutes: int, backfill: int) -> None:
    policy = older()
    assert policy.rounded(minutes) == minutes
    assert policy.points_hundredths(minutes, "culture") == minutes * 100 // 60
    assert policy.time_credit(minutes, "culture") == minutes
    assert policy.star_minutes_of(minutes, backfill) == minutes + backfill
    assert policy.star_span(ms("2025-03-07 12:00")) is None
    assert policy.price_for(5, minutes) == minutes
    assert policy.pack(5) == ()
    assert policy.medals(minutes) == 0


@pytest.mark.parametrize(
    ("written", "thousandths"), [("1", 1000), ("10", 10_000), ("0.5", 500), ("0.125", 125)]
)
def test_a_fraction_is_held_as_whole_thousandths(written: str, thousandths: int) -> None:
    document = read_policy(given_value("points.per_hour", written).encode())
    assert document.policy.points_per_hour_thousandths == thousandths


# --- refusals ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("time.day_auto_limit", "0", "must be from 1 to 1440, not 0"),
        ("time.day_auto_limit", "1441", "must be from 1 to 1440, not 1441"),
        ("time.day_auto_limit", '"480"', 'must be a whole number, not "480"'),
        ("time.day_auto_limit", "480.0", "must be a whole number, not 480.0"),
        ("time.day_auto_limit", "true", "must be a whole number, not true"),
        ("time.day_auto_limit", "0x" + "f" * 6000, "not a number of more than 20 digits"),
        *(
            ("time.day_boundary", f'"{zone}"', f'"{zone}" is no zone of the tz database')
            for zone in ("localtime", "posixrules", "Factory", "posix/Asia/Shanghai", "right/UTC")
        ),
        ("time.day_boundary", '"Shanghai"', '"Shanghai" is no zone of the tz database'),
        ("time.day_boundary", '"../../etc/passwd"', "must name a time zone"),
        ("record.calendar", '"CN"', "must be small letters, digits and hyphens"),
        ("recorder.separation", '"yes"', 'must be true or false, not "yes"'),
        ("recorder.separation", "1", "must be true or false, not 1"),
        ("activity.excluded_kinds", '["party"]', '"party" is none of meeting, duty_shift'),
        ("activity.excluded_kinds", '["meeting", "meeting"]', "names one word twice"),
        ("activity.excluded_kinds", '"meeting"', 'must be a list, not "meeting"'),
        ("star.thresholds_h", "[]", "must have 1 to 20 numbers, not 0"),
        ("star.thresholds_h", "[100, 100]", "must rise: 100 follows 100"),
        ("star.thresholds_h", "[300, 100]", "must rise: 100 follows 300"),
        ("star.thresholds_h", "[0.5]", "must be a whole number, not 0.5"),
        ("points.per_hour", "1.0005", "must have at most three decimals, not 1.0005"),
        ("points.per_hour", "1e-30", "must have at most three decimals"),
        ("points.per_hour", "1." + "0" * 40 + "1", "must have at most three decimals"),
        ("points.per_hour", "nan", "must be from 0 to 1000, not NaN"),
        ("points.per_hour", "1e999999", "must be from 0 to 1000"),
        ("points.per_hour", "-1", "must be from 0 to 1000, not -1"),
        ("points.per_hour", "true", "must be a number, not true"),
        ("tb.overdraft_min_minutes", "-600", "must be from 0 to 600000, not -600"),
        ("tb.transfer_to", '["stranger"]', '"stranger" is none of spouse, lineal, friend, needy'),
        ("tb.transfer_to", "[1]", "1 is none of spouse, lineal"),
        ("time.rounding", '"floor_20"', '"floor_20" is none of none, floor_15'),
        ("time.rounding", '["none"]', "a list is none of none, floor_15"),
        ("star.year_ends", '"02-29"', "02-29 is not a day of every year"),
        ("star.year_ends", '"13-01"', "13-01 is not a day of every year"),
        ("star.year_ends", '"12-31 "', "must be a month and a day such as 12-31"),
        ("star.year_ends", '"12-３１"', "must be a month and a day such as 12-31"),
        ("star.granting_tier", "[]", "must have 1 to 20 words, not 0"),
        ("star.granting_tier", '["village"]', '"village" is none of province, city'),
        ("star.min_tenure_months", "[-1]", "must be from 0 to 1200, not -1"),
        ("star.quality_min", "[501]", "must be from 0 to 500, not 501"),
        ("star.quality_min", repr([0] * 21), "must have 0 to 20 numbers, not 21"),
        ("medal.thresholds_h", "[2000, 2000]", "must rise: 2000 follows 2000"),
        ("retention.logs_months", "5", "must be from 6 to 1200, not 5"),
        ("retention.sharing_years", "2", "must be from 3 to 100, not 2"),
        ("tb.on_death", '"inherit"', '"inherit" is none of freeze'),
        ("tb.expiry", '"year"', '"year" is none of none'),
        ("points.weight", "1.5", "must be a list, not 1.5"),
        ("points.weight", "[1.5]", "item 1 must be a table, not 1.5"),
        ("points.weight", "[{category = 'health', weight = 1}]", "item 1 lacks basis"),
        (
            "points.weight",
            "[{category = 'health', weight = 1, basis = 'x', note = 'y'}]",
            'item 1 has the unknown key "note"',
        ),
        (
            "points.weight",
            "[{category = 'night', weight = 1, basis = 'x'}]",
            'item 1, category: "night" is none of community_governance',
        ),
        (
            "points.weight",
            "[{category = 'health', weight = 101, basis = 'x'}]",
            "item 1, weight: must be from 0 to 100, not 101",
        ),
        (
            "points.weight",
            "[{category = 'health', weight = 1.0005, basis = 'x'}]",
            "item 1, weight: must have at most three decimals",
        ),
        (
            "points.weight",
            (
                "[{category = 'health', weight = 1, basis = 'x'},"
                " {category = 'health', weight = 1, basis = 'x'}]"
            ),
            "weighs health twice",
        ),
        (
            "courtesy.packs",
            "[{star = 0, item = 'x', count = 1, value_yuan = 0}]",
            "item 1, star: must be from 1 to 20, not 0",
        ),
        (
            "courtesy.packs",
            "[{star = 1, item = 'x', count = 0, value_yuan = 0}]",
            "item 1, count: must be from 1 to 1000, not 0",
        ),
        ("courtesy.packs", "[{star = 1, item = 'x', count = 1}]", "item 1 lacks value_yuan"),
        (
            "courtesy.packs",
            "[" + "{star = 1, item = 'x', count = 1, value_yuan = 0}," * 101 + "]",
            "must have 0 to 100 items, not 101",
        ),
    ],
)
def test_a_value_that_cannot_be_is_refused_by_path_and_reason(
    name: str, value: str, reason: str
) -> None:
    path, said = refusal(given_value(name, value))
    assert path == f"parameters.{name}.value"
    assert reason in said


@pytest.mark.parametrize(
    ("parameters", "path", "reason"),
    [
        (
            "time.day_review_limit = {value = 479, basis = 'choice'}",
            "parameters.time.day_review_limit.value",
            "is below time.day_auto_limit (480 min)",
        ),
        (
            "volunteer.sensitive_below_age = {value = 19, basis = 'choice'}",
            "parameters.volunteer.sensitive_below_age.value",
            "is above volunteer.guardian_below_age (18 years)",
        ),
        (
            "redeem.rapid_flag_s = {value = 4, basis = 'choice'}",
            "parameters.redeem.rapid_flag_s.value",
            "is below redeem.rapid_refuse_s (5 s)",
        ),
        (
            "redeem.gate_stars = {value = 6, basis = 'choice'}",
            "parameters.redeem.gate_stars.value",
            "asks for a star that star.thresholds_h does not have (5 thresholds)",
        ),
        (
            (
                "time.session_max = {value = 60, basis = 'choice'}\n"
                "time.session_min = {value = 61, basis = 'choice'}"
            ),
            "parameters.time.session_min.value",
            "is above time.session_max (60 min)",
        ),
        (
            "star.window = {value = 'cycle', basis = 'choice'}",
            "parameters.star.cycle_h.value",
            'must be above 0, because star.window is "cycle"',
        ),
        (
            (
                "star.window = {value = 'cycle', basis = 'choice'}\n"
                "star.cycle_h = {value = 1499, basis = 'choice'}"
            ),
            "parameters.star.cycle_h.value",
            "ends before the last threshold of star.thresholds_h: nobody could reach it",
        ),
        (
            "star.cycle_h = {value = 300, basis = 'choice'}",
            "parameters.star.cycle_h.value",
            'must be 0, because star.window is "lifetime"',
        ),
        (
            "star.thresholds_h = {value = [1, 2, 3, 4, 5, 6], basis = 'choice'}",
            "parameters.star.granting_tier.value",
            "names 5 tiers for the 6 stars of star.thresholds_h",
        ),
        (
            "star.granting_tier = {value = ['city'], basis = 'choice'}",
            "parameters.star.granting_tier.value",
            "names 1 tiers for the 5 stars of star.thresholds_h",
        ),
        (
            "star.nominated_from = {value = 6, basis = 'choice'}",
            "parameters.star.nominated_from.value",
            "asks nomination for a star that star.thresholds_h does not have (5 thresholds)",
        ),
        (
            "credit.min_stars = {value = 6, basis = 'choice'}",
            "parameters.credit.min_stars.value",
            "asks for a star that star.thresholds_h does not have (5 thresholds)",
        ),
        (
            (
                "courtesy.packs = {value = [{star = 6, item = 'x', count = 1, value_yuan = 0}],"
                " basis = 'choice'}"
            ),
            "parameters.courtesy.packs.value",
            "names a star that star.thresholds_h does not have (5 thresholds)",
        ),
        (
            "tb.redeem_min_age_difficulty = {value = 61, basis = 'choice'}",
            "parameters.tb.redeem_min_age_difficulty.value",
            "is above tb.redeem_min_age (60 years)",
        ),
        (
            (
                "tb.daily_cap_minutes = {value = 59, basis = 'choice'}\n"
                "tb.granularity_minutes = {value = 60, basis = 'choice'}"
            ),
            "parameters.tb.daily_cap_minutes.value",
            "is below tb.granularity_minutes (60 min): nobody could save",
        ),
    ],
)
def test_values_that_contradict_each_other_are_refused(
    parameters: str, path: str, reason: str
) -> None:
    assert refusal(HEAD + "[parameters]\n" + parameters) == (path, reason)


@pytest.mark.parametrize(
    ("parameters", "path", "reason"),
    [
        (
            {"star.nominated_from": 5, "star.mode": "'automatic'"},
            "star.nominated_from",
            'must be 0, because star.mode is "automatic"',
        ),
        (
            {"tb.daily_cap_minutes": 100, "tb.granularity_minutes": 60},
            "tb.daily_cap_minutes",
            "is no multiple of tb.granularity_minutes (60 min)",
        ),
        (
            {"tb.account_cap_h": 1, "tb.granularity_minutes": 90},
            "tb.account_cap_h",
            "is no multiple of tb.granularity_minutes (90 min)",
        ),
        (
            {"tb.grant_starting_minutes": 90, "tb.granularity_minutes": 60},
            "tb.grant_starting_minutes",
            "is no multiple of tb.granularity_minutes (60 min)",
        ),
        (
            {"tb.elder_home_coins": 1501},
            "tb.elder_home_coins",
            "is above tb.account_cap_h (1500 h): out of reach",
        ),
        (
            {"credit.measures_by_star": [1, 2]},
            "credit.measures_by_star",
            "offers measures without a star, and credit.min_stars is 1",
        ),
        *(
            ({name: [0] * 6}, name, "lists 6 values; star.thresholds_h has 5 stars")
            for name in ("star.min_tenure_months", "star.quality_min", "courtesy.price_percent")
        ),
        (
            {"credit.measures_by_star": [0] * 7},
            "credit.measures_by_star",
            "lists 7 values; star.thresholds_h has 5 stars",
        ),
        (
            {"star.granting_tier": ["city"] * 6},
            "star.granting_tier",
            "lists 6 values; star.thresholds_h has 5 stars",
        ),
    ],
)
def test_what_a_draft_contradicts_an_adopted_document_may_still_say(
    parameters: dict[str, Any], path: str, reason: str
) -> None:
    """Refused when it is read, and decided by as it was where a ledger adopted it before."""
    lines = [f"{name} = {{value = {value}, basis = 'S1'}}" for name, value in parameters.items()]
    where, said = refusal(HEAD + "[parameters]\n" + "\n".join(lines))
    assert where == f"parameters.{path}.value"
    assert said.startswith(reason)
    adopted = read_policy(HEAD.encode()).canonical
    for name, value in parameters.items():
        stored = value.strip("'") if isinstance(value, str) else value
        adopted["values"][PARAMETERS[name].canonical_name] = stored
        adopted["bases"][PARAMETERS[name].canonical_name] = "S1"
    policy = policy_from_canonical(adopted)
    assert getattr(policy, ATTRIBUTES[path]) == PARAMETERS[path].shape.typed(
        adopted["values"][PARAMETERS[path].canonical_name]
    )


def test_an_adopted_time_zone_stays_readable() -> None:
    adopted = read_policy(HEAD.encode()).canonical
    adopted["values"]["time_day_boundary"] = "Factory"
    assert policy_from_canonical(adopted).time_zone == "Factory"


@pytest.mark.parametrize(
    "basis", ["our choice", "Our own choice: x", " none ", ".", "— choice", "n/a"]
)
def test_a_weight_that_cites_nothing_is_refused_in_a_draft(basis: str) -> None:
    weight = f"[{{category = 'health', weight = 2, basis = '{basis}'}}]"
    path, said = refusal(given_value("points.weight", weight))
    assert path == "parameters.points.weight.value"
    assert "a weight other than 1 must cite a text" in said


@pytest.mark.parametrize("basis", ["S45 Suzhou", "《办法》第七条", "Town order 2025-12"])
def test_a_weight_that_cites_a_text_is_read(basis: str) -> None:
    weight = f"[{{category = 'health', weight = 2, basis = '{basis}'}}]"
    policy = town(given_value("points.weight", weight), head="")
    assert policy.points_hundredths(60, "health") == 200


def test_what_no_decision_reads_is_stated_for_readers() -> None:
    assert [one.name for one in PARAMETERS.values() if one.for_readers] == [
        "time.display",
        "publicity.points_cycle",
        "retention.ledger",
        "retention.logs_months",
        "retention.sharing_years",
    ]


def test_values_that_just_agree_are_accepted() -> None:
    policy = town(
        "[parameters]\n"
        "time.day_review_limit = {value = 480, basis = 'choice'}\n"
        "volunteer.sensitive_below_age = {value = 18, basis = 'choice'}\n"
        "redeem.rapid_flag_s = {value = 5, basis = 'choice'}\n"
        "redeem.gate_stars = {value = 5, basis = 'choice'}\n"
        "star.nominated_from = {value = 5, basis = 'choice'}\n"
        "star.granting_tier = {value = ['city', 'city', 'city', 'city', 'city'], basis = 'S1'}\n"
        "time.session_min = {value = 1440, basis = 'choice'}\n"
        "tb.redeem_min_age_difficulty = {value = 60, basis = 'choice'}\n"
        "tb.daily_cap_minutes = {value = 60, basis = 'choice'}\n"
        "tb.granularity_minutes = {value = 60, basis = 'choice'}\n"
    )
    assert policy.redeem_gate_stars == 5


@pytest.mark.parametrize("name", ["cash_out", "buy_in", "interest"])
def test_money_in_or_out_cannot_even_be_named(name: str) -> None:
    """Domain §10 P41: no document allows it, refuses it or gives it a number."""
    said = "is forbidden and cannot be a parameter (P41)"
    for value in ("true", "false", "0"):
        written = f"[parameters.tb]\n{name} = {{value = {value}, basis = 'S99'}}\n"
        assert refusal(HEAD + written) == (f"parameters.tb.{name}", said)
    quoted = f'[parameters."tb.{name}"]\nvalue = 0\nbasis = "S99"\n'
    assert refusal(HEAD + quoted) == (f"parameters.tb.{name}", said)
    document = read_policy(HEAD.encode()).canonical
    document["values"][f"tb_{name}"] = "no"
    with pytest.raises(PolicyRefused, match="P41"):
        policy_from_canonical(document)


@pytest.mark.parametrize("parameter", ["points.weight", "tb.weight"])
@pytest.mark.parametrize("basis", ["choice", "Choice: because", " default", "choice, S99"])
def test_a_weight_other_than_one_cites_a_text(parameter: str, basis: str) -> None:
    def weighing(weight: str, basis: str) -> str:
        weights = f"[{{category = 'health', weight = {weight}, basis = '{basis}'}}]"
        return f"{HEAD}[parameters.\"{parameter}\"]\nvalue = {weights}\nbasis = 'S99'\n"

    path, reason = refusal(weighing("1.5", basis))
    assert path == f"parameters.{parameter}.value"
    assert "must cite a text" in reason
    read_policy(weighing("1.5", "S99 art. 3").encode())
    document = read_policy(weighing("1", basis).encode()).canonical
    (weight,) = document["values"][parameter.replace(".", "_")]
    weight["weight_thousandths"] = 999
    with pytest.raises(PolicyRefused, match="must cite a text"):
        policy_from_canonical(document)


@pytest.mark.parametrize(
    ("parameters", "path", "reason"),
    [
        (
            "time.day_auto_limt = {value = 1, basis = 'choice'}",
            "parameters.time.day_auto_limt",
            "there is no such parameter; did you mean time.day_auto_limit?",
        ),
        ("colour = 1", "parameters.colour", "there is no such parameter"),
        ("time = 480", "parameters.time", "there is no such parameter"),
        ("star.thresholds_h = [1]", "parameters.star.thresholds_h", "must be a table, not a list"),
        (
            "star.thresholds_h = {value = [1]}",
            "parameters.star.thresholds_h.basis",
            "is missing",
        ),
        ("star.thresholds_h = {basis = 'S4'}", "parameters.star.thresholds_h.value", "is missing"),
        (
            "star.thresholds_h = {value = [1], basis = ' '}",
            "parameters.star.thresholds_h.basis",
            "must have 1 to 500 characters",
        ),
        (
            "star.thresholds_h = {value = [1], basis = 'S4', note = 'x'}",
            "parameters.star.thresholds_h.note",
            "there is no such key here",
        ),
        (
            "star.thresholds_h = {value = [1], unit = 'min', basis = 'S4'}",
            "parameters.star.thresholds_h.unit",
            'is counted in h, not "min"',
        ),
        (
            """star.thresholds_h = {value = [1], basis = 'S4'}
            'star.thresholds_h' = {value = [1], basis = 'S4'}""",
            "parameters.star.thresholds_h",
            "is given twice",
        ),
    ],
)
def test_a_parameter_written_wrongly_is_refused_by_path_and_reason(
    parameters: str, path: str, reason: str
) -> None:
    found, said = refusal(HEAD + "[parameters]\n" + parameters)
    assert found == path
    assert said.startswith(reason)


@pytest.mark.parametrize(
    ("before", "after", "path"),
    [
        ('id = "town"', "", "id"),
        ('id = "town"', 'id = "Town Hall"', "id"),
        ('id = "town"', "id = 1", "id"),
        ("version = 3", "version = 0", "version"),
        ("version = 3", "version = true", "version"),
        ('title = "A town"', 'title = ""', "title"),
        ('title = "A town"', 'title = "A\\ntown"', "title"),
        ('title = "A town"', 'title = "A \\u202E town"', "title"),
        ('issuer = "Town hall"', 'issuer = ["x"]', "issuer"),
        ('region = "620500"', 'region = "62050"', "scope.region"),
        ('region = "620500"', 'region = "CN"\ncity = "x"', "scope.city"),
        ('region = "620500"', 'tier = "county"', "scope.region"),
        ('region = "620500"', 'region = "CN"\norganisation = "town-hall"', "scope.organisation"),
        ('region = "620500"', 'region = "CN"\ntier = "village"', "scope.tier"),
        ('region = "620500"', 'region = "CN"\ncategories = ["night"]', "scope.categories"),
        ('region = "620500"', 'region = "CN"\ncategories = "health"', "scope.categories"),
        (
            'region = "620500"',
            'region = "CN"\ntier = "county"\norganisation = "0123456789abcdef"',
            "scope.tier",
        ),
        ("effective_from = 2025-01-01", "effective_from = 2025-01-01T00:00:00Z", "effective_from"),
        ("effective_from = 2025-01-01", 'effective_from = "2025-01-01"', "effective_from"),
        ("version = 3", "version = 3\neffective_to = 2024-12-31", "effective_to"),
        ("version = 3", "version = 3\ncolour = 'red'", "colour"),
    ],
)
def test_a_head_written_wrongly_is_refused_by_path(before: str, after: str, path: str) -> None:
    assert before in HEAD
    assert refusal(HEAD.replace(before, after))[0] == path


def test_a_syntax_error_is_refused_with_its_line() -> None:
    path, reason = refusal('id = "town"\nversion = = 3\n')
    assert path == ""
    assert "line 2" in reason


@pytest.mark.parametrize(
    ("toml", "reason"),
    [
        (b'id = "town"\ntitle = "\xff"\n', "line 2 is not UTF-8"),
        (b"a = " + b"[" * 100_000, "nested too deeply"),
        (b"a = 1\nb = " + b"9" * 1001, "line 2: a number has more than 1000 digits"),
        (b"effective_from = 2025-02-30", "this is not TOML"),
        (b"a = 1\nb = 1e99999999999999999999", "line 2: the number 1e999999999999999999"),
        (b"a = 1 # 1e-99999999999999999999\nb = 1e-99999999999999999999", "line 2: the number"),
        (b"a = 1\nb = [\n\n", "this is not TOML: Invalid value (at the end, line 2)"),
        (b"\n" + b"a." * 8 + b"b = 1", "line 2: a key has more than 8 parts"),
        (b"a = 1\n['x' . " + b'"y".' * 7 + b"b]", "line 2: a key has more than 8 parts"),
        (b"a." * 20_000 + b"b = 1", "line 1: a key has more than 8 parts"),
        (b"a = 1\n" + b"x" * 201 + b" = 1", "line 2: a key has more than 200 characters"),
        (b"a = 1\n'" + b"x" * 201 + b"' = 1", "line 2: a key has more than 200 characters"),
        (b'a = "\x00"', "this is not TOML"),
        (b"a = 1\na = 2", "this is not TOML"),
        (b"#" * 262_145, "longer than 262144 bytes"),
    ],
)
def test_bytes_that_are_no_document_are_refused_in_one_sentence(toml: bytes, reason: str) -> None:
    path, said = refusal(toml)
    assert path == ""
    assert reason in said


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda drawn: drawn.encode()))
def test_no_bytes_whatever_break_the_reader(toml: bytes) -> None:
    with pytest.raises(PolicyRefused):
        read_policy(toml)


@pytest.mark.parametrize(
    ("name", "value", "path"),
    [
        ("time_day_auto_limit", 0, "values.time_day_auto_limit"),
        ("recorder_separation", True, "values.recorder_separation"),
        ("points_per_hour_thousandths", 1_000_001, "values.points_per_hour_thousandths"),
        ("colour", "red", "values.colour"),
    ],
)
def test_a_canonical_value_is_checked_again(name: str, value: object, path: str) -> None:
    document = read_policy(HEAD.encode()).canonical
    document["values"][name] = value
    with pytest.raises(PolicyRefused) as refused:
        policy_from_canonical(document)
    assert refused.value.path == path


@given(st.integers(0, 1_000_000))
def test_every_whole_thousandth_survives_the_fraction(thousandths: int) -> None:
    assert Fraction(0, 1000).canonical(Decimal(thousandths) / 1000) == thousandths


# --- which policy is in force ------------------------------------------------------------------


def dated(version: int, starts: date, ends: date | None = None) -> Policy:
    return replace(DEFAULT, version=version, effective_from=starts, effective_to=ends)


def test_the_latest_adopted_of_the_effective_policies_decides() -> None:
    first = dated(1, date(2000, 1, 1))
    second = dated(2, date(2025, 7, 1))
    assert policy_in_force([first, second], date(2025, 6, 30)) is first
    assert policy_in_force([first, second], date(2025, 7, 1)) is second
    # Adopted later, so it decides although it starts earlier.
    assert policy_in_force([second, first], date(2025, 7, 1)) is first


def test_a_policy_ends_after_its_last_day() -> None:
    trial = dated(2, date(2025, 7, 1), date(2025, 12, 31))
    usual = dated(1, date(2000, 1, 1))
    assert policy_in_force([usual, trial], date(2025, 12, 31)) is trial
    assert policy_in_force([usual, trial], date(2026, 1, 1)) is usual


@pytest.mark.parametrize("adopted", [[], [dated(1, date(2000, 1, 1))]])
def test_a_day_without_a_policy_is_refused(adopted: list[Policy]) -> None:
    with pytest.raises(Refused) as refused:
        policy_in_force(adopted, date(1999, 12, 31))
    assert refused.value.code == "no_policy_in_force"
    assert refused.value.facts == {"on": "1999-12-31"}


# --- stars -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("minutes", "star", "missing"),
    [
        pytest.param(0, 0, 6_000, id="nothing served"),
        pytest.param(5_999, 0, 1, id="S-1"),
        pytest.param(6_000, 1, 12_000, id="S-2"),
        pytest.param(17_999, 1, 1, id="S-3 below"),
        pytest.param(18_000, 2, 18_000, id="S-3"),
        pytest.param(35_999, 2, 1, id="S-4 below"),
        pytest.param(36_000, 3, 24_000, id="S-4"),
        pytest.param(59_999, 3, 1, id="S-5 below"),
        pytest.param(60_000, 4, 30_000, id="S-5"),
        pytest.param(89_999, 4, 1, id="S-6 below"),
        pytest.param(90_000, 5, None, id="S-6"),
        pytest.param(96_000, 5, None, id="S-7 and S-8"),
    ],
)
def test_a_star_is_reached_at_its_threshold_and_not_a_minute_before(
    minutes: int, star: int, missing: int | None
) -> None:
    assert DEFAULT.eligible_star(minutes) == star
    assert DEFAULT.minutes_to_next_star(minutes) == missing


# --- points ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("minutes", "hundredths"), [(0, 0), (1, 1), (59, 98), (60, 100), (61, 101), (90, 150)]
)
def test_an_hour_is_a_point_and_parts_are_rounded_down(minutes: int, hundredths: int) -> None:
    assert DEFAULT.points_hundredths(minutes) == hundredths


def test_points_per_hour_may_be_a_fraction() -> None:
    policy = town(given_value("points.per_hour", "1.5"), head="")
    assert policy.points_hundredths(60) == 150
    assert policy.points_hundredths(1) == 2  # 2.5 rounded down


@pytest.mark.parametrize(
    ("earned", "last_day"),
    [
        ("2026-11-22 12:00", date(2029, 11, 30)),
        ("2026-11-01 00:00", date(2029, 11, 30)),
        ("2026-10-31 23:59", date(2029, 10, 31)),
        ("2024-02-29 08:00", date(2027, 2, 28)),
        ("2025-02-28 23:59", date(2028, 2, 29)),
        ("2025-12-31 23:59", date(2028, 12, 31)),
        ("2026-01-01 00:00", date(2029, 1, 31)),
    ],
)
def test_points_lapse_with_the_36th_month_after_the_local_month(
    earned: str, last_day: date
) -> None:
    assert DEFAULT.lapse_date(ms(earned)) == last_day


@given(st.integers(ms("1970-01-02 00:00"), ms("2200-01-01 00:00")), st.integers(0, 1200))
def test_a_lapse_date_is_the_last_of_its_month(earned_ms: int, months: int) -> None:
    policy = replace(DEFAULT, points_validity_months=months)
    lapse, earned = policy.lapse_date(earned_ms), policy.local_date(earned_ms)
    assert (lapse + timedelta(days=1)).day == 1
    assert (lapse.year - earned.year) * 12 + lapse.month - earned.month == months


# --- local days --------------------------------------------------------------------------------


def test_a_day_starts_at_midnight_in_shanghai() -> None:
    assert DEFAULT.local_date(ms("2025-03-07 23:59") + 59_999) == date(2025, 3, 7)
    assert DEFAULT.local_date(ms("2025-03-08 00:00")) == date(2025, 3, 8)
    assert DEFAULT.midnight_after(ms("2025-03-07 23:59") + 59_999) == ms("2025-03-08 00:00")
    assert DEFAULT.midnight_after(ms("2025-03-08 00:00")) == ms("2025-03-09 00:00")


ZONES = ("Asia/Shanghai", "Asia/Urumqi", "UTC", "America/Sao_Paulo", "Australia/Lord_Howe")
INSTANTS = st.integers(ms("1900-01-01 00:00"), ms("2100-01-01 00:00"))


@given(INSTANTS, st.sampled_from(ZONES))
@example(ms("1986-05-04 01:30"), "Asia/Shanghai")
@example(ms("1940-06-01 00:00"), "Asia/Shanghai")
@example(ms("2011-12-30 12:00", "UTC"), "Pacific/Apia")
def test_local_days_are_those_of_the_tz_database(instant_ms: int, zone: str) -> None:
    policy = replace(DEFAULT, time_zone=zone)
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=instant_ms)
    assert policy.local_date(instant_ms) == at.astimezone(ZoneInfo(zone)).date()


@given(INSTANTS, st.sampled_from(ZONES))
@example(ms("2018-11-03 22:00", "America/Sao_Paulo"), "America/Sao_Paulo")  # midnight is skipped
@example(ms("2018-02-17 22:30", "America/Sao_Paulo"), "America/Sao_Paulo")  # 23:00 comes twice
@example(ms("2011-12-29 12:00", "Pacific/Apia"), "Pacific/Apia")  # a whole day is skipped
def test_a_midnight_is_where_the_local_date_changes(instant_ms: int, zone: str) -> None:
    policy = replace(DEFAULT, time_zone=zone)
    midnight = policy.midnight_after(instant_ms)
    assert midnight > instant_ms
    assert policy.local_date(midnight) > policy.local_date(instant_ms)
    assert policy.local_date(midnight - 1) == policy.local_date(instant_ms)


@pytest.mark.parametrize(
    ("local", "ahead_of_utc_s"),
    [
        ("0001-01-01 00:00", 8 * 3600 + 343),  # local mean time, 8:05:43 ahead, until 1901
        ("9999-12-31 23:59", 8 * 3600),
    ],
)
def test_the_first_and_the_last_day_there_are_have_a_date(local: str, ahead_of_utc_s: int) -> None:
    instant_ms = ms(local, "UTC") - ahead_of_utc_s * 1000
    local_day = date.fromisoformat(local[:10])
    assert DEFAULT.local_date(instant_ms) == local_day
    assert DEFAULT.split_minutes_by_day(instant_ms, 1) == [(local_day, 1)]


# --- sessions and days (domain §12 T13) --------------------------------------------------------

FRIDAY, SATURDAY = date(2025, 3, 7), date(2025, 3, 8)


@pytest.mark.parametrize(
    ("check_in", "minutes", "days"),
    [
        ("2025-03-07 22:00", 240, [(FRIDAY, 120), (SATURDAY, 120)]),  # T13
        ("2025-03-07 22:00", 120, [(FRIDAY, 120)]),
        ("2025-03-07 22:00", 121, [(FRIDAY, 120), (SATURDAY, 1)]),
        ("2025-03-07 00:00", 1440, [(FRIDAY, 1440)]),
        ("2025-03-07 00:00:01", 1440, [(FRIDAY, 1439), (SATURDAY, 1)]),
        ("2025-03-07 23:59", 2, [(FRIDAY, 1), (SATURDAY, 1)]),
        ("2025-03-07 23:59:01", 2, [(SATURDAY, 2)]),
        ("2025-03-07 09:00", 0, []),
    ],
)
def test_minutes_belong_to_the_days_they_run_on(
    check_in: str, minutes: int, days: list[tuple[date, int]]
) -> None:
    assert DEFAULT.split_minutes_by_day(ms(check_in), minutes) == days


@given(INSTANTS, st.integers(0, 1440))
def test_splitting_loses_no_minute_and_touches_at_most_two_days(
    check_in_ms: int, minutes: int
) -> None:
    days = DEFAULT.split_minutes_by_day(check_in_ms, minutes)
    assert sum(part for _, part in days) == minutes
    assert len(days) <= 2
    assert all(part > 0 for _, part in days)
    first = DEFAULT.local_date(check_in_ms)
    left_s = (DEFAULT.midnight_after(check_in_ms) - check_in_ms) // 1000
    taken = dict(days)
    assert taken.get(first, 0) == min(minutes, left_s // 60)
    assert set(taken) <= {first, first + timedelta(days=1)}


@pytest.mark.parametrize("minutes", [-1, 1441])
def test_a_session_longer_than_a_day_is_a_mistake_of_the_caller(minutes: int) -> None:
    with pytest.raises(ValueError, match="0 to 1,440 minutes"):
        DEFAULT.split_minutes_by_day(0, minutes)


# --- the manual --------------------------------------------------------------------------------


def test_the_manual_names_every_parameter() -> None:
    manual = (Path(__file__).parent.parent / "docs" / "policy.md").read_text(encoding="utf-8")
    rows = [line.strip("| ").split(" | ") for line in manual.splitlines() if line[:3] == "| `"]
    written = {row[0].strip("`"): row[1:] for row in rows if row[0].strip("`") in PARAMETERS}
    assert list(written) == list(PARAMETERS)
    for name, line in PARAMETERS.items():
        kind, range_, default, rule, what = (cell.strip() for cell in written[name])
        assert kind == line.shape.kind + (f", {line.unit}" if line.unit else "")
        assert range_ == line.shape.range
        said = line.said(line.canonical_default).removesuffix(f" {line.unit}")
        older_said = f" (older: {line.said(line.canonical_absent)})"
        assert default == said + (older_said if line.absent != line.default else "")
        assert rule == ("" if line.rule == "choice" else line.rule)
        assert what
        assert ("stated for readers" in what) == line.for_readers


def test_the_example_in_the_manual_is_a_document() -> None:
    manual = (Path(__file__).parent.parent / "docs" / "policy.md").read_text(encoding="utf-8")
    policy = read_policy(manual.split("```toml\n")[1].split("```")[0].encode()).policy
    assert policy.version_name == "our-town/1"
    assert policy.points_hundredths(60) == 150
