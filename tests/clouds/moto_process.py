"""The moto server as a process that ends with the one that started it."""

import os
import sys

from moto.server import main

import simulator  # noqa: F401 # puts the stand-ins' modules on the path
from standin_lifeline import follow_parent

if __name__ == "__main__":
    follow_parent(lambda: os._exit(1))
    main(["-H", "127.0.0.1", "-p", sys.argv[1]])
