"""Settings of one town: ``banken.toml`` beside ``registry.yaml``, overridden by ``BANKEN_*`` of the environment."""

from __future__ import annotations

import os
import socket
import tomllib
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from robots.errors import ScenarioFault

FILE_NAME = "banken.toml"
REGISTER_NAME = "registry.yaml"


class Settings(BaseModel):
    """What may be set; every value has a working default.  Times are in seconds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    database: str = Field("", description="台帳記録の置き場所（SQLAlchemy の URL）。空なら var/ledger.sqlite")
    var: str = Field("var", description="実行の記録・証跡・出力を置くフォルダ")
    machine: str = Field(
        default_factory=socket.gethostname, description="この端末の名前（registry.yaml の runs_on と照らす）"
    )
    step_timeout: float = Field(15.0, gt=0, description="一つの手順を待つ秒数")
    settle_seconds: float = Field(40.0, ge=0, description="「登録されていない」と判断するまで待つ秒数")
    item_retries: int = Field(1, ge=0, le=10, description="システムエラーの対象をやり直す回数")
    retry_wait: float = Field(2.0, ge=0, description="やり直す前に待つ秒数")
    vault: str = Field("auto", pattern="^(auto|keyring|file)$", description="資格情報の保管先（auto・keyring・file）")
    vault_key: str = Field("", description="vault = file のときの鍵ファイル。空なら利用者の設定フォルダ")
    smtp_host: str = Field("", description="メールサーバーの名前（メールを送る手順を使うとき）")
    smtp_port: int = Field(587, gt=0, lt=65536, description="メールサーバーのポート（多くは 587、tls なら 465）")
    smtp_security: str = Field(
        "starttls", pattern="^(starttls|tls|none)$", description="メールの通信の暗号化（starttls・tls・none）"
    )
    smtp_from: str = Field("", description="差出人のアドレス")
    smtp_credential: str = Field(
        "", description="メールサーバーの資格情報の名前（banken vault set で登録）。空なら無し"
    )


class Home(BaseModel):
    """One town on disk: its root folder and its settings."""

    model_config = ConfigDict(frozen=True)
    root: Path
    settings: Settings

    @property
    def var(self) -> Path:
        return self.root / self.settings.var

    @property
    def register(self) -> Path:
        return self.root / REGISTER_NAME

    @property
    def scenarios(self) -> Path:
        return self.root / "scenarios"

    @property
    def database(self) -> str:
        return self.settings.database or f"sqlite:///{(self.var / 'ledger.sqlite').as_posix()}"


def find_home(start: Path) -> Path | None:
    """The nearest folder at or above ``start`` that holds registry.yaml; None where there is none."""
    for folder in (start, *start.parents):
        if (folder / REGISTER_NAME).is_file():
            return folder
    return None


def open_home(root: Path, environ: Mapping[str, str] | None = None) -> Home:
    """Reads a town's settings.

    Raises: ScenarioFault where banken.toml or a BANKEN_* variable can't be understood.
    """
    environ = os.environ if environ is None else environ
    path = root / FILE_NAME
    try:
        values: dict[str, object] = tomllib.loads(path.read_text(encoding="utf-8-sig")) if path.is_file() else {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ScenarioFault(
            f"{FILE_NAME} を読めません（{error}）。", mend='「名前 = "値"」の形で、UTF-8 で書いてください。'
        ) from error
    for name in Settings.model_fields:
        if (text := environ.get(f"BANKEN_{name.upper()}")) is not None:
            values[name] = text
    try:
        return Home(root=root.resolve(), settings=Settings.model_validate(values))
    except ValidationError as error:
        names = "、".join(sorted({str(part["loc"][0]) for part in error.errors()}))
        raise ScenarioFault(
            f"設定（{FILE_NAME} または環境変数 BANKEN_*）の {names} が正しくありません。",
            mend=f"使える設定は {'、'.join(Settings.model_fields)} です。値の形を確かめてください。",
        ) from error
