"""What a scenario may touch, by name: everything is looked up in its `uses`, and refused where it is not there."""

from __future__ import annotations

from urllib.parse import urlsplit

from robots.drivers.forms import FormSource
from robots.errors import ScenarioFault
from robots.scenario.model import Scenario, Uses


def form_in(scenario: Scenario, name: str) -> FormSource:
    """A form by its path or short name.  Raises: ScenarioFault."""
    found = scenario.forms.get(name)
    if found is None:
        known = "、".join(scenario.forms) or "（なし）"
        raise ScenarioFault(
            f"帳票「{name}」は利用（uses）の帳票（forms）に書かれていません。",
            mend=f"書かれている帳票は {known} です。",
        )
    return found


def check_address(uses: Uses, text: str) -> None:
    """Raises: ScenarioFault where the address is not at or below one of the sites."""
    wanted = urlsplit(text)
    for address in uses.sites.values():
        allowed = urlsplit(address)
        below = wanted.path == allowed.path or wanted.path.startswith(allowed.path.rstrip("/") + "/")
        if below and (wanted.scheme, wanted.hostname, wanted.port) == (allowed.scheme, allowed.hostname, allowed.port):
            return
    raise ScenarioFault(
        f"「{text}」は、利用（uses）のサイト（sites）に書かれていないアドレスです。",
        mend=f"使ってよいサイトなら、利用の sites に「名前: {wanted.scheme}://{wanted.netloc}」を加え、承認を受けてください。",
    )


def site_in(uses: Uses, name: str) -> str:
    """The address of a site.  Raises: ScenarioFault."""
    address = uses.sites.get(name)
    if address is None:
        known = "、".join(uses.sites) or "（なし）"
        raise ScenarioFault(
            f"サイト「{name}」は利用（uses）に書かれていません。", mend=f"書かれているサイトは {known} です。"
        )
    return address


def check_credential(uses: Uses, name: str) -> None:
    """Raises: ScenarioFault where the credential is not declared."""
    if name not in uses.credentials:
        raise ScenarioFault(
            f"資格情報「{name}」は利用（uses）の credentials に書かれていません。",
            mend="credentials に加え、承認を受けてください。",
        )
