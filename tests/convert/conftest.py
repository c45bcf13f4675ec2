"""What tests of conversions share: marks as a notebook knows them."""

import pytest


@pytest.fixture(autouse=True)
def _outside_pytest(monkeypatch):
    """Where no pytest runs, no mark is registered and none refused."""
    monkeypatch.setattr(pytest.mark, "_config", None)
