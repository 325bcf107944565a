"""Which of several forms a page is: for sorting a mixed pile."""

from __future__ import annotations

from collections.abc import Sequence

from ocr.form import Form
from ocr.page import Page, Sheet
from ocr.reading import Refused
from ocr.register.ink import ink_of
from ocr.register.lay import Unlaid, tried, why_unlaid
from ocr.register.why import refused


def identify(page: Page, forms: Sequence[Form]) -> tuple[Form, Sheet] | Refused:
    """The one form, and its page, that this is; refused where none of them fits, or more than one does.

    Every page of every form is tried: the check of the print is sharp enough to tell versions of one form apart, and a
    second form that fits as well must be known.
    """
    ink = ink_of(page)
    fitting: list[tuple[Form, Sheet]] = []
    unlaid: list[tuple[Form, int, Unlaid]] = []
    for form in forms:
        for index in range(len(form.blanks)):
            answer = tried(page, ink, form, index)
            if isinstance(answer, Sheet):
                fitting.append((form, answer))
            else:
                unlaid.append((form, index, answer))
    if len(fitting) > 1:
        names = "、".join(sorted({form.name for form, _ in fitting}))
        return refused(
            page,
            "other_form",
            f"どの帳票か決められません（{names}）。帳票に名前か QR コードの場所（identify）を書いてください。",
        )
    if fitting:
        return fitting[0]
    # A torn or double-fed page of one form is "another form" to all the others: the telling reason goes first.
    reasons = [why_unlaid(page, ink, *one) for one in unlaid]
    told = [one for one in reasons if one.code != "other_form"]
    return (told or reasons or [refused(page, "other_form")])[0]
