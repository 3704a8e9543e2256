"""The verifier: every kind has its facts, and the entries of an action are neighbours."""

from __future__ import annotations

import datetime
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit import kinds, shapes
from tests import forge
from tests.every_kind import FACTS, HERE, MOVES, POSTING_KINDS, VR, D, R, one_more, one_more_with
from tests.forge import Forger, posting
from tests.verifying import check, refused

ROOT = Path(__file__).resolve().parent.parent


# Names, shapes and closed lists.


def test_the_kinds_are_those_of_the_format() -> None:
    text = (ROOT / "docs" / "format.md").read_text(encoding="utf-8")
    section = text.partition("## 3. Kinds")[2].partition("\nCategories of")[0]
    rows = [line.split("|")[1:4] for line in section.splitlines() if line.startswith("| `")]
    names = {name for row in rows for name in re.findall("`([a-z_]+)`", row[0])}
    posting = {n for row in rows if row[2].strip() for n in re.findall("`([a-z_]+)`", row[0])}
    assert names == set(kinds.KINDS) == {*FACTS, "genesis"}
    assert posting == POSTING_KINDS == {name for name, kind in kinds.KINDS.items() if kind.posts}


@pytest.mark.parametrize("kind", sorted(FACTS))
def test_a_kind_has_exactly_its_facts(kind: str, tmp_path: Path) -> None:
    facts = FACTS[kind]
    assert one_more(tmp_path / "yes", kind, facts).exit_code == 0
    refused(one_more(tmp_path / "more", kind, facts | {"note": ""}), "facts", HERE)
    for name in facts:
        fewer = {each: value for each, value in facts.items() if each != name}
        refused(one_more(tmp_path / "fewer", kind, fewer), "facts", HERE)
        wrongs: tuple[object, ...] = ("?", [], {}, "A" * 16, "a " * 8)
        for wrong in wrongs:
            refused(one_more(tmp_path / "wrong", kind, facts | {name: wrong}), "facts", HERE)
        large = facts | {name: -(2**53)}
        refused(one_more(tmp_path / "large", kind, large), "canonical", HERE)


@pytest.mark.parametrize("kind", sorted(FACTS))
def test_no_kind_mints_beside_its_postings(kind: str, tmp_path: Path) -> None:
    minted = posting("issuer:star", f"{VR}:stars", "STAR", 1)
    moves = MOVES.get(kind, [])
    assert one_more_with(tmp_path / "yes", kind, {}, moves).exit_code == 0
    refused(one_more_with(tmp_path / "no", kind, {}, [*moves, minted]), "postings", HERE)
    refused(one_more_with(tmp_path / "first", kind, {}, [minted, *moves]), "postings", HERE)


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        ("service_recorded", "reasons", "late+day_over_12h"),
        ("service_recorded", "reasons", "late+late"),
        ("service_recorded", "reasons", "late+"),
        ("service_recorded", "evidence", "Check_in"),
        ("service_recorded", "calendar", ""),
        ("service_recorded", "minutes", "60"),
        *(
            (kind, name, -1)
            for kind, facts in FACTS.items()
            for name in facts
            if name in ("amount", "quantity", "price", "stock") or name.endswith("minutes")
        ),
        ("credential_issued", "scopes", "b+a"),
        ("credential_issued", "scopes", "a+a"),
        ("webhook_set", "events", "b+a"),
        ("webhook_set", "events", "Redemption.captured"),
        ("webhook_set", "party", f"volunteer:{R}"),
        ("webhook_set", "url", ""),
        ("webhook_set", "state", "gone"),
        ("webhook_set", "ground", ""),
        ("reward_published", "branches", f"{'3' * 16}+{R}"),
        ("reward_published", "asset", "STAR"),
        ("points_lapsed", "lapse", "2026-02-29"),
        ("points_lapsed", "lapse", "2026-2-28"),
        ("time_donated", "pool", ""),
        ("redemption_reserved", "age_gate", "unmet"),
        ("party_left", "party", "reviewer:" + R),
        ("party_left", "party", "volunteer:" + R[:-1] + "u"),
        ("party_left", "reason", D.upper()),
        ("majority_reached", "age_gate", ""),
        ("consent_recorded", "party", "console"),
        ("consent_recorded", "answer", ""),
        ("activity_terms", "insurance", "insurance"),
        ("activity_terms", "min_age", -1),
        ("qualification_recorded", "what", ""),
        ("qualification_recorded", "what", "training"),
        ("gates_met", "age_gate", "spouse"),
        ("service_evaluated", "score", 0),
        ("service_evaluated", "score", 6),
        ("service_evaluated", "conduct", ""),
        ("objection_filed", "subject_kind", "points"),
        ("objection_filed", "decide_by", ""),
        ("objection_forwarded", "organisation", ""),
        ("objection_decided", "outcome", "filed"),
        ("objection_decided", "on_time", ""),
        ("statement_accepted", "key", R),
        ("star_applied", "star", 0),
        ("star_applied", "nominated", "true"),
        ("star_noticed", "notice_until", "2026-02-29"),
        ("star_granted", "stars", 0),
        ("star_downgraded", "case", ""),
        ("star_downgraded", "stars", -1),
        ("medal_granted", "medal", 0),
        ("commendation_recorded", "level", "township"),
        ("population_stated", "year", 0),
        ("population_stated", "members", -1),
        ("dishonesty_recorded", "serious", ""),
        ("credit_listed", "cycle", "2026-H3"),
        ("credit_listed", "cycle", "2026-Q1"),
        ("credit_listed", "points", -5),
        ("credit_withdrawn", "ground", "wish"),
        ("time_deposited", "age_gate", "spouse"),
        ("time_deposited", "age_gate", ""),
        ("time_transferred", "relation", "cousin"),
        ("time_granted", "ground", "friend"),
        ("order_requested", "age_gate", "guardian"),
        ("order_requested", "category", "shopping"),
        ("order_confirmed", "record", ""),
        ("redemption_reserved", "age_gate", "group"),
        ("redemption_voided", "ground", "regret"),
        ("redemption_refunded", "ground", "regret"),
        ("redemption_refunded", "settlement", ""),
        ("reward_terms", "period", "decade"),
        ("reward_terms", "tiers", "township+community"),
        ("reward_terms", "weekdays", "0"),
        ("fund_stated", "merchants", ""),
        ("fund_stated", "merchants", f"{R}+{R}"),
        ("redemption_gates", "age_gate", "unmet"),
        ("capture_presented", "means", "bare"),
        ("credential_linked", "means", "password"),
        ("settlement_stated", "refunds", f"{'3' * 16}+{R}"),
        ("settlement_closed", "redemptions", ""),
        ("settlement_closed", "redemptions", f"{'3' * 16}+{R}"),
        ("settlement_closed", "redemptions", f"{R}+{R}"),
        ("settlement_closed", "lines", 3),
        ("settlement_closed", "lines", 0),
        ("certificate_issued", "certificate", R),
        ("policy_adopted", "version", 0),
        ("policy_adopted", "version", 2),
        ("policy_adopted", "policy", "other"),
        ("policy_adopted", "document", {}),
        ("calendar_adopted", "year", 2027),
    ],
)
def test_a_fact_outside_its_list_is_refused(
    tmp_path: Path, kind: str, name: str, value: object
) -> None:
    refused(one_more(tmp_path / "b", kind, FACTS[kind] | {name: value}), "facts", HERE)


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"v": 2}, "shape"),
        ({"origin": "hours.example/log/another"}, "origin"),
        ({"index": 99}, "index"),
        ({"index": -1}, "shape"),
        ({"kind": "genesis"}, "facts"),
        ({"kind": "hours_deleted"}, "kind"),
        ({"kind": 7}, "kind"),
        ({"actor": "root"}, "shape"),
        ({"actor": "reviewer:" + R}, "shape"),
        ({"actor": "console"}, "shape"),
        ({"auth": ""}, "shape"),
        ({"actor": "system", "auth": R}, "shape"),
        ({"salt": "0" * 31}, "shape"),
        ({"salt": "A" * 32}, "shape"),
        ({"rules": 0}, "shape"),
        ({"rules": "1"}, "shape"),
        ({"policy": "cn-default"}, "shape"),
        ({"policy": "cn-default/0"}, "shape"),
        ({"policy": "cn-default/01"}, "shape"),
        ({"policy": ""}, "shape"),
        ({"facts": []}, "facts"),
        ({"postings": {}}, "shape"),
        ({"time": "0"}, "shape"),
        ({"idem": {"key": D, "request": D, "part": 0}}, "shape"),
        ({"idem": {"key": D, "request": D, "part": 0, "parts": 0}}, "shape"),
        ({"idem": {"key": D[1:], "request": D, "part": 0, "parts": 1}}, "shape"),
        ({"note": ""}, "names"),
    ],
)
def test_a_field_of_another_shape_is_refused(
    tmp_path: Path, changed: dict[str, Any], name: str
) -> None:
    refused(one_more(tmp_path / "b", "merchant_registered", {"merchant": R}, **changed), name, HERE)


def test_a_policy_is_one_that_was_adopted_before(tmp_path: Path) -> None:
    for policy, index in (("cn-default/1", None), ("cn-default/2", 2), ("cn/1", 2)):
        log = Forger()
        log.genesis()
        forge.adopt(log)
        log.add("merchant_registered", {"merchant": R}, policy=policy)
        verdict = check(log.bundle(tmp_path / policy.replace("/", "-")))
        if index is None:
            assert verdict.exit_code == 0
        else:
            refused(verdict, "policy", index)
    log = Forger()
    log.genesis()
    forge.adopt(log)["policy"] = "cn-default/1"
    refused(check(log.bundle(tmp_path / "itself")), "policy", 1)


@pytest.mark.parametrize("actor", ["console", "system"])
def test_console_and_system_act_without_a_credential(tmp_path: Path, actor: str) -> None:
    verdict = one_more(tmp_path / "b", "auditor_registered", {"auditor": R}, actor=actor, auth="")
    assert verdict.exit_code == 0


@pytest.mark.parametrize("change", ["suspended", "reinstated", "left"])
@pytest.mark.parametrize("role", ["branch", "clerk", "terminal"])
def test_a_shops_branch_or_till_is_a_party_too(tmp_path: Path, change: str, role: str) -> None:
    facts = {"party": f"{role}:{R}", "reason": ""}
    assert one_more(tmp_path / "yes", f"party_{change}", facts).exit_code == 0
    forgotten = one_more(tmp_path / "no", "party_forgotten", {"party": f"{role}:{R}"})
    if role == "clerk":
        assert forgotten.exit_code == 0, "a clerk is somebody"
    else:
        refused(forgotten, "facts", HERE)


def scoped(scope: Any) -> dict[str, Any]:
    """The facts of an adopted policy for whom `scope` says."""
    facts = FACTS["policy_adopted"]
    return facts | {"document": facts["document"] | {"scope": scope}}


EVERYBODY = {"region": "CN", "organisation": "", "tier": "", "categories": []}


def test_a_policy_says_for_whom_it_is(tmp_path: Path) -> None:
    scopes: list[dict[str, Any]] = [
        {"region": "CN"},
        {"region": "620500"},
        EVERYBODY,
        EVERYBODY | {"organisation": R},
        EVERYBODY | {"tier": "province", "region": "62"},
        EVERYBODY | {"categories": ["culture", "traffic"]},
    ]
    for number, scope in enumerate(scopes):
        verdict = one_more(tmp_path / str(number), "policy_adopted", scoped(scope))
        assert verdict.exit_code == 0, (scope, verdict.reason)


@pytest.mark.parametrize(
    "scope",
    [
        {},
        "CN",
        ["CN"],
        {"region": "cn"},
        {"region": "62050"},
        {"region": "CN", "organisation": ""},
        EVERYBODY | {"note": ""},
        EVERYBODY | {"organisation": "everybody"},
        EVERYBODY | {"tier": "village"},
        EVERYBODY | {"categories": "culture"},
        EVERYBODY | {"categories": ["shopping"]},
        EVERYBODY | {"categories": ["traffic", "culture"]},
        EVERYBODY | {"categories": ["culture", "culture"]},
        EVERYBODY | {"categories": [["culture"]]},
    ],
)
def test_a_policy_for_whom_nobody_knows_is_refused(tmp_path: Path, scope: Any) -> None:
    refused(one_more(tmp_path / "b", "policy_adopted", scoped(scope)), "facts", HERE)


def test_a_log_begins_with_its_genesis(tmp_path: Path) -> None:
    log = Forger()
    log.add("merchant_registered", {"merchant": R})
    refused(check(log.bundle(tmp_path / "b")), "genesis", 0)


def test_a_log_begins_once(tmp_path: Path) -> None:
    log = Forger()
    log.genesis()
    log.genesis()
    refused(check(log.bundle(tmp_path / "b")), "genesis", 1)


def test_a_real_day_is_what_a_calendar_has() -> None:
    pattern = re.compile(shapes.DATE_TEXT)
    for year in (0, 1, 4, 100, 400, 1900, 1996, 2000, 2023, 2024, 2100, 9999):
        for month in range(14):
            for day in range(33):
                try:
                    real = bool(datetime.date(year, month, day))
                except ValueError:
                    real = False
                text = f"{year:04}-{month:02}-{day:02}"
                assert bool(pattern.fullmatch(text)) == real, text


@given(st.integers(min_value=0, max_value=2**64) | st.integers(2**53 - 999, 2**53 + 999))
def test_an_integer_is_less_than_2_to_the_53rd(number: int) -> None:
    assert bool(re.fullmatch(shapes.COUNT, str(number))) == (number < 2**53)
    assert bool(re.fullmatch(shapes.INTEGER, str(-number))) == (number < 2**53)
    assert not re.fullmatch(shapes.INTEGER, f"0{number}")


@pytest.mark.parametrize("kind", ["policy_adopted", "calendar_adopted"])
def test_what_stands_beside_a_document_cannot_pass_for_a_part_of_it(
    tmp_path: Path, kind: str
) -> None:
    """Read as text alone, both would be one longer document between braces."""
    facts = FACTS[kind]
    refused(one_more(tmp_path / "fact", kind, facts | {"dust": {"a": 1}}), "facts", HERE)
    bare = {"document": facts["document"]}
    rest = {name: value for name, value in facts.items() if name != "document"}
    hidden = one_more(tmp_path / "name", kind, bare, gap={"a": {}} | rest)
    refused(hidden, "names", HERE)


def test_a_document_may_quote_an_entry(tmp_path: Path) -> None:
    log = forge.small_log()
    document = log.entries[1]["facts"]["document"]
    document["title"] = '"},"kind":"genesis","policy":"none","postings":[]'
    document["values"]["kind"] = "genesis"
    document["bases"]["kind"] = "choice"
    assert check(log.bundle(tmp_path / "b")).exit_code == 0


# One action, several entries.


def action(*parts: tuple[str, int, int, str]) -> Forger:
    log = Forger()
    log.genesis()
    for key, part, of, request in parts:
        idem = {"key": key * 32, "request": request * 32, "part": part, "parts": of}
        log.add("merchant_registered", {"merchant": log.identifier()}, idem=idem)
    return log


@pytest.mark.parametrize(
    ("parts", "index"),
    [
        ([("a", 0, 2, "c"), ("a", 1, 2, "c"), ("b", 0, 1, "c")], None),
        ([("a", 0, 2, "c")], 1),  # cut off
        ([("a", 1, 2, "c")], 1),  # its beginning is missing
        ([("a", 0, 2, "c"), ("b", 0, 1, "c"), ("a", 1, 2, "c")], 2),  # not neighbours
        ([("a", 0, 2, "c"), ("a", 1, 2, "d")], 2),  # another request
        ([("a", 0, 2, "c"), ("a", 1, 3, "c")], 2),  # another number of parts
        ([("a", 0, 3, "c"), ("a", 2, 3, "c"), ("a", 1, 3, "c")], 2),  # out of order
        ([("a", 0, 1, "c"), ("a", 1, 1, "c")], 2),  # one too many
        ([("a", 0, 2, "c"), ("a", 0, 2, "c")], 2),  # a part twice
        ([("a", 0, 1, "c"), ("a", 0, 1, "c")], 2),  # an action twice
    ],
)
def test_the_parts_of_an_action_are_neighbours(
    tmp_path: Path, parts: list[tuple[str, int, int, str]], index: int | None
) -> None:
    verdict = check(action(*parts).bundle(tmp_path / "b"))
    if index is None:
        assert verdict.exit_code == 0
    else:
        refused(verdict, "idem", index)
