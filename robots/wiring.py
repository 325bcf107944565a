"""Puts the concrete parts together: the only file that names concrete drivers, stores and vaults."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from loguru import logger

from practice import PRACTICE_PASSWORD, PRACTICE_USER
from robots.drivers.browser import Browser, site_of
from robots.drivers.ocr_forms import OcrForms
from robots.drivers.openpyxl_workbook import OpenpyxlWorkbooks
from robots.drivers.playwright_browser import PlaywrightBrowser
from robots.drivers.smtp_mail import SmtpMailer
from robots.drivers.workbook import Workbooks
from robots.ledger.store import open_ledger
from robots.mask import mask_text
from robots.runner.run import Parts
from robots.settings import Home
from robots.vault import Credential, Vault, open_vault

if TYPE_CHECKING:
    from loguru import Record

_FORMAT = "{time:YYYY-MM-DDTHH:mm:ss.SSSZ} {level} {message}\n{exception}"


@contextmanager
def wired(home: Home) -> Iterator[Parts]:
    """The parts of a town, ready to work; closed at the end.  Raises: SystemFailure where the ledger can't be opened."""
    ledger = open_ledger(home.database)
    sink = _log_to(home.var / "logs" / "banken.log")
    vault = vault_of(home)
    try:
        yield Parts(
            home=home,
            ledger=ledger,
            workbooks=open_workbooks(),
            forms=OcrForms(home.root, home.var),
            mailer=SmtpMailer(home.settings, vault.find),
            vault=vault,
            open_browser=open_browser,
            practice=Credential(PRACTICE_USER, PRACTICE_PASSWORD),
            version=version("banken"),
        )
    finally:
        logger.remove(sink)
        ledger.close()


def open_workbooks() -> Workbooks:
    """Reading and writing Excel books."""
    return OpenpyxlWorkbooks()


def open_browser(addresses: Sequence[str], headed: bool) -> Browser:
    """A started browser that reaches the sites of these addresses and nothing else."""
    sites = {site for address in addresses if (site := site_of(address)) is not None}
    return PlaywrightBrowser(sites, headed=headed)


def vault_of(home: Home) -> Vault:
    """The vault that the town's settings name."""
    settings = home.settings
    return open_vault(
        settings.vault,
        file=home.var / "vault.age",
        key=Path(settings.vault_key) if settings.vault_key else None,
    )


def _log_to(place: Path) -> int:
    """Starts the log that people read; twelve-digit numbers are masked at the sink, before anything is cut."""

    def masked(record: Record) -> str:
        record["extra"]["masked"] = mask_text(record["message"])
        return _FORMAT.replace("{message}", "{extra[masked]}")

    return logger.add(
        place, format=masked, level="INFO", rotation="20 MB", retention=20, encoding="utf-8", diagnose=False
    )
