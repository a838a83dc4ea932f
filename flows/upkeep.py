"""Upkeep: what processes that died left behind is put in order. Safe at any time, twice, and beside running jobs."""

from __future__ import annotations

from uuid import UUID

from brightrun.upkeep import UpkeepReport
from flows.backend_truth import close_crashed_runs
from flows.served_flow import served_flow
from flows.task_runs import task_runs
from tasks.upkeep import mend_files, reclaim, report_upkeep, send_waiting_files


@served_flow(name="upkeep", flow_run_name="upkeep")
def upkeep() -> UpkeepReport:
    """Reclaim the items of dead workers, mark dead jobs, make files and rows agree, and send what waits for Storage."""
    with task_runs() as runs:
        reclaims = runs.result(reclaim.submit(), "reclaim")
        close_crashed_runs([UUID(run_id) for run_id in reclaims.flow_runs])
        reconciled = runs.result(mend_files.submit(), "mend files")
        drained = runs.result(send_waiting_files.submit(), "send files")
        report = UpkeepReport(reclaims, reconciled, drained)
        runs.result(report_upkeep.submit(report), "report upkeep")
    return report
