"""Links of Markdown files: they work in the repository, and are turned to the site's pages."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping

LINK = re.compile(r"(!?\[(?:[^\[\]]|\[[^\]]*\])*\]\()([^)\s]+)(\))")
FENCE = re.compile(r"^(`{3,}|~{3,})")
DOCS = "docs/"


def retarget(markdown: str, source: str, page: str, pages: Mapping[str, str]) -> str:
    """Turn the relative links of a file to the pages that the site has of their targets.

    Links in fenced code, to other sites and to files that the site does not have stay as they
    are; of the last kind a strict build complains.

    Args:
        markdown: the text of the file.
        source: the file's path in the repository, with `/`.
        page: the path of its page in the site's sources.
        pages: path in the repository -> path in the site's sources, of files outside `docs/`.
    """

    def turned(match: re.Match[str]) -> str:
        start, target, end = match.groups()
        return start + _turn(target, source, page, pages) + end

    lines, fence = [], ""
    for line in markdown.split("\n"):
        mark = FENCE.match(line.lstrip())
        if mark and not fence:
            fence = mark[1]
        elif mark and line.strip() == fence:
            fence = ""
        lines.append(line if fence else LINK.sub(turned, line))
    return "\n".join(lines)


def _turn(target: str, source: str, page: str, pages: Mapping[str, str]) -> str:
    path, mark, anchor = target.partition("#")
    if not path or "://" in target or path.startswith(("/", "mailto:")):
        return target
    place = posixpath.normpath(posixpath.join(posixpath.dirname(source), path))
    found = pages.get(place) or (place.removeprefix(DOCS) if place.startswith(DOCS) else None)
    if found is None:
        return target
    found, _, own_anchor = found.partition("#")
    if own_anchor and not anchor:
        mark, anchor = "#", own_anchor
    return posixpath.relpath(found, posixpath.dirname(page) or ".") + mark + anchor
