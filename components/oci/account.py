"""The regions that images are in, and how they are talked to.

Credentials are those of the environment, for Pulumi as for Packer and the bakery: the profile
DEFAULT of one file (`images/oci_key_file.py`). None of them reaches the state.
"""

from collections.abc import Iterable

import pulumi
import pulumi_oci as oci

from config.oci import Access, Oci
from images.errors import NotReached, UserError
from images.oci_key_file import key_file


def providers(chosen: Oci) -> dict[str, oci.Provider]:
    """A provider for each region that the stack has to do with. Raises NotReached for two keys."""
    try:
        key_file()
    except UserError as error:
        raise NotReached(str(error)) from None
    regions = dict.fromkeys([chosen.home_region, *chosen.regions])
    return {region: oci.Provider(f"oci-{region}", region=region) for region in regions}


def must_be_reached(chosen: Oci, by: oci.Provider) -> None:
    """Raises NotReached, before anything is registered, without access to the compartment."""
    try:
        # What is not there, or may not be seen, is found with nothing in it.
        found: str | None = oci.identity.get_compartment(
            id=chosen.compartment, opts=pulumi.InvokeOptions(provider=by)
        ).name
    except Exception as error:
        raise _not_seen(_compartment(chosen), str(error)) from None
    if not found:
        raise _not_seen(_compartment(chosen), "it is not there, or they may not see it")


def namespace(chosen: Oci, by: oci.Provider) -> str:
    """The tenancy's namespace of buckets.

    It is not asked for by the compartment, which would take a permission of its own. Raises
    NotReached.
    """
    try:
        found = oci.objectstorage.get_namespace(opts=pulumi.InvokeOptions(provider=by)).namespace
    except Exception as error:
        raise _not_seen("the namespace of buckets", str(error)) from None
    if not found:
        raise NotReached(
            f"Oracle Cloud tells the credentials of this environment no namespace of buckets in "
            f"{chosen.home_region}; look whether they may use Object Storage, then run again"
        )
    return found


def compartment_of_subnet(chosen: Oci, by: oci.Provider) -> str:
    """Where machines get their cards.

    Raises UserError for a subnet that is not there, NotReached where Oracle does not say.
    """
    if chosen.subnet is None:
        return chosen.compartment
    try:
        found: str | None = oci.core.get_subnet(
            subnet_id=chosen.subnet, opts=pulumi.InvokeOptions(provider=by)
        ).compartment_id
    except Exception as error:
        raise _not_seen(f"the subnet {chosen.subnet}", str(error)) from None
    if not found:
        raise UserError(
            f"dstack-images:clouds.oci.subnet: there is no subnet {chosen.subnet} in "
            f"{chosen.home_region} that the credentials of this environment may see"
        )
    return found


def identity_provider(access: Access, by: oci.Provider) -> oci.Provider:
    """The provider of the tenancy's home region: groups and policies are written nowhere else.

    Raises NotReached.
    """
    try:
        found = oci.identity.get_region_subscriptions(
            tenancy_id=access.tenancy, opts=pulumi.InvokeOptions(provider=by)
        )
    except Exception as error:
        raise _not_seen(f"the tenancy {access.tenancy}", str(error)) from None
    home = _home(found.region_subscriptions)
    if home is None:
        raise NotReached(
            f"dstack-images:clouds.oci.access.tenancy: there is no tenancy {access.tenancy} that "
            "the credentials of this environment may see; `oci iam compartment list --include-root`"
            " shows the one that they are of"
        )
    return oci.Provider("oci-identity", region=home)


_Subscription = oci.identity.outputs.GetRegionSubscriptionsRegionSubscriptionResult


def _home(subscriptions: Iterable[_Subscription] | None) -> str | None:
    every = subscriptions or ()
    return next((one.region_name for one in every if one.is_home_region), None)


def _compartment(chosen: Oci) -> str:
    return f"the compartment {chosen.compartment}"


def _not_seen(what: str, why: str) -> NotReached:
    return NotReached(
        f"Oracle Cloud does not let the credentials of this environment see {what} ({why}). Look "
        "at the profile DEFAULT of ~/.oci/config, or of the file in OCI_CONFIG_FILE; `oci setup "
        "config` makes one; then run again"
    )
