# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A known_hosts file as it counts now."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.trust.known_hosts_view import view_of
from support.servers import ssh_keys

KEY = ssh_keys.key("unit").public


def test_a_file_without_times_is_used_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "known").write_text(f"host {KEY}\n")
    assert view_of(str(tmp_path / "known"), 1000) is None
    assert view_of(str(tmp_path / "missing"), 1000) is None


def test_what_counts_now_is_in_the_view(tmp_path: Path) -> None:
    lines = [
        "# secure_sync:valid_until=1970-01-01 is how a limit looks\r\n\udc80",
        f"now {KEY} secure_sync:valid_from=1970-01-01 secure_sync:valid_until=1970-01-02",
        f"over {KEY} secure_sync:valid_until=1970-01-01",
        f"later {KEY} secure_sync:valid_from=1970-01-02",
        f"damaged {KEY[:-4]} secure_sync:valid_until=1970-01-01",
        f"unreadable {KEY} secure_sync:valid_until=x",
        f"@revoked bad {KEY} secure_sync:valid_until=1970-01-01",
        f"@cert-authority ca {KEY} secure_sync:valid_until=1970-01-01",
        f"\u2028plain {KEY}",
    ]
    file = tmp_path / "known"
    file.write_bytes("\n".join(lines).encode("utf-8", "surrogateescape"))
    assert view_of(str(file), 1000) == "\n".join([*lines[:2], lines[6], lines[8]])
    file.write_text(lines[1] + "\n")
    assert view_of(str(file), 1000) is None
