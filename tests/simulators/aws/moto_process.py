"""The moto server as a process that ends with the one that started it; prints its port."""

import os

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

from tests.simulators.aws import moto_amis
from tests.simulators.aws.moto_judge import Judged
from tests.simulators.aws.moto_time import Passing
from tools.offline.lifeline import follow_parent

if __name__ == "__main__":
    follow_parent(lambda: os._exit(1))
    moto_amis.teach()
    application = Passing(Judged(DomainDispatcherApplication(create_backend_app)))
    server = make_server("127.0.0.1", 0, application, threaded=True)
    print(server.port, flush=True)
    server.serve_forever()
