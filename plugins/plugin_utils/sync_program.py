# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Build the program sync.pyz and its manual page, from the documentation of secure_sync.

python3 -m ansible_collections.secure.ftp_synchronize.plugins.plugin_utils.sync_program PATH writes PATH and PATH.1.
"""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..module_utils._edge.jobs.build_program import program
from ..module_utils._edge.jobs.command_line import COMMANDS, FLAGS, SOURCES
from ..module_utils._edge.jobs.job_options import secret_names, specification
from ..module_utils._edge.receipting import VERSION
from ..module_utils._engine.system.durable_files import put

_MODULE = "secure.ftp_synchronize.secure_sync"
_ELSEWHERE = ("direction", "src", "dest", "protocol", "host", "port", "username", "start_spread")
_MARKUP = re.compile(r"\b(?P<kind>[A-Z]{1,3})\((?P<text>(?:[^()\0]|\0.)*)\)")
OUTCOMES = {
    0: "success, with or without changes",
    1: "items failed, or the run failed for another reason",
    2: "the command line, the job file or a credential is wrong",
    3: "the server was not proven; nothing secret was sent",
    4: "the server did not accept the login, or the key is unusable",
    5: "no connection, or it was lost; a later run may succeed",
    6: "refused for safety, such as too many deletions or an empty source",
    7: "another run works on this tree",
    143: "a signal ended the run; temporary files and the lock were removed",
}
"""As docs/jobs.md."""
_BOLD = ("B", "C", "O", "E", "M", "P")

Option = Mapping[str, Any]


def documentation() -> Option:
    """Return the documentation of secure_sync, with its fragments."""
    words = [sys.executable, "-m", "ansible", "doc", "--type", "module", "--json", _MODULE]
    found: Option = json.loads(subprocess.run(words, stdout=subprocess.PIPE, check=True).stdout)[_MODULE]["doc"]
    return found


def manual(documented: Option) -> str:
    """Return the manual page in roff."""
    return "\n".join(_lines(documented)) + "\n"


def _lines(documented: Option) -> Iterator[str]:
    yield f'.TH SYNC.PYZ 1 "" "secure.ftp_synchronize {VERSION}"'
    yield from (".SH NAME", r"sync.pyz \- keep directory trees in step over SFTP or FTPS", ".SH SYNOPSIS")
    url = r"sftp://\fIuser\fR@\fIhost\fR:\fIport\fR/\fI{}\fR"
    for words in (
        r"\fBpush\fR \fISRC\fR " + url.format("DEST"),
        r"\fBpull\fR " + url.format("SRC") + r" \fIDEST\fR",
        r"\fBcheck\fR \fISRC\fR \fIDEST\fR",
    ):
        yield from (r"\fBsync.pyz\fR " + words + r" [\fB\-\-\fIoption value\fR]...", ".br")
    yield from (r"\fBsync.pyz job\fR \fIFILE\fR", ".br", r"\fBsync.pyz completion bash\fR|\fBzsh\fR")
    yield ".SH DESCRIPTION"
    for text in documented["description"]:
        yield from (".PP", roff(text))
    yield ".PP"
    yield roff(
        "In a URL, use ftps for FTPS. Its path begins in the login directory; a path that begins with // begins at the "
        "root. B(%20) is a space. A password is never part of a URL or of an option."
    )
    yield ".SH COMMANDS"
    for command, text in COMMANDS.items():
        yield from (".TP", rf"\fB{command}\fR", roff(text))
    yield ".SH OPTIONS"
    yield roff("In the name of an option, - and _ mean the same. B(--no_NAME) sets an option to false.")
    for name, text in FLAGS.items():
        yield from (".TP", _option(name), roff(text[:1].upper() + text[1:] + "."))
    for name, (value, text) in SOURCES.items():
        yield from (".TP", rf"{_option(name)} \fI{value}\fR", roff(text[:1].upper() + text[1:] + "."))
    secrets = set(secret_names(specification()["argument_spec"]))
    described = list(_described(documented["options"]))
    for path, option in described:
        if path not in secrets:
            yield from _option_lines(path, option)
    yield ".SH SECRETS"
    yield roff("A secret is no argument. O(--ask) asks for it, and O(--credentials) has a file of its name.")
    for path, option in described:
        if path in secrets:
            yield from (".TP", roff(f"O({path})"), *_texts(option))
    yield ".SH EXIT STATUS"
    for status, text in OUTCOMES.items():
        yield from (".TP", rf"\fB{status}\fR", roff(text[:1].upper() + text[1:] + "."))


def _described(options: Mapping[str, Option], prefix: str = "") -> Iterator[tuple[str, Option]]:
    for name, option in sorted(options.items()):
        path = prefix + name
        if option.get("suboptions"):
            yield from _described(option["suboptions"], f"{path}.")
        elif path not in _ELSEWHERE:
            yield path, option


def _option_lines(path: str, option: Option) -> Iterator[str]:
    kind, default = option.get("type", "str"), option.get("default")
    yield from (".TP", _option(path) + ("" if kind == "bool" else rf" \fI{kind.upper()}\fR"), *_texts(option))
    if "choices" in option:
        yield from (".IP", roff("One of " + ", ".join(f"I({each})" for each in option["choices"]) + "."))
    if default is not None:
        yield from (".IP", roff(f"Default: I({str(default).lower() if isinstance(default, bool) else default})."))


def _texts(option: Option) -> Iterator[str]:
    texts = option["description"]
    for number, text in enumerate([texts] if isinstance(texts, str) else texts):
        yield from ([".IP"] if number else []) + [roff(text)]


def _option(name: str) -> str:
    return rf"\fB\-\-{name}\fR"


def roff(text: str) -> str:
    """Return a text of Ansible's markup in roff."""
    plain = _MARKUP.sub(_marked, text.replace("\\", "\0"))
    shown = plain.replace("\0", r"\e").replace("-", r"\-").replace("\1", "\\f")
    return r"\&" + shown if shown[:1] in (".", "'") else shown


def _marked(found: re.Match[str]) -> str:
    kind, text = found["kind"], found["text"].replace("\0", "")
    if kind in ("L", "R"):
        name, _comma, place = text.rpartition(",")
        return f"{name} ({place.strip()})" if kind == "L" else name
    if kind in ("U", "RV") or (kind not in _BOLD and kind not in ("I", "V")):
        return text
    return f"\1{'B' if kind in _BOLD else 'I'}{text}\1R"


def main(words: Sequence[str]) -> int:
    """Write the program and its manual page, and return the exit status."""
    if len(words) != 1:
        sys.stderr.write("usage: sync_program PATH\n")
        return 2
    path = Path(words[0]).expanduser().absolute()
    page = path.with_name(path.name + ".1"), manual(documentation()).encode(), 0o644
    try:
        for place, content, mode in ((path, program(), 0o755), page):
            if not _is_kept(place, content, mode):
                put(str(place), content, mode)
                sys.stdout.write(f"made {place}\n")
    except OSError as error:
        sys.stderr.write(f"dest: {path}: {error.strerror}. Set dest to a file in a directory that exists.\n")
        return 1
    return 0


def _is_kept(place: Path, content: bytes, mode: int) -> bool:
    """Return whether the file is there, and of this user: another could change it later."""
    status = place.lstat() if os.path.lexists(place) else None
    is_own = status is not None and (status.st_mode, status.st_uid) == (stat.S_IFREG | mode, os.geteuid())
    return is_own and place.read_bytes() == content


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
