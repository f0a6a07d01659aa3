"""What Object Storage of Oracle Cloud has to be allowed, whoever asks it: it works as itself.

Without the statement it neither copies nor removes by a bucket's rule, for administrators either.
Source: "Copying Objects" and "Using Object Lifecycle Policies" (Object Storage), which narrow
`manage object-family` down to these permissions.
"""

_TO_COPY = ("OBJECT_READ", "OBJECT_INSPECT", "OBJECT_CREATE", "OBJECT_OVERWRITE", "OBJECT_DELETE")
_TO_REMOVE_BY_A_RULE = (
    *("BUCKET_INSPECT", "BUCKET_READ", "OBJECT_INSPECT", "OBJECT_UPDATE_TIER", "OBJECT_DELETE"),
    "OBJECT_VERSION_DELETE",
)


def storage_statement(region: str, compartment: str) -> str:
    """Return the statement for the service of one region: of the region that objects leave, too."""
    permissions = dict.fromkeys([*_TO_COPY, *_TO_REMOVE_BY_A_RULE])
    any_of = ", ".join(f"request.permission='{one}'" for one in permissions)
    return (
        f"Allow service objectstorage-{region} to manage object-family "
        f"in compartment id {compartment} where any {{{any_of}}}"
    )
