"""The same small town twice: as plain data for the double, and as HTML from a loopback server for the real browser."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from email import message_from_bytes
from email.policy import HTTP
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, quote, unquote, urlsplit

from robots.drivers.browser_pages import MemoryAction, MemoryField, MemoryPage, MemoryTable

FIELDS = (
    MemoryField("受付番号"),
    MemoryField("氏名 必須"),
    MemoryField("年度", "select", ("", "令和7年度", "令和8年度")),
    MemoryField("申請区分", "radio", ("新規", "継続")),
    MemoryField("希望費目", "checks", ("学用品費", "給食費", "修学旅行費")),
    MemoryField("確認した", "check"),
    MemoryField("届出日", "date"),
    MemoryField("暗証"),
    MemoryField("略号", most=3),
    MemoryField("電話"),
    MemoryField("電話", value="1"),
)


class Town:
    """pages(address) gives the page; sent holds what arrived; signed_in is the session."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.sent: list[dict[str, str]] = []
        self.signed_in = False
        self.sign_ins = 0

    def pages(self, address: str) -> MemoryPage | None:
        parts = urlsplit(address)
        maker: Callable[[], MemoryPage] | None = getattr(self, "page_" + parts.path.strip("/"), None)
        return maker() if maker and address.startswith(self.base + "/") else None

    def _register(self, values: Mapping[str, str]) -> str:
        self.sent.append(dict(values))
        return self.base + "/done"

    def page_form(self) -> MemoryPage:
        return MemoryPage(
            "申請入力",
            texts=("必要な項目を入力します", "受付番号の例 R8-10"),
            fields=FIELDS,
            actions=(
                MemoryAction("登録", self._register),
                MemoryAction("確認して登録", self._register, confirm="登録します。よろしいですか？"),
                MemoryAction("壊れたボタン", self.base + "/broken"),
                MemoryAction("よその役所", "http://other.invalid/x", kind="link"),
                MemoryAction("一覧", self.base + "/list", kind="link"),
            ),
        )

    def page_done(self) -> MemoryPage:
        return MemoryPage("完了", texts=("登録しました",), facts=(("受理番号", "A-00123"), ("受付日", "令和8年4月1日")))

    def page_broken(self) -> MemoryPage:
        return MemoryPage("エラー", status=500)

    def page_alert(self) -> MemoryPage:
        return MemoryPage("お知らせ", alert="予期しないお知らせ")

    def page_list(self) -> MemoryPage:
        rows = (("101", "山田 太郎"), ("102", "山田 花子"))
        return MemoryPage(
            "検索結果",
            tables=(MemoryTable("対象者", ("宛名番号", "氏名"), rows),),
            actions=(MemoryAction("次へ", self.base + "/list2", kind="link"),),
        )

    def page_list2(self) -> MemoryPage:
        return MemoryPage("検索結果", tables=(MemoryTable("対象者", ("宛名番号", "氏名"), (("103", "鈴木 一郎"),)),))

    def page_stuck(self) -> MemoryPage:
        return MemoryPage(
            "検索結果",
            tables=(MemoryTable("対象者", ("宛名番号", "氏名"), (("103", "鈴木 一郎"),)),),
            actions=(MemoryAction("次へ", self.base + "/stuck", kind="link"),),
        )

    def page_parts(self) -> MemoryPage:
        def part(name: str) -> MemoryPage:
            return MemoryPage(
                "", fields=(MemoryField("電話番号"),), actions=(MemoryAction("変更", f"{self.base}/{name}"),)
            )

        return MemoryPage("まとまり", parts=(("section", "自宅", part("done")), ("section", "勤務先", part("form"))))

    def page_scopes(self) -> MemoryPage:
        """The same button in a frame, a window of its own, a dialog, two rows of a table and a section."""

        def part(name: str) -> MemoryPage:
            def note(values: Mapping[str, str]) -> str:
                self.sent.append({"どこ": name, **values})
                return self.base + "/done"

            return MemoryPage(name, fields=(MemoryField("備考"),), actions=(MemoryAction("決定", note),))

        named = (
            ("frame", "枠"),
            ("popup", "別窓"),
            ("dialog", "確認"),
            ("row", "1001"),
            ("row", "1002"),
            ("section", "欄"),
        )
        return MemoryPage("範囲", parts=tuple((kind, name, part(name)) for kind, name in named))

    def page_files(self) -> MemoryPage:
        return MemoryPage(
            "ファイル",
            fields=(MemoryField("受付番号"), MemoryField("添付ファイル", "file"), MemoryField("写真", "files")),
            actions=(
                MemoryAction("送付", self._register),
                MemoryAction("一覧を出力", file=("一覧 令和8年度.csv", "番号,氏名\n1,山田\n".encode("cp932"))),
                MemoryAction("外へ", file=("../../外/con.csv", b"x")),
                MemoryAction("案内", self.base + "/done", kind="link"),
                MemoryAction("F9", self._register, kind="key"),
            ),
        )

    def page_login(self) -> MemoryPage:
        def enter(values: Mapping[str, str]) -> str:
            self.signed_in = values == {"利用者": "renshu", "パスワード": "himitsu-123"}
            self.sign_ins += self.signed_in
            return self.base + ("/menu" if self.signed_in else "/refused")

        return MemoryPage(
            "ログイン",
            login=True,
            fields=(MemoryField("利用者"), MemoryField("パスワード", "password")),
            actions=(MemoryAction("ログイン", enter),),
        )

    def page_refused(self) -> MemoryPage:
        page = self.page_login()
        return MemoryPage(
            "ログイン", ("利用者 himitsu-123 か番号が違います",), fields=page.fields, actions=page.actions, login=True
        )

    def page_menu(self) -> MemoryPage:
        return MemoryPage("メニュー", texts=("業務を選びます",)) if self.signed_in else self.page_login()


def _control(field: MemoryField, name: str) -> str:
    label, kind = escape(field.label), field.kind
    if kind in ("text", "password"):
        most = f' maxlength="{field.most}"' if field.most else ""
        return f'<p><label for="{name}">{label}</label><input id="{name}" name="{name}" type="{kind}" value="{field.value}"{most}></p>'
    if kind in ("file", "files"):
        several = " multiple" if kind == "files" else ""
        return f'<p><label for="{name}">{label}</label><input id="{name}" name="{name}" type="file"{several}></p>'
    if kind == "check":
        return f'<p><label><input type="checkbox" name="{name}">{label}</label></p>'
    if kind == "select":
        options = "".join(f"<option>{option}</option>" for option in field.options)
        return f'<table><tr><th>{label}</th><td><select name="{name}">{options}</select></td></tr></table>'
    if kind == "date":
        eras = "".join(f"<option>{era}</option>" for era in ("", "昭和", "平成", "令和"))
        parts = "".join(f'<input name="{name}_{n}" size="4">{unit}' for n, unit in enumerate("年月日"))
        return f'<fieldset><legend>{label}</legend><select name="{name}">{eras}</select>{parts}</fieldset>'
    tick = "radio" if kind == "radio" else "checkbox"
    boxes = "".join(f'<label><input type="{tick}" name="{name}" value="{o}">{o}</label>' for o in field.options)
    return f"<fieldset><legend>{label}</legend>{boxes}</fieldset>"


def _form(page: MemoryPage, address: str, path: str) -> str:
    controls = "".join(_control(field, f"f{n}") for n, field in enumerate(page.fields))
    actions = ""
    for n, action in enumerate(page.actions):
        asked = f""" onclick="return confirm('{action.confirm}')\"""" if action.confirm else ""
        go = f"/_act?at={quote(address, safe='')}&amp;path={path}&amp;n={n}"
        if action.kind == "key":
            press = f"if (event.key === '{action.name}') this.querySelector('#k{n}').click()"
            actions += f"""<button id="k{n}" formaction="{go}" hidden></button>
                <script>addEventListener('keydown', function (event) {{ {press} }}.bind(document.currentScript.form || document))</script>"""
        elif action.kind == "link":
            actions += f'<a href="{escape(str(action.to))}">{action.name}</a> '
        else:
            actions += f'<button formaction="{go}"{asked}>{action.name}</button> '
    files = ' enctype="multipart/form-data"' if 'type="file"' in controls else ""
    return f'<form method="post"{files}>{controls}{actions}</form>'


def _part(page: MemoryPage, address: str, n: int) -> str:
    kind, title, part = page.parts[n]
    form = _form(part, address, str(n))
    alone = f"/_part?at={quote(address, safe='')}&amp;n={n}"
    if kind == "frame":
        return f'<iframe title="{title}" src="{alone}"></iframe>'
    if kind == "popup":
        return f"<script>window.open('{alone}'.replaceAll('&amp;', '&'), '_blank', 'width=500,height=400')</script>"
    if kind == "dialog":
        return f'<div role="dialog" aria-label="{title}">{form}</div>'
    if kind == "row":
        return f"<table><tr><td>{title}</td><td>{form}</td></tr></table>"
    return f"<section><h2>{title}</h2>{form}</section>"


def html(page: MemoryPage, address: str) -> str:
    """The page as a city hall's system would show it."""
    facts = "".join(f"<tr><th>{label}</th><td>{text}</td></tr>" for label, text in page.facts)
    role = ' role="alert"' if page.login else ""
    body = "".join(f"<p{role}>{text}</p>" for text in page.texts) + (f"<table>{facts}</table>" if facts else "")
    for table in page.tables:
        head = "".join(f"<th>{name}</th>" for name in table.columns)
        rows = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in table.rows)
        body += f"<table><caption>{table.title}</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    body += _form(page, address, "")
    body += "".join(_part(page, address, n) for n in range(len(page.parts)))
    script = f"<script>alert('{page.alert}')</script>" if page.alert else ""
    return f'<!doctype html><html lang="ja"><meta charset="utf-8"><title>{page.title}</title><h1>{page.title}</h1>{body}{script}'


def _values(page: MemoryPage, form: dict[str, list[str]]) -> dict[str, str]:
    values = {}
    for n, field in enumerate(page.fields):
        got = form.get(f"f{n}", [])
        if field.kind == "check":
            values[field.label] = "はい" if got else "いいえ"
        elif field.kind == "date":
            year, month, day = (form.get(f"f{n}_{i}", [""])[0] for i in range(3))
            values[field.label] = f"{got[0]}{year}年{month}月{day}日" if year else ""
        else:
            values[field.label] = "、".join(got)
    return values


def _sent(kind: str, body: bytes) -> dict[str, list[str]]:
    """What a form sent; of a file its name."""
    if not kind.startswith("multipart/"):
        return parse_qs(body.decode(), keep_blank_values=True)
    form: dict[str, list[str]] = {}
    for part in message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + body, policy=HTTP).iter_parts():
        name = str(part.get_param("name", header="content-disposition"))
        text = part.get_filename() or bytes(part.get_payload(decode=True)).decode()
        form.setdefault(name, []).append(text)
    return form


class TownServer:
    """Serves a town on a free loopback port."""

    def __init__(self) -> None:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                address = outer.town.base + self.path
                query = parse_qs(urlsplit(self.path).query)
                if self.path.startswith("/_part"):
                    whole = outer.town.pages(query["at"][0])
                    assert whole
                    n = int(query["n"][0])
                    part = whole.parts[n][2]
                    title = f"<!doctype html><meta charset=utf-8><title>{part.title}</title>"
                    self._send(200, title + _form(part, query["at"][0], str(n)))
                    return
                page = outer.town.pages(address)
                self._send(page.status if page else 404, html(page, address) if page else "no such page")

            def do_POST(self) -> None:
                form = _sent(self.headers["content-type"], self.rfile.read(int(self.headers["content-length"])))
                query = parse_qs(urlsplit(self.path).query, keep_blank_values=True)
                address = unquote(query["at"][0])
                page = outer.town.pages(address)
                assert page
                part = page.parts[int(query["path"][0])][2] if query["path"][0] else page
                action = part.actions[int(query["n"][0])]
                if action.file is not None:
                    self.send_response(200)
                    self.send_header("Content-Disposition", f"attachment; filename*=UTF-8''{quote(action.file[0])}")
                    self.end_headers()
                    self.wfile.write(action.file[1])
                    return
                to = action.to
                self.send_response(303)
                self.send_header("Location", to if isinstance(to, str) else to(_values(part, form)))
                self.end_headers()

            def _send(self, status: int, text: str) -> None:
                self.send_response(status)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_: object) -> None:
                """Silent."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.town = Town(f"http://127.0.0.1:{self._server.server_port}")
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
