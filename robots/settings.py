"""Settings of one town: ``banken.toml`` beside ``registry.yaml``, overridden by ``BANKEN_*`` of the environment."""

from __future__ import annotations

import os
import socket
import tomllib
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from robots.errors import ScenarioFault

FILE_NAME = "banken.toml"
REGISTER_NAME = "registry.yaml"
SCENARIO_NAME = "scenario.yaml"
_MACHINE_ONLY = "trusted_keys"  # banken.toml lies with the register: who can edit that must not choose whom to trust
_LISTS = ("audit_heads", "web_hosts", "notify_mail", "webhook_hosts")  # in an environment variable written as PATH is


_TIME = "^([01][0-9]|2[0-3]):[0-5][0-9]$"


class Settings(BaseModel):
    """What may be set; every value has a working default.  Times are in seconds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    database: str = Field(
        "", description="台帳記録の置き場所（sqlite:///… か postgresql+psycopg://…）。空なら var/ledger.sqlite"
    )
    var: str = Field("var", description="実行の記録・証跡・出力を置くフォルダ")
    machine: str = Field(
        default_factory=socket.gethostname, description="この端末の名前（registry.yaml の runs_on と照らす）"
    )
    step_timeout: float = Field(15.0, gt=0, description="一つの手順を待つ秒数")
    settle_seconds: float = Field(40.0, ge=0, description="「登録されていない」と判断するまで待つ秒数")
    item_retries: int = Field(1, ge=0, le=10, description="システムエラーの対象をやり直す回数")
    retry_wait: float = Field(2.0, ge=0, description="やり直す前に待つ秒数")
    parallel: int = Field(2, ge=1, le=64, description="夜間実行で、この端末が同時に動かす実行の数")
    run_hours: float = Field(12.0, gt=0, description="夜間実行の一つの実行にかけてよい時間（時間）。過ぎたら止める")
    run_memory: int = Field(4096, ge=64, description="夜間実行の一つの実行が使ってよいメモリ（MB）。過ぎたら止める")
    stop_grace: float = Field(600.0, gt=0, description="止めるよう頼んだ実行を、終わらせるまで待つ秒数")
    check_at: str = Field("17:00", pattern=_TIME, description="夜の前に端末を調べ、控えを取り、今夜の計画を送る時刻")
    report_at: str = Field("07:30", pattern=_TIME, description="朝の報告を送る時刻")
    notify_mail: tuple[str, ...] = Field((), description="計画と朝の報告を送るメールアドレス（いくつでも）")
    webhook: str = Field(
        "", pattern="^(|teams|slack|lineworks)$", description="計画と朝の報告を送る先の種類（teams・slack・lineworks）"
    )
    webhook_credential: str = Field(
        "", description="送り先の URL を入れた資格情報の名前（banken vault set で、パスワードとして URL を登録）"
    )
    webhook_hosts: tuple[str, ...] = Field(
        (), description="送ってよい先のホスト名（いくつでも。ここにない先へは送らない）"
    )
    backup: str = Field(
        "", description="台帳記録の控えを置くフォルダ。空なら var/backups（別の機器のフォルダを勧めます）"
    )
    backup_keep: int = Field(7, ge=1, le=1000, description="残す控えの数")
    evidence_days: int = Field(0, ge=0, description="残しごとのない実行の証跡を残す日数。0 なら消さない")
    vault: str = Field("auto", pattern="^(auto|keyring|file)$", description="資格情報の保管先（auto・keyring・file）")
    vault_key: str = Field("", description="vault = file のときの鍵ファイル。空なら利用者の設定フォルダ")
    trusted_keys: str = Field(
        "",
        description="承認者の鍵を書いたファイル（環境変数でだけ指定できる。町の外の場所）。空なら利用者の設定フォルダ",
    )
    retention_days: int = Field(
        0,
        ge=0,
        description="終わった対象の個人の値を残す日数（banken purge が消す）。0 なら banken purge --before だけで消す",
    )
    audit_heads: tuple[str, ...] = Field(
        (), description="監査記録の控えを書くファイル（町の外の場所。いくつでも）。空なら利用者の設定フォルダ"
    )
    stray_days: int = Field(
        20, ge=1, description="予定の日からこの開庁日数のあいだ成功がないシナリオを、見直す相手として示す"
    )
    web_host: str = Field("127.0.0.1", description="画面（banken serve）が待ち受けるアドレス")
    web_port: int = Field(8700, gt=0, lt=65536, description="画面（banken serve）が待ち受ける番号")
    web_hosts: tuple[str, ...] = Field(
        (), description="画面を開いてよい、この端末の名前（banken.example.lg.jp など。いくつでも）"
    )
    web_cert: str = Field("", description="画面の TLS の証明書（PEM）。空なら暗号化しないので、この端末からだけ使う")
    web_key: str = Field("", description="画面の TLS の秘密鍵（PEM）")
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

    @property
    def trusted_keys(self) -> Path:
        """The file with the approvers' keys that this machine trusts; by default in the user's settings."""
        chosen = self.settings.trusted_keys
        return self.root / chosen if chosen else default_trusted_keys()

    @property
    def backups(self) -> Path:
        """Where copies of the ledger lie."""
        return self.root / self.settings.backup if self.settings.backup else self.var / "backups"

    @property
    def audit_heads(self) -> tuple[Path, ...]:
        """The files outside the town that hold how far the audit log has come; by default one in the user's settings."""
        if self.settings.audit_heads:
            return tuple(self.root / text for text in self.settings.audit_heads)
        town = f"{self.root.name}-{sha256(str(self.root).encode()).hexdigest()[:12]}"
        return (platformdirs.user_config_path("banken") / "audit" / f"{town}.heads",)


def default_trusted_keys() -> Path:
    """The file with the approvers' keys that a machine trusts, where no setting names another."""
    return platformdirs.user_config_path("banken") / "trusted_keys"


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
    if _MACHINE_ONLY in values:
        raise ScenarioFault(
            f"{_MACHINE_ONLY} は {FILE_NAME} に書けません（台帳を書ける人が、信頼する鍵も選べてしまいます）。",
            mend=f"この行を消し、端末の環境変数 BANKEN_{_MACHINE_ONLY.upper()} で指定してください。",
        )
    for name in Settings.model_fields:
        if (text := environ.get(f"BANKEN_{name.upper()}")) is not None:
            values[name] = text.split(os.pathsep) if name in _LISTS else text
    try:
        return Home(root=root.resolve(), settings=Settings.model_validate(values))
    except ValidationError as error:
        names = "、".join(sorted({str(part["loc"][0]) for part in error.errors()}))
        raise ScenarioFault(
            f"設定（{FILE_NAME} または環境変数 BANKEN_*）の {names} が正しくありません。",
            mend=f"使える設定は {'、'.join(Settings.model_fields)} です。値の形を確かめてください。",
        ) from error
