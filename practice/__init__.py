"""The practice town (練習市): a small core system to practise on.  It imports neither robots nor ocr.

Its door is ``practice.server``: start_town, serve_town, RunningTown.
"""

# Fixed and public: nothing real is behind this door, and every example must open it.
PRACTICE_USER = "renshu"
PRACTICE_PASSWORD = "renshu-2026"

PRACTICE_TOWN = "練習市"
# The private key (Ed25519) of the practice town's approver: as public as the password.  What it signs may run in a
# register of the practice town, against the practice town, and nowhere else.
PRACTICE_KEY = "/q9ulzSRDbwUI3ke5/czFPcX7QFVJwaMf+5PTvODeHM="
PRACTICE_CREDENTIAL = "practice"
