"""The three families of error, and no more.

Anything else that escapes is a bug of Banken's own and is reported as one.  Every message is Japanese and
says what to do next: ``what`` is what is wrong, ``mend`` is how the reader can mend it.
"""

from __future__ import annotations


class BankenError(Exception):
    """Base of the three families.

    what: one sentence for the reader.  mend: what the reader should do next.  guess: what was probably
    meant, when a name was misspelt (shown as 「もしかして」).
    """

    def __init__(self, what: str, *, mend: str, guess: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.mend = mend
        self.guess = guess

    @property
    def told(self) -> str:
        """What is wrong and what was probably meant, without the mending advice."""
        return f"{self.what}（もしかして: {self.guess}）" if self.guess else self.what

    def __str__(self) -> str:
        return f"{self.told} — {self.mend}"


class ScenarioFault(BankenError):
    """The author's file is wrong, and it showed only while running (the runner adds file and line)."""


class NotDeclared(ScenarioFault):
    """A scenario wanted what its `uses` does not name: refused, and told to the audit log.

    kind: site, folder, credential, mail, form, call; thing: what it was, without any personal value.
    """

    def __init__(self, what: str, *, mend: str, guess: str | None = None, kind: str = "", thing: str = "") -> None:
        super().__init__(what, mend=mend, guess=guess)
        self.kind = kind
        self.thing = thing


class BusinessError(BankenError):
    """業務エラー: the data of this item is wrong; trying again will not help."""


class Unconfirmed(BusinessError):
    """A value read from paper that no person has looked at yet was about to be used."""


class SystemFailure(BankenError):
    """システムエラー: the world failed (page, network, file in use); trying again may help."""


class NotMet(SystemFailure):
    """What a step was told to expect is not there (``already_done`` reads this as "not entered")."""
