"""Files that organisations upload: tried, changed, committed in slices; whose rows they may hand
in, and what they learn of people whom somebody else registered."""

from __future__ import annotations

from typing import Any

import pytest

from api.timers import sweep
from ledger.door import imports, people
from ledger.store import imports as stored
from ledger.store import tables
from ledger.vault.seal import SealBroken
from tests.api_client import Answer, Site, identity_number, key, organisation_code
from tests.exports import ANA_ID, BO_ID, CLUB, LEAGUE, row, text_of

DAY_MS = 86_400_000


class Club:
    """An organisation that uploads what its own system exported."""

    def __init__(self, site: Site, code: str = CLUB, **given: Any) -> None:
        self.site = site
        self.id = site.organisation(organisation_code=code, **given)
        self.token = site.organisation_token(self.id)

    def upload(self, *rows: list[str], use: str | None = None) -> Answer:
        return self.send(text_of(list(rows)).encode(), use=use)

    def send(self, content: bytes, *, use: str | None = None) -> Answer:
        return self.site.send(
            "POST",
            "/v1/imports",
            token=self.token,
            data=content,
            headers={"Idempotency-Key": use or key()},
            content_type="text/csv",
        )

    def get(self, upload: str, rest: str = "") -> Any:
        answer = self.site.get(self.token, f"/imports/{upload}{rest}")
        assert answer.status == 200, answer.text
        return answer.json

    def fates(self, upload: str) -> list[tuple[str, str, int]]:
        return [
            (each["outcome"], "+".join(each["reasons"]), each["minutes"])
            for each in self.get(upload, "/rows")["data"]
        ]

    def act(self, upload: str, what: str, body: Any = None) -> Answer:
        return self.site.post(self.token, f"/imports/{upload}/{what}", body)

    def committed(self, upload: str, revision: int = 1) -> Any:
        assert self.act(upload, "commit", {"revision": revision}).status == 201
        while imports.advance(self.site.book):
            pass
        return self.get(upload)


@pytest.fixture
def club(site: Site) -> Club:
    return Club(site, tier="county")


def second(**changes: str) -> list[str]:
    """Another person's session."""
    given = {"志愿者编号": "V2", "证件号码": BO_ID, "姓名": "李博"}
    return row(**{**given, **changes})


# Trying ------------------------------------------------------------------------------------------


def test_every_rows_fate_is_known_before_anything_is_committed(site: Site, club: Club) -> None:
    before = site.size()
    answer = club.upload(row(), second(签退=""), row(活动编号="A2", 签到="2025-03-08 10:00"))
    assert (answer.status, answer["state"], answer["records"]) == (201, "checked", 3)
    upload = answer["import_id"]
    assert club.fates(upload) == [
        ("effective", "", 120),
        ("refused", "missing_check_out", 0),
        ("held", "overlap", 60),
    ]
    report = club.get(upload)["report"]
    assert report["effective_total"] == report["held_total"] == report["refused_total"] == 1
    assert site.size() == before
    assert club.get(upload, "/rows?outcome=held")["data"][0]["volunteer_number"] == "V1"


def test_the_same_key_answers_with_the_same_upload(club: Club) -> None:
    use = key()
    first, again = club.upload(row(), use=use), club.upload(row(), use=use)
    assert again.json == first.json
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert club.upload(second(), use=use).code == "key_reused"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"a\0b", "binary_file"),
        ("志愿者编号,姓名\n".encode(), "wrong_header"),
        (text_of([row()]).encode() + b'"', "unclosed_quote"),
    ],
)
def test_what_is_no_export_is_refused_whole(club: Club, content: bytes, code: str) -> None:
    answer = club.send(content)
    assert (answer.status, answer.code) == (422, code)
    assert club.site.get(club.token, "/imports")["data"] == []


def test_a_file_is_at_most_24_mebibytes(club: Club) -> None:
    answer = club.send(b"x" * (imports.FILE_BYTES_MAX + 1))
    assert answer.status == 413


# Committing --------------------------------------------------------------------------------------


def test_what_was_seen_is_what_is_recorded(site: Site, club: Club) -> None:
    upload = club.upload(row(), second(签退=""))["import_id"]
    seen = club.get(upload)["report"]
    done = club.committed(upload)
    assert (done["state"], done["done"], done["report"]) == ("committed", 2, seen)
    records = site.get(club.token, "/service-records")["data"]
    assert [(each["minutes"], each["state"]) for each in records] == [(120, "effective")]


def test_the_organisation_stands_as_the_actor(site: Site, club: Club) -> None:
    club.committed(club.upload(row())["import_id"])
    (record,) = site.get(club.token, "/service-records")["data"]
    entry = site.get(site.operator, f"/entries/{record['entry']}")
    assert f'"actor":"organisation:{club.id}"' in entry.text.replace('\\"', '"')


def test_nothing_is_committed_twice(site: Site, club: Club) -> None:
    upload = club.upload(row())["import_id"]
    club.committed(upload)
    size = site.size()
    club.committed(upload)
    again = club.upload(row())["import_id"]
    report = club.committed(again)["report"]
    assert (report["effective_total"], report["recorded"]) == (1, 0)
    assert site.size() == size
    other = club.upload(row(), second())["import_id"]
    assert club.fates(other) == [("refused", "duplicate_record", 0), ("effective", "", 120)]


def test_a_commit_goes_on_where_it_was_left(
    site: Site, club: Club, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever dies in the middle leaves whole slices; the next turn takes up the rest."""
    rows = [row(活动编号=f"A{n}", 签到="2025-03-08 09:00", 扣除分钟="119") for n in range(1, 4)]
    upload = club.upload(*rows)["import_id"]
    whole = club.get(upload)["report"]
    club.act(upload, "commit", {"revision": 1})
    monkeypatch.setattr(imports, "SLICE", 1)
    turn = imports.advance(site.book, seconds=0)
    assert turn == {"import": upload, "done": 1, "of": 3}
    assert (club.get(upload)["state"], club.get(upload)["done"]) == ("committing", 1)
    while imports.advance(site.book, seconds=0):
        pass
    found = club.get(upload)
    assert (found["state"], found["done"]) == ("committed", 3)
    assert {k: v for k, v in found["report"].items() if k != "recorded"} == whole


def test_it_stops_when_the_organisation_may_act_no_more(site: Site, club: Club) -> None:
    upload = club.upload(row())["import_id"]
    club.act(upload, "commit", {"revision": 1})
    address = f"organisation:{club.id}"
    site.made(site.operator, f"/parties/{address}/suspend", {"reason": "unklar"})
    assert imports.advance(site.book) == {"import": upload, "stopped": "caller_not_active"}
    site.made(site.operator, f"/parties/{address}/reinstate", {"reason": "geklärt"})
    assert (club.get(upload)["state"], club.get(upload)["why"]) == ("stopped", "caller_not_active")
    assert club.committed(upload)["state"] == "committed"


# Changing ----------------------------------------------------------------------------------------


def test_rows_are_changed_and_left_out_and_keep_their_numbers(club: Club) -> None:
    upload = club.upload(row(), second(签退=""), second(活动编号="A9"))["import_id"]
    changes = [{"record": 1, "leave_out": True}, {"record": 2, "cells": second()}]
    answer = club.act(upload, "changes", {"revision": 1, "rows": changes})
    assert (answer.status, answer["revision"], answer["records"]) == (201, 2, 3)
    assert club.fates(upload) == [
        ("skipped", "", 0),
        ("effective", "", 120),
        ("held", "overlap", 120),
    ]
    stale = club.act(upload, "commit", {"revision": 1})
    assert (stale.status, stale.code) == (409, "import_changed")
    assert club.committed(upload, 2)["report"]["effective_total"] == 1
    late = club.act(upload, "changes", {"revision": 2, "rows": changes})
    assert (late.status, late.code) == (409, "import_state_conflict")


def test_a_row_that_is_not_there_cannot_be_changed(club: Club) -> None:
    upload = club.upload(row())["import_id"]
    body = {"revision": 1, "rows": [{"record": 2, "leave_out": True}]}
    assert club.act(upload, "changes", body).code == "unknown_row"
    for wrong in ({"record": 1}, {"record": 1, "cells": ["x"]}):
        assert club.act(upload, "changes", {"revision": 1, "rows": [wrong]}).status == 422


def test_what_is_discarded_is_gone_at_once(site: Site, club: Club) -> None:
    upload = club.upload(row())["import_id"]
    assert club.act(upload, "discard")["until"] is None
    assert club.act(upload, "commit", {"revision": 1}).code == "import_state_conflict"
    assert kept(site) == [b""]


# Whose rows --------------------------------------------------------------------------------------


def test_rows_of_another_organisation_are_refused_here(site: Site, club: Club) -> None:
    site.organisation(organisation_code=LEAGUE)
    unknown = organisation_code()
    upload = club.upload(row(), second(统一社会信用代码=LEAGUE), second(统一社会信用代码=unknown))
    assert club.fates(upload["import_id"])[1:] == [("refused", "foreign_organisation", 0)] * 2


def test_whoever_stands_above_uploads_for_those_below(site: Site, club: Club) -> None:
    site.organisation(organisation_code=LEAGUE, parent=club.id)
    upload = club.upload(row(统一社会信用代码=LEAGUE), second())["import_id"]
    assert club.committed(upload)["report"]["effective_total"] == 2


def test_the_same_file_is_tried_apart_by_each_organisation(site: Site, club: Club) -> None:
    """What one was refused is not what the other reads."""
    other = Club(site, LEAGUE)
    content = text_of([row(), second(统一社会信用代码=LEAGUE, 活动编号="A2")]).encode()
    mine, theirs = club.send(content)["import_id"], other.send(content)["import_id"]
    club.committed(mine)
    other.committed(theirs)
    assert other.fates(theirs) == [("refused", "foreign_organisation", 0), ("effective", "", 120)]


def test_an_upload_is_the_uploaders_alone(site: Site, club: Club) -> None:
    upload = club.upload(row())["import_id"]
    for who in (Club(site, LEAGUE, parent=club.id), Club(site, organisation_code())):
        assert site.get(who.token, f"/imports/{upload}").status == 404
        assert site.get(who.token, f"/imports/{upload}/rows").status == 404
        assert who.act(upload, "commit", {"revision": 1}).status == 404
        assert who.act(upload, "discard").status == 404
        assert site.get(who.token, "/imports")["data"] == []


# What is learnt of others ------------------------------------------------------------------------


def registered(site: Site, organisation: str, number: str, identity: str) -> str:
    body = {"name": "王安", "identity_number": identity, "number": number}
    made = site.made(site.operator, "/volunteers", {**body, "organisation": organisation})
    return str(made["volunteer"])


@pytest.mark.parametrize(
    ("number", "identity"),
    [("V1", ANA_ID), ("V7", ANA_ID), ("V1", BO_ID)],
    ids=["the very person", "their identity number", "their number"],
)
def test_of_people_registered_elsewhere_a_row_says_one_thing(
    site: Site, club: Club, number: str, identity: str
) -> None:
    registered(site, site.organisation(), "V1", ANA_ID)
    upload = club.upload(row(志愿者编号=number, 证件号码=identity))["import_id"]
    assert club.fates(upload) == [("refused", "held_for_identity_check", 0)]
    assert club.committed(upload)["report"]["refused"] == {"held_for_identity_check": 1}


def test_of_its_own_people_it_learns_the_conflict(site: Site, club: Club) -> None:
    registered(site, club.id, "V1", ANA_ID)
    upload = club.upload(row(), row(志愿者编号="V7", 活动编号="A2"))["import_id"]
    assert club.fates(upload) == [("effective", "", 120), ("refused", "identity_conflict", 0)]


def test_whoever_stands_above_registered_them_for_it(site: Site, club: Club) -> None:
    below = Club(site, LEAGUE, parent=club.id)
    registered(site, club.id, "V1", ANA_ID)
    upload = below.upload(row(统一社会信用代码=LEAGUE))["import_id"]
    assert below.fates(upload) == [("effective", "", 120)]


def test_what_was_proven_against_somebody_holds_for_files_too(site: Site, club: Club) -> None:
    volunteer = registered(site, club.id, "V1", ANA_ID)
    site.made(site.operator, f"/volunteers/{volunteer}/fraud", {"reason": "x"})
    late = {"签到": "2025-03-08 13:00", "签退": "2025-03-08 14:00", "录入时间": "2025-03-08 15:00"}
    rows = [row(记录方式="补录"), row(**late, 活动编号="A2")]
    upload = club.upload(*rows)["import_id"]
    assert club.fates(upload) == [("refused", "backfill_banned", 0), ("effective", "", 60)]


def test_nothing_is_recorded_later_than_now(club: Club) -> None:
    upload = club.upload(row(录入时间="2035-03-08 12:00"))["import_id"]
    assert club.fates(upload) == [("refused", "recorded_in_the_future", 0)]


def test_staff_and_activities_of_others_are_not_taken(site: Site, club: Club) -> None:
    other = Club(site, LEAGUE)
    other.committed(other.upload(second(统一社会信用代码=LEAGUE, 活动编号="A5"))["import_id"])
    staff = {"name": "李四", "number": "S9", "organisation": other.id}
    site.made(site.operator, "/staff", staff)
    upload = club.upload(row(记录人="S9"), row(活动编号="A5"), row())["import_id"]
    assert club.fates(upload) == [
        ("refused", "held_for_identity_check", 0),
        ("refused", "foreign_activity", 0),
        ("effective", "", 120),
    ]


def test_a_day_has_its_limit_of_people_asked_about(
    site: Site, club: Club, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "IDENTITIES_A_DAY", 2)
    upload = club.upload(row(), second())["import_id"]
    fresh = second(证件号码=identity_number(), 志愿者编号="V3")
    refused = club.upload(fresh)
    assert (refused.status, refused.code) == (429, "too_many_identities")
    body = {"revision": 1, "rows": [{"record": 1, "cells": fresh}]}
    assert club.act(upload, "changes", body).code == "too_many_identities"
    # The same people again are nobody new.
    same = {"revision": 1, "rows": [{"record": 1, "leave_out": True}]}
    assert club.act(upload, "changes", same).status == 201
    site.clock.forward(days=1)
    assert club.upload(fresh).status == 201


# What is kept ------------------------------------------------------------------------------------


def kept(site: Site) -> list[bytes]:
    with site.book.database.reading() as connection:
        return [bytes(each.sealed) for each in connection.execute(tables.imports.select())]


def test_the_file_lies_sealed_and_for_three_days(site: Site, club: Club) -> None:
    upload = club.upload(row())["import_id"]
    (sealed,) = kept(site)
    assert b"V1" not in sealed
    assert ANA_ID.encode() not in sealed
    with pytest.raises(SealBroken):
        site.book.vault.sealer.open_file("0" * 16, sealed)
    assert sweep(site.book, site.clock.ms + imports.KEPT_MS - 1)["old_files"] == 0
    assert sweep(site.book, site.clock.ms + imports.KEPT_MS)["old_files"] == 1
    assert kept(site) == [b""]
    assert club.get(upload)["until"] is None
    assert club.act(upload, "commit", {"revision": 1}).code == "import_file_gone"
    (line,) = club.get(upload, "/rows")["data"]
    assert "volunteer_number" not in line
    assert sweep(site.book, site.clock.ms + imports.KNOWN_MS + 1)["old_files"] == 0
    assert site.get(club.token, f"/imports/{upload}").status == 404


def test_a_dry_run_and_a_look_are_in_the_access_log(site: Site, club: Club) -> None:
    upload = club.upload(row())["import_id"]
    club.get(upload, "/rows")
    with site.book.vault.store.engine.connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT purpose FROM access_log WHERE subject = ? AND by_address = ?",
            (f"imports/{upload}", f"organisation:{club.id}"),
        ).fetchall()
    assert [row[0] for row in rows] == ["registration"] * 2


# Being forgotten ---------------------------------------------------------------------------------


@pytest.fixture
def ana(site: Site, club: Club) -> str:
    """Whom an earlier file of the club registered: V1."""
    club.committed(club.upload(row())["import_id"])
    (record,) = site.get(club.token, "/service-records")["data"]
    return str(record["volunteer"])


def forgotten(site: Site, volunteer: str) -> None:
    site.made(site.operator, f"/parties/volunteer:{volunteer}/forget", {})


def waiting(**changes: str) -> list[list[str]]:
    """Rows of a second file: two of V1, one of which has slipped, and one of V2."""
    slipped = ["", *row(活动编号="A2", 签到="2025-03-08 14:00")[:-1]]
    held = {"活动编号": "A3", "签到": "2025-03-08 10:00", "签退": "2025-03-08 10:30", **changes}
    return [row(**held), second(活动编号="A4"), slipped, row(活动编号="A5", 签退="")]


def says(site: Site, upload: str) -> str:
    """What the sealed file says now."""
    with site.book.database.reading() as connection:
        found = stored.find(connection, upload)
    assert found is not None
    return imports.content_of(site.book, found).decode()


def test_rows_of_somebody_forgotten_are_empty_at_once_in_a_file_that_waits(
    site: Site, club: Club, ana: str
) -> None:
    """Every other row keeps its number and its fate; what was seen before can be committed no
    more, and the person is not registered anew by it."""
    upload = club.upload(*waiting())["import_id"]
    assert club.fates(upload) == [
        ("held", "overlap", 30),
        ("effective", "", 120),
        ("refused", "missing_field", 0),
        ("refused", "missing_check_out", 0),
    ]
    assert ANA_ID in says(site, upload)
    forgotten(site, ana)
    left = says(site, upload)
    assert ANA_ID not in left
    assert "王安" not in left
    assert BO_ID in left
    told = club.get(upload)
    assert (told["state"], told["revision"], told["why"]) == ("checked", 2, "person_forgotten")
    skipped = ("skipped", "", 0)
    assert club.fates(upload) == [skipped, ("effective", "", 120), skipped, skipped]
    report = told["report"]
    assert (report["effective_total"], report["skipped"]) == (1, 3)
    assert (report["held"], report["held_total"]) == ({}, 0)
    assert (report["refused"], report["refused_total"]) == ({}, 0)
    assert report["rows"] == 4
    assert club.act(upload, "commit", {"revision": 1}).code == "import_changed"
    done = club.committed(upload, revision=2)
    assert (done["state"], done["why"]) == ("committed", "person_forgotten")
    assert len(site.get(club.token, "/service-records")["data"]) == 2
    assert site.book.vault.find("volunteer", "identity_number", ANA_ID) == []


def test_effective_rows_of_somebody_forgotten_bring_nothing_any_more(
    site: Site, club: Club, ana: str
) -> None:
    upload = club.upload(
        row(
            活动编号="A2",
            签到="2025-03-08 14:00",
            签退="2025-03-08 15:00",
            活动开始="2025-03-08 14:00",
            活动结束="2025-03-08 15:00",
            录入时间="2025-03-08 16:00",
        )
    )["import_id"]
    before = club.get(upload)["report"]
    assert (before["effective"]["check_in"], before["service_minutes_total"]) == (1, 60)
    forgotten(site, ana)
    report = club.get(upload)["report"]
    assert (report["effective"]["check_in"], report["service_minutes"]["check_in"]) == (0, 0)
    assert (report["effective_total"], report["service_minutes_total"]) == (0, 0)


def test_what_is_being_recorded_goes_on_without_the_rows_of_somebody_forgotten(
    site: Site, club: Club, ana: str
) -> None:
    upload = club.upload(*waiting())["import_id"]
    assert club.act(upload, "commit", {"revision": 1}).status == 201
    forgotten(site, ana)
    assert club.get(upload)["state"] == "committing"
    while imports.advance(site.book):
        pass
    done = club.get(upload)
    assert (done["state"], done["done"], done["why"]) == ("committed", 4, "person_forgotten")
    assert club.fates(upload)[:2] == [("skipped", "", 0), ("effective", "", 120)]
    assert site.book.vault.find("volunteer", "identity_number", ANA_ID) == []


def test_a_file_that_was_recorded_loses_the_rows_and_keeps_what_became_of_them(
    site: Site, club: Club, ana: str
) -> None:
    upload = club.upload(*waiting())["import_id"]
    before = club.committed(upload)
    fates = club.fates(upload)
    forgotten(site, ana)
    assert ANA_ID not in says(site, upload)
    assert (club.get(upload)["report"], club.fates(upload)) == (before["report"], fates)
    assert [each.get("volunteer_number", "") for each in club.get(upload, "/rows")["data"]] == [
        "",
        "V2",
        "",
        "",
    ]


def test_files_of_others_stay_byte_for_byte(site: Site, club: Club, ana: str) -> None:
    upload = club.upload(second())["import_id"]
    before = says(site, upload)
    forgotten(site, ana)
    assert says(site, upload) == before
    told = club.get(upload)
    assert (told["revision"], told["why"]) == (1, "")


def test_a_forgetting_that_was_broken_off_is_made_good_in_files_too(
    site: Site, club: Club, ana: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The entry is there and the process died: the next start empties the rows, because the vault
    forgets last."""
    upload = club.upload(*waiting())["import_id"]
    with monkeypatch.context() as broken:
        broken.setattr(people, "finish", lambda *_: None)
        forgotten(site, ana)
    assert ANA_ID in says(site, upload)
    assert people.repeat_forgets(site.book) == 1
    assert ANA_ID not in says(site, upload)
