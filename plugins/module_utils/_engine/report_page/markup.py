# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Markup that cannot be forged: every text is escaped unless it was made by `element`.

Control, format and bidirectional characters, and bytes that are not UTF-8, become visible escapes: a name can neither
begin an element nor change the direction of a line.
"""

from __future__ import annotations

import re
from html import escape
from typing import Iterable, Union

from ..model.display import display_text

_NAME = re.compile(r"[a-z][a-zA-Z0-9]*\Z")
_ATTRIBUTE = re.compile(r"[a-zA-Z][a-zA-Z0-9-]*\Z")
_VOID = ("br", "meta", "link", "wbr")
_UNSAFE = ("style", "src", "srcdoc")
"""Attributes that could load or run something; a page needs none of them."""
_WITHIN = re.compile(r"#[a-z][a-z0-9-]*\Z")
"""The only targets of links: parts of the page."""


class Markup(str):
    """Text of a page that needs no escaping."""

    __slots__ = ()


Child = Union[Markup, str, int]


def text(value: object) -> Markup:
    return value if isinstance(value, Markup) else Markup(escape(display_text(str(value)), quote=True))


def join(children: Iterable[Child]) -> Markup:
    return Markup("".join(text(child) for child in children))


def element(tag: str, /, *children: Child, **attributes: str | int | None) -> Markup:
    """Return an element. Attributes: `class_` for class, `data_label` for data-label; None leaves an attribute out."""
    if not _NAME.match(tag):
        raise ValueError(f"{tag!r} is not the name of an element")
    words = "".join(_attribute(key, value) for key, value in attributes.items() if value is not None)
    if tag in _VOID:
        return Markup(f"<{tag}{words}>")
    return Markup(f"<{tag}{words}>{join(children)}</{tag}>")


def _attribute(key: str, value: str | int) -> str:
    name = key.rstrip("_").replace("_", "-")
    if not _ATTRIBUTE.match(name) or name in _UNSAFE or name.startswith("on"):
        raise ValueError(f"{name!r} is not an attribute of a page")
    if name == "href" and not _WITHIN.match(str(value)):
        raise ValueError(f"{value!r} is not a part of the page")
    return f' {name}="{text(value)}"'
