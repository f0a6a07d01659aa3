"""A stack is a set of dstack VM images in a set of clouds: settings, backends, outputs."""

from components import mistakes
from components.backends import BUILT, images_of
from components.configuration import load, stack_config
from components.outputs import export

with mistakes.told():
    settings = load(stack_config(), BUILT)
    export(settings, images_of(settings))
