# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A scan for secrets: three independent passes over files and logs.

1. known: the exact values that are in use, in every file and log (`known_values`).
2. ansible: secrets that playbooks, variables, inventories and configurations write out or show; in logs, secrets that
   their form shows. Name and first words of a file decide which rules apply. Of an ansible.cfg, settings count that
   show or keep secrets (Ansible Configuration Settings, section defaults).
3. detect-secrets: its detectors, if it is installed (`detected`).

A finding has no secret, and a place that two passes find is reported once. Each file that could not be checked is in
the report by its name: a scan never calls it clean.

"""

from __future__ import annotations

import configparser
import os
import re
from contextlib import ExitStack
from typing import Dict, Iterable, Iterator, List, NamedTuple, Optional, Sequence, Set, Tuple

from ..model.findings import HIGH, LOW, MEDIUM, SEVERITIES
from ..model.human import counted
from . import line_rules, yaml_rules
from .detected import HAS_DETECT_SECRETS, Detector, DetectorFailed, detector
from .found import ANSIBLE, DETECT_SECRETS, KNOWN, Found, Marks
from .known_values import SHORTEST, KnownValues, Value
from .line_rules import LineFinding, Rule
from .sources import JOURNAL, UNREADABLE, blocks_of, files_below, journal_blocks
from .wording import is_literal
from .yaml_rules import HAS_YAML, NotYaml, Placed

LARGEST_TEXT = 4 << 20
"""Bytes of a file that the other two passes read; known values are sought in files of any size."""
LONGEST_LINE = 64 << 10
"""Characters of a line that they read."""
_MOST_IN_LINE = 100
"""Secrets of one line that are reported."""
_NO_TEXT, _MOST_NO_TEXT = re.compile("[\0-\x08\x0e-\x1a\x1c-\x1f\udc80-\udcff]"), 20
"""Control characters and bytes that are not UTF-8; a file with more than one in so many is binary."""
_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
"""The marks of UTF-8, UTF-16 and UTF-32, without NUL bytes."""
_PRIVATE_KEY = "Private Key"
"""The detector of detect-secrets for them, which gives the line before; `line_rules` finds them too."""
_YAML = (".yml", ".yaml", ".json")
_PROSE = (".md", ".rst", ".py", ".js", ".j2", ".html", ".txt")
"""Names with values are no assignments there."""
_ENCRYPTED = "$ANSIBLE_VAULT;"
_VAULT_NAME = re.compile(r"(?:^|[._-])vault(?:[._-]|$)", re.IGNORECASE)
_PERMITTED = re.compile(r"pragma:\s*(?:allow|white)list\s+secret", re.IGNORECASE)
_NEXT_PERMITTED = re.compile(r"pragma:\s*(?:allow|white)list\s+nextline\s+secret", re.IGNORECASE)
_BLANKS = re.compile(r"[^\S\n]{2,}")
"""configparser tries each of them, for the square of their number."""
_TRUE = frozenset(("true", "yes", "on", "1", "t", "y"))
_SHOWN = (
    ("debug", "debug_on", HIGH, "debug = true shows the arguments of modules"),
    ("display_args_to_stdout", "arguments_shown", MEDIUM, "display_args_to_stdout = true shows the arguments of tasks"),
    ("keep_remote_files", "files_kept", MEDIUM, "keep_remote_files = true leaves the arguments of modules on the host"),
)


class ScanRequest(NamedTuple):
    """One scan.

    paths, logs: files and directories; a log may be "journal"
    baseline: its text
    baseline_name: its file, without directories
    """

    paths: Sequence[str]
    logs: Sequence[str]
    known: Sequence[Value]
    baseline: Optional[str]
    baseline_name: str = ""


class ScanReport(NamedTuple):
    """The result. findings: the most severe first; values: how many known values were sought."""

    findings: Tuple[Found, ...]
    files: int
    lines: int
    values: int
    not_checked: Tuple[str, ...]


def scan(request: ScanRequest) -> ScanReport:
    """Scan. Raises UnusableBaseline."""
    with ExitStack() as stack:
        detect = stack.enter_context(detector(request.baseline, request.baseline_name)) if HAS_DETECT_SECRETS else None
        run = _Scan(KnownValues(request.known), detect)
        run.places = [*request.paths, *(path for path in request.logs if path != JOURNAL)]
        for path in request.paths:
            run.tree(path, log=False)
        for path in request.logs:
            run.journal() if path == JOURNAL else run.tree(path, log=True)
        return run.report()


class _Places:
    """The findings of one file; a secret that was found in a line is found there once."""

    def __init__(self, path: str, marks: Marks) -> None:
        self.found: List[Found] = []
        self._path, self._marks = path, marks
        self._secrets: Dict[int, List[str]] = {}
        self._settings: Set[Tuple[int, LineFinding]] = set()

    def add(self, line: int, each: LineFinding, by: str) -> None:
        """Add a finding, unless the line has it already."""
        secret = None if each.secret is None else each.secret.strip()
        if secret is None:
            if (line, each) in self._settings:
                return
            self._settings.add((line, each))
        else:
            shown = self._secrets.setdefault(line, [])
            if len(shown) >= _MOST_IN_LINE or any(secret in other or other in secret for other in shown):
                return
            shown.append(secret)
        mark = None if secret is None else self._marks.of(secret.encode("utf-8", "surrogateescape"))
        self.found.append(Found(each.id, each.severity, self._path, line, each.kind, by, mark))


class _Scan:
    def __init__(self, known: KnownValues, detect: Optional[Detector]) -> None:
        self._known, self._detect, self._marks = known, detect, Marks()
        self._found: List[Found] = []
        self._files = self._lines = 0
        self._seen: Set[str] = set()
        self.places: Sequence[str] = ()
        self._not_checked = [f"{name}: too short to be sought" for name in known.too_short]
        if detect is None:
            self._not_checked.append("detect-secrets: not installed")
        if not HAS_YAML:
            self._not_checked.append("YAML: PyYAML is not installed")

    def report(self) -> ScanReport:
        """Return the findings until now."""
        ordered = sorted(self._found, key=lambda each: (SEVERITIES.index(each.severity), each.file, each.line, each.id))
        return ScanReport(tuple(ordered), self._files, self._lines, self._known.count, tuple(self._not_checked))

    def journal(self) -> None:
        """Seek the known values in the journal."""
        places = _Places(JOURNAL, self._marks)
        self._seek(JOURNAL, journal_blocks(), places)
        self._found += places.found

    def tree(self, path: str, *, log: bool) -> None:
        """Scan a file, or all files of a directory; each file once."""
        files, refused = files_below(path, self.places)
        self._not_checked += refused
        for file in files:
            if file not in self._seen:
                self._seen.add(file)
                self._file(file, log=log)

    def _file(self, path: str, *, log: bool) -> None:
        places = _Places(path, self._marks)
        data = self._seek(path, blocks_of(path), places)
        text = None if data is None else self._text_of(path, data)
        if text is not None:
            self._rules(TextFile(path, text, log), places)
            self._detectors(path, text, places)
        if any(each.mark for each in places.found):
            self._judge_mode(path, places)
        self._found += places.found

    def _seek(self, name: str, blocks: Iterable[bytes], places: _Places) -> Optional[bytearray]:
        """Seek the known values. Return the content, of a large file its beginning; None if it was not read whole."""
        data = bytearray()
        try:
            for hit in self._known.hits(self._counted(blocks, data)):
                kind = hit.value.name if hit.form == "plain" else f"{hit.value.name} ({hit.form})"
                places.add(hit.line, LineFinding("known_value", HIGH, kind, hit.value.text), KNOWN)
        except UNREADABLE as error:
            self._not_checked.append(
                f"{name}: {getattr(error, 'strerror', None) or str(error) or type(error).__name__}"
            )
            return None
        self._files += 1
        return data

    def _counted(self, blocks: Iterable[bytes], data: bytearray) -> Iterator[bytes]:
        for block in blocks:
            self._lines += block.count(b"\n")
            if len(data) <= LARGEST_TEXT:
                data += block
            yield block

    def _text_of(self, path: str, data: bytearray) -> Optional[str]:
        """Return the text of a file without its longest lines; None if it is too large."""
        if len(data) > LARGEST_TEXT:
            self._not_checked.append(f"{path}: larger than 4 MiB, only known values were sought")
            return None
        mark = next((len(each) for each in _MARKS if data.startswith(each)), 0)
        lines = data[mark:].decode("utf-8", "surrogateescape").splitlines(keepends=True)
        long = [number for number, line in enumerate(lines) if len(line) > LONGEST_LINE]
        for number in long:
            lines[number] = "\n"
        if long:
            fact = f"longer than 64 KiB, only known values were sought ({counted(len(long), 'line')})"
            self._not_checked.append(f"{path}:{long[0] + 1}: {fact}")
        return "".join(lines)

    def _rules(self, file: TextFile, places: _Places) -> None:
        try:
            for each in text_findings(file):
                places.add(each.line, each.found, ANSIBLE)
        except NotYaml as error:
            self._not_checked.append(f"{file.path}: {error}")

    def _detectors(self, path: str, text: str, places: _Places) -> None:
        """Add the findings of the detectors. Their search for words takes paths and short words for secrets."""
        if len(_NO_TEXT.findall(text)) * _MOST_NO_TEXT > len(text):
            return
        try:
            detected = self._detect(path, text) if self._detect else ()
        except DetectorFailed as error:
            self._not_checked.append(f"{path}: detect-secrets {error}")
            return
        for each in detected:
            if each.type != _PRIVATE_KEY and len(each.value) >= SHORTEST and is_literal(each.value):
                places.add(each.line, LineFinding("detected", HIGH, each.type, each.value), DETECT_SECRETS)

    def _judge_mode(self, path: str, places: _Places) -> None:
        """A file with a secret is for its owner alone."""
        try:
            mode = os.stat(path).st_mode & 0o777
        except OSError as error:
            self._not_checked.append(f"{path}: mode: {error.strerror}")
            return
        if mode & 0o077:
            places.add(0, LineFinding("file_mode", MEDIUM, f"mode {mode:04o} of a file with a secret", None), ANSIBLE)


class TextFile(NamedTuple):
    """One file. log: output of a program, not a file of Ansible."""

    path: str
    text: str
    log: bool

    @property
    def name(self) -> str:
        return os.path.basename(self.path)

    @property
    def is_yaml(self) -> bool:
        return not self.log and self.name.endswith(_YAML)


def text_findings(file: TextFile) -> Iterator[Placed]:
    """Yield the findings that no comment permits. Raises NotYaml, after the findings of single lines."""
    lines = file.text.splitlines()
    for each in _all(file, lines):
        if not _is_permitted(lines, each.line):
            yield each


def _all(file: TextFile, lines: Sequence[str]) -> Iterator[Placed]:
    rules = _line_rules(file)
    for number, line in enumerate(lines, 1):
        yield from (Placed(number, each) for rule in rules for each in rule(line))
    if file.is_yaml:
        yield from _yaml(file)
    elif not file.log:
        yield from (Placed(0, each) for each in config_findings(file.text))
        yield from _vault_password(file)


def _line_rules(file: TextFile) -> List[Rule]:
    rules: List[Rule] = [line_rules.tokens, line_rules.settings]
    if not file.is_yaml:
        rules.append(line_rules.commands)
        if not file.name.endswith(_PROSE):
            rules.append(line_rules.assignments)
    return rules


def _yaml(file: TextFile) -> Iterator[Placed]:
    if file.text.startswith(_ENCRYPTED) or not yaml_rules.HAS_YAML:
        return
    documents = yaml_rules.compose(file.text)
    yield from yaml_rules.placed(documents)
    if _VAULT_NAME.search(file.name) and any(True for _each in yaml_rules.literals(documents)):
        yield Placed(0, LineFinding("vault_in_clear", HIGH, "a file for Ansible Vault is not encrypted", None))


def _vault_password(file: TextFile) -> Iterator[Placed]:
    """A script that asks for the password is no password."""
    is_password = _VAULT_NAME.search(file.name) and "pass" in file.name.lower()
    if is_password and file.text.strip() and not file.text.startswith((_ENCRYPTED, "#!")):
        yield Placed(0, LineFinding("vault_in_clear", HIGH, "password of Ansible Vault", None))


def _is_permitted(lines: Sequence[str], line: int) -> bool:
    """Return whether a comment of detect-secrets permits the line."""
    if not 0 < line <= len(lines):
        return False
    return bool(_PERMITTED.search(lines[line - 1]) or (line > 1 and _NEXT_PERMITTED.search(lines[line - 2])))


def config_findings(text: str) -> Iterator[LineFinding]:
    """Yield the findings of the whole file. A file that is no configuration has none."""
    config = configparser.RawConfigParser(strict=False, allow_no_value=True)
    try:
        config.read_string(_BLANKS.sub(" ", text))
    except configparser.Error:
        return
    if not config.has_section("defaults"):
        return
    defaults = {name: (value or "").strip() for name, value in config.items("defaults")}
    for name, kind_id, severity, kind in _SHOWN:
        if defaults.get(name, "").lower() in _TRUE:
            yield LineFinding(kind_id, severity, kind, None)
    if defaults.get("log_path"):
        yield LineFinding("log_kept", LOW, "log_path keeps the output of all runs", None)
    if defaults.get("no_target_syslog", "").lower() not in _TRUE:
        kind = "no_target_syslog is not set: hosts log the arguments of modules that have no no_log"
        yield LineFinding("log_kept", LOW, kind, None)
