"""A name of more than 63 bytes, which PostgreSQL cuts off.

Two names that differ only after that are one. Code that compares names with the catalog does not find
it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rung.migrations.hazards.model import Context, Finding, Hazard

_MAX_BYTES = 63
# strings and comments are passed over; what is quoted or bare is a name
_WORDS = re.compile(
    r"""'(?:[^']|'')*'|\$(\w*)\$.*?\$\1\$|--[^\n]*|/\*.*?\*/|"((?:[^"]|"")+)"|([^\W\d][\w$]*)""", re.DOTALL
)


def check(context: Context) -> Iterator[Finding]:
    for _, quoted, bare in _WORDS.findall(context.text):
        name = quoted.replace('""', '"') or bare
        if len(name.encode()) > _MAX_BYTES:
            yield Finding(context.statement.span, f"`{name}` is cut off after {_MAX_BYTES} bytes")


HAZARD = Hazard(
    code="long-identifier",
    kind="style",
    hint="shorten it",
    check=check,
    page=__doc__,
    bad="CREATE TABLE the_download_counts_of_all_versions_of_all_crates_by_day_and_country (id bigint);",
    good="CREATE TABLE version_downloads (id bigint);",
    names={"squawk": ("identifier-too-long",)},
)
