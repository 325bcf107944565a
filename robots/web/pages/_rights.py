"""Who may look into the items of a scenario, and who may decide them; what was looked at is recorded."""

from __future__ import annotations

from robots.web.page import Context, Forbidden


def decides(context: Context, scenario: str) -> bool:
    """An author of its department, its owner or its deputy."""
    person, entry = context.person, context.register.scenarios.get(scenario)
    if not person.has("author"):
        return False
    named = entry is not None and person.id in (entry.owner, entry.deputy)
    return named or person.department == scenario.partition("/")[0]


def sees(context: Context, scenario: str) -> bool:
    """Keys, values, reasons and evidence: who decides, a checker of its department, and the DX office's approvers."""
    person = context.person
    if person.has("approver") or decides(context, scenario):
        return True
    return person.has("checker") and person.department == scenario.partition("/")[0]


def check_sees(context: Context, scenario: str) -> None:
    """Raises: Forbidden."""
    if not sees(context, scenario):
        raise Forbidden("対象の中身と証跡を見られるのは、担当の課の作成者・確認者と、推進室の承認者です。")


def check_decides(context: Context, scenario: str) -> None:
    """Raises: Forbidden."""
    if not decides(context, scenario):
        raise Forbidden("決められるのは、担当の課の作成者と、シナリオの所有者・副担当です。")


def record_read(context: Context, scenario: str, **detail: object) -> None:
    """Personal data is shown now.  Raises: SystemFailure; then it must not be shown."""
    entry = context.register.scenarios.get(scenario)
    if entry is None or entry.data != "none":
        context.audit.record("read", who=context.person.id, subject=scenario, detail=detail)
