"""The works that only Oracle Cloud has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bakery.caller import Caller
from bakery.oci.export import Exports
from bakery.oci.listings import submit, withdraw
from images.job import ExportJob, ListingJob, SupplyJob
from images.record import Fact


def run(work: str, job_of: Callable[[Any], Any], caller: Caller) -> Fact | None:
    """Does the work; `job_of` reads the job of a model from standard input."""
    if work == "export":
        export: ExportJob = job_of(ExportJob)
        return Exports(export.target).export(export, caller)
    if work == "supply":
        supply: SupplyJob = job_of(SupplyJob)
        return Exports(supply.target).supply(supply, caller)
    listing: ListingJob = job_of(ListingJob)
    change = submit if work == "submit-listings" else withdraw
    return change(listing, caller.progress)
