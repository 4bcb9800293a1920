"""Keep the catalogues: find every text, bring each language up to date, tell what is missing."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from babel import Locale, UnknownLocaleError
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import to_locale

from shop.catalogues.extraction import texts_in
from shop.catalogues.faults import faults_of, lines_of
from shop.catalogues.files import catalogue_of, merged, write, written
from shop.catalogues.listing import FILES, path_of


class Command(BaseCommand):
    """Opens no connection and asks no other machine."""

    help = "Bring the catalogues in shop/locale up to date with code and templates, and list what is not translated."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take what to do beside bringing everything up to date."""
        parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when a language is incomplete")
        parser.add_argument("--add", metavar="CODE", help="begin a language, such as fr or pt-br")

    def handle(self, *args: Any, check: bool, add: str | None, **options: Any) -> None:
        """Go through every catalogue.  Raises CommandError when one is incomplete and `check` asks for it."""
        folder = Path(settings.CATALOGUES)
        texts = texts_in(settings.BASE_DIR)
        incomplete = []
        for file in sorted({*folder.glob(FILES), *([_begun(folder, add)] if add else [])}):
            catalogue = catalogue_of(file)
            if not check:
                catalogue = merged(catalogue, texts)
                write(catalogue, file)
            faults = faults_of(catalogue, texts)
            unkempt = not faults and written(catalogue) != file.read_bytes()
            if faults or unkempt:
                incomplete.append(file.parts[-3])
            for line in lines_of(faults):
                self.stdout.write(f"{file.parts[-3]}: {line}")
            self.stdout.write(f"{file.parts[-3]}: {len(texts)} texts, {len(faults.missing)} not translated")
        if check and incomplete:
            raise CommandError(
                f"Not complete: {', '.join(incomplete)}. Run `manage.py translate_texts`, fill in what it lists in"
                " shop/locale/<language>/LC_MESSAGES/django.po, and run it once more."
            )


def _begun(folder: Path, code: str) -> Path:
    """Return the file of a new language.  Raises CommandError when nobody speaks it."""
    try:
        Locale.parse(to_locale(code))
    except (UnknownLocaleError, ValueError) as unknown:
        raise CommandError(f"{code} is no language we know: write it like fr or pt-br.") from unknown
    return path_of(folder, to_locale(code))
