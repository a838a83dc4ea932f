"""What a release says about its job, out of the store, the spec and the catalog."""

from __future__ import annotations

from collections.abc import Sequence

from brightrun.catalog import Catalog
from brightrun.export import ReleaseContext, Shortfall
from brightrun.export.context import EvaluationFacts
from brightrun.money import exact_text
from brightrun.spec import DatasetSpec
from brightrun.store.jobs import CellCoverage, Job
from brightrun.summary import BuildSummary


def release_context(
    job: Job,
    summary: BuildSummary,
    catalog: Catalog,
    spec: DatasetSpec,
    cells: Sequence[CellCoverage],
    evaluation: EvaluationFacts | None,
    data_docs: str | None = None,
) -> ReleaseContext:
    """The context of a release of the job, whose combinations are `cells`."""
    return ReleaseContext(
        dataset=job.name,
        job_id=job.id,
        simulated=job.simulated,
        model=spec.generate.model,
        spec=spec.model_dump(mode="json"),
        catalog=catalog.info.key,
        catalog_name=catalog.info.name,
        catalog_hash=job.catalog_hash,
        language=catalog.info.language,
        jurisdiction=catalog.info.jurisdiction,
        prompt_version=job.prompt_version,
        code_version=job.code_version,
        system_prompts=catalog.advisor.system_prompts,
        planned=summary.planned,
        accepted=summary.accepted,
        rejected=summary.rejected,
        undecided=summary.undecided,
        failed=summary.failed + summary.cancelled,
        reasons=summary.reasons,
        shortfalls=tuple(
            Shortfall(
                cell=f"{cell.persona} × {cell.arc} × {cell.topic}",
                owed=cell.owed,
                accepted=cell.accepted,
                reason=", ".join(cell.reasons),
            )
            for cell in cells
            if cell.is_short
        ),
        evaluation=evaluation,
        data_docs=data_docs,
        spent_usd=exact_text(job.spent_usd),
        budget_usd=exact_text(job.budget_usd),
    )
