"""The practice town (練習市): a small core system to practise on. It imports neither robots nor ocr."""

from practice.server import RunningTown, serve_town, start_town
from practice.sessions import PRACTICE_PASSWORD, PRACTICE_USER

__all__ = ["PRACTICE_PASSWORD", "PRACTICE_USER", "RunningTown", "serve_town", "start_town"]
