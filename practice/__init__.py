"""The practice town (練習市): a small core system to practise on.  It imports neither robots nor ocr.

Its door is ``practice.server``: start_town, serve_town, RunningTown.
"""

# Fixed and public: nothing real is behind this door, and every example must open it.
PRACTICE_USER = "renshu"
PRACTICE_PASSWORD = "renshu-2026"
