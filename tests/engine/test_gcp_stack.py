"""What is Google Cloud's own: names, families, access, A3 Mega, the bucket."""

import json
from pathlib import Path

import pytest

from tests.engine.cloud_stack import CloudStack
from tests.engine.gcp_world import GcpWorld
from tests.engine.literal_pulumi import all_unchanged
from tests.fakes.warm_python import WarmPython
from tests.simulators.gcp.api import A3MEGA_SOURCE, FEATURES
from tests.simulators.gcp.project import PROJECT, GcpProject

pytestmark = pytest.mark.engine

NAME = "stgn-0-dstack-0-14"
IMAGE_MEMBER = "gcp:compute/imageIamMember:ImageIamMember"


@pytest.fixture
def staging(tmp_path: Path, gcp: GcpWorld, warm: WarmPython) -> CloudStack:
    """The stack with one variant, not up yet."""
    stack = CloudStack.open(tmp_path, gcp, warm)
    stack.configure_cloud(variants={"cpu": {}})
    return stack


def test_image_keeps_what_it_has_to_until_its_release_retires(
    staging: CloudStack, project: GcpProject
) -> None:
    staging.configure_cloud(github={"repository": "dstackai/images", "environment": "staging"})
    staging.up()
    image = project.images()[NAME]
    assert image["family"] == "stgn-0-dstack"
    assert image["storageLocations"] == ["us"]
    assert [feature["type"] for feature in image["guestOsFeatures"]] == sorted(FEATURES)
    assert image["labels"]["dstack-stack"] == "staging"
    assert image["labels"]["dstack-release"] == "0-14"
    (bake,) = (name for name in project.images() if name.startswith("dstack-bake-"))
    assert image["labels"]["dstack-bake"] == bake
    content = project.images()[bake]
    assert content["description"].startswith("dstack-record 0:")
    assert not {"dstack-expires", "dstack-run-owner"} & set(content["labels"])
    assert (project.api.disks, project.api.instances) == ({}, {})

    (found,) = staging.pulumi.images()
    assert found["place"] == {
        "cloud": "gcp",
        "project": PROJECT,
        "self_link": image["selfLink"],
        "id": image["id"],
        "family": "stgn-0-dstack",
        "member": None,
    }
    kept = project.objects(f"dstack-images-staging-{PROJECT}")
    folders = sorted(key.partition("/")[0] for key in kept)
    assert folders == ["logs", "logs", "packages", "records", "records", "sboms"]
    assert staging.clouds.calls("create", IMAGE_MEMBER) == []

    # Google replaces an image for its description, which prod's protected ones would refuse.
    words = staging.project / "components" / "published_image.py"
    words.write_text(words.read_text().replace('f"kernel {', 'f"Linux {'))
    assert all_unchanged(staging.up())

    staging.configure(releases=["0.14", "0.15"], retiring={"0.14": "2027-03-31"})
    staging.up()
    newer = project.images()["stgn-0-dstack-0-15"]
    assert project.images()[NAME]["deprecated"] == {
        "state": "DEPRECATED",
        "replacement": newer["selfLink"],
    }
    assert "deprecated" not in newer

    staging.configure(retiring={})
    staging.up()
    assert "deprecated" not in project.images()[NAME]
    assert staging.runs() == (1, 1)


def test_replacement_is_named_once_it_is_there(staging: CloudStack, project: GcpProject) -> None:
    """In the one `up` that adds it; where that fails, nobody is sent to what is not there."""
    staging.configure(immutable=True)
    staging.up()
    staging.configure(releases=["0.14", "0.15"], retiring={"0.14": "2027-03-31"}, epoch=1)
    staging.host.behave({"do": "fail", "say": "E: Unable to locate package no-such-thing"})
    assert staging.up(check=False).returncode != 0
    assert "deprecated" not in project.images()[NAME]

    staging.host.behave()
    project.sent.clear()
    staging.up()
    newer = project.images()["stgn-0-dstack-0-15"]
    assert project.images()[NAME]["deprecated"]["replacement"] == newer["selfLink"]
    asked = [(path.rpartition("/")[2], body) for _, path, _, body in project.sent]
    made = [json.loads(body)["name"] if what == "images" and body else what for what, body in asked]
    assert made.index(newer["name"]) < made.index("deprecate")
    assert all_unchanged(staging.up())


def test_stack_without_github_makes_no_account_and_no_role(staging: CloudStack) -> None:
    """A run of a workflow acts as what it was given, for which rights to create roles and to give
    them would be rights to all of the project (`iam.roles.create`, "Custom roles")."""
    staging.configure_cloud(github=None)
    steps = json.loads(staging.pulumi.preview("--json").stdout)["steps"]
    kinds = {step["newState"]["type"] for step in steps}
    assert "gcp:compute/image:Image" in kinds
    given = (
        "gcp:serviceaccount",
        "gcp:projects/iAM",
        "gcp:projects/iam",
        "gcp:iam",
        "gcp:storage/b",
    )
    assert {kind for kind in kinds if kind.startswith(given)} <= {"gcp:storage/bucket:Bucket"}


def test_a3mega_has_its_own_source_disk_and_name(staging: CloudStack, project: GcpProject) -> None:
    project.add_image(A3MEGA_SOURCE)
    staging.configure_cloud(
        variants={
            "cpu": {},
            "a3mega": {
                "source": A3MEGA_SOURCE,
                "diskGb": 100,
                "names": {"0.14": "dstack-a3mega-5"},
            },
        },
    )
    staging.up()
    images = project.images()
    assert {NAME, "stgn-0-dstack-a3mega-5"} < set(images)
    assert images["stgn-0-dstack-a3mega-5"]["diskSizeGb"] == "100"
    assert images[NAME]["diskSizeGb"] == "20"
    assert images["stgn-0-dstack-a3mega-5"]["family"] == "stgn-0-dstack-a3mega"
    by_variant = {
        image["variant"]: image["content"]["source_name"] for image in staging.pulumi.images()
    }
    assert by_variant["a3mega"] == A3MEGA_SOURCE != by_variant["cpu"]


def test_mistakes_about_what_is_there(
    staging: CloudStack, project: GcpProject, gcp: GcpWorld
) -> None:
    """Each is told before anything bakes."""

    def refused(*words: str) -> None:
        failed = staging.up(check=False)
        assert failed.returncode != 0
        for word in words:
            assert word in failed.output
        assert "Traceback" not in failed.output
        assert (staging.runs(), gcp.bakes()) == ((0, 0), [])

    staging.configure_cloud(project="another-project")
    refused("see the project another-project")
    staging.configure_cloud(project=PROJECT)

    project.api.allowed_domains.append("C03xgje4y")
    staging.configure(visibility="public")
    refused("constraints/iam.allowedPolicyMemberDomains forbids allAuthenticatedUsers")
    assert gcp.published() == {}
    staging.configure(visibility="private")

    project.add_image("a-machine-of-ours", family="stgn-0-dstack")
    refused("the family stgn-0-dstack has a-machine-of-ours", "choose another `family`")
    staging.configure_cloud(variants={"cpu": {"family": "dstack-vm"}})
    staging.up()
    assert project.images()[NAME]["family"] == "stgn-0-dstack-vm"
