"""Filling in: what pages do to values, and what must never pass."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from robots.drivers.browser import Locator
from robots.drivers.playwright_browser import PlaywrightBrowser
from robots.errors import SystemFailure

Show = Callable[[str], PlaywrightBrowser]
SHORT, LONG = 0.3, 15.0


@pytest.mark.parametrize(
    ("script", "value", "shown"),
    [
        ("this.value=Number(this.value).toLocaleString()", 1234567, "1,234,567"),
        ("this.value=this.value.padStart(7,'0')", "11002", "0011002"),
        ("this.value=this.value.normalize('NFKC')", "１２３", "123"),
        ("this.value='¥'+Number(this.value).toLocaleString()", "1000", "¥1,000"),
        ("this.value=this.value.replace(/^(...)(.*)$/,'$1-$2')", "9998888", "999-8888"),
    ],
)
def test_a_page_may_format_what_was_entered(show: Show, script: str, value: object, shown: str) -> None:
    screen = show(f'<label>欄<input onblur="{script}"></label>')
    assert screen.fill_form({"欄": value}, timeout=LONG) == {"欄": shown}


@pytest.mark.parametrize(
    ("script", "value"),
    [
        ("this.value=this.value.slice(0,2)", "1234"),
        ("this.value=this.value.replace('髙','高')", "髙橋"),
        ("this.value=''", "x"),
        ("this.value=this.value+'0'", "12"),
        ("this.value=this.value.replace(/^0+/,'')", "011"),
        ("this.value=String(Math.round(Number(this.value)))", "1.5"),
    ],
)
def test_a_page_that_makes_another_value_of_it_fails(show: Show, script: str, value: str) -> None:
    screen = show(f'<label>欄<input onblur="{script}"></label>')
    with pytest.raises(SystemFailure, match="正しく入りませんでした"):
        screen.fill_form({"欄": value}, timeout=LONG)


def test_a_page_that_wants_real_keys_is_typed_into(show: Show) -> None:
    screen = show(
        "<label>欄<input id=i></label><script>let s='';i.onkeydown=e=>{if(e.isTrusted&&e.key.length===1)s+=e.key};"
        "i.onblur=()=>{i.value=s;s=''}</script>"
    )
    assert screen.fill_form({"欄": "abc"}, timeout=LONG) == {"欄": "abc"}


def test_frameworks_hear_a_persons_events(show: Show) -> None:
    screen = show(
        "<label>欄<input id=i></label><output id=o></output><script>"
        "for(const t of ['focus','keydown','input','keyup','change','blur'])i.addEventListener(t,()=>o.textContent+=t+' ')</script>"
    )
    screen.fill_form({"欄": "a"}, timeout=LONG)
    assert screen.read(Locator(css="#o"), timeout=LONG) == "focus keydown input keyup change blur"


def test_options_that_come_with_another_choice_are_waited_for(show: Show) -> None:
    screen = show(
        "<label>学校<select id=s><option><option>第一</select></label><label>学級<select id=k><option></select></label>"
        "<script>s.onchange=()=>setTimeout(()=>k.innerHTML='<option><option>1組',200)</script>"
    )
    assert screen.fill_form({"学校": "第一", "学級": "1組"}, timeout=LONG) == {"学校": "第一", "学級": "1組"}


def test_a_field_that_another_opens_is_waited_for(show: Show) -> None:
    screen = show(
        "<label>区分<select id=s><option>新規<option>継続</select></label><label>前回番号<input id=n disabled></label>"
        "<script>s.onchange=()=>setTimeout(()=>n.disabled=false,200)</script>"
    )
    assert screen.fill_form({"区分": "継続", "前回番号": "7"}, timeout=LONG)["前回番号"] == "7"


def test_what_the_page_changes_afterwards_is_found_before_the_button(show: Show) -> None:
    screen = show(
        "<form onsubmit=\"document.title='sent';return false\"><label>所属<input id=a></label><label>科目<input id=b></label>"
        "<button>登録</button></form><script>a.onchange=()=>setTimeout(()=>{b.value='既定'},100)</script>"
    )
    screen.fill_form({"所属": "学務課", "科目": "需用費"}, timeout=LONG)
    screen.page.wait_for_function("document.querySelector('#b').value === '既定'")
    with pytest.raises(SystemFailure, match="科目"):
        screen.click(Locator(button="登録"), timeout=LONG)
    assert screen.page.title() != "sent"


def test_options_that_look_alike_are_refused(show: Show) -> None:
    screen = show("<label>課<select><option value=1>学務課<option value=2>学務課</select></label>")
    with pytest.raises(SystemFailure, match="どれか決められません"):
        screen.fill_form({"課": "学務課"}, timeout=SHORT)


def test_a_drawn_checkbox_is_ticked_through_its_label(show: Show) -> None:
    screen = show('<input type="checkbox" id="c" style="display:none"><label for="c">同意する</label>')
    assert screen.fill_form({"同意する": "はい"}, timeout=LONG) == {"同意する": "はい"}


def test_a_secret_appears_in_no_message(show: Show) -> None:
    screen = show(
        '<label>暗証<input maxlength="4" onblur="this.value=\'\'"></label><label>種別<select><option>a</select></label>'
    )
    for values in ({"暗証": "9876"}, {"種別": "himitsu"}):
        with pytest.raises(SystemFailure) as caught:
            screen.fill_form(values, timeout=SHORT, secret=True)
        shown = f"{caught.value} {caught.value.__cause__!r} {caught.value.__context__!r}"
        assert "9876" not in shown
        assert "himitsu" not in shown


def test_a_click_waits_for_what_it_leads_to_in_a_frame_too(show: Show) -> None:
    screen = show(
        '<iframe title="業務画面" srcdoc="<form action=/done><button>登録</button></form>"></iframe>'
        '<a href="/done" target="inner">一覧</a><iframe name="inner" title="内側" srcdoc="<p>x</p>"></iframe>'
    )
    assert screen.page.frames[1].name != "inner"
    screen.click(Locator(link="一覧"), timeout=LONG)
    assert screen.page.frames[2].url.endswith("/done")


def test_a_covered_button_says_by_what(show: Show) -> None:
    screen = show('<button>登録</button><div style="position:fixed;inset:0;background:#fff">読込中</div>')
    with pytest.raises(SystemFailure, match="「読込中」が重なって"):
        screen.click(Locator(button="登録"), timeout=SHORT)


def test_a_press_never_meets_what_moves_under_it(show: Show) -> None:
    screen = show(
        "<style>button{display:block;height:40px;width:200px}</style><div id=gap></div><button id=a>登録</button>"
        "<button onclick=\"document.title='削除'\">削除</button><script>let n=0;const b=document.querySelector('#a');"
        # As soon as the pointer comes near, the page moves: the first press would meet the button below.
        "addEventListener('pointermove',()=>{if(!n++){b.remove();setTimeout(()=>gap.after(b),100)}});"
        "b.onclick=()=>document.title='登録'</script>"
    )
    screen.click(Locator(button="登録"), timeout=LONG)
    assert screen.page.title() == "登録"


def test_evidence_covers_what_it_is_told_to_and_every_number_of_a_person(show: Show, tmp_path: Path) -> None:
    screen = show(
        "<style>p,select,input{display:block;font:20px sans-serif;margin:8px}</style>"
        "<label>氏名<input id=a value='山田花子'></label><p id=b>申請者は山<b>田花</b>子さん</p>"
        "<select id=c><option>佐藤<option selected>山田花子</select><p id=d>個人番号 1234-5678-9018</p>"
        "<p id=e>備考 なし</p>"
    )
    kept = {path.name: path for path in screen.evidence(tmp_path, {"山田花子"})}
    outline = kept["outline.txt"].read_text(encoding="utf-8")
    assert "山田花子" not in outline and "9018" not in outline and "備考 なし" in outline
    with Image.open(kept["screenshot.png"]) as picture:
        inks = {}
        for name in "abcde":
            box = screen.page.locator(f"#{name}").bounding_box()
            assert box
            left, top, width, height = (round(box[side]) for side in ("x", "y", "width", "height"))
            part = picture.convert("RGB").crop((left + 2, top + 2, left + min(width, 300) - 2, top + height - 2))
            inks[name] = len(part.getcolors(100_000) or [])
    assert {name: count == 1 for name, count in inks.items()} == dict.fromkeys("abcd", True) | {"e": False}


def test_evidence_covers_what_was_filled_as_a_secret_wherever_it_shows(show: Show, tmp_path: Path) -> None:
    screen = show(
        "<label>暗証<input id=i oninput='o.textContent=i.value'></label><p id=o></p><label>備考<input value=memo></label>"
    )
    screen.fill_form({"暗証": "naisho-42"}, timeout=LONG, secret=True)
    kept = {path.name: path for path in screen.evidence(tmp_path)}
    assert set(kept) == {"screenshot.png", "outline.txt", "url.txt"}
    outline = kept["outline.txt"].read_text(encoding="utf-8")
    assert "naisho" not in outline
    assert "memo" in outline
    with Image.open(kept["screenshot.png"]) as picture:
        box = screen.page.locator("#o").bounding_box()
        assert box
        # Playwright's mask is one flat colour: nothing of the writing is left.
        left, top, width, height = (round(box[side]) for side in ("x", "y", "width", "height"))
        assert (
            len(picture.convert("RGB").crop((left + 2, top + 2, left + width - 2, top + height - 2)).getcolors(9) or [])
            == 1
        )
    assert screen.page.locator("[data-banken-covered]").count() == 0
