"""The twelve conditions in the languages of three other engines, each through its Python binding.

Every module defines `VERSION` and functions that take the document of `prepared` and return the names of the
failing rules: the one named `decide` uses what was made ready when the module was imported.
"""
