"""An organisation's desk on pages: what awaits it, and who has no business there."""

from __future__ import annotations

import pytest

from tests.api_client import Cast, Site
from tests.page_client import Browser, text_of


def test_the_desk_says_what_awaits_it(site: Site, cast: Cast) -> None:
    office = Browser(site).signed_in(f"organisation:{cast.home}")
    assert "没有等您处理" in text_of(office.get("/office"))
    cast.served("2025-03-05 08:00", "17:30")
    assert "待复核的服务记录 1" in text_of(office.get("/office"))
    assert "Service records held for review 1" in text_of(office.get("/office?lang=en"))


def test_another_organisations_desk_says_nothing_of_it(site: Site, cast: Cast) -> None:
    cast.served("2025-03-05 08:00", "17:30")
    other = Browser(site).signed_in(f"organisation:{site.organisation()}")
    assert "没有等您处理" in text_of(other.get("/office"))


@pytest.mark.parametrize("address", ["/office", "/office/review"])
def test_the_desk_is_the_organisations(site: Site, address: str) -> None:
    assert Browser(site).get(address).status_code == 401
    till = site.till()
    manager = Browser(site).signed_in(f"merchant:{till.merchant}", terminal=till.terminal)
    assert manager.get(address).status_code == 403
