"""When a client secret is to be made anew."""

from datetime import UTC, date, datetime, time, timedelta

#: Periods count from here.
_FIRST = date(2026, 1, 1)


def period(today: date, days: int) -> int:
    """Return the number of the period: another one means another secret."""
    return (today - _FIRST).days // days


def valid_until(number: int, days: int) -> str:
    """A period longer than its own: bakes that began with it may go on."""
    end = _FIRST + timedelta(days=(number + 2) * days)
    return datetime.combine(end, time(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
