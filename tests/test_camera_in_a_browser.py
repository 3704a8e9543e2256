"""The till's camera in a real browser: what it sees is read, and goes the way of a scan.

The browser is given a film instead of a camera: one still picture of a voucher's QR code.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Page, expect

from tests.browser import ARGUMENTS, CHROMIUM, PATIENCE_MS, sign_in, window
from tests.test_till_in_a_browser import Served, served, shop

__all__ = ["served", "shop"]

WIDTH: Final = 640
HEIGHT: Final = 480
_BLACK: Final = 16
_WHITE: Final = 235
_GREY: Final = bytes([128]) * (WIDTH * HEIGHT // 2)


def film_of(text: str) -> bytes:
    """YUV4MPEG2: a QR code in the middle of a white picture, twice."""
    import segno

    rows = [list(row) for row in segno.make(text, error="m", micro=False).matrix]
    scale = 360 // len(rows)
    side = scale * len(rows)
    left, top = (WIDTH - side) // 2, (HEIGHT - side) // 2
    picture = bytearray([_WHITE]) * (WIDTH * HEIGHT)
    for down, row in enumerate(rows):
        line = b"".join(bytes([_BLACK if module else _WHITE]) * scale for module in row)
        for y in range(top + down * scale, top + (down + 1) * scale):
            picture[y * WIDTH + left : y * WIDTH + left + side] = line
    frame = b"FRAME\n" + bytes(picture) + _GREY
    return b"YUV4MPEG2 W%d H%d F10:1 Ip A1:1 C420jpeg\n" % (WIDTH, HEIGHT) + frame * 2


@contextmanager
def filming(chromium: Browser, *arguments: str) -> Iterator[Browser]:
    """The machine's browser once more, with a camera of its own."""
    given = [*ARGUMENTS, "--use-fake-device-for-media-stream", *arguments]
    browser = chromium.browser_type.launch(executable_path=CHROMIUM, args=given)
    yield browser
    browser.close()


def test_the_camera_reads_a_voucher_and_it_is_taken(
    chromium: Browser, served: Served, tmp_path: Path
) -> None:
    film = tmp_path / "voucher.y4m"
    film.write_bytes(film_of(served.voucher()))
    shown = f"--use-file-for-fake-video-capture={film}"
    asked: list[str] = []
    with (
        filming(chromium, "--use-fake-ui-for-media-stream", shown) as camera,
        window(camera, served.url, "camera") as seen,
    ):
        page = seen.page
        page.on("request", lambda request: asked.append(request.url))
        sign_in(seen, served.link())
        expect(page.locator("[data-start]")).to_be_visible()
        # A megabyte is fetched for nobody who does not use it.
        assert not any("wasm" in each or "barcode" in each for each in asked)
        page.locator("[data-start]").focus()
        seen.keys("Enter")
        expect(page.locator("h1")).to_have_text("有效")
        expect(page.locator(".item")).to_have_text("咖啡一杯")
        assert any("/pages/zxing_reader.wasm" in each for each in asked)
        page.click("button.main")
        expect(page.locator("h1")).to_have_text("已核销")
    assert served.taken() == 1


def wait_until(page: Page, is_so: str) -> None:
    """Ask a page until something is so."""
    for _ in range(PATIENCE_MS // 100):
        if page.evaluate(is_so):
            return
        page.wait_for_timeout(100)
    raise AssertionError(is_so)


def test_the_camera_is_stopped_by_its_button(chromium: Browser, served: Served) -> None:
    """Of a camera that sees no code."""
    with (
        filming(chromium, "--use-fake-ui-for-media-stream") as camera,
        window(camera, served.url, "finder") as seen,
    ):
        page = seen.page
        sign_in(seen, served.link(), "en")
        page.click("[data-start]")
        expect(page.locator("video")).to_be_visible()
        # The page's policy lets nobody evaluate text, so it is asked again from here.
        wait_until(page, "() => document.querySelector('video').videoWidth > 0")
        wait_until(page, "() => Boolean(window.BarcodeDetectionAPI)")
        seen.look("seeing")
        page.click("[data-stop]")
        expect(page.locator("video")).to_be_hidden()
        assert page.evaluate("document.querySelector('video').srcObject.active") is False
        expect(page.locator("#code")).to_be_focused()


def test_a_camera_that_is_refused_or_missing_is_said_plainly(
    chromium: Browser, served: Served
) -> None:
    with (
        filming(chromium, "--deny-permission-prompts") as camera,
        window(camera, served.url, "no-camera") as seen,
    ):
        sign_in(seen, served.link())
        seen.page.click("[data-start]")
        expect(seen.page.locator(".camera .net")).to_contain_text("没有获准使用摄像头")
        seen.look("refused")
        seen.page.evaluate(
            "void (navigator.mediaDevices.getUserMedia = async () => "
            "{ throw new DOMException('', 'NotFoundError') })"
        )
        seen.page.click("[data-start]")
        expect(seen.page.locator(".camera .net")).to_contain_text("没有可用的摄像头")


def test_the_browsers_own_reader_is_used_where_it_has_one(
    chromium: Browser, served: Served
) -> None:
    code = served.voucher()
    with (
        filming(chromium, "--use-fake-ui-for-media-stream") as camera,
        window(camera, served.url, "native") as seen,
    ):
        seen.page.add_init_script(
            "window.BarcodeDetector = class {"
            " static async getSupportedFormats() { return ['qr_code']; }"
            f" async detect() {{ return [{{ rawValue: '{code}' }}]; }} }}"
        )
        asked: list[str] = []
        seen.page.on("request", lambda request: asked.append(request.url))
        sign_in(seen, served.link())
        seen.page.click("[data-start]")
        expect(seen.page.locator("h1")).to_have_text("有效")
        assert not any("wasm" in each for each in asked)


def test_without_a_script_there_is_no_camera_button(chromium: Browser, served: Served) -> None:
    with window(chromium, served.url, "no-script", java_script_enabled=False) as seen:
        seen.page.goto(served.link())
        seen.page.click("button.main")
        expect(seen.page.locator("#code")).to_be_visible()
        expect(seen.page.locator("[data-start]")).to_be_hidden()


def test_the_seconds_are_counted_until_the_next_may_be_taken(
    chromium: Browser, served: Served
) -> None:
    """The ledger's clock stands still here, so the button comes back and the wait with it."""
    first, second = served.voucher(), served.voucher()
    with window(chromium, served.url, "too-quick") as seen:
        page = seen.page
        sign_in(seen, served.link())
        seen.type(first)
        expect(page.locator("body.valid")).to_be_visible()
        page.click("button.main")
        expect(page.locator("h1")).to_have_text("已核销")
        page.goto(f"{served.url}/till")
        seen.type(second)
        expect(page.locator("body.waiting .item")).to_have_text("再等 5 秒")
        expect(page.locator("button.main")).to_be_disabled()
        expect(page.locator("button.main")).to_contain_text("秒后可再问")
        seen.look("counting")
        served.site.clock.forward(seconds=6)
        expect(page.locator("button.main")).to_be_enabled()
        expect(page.locator("button.main")).to_have_text("再问一次")
        page.locator("button.main").focus()
        seen.keys("Enter")
        expect(page.locator("h1")).to_have_text("有效")
