"""papermill's entry point to our engine: importable while papermill itself is only half imported.

papermill loads the engines of all entry points in the middle of its own import, so this module must not import
papermill, nor anything that does, before it is used.
"""

from __future__ import annotations

from typing import Any


class RefereeEngine:
    """The engine "referee", as papermill calls it; `referee.execution` does the work."""

    @classmethod
    def execute_notebook(cls, nb: Any, kernel_name: str, **kwargs: Any) -> Any:
        """Run all cells of `nb`; see `referee.execution.PausingEngine`."""
        return cls._engine().execute_notebook(nb, kernel_name, **kwargs)

    @classmethod
    def nb_kernel_name(cls, nb: Any, name: str | None = None) -> str:
        return str(cls._engine().nb_kernel_name(nb, name))

    @classmethod
    def nb_language(cls, nb: Any, language: str | None = None) -> str:
        return str(cls._engine().nb_language(nb, language))

    @classmethod
    def _engine(cls) -> Any:
        from referee.execution import PausingEngine  # noqa: PLC0415 - see the module's docstring

        return PausingEngine
