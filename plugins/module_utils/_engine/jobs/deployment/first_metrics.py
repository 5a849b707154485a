# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The first metrics of a job: the time of its deployment, by which a job is late whose first run never succeeded.

The next run replaces them by its own, which have this time too.
"""

from __future__ import annotations

import os
import time

from ..job_file import Job
from ..metrics import DEPLOYED, Limits, first_metrics_text, metrics_file, write_metrics
from ..records import Records


def write_first_metrics(job: Job, *, fresh: bool) -> None:
    """Write them if the job has metrics, and no run has written any at this place.

    fresh: the job is new; a removed job of its name does not count
    Raises OperationFailed.
    """
    if job.metrics is None or job.records is None:
        return
    counters = Records(job.records, job.history).begin(lambda: {DEPLOYED: int(time.time())}, fresh=fresh)
    if counters.keys() == {DEPLOYED} or not os.path.lexists(metrics_file(job.metrics, job.name)):
        write_metrics(job.metrics, job.name, first_metrics_text(job.name, counters, Limits(job.late_after)))
