"""Where a scenario may read and write: its own approved bytes, and the folders that it declares."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from robots.errors import ScenarioFault
from robots.runner.overlay import Overlay
from robots.runner.places import Places

FILES = {"scenario.yaml": b"name: a\n", "books/a.xlsx": b"approved", "forms/b.yaml": b"form: b\n"}
ON_WINDOWS = os.name == "nt"


@pytest.fixture
def town(tmp_path: Path) -> Path:
    """A town whose scenario lies on disk as it was approved, with a sample."""
    for name, data in {**FILES, "sample/in/a.csv": b"1"}.items():
        path = tmp_path / "scenarios" / "gakumu" / "enjo" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    (tmp_path / "secret.txt").write_bytes(b"not yours")
    return tmp_path


def places(
    town: Path,
    folders: Mapping[str, str] = {},
    files: Mapping[str, bytes] = FILES,
    overlay: Overlay | None = None,
) -> Places:
    return Places(
        scenario=town / "scenarios" / "gakumu" / "enjo",
        folders=folders,
        var=town / "var",
        files=files,
        private=town / "var" / "runs" / "r1" / "approved",
        overlay=overlay,
    )


def link(at: Path, to: Path) -> None:
    try:
        at.symlink_to(to, target_is_directory=to.is_dir())
    except OSError:
        pytest.skip("this account may not make links")


@pytest.mark.parametrize(
    "text",
    [
        "../other/a.xlsx",
        "books/../../x/a.xlsx",
        "..\\..\\secret.txt",
        "books\\..\\..\\secret.txt",
        "..",
        "/etc/passwd",
        "C:\\Windows\\win.ini",
        "C:/Windows/win.ini",
        "C:win.ini",
        "\\\\server\\share\\a.xlsx",
        "//server/share/a.xlsx",
        "\\\\?\\C:\\Windows\\win.ini",
        "",
        " ",
        "\u3000",
        "books/a.xlsx\0.csv",
        "\0",
    ],
)
@pytest.mark.parametrize("write", [False, True])
def test_no_name_leads_out(town: Path, text: str, write: bool) -> None:
    before = sorted(town.rglob("*"))
    with pytest.raises(ScenarioFault) as fault:
        places(town, {"受付": "sample/in", "出力": "var/out"}).file(text, write=write)
    assert fault.value.mend
    assert sorted(town.rglob("*")) == before


def test_an_absolute_name_of_another_file_of_the_town_is_refused(town: Path) -> None:
    for text in (str(town / "secret.txt"), str(town / "registry.yaml"), str(town / "var" / "ledger.sqlite")):
        with pytest.raises(ScenarioFault, match="許されていません"):
            places(town, {"出力": "var/out"}).file(text, write=False)


@pytest.mark.parametrize("write", [False, True])
def test_a_link_that_leads_out_is_refused(town: Path, write: bool) -> None:
    sample = town / "scenarios" / "gakumu" / "enjo" / "sample"
    link(sample / "in" / "file.csv", town / "secret.txt")
    link(sample / "in" / "folder", town)
    for text in ("sample/in/file.csv", "sample/in/folder/secret.txt"):
        with pytest.raises(ScenarioFault, match="許されていません"):
            places(town, {"受付": "sample/in"}).file(text, write=write)


@pytest.mark.parametrize("write", [False, True])
@pytest.mark.parametrize("text", ["sample/in/\ud800.csv", "sample/in/" + "a/" * 2000 + "a.csv", "あ" * 300 + "/a.csv"])
def test_a_name_that_no_file_can_have_is_refused(town: Path, text: str, write: bool) -> None:
    with pytest.raises(ScenarioFault) as fault:
        places(town, {"受付": "sample/in"}).file(text, write=write)
    assert fault.value.mend and len(fault.value.what) < 700
    fault.value.what.encode()


def test_a_link_to_itself_is_refused(town: Path) -> None:
    sample = town / "scenarios" / "gakumu" / "enjo" / "sample" / "in"
    link(sample / "loop", sample / "loop")
    with pytest.raises(ScenarioFault, match="使えません"):
        places(town, {"受付": "sample/in"}).file("sample/in/loop/a.csv", write=False)


# --- the scenario's own files ---


@pytest.mark.parametrize("text", ["books/a.xlsx", "./books/a.xlsx"])
def test_own_files_come_from_the_approved_bytes_and_not_from_the_disk(town: Path, text: str) -> None:
    (town / "scenarios/gakumu/enjo/books/a.xlsx").write_bytes(b"changed since")
    found = places(town).file(text, write=False)
    assert found.read_bytes() == b"approved"
    assert found.name == "a.xlsx"
    assert found.is_relative_to(town / "var" / "runs" / "r1")


def test_own_files_are_there_even_if_they_were_deleted_since(town: Path) -> None:
    (town / "scenarios/gakumu/enjo/forms/b.yaml").unlink()
    assert places(town).file("forms/b.yaml", write=False).read_bytes() == b"form: b\n"


@pytest.mark.parametrize("name", ["books/~$a.xlsx", "books/later.xlsx", "later.csv"])
def test_a_file_that_was_not_hashed_is_not_read(town: Path, name: str) -> None:
    (town / "scenarios/gakumu/enjo" / name).write_bytes(b"put there after the approval")
    with pytest.raises(ScenarioFault, match="承認したシナリオのファイルの中にありません"):
        places(town).file(name, write=False)


@pytest.mark.parametrize("folder", ["books", ".", "forms"])
def test_declaring_an_own_folder_opens_no_way_around_the_approval(town: Path, folder: str) -> None:
    (town / "scenarios/gakumu/enjo/books/a.xlsx").write_bytes(b"changed since")
    (town / "scenarios/gakumu/enjo/books/later.xlsx").write_bytes(b"put there after the approval")
    where = places(town, {"様式": folder})
    assert where.file("books/a.xlsx", write=False).read_bytes() == b"approved"
    with pytest.raises(ScenarioFault):
        where.file("books/later.xlsx", write=False)
    with pytest.raises(ScenarioFault, match="書き込むこと"):
        where.file("books/a.xlsx", write=True)


def test_a_run_that_is_carried_on_after_a_new_approval_reads_the_new_bytes(town: Path) -> None:
    first = places(town).file("books/a.xlsx", write=False)
    assert first.read_bytes() == b"approved"
    again = places(town, files={**FILES, "books/a.xlsx": b"approved anew"}).file("books/a.xlsx", write=False)
    assert again.read_bytes() == b"approved anew"


def test_the_copy_that_is_read_is_put_right_where_somebody_touched_it(town: Path) -> None:
    where = places(town)
    where.file("books/a.xlsx", write=False).write_bytes(b"tampered with")
    assert where.file("books/a.xlsx", write=False).read_bytes() == b"approved"


@pytest.mark.parametrize("name", ["books/a.xlsx", "scenario.yaml", "new.txt", "sample/in/new.csv"])
def test_nothing_is_written_into_the_scenario(town: Path, name: str) -> None:
    with pytest.raises(ScenarioFault, match="書き込むこと"):
        places(town).file(name, write=True)
    assert not (town / "scenarios/gakumu/enjo/new.txt").exists()


def test_samples_are_read_from_the_disk(town: Path) -> None:
    assert places(town).file("sample/in/a.csv", write=False).read_bytes() == b"1"


# --- declared folders ---


def test_a_folder_below_var_is_the_towns(town: Path) -> None:
    where = places(town, {"出力": "var/out", "記録": "./var/log"})
    assert where.folders == {"出力": town / "var" / "out", "記録": town / "var" / "log"}
    written = where.file(f"{where.folders['出力']}/2026/結果.xlsx", write=True)
    assert written == (town / "var" / "out" / "2026" / "結果.xlsx").resolve()
    assert written.parent.is_dir()
    assert where.file(str(written), write=False) == written


def test_the_var_folder_may_lie_elsewhere(town: Path, tmp_path: Path) -> None:
    where = Places(
        scenario=town / "scenarios/gakumu/enjo",
        folders={"出力": "var/out"},
        var=tmp_path / "disk2" / "banken",
        files=FILES,
        private=tmp_path / "p",
    )
    assert where.folders["出力"] == tmp_path / "disk2" / "banken" / "out"


def test_the_town_var_is_not_open_beyond_the_declared_folder(town: Path) -> None:
    where = places(town, {"出力": "var/out"})
    for name in ("ledger.sqlite", "output/x.csv", "out2/x.csv"):
        with pytest.raises(ScenarioFault, match="許されていません"):
            where.file(str(town / "var" / name), write=True)


def test_a_declared_absolute_folder_is_open(town: Path, tmp_path: Path) -> None:
    shared = tmp_path / "共有"
    where = places(town, {"共有": str(shared)})
    assert where.file(str(shared / "a.csv"), write=True) == (shared / "a.csv").resolve()


def test_a_sample_folder_may_be_declared_for_writing(town: Path) -> None:
    where = places(town, {"受付": "sample/in"})
    assert where.file("sample/in/b.csv", write=True).parent.is_dir()


@pytest.mark.parametrize("folder", ["../other", "var/../..", "..\\other", "sample/../.."])
def test_a_declared_folder_may_not_climb(town: Path, folder: str) -> None:
    with pytest.raises(ScenarioFault, match="使えません"):
        places(town, {"外": folder})


@pytest.mark.skipif(ON_WINDOWS, reason="there it is a folder of this machine")
@pytest.mark.parametrize("folder", ["C:\\受付", "\\\\server\\share\\受付"])
def test_a_windows_folder_on_another_system_is_refused_and_nothing_is_made(town: Path, folder: str) -> None:
    with pytest.raises(ScenarioFault, match="この端末では使えません"):
        places(town, {"受付": folder})


# --- a rehearsal writes beside ---


@pytest.fixture
def rehearsed(town: Path) -> Places:
    """Places of a rehearsal, and a real folder with two files."""
    for name in ("a.csv", "下/b.csv"):
        path = town / "var" / "out" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"real")
    return places(town, {"出力": "var/out", "中": "var/out/下"}, overlay=Overlay(town / "rehearsal"))


def under(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_rehearsal_writes_into_a_copy_and_leaves_the_real_file(town: Path, rehearsed: Places) -> None:
    real = str(town / "var" / "out" / "a.csv")
    assert rehearsed.file(real, write=False) == Path(real), "until it is written"
    copy = rehearsed.file(real, write=True)
    assert copy.read_bytes() == b"real"
    copy.write_bytes(b"rehearsed")
    assert rehearsed.file(real, write=True) == rehearsed.file(real, write=False) == copy
    assert copy.read_bytes() == b"rehearsed" and Path(real).read_bytes() == b"real"


def test_a_rehearsal_leaves_no_folder_behind(town: Path, rehearsed: Places) -> None:
    copy = rehearsed.file(str(town / "var" / "out" / "新" / "c.csv"), write=True)
    assert copy.parent.is_dir() and not copy.exists()
    assert not (town / "var" / "out" / "新").exists()


def test_a_folder_is_read_in_a_rehearsal_as_it_would_be_after_the_run(town: Path, rehearsed: Places) -> None:
    out = town / "var" / "out"
    assert rehearsed.file(str(out), write=False) == out, "nothing has been written yet"
    rehearsed.file(str(out / "新" / "c.csv"), write=True).write_bytes(b"new")
    rehearsed.file(str(out / "a.csv"), write=True).unlink()  # moved away
    assert under(rehearsed.file(str(out), write=False)) == {"下/b.csv": b"real", "新/c.csv": b"new"}
    assert not rehearsed.file(str(out / "a.csv"), write=False).exists()
    inner = rehearsed.file(str(out / "下"), write=False)  # named by a folder that stands in another one
    assert under(inner) == {"b.csv": b"real"}
    assert under(out) == {"a.csv": b"real", "下/b.csv": b"real"}


def test_a_folder_that_the_rehearsal_alone_has_can_be_read(town: Path) -> None:
    new = places(town, {"出力": "var/new"}, overlay=Overlay(town / "rehearsal"))
    new.file(str(town / "var" / "new" / "c.csv"), write=True).write_bytes(b"new")
    assert under(new.file(str(town / "var" / "new"), write=False)) == {"c.csv": b"new"}
    assert not (town / "var" / "new").exists()
