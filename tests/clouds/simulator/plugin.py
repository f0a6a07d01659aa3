"""Serve one simulated cloud to the engine."""

from pathlib import Path

from pulumi.runtime.proto import provider_pb2_grpc

from simulator.cloud import Cloud
from simulator.servicer import Simulator
from simulator.store import Store
from standin_server import serve


def run(cloud: Cloud, folder: Path, engine_address: str) -> None:
    simulator = Simulator(cloud, Store(folder), engine_address)
    serve(
        lambda server: provider_pb2_grpc.add_ResourceProviderServicer_to_server(simulator, server),
        before_exit=simulator.cancel,
    )
