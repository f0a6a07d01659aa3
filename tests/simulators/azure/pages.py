"""What a call asks for besides its path: an api-version that is known, a page of a list."""

from tests.simulators.azure.shapes import Answer, Json, Refused, Request, check_query

_LENGTH = 2


def check_version(
    request: Request, version: str, queries: set[str], others: tuple[str, ...] = ()
) -> None:
    check_query(request, {"api-version", *queries})
    if request.query.get("api-version") not in (version, *others):
        given = request.query.get("api-version")
        raise Refused(
            400,
            "InvalidApiVersionParameter",
            f"the simulated Azure knows {request.path} in the api-version {version}, not {given}",
        )


def paged(every: list[Json], request: Request, address: str) -> Answer:
    """Few at a time, so that whoever reads the first page only is found out."""
    start = int(request.query.get("$skiptoken", 0))
    answer: Json = {"value": every[start : start + _LENGTH]}
    if start + _LENGTH < len(every):
        query = {**request.query, "$skiptoken": str(start + _LENGTH)}
        text = "&".join(f"{key}={value}" for key, value in query.items())
        answer["nextLink"] = f"{address}{request.path}?{text}".replace(" ", "%20")
    return Answer(answer)
