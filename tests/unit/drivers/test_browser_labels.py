"""Labels are resolved as a person reads the page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from robots.drivers.browser import Locator, Scope
from robots.drivers.playwright_browser import PlaywrightBrowser
from robots.errors import SystemFailure

Show = Callable[[str], PlaywrightBrowser]
SHORT, LONG = 0.3, 15.0
NAME = "氏名"


@pytest.mark.parametrize(
    "body",
    [
        '<label for="x">氏名</label><input id="x">',
        "<label>氏名<input></label>",
        "<label>氏　名 <span>必須</span><input></label>",
        "<label>※氏名：<input><small>全角で</small></label>",
        '<input aria-label="氏名">',
        '<span id="t">氏名*</span><p><input aria-labelledby="t"></p>',
        "<table><tr><th>氏名</th><td><input></td><th>カナ</th><td><input></td></tr></table>",
        "<table><tr><td>氏名</td><td><input></td><td>カナ</td><td><input></td></tr></table>",
        "<dl><dt>氏名</dt><dd><input></dd><dt>カナ</dt><dd><input></dd></dl>",
        "氏名：<input> カナ：<input>",
        "<p>氏名<br><input></p>",
        "<div><div>氏名【必須】</div><div><span><input></span></div></div>",
        "<fieldset><legend>氏名</legend><input></fieldset>",
        '<input title="氏名">',
        '<input placeholder="氏名">',
        '<label for="y" hidden>氏名</label><input id="y" hidden><label for="x">氏名</label><input id="x">',
        '<div id="host"></div><script>host.attachShadow({mode:"open"}).innerHTML="<label>氏名<input></label>"</script>',
        '<div id="late"></div><script>setTimeout(()=>late.innerHTML="<label>氏名<input></label>",150)</script>',
    ],
)
def test_a_field_is_found_by_its_label(show: Show, body: str) -> None:
    screen = show(body)
    assert screen.fill_form({NAME: "山田"}, timeout=3) == {NAME: "山田"}
    assert screen.read(Locator(label=NAME), timeout=LONG) == "山田"


def test_grid_cells_are_found_by_row_and_column(show: Show) -> None:
    screen = show(
        "<table><thead><tr><th>日</th><th>1年</th><th>2年</th></tr></thead><tbody>"
        "<tr><th>4月6日</th><td><input id=a></td><td><input id=b></td></tr>"
        "<tr><th>4月7日</th><td><input id=c></td><td><input id=d></td></tr></tbody></table>"
    )
    screen.fill_form({"4月7日 1年": 30}, timeout=LONG)
    assert screen.read(Locator(css="#c"), timeout=LONG) == "30"
    with screen.within(Scope(row="4月6日"), timeout=LONG):
        screen.fill_form({"2年": 31}, timeout=LONG)
    assert screen.read(Locator(css="#b"), timeout=LONG) == "31"
    with pytest.raises(SystemFailure, match="2 個あり"):
        screen.fill_form({"1年": 1}, timeout=SHORT)


@pytest.mark.parametrize(
    "parts",
    [
        '<select><option><option>昭和<option>平成<option>令和</select><input size="2">年<input size="2">月<input size="2">日',
        '<label>元号<select><option>平成<option value="5">令和</select></label>'
        "<label>年<input></label><label>月<input></label><label>日<input></label>",
        "<select><option>H<option>R</select><select><option><option>7年<option>8年</select>"
        "<select><option><option>03月<option>04月</select><select><option><option>01日<option>02日</select>",
        '<label><input type="radio" name="e">平成</label><label><input type="radio" name="e">令和</label>'
        "<input>年<input>月<input>日",
    ],
)
def test_a_date_in_parts_takes_a_date(show: Show, parts: str) -> None:
    for body in (
        f"<fieldset><legend>届出日</legend>{parts}</fieldset>",
        f"<table><tr><th>届出日</th><td>{parts}</td></tr></table>",
    ):
        screen = show(body)
        screen.fill_form({"届出日": date(2026, 4, 1)}, timeout=LONG)
        shown = (
            screen.read(Locator(label="届出日"), timeout=LONG)
            .replace("R", "令和")
            .replace("04", "4")
            .replace("01", "1")
        )
        assert shown == "令和8年4月1日"


def test_two_dates_of_one_form_are_kept_apart(show: Show) -> None:
    parts = "<select><option>平成<option>令和</select><input>年<input>月<input>日"
    screen = show(f"<p>届出日 {parts}</p><p>異動日 {parts}</p>")
    screen.fill_form({"届出日": "R8.4.1", "異動日": "H30.1.2"}, timeout=LONG)
    assert screen.read(Locator(label="届出日"), timeout=LONG) == "令和8年4月1日"
    assert screen.read(Locator(label="異動日"), timeout=LONG) == "平成30年1月2日"


def test_a_date_in_western_years_is_filled_as_such(show: Show) -> None:
    screen = show("<p>期限 <input>年<input>月<input>日</p>")
    screen.fill_form({"期限": "令和8年4月1日"}, timeout=LONG)
    assert screen.read(Locator(label="期限"), timeout=LONG) == "2026年4月1日"


def test_the_nearest_names_are_offered(show: Show) -> None:
    screen = show("<label>児童氏名<input></label><label>保護者氏名<input></label><label>備考<input></label>")
    with pytest.raises(SystemFailure) as caught:
        screen.fill_form({"児童指名": "x"}, timeout=SHORT)
    assert caught.value.guess
    assert caught.value.guess.startswith("児童氏名")
    assert "備考" in caught.value.mend
