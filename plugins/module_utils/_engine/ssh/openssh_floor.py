# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A floor below which the user's own ssh_config(5) cannot go.

A GSSAPI key exchange has no host key that a pin could prove. Short RSA keys, SHA-1 signatures and broken ciphers prove
or protect too little. Other preferences of the user's configuration are kept.
"""

from __future__ import annotations

import contextlib
import functools
import re
import subprocess
from typing import Dict, List, Tuple

from ..errors import InvalidRequest
from ..model.endpoint import Endpoint
from ..model.local_path import local_path
from .inputs import Hop, parse_hops

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


def floor_lines(ssh: str, version: Tuple[int, int], endpoint: Endpoint, host: str) -> List[str]:
    """Return the lines of ssh_config for `host`, the endpoint or a jump host, that lift weak settings.

    Raises InvalidRequest if nothing would be left of a list of algorithms.
    """
    lines = ["RequiredRSASize %d" % LEAST_RSA_BITS] if version >= _RSA_SINCE else []
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
                "ssh_config: %s leaves only weak algorithms: %s" % (option, ",".join(names)),
                cure="Allow stronger algorithms there, and update the older side.",
            )
        lines += ["%s %s" % (option, ",".join(strong))] if strong != names else []
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
            "ssh_config: ssh -G does not end within %d s" % _SECONDS,
            cure="Look for a Match exec that hangs, or set ssh_config_file to none.",
        ) from None
    return () if done.returncode else tuple(_words(done.stdout.decode("utf-8", "surrogateescape")).items())


def _words(text: str) -> Dict[str, str]:
    pairs = (line.partition(" ") for line in text.splitlines())
    return {name: value.strip() for name, _space, value in pairs}
