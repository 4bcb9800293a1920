"""The words of an HTML mail: for reading, never for showing as HTML.

Our own small reader on the standard library's tokenizer: total (any text in, text out), without recursion.
Source: support reference 2.4 (HTML to text with links kept), reliability reference S5.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

_SILENT = {"script", "style", "head", "title", "template", "noscript", "svg"}
_BLOCKS = {
    *("p", "div", "br", "hr", "pre", "blockquote", "address"),
    *("ul", "ol", "li", "table", "tr"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "section", "article", "header", "footer"),
}
_BLANK_LINES = re.compile(r"\n{3,}")
_MAX_QUOTE_DEPTH = 5


def text_of_html(html: str) -> str:
    """Return the readable text of `html`: one line a block, links behind their words, quotations with "> "."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.text()


class _Reader(HTMLParser):
    """Collects lines; what stands inside <blockquote> is marked like a quotation in a plain mail."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = []
        self.line = ""
        self.silent: list[str] = []
        self.depth = 0
        self.link = ""
        self.link_words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self.silent.append(tag)
        elif tag in _BLOCKS:
            self._break()
        if tag == "blockquote":
            self.depth += 1
        elif tag == "li":
            self.line += "- "
        elif tag in ("td", "th"):
            self.line += " "
        elif tag == "a":
            self.link, self.link_words = dict(attrs).get("href") or "", ""
        elif tag == "img":
            alt = dict(attrs).get("alt") or ""
            self.line += f"[{alt}]" if alt else ""

    def handle_endtag(self, tag: str) -> None:
        if self.silent and tag == self.silent[-1]:
            self.silent.pop()
        elif tag == "blockquote":
            self._break()
            self.depth = max(0, self.depth - 1)
        elif tag in _BLOCKS:
            self._break()
        elif tag == "a" and self.link:
            self._end_link()

    def handle_data(self, data: str) -> None:
        if self.silent and self.silent[-1] != "head":
            return
        words = re.sub(r"\s+", " ", data)
        self.line += words.lstrip() if not self.line else words
        self.link_words += words

    def text(self) -> str:
        """Return what was collected."""
        self._break()
        return _BLANK_LINES.sub("\n\n", "\n".join(self.lines)).strip("\n")

    def _break(self) -> None:
        words = self.line.strip()
        if words or (self.lines and self.lines[-1].strip("> ")):
            self.lines.append("> " * min(self.depth, _MAX_QUOTE_DEPTH) + words if words or self.depth else "")
        self.line = ""

    def _end_link(self) -> None:
        """Put the target behind the words, so that nobody is led elsewhere than it says."""
        if self.link.startswith(("http://", "https://")) and self.link_words.strip() != self.link:
            self.line += f" ({self.link})"
        self.link = ""
