"""Imports jsonschema, which nbformat needs, without its checks of IRIs: those build 38 grammars, 0.8 s of each command.

Our own processes import this before nbformat: the commands (`cli.group`) and what forks the workers (`batch.slots`).
What is left out is the formats `iri` and `iri-reference`, of which no schema of a notebook speaks; the package that
checks them stays importable for whoever wants it. A student's kernel never imports this.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

_COSTLY = "rfc3987_syntax"

_modules: dict[str, Any] = sys.modules
if "jsonschema" not in _modules and _COSTLY not in _modules:
    _modules[_COSTLY] = None  # how Python marks a module that cannot be imported; jsonschema then does without
    try:
        importlib.import_module("jsonschema")
    finally:
        del _modules[_COSTLY]
