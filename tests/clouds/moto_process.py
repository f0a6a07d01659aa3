"""The moto server as a process that ends with the one that started it; prints its port."""

import os
from functools import partialmethod

from moto.ec2.models.amis import Ami
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

import simulator  # noqa: F401 # puts the stand-ins' modules on the path
from standin_lifeline import follow_parent

if __name__ == "__main__":
    follow_parent(lambda: os._exit(1))
    # For moto, AMIs have their root in the instance store, unless its own list says otherwise.
    # Those that are made today have it on EBS, and Packer insists.
    made = partialmethod(Ami.__init__, root_device_type="ebs")
    Ami.__init__ = made  # pyright: ignore[reportAttributeAccessIssue]
    application = DomainDispatcherApplication(create_backend_app)
    server = make_server("127.0.0.1", 0, application, threaded=True)
    print(server.port, flush=True)
    server.serve_forever()
