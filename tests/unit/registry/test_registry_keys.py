"""An approver's private key: closed with a passphrase, made once."""

from __future__ import annotations

from pathlib import Path

import pytest

from robots.errors import BusinessError, SystemFailure
from robots.registry.keys import key_file, make_key, open_key

PASSPHRASE = "長い合言葉です 2026"


def test_a_key_opens_with_its_passphrase_alone(tmp_path: Path) -> None:
    place = tmp_path / "keys" / "d0001.age"
    made = make_key(place, PASSPHRASE)
    assert open_key(place, PASSPHRASE).public == made.public
    assert made.public.startswith("ed25519:")
    assert made.private.private_bytes_raw() not in place.read_bytes()
    with pytest.raises(BusinessError, match="合言葉が違います"):
        open_key(place, PASSPHRASE + " ")
    with pytest.raises(BusinessError, match="もうあります"):
        make_key(place, PASSPHRASE)


def test_a_short_passphrase_makes_no_key(tmp_path: Path) -> None:
    with pytest.raises(BusinessError, match="8 文字以上"):
        make_key(tmp_path / "key", "1234567")
    assert not (tmp_path / "key").exists()


def test_a_file_that_is_no_key_is_told(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"no key")
    with pytest.raises((BusinessError, SystemFailure)):
        open_key(tmp_path / "key", PASSPHRASE)
    with pytest.raises(SystemFailure, match="読めません"):
        open_key(tmp_path / "none", PASSPHRASE)


def test_a_persons_number_is_no_way_out_of_the_folder() -> None:
    assert key_file("../../x").parent == key_file("d0001").parent
