"""What each reader sees, and that what is another's is not there.

Ana's side and Bo's side: each has an organisation, a volunteer, a merchant, a record of two hours
(four for Bo), a coffee that was taken and one that waits.
"""

from __future__ import annotations

import base64
from typing import Any

import pytest

from ledger.actions.catalogue import WithdrawReward
from ledger.codes import grouped
from tests.kit import Town
from tests.readers import WHY, Belongings, Readers


@pytest.fixture
def readers(town: Town) -> Readers:
    return Readers(town)


def test_a_volunteer_reads_their_own_data_in_full_and_everybody_else_a_masked_name(
    readers: Readers,
) -> None:
    ana = readers.ours.volunteer
    own = readers.one(f"/v1/volunteers/{ana}", "volunteer")
    assert own["name"] == "林静"
    assert own["identity_number"] == readers.ours.identity_number
    assert own["birth_date"] == "1949-12-31"
    for role in ("operator", "organisation", "reviewer"):
        seen = readers.one(f"/v1/volunteers/{ana}", role)
        assert seen["name"] == "林*"
        assert seen["identity_number"] == "110***********" + readers.ours.identity_number[-4:]
        assert "birth_date" not in seen


def test_every_look_at_personal_data_is_in_the_access_log(readers: Readers) -> None:
    ana = readers.ours.volunteer
    before, _, _ = readers.book.vault.access_digest(0)
    readers.get(f"/v1/volunteers/{ana}", "organisation")
    readers.get(f"/v1/volunteers/{ana}", "volunteer")
    rows = list(readers.book.vault.store.access_rows(before))
    assert [row[2:] for row in rows] == [
        (readers.parties["organisation"], ana, "registration"),
        (readers.parties["volunteer"], ana, "own_data"),
    ]


def test_a_look_that_finds_nobody_leaves_no_row(readers: Readers) -> None:
    before, _, _ = readers.book.vault.access_digest(0)
    readers.get(f"/v1/volunteers/{readers.theirs.volunteer}", "volunteer")
    assert list(readers.book.vault.store.access_rows(before)) == []


def _places(readers: Readers) -> list[tuple[str, str]]:
    """(role, address) of what is somebody else's, with ids of theirs."""
    they = readers.theirs
    return [
        *((role, f"/v1/volunteers/{they.volunteer}") for role in ("volunteer", "organisation")),
        ("reviewer", f"/v1/volunteers/{they.volunteer}"),
        ("volunteer", f"/v1/volunteers/{they.volunteer}/standing"),
        ("organisation", f"/v1/volunteers/{they.volunteer}/standing"),
        ("volunteer", f"/v1/volunteers/{they.volunteer}/entries"),
        ("volunteer", f"/v1/service-records/{they.record}"),
        ("organisation", f"/v1/service-records/{they.record}"),
        ("reviewer", f"/v1/service-records/{they.record}"),
        ("organisation", f"/v1/activities/{they.activity}"),
        ("merchant", f"/v1/merchants/{they.merchant}"),
        ("volunteer", f"/v1/redemptions/{they.redemption}"),
        ("merchant", f"/v1/redemptions/{they.redemption}"),
    ]


def test_anothers_id_answers_exactly_as_an_unknown_one(readers: Readers) -> None:
    unknown = readers.town.new()
    for role, place in _places(readers):
        there = place.split("/")
        there[3] = unknown
        theirs, nobodys = readers.get(place, role), readers.get("/".join(there), role)
        assert theirs.status_code == nobodys.status_code == 404, place
        assert _without_id(theirs.get_json()) == _without_id(nobodys.get_json())
    for role in ("volunteer", "organisation", "reviewer", "merchant"):
        place = f"/v1/entries/{readers.theirs.record_entry}"
        theirs, nobodys = readers.get(place, role), readers.get("/v1/entries/999999", role)
        assert theirs.status_code == nobodys.status_code == 404
        assert _without_id(theirs.get_json()) == _without_id(nobodys.get_json())
        assert readers.get(f"{place}/receipt", role).status_code == 404


def test_what_is_ones_own_is_there(readers: Readers) -> None:
    """The nearest yes to the no above."""
    we = readers.ours
    for role, place in (
        ("organisation", f"/v1/volunteers/{we.volunteer}/standing"),
        ("volunteer", f"/v1/service-records/{we.record}"),
        ("organisation", f"/v1/service-records/{we.record}"),
        ("reviewer", f"/v1/service-records/{we.record}"),
        ("organisation", f"/v1/activities/{we.activity}"),
        ("merchant", f"/v1/merchants/{we.merchant}"),
        ("volunteer", f"/v1/redemptions/{we.redemption}"),
        ("merchant", f"/v1/redemptions/{we.redemption}"),
        ("volunteer", f"/v1/entries/{we.record_entry}"),
        ("organisation", f"/v1/entries/{we.record_entry}"),
    ):
        assert readers.get(place, role).status_code == 200, place


def test_an_organisation_above_sees_what_stands_below_it(readers: Readers) -> None:
    town, above = readers.town, readers.town.organisation(tier="city")
    below = town.organisation(parent=above)
    activity = town.new_activity(organisation=below)
    record = town.served(
        town.volunteer(organisation=below),
        "2025-03-07 09:00",
        "10:00",
        organisation=below,
        activity=activity,
    )
    token = readers.token("organisation", party=f"organisation:{above}")
    assert [each["record"] for each in readers.data("/v1/service-records", token=token)] == [
        record.id
    ]
    assert readers.get(f"/v1/activities/{activity}", token=token).status_code == 200
    assert len(readers.data("/v1/volunteers", token=token)) == 1
    # Not the other way round: whoever stands below sees nothing of what is above.
    lower = readers.token("organisation", party=f"organisation:{below}")
    town.new_activity(organisation=above)
    assert len(readers.data("/v1/activities", token=lower)) == 1


def test_a_standing_says_what_the_book_says(readers: Readers) -> None:
    ana = readers.ours.volunteer
    standing = readers.one(f"/v1/volunteers/{ana}/standing", "volunteer")
    assert standing["service_minutes"] == 120
    assert standing["minutes_to_next_star"] == 6000 - 120
    # Two points earned, one for the coffee that was taken, one for the one that waits.
    assert standing["points_earned_hundredths"] == 200
    assert standing["points_hundredths"] == 0
    bo = readers.one(f"/v1/volunteers/{readers.theirs.volunteer}/standing", "operator")
    assert bo["points_hundredths"] == 200
    assert bo["lapsing"] == [{"last_day": "2028-03-31", "points_hundredths": 200}]


def test_a_history_has_each_entry_with_its_own_amounts_only(readers: Readers) -> None:
    ana = readers.ours.volunteer
    every = readers.data(f"/v1/volunteers/{ana}/entries", "volunteer")
    said = ("consent_recorded", "objection_filed")
    assert all(not line["amounts"] for line in every if line["kind"] in said)
    lines = [line for line in every if line["kind"] not in said]
    assert [line["kind"] for line in lines] == [
        "volunteer_registered",
        "service_recorded",
        "redemption_reserved",
        "redemption_captured",
        "redemption_reserved",
        "voucher_signed",
        "credential_issued",
    ]
    served, reserved, captured = lines[1:4]
    assert served["amounts"] == {"service_minutes": 120, "points_hundredths": 200}
    assert served["cause"]["record"] == readers.ours.record
    assert served["counterpart"] == f"organisation:{readers.ours.organisation}"
    assert reserved["amounts"] == {"points_hundredths": -100}
    assert reserved["counterpart"] == f"merchant:{readers.ours.merchant}"
    # The value left at the reservation; the capture moves what is no longer hers.
    assert captured["amounts"] == {}


def test_time_that_was_given_names_no_other_volunteer(readers: Readers) -> None:
    town, ana, bo = readers.town, readers.ours.volunteer, readers.theirs.volunteer
    town.deposit(ana, readers.ours.record, 60)
    town.give(ana, bo, 30)
    (line,) = readers.data(
        f"/v1/volunteers/{bo}/entries?starting_after={town.size() - 2}", "operator"
    )
    assert line["amounts"] == {"time_minutes": 30}
    assert line["counterpart"] == "volunteer"
    assert ana not in str(line)


def test_pages_follow_each_other_without_gap_or_repeat(readers: Readers) -> None:
    for _ in range(5):
        readers.town.volunteer()
    whole = readers.data("/v1/volunteers?limit=200", "operator")
    seen: list[dict[str, Any]] = []
    path = "/v1/volunteers?limit=3"
    while True:
        page = readers.one(path, "operator")
        seen += page["data"]
        if not page["has_more"]:
            break
        assert len(page["data"]) == 3
        path = f"/v1/volunteers?limit=3&starting_after={page['data'][-1]['entry']}"
    assert seen == whole
    assert len(seen) == 7


NO_SENSE = """
    limit=0                          out_of_range
    limit=201                        out_of_range
    limit=ten                        wrong_type
    limit=1_0                        wrong_type
    limit=%2B1                       wrong_type
    starting_after=-2                out_of_range
    starting_after=9007199254740992  out_of_range
    state=gone                       not_a_choice
    volunteer=nobody                 bad_id
    colour=red                       unknown_field
    limit=0&colour=red               invalid_request
"""


def test_a_page_that_makes_no_sense_is_refused(readers: Readers) -> None:
    for query, code in (line.split() for line in NO_SENSE.strip().splitlines()):
        answer = readers.get(f"/v1/service-records?{query}", "operator")
        assert (answer.status_code, answer.get_json()["code"]) == (422, code), query
    for query in ("limit=1", "limit=200", "starting_after=-1", "state=held"):
        assert readers.get(f"/v1/service-records?{query}", "operator").status_code == 200


def test_records_are_found_by_state_volunteer_and_organisation(readers: Readers) -> None:
    held = readers.town.served(readers.ours.volunteer, "2025-03-07 10:00", "12:00")
    assert held.outcome == "held"
    found = readers.data("/v1/service-records?state=held", "operator")
    assert [(each["record"], each["reasons"]) for each in found] == [(held.id, ["overlap"])]
    bo = readers.theirs
    for query in (f"volunteer={bo.volunteer}", f"organisation={bo.organisation}"):
        found = readers.data(f"/v1/service-records?{query}", "operator")
        assert [each["record"] for each in found] == [bo.record]
        assert readers.data(f"/v1/service-records?{query}", "volunteer") == []
        assert readers.data(f"/v1/service-records?{query}", "organisation") == []


def test_a_merchant_sees_what_was_taken_and_nothing_about_the_holder(readers: Readers) -> None:
    shown = readers.data("/v1/redemptions", "merchant")
    assert len(shown) == 2
    for each in shown:
        taken = each["state"] == "captured"
        times = {"settles_at", "refundable_until"} if taken else {"capturable_until", "expires_at"}
        of_a_capture = {"terminal", "captured_entry"} if taken else set()
        assert set(each) == times | of_a_capture | {
            "redemption",
            "entry",
            "reward",
            "item",
            "state",
            "quantity",
            "captured_quantity",
            "expires",
            "extended",
            "captured",
            "branch",
        }
        assert each["item"] == {"title": "咖啡"}
    for path in ("/v1/redemptions", "/v1/entries", "/v1/rewards", "/v1/merchants"):
        assert readers.ours.volunteer not in readers.get(path, "merchant").text
        assert readers.ours.code not in readers.get(path, "merchant").text


def test_a_merchant_gets_the_receipt_of_a_capture_but_no_entry_that_names_a_volunteer(
    readers: Readers,
) -> None:
    kinds = {each["kind"] for each in readers.data("/v1/entries", "merchant")}
    assert "redemption_captured" in kinds
    assert "redemption_reserved" not in kinds
    redemption = readers.one(f"/v1/redemptions/{readers.ours.redemption}", "merchant")
    assert readers.get(f"/v1/entries/{redemption['entry']}", "merchant").status_code == 404
    assert readers.get(f"/v1/entries/{redemption['entry']}", "volunteer").status_code == 200


def _pages_of_entries(readers: Readers, role: str, limit: int) -> list[list[int]]:
    """The entries that a role reaches page by page; every page with more behind it has an item."""
    pages: list[list[int]] = []
    after = -1
    while True:
        page = readers.one(f"/v1/entries?limit={limit}&starting_after={after}", role)
        pages.append([each["entry"] for each in page["data"]])
        if not page["has_more"]:
            return pages
        assert pages[-1], f"nothing to go on from after {after}"
        after = pages[-1][-1]


def test_a_merchant_gets_past_entries_that_are_hidden_from_it(readers: Readers) -> None:
    """Each reservation is hidden; four in a row are no dead end for whoever asks one by one."""
    town, ours = readers.town, readers.ours
    volunteer = town.volunteer()
    town.served(volunteer, "2025-03-08 09:00", "16:00")
    first = town.size()
    for _ in range(4):
        town.reserve(volunteer, ours.reward)
    town.do(WithdrawReward(reward=ours.reward))
    last = town.size() - 1
    whole = _pages_of_entries(readers, "merchant", 200)
    assert len(whole) == 1
    assert whole[0][-1] == last
    assert not set(range(first, first + 4)) & set(whole[0])
    assert _pages_of_entries(readers, "merchant", 1) == [[entry] for entry in whole[0]]
    # From any entry on, the hidden ones too, the next one that may be seen is found.
    for after in range(last):
        page = readers.one(f"/v1/entries?limit=1&starting_after={after}", "merchant")
        following = [entry for entry in whole[0] if entry > after]
        assert [each["entry"] for each in page["data"]] == following[:1]
        assert page["has_more"] == (len(following) > 1)


def test_one_request_looks_only_so_often_for_more_but_never_brings_nothing(
    readers: Readers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After one look a page with an item is enough, full or not; one without goes on."""
    monkeypatch.setattr("api.reads.entries.LOOKS_MAX", 1)
    monkeypatch.setattr("api.reads.entries.PAGE_MAX", 1)
    town, ours = readers.town, readers.ours
    volunteer = town.volunteer()
    town.served(volunteer, "2025-03-08 09:00", "16:00")
    for _ in range(4):
        town.reserve(volunteer, ours.reward)
    town.do(WithdrawReward(reward=ours.reward))
    (whole,) = _pages_of_entries(readers, "merchant", 200)
    assert whole[-1] == town.size() - 1
    for limit in (1, 2, 3):
        pages = _pages_of_entries(readers, "merchant", limit)
        assert [entry for each in pages for entry in each] == whole
        short = [each for each in pages[:-1] if len(each) < limit]
        # What is hidden leaves its gap on a page of two or three, and a page of one is always full.
        assert bool(short) == (limit > 1)


def test_the_holder_alone_sees_the_code_and_only_while_it_can_be_used(readers: Readers) -> None:
    place = f"/v1/redemptions/{readers.ours.redemption}"
    assert readers.one(place, "volunteer")["code"] == grouped(readers.ours.code)
    for role in ("operator", "auditor", "merchant"):
        assert "code" not in readers.one(place, role, headers=WHY)
    # It is signed for a till without a network, and comes back once nobody may have taken it.
    readers.town.clock.ms = readers.town.redemption(readers.ours.redemption).upload_by
    readers.town.release(readers.ours.redemption, readers.ours.volunteer)
    assert "code" not in readers.one(place, "volunteer")


def test_the_catalogue_is_open_and_a_withdrawn_reward_is_its_merchants_own(
    readers: Readers,
) -> None:
    ours = f"/v1/rewards/{readers.ours.reward}"
    assert readers.one(ours)["text"] == {"title": "咖啡"}
    assert readers.one(ours)["price_hundredths"] == 100
    readers.town.do(WithdrawReward(reward=readers.ours.reward))
    for role in ("", "volunteer"):
        assert readers.get(ours, role).status_code == 404
        assert [each["reward"] for each in readers.data("/v1/rewards", role)] == [
            readers.theirs.reward
        ]
    assert readers.get(ours, token=readers.their_merchant).status_code == 404
    for role in ("merchant", "operator", "auditor"):
        assert readers.one(ours, role)["state"] == "withdrawn"
        assert len(readers.data("/v1/rewards", role)) == 2


def test_a_bad_token_is_refused_even_where_none_is_needed(readers: Readers) -> None:
    answer = readers.get("/v1/rewards", token="sdk_nobody")
    assert (answer.status_code, answer.get_json()["code"]) == (401, "token_invalid")
    assert readers.get("/v1/rewards").status_code == 200


def test_a_merchant_knows_its_tills_and_others_only_its_branches(readers: Readers) -> None:
    place = f"/v1/merchants/{readers.ours.merchant}"
    (branch,) = readers.one(place, "merchant")["branches"]
    assert len(branch["terminals"]) == 1
    (branch,) = readers.one(place, "volunteer")["branches"]
    assert "terminals" not in branch
    assert len(readers.data("/v1/merchants", "volunteer")) == 2
    assert [each["merchant"] for each in readers.data("/v1/merchants", "merchant")] == [
        readers.ours.merchant
    ]


def test_policies_are_for_everybody_and_whole(readers: Readers) -> None:
    (policy,) = readers.data("/v1/policies")
    assert (policy["policy"], policy["version"]) == ("cn-default", 3)
    assert (policy["effective_from"], policy["effective_to"]) == ("2000-01-01", "")
    assert policy["scope"] == {"region": "CN", "organisation": "", "tier": "", "categories": []}
    whole = readers.one("/v1/policies/cn-default/3")
    assert whole["document"] == dict(readers.book.entry(policy["entry"]).facts["document"])
    assert readers.get("/v1/policies/cn-default/9").status_code == 404


def test_an_entry_is_shown_as_the_bytes_that_were_hashed(readers: Readers) -> None:
    entry = readers.book.entry(readers.ours.record_entry)
    for role in ("auditor", "operator", "volunteer"):
        shown = readers.one(f"/v1/entries/{entry.index}", role, headers=WHY)
        assert shown["data"].encode() == entry.data
        assert shown["hash"] == entry.hash.hex()


def test_a_receipt_waits_for_a_checkpoint_and_says_for_how_long(readers: Readers) -> None:
    served = readers.town.served(readers.ours.volunteer, "2025-03-08 09:00", "10:00")
    place = f"/v1/entries/{served.entry.index}/receipt"
    early = readers.get(place, "volunteer")
    assert (early.status_code, early.get_json()["code"]) == (409, "not_yet_covered")
    assert int(early.headers["Retry-After"]) >= 1
    readers.book.signer.sign()
    receipt = readers.one(place, "volunteer")
    assert base64.b64decode(receipt["data"]) == served.entry.data
    assert receipt["proof"].encode() == readers.book.receipt(served.entry.index).proof
    bare = readers.get(place, "volunteer", headers={"Accept": "text/plain"})
    assert bare.content_type == "text/plain; charset=utf-8"
    assert bare.text == receipt["proof"]


def test_a_new_version_of_the_policy_counts_in_the_very_next_standing(readers: Readers) -> None:
    place = f"/v1/volunteers/{readers.ours.volunteer}/standing"
    assert readers.one(place, "volunteer")["policy"] == "cn-default/3"
    readers.town.adopt()
    assert readers.one(place, "volunteer")["policy"] == "cn-default/4"


def test_me_says_who_a_token_is_however_narrow(readers: Readers) -> None:
    narrow = readers.token("volunteer", scopes="policies:read")
    me = readers.one("/v1/me", token=narrow)
    assert me["party"] == readers.parties["volunteer"]
    assert me["scopes"] == ["policies:read"]
    assert me["expires"] is None


def _places_of_an_auditor(readers: Readers) -> dict[str, list[str]]:
    """Addresses that show what is somebody's, and what the access log then says was seen."""
    ours, theirs, size = readers.ours, readers.theirs, readers.town.size()
    return {
        "/v1/entries?limit=200": [f"entries/{index}" for index in range(size)],
        "/v1/entries?limit=2&starting_after=4": ["entries/5", "entries/6"],
        f"/v1/entries/{ours.record_entry}": [f"entries/{ours.record_entry}"],
        f"/v1/entries/{ours.record_entry}/receipt": [f"entries/{ours.record_entry}"],
        "/v1/service-records": [
            f"service-records/{ours.record}",
            f"service-records/{theirs.record}",
        ],
        f"/v1/service-records?volunteer={theirs.volunteer}": [f"service-records/{theirs.record}"],
        f"/v1/service-records/{ours.record}": [f"service-records/{ours.record}"],
        f"/v1/redemptions?limit=200&starting_after={_reserved(readers, theirs) - 1}": [
            f"redemptions/{theirs.redemption}"
        ],
        f"/v1/redemptions/{ours.redemption}": [f"redemptions/{ours.redemption}"],
    }


def _reserved(readers: Readers, side: Belongings) -> int:
    entry: int = readers.one(f"/v1/redemptions/{side.redemption}", "operator")["entry"]
    return entry


def test_an_auditor_sees_nobodys_entry_record_or_redemption_without_a_reason(
    readers: Readers,
) -> None:
    before, _, _ = readers.book.vault.access_digest(0)
    for place in _places_of_an_auditor(readers):
        for reason, code in (
            (None, "reason_missing"),
            ("  ", "reason_missing"),
            ("x" * 201, "bad_reason"),
        ):
            headers = {} if reason is None else {"Reason": reason}
            refused = readers.get(place, "auditor", headers=headers)
            assert (refused.status_code, refused.get_json()["code"]) == (422, code), place
    assert list(readers.book.vault.store.access_rows(before)) == []


def test_a_reason_opens_them_and_each_thing_seen_is_in_the_access_log(readers: Readers) -> None:
    """The nearest yes to the no above."""
    for number, (place, seen) in enumerate(_places_of_an_auditor(readers).items()):
        before, _, _ = readers.book.vault.access_digest(0)
        answer = readers.get(place, "auditor", headers={"Reason": f"complaint {number}"})
        assert answer.status_code == 200, place
        rows = list(readers.book.vault.store.access_rows(before))
        assert [row[2:] for row in rows] == [
            (readers.parties["auditor"], one, "audit") for one in seen
        ], place
        assert f'"complaint {number}"' in readers.log.getvalue()


def test_what_an_auditor_does_not_find_is_not_in_the_access_log(readers: Readers) -> None:
    before, _, _ = readers.book.vault.access_digest(0)
    unknown = readers.town.new()
    for place in (
        "/v1/entries/999999",
        "/v1/entries/999999/receipt",
        f"/v1/service-records/{unknown}",
        f"/v1/redemptions/{unknown}",
    ):
        assert readers.get(place, "auditor", headers=WHY).status_code == 404
    assert readers.data("/v1/entries?starting_after=999999", "auditor", headers=WHY) == []
    assert list(readers.book.vault.store.access_rows(before)) == []


def test_nobody_but_an_auditor_is_asked_for_a_reason(readers: Readers) -> None:
    """Operators answer by access control; everybody else sees their own."""
    for place in _places_of_an_auditor(readers):
        assert readers.get(place, "operator").status_code == 200, place
    for role in ("organisation", "volunteer"):
        assert readers.get(f"/v1/service-records/{readers.ours.record}", role).status_code == 200
    assert "complaint" not in readers.log.getvalue()


def test_the_document_names_the_reason_beside_the_query(readers: Readers) -> None:
    paths = readers.client.get("/openapi.json").get_json()["paths"]
    for path, names in (
        (
            "/v1/entries",
            {"limit", "starting_after", "kind", "owner", "first_day", "last_day", "Reason"},
        ),
        ("/v1/entries/{index}", {"Reason"}),
        ("/v1/entries/{index}/receipt", {"Reason"}),
        (
            "/v1/service-records",
            {
                "limit",
                "starting_after",
                "state",
                "volunteer",
                "organisation",
                "awaiting",
                "order",
                "saved",
                "newest_first",
                "Reason",
            },
        ),
        ("/v1/service-records/{record}", {"Reason"}),
        (
            "/v1/redemptions",
            {"limit", "starting_after", "state", "awaiting", "newest_first", "Reason"},
        ),
        ("/v1/redemptions/{redemption}", {"Reason"}),
    ):
        operation = paths[path]["get"]
        assert {each["name"] for each in operation["parameters"]} == names, path
        (reason,) = [each for each in operation["parameters"] if each["name"] == "Reason"]
        assert (reason["in"], reason["required"]) == ("header", False)
        assert "`reason_missing`" in operation["responses"]["422"]["description"]


def test_the_bundle_is_for_auditors_who_say_why(readers: Readers) -> None:
    import zipfile
    from io import BytesIO

    refused = readers.get("/v1/exports/bundle", "auditor")
    assert (refused.status_code, refused.get_json()["code"]) == (422, "reason_missing")
    before, _, _ = readers.book.vault.access_digest(0)
    answer = readers.get("/v1/exports/bundle", "auditor", headers={"Reason": "yearly audit"})
    assert answer.status_code == 200
    with zipfile.ZipFile(BytesIO(answer.data)) as archive:
        assert sorted(archive.namelist()) == [
            "bundle/balances.jsonl",
            "bundle/checkpoint",
            "bundle/entries.jsonl",
            "bundle/manifest.json",
        ]
        lines = archive.read("bundle/entries.jsonl").splitlines()
    assert len(lines) == readers.book.checkpoint()[0].size
    ((_, _, by, what, purpose),) = readers.book.vault.store.access_rows(before)
    assert (by, what, purpose) == (readers.parties["auditor"], "bundle", "audit")
    assert "yearly audit" in readers.log.getvalue()


def test_forgetting_leaves_the_standing_and_takes_the_name(readers: Readers) -> None:
    ana = readers.ours.volunteer
    readers.town.becomes(f"volunteer:{ana}", "forgotten")
    readers.book.vault.forget(ana)
    profile = readers.one(f"/v1/volunteers/{ana}", "operator")
    assert profile["state"] == "forgotten"
    assert not {"name", "identity_number"} & profile.keys()
    assert readers.one(f"/v1/volunteers/{ana}/standing", "operator")["service_minutes"] == 120


def _without_id(problem: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in problem.items() if name != "request_id"}
