"""The moto server as a process that ends with the one that started it; prints its port."""

import os

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

import moto_amis
import simulator  # noqa: F401 # puts the stand-ins' modules on the path
from moto_judge import Judged
from standin_lifeline import follow_parent

if __name__ == "__main__":
    follow_parent(lambda: os._exit(1))
    moto_amis.teach()
    application = Judged(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, application, threaded=True)
    print(server.port, flush=True)
    server.serve_forever()
