"""AMIs: copies, and who may launch them.

Each makes the calls of terraform-provider-aws, in its order: internal/service/ec2/ec2_ami_copy.go
(`resourceAMICopyCreate`), ec2_ami.go (`resourceAMIRead`, `resourceAMIUpdate`, `resourceAMIDelete`),
ec2_ami_launch_permission.go.
"""

from datetime import datetime
from typing import Any, ClassVar

from botocore.exceptions import ClientError

from tests.simulators.aws.provider.model import AwsModel
from tests.simulators.aws.provider.tags import retag
from tests.simulators.pulumi.cloud import Made
from tests.simulators.pulumi.errors import CloudError
from tests.simulators.pulumi.rules import Rules, replaced_by
from tests.simulators.pulumi.values import Properties

# Output property: field of the image as EC2 describes it. moto cannot change a description: it
# stays as the inputs have it.
SHOWN = {
    "architecture": "Architecture",
    "bootMode": "BootMode",
    "hypervisor": "Hypervisor",
    "imageType": "ImageType",
    "name": "Name",
    "ownerId": "OwnerId",
    "platform": "Platform",
    "public": "Public",
    "rootDeviceName": "RootDeviceName",
    "virtualizationType": "VirtualizationType",
}
# Input of a launch permission: the same in EC2's words.
GRANTEES = {
    "accountId": "UserId",
    "group": "Group",
    "organizationArn": "OrganizationArn",
    "organizationalUnitArn": "OrganizationalUnitArn",
}


def find(client: Any, id: str) -> dict[str, Any] | None:
    """The image. Of one that was deregistered nothing is found, and that is no error."""
    found = client.describe_images(ImageIds=[id])["Images"]
    return found[0] if found else None


class AmiCopy(AwsModel):
    """A copy of an AMI.

    It has no importer: what is imported is read by its ID in the provider's region, and reading
    gives back neither its source nor that its snapshots are to go with it.
    """

    service = "ec2"
    rules: ClassVar[Rules] = replaced_by(
        "name",
        "sourceAmiId",
        "sourceAmiRegion",
        "encrypted",
        "kmsKeyId",
        "destinationOutpostArn",
        "ebsBlockDevices",
        "ephemeralBlockDevices",
        computed=frozenset(
            {"encrypted", "kmsKeyId", "ebsBlockDevices", "ephemeralBlockDevices", "region"}
        ),
        by_state=True,
    )

    def create(self, name: str, inputs: Properties) -> Made:
        client = self.client(inputs)
        self._refuse_taken(client, inputs["name"])
        id = client.copy_image(
            SourceImageId=inputs["sourceAmiId"],
            SourceRegion=inputs["sourceAmiRegion"],
            Name=inputs["name"],
            Description=inputs.get("description", ""),
        )["ImageId"]
        retag(client, id, inputs, inputs)
        if when := inputs.get("deprecationTime"):
            client.enable_image_deprecation(ImageId=id, DeprecateAt=when)
        return Made(id, self._seen(id, {**inputs, "manageEbsSnapshots": True}))

    def interrupted(self, id: str, inputs: Properties, outputs: Properties) -> Properties:
        """It has waited for the copy as long as it may: the state gets what was planned, the AMI
        no date, which would have come after that.
        """
        if inputs.get("deprecationTime"):
            self.client(inputs).disable_image_deprecation(ImageId=id)
        return {**outputs, **inputs}

    def read(self, id: str, state: Properties) -> Properties | None:
        image = find(self.client(state), id)
        if image is None:
            return None
        devices = [_device(one) for one in image["BlockDeviceMappings"] if "Ebs" in one]
        root = [one for one in devices if one["deviceName"] == image["RootDeviceName"]]
        return {
            **state,
            **{name: image[field] for name, field in SHOWN.items() if field in image},
            **self.tags_seen(image["Tags"], state),
            "description": state.get("description", image.get("Description")),
            "deprecationTime": _date(image.get("DeprecationTime"), state),
            "arn": self.arn(f"image/{id}", state, account=False),
            "region": self.region(state),
            "ebsBlockDevices": devices,
            "rootSnapshotId": root[0]["snapshotId"] if root else None,
        }

    def update(self, id: str, state: Properties, inputs: Properties) -> Properties:
        client = self.client(inputs)
        retag(client, id, state, inputs)
        if inputs.get("description") != state.get("description"):
            words = {"Value": inputs.get("description", "")}
            client.modify_image_attribute(ImageId=id, Description=words)
        when = inputs.get("deprecationTime")
        if when != state.get("deprecationTime"):
            if when:
                client.enable_image_deprecation(ImageId=id, DeprecateAt=when)
            else:
                client.disable_image_deprecation(ImageId=id)
        return self._seen(id, {**state, **inputs})

    def _seen(self, id: str, inputs: Properties) -> Properties:
        outputs = self.read(id, inputs)
        if outputs is None:
            raise CloudError(f"api error InvalidAMIID.NotFound: {id} does not exist")
        return outputs

    def delete(self, id: str, state: Properties) -> None:
        """With its snapshots, those of the state. Where it is gone already, they are left."""
        client = self.client(state)
        client.deregister_image(ImageId=id)
        errors: list[str] = []
        managed = state.get("manageEbsSnapshots", False)
        for device in state.get("ebsBlockDevices", []) if managed else []:
            try:
                client.delete_snapshot(SnapshotId=device["snapshotId"])
            except ClientError as error:
                errors.append(f"{device['snapshotId']}: {error}")
        if errors:
            raise CloudError(
                "\n".join(
                    [
                        "Errors while deleting associated EBS snapshots:",
                        *errors,
                        "These are no longer managed by Terraform and must be deleted manually.",
                    ]
                )
            )

    def _refuse_taken(self, client: Any, name: str) -> None:
        """A name is an account's only one in a region; EC2 says so, moto does not."""
        same = [{"Name": "name", "Values": [name]}]
        for image in client.describe_images(Owners=["self"], Filters=same)["Images"]:
            raise CloudError(
                "operation error CopyImage, api error InvalidAMIName.Duplicate: "
                f"AMI name {name} is already in use by AMI {image['ImageId']}"
            )


class AmiLaunchPermission(AwsModel):
    service = "ec2"
    rules: ClassVar[Rules] = replaced_by("imageId", *GRANTEES)

    def create(self, name: str, inputs: Properties) -> Made:
        self._modify("Add", inputs)
        (grantee,) = _grantee(inputs).values()
        id = f"{grantee}-{inputs['imageId']}"
        return Made(id, {**inputs, "region": self.region(inputs)})

    def read(self, id: str, state: Properties) -> Properties | None:
        client, image = self.client(state), state["imageId"]
        if find(client, image) is None:
            return None
        attribute = client.describe_image_attribute(ImageId=image, Attribute="launchPermission")
        return state if _grantee(state) in attribute["LaunchPermissions"] else None

    def update(self, id: str, state: Properties, inputs: Properties) -> Properties:
        return {**state, **inputs}

    def delete(self, id: str, state: Properties) -> None:
        if find(self.client(state), state["imageId"]) is not None:
            self._modify("Remove", state)

    def _modify(self, change: str, properties: Properties) -> None:
        self.client(properties).modify_image_attribute(
            ImageId=properties["imageId"],
            LaunchPermission={change: [_grantee(properties)]},
        )


def _grantee(properties: Properties) -> dict[str, str]:
    given = [(theirs, properties.get(ours)) for ours, theirs in GRANTEES.items()]
    found = {theirs: value for theirs, value in given if value}
    if len(found) != 1:
        raise CloudError(f"exactly one of {', '.join(GRANTEES)} has to be given")
    return found


def _date(seen: str | None, state: Properties) -> str | None:
    """The date that the AMI has; as it was written before, where it is the same minute."""
    before = state.get("deprecationTime")
    same = seen and before and datetime.fromisoformat(seen) == datetime.fromisoformat(before)
    return before if same else seen


def _device(mapping: dict[str, Any]) -> Properties:
    ebs = mapping["Ebs"]
    return {
        "deviceName": mapping["DeviceName"],
        "snapshotId": ebs["SnapshotId"],
        "volumeSize": ebs["VolumeSize"],
        "volumeType": ebs["VolumeType"],
        "deleteOnTermination": ebs["DeleteOnTermination"],
    }
