"""The reading engines by name; each is loaded at its first use and kept for the process."""

from __future__ import annotations

from functools import cache

from ocr.engine import Engine
from ocr.engines.cells import CellsEngine
from ocr.engines.rapidocr import RapidocrEngine
from ocr.engines.tesseract import TesseractEngine

LINE_ENGINES = ("rapidocr", "tesseract")
"""The reader of lines, then the one that looks a second time."""
_ENGINES: dict[str, type[Engine]] = {
    CellsEngine.name: CellsEngine,
    "rapidocr": RapidocrEngine,
    "tesseract": TesseractEngine,
}
ENGINE_NAMES = tuple(_ENGINES)


@cache
def engine_named(name: str) -> Engine:
    """The engine of that name.  Raises: KeyError where there is none."""
    return _ENGINES[name]()


def character_engine() -> CellsEngine:
    """The reader of characters in cells."""
    engine = engine_named(CellsEngine.name)
    assert isinstance(engine, CellsEngine)
    return engine
