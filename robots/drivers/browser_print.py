"""Prints one page of HTML to PDF with the browser that is on the machine; nothing is fetched from anywhere."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Route

from robots.drivers.browser_find import find_browser
from robots.drivers.browser_start import launch, start_playwright
from robots.errors import SystemFailure

_PAGE = "http://print.invalid/"  # a name that no machine has (RFC 2606): whatever is not given here is not there
_FOOT = '<div style="width:100%;text-align:center;font-size:8px"><span class="pageNumber"></span> / <span class="totalPages"></span></div>'


def print_pdf(html: str, files: Mapping[str, bytes]) -> bytes:
    """The page as PDF on A4, with page numbers; its text stays text, its typefaces are embedded.

    files: what the page names by relative address, such as a typeface.
    Raises: SystemFailure where no browser is there or it can't print.
    """
    program = find_browser(False)
    playwright = start_playwright()
    try:
        browser = launch(playwright, program, (), headed=False)
        page = browser.new_page(java_script_enabled=False, locale="ja-JP")

        def serve(route: Route) -> None:
            name = urlsplit(route.request.url).path.lstrip("/")
            if not name:
                route.fulfill(body=html, content_type="text/html; charset=utf-8")
            elif name in files:
                route.fulfill(body=files[name])
            else:
                route.abort()

        page.route("**/*", serve)
        page.goto(_PAGE, wait_until="load")
        return page.pdf(
            format="A4",
            print_background=True,
            prefer_css_page_size=True,
            display_header_footer=True,
            header_template="<span></span>",
            footer_template=_FOOT,
            tagged=True,
        )
    except PlaywrightError as error:
        raise SystemFailure(
            "ブラウザーで PDF を作れませんでした。",
            mend="banken doctor を実行して、ブラウザーの項目を確かめてください。",
        ) from error
    finally:
        playwright.stop()
