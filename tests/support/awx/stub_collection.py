# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stand-in for awx.awx and ansible.controller, which need a cluster: each module checks its arguments against the
published specification (published.yml) and keeps them as AWX would. A module that is asked for the same again has
changed nothing.

stub = StubCollection(tmp_path, "awx.awx")
run(environment=controller(home, collections=[stub.path], AWX_STUB=str(stub.kept)))
stub.objects["job_template"]["Exchange"]["playbook"]
"""

from __future__ import annotations

__all__ = ["StubCollection", "published"]

import json
from pathlib import Path
from typing import Any

import yaml

_MODULE = """\
import json
import os

from ansible.module_utils.basic import AnsibleModule

SPECIFICATION = json.loads({specification!r})


def main():
    module = AnsibleModule(argument_spec=SPECIFICATION, supports_check_mode=True)
    asked = dict((name, value) for name, value in module.params.items() if value is not None)
    path = os.environ["AWX_STUB"]
    objects = {{}}
    if os.path.exists(path):
        with open(path) as stream:
            objects = json.load(stream)
    kept = objects.setdefault({kind!r}, {{}})
    changed = kept.get(asked["name"]) != asked
    if changed and not module.check_mode:
        kept[asked["name"]] = asked
        with open(path, "w") as stream:
            json.dump(objects, stream)
    module.exit_json(changed=changed)


main()
"""


def published() -> dict[str, dict[str, dict[str, Any]]]:
    """Return the specification of the arguments of each module."""
    return yaml.safe_load(Path(__file__).with_name("published.yml").read_text())


class StubCollection:
    """The collection in a directory, and the objects that its modules keep."""

    def __init__(self, directory: Path, name: str) -> None:
        self.path = str(directory / "collections")
        self.kept = directory / f"{name}.json"
        modules = directory / "collections/ansible_collections" / name.replace(".", "/") / "plugins/modules"
        modules.mkdir(parents=True)
        for kind, specification in published().items():
            text = _MODULE.format(specification=json.dumps(specification), kind=kind)
            (modules / f"{kind}.py").write_text(text)

    @property
    def objects(self) -> dict[str, dict[str, dict[str, Any]]]:
        """The arguments of the newest calls, by module and name."""
        return json.loads(self.kept.read_text()) if self.kept.exists() else {}
