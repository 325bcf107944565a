"""The browser's own dialogs (alert, confirm, prompt): only a prepared answer is given, all else is a failure."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from robots.errors import SystemFailure


@dataclass(frozen=True, slots=True)
class Answer:
    """What to say to the next dialog; says: the text that it must show (None: any)."""

    ok: bool
    text: str | None = None
    says: str | None = None

    def fits(self, message: str) -> bool:
        """Whether the dialog is the one that was meant; width and line breaks do not count."""
        return self.says is None or _folded(self.says) == _folded(message)


def _folded(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


class Dialogs:
    """Keeps the prepared answer and what went wrong, until the running step asks."""

    def __init__(self) -> None:
        self._prepared: Answer | None = None
        self._failure: SystemFailure | None = None

    def prepare(self, answer: Answer) -> None:
        """Prepares the answer to the next dialog.  Raises: SystemFailure where the one before was not used."""
        self.check_answered()
        self._prepared = answer

    def check_answered(self) -> None:
        """Raises: SystemFailure where a dialog was prepared for and never came."""
        if self._prepared is None:
            return
        answer, self._prepared = self._prepared, None
        expected = f"「{answer.says}」という" if answer.says else ""
        raise SystemFailure(
            f"{expected}ダイアログが出るはずでしたが、出ませんでした。",
            mend="ダイアログが出る操作の直前に「ダイアログに答える」があるか、画面が変わっていないかを確かめてください。",
        )

    def meet(self, kind: str, message: str) -> Answer:
        """What to answer to a dialog that has just come; an unexpected one is remembered and declined."""
        answer, self._prepared = self._prepared, None
        if answer is None:
            self._failure = SystemFailure(
                f"予期しないダイアログ「{message}」が出たため、取り消して止めました。",
                mend="このダイアログが正しいものなら、その操作の前に「ダイアログに答える」を書いてください。",
            )
        elif not answer.fits(message):
            self._failure = SystemFailure(
                f"ダイアログの文が違います。「{answer.says}」のはずが「{message}」だったため、取り消して止めました。",
                mend="画面の文が変わったのか、別の操作をしたのかを確かめてください。",
            )
        else:
            return answer
        # An alert has only OK; saying no to it is the same thing.
        return Answer(ok=kind == "alert")

    def raise_unexpected(self) -> None:
        """Raises: SystemFailure where a dialog came that was not prepared for (once)."""
        failure, self._failure = self._failure, None
        if failure:
            raise failure
