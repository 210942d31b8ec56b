"""Every code of the layouts is a function of its name with a page."""

from __future__ import annotations

import ast
from pathlib import Path

from rung.migrations.layouts import errors


def test_every_function_has_the_name_of_its_code_and_a_page() -> None:
    tree = ast.parse(Path(errors.__file__).read_text(encoding="utf-8"))
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    assert functions != []
    for function in functions:
        codes = [
            call.args[0].value
            for call in ast.walk(function)
            if isinstance(call, ast.Call)
            and isinstance(call.func, ast.Name)
            and call.func.id == "Diagnostic"
            and isinstance(call.args[0], ast.Constant)
        ]
        assert codes == [function.name.replace("_", "-")]
        assert ast.get_docstring(function)
