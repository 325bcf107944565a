"""banken serve: accounts by the command line, and what it refuses to do."""

from __future__ import annotations

import shutil
import socket
from pathlib import Path

import pytest

from robots.ledger.accounts import Accounts
from robots.ledger.audit import audit_records
from robots.settings import open_home
from robots.wiring import records
from tests.conftest import ROOT, banken_here

_PASSWORD = "neko ga niwa de nemuru"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    shutil.copyfile(ROOT / "registry.yaml", tmp_path / "registry.yaml")
    return tmp_path


def test_an_account_from_its_making_to_its_end(root: Path) -> None:
    made = banken_here(root, "serve", "account", "add", "d0001", typed=f"{_PASSWORD}\n")
    assert made.code == 0 and "推進室の担当" in made.out and _PASSWORD not in made.out + made.err
    assert banken_here(root, "serve", "account", "add", "d0001", typed=f"{_PASSWORD}\n").code == 2
    with records(open_home(root, {})) as (ledger, audit):
        account = Accounts(ledger, audit).verify("d0001", _PASSWORD)
        assert account is not None and account.must_change
    assert banken_here(root, "serve", "account", "disable", "d0001").code == 0
    assert "止めている" in banken_here(root, "serve", "account", "list").out
    with records(open_home(root, {})) as (ledger, audit):
        assert Accounts(ledger, audit).verify("d0001", _PASSWORD) is None
    assert banken_here(root, "serve", "account", "reset", "d0001", typed=f"{_PASSWORD} 2\n").code == 0
    with records(open_home(root, {})) as (ledger, audit):
        assert Accounts(ledger, audit).verify("d0001", f"{_PASSWORD} 2") is not None
        told = [one["action"] for one in audit_records(ledger, subject="d0001")]
    assert told == ["account_added", "account_disabled", "password_changed"]


@pytest.mark.parametrize("password", ["short", "a" * 40, "abababababababab", "my name is d0001!"])
def test_a_weak_password_is_refused(root: Path, password: str) -> None:
    done = banken_here(root, "serve", "account", "add", "d0001", typed=f"{password}\n")
    assert done.code == 1 and "パスワード" in done.err and password not in done.err


def test_nobody_outside_the_register_gets_an_account(root: Path) -> None:
    done = banken_here(root, "serve", "account", "add", "x9999", typed=f"{_PASSWORD}\n")
    assert done.code == 2 and "people" in done.err
    assert banken_here(root, "serve", "account", "disable", "x9999").code == 1


def test_it_does_not_listen_to_others_without_tls(root: Path) -> None:
    (root / "banken.toml").write_text('web_host = "0.0.0.0"\n', encoding="utf-8")
    done = banken_here(root, "serve")
    assert done.code == 2 and "web_cert" in done.err


def test_a_port_that_is_taken_is_told(root: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        done = banken_here(root, "serve", "--port", port)
    assert done.code == 4 and port in done.err and "--port" in done.err


def test_a_certificate_that_is_not_there_is_told(root: Path) -> None:
    (root / "banken.toml").write_text('web_cert = "nowhere.pem"\nweb_key = "nowhere.key"\n', encoding="utf-8")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    done = banken_here(root, "serve", "--port", port)
    assert done.code == 4 and "web_cert" in done.err
