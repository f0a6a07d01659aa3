"""Changes of a stack's file that leave everything else in it as it is, comments too."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import unified_diff

import yaml

_PLAIN = re.compile(r"[A-Za-z0-9][\w./:@*-]*[\w*]")
#: Text that YAML would take for something else.
_NUMBER = re.compile(r"[\d._]+")


@dataclass(frozen=True)
class Edit:
    """Text between two places of a file, and what is to be there instead."""

    start: int
    end: int
    text: str


class StackText:
    """The text of a file, with what is to be changed in it."""

    def __init__(self, text: str) -> None:
        self._text, self._edits = text, list[Edit]()
        self._root: yaml.Node | None = yaml.compose(text, Loader=yaml.SafeLoader)

    def node(self, *keys: str) -> yaml.Node | None:
        """What is at these keys, one below the other."""
        found = self._root
        for key in keys:
            if not isinstance(found, yaml.MappingNode):
                return None
            pairs: list[tuple[yaml.Node, yaml.Node]] = found.value
            found = next((value for name, value in pairs if name.value == key), None)
        return found

    def texts(self, *keys: str) -> list[str] | None:
        """The list of texts there; None where there is none."""
        found = self.node(*keys)
        if not isinstance(found, yaml.SequenceNode):
            return None
        items: list[yaml.Node] = found.value
        return [str(item.value) for item in items]

    def keys(self, *keys: str) -> list[str]:
        """Keys of the mapping there; none where it is no mapping."""
        found = self.node(*keys)
        if not isinstance(found, yaml.MappingNode):
            return []
        pairs: list[tuple[yaml.Node, yaml.Node]] = found.value
        return [str(name.value) for name, _ in pairs]

    def put(self, value: str, *keys: str) -> None:
        """Another text in the place of the one there."""
        found = self.node(*keys)
        assert isinstance(found, yaml.ScalarNode)
        self._replace(found, _written(value))

    def put_list(self, values: Sequence[str], *keys: str) -> None:
        """Other texts in the place of a list, each on its line as before; comments there stay."""
        found = self.node(*keys)
        assert isinstance(found, yaml.SequenceNode)
        items: list[yaml.Node] = found.value
        if found.flow_style or not items:
            self._replace(found, f"[{', '.join(map(_written, values))}]")
            return
        kept = min(len(items), len(values))
        for item, value in zip(items, values, strict=False):
            if item.value != value:
                self._replace(item, _written(value))
        indent = " " * found.start_mark.column
        more = "".join(f"\n{indent}- {_written(value)}" for value in values[kept:])
        if more:
            end = items[-1].end_mark.index
            self._edits.append(Edit(end, end, more))
        for item in items[kept:]:
            self._drop_line(item)

    def changed(self) -> str:
        """The text with all changes."""
        text = self._text
        for edit in sorted(self._edits, key=lambda edit: edit.start, reverse=True):
            text = text[: edit.start] + edit.text + text[edit.end :]
        return text

    def diff(self, name: str) -> str:
        """The changes as `git apply` and `patch -p1` take them."""
        before, after = (text.splitlines(keepends=True) for text in (self._text, self.changed()))
        return "".join(unified_diff(before, after, f"a/{name}", f"b/{name}"))

    def _replace(self, node: yaml.Node, text: str) -> None:
        self._edits.append(Edit(node.start_mark.index, node.end_mark.index, text))

    def _drop_line(self, node: yaml.Node) -> None:
        start = self._text.rfind("\n", 0, node.start_mark.index)
        end = self._text.find("\n", node.end_mark.index)
        self._edits.append(Edit(start, len(self._text) if end < 0 else end, ""))


def _written(value: str) -> str:
    """The text as YAML has it: in quotes only where it needs them."""
    if _PLAIN.fullmatch(value) and not _NUMBER.fullmatch(value):
        return value
    return json.dumps(value)
