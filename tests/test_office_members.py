"""Members, staff and organisations below on an organisation's pages, and who has no business."""

from __future__ import annotations

import re
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.api_client import Cast, Site, identity_number, key, organisation_code
from tests.page_client import Browser, text_of


@pytest.fixture
def desk(site: Site, cast: Cast) -> Browser:
    return Browser(site).signed_in(f"organisation:{cast.home}")


@pytest.fixture
def stranger(site: Site) -> Browser:
    return Browser(site).signed_in(f"organisation:{site.organisation()}")


def acted(desk: Browser, who: str, act: str, **fields: Any) -> TestResponse:
    """What a form about a member answers."""
    return desk.submit(f"/office/members/{who}/act/{act}", **fields)


def follow(desk: Browser, answer: TestResponse) -> str:
    """What the page says that a form leads to."""
    assert answer.status_code == 303, text_of(answer)
    return text_of(desk.get(answer.headers["Location"]))


def test_members_are_listed_masked_with_hours_and_stars(cast: Cast, desk: Browser) -> None:
    cast.served("2025-03-03 09:00", "11:30")
    said = text_of(desk.get("/office/members"))
    assert "张*" in said
    assert "张三" not in said
    assert "2 小时 30 分" in said
    assert "2 h 30 min" in text_of(desk.get("/office/members?lang=en"))


def test_a_list_can_be_narrowed_by_state_and_goes_on(site: Site, cast: Cast, desk: Browser) -> None:
    assert "张*" not in text_of(desk.get("/office/members?state=suspended"))
    for _ in range(25):
        site.volunteer(cast.home)
    page = desk.get("/office/members").get_data(as_text=True)
    (more,) = re.findall(r'href="(/office/members\?after=\d+)" rel="next"', page)
    assert desk.get(more).get_data(as_text=True).count('role="rowheader"') == 1


def test_another_organisations_members_are_not_there(cast: Cast, stranger: Browser) -> None:
    assert "还没有成员" in text_of(stranger.get("/office/members"))
    unknown = "0" * 16
    for path in ("", "/records", "/history", "/act/suspend", "/card", "/reserve"):
        for who in (cast.ana, unknown):
            assert stranger.get(f"/office/members/{who}{path}").status_code == 404


def test_a_member_is_found_by_number_that_stands_in_no_address(site: Site, desk: Browser) -> None:
    number = identity_number()
    made = desk.submit("/office/members/new", name="林静", identity_number=number, number="V-7")
    who = made.headers["Location"].split("?")[0]
    for typed in ("V-7", number):
        answer = desk.submit("/office/members", "/office/members/find", number=typed)
        assert (answer.status_code, answer.headers["Location"]) == (303, who)
    answer = desk.submit("/office/members", "/office/members/find", number="V-8")
    assert answer.status_code == 404
    assert "没有人用这个号码" in text_of(answer)
    assert number not in site.log.getvalue()
    assert "V-7" not in site.log.getvalue()


def test_a_volunteer_is_registered_and_the_page_says_so_with_the_entry(
    site: Site, desk: Browser
) -> None:
    answer = desk.submit("/office/members/new", name="林静", identity_number=identity_number())
    said = follow(desk, answer)
    assert "已办理：注册志愿者" in said
    assert "林*" in said
    assert f"#{site.size() - 1}" in said


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("110105900101001", "旧的 15 位号码"),
        ("11010519900101", "号码应是 18 位"),
        ("110105199013010012", "出生日期"),
        ("110105199001010000", "最后一位与前面对不上"),
    ],
)
def test_an_odd_identity_number_is_explained_kindly_and_nothing_typed_is_lost(
    site: Site, desk: Browser, number: str, said: str
) -> None:
    size = site.size()
    answer = desk.submit("/office/members/new", name="林静", identity_number=number)
    assert answer.status_code == 422
    html = answer.get_data(as_text=True)
    assert said in text_of(answer)
    assert 'value="林静"' in html
    assert f'value="{number}"' in html
    assert site.size() == size


def test_below_fourteen_a_guardian_must_agree_first_and_below_eighteen_it_is_noted(
    desk: Browser,
) -> None:
    child = identity_number("2014-01-01")
    answer = desk.submit("/office/members/new", name="林静", identity_number=child)
    assert answer.status_code == 422
    body = {"name": "林静", "identity_number": child, "guardian_consent": "yes"}
    assert "已见书面同意" in follow(desk, desk.submit("/office/members/new", **body))
    minor = identity_number("2009-01-01")
    made = desk.submit("/office/members/new", name="林静", identity_number=minor)
    assert "缺监护人同意" in follow(desk, made)
    who = made.headers["Location"].split("?")[0].rpartition("/")[2]
    assert "已见书面同意" in follow(desk, acted(desk, who, "guardian"))


ACTS: dict[str, dict[str, str]] = {
    "insurance": {"valid_from": "2025-03-01", "valid_until": "2026-02-28"},
    "commendation": {"title": "优秀志愿者", "level": "city", "awarded": "2025-03-05"},
    "circumstance": {"circumstance": "needy_elder"},
    "consent": {"purpose": "share_records", "answer": "refused"},
    "suspend": {"reason": "本人要求"},
    "leave": {},
    "died": {},
    "fraud": {"reason": "查实"},
}


@pytest.mark.parametrize("act", ACTS)
def test_what_is_done_about_a_member_is_one_entry(
    site: Site, cast: Cast, desk: Browser, act: str
) -> None:
    size = site.size()
    said = follow(desk, acted(desk, cast.ana, act, **ACTS[act]))
    assert "已办理" in said
    assert site.size() == size + 1


@pytest.mark.parametrize("act", ACTS)
def test_nothing_is_done_about_anothers_member(
    site: Site, cast: Cast, stranger: Browser, act: str
) -> None:
    size, path = site.size(), f"/office/members/{cast.ana}/act/{act}"
    form = {**stranger.form(stranger.get("/office/members/new")), **ACTS[act]}
    assert stranger.post(path, form).status_code == 404
    assert site.size() == size


def test_a_form_sent_twice_is_done_once(site: Site, cast: Cast, desk: Browser) -> None:
    path = f"/office/members/{cast.ana}/act/commendation"
    form = {**desk.form(desk.get(path)), **ACTS["commendation"]}
    first = desk.post(path, form)
    size = site.size()
    assert desk.post(path, form).headers["Location"] == first.headers["Location"]
    assert site.size() == size


def test_a_foreign_form_does_nothing(site: Site, cast: Cast, desk: Browser) -> None:
    size, path = site.size(), f"/office/members/{cast.ana}/act/suspend"
    form = desk.form(desk.get(path))
    assert desk.post(path, form, Origin="https://evil.example").status_code == 403
    assert desk.post(path, {**form, "form": "0" * 64}).status_code == 403
    assert desk.post(path, {"key": key()}).status_code == 403
    assert site.size() == size


def test_the_desk_is_for_organisations(site: Site, cast: Cast) -> None:
    reviewer = Browser(site).signed_in(f"staff:{site.staff(cast.home)}")
    for path in ("/office/members", "/office/staff", "/office/organisations"):
        assert Browser(site).get(path).status_code == 401
        assert reviewer.get(path).status_code == 403


def test_who_was_suspended_is_reinstated(cast: Cast, desk: Browser) -> None:
    assert "已暂停" in follow(desk, acted(desk, cast.ana, "suspend"))
    assert "在册" in follow(desk, acted(desk, cast.ana, "reinstate"))


def test_a_course_lets_its_learner_serve_and_shows_its_name(
    site: Site, cast: Cast, desk: Browser
) -> None:
    course = site.activity(cast.home, name="急救培训")
    body = {"course": course, "valid_from": "2025-03-01", "learning_minutes": "120"}
    said = follow(desk, acted(desk, cast.ana, "course", **body))
    assert "急救培训 2 小时" in said


def test_a_relation_is_registered_by_number_and_ended(cast: Cast, desk: Browser) -> None:
    number = identity_number()
    desk.submit("/office/members/new", name="林静", identity_number=number)
    answer = acted(desk, cast.ana, "relation", relative=number, relation="spouse")
    follow(desk, answer)
    here = f"/office/members/{cast.ana}"
    history = desk.get(f"{here}/history").get_data(as_text=True)
    (end,) = re.findall(rf'href="({here}/end/relation/\w+)"', history)
    assert "解除亲友关系" in follow(desk, desk.submit(end))
    assert "/end/relation/" not in desk.get(f"{here}/history").get_data(as_text=True)
    nobody = acted(desk, cast.ana, "relation", relative="V-404", relation="spouse")
    assert nobody.status_code == 404
    assert 'value="V-404"' in nobody.get_data(as_text=True)


def test_a_cards_number_is_shown_to_be_printed_and_its_pin_never(cast: Cast, desk: Browser) -> None:
    path = f"/office/members/{cast.ana}/card"
    form = {**desk.form(desk.get(path)), "pin": "739154"}
    first = desk.post(path, form)
    assert re.search(r"\d{4} \d{4}", text_of(first))
    assert "739154" not in first.get_data(as_text=True)
    assert "卡已发出" in text_of(desk.post(path, form))
    said = desk.get(f"/office/members/{cast.ana}").get_data(as_text=True)
    assert "使用中" in said
    (close,) = re.findall(r'href="([^"]+/close)"', said)
    assert "停用卡" in follow(desk, desk.submit(close, ground="lost"))


def test_an_easy_pin_is_refused_beside_its_field(site: Site, cast: Cast, desk: Browser) -> None:
    size = site.size()
    answer = desk.submit(f"/office/members/{cast.ana}/card", pin="123456")
    assert answer.status_code == 422
    assert 'id="f-pin-says"' in answer.get_data(as_text=True)
    assert 'value="123456"' not in answer.get_data(as_text=True)
    assert site.size() == size


def test_a_slip_is_printed_once_for_who_types_their_pin(
    site: Site, cast: Cast, desk: Browser
) -> None:
    cast.served("2025-03-03 09:00", "11:00")
    coffee = site.reward(site.till())
    issued = desk.submit(f"/office/members/{cast.ana}/card", pin="739154")
    (card,) = re.findall(r"\d{4}(?: \d{4}){2,}(?: \d+)?", text_of(issued))[:1]
    path = f"/office/members/{cast.ana}/reserve"
    form = {**desk.form(desk.get(path)), "reward": coffee, "card": card, "pin": "739154"}
    slip = desk.post(path, form)
    assert slip.status_code == 200
    code = re.search(r"[0-9A-Z]{5}-[0-9A-Z]{5}", text_of(slip))
    assert code
    assert "咖啡一杯" in text_of(slip)
    again = text_of(desk.post(path, form))
    assert code[0] not in again
    assert "不会再显示" in again


def test_without_card_or_consent_nothing_is_reserved(site: Site, cast: Cast, desk: Browser) -> None:
    cast.served("2025-03-03 09:00", "11:00")
    coffee, path = site.reward(site.till()), f"/office/members/{cast.ana}/reserve"
    size = site.size()
    assert desk.submit(path, reward=coffee).status_code in (403, 409, 422)
    assert site.size() == size
    consent = {
        "purpose": "office_redemption",
        "answer": "given",
        "party": f"organisation:{cast.home}",
    }
    site.made(cast.ana_token, f"/volunteers/{cast.ana}/consents", consent)
    assert "持条即可兑换" in text_of(desk.submit(path, reward=coffee))


# Staff and organisations below ------------------------------------------------------------------


def test_staff_are_registered_and_let_in_by_a_link_shown_once(site: Site, desk: Browser) -> None:
    said = follow(desk, desk.submit("/office/staff/new", name="赵六"))
    assert "赵六" in said
    page = desk.get("/office/staff").get_data(as_text=True)
    path = re.findall(r'href="(/office/staff/\w+/link)"', page)[-1]
    form = desk.form(desk.get(path))
    shown = desk.post(path, form)
    (code,) = re.findall(r"(?:[0-9A-Z]{4}-){3}[0-9A-Z]{4}", text_of(shown))
    assert '<svg class="qr"' in shown.get_data(as_text=True)
    assert code not in text_of(desk.post(path, form))
    reviewer = Browser(site)
    assert reviewer.post("/sign-in", {"link": code}).headers["Location"] == "/office/review"


def test_nobody_makes_a_link_for_anothers_staff_or_above(
    site: Site, cast: Cast, stranger: Browser
) -> None:
    worker, size = site.staff(cast.home), site.size()
    for path in (f"/office/staff/{worker}/link", f"/office/organisations/{cast.home}/link"):
        assert stranger.get(path).status_code == 404
        form = stranger.form(stranger.get("/office/staff/new"))
        assert stranger.post(path, form).status_code == 404
    assert site.size() == size


def test_an_organisation_is_registered_below_and_stands_in_the_tree(
    site: Site, stranger: Browser
) -> None:
    with site.earlier():
        city = site.organisation(tier="city", name="市志愿服务中心")
    desk = Browser(site).signed_in(f"organisation:{city}")
    assert "没有下级组织" in text_of(desk.get("/office/organisations"))
    body = {
        "name": "东街",
        "shape": "organisation",
        "tier": "township",
        "organisation_code": organisation_code(),
    }
    answer = desk.submit("/office/organisations/new", **body, parent=city)
    said = follow(desk, answer)
    assert "东街 街道乡镇" in said
    assert stranger.get(f"/office/organisations?of={city}").status_code == 404
    bad = desk.submit(
        "/office/organisations/new", **{**body, "organisation_code": "123"}, parent=city
    )
    assert bad.status_code == 422
    assert 'id="f-organisation_code-says"' in bad.get_data(as_text=True)
