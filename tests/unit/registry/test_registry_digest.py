"""The digest: every byte that can influence a run changes it, and nothing else does."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robots.errors import SystemFailure
from robots.registry.digest import GOVERNED, changed_parts, digest_of, parts_of, read_folder

ID = "gakumu/enjo"
FILES = {"scenario.yaml": b"name: a\n", "forms/a.yaml": b"form: a\n", "books/結.xlsx": b"PK"}
ENTRY: dict[str, object] = {
    "name": "就学援助",
    "owner": "s1001",
    "deputy": "s1002",
    "runs_on": ["robot-1"],
    "stop": "待つ",
    "data": "personal",
    "built_by": "in_house",
    "schedule": {"at": "19:00", "on": "every open day"},
    "baseline": {"minutes_per_item": "8.0", "measured": "2026-05-12"},
    "review": {"before": "様式"},
    "reviewed_by": "2027-03-31",
}


def digest(files: Mapping[str, bytes] = FILES, entry: Mapping[str, object] = ENTRY, scenario: str = ID) -> str:
    return digest_of(scenario, files, entry)


def put(folder: Path, files: Mapping[str, bytes]) -> Path:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def test_the_digest_says_how_it_was_made_and_does_not_hang_on_the_order() -> None:
    assert digest().startswith("sha256:")
    assert len(digest()) == len("sha256:") + 64
    backwards = dict(reversed(FILES.items()))
    shuffled = {key: ENTRY[key] for key in sorted(ENTRY, reverse=True)}
    assert digest(backwards, {**shuffled, "schedule": {"on": "every open day", "at": "19:00"}}) == digest()


@settings(deadline=None)
@given(st.sampled_from(sorted(FILES)), st.data())
def test_any_changed_byte_changes_it(name: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(FILES[name]) - 1))
    other = data.draw(st.integers(0, 255).filter(lambda byte: byte != FILES[name][place]))
    changed = FILES[name][:place] + bytes([other]) + FILES[name][place + 1 :]
    assert digest({**FILES, name: changed}) != digest()


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({**FILES, "scenario.yaml": b"name: a"}, ["scenario.yaml が変わっています"]),
        ({**FILES, "scenario.yaml": b"name: a\r\n"}, ["scenario.yaml が変わっています"]),
        ({**FILES, "forms/b.yaml": b""}, ["forms/b.yaml が加わっています"]),
        ({k: v for k, v in FILES.items() if k != "forms/a.yaml"}, ["forms/a.yaml がなくなっています"]),
        (
            {**{k: v for k, v in FILES.items() if k != "forms/a.yaml"}, "forms/b.yaml": FILES["forms/a.yaml"]},
            ["forms/a.yaml がなくなっています", "forms/b.yaml が加わっています"],
        ),
        (
            {**FILES, "scenario.yaml": FILES["forms/a.yaml"], "forms/a.yaml": FILES["scenario.yaml"]},
            ["forms/a.yaml が変わっています", "scenario.yaml が変わっています"],
        ),
        ({**{k: v for k, v in FILES.items() if k != "books/結.xlsx"}, "Books/結.xlsx": b"PK"}, None),
    ],
)
def test_changed_added_removed_renamed_and_swapped_files_change_it_and_are_named(
    files: dict[str, bytes], words: list[str] | None
) -> None:
    assert digest(files) != digest()
    changes = changed_parts(parts_of(FILES, ENTRY), parts_of(files, ENTRY))
    assert changes == words if words is not None else len(changes) == 2


def test_the_same_files_under_another_id_are_another_scenario() -> None:
    assert digest(scenario="gakumu/enjo2") != digest()


@pytest.mark.parametrize("key", [key for key in GOVERNED if key in ENTRY])
def test_every_governed_key_changes_it_and_is_named(key: str) -> None:
    for entry in ({**ENTRY, key: "other"}, {name: value for name, value in ENTRY.items() if name != key}):
        assert digest(entry=entry) != digest()
        (change,) = changed_parts(parts_of(FILES, ENTRY), parts_of(FILES, entry))
        assert change.startswith(f"registry.yaml#{key} が")


def test_the_contracts_keys_are_the_governed_ones() -> None:
    assert set(GOVERNED) == {"owner", "deputy", "runs_on", "data", "schedule", "baseline"}


@pytest.mark.parametrize("key", ["name", "stop", "built_by", "review", "reviewed_by", "approval"])
def test_other_keys_do_not_change_it(key: str) -> None:
    assert digest(entry={**ENTRY, key: "other"}) == digest()


# --- the folder ---


def test_a_folder_is_read_by_relative_path_with_slashes(tmp_path: Path) -> None:
    assert read_folder(put(tmp_path, FILES)) == FILES


@pytest.mark.parametrize(
    "name", ["sample/in/a.csv", "expected/out.csv", "books/~$結.xlsx", "~$a.xlsx", ".~lock.結.xlsx#"]
)
def test_samples_expected_results_and_owner_files_stand_outside(tmp_path: Path, name: str) -> None:
    put(tmp_path, {**FILES, name: b"anything"})
    assert read_folder(tmp_path) == FILES


@pytest.mark.parametrize("name", ["forms/sample/a.yaml", "samples/a.csv", "sample.csv", ".hidden", "a/b/c/d.txt"])
def test_whatever_is_not_surely_outside_counts(tmp_path: Path, name: str) -> None:
    put(tmp_path, {**FILES, name: b"anything"})
    assert read_folder(tmp_path) == {**FILES, name: b"anything"}


@pytest.mark.parametrize("at", ["books/linked.xlsx", "linked"])
def test_a_link_is_refused_wherever_it_leads(tmp_path: Path, at: str) -> None:
    folder = put(tmp_path / "scenario", FILES)
    outside = put(tmp_path / "outside", {"a.xlsx": b"PK"})
    target = outside / "a.xlsx" if at.endswith(".xlsx") else outside
    try:
        (folder / at).symlink_to(target, target_is_directory=target.is_dir())
    except OSError:
        pytest.skip("this account may not make links")
    with pytest.raises(SystemFailure, match="リンク") as refusal:
        read_folder(folder)
    assert at in refusal.value.what


@pytest.mark.parametrize("name", ["registry.yaml#owner", "a\n-\tsha256", "a\tb"])
def test_a_name_that_could_pass_for_another_line_of_the_listing_is_refused(tmp_path: Path, name: str) -> None:
    if os.name == "nt" and "#" not in name:
        pytest.skip("Windows has no such names")
    put(tmp_path, {**FILES, name: b"anything"})
    with pytest.raises(SystemFailure, match="ファイル名"):
        read_folder(tmp_path)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    put(tmp_path, FILES)
    locked = tmp_path / "forms" / "a.yaml"
    locked.chmod(0)
    try:
        locked.read_bytes()
    except OSError:
        with pytest.raises(SystemFailure, match=r"forms/a\.yaml"):
            read_folder(tmp_path)
    else:
        pytest.skip("this account may read everything")
    finally:
        locked.chmod(0o600)
