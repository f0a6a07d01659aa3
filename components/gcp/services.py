"""The services of Google that the project has to have switched on."""

from dataclasses import dataclass

import pulumi
import pulumi_gcp as gcp

#: What each is for is in docs/gcp.md.
SERVICES = (
    "cloudresourcemanager",
    "compute",
    "iam",
    "iamcredentials",
    "iap",
    "storage",
    "sts",
)


@dataclass(frozen=True)
class ServicesArgs:
    """The project that has the services."""

    project: str


class Services(pulumi.ComponentResource):
    """Switched on, and left on: other stacks of the project may need them too."""

    def __init__(
        self, name: str, args: ServicesArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("dstack-images:gcp:Services", name, None, opts)
        for service in SERVICES:
            gcp.projects.Service(
                f"{name}-{service}",
                project=args.project,
                service=f"{service}.googleapis.com",
                disable_on_destroy=False,
                opts=pulumi.ResourceOptions(parent=self),
            )
        self.register_outputs({})
