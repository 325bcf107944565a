"""Sharing: nothing of the town leaves, what arrives is what was sent, and a hostile file does nothing."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from datetime import date

import pytest
from openpyxl import Workbook
from pypdf import PdfReader, PdfWriter

from robots.errors import BusinessError
from robots.registry.share import MANIFEST, Shared, digest_of_files, packed, unpacked
from robots.registry.share_clean import cleaned
from robots.registry.share_in import draft_of, take_in
from robots.scenario.model import Scenario
from robots.scenario.validate import read_scenario
from robots.settings import Home
from tests.unit.registry.registry_help import DAY, ID, loaded

SOURCE = """\
名称: 届出の入力            # 学務課の担当が作った（内線 2345）
概要: 学務課の係長へ。電話 0258-12-3456、taro@city.example.lg.jp、番号 123456789012
利用:
  サイト: {学務: "https://gakumu.city.example.lg.jp:8443", 住民: "http://10.20.30.40/jumin"}
  資格情報: [gakumu-login]
  フォルダ: {受付: '\\\\fs01\\gakumu\\in', 出力: var/out}
  メール: [city.example.lg.jp]
準備:
  - ログインする: {サイト: 学務, 資格情報: gakumu-login}
  - 画面を開く: ${サイト.学務}/menu
  - 画面を開く: https://gakumu.city.example.lg.jp:8443/list
  - 記録する: s1001 の gakumu-login を使う
"""
SECRETS = (
    "city.example.lg.jp", "10.20.30.40", "gakumu-login,", "fs01", "学務課の担当", "学務課の係長", "0258-12-3456",
    "taro", "2345", "123456789012", "s1001",
)  # fmt: skip


def scenario(files: dict[str, bytes]) -> Scenario:
    read = read_scenario(files, ID)
    assert isinstance(read, Scenario), str(read)
    return read


def shared(files: dict[str, bytes] | None = None) -> Shared:
    files = files or {"scenario.yaml": "名称: 例\n準備:\n  - 記録する: 例\n".encode()}
    return Shared(ID, "例", "none", "8.0", "練習市", DAY, digest_of_files(files), files)


def test_nothing_of_the_town_leaves_and_the_scenario_stays_whole(home: Home) -> None:
    files = {
        "scenario.yaml": SOURCE.encode(),
        "forms/names.txt": "佐藤花子\n".encode(),
        "README.md": b"http://10.20.30.40/x",
    }
    clean = cleaned(files, scenario(files), loaded(home).register, lists=False)
    left = b"\n".join(clean.files.values()).decode()
    assert [one for one in (*SECRETS, "佐藤") if one in left] == []
    read = scenario(clean.files)
    assert list(read.uses.sites) == ["学務", "住民"] and len(set(read.uses.sites.values())) == 2
    assert read.uses.credentials == ["credential-1"]
    text = clean.files["scenario.yaml"].decode()
    assert f"{read.uses.sites['学務']}/list" in text, "the same thing has the same place holder"
    assert all("か所" in one or "一覧" in one for one in clean.changed)


def test_properties_of_blanks_and_books_name_nobody(home: Home) -> None:
    pdf, book, made = PdfWriter(), Workbook(), io.BytesIO()
    pdf.add_blank_page(100, 100)
    pdf.add_metadata({"/Author": "Yamada Taro"})
    pdf.write(made)
    book.properties.creator, book.properties.lastModifiedBy = "Yamada Taro", "Sato"
    xlsx = io.BytesIO()
    book.save(xlsx)
    files = {"scenario.yaml": SOURCE.encode(), "blank.pdf": made.getvalue(), "結果.xlsx": xlsx.getvalue()}
    clean = cleaned(files, scenario(files), loaded(home).register, lists=False)
    told = PdfReader(io.BytesIO(clean.files["blank.pdf"])).metadata
    assert told is None or not told.get("/Author")
    with zipfile.ZipFile(io.BytesIO(clean.files["結果.xlsx"])) as archive:
        core = archive.read("docProps/core.xml")
    assert b"Yamada" not in core and b"Sato" not in core
    assert len(clean.look_at) == 2, "a person still looks at what is printed on them"


def test_what_arrives_is_what_was_sent_as_a_draft_with_its_origin(home: Home) -> None:
    sent = shared()
    arrived = unpacked(packed(sent))
    assert arrived == sent
    assert packed(sent) == packed(sent)
    entry = draft_of(arrived, owner="s1001", deputy="s1002", today=DAY)
    before = home.register.read_text(encoding="utf-8")
    assert take_in(home, "gakumu/new", arrived, entry, DAY) is None
    added = loaded(home).register.scenarios["gakumu/new"]
    assert (added.origin.town, added.origin.digest) == ("練習市", sent.digest) if added.origin else False
    assert (added.approval, added.request) == (None, None)
    assert (home.scenarios / "gakumu/new/scenario.yaml").read_bytes() == sent.files["scenario.yaml"]
    after = home.register.read_text(encoding="utf-8")
    assert [line for line in before.splitlines() if line not in after.splitlines()] == []


@pytest.mark.parametrize("taken", [ID, "gakumu/flow"])
def test_what_is_there_is_not_replaced(home: Home, taken: str) -> None:
    before = (home.scenarios / taken / "scenario.yaml").read_bytes()
    with pytest.raises(BusinessError):
        take_in(home, taken, shared(), draft_of(shared(), owner="s1001", deputy="s1002", today=DAY), DAY)
    assert (home.scenarios / taken / "scenario.yaml").read_bytes() == before


def test_a_scenario_with_mistakes_writes_nothing(home: Home) -> None:
    broken, before = shared({"scenario.yaml": "名称: 例\n".encode()}), home.register.read_bytes()
    entry = draft_of(broken, owner="s1001", deputy="s1002", today=DAY)
    assert take_in(home, "gakumu/new", broken, entry, DAY) is not None
    assert not (home.scenarios / "gakumu/new").exists() and home.register.read_bytes() == before


Change = Callable[[dict[str, bytes]], None]


def rezipped(change: Change) -> bytes:
    """A share whose parts were changed by somebody on the way."""
    with zipfile.ZipFile(io.BytesIO(packed(shared()))) as archive:
        parts = {info.filename: archive.read(info) for info in archive.infolist()}
    change(parts)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def signed_off(name: str, data: bytes = b"x") -> Change:
    """Adds a file, and has the manifest agree with it."""

    def change(parts: dict[str, bytes]) -> None:
        parts[name] = data
        inside = {path.removeprefix("scenario/"): one for path, one in parts.items() if path != MANIFEST}
        manifest = json.loads(parts[MANIFEST])
        manifest["files"] = {path: hashlib.sha256(one).hexdigest() for path, one in inside.items()}
        manifest["digest"] = digest_of_files(inside)
        parts[MANIFEST] = json.dumps(manifest).encode()

    return change


def edited(**values: object) -> Change:
    return lambda parts: parts.update({MANIFEST: json.dumps({**json.loads(parts[MANIFEST]), **values}).encode()})


@pytest.mark.parametrize(
    "name",
    [
        "../evil.txt", "scenario/../../evil.txt", "/etc/passwd", "scenario//etc/x", "scenario/a/../../b", "C:/evil.txt",
        "scenario/C:evil", "scenario/a\\..\\b", "scenario/con.txt", "scenario/LPT1", "scenario/a. ", "scenario/a:b",
        "scenario/\u202etxt.exe", "scenario/a\nb", "elsewhere/a.txt", "scenario/./a", "scenario/dir/", "scenario/" + "a" * 300,
    ],
)  # fmt: skip
def test_a_name_that_leads_elsewhere_is_refused(name: str) -> None:
    with pytest.raises(BusinessError):
        unpacked(rezipped(signed_off(name)))


@pytest.mark.parametrize(
    "change",
    [
        lambda parts: parts.update({"scenario/scenario.yaml": b"name: other\n"}),
        lambda parts: parts.update({"scenario/more.txt": b"x"}),
        lambda parts: parts.pop("scenario/scenario.yaml"),
        lambda parts: parts.pop(MANIFEST),
        lambda parts: parts.update({MANIFEST: b"[" * 100_000}),
        edited(digest="sha256:0"),
        edited(format="another"),
        edited(data="all"),
        edited(minutes_per_item="1}\n    approval: {"),
        edited(origin=["a"]),
        edited(exported="yesterday"),
        signed_off("scenario/SCENARIO.yaml"),
        signed_off("scenario/bomb.txt", b"\0" * 60_000_000),
        signed_off("scenario/bomb.txt", b"\0" * 30_000_000),
    ],
)
def test_what_is_not_as_it_was_made_is_refused(change: Change) -> None:
    with pytest.raises(BusinessError):
        unpacked(rezipped(change))


def test_links_encryption_and_no_zip_at_all_are_refused() -> None:
    made = io.BytesIO(packed(shared()))
    with zipfile.ZipFile(made, "a") as archive:
        link = zipfile.ZipInfo("scenario/link")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    for content in (made.getvalue(), b"", b"PK\x03\x04" + b"\0" * 50, packed(shared())[:-30]):
        with pytest.raises(BusinessError):
            unpacked(content)


def test_words_of_a_manifest_stay_words_in_the_register(home: Home) -> None:
    sent = shared()
    odd = Shared(ID, 'a"}\n  x: {', "none", "8", '市"}, approval: {', date(2026, 1, 1), sent.digest, sent.files)
    entry = draft_of(unpacked(packed(odd)), owner="s1001", deputy="s1002", today=DAY)
    assert take_in(home, "gakumu/new", odd, entry, DAY) is None
    added = loaded(home).register.scenarios["gakumu/new"]
    assert (added.name, added.approval) == ('a"}\n  x: {', None)
    assert added.origin is not None and added.origin.town == '市"}, approval: {'
