"""The catalogues of texts: what is to be translated, one file for each language, and what a language still lacks.

Pure Python through Babel, so that no gettext tools have to be installed.  `manage.py translate_texts` is their face.
"""
