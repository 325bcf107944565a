"""banken share: giving a scenario to another town, and taking one in."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from robots.cli.common import Code, Stop, here, out, registered, say, tell, who
from robots.cli.japanese import JaCommand, JaGroup
from robots.cli.new_ask import Asker, people_of
from robots.clock import today
from robots.errors import BusinessError
from robots.files import write_atomically
from robots.registry.approve import entry_of
from robots.registry.digest import read_folder
from robots.registry.share import LARGEST, Shared, digest_of_files, packed, unpacked
from robots.registry.share_clean import cleaned
from robots.registry.share_in import draft_of, take_in
from robots.scenario.problem import Problems
from robots.scenario.validate import read_scenario
from robots.wiring import records

app = typer.Typer(cls=JaGroup, rich_markup_mode=None, help="ほかの町とシナリオをやり取りする。", no_args_is_help=True)
_ID = re.compile(r"[\w-]+/[\w-]+")
_SAMPLE = "sample/"


@app.callback()
def share() -> None:
    """ほかの町とシナリオをやり取りする。"""


@app.command("export", cls=JaCommand)
def export(
    scenario: Annotated[str, typer.Argument(help="シナリオの番号")],
    to: Annotated[Path, typer.Option("--out", help="書き出すファイル（.zip）")],
    sample: Annotated[bool, typer.Option("--with-sample", help="見本も入れる（作り物のデータだけのとき）")] = False,
    lists: Annotated[
        bool, typer.Option("--with-lists", help="一覧（.txt・.csv）の中身も入れる（氏名のないとき）")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="たずねずに書き出す（中身を確かめたあとで）")] = False,
) -> None:
    """シナリオを一つのファイルにまとめる。人・アドレス・資格情報は入れない。"""
    if to.suffix.lower() != ".zip":
        say(f"--out「{to.name}」には書き出せません。拡張子を .zip にしてください。")
        raise Stop(Code.USAGE)
    home = here()
    loaded = registered(home)
    entry = entry_of(loaded, scenario)
    folder = home.scenarios / scenario
    files = read_folder(folder) if folder.is_dir() else {}
    model = read_scenario(files, scenario)
    if isinstance(model, Problems):
        tell(model)
        raise Stop(Code.PROBLEMS)
    clean = cleaned(files, model, loaded.register, lists=lists)
    if sample:
        for path in sorted((folder / "sample").rglob("*")):
            if path.is_file() and not path.is_symlink():
                clean.files[f"{_SAMPLE}{path.relative_to(folder / 'sample').as_posix()}"] = path.read_bytes()
        clean.look_at.append("sample/: 実在の人のデータが一つもないか（作り物だけか）")
    broken = read_scenario(clean.files, scenario)
    if isinstance(broken, Problems):
        tell(broken)
        say("アドレスや名前を除くと、シナリオが成り立たなくなります。上の所を直してから書き出してください。")
        raise Stop(Code.PROBLEMS)
    for line in clean.changed:
        out.print(line, markup=False)
    if clean.look_at:
        out.print("送る前に、人が確かめるもの:", markup=False)
        for line in clean.look_at:
            out.print(f"  □ {line}", markup=False)
    if not yes and not typer.confirm("確かめましたか（はいで書き出します）"):
        raise typer.Abort
    made = Shared(
        id=scenario,
        name=entry.name,
        data=entry.data,
        minutes=str(entry.baseline.minutes_per_item),
        origin=loaded.register.organization,
        on=today(),
        digest=digest_of_files(clean.files),
        files=clean.files,
    )
    with records(home) as (_, audit):
        audit.record("exported", who=who(), subject=scenario, detail={"what": "share", "digest": made.digest})
    write_atomically(to, packed(made))
    out.print(f"書き出しました: {to.resolve()}（ファイル {len(made.files)} 個、{made.digest[:19]}…）", markup=False)


@app.command("import", cls=JaCommand)
def take(
    file: Annotated[Path, typer.Argument(help="受け取ったファイル（.zip）")],
    name: Annotated[str | None, typer.Option("--as", help="この町での番号（課/名前）。省くと送り主の番号")] = None,
    owner: Annotated[str | None, typer.Option("--owner", help="持ち主（台帳の people の番号）")] = None,
    deputy: Annotated[str | None, typer.Option("--deputy", help="副担当（持ち主とは別の人）")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="たずねずに、既定の人で受け取る")] = False,
) -> None:
    """ほかの町のシナリオを、下書きとして受け取る（出どころとダイジェストが台帳に残る）。"""
    home = here()
    loaded = registered(home)
    try:
        if file.stat().st_size > LARGEST:
            raise BusinessError(
                f"{file.name} が大きすぎます（{LARGEST // 1_000_000} MB まで）。", mend="送り主に確かめてください。"
            )
        shared = unpacked(file.read_bytes())
    except OSError as error:
        say(f"{file} を読めません（{error.strerror or error}）。置かれているか、読む権限があるかを確かめてください。")
        raise Stop(Code.USAGE) from error
    id = name or shared.id
    if _ID.fullmatch(id) is None or id.partition("/")[0] not in loaded.register.departments:
        known = "、".join(loaded.register.departments)
        say(f"番号「{id}」は使えません。--as で「課/名前」の形にしてください。ある課は {known} です。")
        raise Stop(Code.USAGE)
    people = people_of(loaded, id, owner, deputy, Asker(yes))
    entry = draft_of(shared, owner=people[0], deputy=people[1], today=today())
    with records(home) as (_, audit):
        told = {"origin": shared.origin, "digest": shared.digest}
        audit.record("imported", who=who(), subject=id, detail=told)
    problems = take_in(home, id, shared, entry, today())
    if problems is not None:
        tell(problems)
        say("受け取ったシナリオに直すところがあるので、何も書いていません。")
        raise Stop(Code.PROBLEMS)
    out.print(f"{shared.origin}の「{shared.name}」を scenarios/{id} に下書きとして受け取りました。", markup=False)
    out.print("次にすること", markup=False)
    for number, line in enumerate(
        (
            f"scenarios/{id}/scenario.yaml の利用（uses）を、この町のサイト・資格情報・フォルダに直す",
            "台帳の stop（止め方）・baseline（基準時間）・runs_on（端末）を、この町のものに直す",
            f"banken check {id}、banken run {id} --rehearse で確かめる",
            f"banken approve {id} --request --as 番号 で承認を求める",
        ),
        1,
    ):
        out.print(f"  {number}. {line}", markup=False)
