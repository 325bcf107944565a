"""What could not be done on a page, as a Japanese failure that says how to mend it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from rapidfuzz import process

from robots.drivers.browser import Expectation
from robots.errors import NotMet, SystemFailure

Found = Mapping[str, Any]
_LOGIN = "ログイン画面に戻されています（時間切れなど）。もう一度実行してください。"
_SCOPES = {
    "frame": "フレーム",
    "dialog": "画面内ダイアログ",
    "row": "文字を含む行",
    "section": "まとまり（見出し）",
    "popup": "別ウィンドウ",
}


def _guess(name: str, names: list[str]) -> str | None:
    near = [hit[0] for hit in process.extract(name, names, limit=3, score_cutoff=40)]
    return "、".join(near) or None


def _present(names: list[str]) -> str:
    if not names:
        return "今の画面には、名前の付いた項目が見当たりません。画面が開いているかを確かめてください。"
    shown = "、".join(names[:12])
    return f"今の画面にあるのは: {shown}{' ほか' if len(names) > 12 else ''}。名前を画面のとおりに書いてください。"


def _places(found: Found) -> str:
    lines = []
    for number, match in enumerate(found["matches"], 1):
        inside = f"、{match['inside']}の中" if match["inside"] else ""
        near = f"（そばの文字: {match['near']}{inside}）" if match["near"] or inside else ""
        lines.append(f"{number}. {match['kind']}「{match['name']}」{near}")
    return " ".join(lines)


def _missing(what: str, found: Found) -> SystemFailure:
    if found.get("login"):
        return SystemFailure(f"{what}が見つかりません。", mend=_LOGIN)
    names = list(found.get("names", []))
    bare = what.split("「", 1)[-1].split("」", 1)[0]
    return SystemFailure(f"{what}が画面に見つかりません。", mend=_present(names), guess=_guess(bare, names))


def _ambiguous(what: str, found: Found) -> SystemFailure:
    return SystemFailure(
        f"{what}が画面に {found['count']} 個あり、どれか決められません: {_places(found)}",
        mend="「範囲を絞る」で行や見出しの中に絞るか、「何番目」を書いてください。",
    )


def _no_option(what: str, found: Found) -> SystemFailure:
    options = [option for option in found["options"] if option]
    return SystemFailure(
        f"{what}に選択肢「{found['wanted']}」がありません。",
        mend=f"選べるのは: {'、'.join(options[:20])}。値を画面の選択肢に合わせてください。",
        guess=_guess(found["wanted"], options),
    )


def _two_options(what: str, found: Found) -> SystemFailure:
    return SystemFailure(
        f"{what}に選択肢「{found['wanted']}」がいくつもあり、どれか決められません。",
        mend=f"画面の選択肢を確かめてください: {'、'.join(found['options'][:20])}。",
    )


def _changed(what: str, found: Found) -> SystemFailure:
    shown = [
        f"「{one['name']}」" if one["secret"] else f"「{one['name']}」（入れた値: {one['want']}、今の値: {one['got']}）"
        for one in found["changed"]
    ]
    return SystemFailure(
        f"{what}を押す前に確かめたところ、入力した項目が画面によって変えられていました: {'、'.join(shown)}。",
        mend="ほかの項目に連動して変わる項目は、順番を後にして入力してください。",
    )


def _no_scope(what: str, found: Found) -> SystemFailure:
    if found.get("login"):
        return SystemFailure(f"{_SCOPES[found['scope']]}「{found['text']}」が見つかりません。", mend=_LOGIN)
    names = found.get("names") or []
    there = f"今の画面にあるのは: {'、'.join(names)}。" if names else ""
    return SystemFailure(
        f"絞り込む範囲の{_SCOPES[found['scope']]}「{found['text']}」が画面に見つかりません。",
        mend=f"{there}画面に見えているとおりの文字を書いてください。",
        guess=_guess(found["text"], names),
    )


def _two_scopes(what: str, found: Found) -> SystemFailure:
    return SystemFailure(
        f"絞り込む範囲の{_SCOPES[found['scope']]}「{found['text']}」が {found['count']} 個あり、決められません。{_places(found)}",
        mend="一つに決まる文字を書いてください。",
    )


def _no_table(what: str, found: Found) -> SystemFailure:
    if found.get("login"):
        return SystemFailure("読み取る表が見つかりません。", mend=_LOGIN)
    there = f"画面にある表は: {_places(found)}。" if found["matches"] else "画面に見出しのある表がありません。"
    return SystemFailure(f"{what}が画面に見つかりません。", mend=f"{there}表の題名か、すぐ上の見出しを書いてください。")


def _too_few(what: str, found: Found) -> SystemFailure:
    return SystemFailure(
        f"{what}はありません。当てはまるのは {found['count']} 個です。", mend="「何番目」を確かめてください。"
    )


def _plain(text: str, mend: str) -> Callable[[str, Found], SystemFailure]:
    return lambda what, found: SystemFailure(text.format_map({"what": what, **found}), mend=mend)


_FORM = "値と画面の項目を確かめてください。"
_STATE = "前の手順で画面がその状態になっているかを確かめてください。"
_KINDS: dict[str, Callable[[str, Found], SystemFailure]] = {
    "missing": _missing,
    "ambiguous": _ambiguous,
    "too_few": _too_few,
    "no_option": _no_option,
    "two_options": _two_options,
    "changed": _changed,
    "no_scope": _no_scope,
    "two_scopes": _two_scopes,
    "no_table": _no_table,
    "option_off": _plain("{what}の選択肢「{wanted}」は、今は選べません。", _STATE),
    "hidden": _plain("{what}が画面に見えていません。", _STATE),
    "disabled": _plain("{what}は、今は使えません（灰色になっています）。", _STATE),
    "readonly": _plain("{what}は読み取り専用で、入力できません。", "入力できる項目かどうかを確かめてください。"),
    "moving": _plain("{what}が動いていて、入力できません。", _STATE),
    "covered": _plain("{what}に「{by}」が重なっていて、操作できません。", "重なっているものを先に閉じてください。"),
    "loading": _plain("画面が開き終わりません。", "相手のシステムの様子を見て、もう一度実行してください。"),
    "bad_css": _plain("{what}は CSS セレクターとして正しくありません。", "セレクターの書き方を確かめてください。"),
    "not_a_field": _plain("{what}は入力項目ではありません。", "入力項目のラベルを書いてください。"),
    "not_a_tick": _plain("{what}はチェックを付ける項目ではありません。", "「入力する」か「選ぶ」を使ってください。"),
    "not_a_choice": _plain("{what}は選択肢から選ぶ項目ではありません。", "「入力する」を使ってください。"),
    "not_a_flag": _plain("{what}はチェックの有無の項目ですが、値が「{wanted}」です。", "はい か いいえ にしてください。"),
    "not_a_list": _plain("{what}は一つの値の項目ですが、値がいくつもあります。", _FORM),
    "not_a_date": _plain("{what}は日付の項目ですが、「{wanted}」を日付として読めません。", "暦にある日付（令和8年4月1日 など）にしてください。"),
    "not_a_month": _plain("{what}は年月の項目ですが、「{wanted}」を年月として読めません。", "2026年4月 や 令和8年4月 のように書いてください。"),
    "not_a_number": _plain("{what}は数値の項目ですが、値が「{wanted}」です。", _FORM),
    "no_era": _plain("{what}は和暦の項目ですが、「{wanted}」を和暦にできません。", _FORM),
    "one_line": _plain("{what}は一行の項目ですが、値に改行があります。", "改行のない値にしてください。"),
    "too_long": _plain("{what}は {most} 文字までですが、値は {length} 文字あります。", "値を短くするか、入れる項目を確かめてください。"),
    "no_file": _plain("{what}はファイルを添付する項目ではありません。", "ファイルを選ぶ欄のラベルか、ファイルを選ぶボタンの名前を書いてください。"),
    "one_file": _plain("{what}に添付できるファイルは一つですが、{count} 個あります。", "一つずつ添付するか、ZIP にまとめてください。"),
    "no_download": _plain("{what}を押してもダウンロードが始まりませんでした。", "ファイルの出るものか確かめ、時間がかかるなら「制限時間」を延ばしてください。"),
    "slow_download": _plain("{what}のダウンロードが時間内に終わりませんでした。", "大きなファイルなら「制限時間」を長くしてください（例: 制限時間: 5分）。"),
    "cut_download": _plain("{what}のダウンロードが途中で切れました。", "ネットワークと相手のシステムの様子を確かめて、もう一度実行してください。"),
    "two_downloads": _plain("{what}を押すと、ファイルが {count} 個届き、どれか決められません。", "一つずつダウンロードできる操作を書いてください。"),
    "file": _plain("{what}はファイルを添付する項目です。", "入力ではなく添付の手順を使ってください。"),
    "group": _plain("{what}はいくつかの項目のまとまりで、押すものが決まりません。", "押す項目の名前を書いてください。"),
    "password": _plain("{what}はパスワードの項目なので読み取りません。", "ほかの項目を指定してください。"),
    "column_twice": _plain("表の見出し「{name}」が二つあります。", "画面の表の見出しを確かめてください。"),
    "same_page": _plain("次のページへ進んでも、表が前のページと同じままです。", "「次へ」に当たるものが正しいかを確かめてください。"),
    "no_login": _plain("ログイン画面のパスワード欄が見つかりません（{count} 個）。", "サイトのアドレスがログイン画面かを確かめてください。"),
    "no_user": _plain("ログイン画面の利用者の欄が見つかりません。", "「入力する」と「押す」で書いてください。"),
    "no_login_button": _plain("ログイン画面のボタンが見つかりません。", "「入力する」と「押す」で書いてください。"),
}  # fmt: skip


def failure(what: str, found: Found) -> SystemFailure:
    """The failure for a problem of the page's script; what: what was looked for, as the author wrote it."""
    return _KINDS[found["problem"]](what, found)


def unmet(expectation: Expectation, found: Mapping[str, Any]) -> SystemFailure:
    """NotMet only where the page is surely the right one: "not there" lets an entry be made again."""
    if found.get("login"):
        return SystemFailure("確かめる画面ではなく、ログイン画面に戻されました。", mend="もう一度実行してください。")
    if found.get("status", 0) >= 400:
        return SystemFailure(
            f"確かめる画面がエラーの画面（{found['status']}）になりました。",
            mend="相手のシステムの様子を確かめてください。",
        )
    if found["problem"] != "not_met":
        what = expectation.field or expectation.find
        return failure(str(what) if what else "確かめる画面", found)
    if found.get("partly"):
        return SystemFailure(
            f"文字「{expectation.text}」そのものはなく、それを一部に含む別の番号や語だけがあります。",
            mend="前後の文字も含めて、はっきり分かる文字を書いてください。",
        )
    mend = "画面の様子（証跡の画像）を見て、入力した値と画面の文を確かめてください。"
    if expectation.text is not None:
        return NotMet(f"画面に「{expectation.text}」が出ませんでした。", mend=mend)
    if expectation.absent is not None:
        return NotMet(f"画面に「{expectation.absent}」が残っています。", mend=mend)
    if expectation.url is not None:
        return NotMet(f"画面のアドレスに「{expectation.url}」が含まれていません（今は {found['got']}）。", mend=mend)
    if expectation.field is not None:
        got = "" if found["hidden"] else f"（画面の値: {found['got'] or '空欄'}）"
        return NotMet(f"{expectation.field}の値が「{expectation.value}」ではありません{got}。", mend=mend)
    wanted = "あるはず" if expectation.count is None else f"{expectation.count} 個のはず"
    return NotMet(f"{expectation.find}が{wanted}ですが、{found['count']} 個でした。", mend=mend)
