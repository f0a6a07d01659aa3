"""streams.json: where images of live releases and the current one are, sorted, for programs.

`python -m images.streams` prints its JSON Schema; streams.schema.json is that output. A name in it
stays what it is; what is new gets another name, and what has to go another `schema_version`.
"""

import hashlib
import json
from typing import Literal

from pydantic import Field

from images.catalog import Cloud
from images.contract import Contract, Image, Release
from images.record import Fact


class StreamImage(Fact):
    """One image. `places`: region, project or gallery to the ID there."""

    name: str
    cloud: Cloud
    variant: str
    arch: str
    places: dict[str, str]
    missing: list[str] = Field(description="Places where it should be and is not.")
    bake: str | None
    kernel: str | None
    driver: str | None
    docker: str | None


class StreamRelease(Fact):
    """A release and its images, by cloud and variant."""

    version: str
    state: Literal["live", "partial", "retiring"]
    built_at: str | None
    images: dict[str, StreamImage]


class Streams(Fact):
    """Releases of a stack, by version."""

    schema_version: Literal[1] = 1
    stack: str
    current: str | None
    contract_sha256: str = Field(description="Of the contract that this was made of.")
    server_env: dict[str, str]
    releases: dict[str, StreamRelease]


def streams(contract: Contract, text: str) -> str:
    """The document of live releases, and of the current one while that retires. `text` is the
    contract's."""
    live = [
        release
        for release in contract.releases
        if release.state == "live" or release.version == contract.current
    ]
    return _document(contract, text, live)


def archived(contract: Contract, text: str) -> dict[str, str]:
    """A document for each release that retires, by its version."""
    return {
        release.version: _document(contract, text, [release])
        for release in contract.releases
        if release.state == "retiring"
    }


def _document(contract: Contract, text: str, releases: list[Release]) -> str:
    found = Streams(
        stack=contract.stack,
        current=contract.current,
        contract_sha256=hashlib.sha256(text.encode()).hexdigest(),
        server_env=contract.server_env.model_dump() if contract.server_env else {},
        releases={release.version: _release(release) for release in releases},
    )
    return json.dumps(found.model_dump(mode="json"), indent=1, sort_keys=True) + "\n"


def _release(release: Release) -> StreamRelease:
    built = [image.content.built_at for image in release.images if image.content]
    state = release.state if release.complete or release.state == "retiring" else "partial"
    return StreamRelease(
        version=release.version,
        state=state,
        built_at=max(built).isoformat() if built else None,
        images={
            "-".join((image.cloud, image.variant, *([image.arch] * (image.arch != "x86_64")))): (
                _image(image)
            )
            for image in release.images
        },
    )


def _image(image: Image) -> StreamImage:
    content = image.content
    return StreamImage(
        name=image.name,
        cloud=image.cloud,
        variant=image.variant,
        arch=image.arch,
        places=image.place.ids() if image.place else image.found,
        missing=sorted(hole.place for hole in image.missing),
        bake=content.bake if content else None,
        kernel=content.versions.kernel if content else None,
        driver=content.versions.driver if content else None,
        docker=content.versions.docker if content else None,
    )


def schema() -> str:
    """JSON Schema of the document, as it is kept in the repository."""
    return json.dumps(Streams.model_json_schema(mode="serialization"), indent=2) + "\n"


if __name__ == "__main__":
    print(schema(), end="")
