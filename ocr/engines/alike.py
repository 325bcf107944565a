"""What the line recogniser takes for something else at full confidence: old forms of a character, and signs of one shape."""

from __future__ import annotations

import re
from collections.abc import Collection

_OLD = (
    "黒黑 専專 豊豐 緑綠 顔顏 麦麥 巻卷 悦悅 渋澁 勲勳 青靑 静靜 浄淨 争爭 遥遙 兎兔 窓窗 総總 氷冰 群羣 寝寢 叙敘 収收 壮壯 将將 装裝 黙默 雑雜 揺搖 謡謠 "
    "舎舍 偽僞 奥奧 粋粹 砕碎 児兒 陥陷 桟棧 残殘 銭錢 浅淺 践踐 亜亞 悪惡 圏圈 剣劍 険險 検檢 倹儉 恒恆 届屆 冊册 慎愼 飲飮 効效 勅敕 両兩 満滿 帯帶 滞滯 "
    "単單 弾彈 禅禪 戦戰 獣獸 厳嚴 営營 労勞 誉譽 径徑 経經 軽輕 茎莖 従從 縦縱 拝拜 変變 恋戀 湾灣 来來 楽樂 薬藥 気氣 図圖 団團 続續 写寫 昼晝 対對 県縣 "
    "権權 観觀 歓歡 勧勸 歯齒 齢齡 渓溪 鶏鷄 済濟 剤劑 霊靈 画畫 発發 廃廢 禄祿 秘祕 隠隱 継繼 断斷 覚覺 触觸 賛贊 転轉 伝傳 乱亂 遅遲 関關 随隨 髄髓 験驗 "
    "塩鹽 参參 惨慘 嬢孃 譲讓 醸釀 壌壤 暁曉 焼燒 応應 懐懷 壊壞 抜拔 数數 楼樓 条條 様樣 湿濕 顕顯 犠犧 猟獵 献獻 縄繩 繊纖 脳腦 悩惱 騒騷"
)
_USUAL = {pair[1]: pair[0] for pair in _OLD.split()}
"""Old form → the usual one, where both are drawn nearly alike: the recogniser knows Chinese too, and answers 黑 for 黒.  Those
that nobody takes for each other (沢澤, 国國, 広廣) stand in many names and are not here."""
_KANA, _KANJI = "ニハロカエタトヘミチオムー", "二八口力工夕卜へ三千才厶一"
_TWINS = dict(zip(_KANA + _KANJI, _KANJI + _KANA, strict=True))
_KATAKANA = "ァ-ヺー・"
_ALONE = re.compile(rf"(?<![{_KATAKANA}])[{_KANA[:-1]}](?=[ノツッケヶ]|[^{_KATAKANA}]|$)|(?<=[一-鿿])ー|(?<=[0-9])一")
"""ノ, ツ and ケ stand after a kanji too: 二ノ宮 comes back as ニノ宮, from both readers."""
_COUNTED = re.compile(r"カ(?=[月年国所])")
_AMONG_KATAKANA = re.compile(rf"(?<=[{_KATAKANA}])[{_KANJI}](?=[{_KATAKANA}]|$)|^[二八口力工夕卜へ](?=[{_KATAKANA}])")
"""At a text's beginning 一, 三 and 千 stand before katakana in names: 一ノ瀬, 三ツ木."""


def alike(text: str, allowed: Collection[str] = ()) -> tuple[str, ...]:
    """What a person must look at, in Japanese: a sign that stands where its twin is as likely meant.

    allowed: the characters that may stand there, where not all may.
    """
    plain = _COUNTED.sub("", text)
    pairs = [(one, _USUAL[one]) for one in text if one in _USUAL]
    pairs += [(one, _TWINS[one]) for pattern in (_ALONE, _AMONG_KATAKANA) for one in pattern.findall(plain)]
    doubted = dict.fromkeys(pair for pair in pairs if not allowed or pair[1] in allowed)
    return tuple(f"「{one}」か「{other}」かを確かめてください" for one, other in doubted)
