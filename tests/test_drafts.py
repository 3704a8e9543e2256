"""Policy drafts: kept, weighed against what decides, simulated on recorded history, given up."""

from __future__ import annotations

import time
from typing import Any

from ledger.policies import shipped
from ledger.store import drafts
from tests.api_client import Cast, Site

GENEROUS = (
    shipped("cn-default")
    .decode()
    .replace("\nversion = 3", "\nversion = 4")
    .replace("per_hour = { value = 1,", "per_hour = { value = 2,")
)


def simulated(site: Site, draft: str) -> Any:
    """What a draft's simulation came to."""
    for _ in range(200):
        found = site.get(site.operator, f"/policies/drafts/{draft}")["simulation"]
        if found["state"] != "running":
            return found
        time.sleep(0.05)
    raise AssertionError("the simulation never ended")


def test_a_draft_is_kept_simulated_and_given_up(site: Site) -> None:
    cast = Cast(site)
    cast.served("2025-03-07 09:00", "11:00")
    size = site.size()
    draft = site.made(site.operator, "/policies/drafts", {"toml": GENEROUS})["draft"]
    found = site.get(site.operator, f"/policies/drafts/{draft}")
    assert (found["policy"], found["version"]) == ("cn-default", 4)
    assert found["simulation"]["state"] == "none"
    asked = site.post(site.operator, f"/policies/drafts/{draft}/simulate", {"since": "2025-01-01"})
    assert asked.status == 202
    ended = simulated(site, draft)
    assert ended["state"] == "done"
    assert ended["outcome"]["changes"]["points_earned_hundredths"]["gained"] == 200
    # Nothing of it is an entry, and nothing decides otherwise.
    assert site.size() == size
    assert site.post(site.operator, f"/policies/drafts/{draft}/drop").status == 200
    assert site.get(site.operator, f"/policies/drafts/{draft}").code == "unknown_draft"
    assert site.post(site.operator, f"/policies/drafts/{draft}/drop").code == "unknown_draft"


def test_a_document_that_can_never_be_adopted_is_no_draft(site: Site) -> None:
    no = site.post(site.operator, "/policies/drafts", {"toml": "id = 3"})
    assert (no.status, no.code) == (422, "policy_refused")
    assert site.get(site.operator, "/policies/drafts")["data"] == []


def test_a_draft_that_ends_before_it_begins_says_so(site: Site) -> None:
    ends = GENEROUS.replace(
        "effective_from = 2000-01-01", "effective_from = 2000-01-01\neffective_to = 2001-01-01"
    )
    assert ends != GENEROUS
    draft = site.made(site.operator, "/policies/drafts", {"toml": ends})["draft"]
    path = f"/policies/drafts/{draft}/simulate"
    assert site.post(site.operator, path, {"since": "2025-01-01"}).status == 202
    ended = simulated(site, draft)
    assert (ended["state"], ended["failed"]) == ("failed", "bad_time")


def test_one_simulation_at_a_time_and_a_broken_one_stops_nobody(site: Site) -> None:
    first, second = (
        site.made(site.operator, "/policies/drafts", {"toml": GENEROUS})["draft"] for _ in range(2)
    )
    now = site.clock.now_ms()
    assert drafts.begin(site.book.database, first, since="", now=now, total=9)
    path = f"/policies/drafts/{second}/simulate"
    assert site.post(site.operator, path).code == "simulation_running"
    site.clock.ms += drafts.SILENT_MS
    state = site.get(site.operator, f"/policies/drafts/{first}")["simulation"]["state"]
    assert state == "broken_off"
    assert site.post(site.operator, path).status == 202
    assert simulated(site, second)["state"] == "done"


def test_so_many_drafts_are_kept_and_the_newest_stay(site: Site) -> None:
    made = []
    for _ in range(drafts.KEPT_MAX + 1):
        made.append(site.made(site.operator, "/policies/drafts", {"toml": GENEROUS})["draft"])
        site.clock.ms += 1
    kept = [each["draft"] for each in site.get(site.operator, "/policies/drafts")["data"]]
    assert kept == made[:0:-1]


def test_drafts_are_for_operators(site: Site) -> None:
    host = site.organisation_token(site.organisation())
    for path in ("/policies/drafts", "/policies/drafts/0000000000000000"):
        assert site.get(host, path).code == "role_not_allowed"
    assert site.post(host, "/policies/drafts", {"toml": GENEROUS}).code == "role_not_allowed"


def test_shipped_documents_are_listed_for_everybody(site: Site) -> None:
    found = site.get("", "/policies/shipped")["data"]
    assert {"cn-default", "nanjing", "hailin"} <= {each["name"] for each in found}
    [one] = site.get("", "/policies/shipped?name=hailin")["data"]
    assert one["name"] == "hailin"
    assert site.get("", "/policies/shipped?name=nowhere").code == "unknown_document"


def test_credentials_are_listed_for_their_party_and_for_operators(site: Site) -> None:
    till = site.till()
    owner = site.token(f"merchant:{till.merchant}", "merchant")
    own = site.get(owner, "/tokens")["data"]
    assert {each["party"] for each in own} == {f"merchant:{till.merchant}"}
    assert {each["terminal"] for each in own} == {"", till.terminal}
    assert "token" not in own[0]
    assert site.get(till.token, "/tokens")["data"] == []
    other = site.get(owner, f"/tokens?party=merchant:{'0' * 16}")
    assert other["data"] == []
    everybody = site.get(site.operator, "/tokens")["data"]
    assert {"operator", "merchant"} <= {each["role"] for each in everybody}
    revoked = own[0]["credential"]
    site.made(site.operator, f"/tokens/{revoked}/revoke")
    states = {
        each["credential"]: each["state"] for each in site.get(site.operator, "/tokens")["data"]
    }
    assert states[revoked] == "revoked"


def test_parties_of_every_kind_are_listed_for_operators(site: Site) -> None:
    cast = Cast(site)
    found = site.get(site.operator, "/parties?kind=volunteer")["data"]
    assert [each["party"] for each in found] == [f"volunteer:{cast.ana}"]
    assert "name" not in found[0]
    [home] = site.get(site.operator, "/parties?kind=organisation")["data"]
    assert home["name"] == "阳光社区"
    assert site.get(cast.host, "/parties?kind=volunteer").code == "role_not_allowed"


def test_the_public_keys_are_for_everybody(site: Site) -> None:
    found = site.get("", "/keys")
    keys = {each["use"]: each["key"] for each in found["data"]}
    assert keys["log"] == site.book.keys.log.vkey
    assert set(keys) == {"log", "acknowledgement", "manifest", "voucher", "webhook"}
