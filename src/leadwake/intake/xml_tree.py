"""XML as a small tree, also when it is broken: whatever is not closed is closed, no entity of its own is known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NoReturn
from xml.parsers import expat

from leadwake.intake.markup import tokens

#: characters of a document that are read
DOCUMENT_CHARS = 1_000_000
_DEPTH, _NODES, _TEXT_CHARS = 40, 20_000, 50_000


@dataclass(slots=True)
class Node:
    """An element. name: lower case, without its prefix; attributes: by lower-case names."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Node] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Its own text in one line."""
        return " ".join("".join(self.texts)[:_TEXT_CHARS].split())

    @property
    def lines(self) -> str:
        """Its own text with its line ends."""
        lines = (" ".join(line.split()) for line in "".join(self.texts)[:_TEXT_CHARS].splitlines())
        return "\n".join(lines).strip()

    def all(self, *names: str) -> Iterator[Node]:
        """Everything below it of these names, in the document's order; nothing within what is found."""
        for child in self.children:
            if child.name in names:
                yield child
            else:
                yield from child.all(*names)

    def first(self, *names: str) -> Node | None:
        return next(self.all(*names), None)

    def child(self, *names: str) -> Node | None:
        """The first of its own children of these names."""
        return next((child for child in self.children if child.name in names), None)

    def said(self, *names: str) -> str:
        """The text of the first below it that has any."""
        return next((node.text for node in self.all(*names) if node.text), "")


def read_xml(text: str) -> Node:
    """The document's elements below a root without name."""
    root = Node("")
    open_nodes, count = [root], 0
    for token in tokens(text):
        if not token.name:
            open_nodes[-1].texts.append(token.text)
        elif token.is_end:
            _close(open_nodes, token.name)
        elif count < _NODES:
            count += 1
            node = Node(token.name, dict(token.attributes))
            open_nodes[-1].children.append(node)
            if not token.is_empty and len(open_nodes) < _DEPTH:
                open_nodes.append(node)
    return root


def is_well_formed(text: str) -> bool:
    """Whether a strict reader takes it; entities of its own count as broken, none is looked at."""
    parser = expat.ParserCreate("utf-8")
    parser.EntityDeclHandler = _refuse
    try:
        parser.Parse(text.encode("utf-8", "replace"), True)
    except (expat.ExpatError, ValueError):
        return False
    return True


def _refuse(*_: object) -> NoReturn:
    raise ValueError("declares an entity")


def _close(open_nodes: list[Node], name: str) -> None:
    """Closes up to the one of that name; an end without a beginning is nothing."""
    for index in range(len(open_nodes) - 1, 0, -1):
        if open_nodes[index].name == name:
            del open_nodes[index:]
            return
