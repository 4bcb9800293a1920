"""The pages of somebody's own account that belong to no other app: home, profile, and how she signs in."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from shop.cookies import remember_language
from shop.forms.profile import ProfileForm
from shop.operations.accounts import change_profile, end_sign_ins
from shop.views.own import own_page, owner


@require_safe
@own_page
def home(request: HttpRequest) -> HttpResponse:
    """Show what is on its way first, and where everything else is."""
    return render(request, "account/home.html", {"first_name": owner(request).name.partition(" ")[0]})


@require_http_methods(["GET", "HEAD", "POST"])
@own_page
def profile(request: HttpRequest) -> HttpResponse:
    """Show and change what somebody says about herself."""
    person = owner(request)
    form = ProfileForm(request.POST or None, initial=ProfileForm.values_of(person))
    if request.method != "POST" or not form.is_valid():
        return render(request, "account/profile.html", {"form": form}, status=422 if form.errors else 200)
    change_profile(user_id=person.pk, at=timezone.now(), **form.as_values())
    with translation.override(form.cleaned_data["language"]):
        messages.success(request, _("Kept. We use it from now on."))
    response = redirect("account:profile")
    remember_language(response, form.cleaned_data["language"])
    return response


@require_safe
@own_page
def security(request: HttpRequest) -> HttpResponse:
    """Show how somebody signs in.  Two queries."""
    person = owner(request)
    kinds = set(Authenticator.objects.filter(user=person).order_by("id").values_list("type", flat=True))
    address = EmailAddress.objects.filter(user=person, verified=True, primary=True).order_by("id").first()
    context = {
        "address": address.email if address else person.email,
        "has_password": person.has_usable_password(),
        "has_app": Authenticator.Type.TOTP in kinds,
        "has_codes": Authenticator.Type.RECOVERY_CODES in kinds,
    }
    return render(request, "account/security.html", context)


@require_POST
@own_page
def sign_ins(request: HttpRequest) -> HttpResponse:
    """End every sign-in of this account but this one."""
    person = end_sign_ins(user_id=owner(request).pk, at=timezone.now())
    update_session_auth_hash(request, person)
    messages.success(request, _("You are signed out everywhere else. Here you stay signed in."))
    return redirect("mfa_index")
