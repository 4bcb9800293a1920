"""What every admin class of the house is made of: lists to read, and buttons that call operations.

A form of the admin never changes the state of an order, a case or a level.  A button does: a POST to an address of
its own, guarded by a permission, that calls ONE operation and answers with a sentence.

    from shop.admin.base import Button, OperationButtons, Pressed, ReadOnlyAdmin


    def pack(press: Pressed[Parcel]) -> str:
        packing.pack_parcel(parcel_id=press.row.pk, by=press.by, at=press.at)
        return _("Parcel %(number)s is packed. Next: hand it to the carrier.") % {"number": press.row.number}


    @admin.register(Parcel)
    class ParcelAdmin(OperationButtons, ReadOnlyAdmin):
        list_display = ("order", "number", "status")
        list_select_related = ("order",)
        buttons = (
            Button(
                "pack",
                _("Pack"),
                "orders.pack_parcel",
                call=pack,
                shown=lambda parcel: parcel.status == Parcel.Status.PLANNED,
                refusals={packing.AlreadyPacked: _("Somebody packed it before you; nothing changed.")},
            ),
            Button("hand-over", _("Hand to the carrier"), "orders.hand_over_parcel", call=hand_over, form=HandOverForm),
        )

The address is `admin:<app>_<model>_<button name with _>`.  `call` opens no transaction: the operation does, and its
event is the audit trail.  A `form` gets its values in `press.values`; when they are wrong the page comes back with
what was typed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from allauth.account.decorators import reauthentication_required
from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import BaseModelAdmin
from django.contrib.admin.utils import unquote
from django.contrib.admin.widgets import AutocompleteMixin, AutocompleteSelect, AutocompleteSelectMultiple
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext as _

from shop.models import User

Row = TypeVar("Row", bound=Model)

# Django's classes take a type argument for the type checker alone.
if TYPE_CHECKING:
    _AnyOptions = BaseModelAdmin[Any]
    _Admin = admin.ModelAdmin[Any]
    _Rows = admin.TabularInline[Any, Any]
    _RowForms = forms.BaseInlineFormSet[Any, Any, Any]
    _Blocks = admin.StackedInline[Any, Any]
    AnyPaginator = Paginator[Any]
else:
    _AnyOptions, _Admin, _Rows, _RowForms, _Blocks, AnyPaginator = (
        BaseModelAdmin,
        admin.ModelAdmin,
        admin.TabularInline,
        forms.BaseInlineFormSet,
        admin.StackedInline,
        Paginator,
    )

COUNT_AT_MOST = 10_000


def may_be_key(key: Any, value: str) -> bool:
    """Tell whether a text could be a value of a model's field; what could not is found nowhere, and asked of nobody."""
    try:
        key.run_validators(key.to_python(value))
    except ValidationError:
        return False
    return True


class _KeysAlone(AutocompleteMixin):
    """Looks up only what could be a key: Django draws what was sent whether the field took it or not."""

    def optgroups(self, name: str, value: Sequence[str], attr: dict[str, Any] | None = None) -> list[Any]:
        """Draw what could be a key; the field itself says that the rest is no choice."""
        key = self.field.target_field
        return list(super().optgroups(name, [each for each in value if may_be_key(key, each)], attr))


class SearchedSelect(_KeysAlone, AutocompleteSelect):
    """A select with a search."""


class SearchedSelectMultiple(_KeysAlone, AutocompleteSelectMultiple):
    """A select of several with a search."""


class _Searched(_AnyOptions):
    """Draws `autocomplete_fields` with the selects above."""

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Choose one."""
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", SearchedSelect(db_field, self.admin_site, using=kwargs.get("using")))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Choose several."""
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", SearchedSelectMultiple(db_field, self.admin_site, using=kwargs.get("using")))
        return super().formfield_for_manytomany(db_field, request, **kwargs)


class AnyAdmin(_Searched, _Admin):
    """What every table here has in common."""

    def response_action(self, request: HttpRequest, queryset: QuerySet[Any], *place: Any, **more: Any) -> Any:
        """Do what was chosen with the rows that were ticked.  Raises BadRequest for a tick that is on no row."""
        if not all(may_be_key(self.opts.pk, ticked) for ticked in request.POST.getlist(ACTION_CHECKBOX_NAME)):
            raise BadRequest("ticked")
        return super().response_action(request, queryset, *place, **more)


class ProvenEdits(AnyAdmin):
    """Asks for the password or the second factor before a row is saved, as a `proven` button does.

    For tables that say what is given away.  Put it before the ModelAdmin it is mixed into.
    """

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        """Go on with a valid form once whoever sent it has said who they are; nothing is written before."""
        return reauthentication_required(super().save_form)(request, form, change)


class BlocksInline(_Searched, _Blocks):
    """Rows of another table below a page, a block each."""


class NamedFields(_RowForms):
    """Forms in a table: Django writes no label into a cell, so each field says itself what it is and in which row."""

    def add_fields(self, form: Any, index: int | None) -> None:
        """Give every field of the row a name for those who cannot see the head of its column."""
        super().add_fields(form, index)
        for name, each in form.fields.items():
            if each.widget.is_hidden:
                continue
            label = str(each.label or name)
            if index is not None:
                label = _("%(label)s, row %(number)d") % {"label": label, "number": index + 1}
                each.help_text = ""  # it stands in the head of the column; a cell must not refer to words it lacks
            getattr(each.widget, "widget", each.widget).attrs.setdefault("aria-label", label)


class RowsInline(_Searched, _Rows):
    """Rows of another table below a page, one line each."""

    formset = NamedFields


class CappedPaginator(AnyPaginator):
    """Pages that never count a big table to its end: the pages of the first ten thousand rows are enough to look at."""

    @cached_property
    def count(self) -> int:
        """Return the number of rows, at most COUNT_AT_MOST."""
        rows = self.object_list
        if isinstance(rows, QuerySet):
            return rows.order_by()[:COUNT_AT_MOST].count()
        return len(rows)


def by_moment(not_yet: str | Promise, come: str | Promise) -> type[admin.EmptyFieldListFilter]:
    """Return a filter of a column that holds when something happened, in words: by_moment("open", "dealt with")."""

    class ByMoment(admin.EmptyFieldListFilter):
        """Django says "Empty" and "Not empty"; a count in brackets stays."""

        def choices(self, changelist: Any) -> Iterator[Any]:
            for choice, said in zip(super().choices(changelist), (None, not_yet, come), strict=True):
                _said, bracket, count = str(choice["display"]).partition(" (")
                yield {**choice, "display": f"{said}{bracket}{count}"} if said else choice

    return ByMoment


class ReadOnlyAdmin(AnyAdmin):
    """A table to look at.  Nobody adds, changes or deletes a row here, whatever she may do elsewhere."""

    show_full_result_count = False
    paginator = CappedPaginator
    list_per_page = 50
    actions = None

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        """Refuse: rows are written by operations."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: rows are changed by operations."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: nothing is deleted by hand."""
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Ask for the permission to view; the one to change does not imply it."""
        return request.user.has_perm(f"{self.opts.app_label}.view_{self.opts.model_name}")


@dataclass(frozen=True)
class Pressed(Generic[Row]):
    """A button that was pressed: on which row, by whom, when, with which values of its form."""

    row: Row
    by: User
    at: datetime
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Button:
    """One operation on one row.

    `call` returns the sentence to show.  `refusals` gives the sentence for each exception the operation refuses with,
    or what says it of the row.
    `shown` says for which rows the button makes sense; pressing it elsewhere changes nothing.  `danger` paints it red,
    `folded` hides a long form behind its label until somebody wants it.  `proven` asks for the password or the second
    factor once more, unless that was given within five minutes; what was typed is kept meanwhile, and the press goes on
    by itself (reliability reference S3).
    """

    name: str
    label: str | Promise
    permission: str
    call: Callable[[Pressed[Any]], str]
    form: type[forms.Form] | None = None
    refusals: Mapping[type[Exception], str | Promise | Callable[[Any], str]] = field(default_factory=dict)
    shown: Callable[[Any], bool] = lambda row: True
    danger: bool = False
    folded: bool = False
    proven: bool = False

    def offered(self, request: HttpRequest, row: Model) -> bool:
        """Say whether this person sees the button on this row."""
        return request.user.has_perm(self.permission) and self.shown(row)

    def new_form(self, data: Any = None) -> forms.Form | None:
        """Return the button's form with ids of its own, since several forms share a page; None without a form."""
        return self.form(data, auto_id=f"id_{self.name}_%s") if self.form else None


class OperationButtons(AnyAdmin):
    """Adds `buttons` to the page of a row.  Put it before the ModelAdmin it is mixed into."""

    buttons: Sequence[Button] = ()
    change_form_template = "admin/change_form_with_buttons.html"

    def get_urls(self) -> list[URLPattern]:
        """Give every button its address, before Django's own ones."""
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        mine = [
            path(
                f"<path:object_id>/{button.name}/",
                self.admin_site.admin_view(partial(self.press, button=button)),
                name=f"{name}_{button.name.replace('-', '_')}",
            )
            for button in self.buttons
        ]
        return [*mine, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the row with the buttons this person may press."""
        row = self.get_object(request, unquote(object_id))
        offered = [button for button in self.buttons if row is not None and button.offered(request, row)]
        context = {"operation_buttons": [self._drawn(button, object_id) for button in offered]}
        return super().change_view(request, object_id, form_url, context | (extra_context or {}))

    def press(self, request: HttpRequest, object_id: str, *, button: Button) -> HttpResponse:
        """Let the operation of `button` act on the row, or say why not.  Raises PermissionDenied, Http404."""
        row = self._row_for(request, object_id, button)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        form = button.new_form(request.POST)
        if form is not None and not form.is_valid():
            return self._ask_again(request, row, object_id, button, form)
        if not button.shown(row):
            self.message_user(request, _("Somebody was faster: this is no longer open here."), messages.WARNING)
        else:
            act = reauthentication_required(self._act) if button.proven else self._act
            act(request, row, button, form.cleaned_data if form else {})
        return see_other(reverse(self._name("change"), args=[object_id]))

    def _row_for(self, request: HttpRequest, object_id: str, button: Button) -> Model:
        if not request.user.has_perm(button.permission) or not self.has_view_permission(request):
            raise PermissionDenied
        row: Model | None = self.get_object(request, unquote(object_id))
        if row is None:
            raise Http404
        return row

    def _act(self, request: HttpRequest, row: Model, button: Button, values: Mapping[str, Any]) -> None:
        """Call the operation and tell how it went."""
        assert isinstance(request.user, User)  # noqa: S101 -- admin_view let nobody else through
        press = Pressed(row=row, by=request.user, at=timezone.now(), values=values)
        try:
            said = button.call(press)
        except tuple(button.refusals) as refusal:
            self.message_user(request, _sentence(button, row, refusal), messages.ERROR)
        else:
            self.message_user(request, said, messages.SUCCESS)

    def _ask_again(
        self, request: HttpRequest, row: Model, object_id: str, button: Button, form: forms.Form
    ) -> HttpResponse:
        """Show the form alone, with what was typed and what is wrong with it."""
        context = {
            **self.admin_site.each_context(request),
            "title": button.label,
            "subtitle": str(row),
            "opts": self.opts,
            "original": row,
            "button": self._drawn(button, object_id, form),
            "back": reverse(self._name("change"), args=[object_id]),
        }
        return TemplateResponse(request, "admin/operation.html", context, status=422)

    def _drawn(self, button: Button, object_id: str, form: forms.Form | None = None) -> dict[str, Any]:
        return {
            "name": button.name,
            "label": button.label,
            "danger": button.danger,
            "folded": button.folded and not (form and form.is_bound),
            "form": form or button.new_form(),
            "url": reverse(self._name(button.name.replace("-", "_")), args=[object_id]),
        }

    def _name(self, view: str) -> str:
        return f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_{view}"


def see_other(url: str) -> HttpResponse:
    """Answer a POST that worked: 303, so that a reload repeats nothing."""
    return HttpResponse(status=303, headers={"Location": url})


def _sentence(button: Button, row: Model, refusal: Exception) -> str:
    kinds = (kind for kind in type(refusal).__mro__ if kind in button.refusals)
    said = button.refusals[next(kinds)]
    return said(row) if callable(said) else str(said)
