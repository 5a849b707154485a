# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A small project of Ansible and a job log with seventeen secrets that scanners should find, and values that are none.

planted = plant(tmp_path)
planted.secrets["totp_seed"].value, planted.secrets["totp_seed"].place
"""

from __future__ import annotations

__all__ = ["Planted", "Secret", "plant"]

from pathlib import Path
from typing import NamedTuple

_KEY = "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW"


class Secret(NamedTuple):
    """place: FILE:LINE, below the directory."""

    value: str
    place: str


class Planted(NamedTuple):
    """secrets: by their names; clean: files that have none."""

    root: Path
    secrets: dict[str, Secret]
    clean: tuple[Path, ...]


_PLAYBOOK = """\
- hosts: partners
  vars:
    partner_passphrase: correct-horse-7141
    totp_seed: JBSWY3DPEHPK3PXPJBSWY3DP
  tasks:
    - name: Sync with a password that is written out
      secure.ftp_synchronize.secure_sync:
        host: sftp.partner.example
        password: Tr0ub4dor-5523
        src: out
        dest: in
    - name: Login to the vault
      ansible.builtin.uri:
        url: https://vault.example.com/v1/secret
        headers:
          X-Vault-Token: hvs.CAESIJ8Wq2n3kP0xYbT6rVd4mL9zQsEo1uHgF7aB5cD
    - name: Fetch with curl
      ansible.builtin.shell: curl -u mirror:weak-pw-88 https://files.example.com/list
    - name: Send a command of FTP
      ansible.builtin.raw: printf 'USER partner\\r\\nPASS ftp-weak-19\\r\\n'
    - name: Set the environment
      ansible.builtin.command: /usr/bin/job
      environment:
        JOB_API_KEY: k3y-9f8e7d6c5b4a
    - name: Use sshpass
      ansible.builtin.command: sshpass -p dragon-4471 ssh partner@example.com
"""
_VARIABLES = f"""\
aws_access_key_id: AKIAQX7R2MZ5LW4NTB3K
aws_secret_access_key: wJalrXUtnFEMI7K7MDENGbPxRfiCYzzkQ9LmN2pA
partner_private_key: |
  -----BEGIN OPENSSH PRIVATE KEY-----
  {_KEY}
  -----END OPENSSH PRIVATE KEY-----
database_url: postgresql://app:db-pw-3391@db.example.com/app
vault_token: hvs.AAAAAQJ2k4m6p8r0t2v4x6z8b1d3f5h7j9l1n3q5s7
"""
_INVENTORY = """\
[partners]
web1 ansible_host=192.0.2.1 ansible_password=inv-pass-6612 ansible_become_password='other-pass-7723'
"""
_LOG = """\
TASK [Send] ********
ok: [web1] => {"cmd": "curl --user mirror:log-pw-5520 https://files.example.com"}
fatal: [web1]: token hvs.CAESLOGtok3n4m5p6q7r8s9t0u1v2w3x4y5z6 was refused
"""
_NOT_SECRET = """\
- hosts: partners
  vars:
    db_password: "{{ lookup('community.hashi_vault.hashi_vault', 'secret/db') }}"
    ftp_password: !vault |
      $ANSIBLE_VAULT;1.1;AES256
      62313365396662343061393464336163
    account_password_hash: $6$rounds=656000$abcdefgh$ZHNhZHNhZHNhZHNh
    partner_password: $y$j9T$abcdefgh$ijklmnop
    host_key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBfKQ4y0Yc0m1kq8m3uWQ2p1F5n5lqvEw0lD1cYxJ3aa
    pinned: SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU
    password_file: /etc/partner/password
    private_key: /etc/ssh/partner_ed25519
    max_password_age: 90d
    no_token: true
    recipients: [age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p]
  tasks:
    - name: Sync with variables
      secure.ftp_synchronize.secure_sync:
        host: sftp.partner.example
        password: "{{ ftp_password }}"
        passphrase: "{{ lookup('env', 'X') }}"
    - name: Add accounts
      ansible.builtin.user:
        name: "{{ item.name }}"
        password: "{{ item.password }}"
      loop: "{{ accounts }}"
      loop_control:
        label: "{{ item.name }}"
    - name: Show no secret
      ansible.builtin.debug:
        var: result.stats
    - name: Run a command with a file
      ansible.builtin.command: /usr/bin/job --password-file /etc/job/password
"""
_PLACES = {
    "passphrase": ("correct-horse-7141", "site.yml"),
    "totp_seed": ("JBSWY3DPEHPK3PXPJBSWY3DP", "site.yml"),
    "password": ("Tr0ub4dor-5523", "site.yml"),
    "vault_header": ("hvs.CAESIJ8Wq2n3kP0xYbT6rVd4mL9zQsEo1uHgF7aB5cD", "site.yml"),
    "curl": ("weak-pw-88", "site.yml"),
    "ftp_pass": ("ftp-weak-19", "site.yml"),
    "environment": ("k3y-9f8e7d6c5b4a", "site.yml"),
    "sshpass": ("dragon-4471", "site.yml"),
    "aws_id": ("AKIAQX7R2MZ5LW4NTB3K", "group_vars/all.yml"),
    "aws_secret": ("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", "group_vars/all.yml"),
    "private_key": (_KEY, "group_vars/all.yml"),
    "url": ("db-pw-3391", "group_vars/all.yml"),
    "vault_token": ("hvs.AAAAAQJ2k4m6p8r0t2v4x6z8b1d3f5h7j9l1n3q5s7", "group_vars/all.yml"),
    "inventory": ("inv-pass-6612", "hosts.ini"),
    "inventory_become": ("other-pass-7723", "hosts.ini"),
    "log_curl": ("log-pw-5520", "job.log"),
    "log_token": ("hvs.CAESLOGtok3n4m5p6q7r8s9t0u1v2w3x4y5z6", "job.log"),
}


def plant(root: Path) -> Planted:
    """Write the project below a directory, and the log into it."""
    texts = {
        "site.yml": _PLAYBOOK,
        "group_vars/all.yml": _VARIABLES,
        "hosts.ini": _INVENTORY,
        "job.log": _LOG,
        "clean.yml": _NOT_SECRET,
    }
    for name, text in texts.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(0o600)
    secrets = {name: Secret(value, f"{file}:{_line(texts[file], value)}") for name, (value, file) in _PLACES.items()}
    return Planted(root, secrets, (root / "clean.yml",))


def _line(text: str, value: str) -> int:
    return text[: text.index(value)].count("\n") + 1
