"""What publishing needs of EC2, beyond making copies and marking them."""

from components.aws.statements import IMAGES, Scope, Statement, allow, owned
from images.tags import RELEASE


def publish(scope: Scope) -> list[Statement]:
    """Who may launch an AMI is an attribute of it, and one that no condition can look into, but a
    request changes one attribute only, and conditions know the other two ("Identity-based policies
    for Amazon EC2", `ec2:Attribute`; "ModifyImageAttribute", Amazon EC2 API Reference).

    So a private stack may change just these two, and a public one all, of its releases: content
    stays private there too.
    """
    statements = [
        allow(
            "DeprecateImagesOfTheStack",
            ["ec2:DisableImageDeprecation", "ec2:EnableImageDeprecation"],
            [IMAGES],
            owned(scope),
        ),
        allow(
            "DescribeImagesOfTheStackInWords",
            ["ec2:ModifyImageAttribute"],
            [IMAGES],
            owned(scope),
            {"Null": {"ec2:Attribute/Description": "false"}},
        ),
        allow(
            "RequireTokensForMetadataInImagesOfTheStack",
            ["ec2:ModifyImageAttribute"],
            [IMAGES],
            owned(scope),
            {"StringEquals": {"ec2:Attribute/ImdsSupport": "v2.0"}},
        ),
    ]
    if not scope.public:
        return statements
    return [
        *statements,
        allow(
            "LetAnyoneLaunchReleasesOfTheStack",
            ["ec2:ModifyImageAttribute"],
            [IMAGES],
            owned(scope),
            {"Null": {f"aws:ResourceTag/{RELEASE}": "false"}},
        ),
    ]
