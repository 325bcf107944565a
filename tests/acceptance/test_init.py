"""banken init: from nothing to a first run, by the commands that it tells."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from practice.server import RunningTown
from robots.settings import open_home
from tests.conftest import CityHall, banken_here

PASSPHRASE = "ひみつの合言葉 2026"
WORDS = ("--organization", "青空市", "--approver", "k0001", "--name", "推進室の承認者")


@pytest.fixture
def own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """This test's own settings folder of the user, for its keys."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path / "config" / "banken"


def test_a_new_town_runs_its_first_scenario_once_two_people_agree(
    tmp_path: Path, town: RunningTown, own_settings: Path
) -> None:
    root = tmp_path / "aozora"
    made = banken_here(tmp_path, "init", "aozora", *WORDS, typed=f"{PASSPHRASE}\n")
    assert made.code == 0, made.err
    commands = re.findall(r"banken ((?:check|approve|run) [^（\n]+)", made.out)
    assert [one.split()[0] for one in commands] == ["check", "approve", "run"]
    assert (own_settings / "keys" / "k0001.age").is_file()
    assert "青空市" in (own_settings / "trusted_keys").read_text(encoding="utf-8")
    check, approve, run = (one.split() for one in commands)
    assert banken_here(root, *check).code == 0
    assert banken_here(root, *run).code == 3
    done = banken_here(root, *approve, typed=f"y\n{PASSPHRASE}\n")
    assert done.code == 0, done.err
    assert "「財務」http://127.0.0.1:8710" in done.out
    # The same once more, where the practice town of this test stands.
    hall = CityHall(open_home(root, {}), town)
    hall.edit(run[1], lambda text: text.replace("http://127.0.0.1:8710", town.url))
    assert banken_here(root, *approve, "--yes", typed=f"{PASSPHRASE}\n").code == 3  # nobody has asked for it
    assert banken_here(root, "approve", run[1], "--request", "--as", "s1001", "--yes").code == 0
    assert banken_here(root, *approve, "--yes", typed=f"{PASSPHRASE}\n").code == 0
    done = hall.banken(*run, XDG_CONFIG_HOME=str(own_settings.parent))
    assert done.code == 0, done.out + done.err
    assert hall.arrived("zaimu") == {"R8-001": 1, "R8-002": 1, "R8-003": 1}
    elsewhere = hall.banken(*run, BANKEN_TRUSTED_KEYS=str(tmp_path / "none"))
    assert elsewhere.code == 3
    assert "信頼していません" in elsewhere.err
    for environ, ok, said in (
        ({"XDG_CONFIG_HOME": str(own_settings.parent)}, True, "信頼する承認者 1 人"),
        ({"BANKEN_TRUSTED_KEYS": str(tmp_path / "none")}, False, f"{run[1]} など 1 件の承認は、この端末では効きません"),
    ):
        report = hall.banken("doctor", "--json", **environ).json()
        assert isinstance(report, dict)
        (keys,) = (one for one in report["checks"] if one["name"] == "承認者の鍵")
        assert keys["ok"] is ok and said in keys["detail"]


def test_what_is_there_is_left_alone(tmp_path: Path, own_settings: Path) -> None:
    (tmp_path / "registry.yaml").write_text("organization: 青空市\n", encoding="utf-8")
    assert banken_here(tmp_path, "init", ".", *WORDS, typed=f"{PASSPHRASE}\n").code == 1
    assert (tmp_path / "registry.yaml").read_text(encoding="utf-8") == "organization: 青空市\n"
    assert not (own_settings / "keys").exists()


@pytest.mark.parametrize("person", ["s1001", "承認者", "d 1", "0001", ""])
def test_a_number_that_can_not_stand_for_the_approver_makes_nothing(
    tmp_path: Path, own_settings: Path, person: str
) -> None:
    done = banken_here(tmp_path, "init", "town", "--organization", "青空市", "--approver", person, "--name", "名")
    assert done.code == 1
    assert not (tmp_path / "town").exists()
    assert not (own_settings / "keys").exists()


def test_a_key_is_made_and_told_in_two_lines(tmp_path: Path, own_settings: Path) -> None:
    done = banken_here(tmp_path, "key", "new", "--as", "d0009", typed=f"{PASSPHRASE}\n")
    assert done.code == 0, done.err
    (public,) = set(re.findall(r"ed25519:[\w+/=]+", done.out))
    assert f"\nd0009 {public}\n" in done.out
    assert banken_here(tmp_path, "key", "new", "--as", "d0009", typed=f"{PASSPHRASE}\n").code == 1
    assert banken_here(tmp_path, "key", "new", "--as", "d0008", typed="").code == 2
    assert [one.name for one in (own_settings / "keys").iterdir()] == ["d0009.age"]
