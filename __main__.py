"""A stack is a set of dstack VM images in a set of clouds: settings, backends, outputs."""

import gc
import os
from dataclasses import replace

import pulumi

from components import errors
from components.backends import publish
from components.configuration import stack_config
from components.content import PROJECT
from components.outputs import export
from components.state import must_be_shared
from components.unproven import unproven
from config.load import load
from config.stack import Stack

# The clouds' packages are hundreds of thousands of objects that stay: to look for unused ones among
# them, again and again while they come in, is a fifth of the program's time.
gc.set_threshold(100_000, 50, 1000)

with errors.translate_errors():
    settings = load(stack_config())
    for said in settings.doubts():
        pulumi.log.warn(said)
    name = pulumi.get_stack()
    reference = f"{pulumi.get_organization()}/{pulumi.get_project()}/{name}"
    stack = Stack.of(settings, name, reference)
    stack = replace(stack, unproven=unproven(stack))
    if settings.clouds.beyond_this_machine():
        must_be_shared(PROJECT, stack.name, os.environ)
    published = publish(stack, settings)
    export(stack, published)
    if published.unreached:
        raise published.unreached.end()
