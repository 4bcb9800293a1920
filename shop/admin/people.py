"""People in the admin: colleagues, their roles, and shoppers with an account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shop.admin.base import CappedPaginator, ReadOnlyAdmin
from shop.models import User
from shop.operations import people

# Django's classes take a type argument for the type checker alone.
if TYPE_CHECKING:

    class NewUserForm(AdminUserCreationForm[User]): ...

    class UserForm(forms.ModelForm[User]): ...

    class AccountAdmin(UserAdmin[User]): ...

else:
    NewUserForm, UserForm, AccountAdmin = AdminUserCreationForm, forms.ModelForm, UserAdmin

# The library's own lists of addresses and second factors: nobody edits those by hand.
for unwanted in (Group, EmailAddress, Authenticator):
    admin.site.unregister(unwanted)


@admin.register(Group)
class RoleAdmin(ReadOnlyAdmin):
    """The roles and their rights.  They are data of the code: shop/rules/roles.py and `manage.py sync_roles`."""

    list_display = ("name",)
    ordering = ("name", "id")
    fields = ("name", "rights")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Group]:
        """Bring the rights along."""
        return super().get_queryset(request).prefetch_related("permissions__content_type")

    @admin.display(description=gettext_lazy("rights"))
    def rights(self, group: Group) -> str:
        """Name every right, one a line."""
        names = (f"{right.content_type.app_label}.{right.codename}" for right in group.permissions.all())
        return "\n".join(sorted(names))


class NewPersonForm(NewUserForm):
    """Somebody new: address, name, first password."""

    class Meta:
        model = User
        fields = ("email", "name", "is_staff")


class PersonForm(UserForm):
    """Somebody who is here; the password has a page of its own."""

    class Meta:
        model = User
        fields = ("email", "name", "is_staff", "is_active", "is_superuser", "groups")


@admin.register(User)
class PersonAdmin(AccountAdmin):
    """Accounts.  A lead manages her own team; only a superuser touches another superuser, ops or audit."""

    form = PersonForm  # Django's own form shows the password's hash
    add_form = NewPersonForm
    change_form_template = "admin/shop/user/change_form.html"
    fieldsets = (
        (None, {"fields": ("email", "name")}),
        (gettext_lazy("Rights"), {"fields": ("is_staff", "is_active", "groups", "is_superuser")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "name", "is_staff", "usable_password", "password1", "password2")}),)
    list_display = ("email", "name", "role_names", "is_staff", "is_active")
    list_filter = ("is_staff", "groups", "is_active")
    search_fields = ("email", "name")
    ordering = ("email", "id")
    filter_horizontal: ClassVar[tuple[str, ...]] = ()
    show_full_result_count = False
    paginator = CappedPaginator
    list_per_page = 50
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Bring the groups along."""
        people_here: QuerySet[User] = super().get_queryset(request)
        return people_here.prefetch_related("groups")

    @admin.display(description=gettext_lazy("roles"))
    def role_names(self, person: User) -> str:
        """Name the roles of a person."""
        return ", ".join(sorted(group.name for group in person.groups.all()))

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Let a lead change her team and shoppers, nobody beside or above her."""
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or people.may_manage(_staff(request), obj))

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Refuse: people who leave are switched off, so that the log keeps its names."""
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """Only a superuser makes superusers."""
        return () if request.user.is_superuser else ("is_superuser",)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer the roles this person may hand out, as boxes to tick."""
        if db_field.name == "groups":
            names = people.grantable_by(_staff(request))
            kwargs["queryset"] = Group.objects.filter(name__in=names).order_by("name", "id")
            kwargs["widget"] = forms.CheckboxSelectMultiple()
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Save, and note which fields changed."""
        super().save_model(request, obj, form, change)
        fields = [name for name in form.changed_data if name not in {"groups", "password1", "password2"}]
        if change and "email" in fields:
            people.forget_proofs(user_id=obj.pk)
        people.note_person_changed(user_id=obj.pk, fields=fields, by=_staff(request), at=timezone.now())

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Set the roles through the operation, which checks and records; the form itself writes none."""
        if "groups" not in form.cleaned_data:
            return
        names = [group.name for group in form.cleaned_data["groups"]]
        try:
            people.set_roles(user_id=form.instance.pk, names=names, by=_staff(request), at=timezone.now())
        except people.NotYoursToGive:
            self.message_user(request, _("You cannot hand out this role; a superuser can."), messages.ERROR)


def _staff(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 -- the admin let nobody else through
    return request.user
