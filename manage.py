#!/usr/bin/env python3
"""Kingpost's command line. It needs the standard library alone until `setup` has fetched the packages."""

import sys

if not (3, 11) <= sys.version_info[:2] <= (3, 13):
    sys.exit("Kingpost needs Python 3.11, 3.12 or 3.13 and this is %d.%d: run it with another, say `python3.12 manage.py %s`."
             % (sys.version_info[0], sys.version_info[1], " ".join(sys.argv[1:])))

from shop import bootstrap  # noqa: E402 - older Pythons cannot read it


def main():
    bootstrap.prepare(sys.argv)
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
