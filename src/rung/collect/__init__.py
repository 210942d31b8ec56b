"""Defines how facts are learned from what pipelines already write: test reports, coverage, git.

Nothing is guessed: what a source does not say is not in the facts, and is named in `unknown`.
"""
