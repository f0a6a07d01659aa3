"""One region of a tenancy: its services, by the names of their hosts."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.simulators.oci.buckets import Store
from tests.simulators.oci.identity import Identity
from tests.simulators.oci.images import Images
from tests.simulators.oci.machines import Machines
from tests.simulators.oci.market import Market
from tests.simulators.oci.schemas import Schemas
from tests.simulators.oci.shapes import Answer, Refused, Request, page, shown
from tests.simulators.oci.work import WorkRequests

if TYPE_CHECKING:
    from tests.simulators.oci.tenancy import Tenancy

_Call = Callable[[Request, dict[str, str]], Answer]


class Region:
    def __init__(self, name: str, tenancy: "Tenancy") -> None:
        self.name, self.tenancy = name, tenancy
        self.work, self.copies = WorkRequests(name, "SUCCEEDED"), WorkRequests(name, "COMPLETED")
        self.machines, self.store, self.market = Machines(self), Store(self), Market(self)
        self.images, self.schemas, self.identity = Images(self), Schemas(self), Identity(self)
        self._routes = self._all_routes()

    def domains(self) -> list[str]:
        """Of availability; what they begin with is another for each tenancy."""
        return [f"kZql:{self.name.upper()}-AD-{number}" for number in (1, 2, 3)]

    def call(self, service: str, request: Request) -> Answer:
        for wanted, method, path, answer in self._routes:
            at = path.fullmatch(request.path)
            if (wanted, method) == (service, request.method) and at:
                return answer(request, at.groupdict())
        raise Refused(404, "NotFound", f"{service} has no {request.method} {request.path}")

    def _work(self, request: Request, at: dict[str, str]) -> Answer:
        return Answer(shown(self.work.get(at["id"])))

    def _errors(self, request: Request, at: dict[str, str]) -> Answer:
        return page(self.work.errors(at["id"]), request)

    def _all_routes(self) -> list[tuple[str, str, re.Pattern[str], _Call]]:
        images, machines, store, market = self.images, self.machines, self.store, self.market
        schemas, schema = self.schemas, "/20160918/computeImageCapabilitySchemas"
        all_schemas = "/20160918/computeGlobalImageCapabilitySchemas"
        core, of_image = "/20160918", "/20160918/images/(?P<id>[^/]+)"
        bucket = "/n/[^/]+/b/(?P<bucket>[^/]+)"
        object, publication = f"{bucket}/o/(?P<name>.+)", "/20181001/publications/(?P<id>[^/]+)"
        listing = "/20181001/listings/(?P<id>[^/]+)"
        table: list[tuple[str, str, str, _Call]] = [
            ("iaas", "GET", f"{core}/images", images.list),
            ("iaas", "POST", f"{core}/images", images.create),
            ("iaas", "GET", of_image, images.get),
            ("iaas", "PUT", of_image, images.update),
            ("iaas", "DELETE", of_image, images.delete),
            ("iaas", "POST", f"{of_image}/actions/export", images.export),
            ("iaas", "GET", f"{core}/shapes", images.list_shapes),
            ("iaas", "GET", f"{of_image}/shapes", images.shapes),
            ("iaas", "PUT", f"{of_image}/shapes/(?P<shape>[^/]+)", images.add_shape),
            ("iaas", "GET", schema, schemas.list),
            ("iaas", "POST", schema, schemas.create),
            ("iaas", "PUT", f"{schema}/(?P<id>[^/]+)", schemas.update),
            ("iaas", "DELETE", f"{schema}/(?P<id>[^/]+)", schemas.delete),
            ("iaas", "GET", all_schemas, schemas.list_global),
            (
                *("iaas", "GET"),
                f"{all_schemas}/(?P<id>[^/]+)/versions/(?P<version>[^/]+)",
                schemas.version,
            ),
            ("iaas", "GET", f"{core}/instances", machines.list),
            ("iaas", "POST", f"{core}/instances", machines.launch),
            ("iaas", "GET", f"{core}/instances/(?P<id>[^/]+)", machines.get),
            ("iaas", "DELETE", f"{core}/instances/(?P<id>[^/]+)", machines.terminate),
            ("iaas", "GET", f"{core}/vnicAttachments", machines.attachments),
            ("iaas", "GET", f"{core}/vnics/(?P<id>[^/]+)", machines.vnic),
            ("iaas", "GET", f"{core}/subnets/(?P<id>[^/]+)", machines.subnet),
            ("iaas", "GET", f"{core}/workRequests/(?P<id>[^/]+)", self._work),
            ("iaas", "GET", f"{core}/workRequests/(?P<id>[^/]+)/errors", self._errors),
            ("objectstorage", "GET", "/n", store.namespace),
            ("objectstorage", "POST", "/n/[^/]+/b", store.create),
            ("objectstorage", "GET", bucket, store.get),
            ("objectstorage", "DELETE", bucket, store.delete),
            ("objectstorage", "GET", f"{bucket}/l", store.get_rules),
            ("objectstorage", "PUT", f"{bucket}/l", store.put_rules),
            ("objectstorage", "GET", f"{bucket}/o", store.list_objects),
            ("objectstorage", "PUT", object, store.put),
            ("objectstorage", "GET", object, store.read),
            ("objectstorage", "HEAD", object, store.head),
            ("objectstorage", "DELETE", object, store.remove),
            ("objectstorage", "POST", f"{bucket}/p/?", store.link),
            ("objectstorage", "GET", f"{bucket}/p/?", store.links),
            ("objectstorage", "DELETE", f"{bucket}/p/(?P<id>[^/]+)", store.unlink),
            ("objectstorage", "POST", f"{bucket}/actions/copyObject", store.copy),
            ("objectstorage", "GET", "/workRequests/(?P<id>[^/]+)", store.get_work),
            ("objectstorage", "GET", "/workRequests/(?P<id>[^/]+)/errors", store.work_errors),
            ("objectstorage", "GET", f"/p/(?P<token>[^/]+){object}", store.linked),
            ("marketplace", "POST", "/20181001/publications", market.create),
            ("marketplace", "GET", "/20181001/publications", market.list),
            ("marketplace", "GET", publication, market.get),
            ("marketplace", "DELETE", publication, market.delete),
            ("marketplace", "GET", f"{publication}/packages", market.packages),
            ("marketplace", "GET", f"{publication}/packages/(?P<version>.+)", market.package),
            ("marketplace", "GET", "/20181001/listings", market.list_listings),
            ("marketplace", "GET", listing, market.listing),
            ("marketplace", "GET", f"{listing}/packages/(?P<version>.+)", market.listing_package),
            *self.identity.routes(),
        ]
        return [(service, verb, re.compile(path), call) for service, verb, path, call in table]
