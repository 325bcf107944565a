"""What a scenario may touch, by name: everything is looked up in its `uses`, and refused where it is not there."""

from __future__ import annotations

from urllib.parse import urlsplit

from robots.drivers.forms import FormSource
from robots.errors import NotDeclared
from robots.scenario.model import Scenario, Uses


def line_to_add(key: str, line: str) -> str:
    """How to mend a refusal: the line that `uses` (利用) lacks, under one of its keys."""
    return f"使ってよいものなら、利用: の {key}: に「{line}」を加え、承認を受けてください。"


def form_in(scenario: Scenario, name: str) -> FormSource:
    """A form by its path or short name.  Raises: NotDeclared."""
    found = scenario.forms.get(name)
    if found is None:
        known = "、".join(scenario.forms) or "（なし）"
        raise NotDeclared(
            f"帳票「{name}」は利用（uses）の帳票（forms）に書かれていません。",
            mend=f"書かれている帳票は {known} です。{line_to_add('帳票', f'- forms/{name}.yaml')}",
            kind="form",
            thing=name,
        )
    return found


def check_address(uses: Uses, text: str) -> None:
    """Raises: NotDeclared where the address is not at or below one of the sites."""
    wanted = urlsplit(text)
    for address in uses.sites.values():
        allowed = urlsplit(address)
        below = wanted.path == allowed.path or wanted.path.startswith(allowed.path.rstrip("/") + "/")
        if below and (wanted.scheme, wanted.hostname, wanted.port) == (allowed.scheme, allowed.hostname, allowed.port):
            return
    web = wanted.scheme in ("http", "https") and bool(wanted.netloc)
    site = f"{wanted.scheme}://{wanted.netloc.rpartition('@')[2]}"
    raise NotDeclared(
        f"「{text}」は、利用（uses）のサイト（sites）に書かれていないアドレスです。",
        mend=line_to_add("サイト", f"名前: {site}") if web else "http: か https: で始まるアドレスだけを使えます。",
        kind="site",
        thing=site if web else f"{wanted.scheme}:",
    )


def site_in(uses: Uses, name: str) -> str:
    """The address of a site.  Raises: NotDeclared."""
    address = uses.sites.get(name)
    if address is None:
        known = "、".join(uses.sites) or "（なし）"
        raise NotDeclared(
            f"サイト「{name}」は利用（uses）に書かれていません。",
            mend=f"書かれているサイトは {known} です。{line_to_add('サイト', f'{name}: https://…（アドレス）')}",
            kind="site",
            thing=name,
        )
    return address


def check_credential(uses: Uses, name: str) -> None:
    """Raises: NotDeclared where the credential is not declared."""
    if name not in uses.credentials:
        raise NotDeclared(
            f"資格情報「{name}」は利用（uses）の資格情報（credentials）に書かれていません。",
            mend=line_to_add("資格情報", f"- {name}"),
            kind="credential",
            thing=name,
        )
