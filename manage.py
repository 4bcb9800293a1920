#!/usr/bin/env python3
"""Kingpost's command line. It needs the standard library alone until `setup` has fetched the packages."""

import sys

if not (3, 11) <= sys.version_info[:2] <= (3, 13):
    this = "%d.%d" % sys.version_info[:2]
    again = " ".join(["python3.12", "manage.py"] + sys.argv[1:])
    sys.exit(
        "Kingpost needs Python 3.11, 3.12 or 3.13 and this is " + this + ": run it with another, say `" + again + "`."
    )

from shop import bootstrap


def main() -> None:
    bootstrap.prepare(sys.argv)
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as refusal:
        sys.exit("Kingpost: the settings are not complete. " + str(refusal))


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
