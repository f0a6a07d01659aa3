"""What the stand-in for Packer leaves in a simulated cloud: an image, as the real builder would."""

from typing import Any

import boto3


def make(variables: dict[str, Any]) -> None:
    """The image that the template's variables ask for. Fails, as a builder does, if it is there."""
    if "image_tags" in variables and "region" in variables:
        _ami(variables)


def _ami(variables: dict[str, Any]) -> None:
    ec2: Any = boto3.client(
        "ec2", region_name=variables["region"], endpoint_url=variables["endpoint"]
    )
    name = variables["image_name"]
    if ec2.describe_images(Owners=["self"], Filters=[{"Name": "name", "Values": [name]}])["Images"]:
        raise SystemExit(f"Error: AMI Name: '{name}' is used by an existing AMI")
    tags = [{"Key": key, "Value": value} for key, value in variables["image_tags"].items()]
    zone = ec2.describe_availability_zones()["AvailabilityZones"][0]["ZoneName"]
    volume = ec2.create_volume(AvailabilityZone=zone, Size=variables["disk_gb"])["VolumeId"]
    snapshot = ec2.create_snapshot(VolumeId=volume)["SnapshotId"]
    ec2.delete_volume(VolumeId=volume)
    ec2.create_tags(Resources=[snapshot], Tags=tags)
    ami = ec2.register_image(
        Name=name,
        Architecture="x86_64",
        RootDeviceName="/dev/sda1",
        VirtualizationType="hvm",
        BlockDeviceMappings=[{"DeviceName": "/dev/sda1", "Ebs": {"SnapshotId": snapshot}}],
    )["ImageId"]
    ec2.create_tags(Resources=[ami], Tags=tags)
