"""Answers to "which image do I get?": for each server, cloud and kind of machine."""

from dataclasses import asdict
from typing import Any

from images.contract import Contract, Release
from ops.page.places import command, spots
from ops.page.servers import CLOUD_NAMES, REGIONS, RULES, SERVERS, Server
from ops.servers import COS, Rule


def finder(contract: Contract) -> dict[str, Any]:
    """What the page's script looks answers up in; also its tables for those without script."""
    return {
        "servers": _servers(contract),
        "clouds": [
            {"id": cloud, "name": CLOUD_NAMES[cloud], "regions": list(REGIONS[cloud])}
            for cloud in REGIONS
        ],
        "rules": [asdict(rule) for rule in RULES],
    }


def _servers(contract: Contract) -> list[dict[str, Any]]:
    newest = contract.releases[::-1]
    # The current one comes first.
    newest.sort(key=lambda release: release.version != contract.current)
    told = [
        {
            "name": f"{release.version}, told by settings",
            "version": release.version,
            "settings": settings(release.version, contract.prefix),
            "answers": _answers(release, SERVERS[0]),
        }
        for release in newest
    ]
    by_itself = [
        {
            "name": f"{server.release}, as dstack {server.versions} comes",
            "version": server.release,
            "settings": "",
            "answers": _answers(_of(contract, server.release), server),
        }
        for server in SERVERS
    ]
    return [*told, *by_itself]


def settings(version: str, prefix: str) -> str:
    """How a server is started for a release."""
    told = f"DSTACK_VM_BASE_IMAGE_VERSION={version}"
    return (
        f"{told} DSTACK_VM_BASE_IMAGE_PREFIX={prefix} dstack server"
        if prefix
        else (f"{told} dstack server")
    )


def _of(contract: Contract, version: str) -> Release | None:
    """The release, where a server without settings would find it: it knows of no prefix."""
    found = [release for release in contract.releases if release.version == version]
    return found[0] if found and not contract.prefix else None


def _answers(release: Release | None, server: Server) -> list[dict[str, Any]]:
    """One for each rule, in their order."""
    return [_answer(rule, release, server) for rule in RULES]


def _answer(rule: Rule, release: Release | None, server: Server) -> dict[str, Any]:
    if rule.external is not None:
        name = server.cos if rule.external == COS else rule.external
        return {"kind": "external", "name": name, "spots": {}}
    images = release.images if release else []
    for image in images:
        if (image.cloud, image.variant, image.arch) == (rule.cloud, rule.variant, "x86_64"):
            found = {spot.region: spot.id for spot in spots(image)}
            line = command(image)
            return {"kind": "ours", "name": image.name, "spots": found, "command": line}
    name = f"the {rule.variant} image of {server.release if release is None else release.version}"
    return {"kind": "absent", "name": name, "spots": {}}
