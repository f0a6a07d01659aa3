"""No document is kept that a reader of SPDX would refuse, or that leaves a package out."""

from typing import Any

from images.errors import BakeryError

_SHOWN = 3


def validate(document: dict[str, Any], packages: str) -> None:
    """Raises BakeryError where the document is not SPDX, or not of the very packages of the list,
    lines of `name version architecture`."""
    # Only a bake wants it: it takes its time to load.
    from spdx_tools.spdx.parser.error import SPDXParsingError
    from spdx_tools.spdx.parser.jsonlikedict.json_like_dict_parser import JsonLikeDictParser
    from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document

    try:
        parser: Any = JsonLikeDictParser()  # not typed whole
        found = validate_full_spdx_document(parser.parse(document))
        wrong = [message.validation_message for message in found]
    except SPDXParsingError as error:
        wrong = error.get_messages()
    if not wrong:
        wrong = [*_difference(document, packages)]
    if wrong:
        more = f"; and {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
        raise BakeryError(f"the bill of materials is not valid: {'; '.join(wrong[:_SHOWN])}{more}")


def _difference(document: dict[str, Any], packages: str) -> list[str]:
    listed = {tuple(line.split()[:2]) for line in packages.splitlines()}
    told = {
        (package["name"], package["versionInfo"])
        for package in document["packages"]
        if package.get("primaryPackagePurpose") == "LIBRARY"
    }
    return [
        *(f"{' '.join(package)} is missing" for package in sorted(listed - told)),
        *(f"{' '.join(package)} is not installed" for package in sorted(told - listed)),
    ]
