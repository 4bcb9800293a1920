"""Measures and size guides in the admin."""

from __future__ import annotations

from django.contrib import admin

from shop.admin.base import RowsInline
from shop.admin.catalogue import EditAdmin
from shop.models import MeasurementDefinition, SizeGuide, SizeGuideRow, SizeName


@admin.register(MeasurementDefinition)
class MeasurementDefinitionAdmin(EditAdmin):
    """What is measured, and how."""

    list_display = ("label", "kind", "code", "position")
    list_filter = ("kind",)
    search_fields = ("label", "code")
    ordering = ("kind", "position", "id")


class SizeGuideRowInline(RowsInline):
    """Body ranges in millimetres."""

    model = SizeGuideRow
    extra = 0
    ordering = ("definition__position", "size__position", "id")
    autocomplete_fields = ("size", "definition")


class SizeNameInline(RowsInline):
    """What its sizes are called elsewhere."""

    model = SizeName
    extra = 0
    ordering = ("size__position", "system", "id")
    autocomplete_fields = ("size",)


@admin.register(SizeGuide)
class SizeGuideAdmin(EditAdmin):
    """A guide and its version: order lines remember which one was shown."""

    list_display = ("name", "code", "version")
    search_fields = ("name", "code")
    ordering = ("code", "-version", "id")
    inlines = (SizeGuideRowInline, SizeNameInline)
