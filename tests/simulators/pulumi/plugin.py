"""Serve one simulated cloud to the engine."""

from pathlib import Path

from pulumi.runtime.proto import provider_pb2_grpc

from plugin_server import serve
from tests.simulators.pulumi.cloud import Cloud
from tests.simulators.pulumi.servicer import Simulator
from tests.simulators.pulumi.store import Store


def run(cloud: Cloud, folder: Path, engine_address: str) -> None:
    simulator = Simulator(cloud, Store(folder), engine_address)
    serve(
        lambda server: provider_pb2_grpc.add_ResourceProviderServicer_to_server(simulator, server),
        before_exit=simulator.cancel,
    )
