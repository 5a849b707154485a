# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands push, pull and check of sync.pyz: a URL, a path, and each option of secure_sync by its name.

No secret is an argument, because all accounts of a host can see the arguments of its processes: secrets are files, or
answers to a prompt.
"""

from __future__ import annotations

import argparse
import getpass
import os
from typing import Any, Dict, Iterator, List, Mapping, NamedTuple, Sequence, Tuple
from urllib.parse import unquote_to_bytes, urlsplit

from ..._engine.errors import InvalidRequest
from ..._engine.jobs.credentials import read_credentials
from ..._engine.jobs.job_file import PRIVATE, read_guarded
from ..._engine.jobs.strict_json import parse
from ..._engine.model.request import PULL, PUSH
from ..argspec import SECRETS_FROM, nearest
from .job_options import Spec, secret_names, specification

CHECK = "check"
COMMANDS = {
    PUSH: "Make a directory at a server equal to a directory of this host.",
    PULL: "Make a directory of this host equal to a directory at a server.",
    CHECK: "Show the changes that a push or a pull would make, and change nothing.",
}
FLAGS = {
    "check": "change nothing, and report the changes to make",
    "diff": "show each change",
    "json": "print the result as one JSON object",
}
SOURCES = {
    "ask": ("SECRET", "ask for this secret on the terminal, such as password or passphrase; may be repeated"),
    "password_file": ("FILE", "read the password from a file that only you can read"),
    "credentials": ("DIRECTORY", "read secrets from the files of a directory, which are named after their options"),
}
_IN_THE_URL = ("direction", "src", "dest", "protocol", "host", "port", "username")
_TERMINAL = "/dev/tty"
FORMS = {
    PUSH: "sync.pyz push SRC sftp://user@host:port/DEST",
    PULL: "sync.pyz pull sftp://user@host:port/SRC DEST",
    CHECK: "sync.pyz check SRC DEST",
    "job": "sync.pyz job FILE",
    "completion": "sync.pyz completion SHELL",
}
_BASH = """\
# Completion of sync.pyz for bash: eval "$(sync.pyz completion bash)"
_sync_pyz() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} candidates=
    COMPREPLY=()
    if ((COMP_CWORD == 1)); then
        candidates='%(commands)s'
    elif ((COMP_CWORD == 2)) && [[ $before == completion ]]; then
        candidates='bash zsh'
    else
        case $before in
%(cases)s
        esac
        if [[ -z $candidates && $word == -* ]]; then candidates='%(words)s'; fi
        if [[ $word == --*-* ]]; then candidates=${candidates//_/-}; fi
    fi
    if [[ -n $candidates ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$candidates" -- "$word")
    else
        mapfile -t COMPREPLY < <(compgen -f -- "$word")
    fi
}
complete -o filenames -F _sync_pyz sync.pyz
"""
_ZSH = """\
#compdef sync.pyz
# Completion of sync.pyz for zsh: eval "$(sync.pyz completion zsh)", after compinit
_sync_pyz() {
    local candidates=
    if ((CURRENT == 2)); then
        candidates='%(commands)s'
    elif [[ $CURRENT == 3 && $words[2] == completion ]]; then
        candidates='bash zsh'
    else
        case $words[CURRENT-1] in
%(cases)s
        esac
        if [[ -z $candidates && $PREFIX == -* ]]; then candidates='%(words)s'; fi
        if [[ $PREFIX == --*-* ]]; then candidates=${candidates//_/-}; fi
    fi
    if [[ -n $candidates ]]; then compadd -- ${=candidates}; else _files; fi
}
compdef _sync_pyz sync.pyz
"""


class Words(NamedTuple):
    """A parsed command line.

    command: one of COMMANDS
    source, destination: one of them is a URL
    options: of secure_sync, by their names
    flags: of FLAGS, those that are set
    ask, password_file, credentials: as SOURCES
    """

    command: str
    source: str
    destination: str
    options: Mapping[str, Any]
    flags: Sequence[str]
    ask: Sequence[str]
    password_file: str
    credentials: str

    def all_options(self) -> Dict[str, Any]:
        """Return all options of the run, without secrets. Raises InvalidRequest."""
        there = [_is_url(self.source), _is_url(self.destination)]
        if there != [self.command == PULL, self.command == PUSH] and (self.command != CHECK or sum(there) != 1):
            raise InvalidRequest(
                f"arguments: {'there are two URLs' if all(there) else 'the URL is missing or in the other place'}",
                cure=f"Write: {FORMS[self.command]}.",
            )
        push = there[1]
        url = _parsed(self.destination if push else self.source)
        there_path = url.pop("path")
        src, dest = (self.source, there_path) if push else (there_path, self.destination)
        return {**self.options, **url, "src": src, "dest": dest, "direction": PUSH if push else PULL}

    def secrets(self) -> Dict[str, str]:
        """Return the secrets, by the names of their options. Raises InvalidRequest, which never shows a secret."""
        names = list(secret_names(specification()["argument_spec"]))
        found = read_credentials(self.credentials, names, job="") if self.credentials else {}
        if self.password_file:
            content = read_guarded(os.path.expanduser(self.password_file), "password_file", refused=PRIVATE)
            found["password"] = content.decode("utf-8", "replace").rstrip("\n")
        for name in self.ask:
            if name not in names:
                raise InvalidRequest(
                    f"ask: {ascii(name)[1:-1][:80]} is not a secret", cure=f"Use one of {', '.join(names)}."
                )
            found[name] = _answer(name)
        needs_password = "ftps:" in (self.source[:5].lower(), self.destination[:5].lower())
        sources = self.options.get(SECRETS_FROM)
        sourced = sources if isinstance(sources, dict) else ()
        if needs_password and "password" not in found and "password" not in sourced and os.isatty(0):
            found["password"] = _answer("password")
        return found


def parsed(words: Sequence[str]) -> Words:
    """Return the command line. Raises InvalidRequest; ends the program as argparse does."""
    spec = specification()["argument_spec"]
    _refuse_secrets(spec, words)
    given, unknown = parser(words[0]).parse_known_args([_by_name(word) for word in words[1:]])
    if unknown:
        _refuse(*unknown[:2], spec=spec)
    values = vars(given)
    options: Dict[str, Any] = {}
    for path, option in _each(spec):
        value = values[path]
        if value is not None:
            _put(options, path.split("."), _typed(path, option, value))
    flags = [flag for flag in FLAGS if values[flag]]
    return Words(
        words[0], given.SRC, given.DEST, options, flags, given.ask, given.password_file or "", given.credentials or ""
    )


def parser(command: str) -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog=f"sync.pyz {command}",
        usage=f"{FORMS[command]} [--OPTION VALUE]...",
        description=COMMANDS[command],
        epilog="In an option, - and _ mean the same. The manual page explains each option, sync.pyz.1.",
        allow_abbrev=False,
    )
    made.add_argument("SRC", help="a path, or a URL of a server; its path begins in the login directory, with // at /")
    made.add_argument("DEST", help="the same; one of the two is a URL")
    for flag, words in FLAGS.items():
        made.add_argument(f"--{flag}", action="store_true", help=words)
    for name, (value, words) in SOURCES.items():
        more: Dict[str, Any] = {"action": "append", "default": []} if name == "ask" else {}
        made.add_argument(f"--{name}", metavar=value, help=words, **more)
    group = made.add_argument_group("options of secure_sync")
    for path, option in _each(specification()["argument_spec"]):
        _add(group, path, option)
    return made


def _add(group: Any, path: str, option: Mapping[str, Any]) -> None:
    kind, default = option.get("type", "str"), option.get("default")
    words = "" if default is None or kind == "bool" else f"default: {default}".replace("%", "%%")
    if kind == "bool":
        group.add_argument(f"--{path}", dest=path, action="store_true", default=None)
        group.add_argument(f"--no_{path}", dest=path, action="store_false", default=None, help=argparse.SUPPRESS)
    elif "choices" in option:
        group.add_argument(f"--{path}", dest=path, choices=option["choices"], help=words)
    elif kind == "list":
        group.add_argument(f"--{path}", dest=path, metavar="VALUE", action="append", help="may be repeated")
    else:
        group.add_argument(f"--{path}", dest=path, metavar="JSON" if kind == "dict" else "VALUE", help=words)


def _each(spec: Spec, prefix: str = "") -> Iterator[Tuple[str, Mapping[str, Any]]]:
    """Yield the options that may be arguments: no secrets, and nothing that the URL has. Suboptions have a dot."""
    for name, option in spec.items():
        if option.get("options"):
            yield from _each(option["options"], f"{prefix}{name}.")
        elif not option.get("no_log") and prefix + name not in _IN_THE_URL:
            yield prefix + name, option


def option_words() -> List[str]:
    """Return all words that begin with --, for completion."""
    options = [f"--{path}" for path, _option in _each(specification()["argument_spec"])]
    return [*(f"--{name}" for name in (*FLAGS, *SOURCES)), *options]


def choices() -> Dict[str, Sequence[str]]:
    """Return the choices of each option that has some."""
    found = {path: option["choices"] for path, option in _each(specification()["argument_spec"]) if "choices" in option}
    return {**found, "ask": list(secret_names(specification()["argument_spec"]))}


def _typed(path: str, option: Mapping[str, Any], value: Any) -> Any:
    kind = option.get("type", "str")
    if kind == "dict":
        try:
            return parse(value.encode())
        except ValueError as error:
            raise InvalidRequest(f"--{path}: {error}", cure="Write an object of JSON.") from None
    if kind not in ("int", "float"):
        return value
    try:
        return int(value) if kind == "int" else float(value)
    except ValueError:
        raise InvalidRequest(f"--{path}: {ascii(value)[:80]} is not a number", cure="Write a number.") from None


def _put(options: Dict[str, Any], names: List[str], value: Any) -> None:
    for name in names[:-1]:
        options = options.setdefault(name, {})
    options[names[-1]] = value


def _by_name(word: str) -> str:
    """Return a word with the name of an option as secure_sync has it."""
    if not word.startswith("--") or word == "--":
        return word
    name, equals, value = word[2:].partition("=")
    return "--" + name.replace("-", "_") + equals + value


def _refuse_secrets(spec: Spec, words: Sequence[str]) -> None:
    names = set(secret_names(spec))
    for word in words:
        name = _by_name(word)[2:].partition("=")[0]
        if word.startswith("--") and name in names:
            raise InvalidRequest(
                f"--{name}: a secret is not an argument, because other accounts can see it",
                cure=f"Change the secret, then use --ask {name}, --credentials or --password_file.",
            )


def _refuse(word: str, value: str = "", *, spec: Spec) -> None:
    name, equals, after = word[2:].partition("=") if word.startswith("--") else ("", "", "")
    if not name:
        raise InvalidRequest(f"{ascii(word)[:80]}: is one word too many", cure="Quote words with spaces.")
    option, _by_value = nearest(name, after if equals else value, spec)
    shown = f"--{ascii(name)[1:-1][:80]}"
    if option in _IN_THE_URL:
        raise InvalidRequest(f"{shown}: is no argument", cure="It is in the command, the URL or the path.")
    cure = f"Did you mean --{option}?" if option else "See sync.pyz push --help."
    raise InvalidRequest(f"{shown}: is not an option", cure=cure)


def _is_url(word: str) -> bool:
    return "://" in word


def _parsed(url: str) -> Dict[str, Any]:
    """Return protocol, host, port, username and path of a URL. Raises InvalidRequest, which shows no password."""
    shown = ascii(url.partition("://")[0] + "://" + url.partition("://")[2].rpartition("@")[2])[:120]
    form = "Write sftp://user@host:port/path or ftps://user@host:port/path."
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise InvalidRequest(f"{shown}: is not a URL: {error}", cure=form) from None
    if parts.scheme not in ("sftp", "ftps") or not host or parts.query or parts.fragment:
        raise InvalidRequest(f"{shown}: is not a URL of a server", cure=f"{form} Write ? as %3F and # as %23.")
    if parts.password is not None:
        raise InvalidRequest(
            f"{shown}: holds a password, which other accounts can see",
            cure="Change the password, remove it from the URL, and use --ask password or --password_file.",
        )
    found: Dict[str, Any] = {"protocol": parts.scheme, "host": host, "path": _text(parts.path[1:]) or "."}
    if port is not None:
        found["port"] = port
    if parts.username is not None:
        found["username"] = _text(parts.username)
    return found


def _text(quoted: str) -> str:
    return os.fsdecode(unquote_to_bytes(quoted))


def _answer(name: str) -> str:
    """Ask for a secret on the terminal of the process. Raises InvalidRequest if it has none."""
    try:
        os.close(os.open(_TERMINAL, os.O_RDWR | os.O_NOCTTY))
    except OSError:
        raise InvalidRequest(
            f"ask: there is no terminal to ask for {name}", cure="Use --credentials or --password_file."
        ) from None
    try:
        return getpass.getpass(f"{name}: ")
    except EOFError:
        raise InvalidRequest(f"ask: the terminal gave no {name}", cure="Type it, and Enter.") from None


def completion(shell: str) -> str:
    commands = " ".join(("push", "pull", "check", "job", "record", "check-records", "completion"))
    words = " ".join(option_words())
    names = {name: "|--".join(dict.fromkeys((name, name.replace("_", "-")))) for name in choices()}
    cases = "\n".join(f"        --{names[name]}) candidates='{' '.join(each)}' ;;" for name, each in choices().items())
    return (_BASH if shell == "bash" else _ZSH) % {"commands": commands, "words": words, "cases": cases}
