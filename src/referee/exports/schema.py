"""The published JSON Schemas, made from the records themselves: of a report, and of a class as data."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import msgspec

from referee.exports.data import ClassData
from referee.report import Report

Kind: TypeAlias = Literal["class", "report"]
DIALECT = "https://json-schema.org/draft/2020-12/schema"
_RECORDS = {
    "class": (ClassData, "A class, as `referee export --to json` writes it"),
    "report": (Report, "reports/<assignment>/<student>.json, as `referee grade` writes it"),
}


def schema(kind: Kind) -> bytes:
    """One of the schemas as indented JSON with a newline at the end; the same bytes for the same records."""
    record, title = _RECORDS[kind]
    made = {"$schema": DIALECT, "title": title, **_portable(msgspec.json.schema(record))}
    return msgspec.json.format(msgspec.json.encode(made, order="deterministic"), indent=1) + b"\n"


def _portable(value: Any) -> Any:
    r"""The schema with its patterns in the dialect of JSON Schema, ECMA 262, which does not know \A and \Z."""
    if isinstance(value, dict):
        return {
            key: item.replace(r"\A", "^").replace(r"\Z", "$") if key == "pattern" and isinstance(item, str) else item
            for key, item in ((key, _portable(item)) for key, item in value.items())
        }
    return [_portable(item) for item in value] if isinstance(value, list) else value
