"""Options of what a component consists of."""

import pulumi


def child_options(
    of: pulumi.Resource, opts: pulumi.ResourceOptions | None, *, protect: bool = False
) -> pulumi.ResourceOptions:
    """Return the options of a component's child, which waits for what the component waits for.

    Pulumi hands a component's provider on to its children, but not what it depends on.
    """
    own = pulumi.ResourceOptions(parent=of, protect=protect)
    waits = pulumi.ResourceOptions(depends_on=opts.depends_on if opts else None)
    return pulumi.ResourceOptions.merge(own, waits)
