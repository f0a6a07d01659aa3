"""What publishing on this machine answers."""

from images.local import LocalPlace
from images.record import Fact

#: Where the command provider has what a command answered when it was made, for its deletion
#: (`addPreviousOutputInEnv`, command provider).
ANSWER_VARIABLE = "PULUMI_COMMAND_STDOUT"


class LocalPublication(Fact):
    """A published file. `id` is another each time: what replaces one goes by the same name."""

    place: LocalPlace
    id: str
