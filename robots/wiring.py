"""Puts the concrete parts together: the only file that names concrete drivers, stores and vaults.

What is slow to load (browser, workbooks, OCR, the runner) is imported where it is used: `records` and the vault serve
commands that must answer at once.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from loguru import logger

from practice import PRACTICE_PASSWORD, PRACTICE_USER
from robots.errors import SystemFailure
from robots.ledger.audit import AuditLog
from robots.ledger.seal import LedgerKeys
from robots.ledger.store import Ledger, open_ledger
from robots.mask import Mask
from robots.settings import Home
from robots.vault import Credential, LedgerKeyring, Vault, open_vault

if TYPE_CHECKING:
    from loguru import Record

    from robots.drivers.browser import Browser
    from robots.drivers.workbook import Workbooks
    from robots.nightly.pool import Pool
    from robots.nightly.post import Post
    from robots.runner.order import Parts

_FORMAT = "{time:YYYY-MM-DDTHH:mm:ss.SSSZ} {level} {extra[masked]}\n"


@contextmanager
def wired(home: Home) -> Iterator[Parts]:
    """The parts of a town, ready to work; closed at the end.  Raises: SystemFailure where the ledger can't be opened."""
    from robots.drivers.ocr_forms import OcrForms
    from robots.drivers.smtp_mail import SmtpMailer
    from robots.runner.order import Parts

    vault, mask = vault_of(home), Mask()

    def credential(name: str) -> Credential | None:
        found = vault.find(name)
        if found is not None:
            mask.keep_secret(found.password)
        return found

    with masking(mask), records(home, mask) as (ledger, audit):
        yield Parts(
            home=home,
            ledger=ledger,
            audit=audit,
            workbooks=open_workbooks(),
            forms=OcrForms(home.root, home.var, ledger.sealer),
            mailer=SmtpMailer(home.settings, credential),
            vault=vault,
            open_browser=open_browser,
            practice=Credential(PRACTICE_USER, PRACTICE_PASSWORD),
            version=version("banken"),
            mask=mask,
        )


@contextmanager
def masking(mask: Mask) -> Iterator[None]:
    """What leaves here as an exception holds no secret any more, whoever reports it."""
    try:
        yield
    except BaseException as error:
        mask.clean(error)
        raise


@contextmanager
def records(home: Home, mask: Mask | None = None) -> Iterator[tuple[Ledger, AuditLog]]:
    """The ledger and the audit log of a town, for commands that need no more; closed at the end.

    Raises: SystemFailure where the ledger can't be opened.
    """
    ledger = open_ledger(home.database, _ledger_keys(home))
    sink = _log_to(home.var / "logs" / "banken.log", mask or Mask())
    try:
        yield ledger, audit_of(home, ledger)
    finally:
        logger.remove(sink)
        ledger.close()


def audit_of(home: Home, ledger: Ledger) -> AuditLog:
    """The town's audit log.  Raises: SystemFailure where the folder of its own head file can't be made."""
    heads = home.audit_heads
    if not home.settings.audit_heads:  # a place that was chosen must be there: a share that is not mounted is a failure
        try:
            heads[0].parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SystemFailure(
                f"監査記録の控えのフォルダ {heads[0].parent} を作れません（{error.strerror or error}）。",
                mend="設定 audit_heads に、町の外の書き込める場所を書いてください。",
            ) from error
    return AuditLog(ledger, heads, home.settings.machine)


def post_of(home: Home, ledger: Ledger) -> Post:
    """What sends the night's notices."""
    from robots.drivers.smtp_mail import SmtpMailer
    from robots.nightly.post import Post

    find = vault_of(home).find
    return Post(ledger, home.settings, SmtpMailer(home.settings, find), find)


def pool_of(home: Home) -> Pool | None:
    """The queue of the town's workers; None where the ledger is a file, so that one machine does all."""
    if home.database.startswith("sqlite"):
        return None
    from robots.nightly.pool import Pool

    return Pool(home.database)


def open_workbooks() -> Workbooks:
    """Reading and writing Excel books."""
    from robots.drivers.openpyxl_workbook import OpenpyxlWorkbooks

    return OpenpyxlWorkbooks()


def open_browser(addresses: Sequence[str], headed: bool) -> Browser:
    """A started browser that reaches the sites of these addresses and nothing else."""
    from robots.drivers.browser import site_of
    from robots.drivers.playwright_browser import PlaywrightBrowser

    sites = {site for address in addresses if (site := site_of(address)) is not None}
    return PlaywrightBrowser(sites, headed=headed)


def print_page(html: str, files: Mapping[str, bytes]) -> bytes:
    """A page of HTML as PDF (A4), printed by the browser of this machine; files: what the page names by relative address."""
    from robots.drivers.browser_print import print_pdf

    return print_pdf(html, files)


def vault_of(home: Home) -> Vault:
    """The vault that the town's settings name."""
    file, key = _vault_places(home)
    return open_vault(home.settings.vault, file=file, key=key)


def _ledger_keys(home: Home) -> LedgerKeys:
    return LedgerKeyring(*_vault_places(home)) if home.settings.vault == "auto" else vault_of(home)


def _vault_places(home: Home) -> tuple[Path, Path | None]:
    key = home.settings.vault_key
    return home.var / "vault.age", Path(key) if key else None


def _log_to(place: Path, mask: Mask) -> int:
    """Starts the log that people read; the mask goes over the message and the exception, before anything is cut."""

    def masked(record: Record) -> str:
        raised = record["exception"]
        trace = (
            "" if raised is None else "".join(traceback.format_exception(raised.type, raised.value, raised.traceback))
        )
        record["extra"]["masked"] = mask.public(f"{record['message']}\n{trace}".rstrip("\n"))
        return _FORMAT

    return logger.add(
        place, format=masked, level="INFO", rotation="20 MB", retention=20, encoding="utf-8", diagnose=False
    )
