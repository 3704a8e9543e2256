"""Which document decides: the nearest in the tree, then the category's, then the latest adopted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import Refused
from ledger.policies import shipped
from ledger.policy import (
    SERVICE_CATEGORIES,
    Policy,
    policy_from_canonical,
    policy_in_force,
    read_policy,
    scope_of,
)
from ledger.rows import Party
from ledger.standing import Standing

DEFAULT = read_policy(shipped("cn-default")).policy
CITY, COUNTY, TOWN, OTHER = ("c" * 16, "d" * 16, "t" * 16, "x" * 16)
TREE = ((TOWN, "township"), (COUNTY, "county"), (CITY, "city"))
DAY = date(2025, 3, 7)
NOON = int(datetime(2025, 3, 7, 4, tzinfo=UTC).timestamp()) * 1000

_adopted = iter(range(1, 1_000_000))


def scoped(organisation: str = "", tier: str = "", *categories: str) -> Policy:
    return replace(
        DEFAULT,
        version=next(_adopted),
        scope_organisation=organisation,
        scope_tier=tier,
        scope_categories=frozenset(categories),
    )


def toml(version: int, scope: str) -> bytes:
    return f"""
        id = "town"
        version = {version}
        title = "A town"
        issuer = "Town hall"
        effective_from = 2025-01-01
        [scope]
        region = "620500"
        {scope}
    """.encode()


# --- reading a scope ---------------------------------------------------------------------------


def test_a_scope_always_has_its_four_names() -> None:
    written = f'organisation = "{COUNTY}"\ncategories = ["health", "culture"]'
    document = read_policy(toml(1, written))
    assert document.canonical["scope"] == scope_of(document.canonical)
    assert document.canonical["scope"] == {
        "region": "620500",
        "organisation": COUNTY,
        "tier": "",
        "categories": ["culture", "health"],
    }
    policy = policy_from_canonical(document.canonical)
    assert policy.scope_region == "620500"
    assert policy.scope_organisation == COUNTY
    assert policy.scope_tier == ""
    assert policy.scope_categories == {"culture", "health"}
    assert policy.scoped


def test_a_scope_of_the_first_form_is_everywhere_and_about_everything() -> None:
    document = read_policy(toml(1, "")).canonical
    whole = policy_from_canonical(document)
    document["scope"] = {"region": "620500"}
    assert policy_from_canonical(document) == whole
    assert scope_of(document) == {
        "region": "620500",
        "organisation": "",
        "tier": "",
        "categories": [],
    }
    assert not whole.scoped


@pytest.mark.parametrize("lacking", ["organisation", "tier", "categories", "region"])
def test_a_scope_between_the_two_forms_is_refused(lacking: str) -> None:
    document = read_policy(toml(1, "")).canonical
    del document["scope"][lacking]
    with pytest.raises(Refused, match=f"scope.{lacking}: is missing"):
        policy_from_canonical(document)


# --- choosing ----------------------------------------------------------------------------------


def test_the_nearest_document_decides_however_early_it_was_adopted() -> None:
    town, county, tier, all_ = (
        scoped(TOWN),
        scoped(COUNTY),
        scoped("", "county"),
        scoped(),
    )
    adopted = [town, county, tier, all_]
    assert policy_in_force(adopted, DAY, TREE) is town
    assert policy_in_force(adopted, DAY, TREE[1:]) is county
    assert policy_in_force([tier, all_], DAY, TREE) is tier
    assert policy_in_force(adopted, DAY, TREE[2:]) is all_
    assert policy_in_force(adopted, DAY) is all_


def test_an_organisations_own_document_beats_its_tiers_and_that_beats_the_one_above() -> None:
    own, tier, above = scoped(TOWN), scoped("", "township"), scoped(COUNTY)
    assert policy_in_force([own, tier, above], DAY, TREE) is own
    assert policy_in_force([tier, above], DAY, TREE) is tier
    assert policy_in_force([above, tier], DAY, TREE) is tier
    assert policy_in_force([tier, above], DAY, TREE[1:]) is above


def test_a_document_of_another_organisation_never_decides() -> None:
    everywhere = scoped()
    assert policy_in_force([everywhere, scoped(OTHER)], DAY, TREE) is everywhere
    with pytest.raises(Refused, match="no_policy_in_force"):
        policy_in_force([scoped(OTHER)], DAY, TREE)
    with pytest.raises(Refused, match="no_policy_in_force"):
        policy_in_force([scoped(TOWN)], DAY, TREE[1:])


def test_a_document_for_the_category_beats_one_for_all_at_the_same_place_only() -> None:
    health, all_, town = scoped("", "", "health", "culture"), scoped(), scoped(TOWN)
    assert policy_in_force([health, all_], DAY, (), "health") is health
    assert policy_in_force([health, all_], DAY, (), "culture") is health
    assert policy_in_force([health, all_], DAY, (), "traffic") is all_
    assert policy_in_force([health, all_, town], DAY, TREE, "health") is town


def test_a_document_with_categories_decides_nothing_without_one() -> None:
    health, all_ = scoped("", "", "health"), scoped()
    assert policy_in_force([all_, health], DAY) is all_
    with pytest.raises(Refused) as refused:
        policy_in_force([health], DAY, TREE)
    assert refused.value.code == "no_policy_in_force"


def test_among_equals_the_one_adopted_last_decides() -> None:
    first, second = scoped(TOWN, "", "health"), scoped(TOWN, "", "health")
    assert policy_in_force([first, second], DAY, TREE, "health") is second
    assert policy_in_force([second, first], DAY, TREE, "health") is first


def test_a_nearer_document_that_is_not_effective_leaves_the_day_to_the_next() -> None:
    all_ = scoped()
    later = replace(scoped(TOWN), effective_from=date(2025, 3, 8))
    past = replace(scoped(TOWN), effective_to=date(2025, 3, 6))
    assert policy_in_force([all_, later, past], DAY, TREE) is all_
    assert policy_in_force([all_, later, past], date(2025, 3, 8), TREE) is later
    assert policy_in_force([all_, later, past], date(2025, 3, 6), TREE) is past


def test_a_team_without_a_tier_is_decided_by_what_stands_above() -> None:
    county = scoped("", "county")
    assert policy_in_force([scoped(), county], DAY, ((OTHER, ""), *TREE)) is county


SCOPES = st.builds(
    scoped,
    st.just(""),
    st.sampled_from(("", "township", "county", "city", "community")),
) | st.builds(scoped, st.sampled_from((TOWN, COUNTY, CITY, OTHER)))
LIMITED = st.builds(
    lambda policy, categories: replace(policy, scope_categories=frozenset(categories)),
    SCOPES,
    st.lists(st.sampled_from(SERVICE_CATEGORIES[:3]), max_size=2),
)


@given(
    st.lists(LIMITED, max_size=8),
    st.integers(0, 3),
    st.sampled_from(("", *SERVICE_CATEGORIES[:4])),
)
def test_the_one_that_decides_is_the_best_of_those_that_may(
    adopted: list[Policy], below: int, category: str
) -> None:
    """A plain definition: rank each document by distance, limits and age; take the best."""
    places = TREE[below:]

    def rank(at: int) -> tuple[int, int, int] | None:
        policy = adopted[at]
        if policy.scope_categories and category not in policy.scope_categories:
            return None
        steps = [step for org, tier in places for step in ((org, ""), ("", tier))] + [("", "")]
        scope = (policy.scope_organisation, policy.scope_tier)
        if scope not in steps:
            return None
        return steps.index(scope), 0 if policy.scope_categories else 1, -at

    ranks = [found for at in range(len(adopted)) if (found := rank(at)) is not None]
    if not ranks:
        with pytest.raises(Refused):
            policy_in_force(adopted, DAY, places, category)
    else:
        best = adopted[-min(ranks)[2]]
        assert policy_in_force(adopted, DAY, places, category) is best


# --- a ledger that has parties -----------------------------------------------------------------


def party(organisation: str, above: str, tier: str) -> Party:
    values: dict[str, Any] = {
        **dict.fromkeys(Party._fields, ""),
        "address": f"organisation:{organisation}",
        "state": "active",
        "parent": f"organisation:{above}" if above else "",
        "tier": tier,
        "last_capture": 0,
        "since": 1,
    }
    return Party(**values)


def a_standing() -> Standing:
    standing = Standing()
    for organisation, above, tier in (
        (CITY, "", "city"),
        (COUNTY, CITY, "county"),
        (TOWN, COUNTY, "township"),
    ):
        standing.parties.add(f"organisation:{organisation}", party(organisation, above, tier))
    return standing


def adopt(standing: Standing, version: int, scope: str = "") -> str:
    standing.learn_policy(read_policy(toml(version, scope)).canonical)
    return f"town/{version}"


def test_a_standing_walks_from_the_organisation_up_the_tree() -> None:
    standing = a_standing()
    everywhere = adopt(standing, 1)
    counties = adopt(standing, 2, 'tier = "county"')
    citys = adopt(standing, 3, f'organisation = "{CITY}"')
    health = adopt(standing, 4, f'organisation = "{CITY}"\ncategories = ["health"]')

    def decides(organisation: str = "", category: str = "") -> str:
        return standing.policy_for(NOON, organisation, category).version_name

    assert decides(TOWN) == counties
    assert decides(COUNTY, "health") == counties
    assert decides(CITY) == citys
    assert decides(CITY, "health") == health
    assert decides(CITY, "culture") == citys
    assert decides() == decides(OTHER) == decides("", "health") == everywhere
    assert standing.policy_at(NOON).version_name == everywhere


def test_a_party_that_moves_is_decided_by_its_new_place_at_once() -> None:
    standing = a_standing()
    everywhere = adopt(standing, 1)
    citys = adopt(standing, 2, f'organisation = "{CITY}"')
    assert standing.policy_for(NOON, TOWN).version_name == citys
    standing.parties.change(f"organisation:{TOWN}", party(TOWN, OTHER, "township"))
    assert standing.policy_for(NOON, TOWN).version_name == everywhere


def test_a_document_adopted_later_counts_at_once() -> None:
    standing = a_standing()
    adopt(standing, 1)
    assert standing.policy_for(NOON, TOWN, "health").version_name == "town/1"
    adopt(standing, 2, 'categories = ["health"]')
    assert standing.policy_for(NOON, TOWN, "health").version_name == "town/2"
    assert standing.policy_for(NOON, TOWN).version_name == "town/1"
    adopt(standing, 3)
    assert standing.policy_for(NOON, TOWN).version_name == "town/3"
    assert standing.policy_for(NOON, TOWN, "health").version_name == "town/2"


def test_a_standing_that_shares_documents_decides_alike() -> None:
    standing, reading = a_standing(), a_standing()
    adopt(standing, 1)
    adopt(standing, 2, 'tier = "county"')
    reading.share_documents(standing)
    for organisation in ("", TOWN, COUNTY, CITY):
        assert reading.policy_for(NOON, organisation) is standing.policy_for(NOON, organisation)


def test_a_loop_in_the_tree_ends_the_walk() -> None:
    """No decision makes one; a rebuild of wrong entries must still end."""
    standing = a_standing()
    adopt(standing, 1)
    adopt(standing, 2, f'organisation = "{OTHER}"')
    standing.parties.change(f"organisation:{CITY}", party(CITY, TOWN, "city"))
    assert standing.policy_for(NOON, TOWN).version_name == "town/1"


class _Counted:
    """A source that counts what it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    def fetch(self, table: str, keys: Sequence[Any]) -> Mapping[Any, Any]:
        self.asked += 1
        return {}


def test_without_scopes_no_party_is_asked_for() -> None:
    source = _Counted()
    standing = Standing(source)
    adopt(standing, 1)
    standing.policy_for(NOON, TOWN, "health")
    assert source.asked == 0
    adopt(standing, 2, 'tier = "county"')
    standing.policy_for(NOON, TOWN, "health")
    assert source.asked == 1


@pytest.mark.parametrize("time", [-(10**18), 10**18])
def test_a_time_without_a_date_has_no_policy(time: int) -> None:
    standing = a_standing()
    adopt(standing, 1)
    adopt(standing, 2, 'tier = "county"')
    for organisation in ("", TOWN):
        with pytest.raises(Refused) as refused:
            standing.policy_for(time, organisation)
        assert refused.value.code == "no_policy_in_force"
