"""Who signed it: an approval counts where a key that this machine trusts has signed exactly this."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from robots.errors import ScenarioFault, SystemFailure
from robots.registry.approve import NotAllowed, approve
from robots.registry.edit import edit_entry
from robots.registry.gate import Approved
from robots.registry.model import Approval, Asked
from robots.registry.signature import Signer, message_of, practice_signer
from robots.settings import Home, Settings, open_home
from tests.unit.registry.registry_help import (
    DAY,
    ID,
    REGISTER,
    SCENARIO,
    approve_it,
    edit_register,
    loaded,
    make_town,
    new_signer,
    refused,
    request,
    sign_it,
    trusting,
    try_gate,
)

REAL = "https://gakumu.example.lg.jp"


def reaching(root: Path, uses: str = f'サイト: {{学務: "{REAL}"}}', register: str = REGISTER) -> Home:
    """A town whose scenario touches what is not the practice town."""
    home = make_town(root / "town", register=register)
    site = 'サイト: {学務: "http://127.0.0.1:8710"}'
    text = SCENARIO.replace(site, uses if "サイト" in uses else f"{site}\n  {uses}")
    (home.scenarios / ID / "scenario.yaml").write_text(text, encoding="utf-8")
    return home


def passes(home: Home) -> bool:
    return isinstance(try_gate(home), Approved)


def put_signed(home: Home, signer: Signer, scenario: str = ID, **changes: object) -> None:
    """An approval written by somebody who does not use our command, with a right signature of theirs."""
    asked = request(home, scenario)
    plain = {"digest": asked.digest, "by": "d0001", "on": DAY, "until": date(2027, 3, 31), "number": 1, **changes}
    unsigned = Approval.model_validate({**plain, "parts": asked.parts})
    message = message_of(loaded(home).register.organization, scenario, unsigned)
    edit_entry(home, scenario, {"approval": unsigned.with_values(signature=signer.sign(message))})


def test_a_trusted_approver_may_let_a_scenario_out_of_the_practice_town(tmp_path: Path) -> None:
    home = reaching(tmp_path)
    sign_it(home, trusting(home))
    assert passes(home)


def test_a_key_that_this_machine_does_not_trust_counts_for_nothing(tmp_path: Path) -> None:
    home = reaching(tmp_path)
    signer = new_signer()
    edit_register(
        home, "department: dx, roles: [approver]", f'department: dx, roles: [approver], key: "{signer.public}"'
    )
    sign_it(home, signer)
    assert "鍵を、この端末は信頼していません" in refused(home)
    trusting(home)  # another key of the same person
    assert "鍵と合いません" in refused(home)


def test_another_approvers_trusted_key_does_not_sign_for_this_one(tmp_path: Path) -> None:
    home = reaching(tmp_path)
    trusting(home)
    sign_it(home, trusting(home, "d0002"))
    assert "鍵と合いません" in refused(home)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("until: 2027-03-31", "until: 2037-03-31"),
        ("on: 2026-06-01", "on: 2026-06-02"),
        ("number: 1", "number: 2"),
        ('signature: "', 'signature: "AAAA'),
        ("organization: 練習市", "organization: 青空市"),
    ],
)
def test_whatever_was_signed_can_not_be_changed(tmp_path: Path, before: str, after: str) -> None:
    home = reaching(tmp_path)
    signer = trusting(home)
    home.trusted_keys.write_text(f"d0001 {signer.public}\n", encoding="utf-8")  # for any town
    sign_it(home, signer)
    assert passes(home)
    edit_register(home, before, after)
    assert "鍵と合いません" in refused(home)


def test_an_approval_without_a_signature_is_none(home: Home) -> None:
    approve_it(home)
    signature = loaded(home).register.scenarios[ID].approval
    assert signature is not None
    edit_register(home, f', signature: "{signature.signature}"', "")
    assert "署名がありません" in refused(home)


def test_an_approval_that_is_copied_to_another_scenario_counts_for_nothing(tmp_path: Path) -> None:
    home = reaching(tmp_path)
    approval = sign_it(home, trusting(home))
    edit_entry(home, "gakumu/flow", {"approval": approval})
    copied = (home.scenarios / ID / "scenario.yaml").read_bytes()
    (home.scenarios / "gakumu/flow" / "scenario.yaml").write_bytes(copied)
    assert "承認のあとで変わりました" in refused(home, "gakumu/flow")
    edit_entry(home, "gakumu/flow", {"approval": approval.with_values(digest=request(home, "gakumu/flow").digest)})
    assert "鍵と合いません" in refused(home, "gakumu/flow")


@pytest.mark.parametrize("person", ["s1001", "s1002"])
def test_whoever_answers_for_a_scenario_can_not_have_signed_it(tmp_path: Path, person: str) -> None:
    home = reaching(tmp_path)
    put_signed(home, trusting(home, person), by=person)
    assert "作った人と承認する人は別の人です" in refused(home)


@pytest.mark.parametrize(
    ("uses", "named"),
    [
        (f'サイト: {{学務: "{REAL}"}}', "サイト「学務」"),
        ('サイト: {学務: "http://127.0.0.1:8710", 税: "http://10.0.0.1"}', "サイト「税」"),
        ("資格情報: [gakumu-login]", "資格情報「gakumu-login」"),
        ("フォルダ: {共有: //fileserver/share}", "フォルダ「共有」"),
        ("フォルダ: {記録: var}", "フォルダ「記録」"),
        ("メール: [city.aozora.lg.jp]", "メールの宛先「city.aozora.lg.jp」"),
    ],
)
def test_the_practice_key_lets_nothing_out_of_the_practice_town(tmp_path: Path, uses: str, named: str) -> None:
    home = reaching(tmp_path, uses)
    with pytest.raises(NotAllowed):
        approve_it(home)
    put_signed(home, new_signer())
    assert "信頼していません" in refused(home)
    put_signed(home, practice_signer())
    words = refused(home)
    assert "練習市の鍵で承認されています" in words
    assert named in words
    sign_it(home, trusting(home))
    assert passes(home)


def test_the_practice_key_counts_in_a_register_of_the_practice_town_alone(tmp_path: Path) -> None:
    home = make_town(tmp_path / "town", register=REGISTER.replace("organization: 練習市", "organization: 青空市"))
    put_signed(home, practice_signer())
    assert "団体名が練習市ではない" in refused(home)


@pytest.mark.parametrize(
    "uses", ["メール: [city.example.jp]", "フォルダ: {受付: sample, 出力: var/out/enjo}", "資格情報: [practice]"]
)
def test_what_stays_in_the_practice_town_needs_no_ceremony(tmp_path: Path, uses: str) -> None:
    home = reaching(tmp_path, uses)
    approve_it(home)
    assert passes(home)


def test_trusted_keys_are_never_taken_from_the_towns_own_folder(tmp_path: Path) -> None:
    home = reaching(tmp_path)
    signer = trusting(home)
    sign_it(home, signer)
    inside = home.root / "keys"
    inside.write_text(f"d0001 {signer.public}\n", encoding="utf-8")
    for place in ("keys", str(inside), str(tmp_path / "other" / ".." / "town" / "keys")):
        with pytest.raises(SystemFailure, match="フォルダの中にあります"):
            try_gate(Home(root=home.root, settings=Settings(machine="robot-1", trusted_keys=place)))
    link = tmp_path / "link"
    link.symlink_to(inside)
    with pytest.raises(SystemFailure, match="フォルダの中にあります"):
        try_gate(Home(root=home.root, settings=Settings(machine="robot-1", trusted_keys=str(link))))


def test_who_can_write_banken_toml_can_not_choose_whom_to_trust(tmp_path: Path) -> None:
    (tmp_path / "banken.toml").write_text('trusted_keys = "/elsewhere"\n', encoding="utf-8")
    with pytest.raises(ScenarioFault, match="trusted_keys は"):
        open_home(tmp_path, {})
    (tmp_path / "banken.toml").unlink()
    assert open_home(tmp_path, {"BANKEN_TRUSTED_KEYS": "/elsewhere"}).trusted_keys == Path("/elsewhere")


@pytest.mark.parametrize("line", ["d0001", "d0001 ed25519:AAAA", "ed25519:x", "d0001 rsa:AAAA", "d0001 ed25519:日本"])
def test_a_line_of_trusted_keys_that_can_not_be_read_is_told_by_its_number(tmp_path: Path, line: str) -> None:
    home = reaching(tmp_path)
    signer = trusting(home)
    sign_it(home, signer)
    before = home.trusted_keys.read_text(encoding="utf-8")
    home.trusted_keys.write_text(f"{before}\n{line}\n", encoding="utf-8")
    with pytest.raises(SystemFailure, match="4 行目が読めません"):
        try_gate(home)


def test_a_line_that_names_a_town_counts_for_that_town(tmp_path: Path) -> None:
    home = reaching(tmp_path)
    signer = new_signer()
    sign_it(home, signer)
    for rest, runs in ((" 青空市", False), (" 練習市", True), ("  # 推進室", True), ("", True)):
        home.trusted_keys.write_text(f"d0001 {signer.public}{rest}\n", encoding="utf-8")
        assert passes(home) is runs


def test_the_number_of_approvals_goes_up(tmp_path: Path) -> None:
    home = reaching(tmp_path)
    signer = trusting(home)
    assert [sign_it(home, signer).number for _ in range(3)] == [1, 2, 3]
    asked = request(home)
    edit_register(home, "name: 就学援助\n", "name: 就学の援助\n")
    edit_entry(home, ID, {"request": Asked(by="s1001", on=DAY, digest=asked.digest)})
    assert approve(home, loaded(home), asked, by="d0001", on=DAY, until=DAY, signer=signer, after=9).number == 10
