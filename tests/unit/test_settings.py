"""Settings: banken.toml, overridden by the environment; a mistake is told, never guessed."""

from __future__ import annotations

from pathlib import Path

import pytest

from robots.errors import ScenarioFault
from robots.settings import Settings, find_home, open_home


def town(root: Path, text: str | bytes | None = None) -> Path:
    (root / "registry.yaml").write_text("organization: 練習市\n", encoding="utf-8")
    if text is not None:
        (root / "banken.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
    return root


def test_everything_has_a_working_default(tmp_path: Path) -> None:
    home = open_home(town(tmp_path), {})
    assert home.settings == Settings(machine=home.settings.machine)
    assert home.settings.machine
    assert home.var == tmp_path / "var"
    assert home.register == tmp_path / "registry.yaml"
    assert home.scenarios == tmp_path / "scenarios"
    assert home.database == f"sqlite:///{(tmp_path / 'var' / 'ledger.sqlite').as_posix()}"


def test_the_file_is_read_and_the_environment_goes_before_it(tmp_path: Path) -> None:
    text = 'machine = "robot-1"\nvar = "記録"\nitem_retries = 3\nsettle_seconds = 1.5\n'
    settings = open_home(town(tmp_path, text), {"BANKEN_MACHINE": "robot-2", "BANKEN_STEP_TIMEOUT": "30"}).settings
    assert (settings.machine, settings.var, settings.item_retries) == ("robot-2", "記録", 3)
    assert (settings.settle_seconds, settings.step_timeout) == (1.5, 30.0)


def test_a_database_of_ones_own(tmp_path: Path) -> None:
    home = open_home(town(tmp_path), {"BANKEN_DATABASE": "postgresql://db/banken"})
    assert home.database == "postgresql://db/banken"


def test_notepads_bom_and_line_ends_do_no_harm(tmp_path: Path) -> None:
    settings = open_home(town(tmp_path, b'\xef\xbb\xbfmachine = "robot-1"\r\n'), {}).settings
    assert settings.machine == "robot-1"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("machine = robot-1\n", "banken.toml を読めません"),
        ("machine\n", "banken.toml を読めません"),
        ('machine = "端末"\n'.encode("cp932"), "banken.toml を読めません"),
        ('machin = "robot-1"\n', "machin が正しくありません"),
        ("step_timeout = 0\n", "step_timeout が正しくありません"),
        ("settle_seconds = -1\n", "settle_seconds が正しくありません"),
        ("item_retries = 11\n", "item_retries が正しくありません"),
        ("item_retries = 1.5\n", "item_retries が正しくありません"),
        ('vault = "cloud"\n', "vault が正しくありません"),
        ("[database]\nurl = 1\n", "database が正しくありません"),
    ],
)
def test_a_mistake_names_what_is_wrong_and_how_to_mend_it(tmp_path: Path, text: str | bytes, words: str) -> None:
    with pytest.raises(ScenarioFault, match=words.replace(".", r"\.")) as fault:
        open_home(town(tmp_path, text), {})
    assert fault.value.mend


def test_a_mistaken_variable_of_the_environment_is_named(tmp_path: Path) -> None:
    with pytest.raises(ScenarioFault, match="step_timeout"):
        open_home(town(tmp_path), {"BANKEN_STEP_TIMEOUT": "すぐ"})


def test_the_town_is_found_from_any_folder_inside_it(tmp_path: Path) -> None:
    inner = town(tmp_path) / "scenarios" / "shimin" / "jutogai"
    inner.mkdir(parents=True)
    assert find_home(inner) == tmp_path
    assert find_home(tmp_path) == tmp_path
    (inner / "registry.yaml").mkdir()
    assert find_home(inner) == tmp_path, "a folder of that name is no register"


def test_outside_of_a_town_there_is_none(tmp_path: Path) -> None:
    assert find_home(tmp_path) is None
