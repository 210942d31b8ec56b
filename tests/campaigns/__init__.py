"""Long random runs, each a command of its own; the tests run the same checks a few hundred times."""
