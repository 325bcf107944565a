"""A form's definition as text: a proposal written out, and an edited definition put into a file that people commented."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

_IN_ORDER = ("fields", "options", "columns")
"""Below these the order of the keys says something; elsewhere the file's own order stays."""


def proposed(data: Mapping[str, object], reasons: Mapping[str, str]) -> str:
    """The definition with one field a line, and above it why it was taken for what it is."""
    whole = CommentedMap({name: _flow(value) for name, value in data.items() if name != "fields"})
    fields = CommentedMap()
    found = data.get("fields")
    for name, value in found.items() if isinstance(found, Mapping) else ():
        fields[name] = _flow(value)
        if reason := reasons.get(name):
            fields.yaml_set_comment_before_after_key(name, before=reason, indent=2)
    whole["fields"] = fields
    return _written(whole)


def merged(text: str, data: Mapping[str, object]) -> str:
    """The file with these keys put to these values: what did not change stays as it was written, comments too.

    A key that ``data`` has not stays, one that it has as None goes; below a key the value is the whole.  text: a YAML
    mapping.
    """
    newline = "\r\n" if "\r\n" in text else "\n"
    whole = _yaml().load(text)
    for name, value in data.items():
        if value is None:
            whole.pop(name, None)
        elif name in whole and isinstance(whole[name], CommentedMap) and isinstance(value, Mapping):
            _merge(whole[name], value, ordered=name in _IN_ORDER)
        elif name not in whole or not _same(whole[name], value):
            whole[name] = _flow(value)
    return _written(whole).replace("\r\n", "\n").replace("\n", newline)


def _merge(old: CommentedMap, new: Mapping[str, object], *, ordered: bool) -> None:
    known = {str(key): key for key in old}
    for name, key in known.items():
        if name not in new:
            del old[key]
    for place, (name, value) in enumerate(new.items()):
        key = known.get(name, name)
        if key not in old:
            old.insert(min(place, len(old)), key, _flow(value))
        elif isinstance(old[key], CommentedMap) and isinstance(value, Mapping):
            _merge(old[key], value, ordered=name in _IN_ORDER)
        elif not _same(old[key], value):
            old[key] = _flow(value)
    if ordered and [str(key) for key in old] != list(new):
        for name in new:
            old.move_to_end(known.get(name, name))


def _same(old: object, new: object) -> bool:
    """Whether the file says this already: 39.50 is 39.5, and true is true, however it is written."""
    if isinstance(old, list) and isinstance(new, list | tuple):
        return len(old) == len(new) and all(map(_same, old, new))
    if isinstance(old, bool) or isinstance(new, bool):
        return str(old).lower() == str(new).lower()
    if isinstance(old, int | float) and isinstance(new, int | float):
        return old == new
    return str(old) == str(new)


def _flow(value: object) -> Any:
    """Mappings and lists on one line."""
    if isinstance(value, Mapping):
        mapping = CommentedMap({name: _flow(one) for name, one in value.items()})
        mapping.fa.set_flow_style()
        return mapping
    if isinstance(value, list | tuple):
        sequence = CommentedSeq([_flow(one) for one in value])
        sequence.fa.set_flow_style()
        return sequence
    return value


def _yaml() -> YAML:
    writer = YAML()
    writer.preserve_quotes = True
    writer.width = 4096
    writer.indent(mapping=2, sequence=4, offset=2)
    return writer


def _written(whole: CommentedMap) -> str:
    made = io.StringIO()
    _yaml().dump(whole, made)
    return made.getvalue()
