"""What a stack has published on AWS, as its state had it.

AMIs say by their tags what they are, content by its own tags how it was made. No importer of the
provider would do: reading a copy gives back neither its source nor that its snapshots go with it,
and finds it in the provider's region only (terraform-provider-aws,
internal/service/ec2/ec2_ami_copy.go and ec2_ami.go, `resourceAMIRead`).
"""

from __future__ import annotations

import json
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from pydantic.alias_generators import to_camel

from bakery.aws import clients
from bakery.aws.amis import Ami, plain
from bakery.aws.records import content_of, record_of
from bakery.records.tags import verification_in
from config.aws import Aws
from config.settings import Settings
from images.aws import AwsAccount
from images.aws_provider import provider_inputs
from images.catalog import ImageKey, Variant
from images.errors import UserError
from images.storage import aws_bucket
from images.tags import BAKE, STACK
from ops.import_file import ImportFile

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import ImageTypeDef

_PROVIDER = "aws"
_GITHUB = "token.actions.githubusercontent.com"


class AwsAdoption:
    """One account, for one stack."""

    def __init__(self, settings: Settings, chosen: Aws, stack: str, into: ImportFile) -> None:
        self._settings, self._chosen = settings, chosen
        self._stack, self._file = stack, into
        self._account = AwsAccount(region=chosen.home_region, endpoint=chosen.endpoint)

    def write(self) -> None:
        """Puts everything into the document. Raises UserError."""
        self._file.add(_PROVIDER, "pulumi:providers:aws", "aws", inputs=self._provider())
        with clients.translate_errors(self._account.region):
            self._prerequisites(clients.account(self._account))
        for release in self._settings.releases:
            for variant in self._chosen.variants:
                self._image(variant, release)

    def _provider(self) -> dict[str, str]:
        """Its inputs as the stack gives them, with those that its SDK adds by itself; as text."""
        told = {"skip_region_validation": True, **provider_inputs(self._account)}
        return {
            "version": version("pulumi-aws"),
            **{
                to_camel(name): value if isinstance(value, str) else json.dumps(value)
                for name, value in told.items()
            },
        }

    def _prerequisites(self, account: str) -> None:
        """What AWS would not make a second time; importers know these."""
        self._component("records", "dstack-images:aws:RecordsBucket", "aws-records")
        self._part(
            "bucket",
            "aws:s3/bucket:Bucket",
            "aws-records-bucket",
            "records",
            id=aws_bucket(self._stack, account),
        )
        if self._chosen.github is None:
            return
        self._component("github", "dstack-images:aws:BuildIdentity", "aws-github")
        self._part(
            "role",
            "aws:iam/role:Role",
            "aws-github-role",
            "github",
            id=f"dstack-images-{self._stack}",
        )
        if self._chosen.github.provider == "new":
            self._part(
                "identity-provider",
                "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
                "aws-github-provider",
                "github",
                id=f"arn:aws:iam::{account}:oidc-provider/{_GITHUB}",
            )

    def _image(self, variant: Variant, release: str) -> None:
        own = f"{ImageKey('aws', variant)}-{release}"
        name = self._chosen.name_of(variant, release, self._settings.prefix)
        copies = {
            region: found
            for region in self._chosen.regions
            if (found := self._published(region, name))
        }
        if not copies:
            return
        bakes = {plain(copy.get("Tags", []))[BAKE] for copy in copies.values()}
        if len(bakes) > 1:
            raise UserError(f"{name} is of several bakes: {', '.join(sorted(bakes))}")
        content = self._content(name, *bakes)
        self._component(own, "dstack-images:aws:AwsImage", own)
        self._runs(own, content)
        for region, copy in copies.items():
            self._copy(own, region, copy, content.id)

    def _published(self, region: str, name: str) -> ImageTypeDef | None:
        wanted = {"name": name, f"tag:{STACK}": self._stack}
        with clients.translate_errors(region):
            found = clients.ec2(self._account, region).describe_images(
                Owners=["self"],
                Filters=[{"Name": key, "Values": [value]} for key, value in wanted.items()],
            )["Images"]
        if len(found) > 1:
            every = ", ".join(image.get("ImageId", "") for image in found)
            raise UserError(f"{region}: {every} are all named {name}; deregister all but one")
        return found[0] if found else None

    def _content(self, name: str, bake: str) -> Ami:
        with clients.translate_errors(self._account.region):
            found = content_of(clients.ec2(self._account), self._account.region, bake)
        if found is None:
            raise UserError(
                f"{self._account.region}: the content of {name}, {bake}, was removed, so its "
                "state cannot be written again"
            )
        return found

    def _runs(self, image: str, content: Ami) -> None:
        """The commands that made it, with what they said: they are not to run again."""
        record, verified = record_of(content, self._account.region), verification_in(content.tags)
        if record is None:
            raise UserError(f"{content.name} ({content.id}) has no record")
        parent = f"{image} bake"
        self._file.add(parent, "dstack-images:index:Bake", image, image, component=True)
        for work, said in (("bake", record), ("verify", verified)):
            if said is None:
                continue
            state: dict[str, Any] = {
                "create": f"exec .venv/bin/python -m bakery {work}",
                "triggers": [],
            }
            self._file.add(
                f"{image}-{work}",
                "command:local:Command",
                f"{image}-{work}",
                parent,
                id=f"{image}-{work}",
                version=version("pulumi-command"),
                inputs=state,
                outputs={**state, "stdout": said.model_dump_json(), "stderr": ""},
            )

    def _copy(self, image: str, region: str, copy: ImageTypeDef, source: str) -> None:
        id = copy.get("ImageId", "")
        inputs: dict[str, Any] = {
            "name": copy.get("Name"),
            "description": copy.get("Description", ""),
            "sourceAmiId": source,
            "sourceAmiRegion": self._account.region,
            "region": region,
            "tags": plain(copy.get("Tags", [])),
        }
        devices = [_device(each) for each in copy.get("BlockDeviceMappings", []) if "Ebs" in each]
        root = copy.get("RootDeviceName")
        outputs = {
            **inputs,
            "id": id,
            "arn": f"arn:aws:ec2:{region}::image/{id}",
            "deprecationTime": copy.get("DeprecationTime"),
            "ebsBlockDevices": devices,
            "encrypted": False,
            "ephemeralBlockDevices": [],
            "manageEbsSnapshots": True,
            "rootSnapshotId": next(
                (each["snapshotId"] for each in devices if each["deviceName"] == root), None
            ),
            "tagsAll": inputs["tags"],
        }
        self._part(
            f"{image}-{region}",
            "aws:ec2/amiCopy:AmiCopy",
            f"{image}-{region}",
            image,
            id=id,
            inputs=inputs,
            outputs={name: value for name, value in outputs.items() if value is not None},
        )

    def _component(self, name: str, kind: str, logical_name: str) -> None:
        self._file.add(name, kind, logical_name, component=True)

    def _part(self, name: str, kind: str, logical_name: str, parent: str, **more: Any) -> None:
        self._file.add(name, kind, logical_name, parent, provider=_PROVIDER, **more)


def _device(mapping: Any) -> dict[str, Any]:
    ebs = mapping["Ebs"]
    return {
        "deviceName": mapping["DeviceName"],
        "snapshotId": ebs.get("SnapshotId"),
        "volumeSize": ebs.get("VolumeSize"),
        "volumeType": ebs.get("VolumeType"),
        "deleteOnTermination": ebs.get("DeleteOnTermination"),
        "encrypted": ebs.get("Encrypted", False),
        "iops": ebs.get("Iops", 0),
        "throughput": ebs.get("Throughput", 0),
        "outpostArn": "",
    }
