# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.control import (
    Named,
    NotMeasured,
    Subject,
)
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.policy import Policy
from ansible_collections.secure.ftp_synchronize.plugins.module_utils._engine.audit.values import (
    FTPS,
    jobs,
    jobs_over,
    successes,
)
from support.scenes.audit_site import NOW, AuditSite, good_site


def subject(site: AuditSite) -> Subject:
    return Subject("files1", Named(), site.values(), Policy(), NOW)


def test_jobs_by_protocol() -> None:
    found = subject(good_site())
    assert [each["job"] for each in jobs(found)] == ["nightly", "legacy"]
    assert [each["job"] for each in jobs_over(found, FTPS)] == ["legacy"]


def test_a_host_without_jobs_is_not_measured() -> None:
    site = good_site()
    site.values()["jobs"].clear()
    with pytest.raises(NotMeasured, match="no job"):
        jobs(subject(site))


def test_runs_are_judged_before_a_job_without_a_run_is_named() -> None:
    site = good_site()
    site.values()["job_runs"].pop(0)
    pairs = successes(subject(site))
    assert next(pairs)[0]["job"] == "legacy"
    with pytest.raises(NotMeasured, match="no successful run of nightly"):
        next(pairs)
