"""The base of all records; it stands alone, so that the records of one kind need not know those of another."""

from __future__ import annotations

import msgspec


class Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The base of all records: immutable, compared by value, strict when decoded."""
