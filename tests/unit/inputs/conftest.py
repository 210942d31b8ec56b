"""A whole, valid request, and ways to change and load it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rung.diagnostics import Diagnostic, Source
from rung.inputs.load import load_request
from rung.inputs.request import Request

TEXT = (Path(__file__).parent / "request.json").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def text() -> str:
    """The request as JSON."""
    return TEXT


@pytest.fixture
def data() -> Any:
    """The request as plain data, to change."""
    return json.loads(TEXT)


@pytest.fixture(scope="session")
def load() -> Callable[..., tuple[Request | None, list[Diagnostic]]]:
    """Loads texts, bytes of YAML, or plain data as one request."""

    def load_all(*documents: Any, name: str = "request.json") -> tuple[Request | None, list[Diagnostic]]:
        texts = [each if isinstance(each, str) else json.dumps(each) for each in documents]
        return load_request([Source(name, each) for each in texts])

    return load_all


@pytest.fixture(scope="session")
def mistakes(load: Any) -> Callable[..., list[str]]:
    """What is wrong with documents: each diagnostic as `code: message`, with the hint in brackets."""

    def all_mistakes(*documents: Any, name: str = "request.json") -> list[str]:
        request, diagnostics = load(*documents, name=name)
        assert (request is None) == bool(diagnostics)
        hints = [f" [{each.hint}]" if each.hint else "" for each in diagnostics]
        return [f"{each.code}: {each.message}{hint}" for each, hint in zip(diagnostics, hints, strict=True)]

    return all_mistakes
