# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ssh_config(5) files for one connection: known_hosts, host key algorithms, ProxyJump, keepalive. Options for trust
come first, since the first value wins.

There is a floor below which the user's own ssh_config(5) cannot go. A GSSAPI key exchange has no host key that a pin
could prove. Short RSA keys, SHA-1 signatures and broken ciphers prove or protect too little. Other preferences of the
user's configuration are kept.

ssh passes a server's host key to a program of the engine (KnownHostsCommand), which records it in a file. A peer can
write any line into ssh's messages, also before the key exchange. It cannot write into this file.
"""

from __future__ import annotations

import contextlib
import functools
import math
import os
import pwd
import re
import shlex
import subprocess
import time
from functools import partial
from typing import Dict, Iterable, List, NamedTuple, Optional, Sequence, Tuple

from ..errors import InvalidRequest
from ..model.endpoint import Credentials, Endpoint, SshTrust
from ..model.local_path import home_directory, local_path
from ..system.child_processes import ChildProcesses
from ..trust.fingerprint import PublicKey, parse_public_key
from ..trust.known_hosts import GLOBAL_STORES, USER_STORES, HostKeys, view_of
from .inputs import Hop, jump_hops, parse_hops

TARGET = "target"
"""The name of the endpoint's files in the private directory."""

PLAIN_ALGORITHMS = (
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "rsa-sha2-512",
    "rsa-sha2-256",
)
"""How a server may prove a plain host key. A server's own list is only compared with these."""

_PASSPHRASES = "*:load_identity_file():*"
_FIXED = (
    "StrictHostKeyChecking yes",
    "KnownHostsCommand none",
    "UpdateHostKeys no",
    "VerifyHostKeyDNS no",
    "NoHostAuthenticationForLocalhost no",
    "CheckHostIP no",
    "BatchMode no",
    "NumberOfPasswordPrompts 1",
    "ControlMaster no",
    "ControlPath none",
    "ControlPersist no",
    "ForwardAgent no",
    "ForwardX11 no",
    "GSSAPIDelegateCredentials no",
    "AddKeysToAgent no",
    "ClearAllForwardings yes",
    "Tunnel no",
    "PermitLocalCommand no",
    "RemoteCommand none",
    "RequestTTY no",
    "EscapeChar none",
    "Compression no",
)
# Not by IgnoreUnknown: that would put the user's own IgnoreUnknown out of force.
_FIXED_SINCE_8_7 = ("StdinNull no", "ForkAfterAuthentication no")
# Options that the user's own configuration may override.
_PREFERRED = ("Ciphers ^aes128-gcm@openssh.com",)
LEAST_RSA_BITS = 2048
_RSA_SINCE = (9, 1)
_SECONDS = 30
_SHA1 = r"ssh-(rsa|dss)(-cert-v01@openssh\.com)?"
_WEAK = {
    "KexAlgorithms": r".*-sha1",
    "HostKeyAlgorithms": _SHA1,
    "CASignatureAlgorithms": _SHA1,
    "Ciphers": r"none|.*-cbc(@.*)?|arcfour.*",
    "MACs": r"none|hmac-(md5|ripemd).*|.*-96(-etm@openssh\.com)?",
}
# ssh asks several things in a connection: only the key that the server shows is of interest, and is asked about again
# at every new key exchange. The key is printed when its fingerprint is pinned: then, and only then, ssh finds it known.
# Not for a certificate: there ssh would take the line for the certificate itself, not for the key in it.
_PROGRAM = """case "$1" in HOSTNAME) ;; *) exit 0 ;; esac
printf '%%s %%s %%s\\n' "$2" "$3" "$5" >>"%(record)s"
case "$3:$4" in
*-cert-*) ;;
%(pinned)s) printf '%%s %%s %%s\\n' "$2" "$3" "$5" ;;
esac
"""
_NONE = "-"


class LoginPlan(NamedTuple):
    """The decisions for one login besides endpoint and credentials.

    agent: our own agent's socket
    host_key_algorithms: required from the server, None for ssh's own order
    """

    ssh: str
    version: Tuple[int, int]
    host_keys: HostKeys
    agent: Optional[str] = None
    host_key_algorithms: Optional[Tuple[str, ...]] = None


def write_configs(
    guard: ChildProcesses, endpoint: Endpoint, credentials: Credentials, trust: SshTrust, *, plan: LoginPlan
) -> str:
    """Write the configuration of the endpoint and of every jump host; gives the endpoint's path."""
    common = _common(endpoint, credentials, plan)
    proxy = None
    for number, hop in enumerate(jump_hops(endpoint), 1):
        name = hop_name(number)
        floor = floor_lines(plan.ssh, plan.version, endpoint, hop.host)
        lines = [*_hop_only(hop, proxy), known_hosts_command(guard, name), *floor]
        text = _render(hop.host, lines, [*_store(guard, trust), *common], endpoint)
        proxy = _proxy_command(plan.ssh, guard.write(name, text), hop)
    floor_of = partial(floor_lines, plan.ssh, plan.version, endpoint)
    own = [*_target_only(guard, credentials, trust, plan), *([proxy] if proxy else []), *floor_of(endpoint.host)]
    text = _render(endpoint.host, own, [*_store(guard, trust), *common], endpoint)
    # Jump hosts of the user's own configuration read the same file.
    others = [_block(hop.host, floor_of(hop.host)) for hop in users_hops(plan.ssh, endpoint)]
    return guard.write(TARGET, "".join(others) + text)


def ssh_command(ssh: str, config: str, endpoint: Endpoint, request: Sequence[str]) -> List[str]:
    """Return the command line of ssh. request: options and, last, the subsystem or the command, as in ssh(1)."""
    command = [ssh, "-F", config]
    command += ["-p", str(endpoint.port)] if endpoint.port is not None else []
    command += ["-l", endpoint.username] if endpoint.username is not None else []
    return [*command, *request[:-1], "--", endpoint.host, *request[-1:]]


def hop_name(number: int) -> str:
    """Return the name of a jump host's files in the private directory; the first is 1."""
    return f"hop{number}"


def _render(host: str, own: List[str], common: List[str], endpoint: Endpoint) -> str:
    """Return one file. `own` is only for `host`: jump hosts of the user's own configuration read the same file."""
    blocks = ((host, own), ("*", ["LogLevel INFO", *common, *_includes(endpoint)]), ("*", _PREFERRED))
    return "".join(_block(name, lines) for name, lines in blocks)


def _block(host: str, lines: Sequence[str]) -> str:
    return "Host %s\n%s" % (host, "".join(f"  {line}\n" for line in lines))


def _common(endpoint: Endpoint, credentials: Credentials, plan: LoginPlan) -> List[str]:
    """Return the lines for the endpoint and for jump hosts: never a password."""
    alive = max(1, int(endpoint.stall_timeout / 3))
    lines = [*_FIXED, *(_FIXED_SINCE_8_7 if plan.version >= (8, 7) else ())]
    lines += [f"ConnectTimeout {max(1, math.ceil(endpoint.connect_timeout))}"]
    # To keep the way open, not to judge the server: one that hashes a large file in the session itself is silent for
    # minutes. That no byte moves, the SFTP client sees by itself.
    lines += [f"ServerAliveInterval {alive}", "ServerAliveCountMax 10000"]
    lines += _identity(credentials, plan)
    lines += [f"PreferredAuthentications {_methods(credentials, password=False)}"]
    return lines


def _identity(credentials: Credentials, plan: LoginPlan) -> List[str]:
    lines = []
    if plan.agent is not None:
        lines += [f"IdentityAgent {_quoted(plan.agent)}", "IdentitiesOnly no", "IdentityFile none"]
    elif not credentials.ssh_agent:
        lines += ["IdentityAgent none"]
    if credentials.private_key_file is not None:
        lines += [f"IdentityFile {_quoted(local_path(credentials.private_key_file))}", "IdentitiesOnly yes"]
    if credentials.certificate_file is not None:
        lines += [f"CertificateFile {_quoted(local_path(credentials.certificate_file))}"]
    if _has_key(credentials):
        lines += ["PubkeyAuthentication yes"]
    return lines


def _target_only(guard: ChildProcesses, credentials: Credentials, trust: SshTrust, plan: LoginPlan) -> List[str]:
    # These functions log, below their usual level, whether the request was accepted, whether a passphrase was wrong
    # and which key types a server has.
    verbose = ["*:client_status_confirm():*", _PASSPHRASES] + (
        ["*:kex_buf2prop():*"] if plan.host_keys.fingerprints else []
    )
    lines = ["LogLevel DEBUG1", f"LogVerbose {','.join(verbose)}"]
    lines += [f"PreferredAuthentications {_methods(credentials, password=credentials.password is not None)}"]
    if credentials.password is not None:
        lines += ["PasswordAuthentication yes", "KbdInteractiveAuthentication yes"]
    if plan.host_key_algorithms is not None:
        lines += [f"HostKeyAlgorithms {','.join(plan.host_key_algorithms)}"]
    if trust.host_keys:
        own = guard.write("host_keys", plan.host_keys.known_hosts_text)
        lines += _store(guard, trust, first=own)
    return [*lines, known_hosts_command(guard, TARGET, plan.host_keys.fingerprints)]


def _store(guard: ChildProcesses, trust: SshTrust, first: Optional[str] = None) -> List[str]:
    if trust.known_hosts_file is not None or first is not None:
        files = [first] if first is not None else []
        files += [local_path(trust.known_hosts_file)] if trust.known_hosts_file is not None else []
        return [f"UserKnownHostsFile {_now(guard, 'user', files)}", "GlobalKnownHostsFile none"]
    user, system = _now(guard, "user", USER_STORES), _now(guard, "global", GLOBAL_STORES)
    return [f"UserKnownHostsFile {user}", f"GlobalKnownHostsFile {system}"]


def _now(guard: ChildProcesses, kind: str, files: Sequence[str]) -> str:
    """Return the files, each replaced by its valid part if it has pins outside their validity."""
    views = ((path, view_of(path, time.time())) for path in files)
    paths = [
        path if view is None else guard.write(f"known_hosts.{kind}{number}", view)
        for number, (path, view) in enumerate(views)
    ]
    return " ".join(path if path.startswith("~") else _quoted(path) for path in paths)


def _methods(credentials: Credentials, *, password: bool) -> str:
    methods = []
    if not _has_key(credentials) and credentials.password is None:
        methods += ["gssapi-with-mic", "hostbased"]
    if _has_key(credentials) or credentials.password is None or not password:
        methods += ["publickey"]
    return ",".join(methods + (["password", "keyboard-interactive"] if password else []))


def _has_key(credentials: Credentials) -> bool:
    return credentials.private_key_file is not None or credentials.private_key is not None


def _hop_only(hop: Hop, proxy: Optional[str]) -> List[str]:
    lines = ["LogLevel DEBUG1", f"LogVerbose {_PASSPHRASES}"]
    lines += [proxy] if proxy is not None else []
    lines += [f"User {_quoted(hop.username)}"] if hop.username is not None else []
    return lines + ([f"Port {hop.port}"] if hop.port is not None else [])


def _proxy_command(ssh: str, config: str, hop: Hop) -> str:
    # The hop's messages go to a file of their own, so that they are not taken for the endpoint's.
    words = [ssh, "-F", config, "-E", config + ".log"]
    quoted = " ".join(shlex.quote(word).replace("%", "%%") for word in words)
    return f"ProxyCommand {quoted} -W '[%h]:%p' -- {hop.host}"


def _includes(endpoint: Endpoint) -> List[str]:
    """Return the user's configuration as ssh reads it without -F: the user's file, then the system's."""
    name = endpoint.ssh_config_file
    if name == "none":
        return []
    if name is not None:
        return [f"Include {_quoted(local_path(name))}"]
    files = [os.path.join(home_directory(), ".ssh", "config"), "/etc/ssh/ssh_config"]
    return [f"Include {_quoted(path)}" for path in files if os.path.exists(path)]


def _quoted(value: str) -> str:
    """Return a value in quotes; "%" is a token to ssh_config(5), "${" an environment variable."""
    if any(char in '"*?[\\' or not char.isprintable() for char in value) or "${" in value:
        raise InvalidRequest("a path holds characters that ssh_config cannot carry", cure="Use a path without them.")
    return f'"{value.replace("%", "%%")}"'


def write_override(guard: ChildProcesses, host: str, lines: Sequence[str], config: str) -> str:
    """Write a file whose `lines` for one host override `config`, a file in the guard's directory; return its path. The
    first value wins."""
    text = "Host %s\n%sHost *\n  Include %s\n" % (host, "".join(f"  {line}\n" for line in lines), config)
    return guard.write("override", text)


def floor_lines(ssh: str, version: Tuple[int, int], endpoint: Endpoint, host: str) -> List[str]:
    """Return the lines of ssh_config for `host`, the endpoint or a jump host, that lift weak settings.

    Raises InvalidRequest if nothing would be left of a list of algorithms.
    """
    lines = [f"RequiredRSASize {LEAST_RSA_BITS}"] if version >= _RSA_SINCE else []
    if endpoint.ssh_config_file == "none":
        return lines
    settings = dict(_settings(ssh, endpoint, host))
    if int(settings.get("requiredrsasize", "0")) >= LEAST_RSA_BITS:
        lines = []
    if "gssapikeyexchange" in settings:
        lines += ["GSSAPIKeyExchange no"]
    for option, weak in _WEAK.items():
        names = settings.get(option.lower(), "").split(",")
        strong = [name for name in names if not re.fullmatch(weak, name)]
        if not strong:
            raise InvalidRequest(
                f"ssh_config: {option} leaves only weak algorithms: {','.join(names)}",
                cure="Allow stronger algorithms there, and update the older side.",
            )
        lines += [f"{option} {','.join(strong)}"] if strong != names else []
    return lines


def users_hops(ssh: str, endpoint: Endpoint) -> Tuple[Hop, ...]:
    """Return the jump hosts that the user's configuration puts before the endpoint."""
    if endpoint.ssh_config_file == "none" or endpoint.proxy_jump:
        return ()
    with contextlib.suppress(InvalidRequest):
        return parse_hops([dict(_settings(ssh, endpoint, endpoint.host)).get("proxyjump", "none")])
    return ()


@functools.lru_cache(maxsize=64)
def _settings(ssh: str, endpoint: Endpoint, host: str) -> Tuple[Tuple[str, str], ...]:
    """Return the effective user configuration as ssh -G prints it; nothing if it is broken, which ssh will report."""
    config = endpoint.ssh_config_file
    command = [ssh, "-G"]
    command += [] if config is None else ["-F", local_path(config)]
    if host == endpoint.host:
        command += [] if endpoint.port is None else ["-p", str(endpoint.port)]
        command += [] if endpoint.username is None else ["-l", endpoint.username]
    try:
        # The engine knows no module, and so no run_command; pylint: disable-next=ansible-bad-function
        done = subprocess.run(
            [*command, "--", host], stdin=subprocess.DEVNULL, capture_output=True, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise InvalidRequest(
            f"ssh_config: ssh -G does not end within {_SECONDS} s",
            cure="Look for a Match exec that hangs, or set ssh_config_file to none.",
        ) from None
    return () if done.returncode else tuple(_words(done.stdout.decode("utf-8", "surrogateescape")).items())


def _words(text: str) -> Dict[str, str]:
    pairs = (line.partition(" ") for line in text.splitlines())
    return {name: value.strip() for name, _space, value in pairs}


class ShownKey(NamedTuple):
    """A key that a server showed.

    name: under which ssh looks the server up in known_hosts
    key: a certificate if the server uses it
    """

    name: str
    key: PublicKey


def known_hosts_command(guard: ChildProcesses, name: str, fingerprints: Iterable[str] = ()) -> str:
    """Return the configuration line that has ssh call the program, with an empty record `name`.

    fingerprints: keys with these are known. Without any, a host on which ssh cannot start the program does without: a
    server is still proven or not, and only the key that it showed stays unnamed.
    """
    if not fingerprints and not _can_start():
        return "KnownHostsCommand none"
    pinned = "|".join(f"*:{value}" for value in sorted(fingerprints)) or _NONE
    record = guard.write(name + ".shown", "")
    program = guard.write(name + ".witness", _PROGRAM % {"record": record, "pinned": pinned})
    return f"KnownHostsCommand /bin/sh {program} %I %H %t %f %K"


def _can_start() -> bool:
    """Return whether ssh can start a program: it gives it the account's own group, which a sandbox may not have."""
    with contextlib.suppress(KeyError):
        return os.geteuid() == 0 or pwd.getpwuid(os.getuid()).pw_gid in os.getresgid()
    return False


def shown_key(guard: ChildProcesses, name: str) -> Optional[ShownKey]:
    """Return the last key of a record; None if no key was shown, or the program could not run."""
    lines: List[List[str]] = []
    with contextlib.suppress(OSError), open(guard.path(name + ".shown"), encoding="ascii", errors="replace") as file:
        lines = [line.split() for line in file]
    try:
        known_as, key_type, encoded = lines[-1]
        return ShownKey(known_as, parse_public_key(key_type, encoded))
    except (IndexError, ValueError):
        return None
