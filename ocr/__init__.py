"""The form reader's public door: what a reading of a scanned form says.

``ocr`` is a library of its own; it knows no scenario and never imports ``robots``.
"""

from ocr.reading import STATES, Box, FieldReading, FormReading

__all__ = ["STATES", "Box", "FieldReading", "FormReading"]
