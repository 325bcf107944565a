"""What a trial reading of the designer shows: each copy's fields, and the pages with what was read drawn over them."""

from __future__ import annotations

import base64
import io
from pathlib import Path

from PIL import Image

from ocr.reading import FormReading, Refused
from robots.form_rows import origin_of


def copy_of(reading: FormReading | Refused, name: str, told: str) -> dict[str, object]:
    """One copy for the template.  name: the file that was read; told: what the page calls it."""
    source = origin_of(reading.source).replace(name, told, 1)
    if isinstance(reading, Refused):
        return {"source": source, "why": reading.why, "residual": "", "fields": []}
    residual = f"{reading.residual_mm:.2f}"
    return {"source": source, "why": "", "residual": residual, "fields": list(reading.leaves())}


def small(picture: Path) -> str:
    """The picture as a data: address."""
    made = io.BytesIO()
    with Image.open(picture) as image:
        image.convert("RGB").save(made, "JPEG", quality=70)
    return f"data:image/jpeg;base64,{base64.b64encode(made.getvalue()).decode()}"
