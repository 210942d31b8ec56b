"""Options of the test run."""

from __future__ import annotations

import os

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-cases",
        action="store_true",
        help="rewrite what the conformance corpus expects by what comes out",
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("update_cases") and os.environ.get("CI"):
        raise pytest.UsageError("--update-cases: in CI the corpus is only read")
