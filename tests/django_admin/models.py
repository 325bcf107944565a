"""One model with a field of each kind that the admin site draws in a way of its own."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Notice(models.Model):
    """A notice that has come in at the desk."""

    KINDS: ClassVar = [("in", "転入"), ("out", "転出"), ("move", "転居"), ("head", "世帯主変更")]

    number = models.CharField("受付番号", max_length=8)  # not unique: a double entry must be seen, not refused
    name = models.CharField("氏名", max_length=40)
    day = models.DateField("届出日")
    kind = models.CharField("届出区分", max_length=4, choices=KINDS)
    checked = models.BooleanField("本人確認済み", default=False)
    remarks = models.TextField("備考", blank=True)
    paper = models.FileField("届書の写し", upload_to="papers")

    class Meta:
        verbose_name = verbose_name_plural = "異動届"
        ordering: ClassVar = ["number"]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"
