"""Is it HTML?  The parser of the HTML standard, which counts every place where a browser has to guess."""

from __future__ import annotations

from tinyhtml5.parser import HTMLParser


def faults_in(html: str) -> list[str]:
    """Return every parse error of a whole page with its line, in the standard's words; empty when there is none."""
    parser = HTMLParser()
    parser.parse(html)
    return [f"line {line}: {code}" for (line, _column), code, _more in parser.errors]
