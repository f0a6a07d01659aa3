"""The regions that images are in, and how they are talked to.

Credentials are those of the environment, for Pulumi as for Packer and the bakery: the profile
DEFAULT of the file in OCI_CONFIG_FILE, or of ~/.oci/config. None of them reaches the state.
"""

from collections.abc import Iterable

import pulumi
import pulumi_oci as oci

from config.oci import Access, Oci
from images.errors import UserError


def providers(chosen: Oci) -> dict[str, oci.Provider]:
    """A provider for each region that the stack has to do with."""
    regions = dict.fromkeys([chosen.home_region, *chosen.regions])
    return {region: oci.Provider(f"oci-{region}", region=region) for region in regions}


def must_be_reached(chosen: Oci, by: oci.Provider) -> None:
    """Raises UserError, before anything is registered, without access to the compartment."""
    try:
        oci.identity.get_compartment(id=chosen.compartment, opts=pulumi.InvokeOptions(provider=by))
    except Exception as error:
        raise UserError(
            f"Oracle Cloud does not let the credentials of this environment see the compartment "
            f"{chosen.compartment} ({error}). Look at the profile DEFAULT of ~/.oci/config, or of "
            "the file in OCI_CONFIG_FILE; `oci setup config` makes one; then run again"
        ) from None


def namespace(chosen: Oci, by: oci.Provider) -> str:
    """The tenancy's namespace of buckets."""
    found = oci.objectstorage.get_namespace(
        compartment_id=chosen.compartment, opts=pulumi.InvokeOptions(provider=by)
    )
    return found.namespace


def identity_provider(access: Access, by: oci.Provider) -> oci.Provider:
    """The provider of the tenancy's home region: groups and policies are written nowhere else."""
    found = oci.identity.get_region_subscriptions(
        tenancy_id=access.tenancy, opts=pulumi.InvokeOptions(provider=by)
    )
    return oci.Provider("oci-identity", region=_home(found.region_subscriptions))


def _home(
    subscriptions: Iterable[oci.identity.outputs.GetRegionSubscriptionsRegionSubscriptionResult],
) -> str:
    return next(one.region_name for one in subscriptions if one.is_home_region)
