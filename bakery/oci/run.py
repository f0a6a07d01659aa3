"""The works that only Oracle Cloud has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bakery.caller import Caller
from bakery.oci.export import Exports
from bakery.oci.listings import submit, withdraw
from bakery.progress import Progress
from images.job import ExportJob, ListingJob, SupplyJob
from images.record import Fact


def run(work: str, job_of: Callable[[Any], Any], caller: Caller, progress: Progress) -> Fact | None:
    """Does the work; `job_of` reads the job of a model from standard input."""
    if work == "export":
        export: ExportJob = job_of(ExportJob)
        return Exports(export.target).export(export, caller, progress)
    if work == "supply":
        supply: SupplyJob = job_of(SupplyJob)
        return Exports(supply.target).supply(supply, caller, progress)
    listing: ListingJob = job_of(ListingJob)
    return submit(listing, progress) if work == "submit-listings" else withdraw(listing, progress)
