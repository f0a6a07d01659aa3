"""What the fake Packer leaves in a simulated cloud: an image, as the real builder would."""

import json
import os
import urllib.error
import urllib.request
from typing import Any


def make(variables: dict[str, Any]) -> None:
    """The image that the template's variables ask for. Fails, as a builder does, if it is there."""
    if "instance_type" in variables:
        _ami(variables)
    if "image_labels" in variables and not variables["throw_away"]:
        _image(variables)
    if "azure_tags" in variables:
        _managed_image(variables)
    if "availability_domain" in variables:
        _custom_image(variables)


def _ami(variables: dict[str, Any]) -> None:
    # Takes longer to import than all the rest, and only this cloud wants it.
    import boto3

    # Signed by nobody in particular: these are not the calls of the real builder, so they are
    # not to be judged as such.
    ec2: Any = boto3.client(
        "ec2",
        region_name=variables["region"],
        endpoint_url=variables["endpoint"],
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )
    name = variables["image_name"]
    if ec2.describe_images(Owners=["self"], Filters=[{"Name": "name", "Values": [name]}])["Images"]:
        raise SystemExit(f"Error: AMI Name: '{name}' is used by an existing AMI")
    tags = [{"Key": key, "Value": value} for key, value in variables["image_tags"].items()]
    ami = ec2.register_image(
        Name=name, Architecture="x86_64", RootDeviceName="/dev/sda1", VirtualizationType="hvm"
    )["ImageId"]
    (image,) = ec2.describe_images(ImageIds=[ami])["Images"]
    snapshots = [device["Ebs"]["SnapshotId"] for device in image["BlockDeviceMappings"]]
    ec2.create_tags(Resources=[ami, *snapshots], Tags=tags)


def _image(variables: dict[str, Any]) -> None:
    """Of Compute Engine, whose Packer of old can leave the image of a verification out."""
    project = f"{variables['endpoint']}/compute/v1/projects/{variables['project']}"
    disks = f"{project}/zones/{variables['zone']}/disks"
    source = f"projects/{variables['source_project']}/global/images/{variables['source']}"
    disk = {"name": variables["disk_name"], "sourceImage": source, "sizeGb": variables["disk_gb"]}
    _post(disks, disk)
    image = {
        "name": variables["run"],
        "labels": variables["image_labels"],
        "description": f"dstack {variables['name']}",
        "sourceDisk": f"{disks}/{disk['name']}",
        "storageLocations": [variables["storage_location"]],
    }
    _post(f"{project}/global/images", image)
    urllib.request.urlopen(urllib.request.Request(f"{disks}/{disk['name']}", method="DELETE"))


def _post(address: str, body: dict[str, Any]) -> None:
    request = urllib.request.Request(
        address, json.dumps(body).encode(), {"Content-Type": "application/json"}, method="POST"
    )
    try:
        urllib.request.urlopen(request).close()
    except urllib.error.HTTPError as error:
        raise SystemExit(f"Error: {error.read().decode()}") from None


def _managed_image(variables: dict[str, Any]) -> None:
    """Of Azure, whose Packer of old cannot leave the image of a verification out."""
    from tests.fakes.azure_calls import DISKS, IMAGES, Azure

    azure = Azure(variables)
    name, tags = variables["image_name"], variables["azure_tags"]
    if name in azure.names("images", IMAGES):
        raise SystemExit(
            f"Error: the managed image named {name} already exists in the resource group "
            f"{variables['group']}, use the -force option to automatically delete it."
        )
    disk = azure.id("disks", f"{variables['prefix']}os12345")
    source = azure.source(variables)
    creation = {"createOption": "FromImage", "imageReference": {"id": source}}
    size = {"diskSizeGB": variables["disk_gb"], "hyperVGeneration": "V2", "osType": "Linux"}
    # The builder tags all that it makes but this.
    azure.make(disk, DISKS, {}, {"creationData": creation, **size})
    os_disk = {"osType": "Linux", "osState": "Generalized", "managedDisk": {"id": disk}}
    content = {"hyperVGeneration": "V2", "storageProfile": {"osDisk": os_disk}}
    azure.make(azure.id("images", name), IMAGES, tags, content)
    if variables["snapshot_name"]:
        copy = {"createOption": "Copy", "sourceResourceId": disk}
        snapshot = azure.id("snapshots", variables["snapshot_name"])
        azure.make(snapshot, DISKS, tags, {"creationData": copy})
    azure.remove(disk, DISKS)


def _custom_image(variables: dict[str, Any]) -> None:
    """Of Oracle Cloud, whose Packer of old cannot leave the image of a verification out."""
    import oci

    config = {**oci.config.from_file(variables["access_file"]), "region": variables["region"]}
    client: Any = oci.core.ComputeClient(config)
    # As Packer's own library does.
    client.base_client.session.verify = os.environ["SSL_CERT_FILE"]
    machine = client.launch_instance(
        {
            "availabilityDomain": variables["availability_domain"],
            "compartmentId": variables["compartment"],
            "displayName": variables["run"],
            "shape": variables["shape"],
            "freeformTags": variables["run_tags"],
            "createVnicDetails": {"subnetId": variables["subnet"], "assignPublicIp": True},
            "sourceDetails": {
                "sourceType": "image",
                "imageId": variables["source"],
                "bootVolumeSizeInGBs": variables["disk_gb"],
            },
        }
    ).data
    while client.get_instance(machine.id).data.lifecycle_state != "RUNNING":
        pass
    image = client.create_image(
        {
            "compartmentId": variables["compartment"],
            "displayName": variables["run"],
            "instanceId": machine.id,
            "freeformTags": variables["image_tags"],
        }
    ).data
    while client.get_image(image.id).data.lifecycle_state != "AVAILABLE":
        pass
    client.terminate_instance(machine.id)
    while client.get_instance(machine.id).data.lifecycle_state != "TERMINATED":
        pass
