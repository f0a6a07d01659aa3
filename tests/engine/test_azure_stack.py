"""What is Azure's own: groups, the gallery, the service principal and its secret."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.engine.azure_world import BUILD_GROUP, PACKER_GROUP, AzureWorld
from tests.engine.cloud_stack import CloudStack
from tests.engine.literal_pulumi import all_unchanged
from tests.fakes.warm_python import WarmPython
from tests.simulators.azure.login import PERSON_OBJECT
from tests.simulators.azure.shapes import SUBSCRIPTION, Request
from tests.simulators.azure.subscription import (
    LOCATION,
    OLD_DEFINITION,
    PUBLISHED_GALLERY,
    PUBLISHED_GROUP,
    AzureSubscription,
)

pytestmark = pytest.mark.engine

NAME = "stgn-0-dstack-0.14"
VERSION = "azure-native:compute:GalleryImageVersion"
COMMUNITY = {
    "prefix": "images",
    "publisher": "https://dstack.ai",
    "contact": "hello@dstack.ai",
    "eula": "https://dstack.ai/terms",
}


@pytest.fixture
def staging(tmp_path: Path, azure: AzureWorld, warm: WarmPython) -> CloudStack:
    """The stack with one variant, not up yet."""
    stack = CloudStack.open(tmp_path, azure, warm)
    stack.configure_cloud(variants={"cpu": {}})
    return stack


@pytest.fixture
def public(staging: CloudStack) -> CloudStack:
    """The same for everyone, in two regions of a gallery of its own."""
    staging.configure(visibility="public")
    staging.configure_cloud(
        gallery="images", community=COMMUNITY, regions=[LOCATION, "northeurope"]
    )
    return staging


def place(stack: CloudStack) -> dict[str, Any]:
    (image,) = stack.pulumi.images()
    return image["place"]


def records(subscription: AzureSubscription) -> dict[str, str]:
    """The texts that the stack has kept."""
    ids = [id.split("/") for id in subscription.resources(PACKER_GROUP)]
    (account,) = (id[-1] for id in ids if id[-2] == "storageAccounts")
    return subscription.api.objects(account, "records")


def left(subscription: AzureSubscription) -> list[str]:
    """Kinds of things in both groups that are neither content nor records."""
    ids = [id for group in (PACKER_GROUP, BUILD_GROUP) for id in subscription.resources(group)]
    kinds = {id.split("/providers/")[-1].split("/")[1] for id in ids}
    return sorted(kinds - {"images", "snapshots", "storageAccounts"})


def test_image_is_where_servers_look_as_long_as_the_stack(
    staging: CloudStack, subscription: AzureSubscription, azure: AzureWorld
) -> None:
    """The groups and the content outlive it, and the next stack of the name takes them over."""
    staging.configure_cloud(operators=[PERSON_OBJECT])
    staging.up()
    image_is_where_servers_look(staging, subscription)
    (application,) = subscription.api.graph.applications.values()
    assert secrets_of(subscription, application["appId"]) == set(), "the workflow wants none"

    staging.pulumi.destroy()
    assert (azure.published(), len(azure.bakes())) == ({}, 1)
    staging.up()
    assert staging.runs() == (1, 1)
    assert azure.published() == {PUBLISHED_GROUP: [NAME]}
    assert all_unchanged(staging.up())
    groups = subscription.api.arm.resources.groups
    assert {name: group["location"] for name, group in groups.items()} == {
        PACKER_GROUP: "eastus",
        BUILD_GROUP: LOCATION,
        PUBLISHED_GROUP: LOCATION,
    }

    # The content loses its snapshot.
    (snapshot,) = (id for id in subscription.resources(PACKER_GROUP) if "/snapshots/" in id)
    subscription.remove(snapshot)
    staging.configure(releases=["0.14", "0.15"])
    failed = staging.up(check=False)
    assert "has lost its snapshot" in failed.output
    assert "Delete the managed image" in failed.output
    (image,) = (id for id in subscription.resources(PACKER_GROUP) if "/images/" in id)
    subscription.remove(image)
    staging.up()
    assert staging.runs() == (2, 2)


def image_is_where_servers_look(stack: CloudStack, subscription: AzureSubscription) -> None:
    image = subscription.images(PUBLISHED_GROUP)[NAME]
    (bake,) = subscription.images(PACKER_GROUP)
    assert image["tags"]["dstack-stack"] == "staging"
    assert image["tags"]["dstack-release"] == "0.14"
    assert image["tags"]["dstack-bake"] == bake
    assert image["location"] == LOCATION
    content = subscription.images(PACKER_GROUP)[bake]
    assert "dstack-record-0" in content["tags"]
    assert not {"dstack-expires", "dstack-run-owner"} & set(content["tags"])
    disk = image["properties"]["storageProfile"]["osDisk"]
    assert disk["snapshot"]["id"].endswith(f"/snapshots/{bake.replace('-', '_')}")
    assert left(subscription) == []
    assert place(stack) == {
        "cloud": "azure",
        "subscription_id": SUBSCRIPTION,
        "resource_group": PUBLISHED_GROUP,
        "location": LOCATION,
        "managed_image_id": image["id"],
        "gallery": None,
        "hyper_v_generation": "V2",
        "disk_controller_types": [],
    }
    folders = sorted(key.partition("/")[0] for key in records(subscription))
    assert folders == ["logs", "logs", "packages", "records", "records", "sboms"]


def test_three_variants(staging: CloudStack, azure: AzureWorld) -> None:
    staging.configure_cloud(
        variants={"cpu": {}, "cuda": {}, "grid": {"verifyVmSize": "Standard_NV6ads_A10_v5"}},
    )
    refused = staging.up(check=False)
    assert "needs nvidia.grid with url and sha256" in refused.output
    grid = {"url": "https://example.com/grid.run", "sha256": "0" * 64, "kernel": "6.8"}
    staging.configure(nvidia={"branch": "580", "grid": grid})
    staging.up()
    assert staging.runs() == (3, 3)
    stems = ("dstack", "dstack-cuda", "dstack-grid")
    assert azure.published() == {PUBLISHED_GROUP: [f"stgn-0-{stem}-0.14" for stem in stems]}


# Groups


def test_group_of_somebody_else(staging: CloudStack, subscription: AzureSubscription) -> None:
    subscription.add_group(PACKER_GROUP)
    staging.configure_cloud(adopt=[PUBLISHED_GROUP])
    failed = staging.up(check=False)
    assert failed.returncode != 0
    assert (
        f"the resource group {PACKER_GROUP} exists already and belongs to no stack" in failed.output
    )
    assert "dstack-images:clouds.azure.adopt" in failed.output
    assert "Traceback" not in failed.output
    assert staging.runs() == (0, 0)

    staging.configure_cloud(adopt=[PACKER_GROUP, PUBLISHED_GROUP])
    staging.up()
    staging.pulumi.destroy()
    assert [id for id in subscription.resources(PACKER_GROUP) if "/images/" in id]


# The gallery


def test_public_image_is_in_every_region_before_servers_have_it(
    public: CloudStack, subscription: AzureSubscription
) -> None:
    """One region fails at first, which the next `up` makes. What servers have then, they keep,
    whatever Pulumi writes afterwards: another region, more replicas, a refresh."""
    subscription.api.fail_replication("northeurope")
    failed = public.up(check=False)
    assert failed.returncode != 0
    assert "North Europe" in failed.output
    assert subscription.offered("images") == {}, "held back from all until it is everywhere"
    subscription.api.fail_replication()
    public.up()
    assert public.runs() == (1, 1)
    assert puts(subscription)[-1] is False
    assert set(puts(subscription)[:-1]) == {True}
    image_is_in_every_region(public, subscription)

    public.configure_cloud(regions=[LOCATION, "northeurope", "eastus"])
    planned = json.loads(public.pulumi.preview("--json").stdout)["steps"]
    updated = [step["urn"].rpartition("::")[2] for step in planned if step["op"] == "update"]
    assert updated == ["azure-cpu-0.14-version"]
    asked = {step["urn"].rpartition("::")[2] for step in planned if "replace" in step["op"]}
    assert asked == {"azure-preflight", "azure-cpu-0.14-check-published"}
    public.clouds.forget_calls()
    written = len(puts(subscription))
    public.up()
    assert len(public.clouds.calls("update", VERSION)) == 1
    assert subscription.offered("images").keys() == {LOCATION, "northeurope", "eastus"}
    assert puts(subscription)[written:] == [False], "held back while it was made, never again"
    public.pulumi.refresh()
    assert all_unchanged(public.up())
    public.configure_cloud(replicas={"eastus": 3})
    public.up()
    assert place(public)["gallery"]["replicas"]["eastus"] == 3
    assert excluded(subscription) == [False]
    assert puts(subscription)[written:] == [False] * 2
    assert public.runs() == (1, 1)


def image_is_in_every_region(public: CloudStack, subscription: AzureSubscription) -> None:
    assert subscription.is_public("images")
    found = place(public)
    assert found["managed_image_id"] is None
    assert found["disk_controller_types"] == ["SCSI", "NVMe"]
    gallery = found["gallery"]
    assert gallery["public_name"].startswith("images-")
    assert gallery["replicas"] == {LOCATION: 1, "northeurope": 1}
    assert gallery["version_id"] == f"{gallery['definition_id']}/versions/{gallery['version']}"
    assert subscription.offered("images") == {region: [NAME] for region in gallery["replicas"]}
    properties = subscription.definitions("images")[NAME]["properties"]
    assert properties["identifier"] == {"publisher": "dstackai", "offer": "dstack", "sku": NAME}
    assert properties["hyperVGeneration"] == "V2"
    assert properties["features"] == [{"name": "DiskControllerTypes", "value": "SCSI,NVMe"}]
    ((version, body),) = subscription.versions("images")[NAME].items()
    assert version == gallery["version"] != "0.0.1"
    assert body["properties"]["publishingProfile"]["excludeFromLatest"] is False


def excluded(subscription: AzureSubscription) -> list[bool]:
    """Return for each version of the name whether servers pass it over."""
    return [
        body["properties"]["publishingProfile"]["excludeFromLatest"]
        for body in subscription.versions("images")[NAME].values()
    ]


def puts(subscription: AzureSubscription) -> list[bool]:
    """What each writing of a version said of servers."""
    return [
        body["properties"]["publishingProfile"]["excludeFromLatest"]
        for path, body in subscription.api.written
        if "/galleries/images/images/" in path and "/versions/" in path
    ]


def test_version_that_is_lost_deleted_replaced(
    public: CloudStack, subscription: AzureSubscription, azure: AzureWorld
) -> None:
    for kind in ("azure-native:compute:GalleryImage", VERSION):
        # Made, and Pulumi is not told.
        public.clouds.lose("create", kind)
        assert public.up(check=False).returncode != 0
        public.clouds.no_faults()
    public.up()
    assert len(subscription.versions("images")[NAME]) == 1

    # Somebody deletes it.
    subscription.remove(place(public)["gallery"]["version_id"])
    public.pulumi.refresh()
    public.up()
    assert subscription.offered("images")[LOCATION] == [NAME], "and let go again"
    assert public.runs() == (1, 1)
    assert all_unchanged(public.up())

    changed_content_is_another_version(public, subscription)
    public.pulumi.destroy()
    assert list(subscription.definitions("images")) == []
    assert len(azure.bakes()) == 2


def changed_content_is_another_version(public: CloudStack, subscription: AzureSubscription) -> None:
    """The old one is there until servers have the new one."""
    public.clouds.forget_calls()
    before = place(public)["gallery"]
    public.edit("packer/provision/docker.sh")
    public.up()
    after = place(public)["gallery"]
    assert before["version"] != after["version"]
    assert before["definition_id"] == after["definition_id"]
    calls = public.clouds.calls("create", VERSION) + public.clouds.calls("delete", VERSION)
    made = public.clouds.calls("create", VERSION)[-1]
    (deleted,) = public.clouds.calls("delete", VERSION)
    assert len(calls) == 2
    assert made.at < deleted.at
    assert list(subscription.versions("images")[NAME]) == [after["version"]]
    assert subscription.offered("images")[LOCATION] == [NAME]


def test_gallery_that_is_dstacks(staging: CloudStack, subscription: AzureSubscription) -> None:
    staging.configure(visibility="public")
    staging.configure_cloud(gallery=PUBLISHED_GALLERY, adopt=[PUBLISHED_GROUP, PUBLISHED_GALLERY])
    staging.up()
    assert set(subscription.definitions(PUBLISHED_GALLERY)) == {OLD_DEFINITION, NAME}
    staging.pulumi.destroy()
    assert set(subscription.definitions(PUBLISHED_GALLERY)) == {OLD_DEFINITION}
    assert subscription.is_public(PUBLISHED_GALLERY)


# The service principal


def secrets_of(subscription: AzureSubscription, client: str) -> set[str]:
    return subscription.api.login.clients[client]


def test_own_secret_bakes_and_is_nowhere_in_plain_text(
    staging: CloudStack, subscription: AzureSubscription, tmp_path: Path
) -> None:
    """Not known everywhere at once: the first `up` waits, and says so. Then it has expired."""
    staging.configure_cloud(clientSecret={"rotateAfterDays": 90})
    subscription.api.login.unknown_for = 3
    words = "AADSTS7000222: The provided client secret keys for app 'x' are expired."
    staging.host.behave({"do": "fail", "say": f"{words}"})
    output = staging.up(check=False).output
    assert words in output
    assert "which passes: trying again" not in output
    assert staging.runs() == (1, 0)
    assert "Azure does not know everywhere yet who may bake" in output
    staging.host.behave()
    output += staging.up().output
    assert staging.runs() == (2, 1)
    outputs = staging.pulumi.outputs()
    client = outputs["AZURE_CLIENT_ID"]
    (secret,) = secrets_of(subscription, client)
    assert outputs["AZURE_CLIENT_SECRET"] == secret
    assert staging.host.packer_saw()["PKR_VAR_client_secret"] == secret
    assert "AZURE_CLIENT_SECRET" not in staging.host.packer_saw()

    plain = staging.pulumi.run("stack", "output", "--json", "--stack", "staging").stdout
    assert secret not in output + plain
    shown = json.loads(plain)
    assert shown["AZURE_CLIENT_SECRET"] == "[secret]"
    assert shown["contract"] == outputs["contract"], "a record of a bake with a secret is none"
    # Not what plays the cloud, nor where the fake notes what Packer's environment was.
    others = {".venv", "clouds", "journal"}
    files = [path for path in tmp_path.rglob("*") if path.is_file() and not others & {*path.parts}]
    assert len(files) > 100
    assert [str(path) for path in files if secret.encode() in path.read_bytes()] == []
    assert not any(secret in text for text in records(subscription).values())
    assert all_unchanged(staging.up())


def test_the_principal_alone_bakes_and_publishes(
    public: CloudStack, subscription: AzureSubscription
) -> None:
    """A workflow does so after a person's first `up`, with what the roles say and no more.

    The roles are not known at once to whoever gives them away.
    """
    subscription.api.arm.roles.unknown_seconds = 2
    public.configure_cloud(clientSecret={"rotateAfterDays": 90})
    public.up()
    outputs = public.pulumi.outputs()
    for name in ("CLIENT_ID", "CLIENT_SECRET"):
        for family in ("ARM", "AZURE"):
            public.pulumi.env[f"{family}_{name}"] = outputs[f"AZURE_{name}"]
    subscription.api.arm.operations.settle(all=True)
    public.configure(releases=["0.14", "0.15"])
    public.edit("packer/provision/docker.sh")
    public.up()
    assert public.runs() == (2, 2)
    assert subscription.offered("images")["northeurope"] == [NAME, "stgn-0-dstack-0.15"]
    assert len(records(subscription)) == 12, "logs, package lists, bills, records of both"
    assert left(subscription) == []


def test_state_that_was_lost(
    staging: CloudStack, subscription: AzureSubscription, azure: AzureWorld
) -> None:
    """What docs/azure.md says to delete is gone. What the application was allowed stays behind."""
    staging.configure_cloud(scope="subscription")
    staging.up()
    shutil.rmtree(staging.pulumi.home / "state")
    staging.pulumi.init()
    (application,) = subscription.api.graph.applications
    gone = Request("DELETE", f"/v1.0/applications/{application}")
    subscription.api.graph.call(gone, PERSON_OBJECT)
    for id in subscription.resources(PACKER_GROUP):
        if "/storageAccounts/" in id:
            subscription.remove(id)
    for kind in ("BlobServiceProperties", "ManagementPolicy"):
        # Of the account, though the simulator keeps them elsewhere.
        (kept,) = staging.clouds.resources(f"azure-native:storage:{kind}")
        staging.clouds.forget(kept.kind, kept.name)
    staging.up()
    assert staging.runs() == (1, 1)
    assert azure.published() == {PUBLISHED_GROUP: [NAME]}
