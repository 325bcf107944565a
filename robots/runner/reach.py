"""What the steps of a run reach outside of it: files, forms, books, sites and credentials, each within `uses`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from robots.drivers.forms import Forms, Sorted
from robots.drivers.workbook import Workbooks
from robots.errors import SystemFailure
from robots.mask import Mask
from robots.runner.places import Places
from robots.runner.uses import check_address, check_credential, form_in, site_in
from robots.scenario.model import Scenario
from robots.values import Row
from robots.vault import Credential, Vault


class Reach:
    """The part of the StepContext that keeps to the `uses` of the scenario whose steps run now.

    practice: the practice town's own user, where the scenario reaches nothing else; mask: learns every credential that
    is handed out.
    """

    def __init__(
        self,
        scenario: Scenario,
        places: Places,
        *,
        workbooks: Workbooks,
        forms: Forms,
        reading: Callable[[int, int], None],
        vault: Vault,
        practice: Credential | None,
        mask: Mask,
    ) -> None:
        self.scenario = scenario
        self._places = places
        self._workbooks = workbooks
        self._forms = forms
        self._reading = reading
        self._vault = vault
        self._practice = practice
        self.mask = mask

    @property
    def workbooks(self) -> Workbooks:
        return self._workbooks

    def read_form(self, form: str, files: Sequence[Path]) -> list[Row]:
        items = self.scenario.items
        everything = items is not None and items.review == "all"
        return self._forms.read(files, form_in(self.scenario, form), everything=everything, progress=self._reading)

    def sort_forms(self, forms: Sequence[str], files: Sequence[Path]) -> list[Sorted]:
        return self._forms.sort(files, [form_in(self.scenario, one) for one in forms], progress=self._reading)

    def file(self, text: str, *, write: bool = False) -> Path:
        return self._places.file(text, write=write)

    def address(self, text: str) -> str:
        check_address(self.scenario.uses, text)
        return text

    def site(self, name: str) -> str:
        return site_in(self.scenario.uses, name)

    def credential(self, name: str) -> Credential:
        check_credential(self.scenario.uses, name)
        own = name == "practice" and self._practice is not None
        found = self._practice if own else self._vault.find(name)
        if found is None:
            raise SystemFailure(
                f"資格情報「{name}」がこの端末に登録されていません。",
                mend=f"banken vault set {name} で登録してください。",
            )
        self.mask.keep_secret(found.password)
        self.mask.keep_user(found.user)
        return found
