"""The provider as the engine sees it: every call is logged, may meet a fault, and is answered."""
# The servicer classes that protoc makes for Python have no types.
# pyright: reportIncompatibleMethodOverride=false

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from plugin_server import Engine
from tests.simulators.pulumi import diffing, names, sdk
from tests.simulators.pulumi.calling import Caller
from tests.simulators.pulumi.checking import Problem, problems
from tests.simulators.pulumi.cloud import Cloud, Model
from tests.simulators.pulumi.configuration import decoded
from tests.simulators.pulumi.errors import HalfMade, Unsupported
from tests.simulators.pulumi.faults import Fault
from tests.simulators.pulumi.rules import Rules
from tests.simulators.pulumi.seen import inputs_as_seen, inputs_in_state
from tests.simulators.pulumi.store import Record, Store
from tests.simulators.pulumi.stored import Stored
from tests.simulators.pulumi.values import (
    Properties,
    from_struct,
    keep_secrets,
    reveal,
    to_struct,
    without_nulls,
)


class Simulator(provider_pb2_grpc.ResourceProviderServicer):
    def __init__(self, cloud: Cloud, store: Store, engine_address: str) -> None:
        self._cloud = cloud
        self._store = store
        self._engine = Engine()
        self._engine.connect(engine_address)
        self._caller = Caller(cloud.package, store)

    # The plugin

    def Handshake(self, request: Any, context: Any) -> Any:
        self._engine.connect(request.engine_address)
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True)

    def Attach(self, request: Any, context: Any) -> Any:
        self._engine.connect(request.address)
        return Empty()

    def GetPluginInfo(self, request: Any, context: Any) -> Any:
        return plugin_pb2.PluginInfo(version=sdk.version(self._cloud.package))

    def GetSchema(self, request: Any, context: Any) -> Any:
        package = self._cloud.package
        schema = {"name": package, "version": sdk.version(package)}
        return provider_pb2.GetSchemaResponse(schema=json.dumps(schema))

    def Cancel(self, request: Any, context: Any) -> Any:
        self.cancel()
        return Empty()

    def cancel(self) -> None:
        self._caller.cancel()

    # Its configuration

    def CheckConfig(self, request: Any, context: Any) -> Any:
        shape = sdk.provider(self._cloud.package)
        given = decoded(shape, reveal(from_struct(request.news)))
        with self._caller.call("checkConfig", "", request, context):
            wrong = [*problems(shape, given), *(("", why) for why in self._cloud.refusals(given))]
        return provider_pb2.CheckResponse(inputs=request.news, failures=_failures(wrong))

    def DiffConfig(self, request: Any, context: Any) -> Any:
        shape = sdk.provider(self._cloud.package)
        old, new = (
            decoded(shape, reveal(from_struct(struct)))
            for struct in (request.old_inputs, request.news)
        )
        return diffing.response(Rules(), old, new, request.ignoreChanges)

    def Configure(self, request: Any, context: Any) -> Any:
        config = decoded(sdk.provider(self._cloud.package), reveal(from_struct(request.args)))
        with self._caller.call("configure", "", request, context):
            self._cloud.configure(config)
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    # Its functions

    def Invoke(self, request: Any, context: Any) -> Any:
        with self._caller.call("invoke", request.tok, request, context):
            found = self._cloud.invoke(request.tok, reveal(from_struct(request.args)))
        return provider_pb2.InvokeResponse(**{"return": to_struct(found)})

    # Its resources

    def Check(self, request: Any, context: Any) -> Any:
        with self._caller.call("check", request.type, request, context):
            shape, rules = self._shape(request.type), self._rules(request.type)
            old = from_struct(request.olds)
            inputs = names.without_marks(without_nulls(from_struct(request.news)))
            wrong = _failures(problems(shape, reveal(inputs)))
            names.fill_in(inputs, old, rules.named_by, request.name, request.randomSeed)
            inputs = self._cloud.completed(request.type, inputs)
        return provider_pb2.CheckResponse(inputs=to_struct(inputs), failures=wrong)

    def Diff(self, request: Any, context: Any) -> Any:
        with self._caller.call("diff", request.type, request, context):
            rules, old = self._rules(request.type), from_struct(request.old_inputs)
            if rules.by_state:
                state = from_struct(request.olds)
                old = inputs_in_state(old, state, self._shape(request.type))
            return diffing.response(rules, old, from_struct(request.news), request.ignoreChanges)

    def Create(self, request: Any, context: Any) -> Any:
        given = from_struct(request.properties)
        inputs = names.without_marks(given)
        with self._caller.call("create", request.type, request, context) as met:
            if request.preview:
                planned = self._cloud.planned(self._shape(request.type), inputs, {})
                return provider_pb2.CreateResponse(properties=to_struct(planned))
            model = self._model(request.type)
            made = model.create(request.name, reveal(inputs))
            outputs = made.outputs
            if any(fault.effect == "half" for fault in met):
                outputs = model.interrupted(made.id, reveal(inputs), outputs)
            outputs = self._keep(request, made.id, given, outputs, met)
        return provider_pb2.CreateResponse(id=made.id, properties=to_struct(outputs))

    def Read(self, request: Any, context: Any) -> Any:
        inputs = from_struct(request.inputs)
        with self._caller.call("read", request.type, request, context):
            state = reveal(from_struct(request.properties))
            outputs = self._model(request.type).read(request.id, state)
            if outputs is None:
                self._store.remove(request.type, request.id)
                return provider_pb2.ReadResponse()
            compared = self._cloud.comparable(request.type, reveal(inputs), outputs)
            seen = inputs_as_seen(inputs, compared, self._shape(request.type))
        return provider_pb2.ReadResponse(
            id=request.id,
            properties=to_struct(keep_secrets(outputs, inputs)),
            inputs=to_struct(seen),
        )

    def Update(self, request: Any, context: Any) -> Any:
        state = from_struct(request.olds)
        given = from_struct(request.news)
        inputs = names.without_marks(given)
        with self._caller.call("update", request.type, request, context) as met:
            if request.preview:
                planned = self._cloud.planned(self._shape(request.type), inputs, state)
                return provider_pb2.UpdateResponse(properties=to_struct(planned))
            model = self._model(request.type)
            if self._rules(request.type).by_state:
                inputs |= {name: state[name] for name in request.ignoreChanges if name in state}
            outputs = model.update(request.id, reveal(state), reveal(inputs))
            outputs = self._keep(request, request.id, given, outputs, met)
        return provider_pb2.UpdateResponse(properties=to_struct(outputs))

    def Delete(self, request: Any, context: Any) -> Any:
        with self._caller.call("delete", request.type, request, context):
            state = reveal(from_struct(request.properties))
            self._model(request.type).delete(request.id, state)
            self._store.remove(request.type, request.id)
        return Empty()

    def _keep(
        self, request: Any, id: str, inputs: Properties, outputs: Properties, met: list[Fault]
    ) -> Properties:
        """Record what was made or changed; gives the outputs as the engine is to have them."""
        self._store.put(
            Record(
                self._cloud.package,
                request.type,
                request.name,
                request.urn,
                id,
                reveal(names.without_marks(inputs)),
                outputs,
            )
        )
        outputs = keep_secrets(outputs, inputs)
        for fault in met:
            if fault.effect == "half":
                raise HalfMade(fault.message, id, outputs, inputs)
        return outputs

    def _shape(self, kind: str) -> sdk.Shape:
        shape = sdk.resource(kind)
        if shape is None:
            raise Unsupported(f"the package {self._cloud.package} has no resource type {kind}")
        return shape

    def _rules(self, kind: str) -> Rules:
        rules = self._cloud.rules(kind)
        return rules if rules.named_by in self._shape(kind).types else replace(rules, named_by=None)

    def _model(self, kind: str) -> Model:
        return self._cloud.model(kind) or Stored(self._cloud, self._store, kind)


def _failures(found: Iterable[Problem]) -> list[Any]:
    return [provider_pb2.CheckFailure(property=path, reason=reason) for path, reason in found]
