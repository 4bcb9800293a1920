"""Addresses of signing in and of the account.  Of the library's pages only those that are needed, under its names."""

from __future__ import annotations

from allauth.account import views as account
from allauth.mfa.base import views as second
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from django.urls import include, path

from shop.views import own_data, own_size, security
from shop.views.accounts import in_house, set_up_second_factor

mine = [
    path("", security.home, name="home"),
    path("profile/", security.profile, name="profile"),
    path("sizes/", own_size.sizes, name="sizes"),
    path("data/", own_data.data, name="data"),
    path("data/copy/", own_data.copy, name="copy"),
    path("data/file/", own_data.own_file, name="own-file"),
    path("data/copy/<str:token>/", own_data.linked_copy, name="linked-copy"),
    path("data/copy/<str:token>/file/", own_data.linked_file, name="linked-file"),
    path("data/erasure/", own_data.erasure, name="erasure"),
    path("data/erasure-back/", own_data.erasure_back, name="erasure-back"),
    path("data/erasure/<str:token>/", own_data.linked_erasure, name="linked-erasure"),
    path("security/sign-ins/", security.sign_ins, name="sign-ins"),
]

urlpatterns = [
    path("login/", in_house(account.login), name="account_login"),
    path("login/code/", in_house(account.request_login_code), name="account_request_login_code"),
    path("login/code/confirm/", in_house(account.confirm_login_code), name="account_confirm_login_code"),
    path("login/second-factor/", in_house(second.authenticate), name="mfa_authenticate"),
    path("logout/", in_house(account.logout), name="account_logout"),
    path("signup/", in_house(account.signup), name="account_signup"),
    path("inactive/", in_house(account.account_inactive), name="account_inactive"),
    path("address/confirm/", in_house(account.email_verification_sent), name="account_email_verification_sent"),
    path("address/", in_house(account.email), name="account_email"),
    path("password/reset/", in_house(account.password_reset), name="account_reset_password"),
    path(
        "password/reset/confirm/",
        in_house(account.confirm_password_reset_code),
        name="account_confirm_password_reset_code",
    ),
    path("password/reset/complete/", in_house(account.complete_password_reset), name="account_complete_password_reset"),
    path("password/change/", in_house(account.password_change), name="account_change_password"),
    path("password/set/", in_house(account.password_set), name="account_set_password"),
    path("again/", in_house(account.reauthenticate), name="account_reauthenticate"),
    path("again/second-factor/", in_house(second.reauthenticate), name="mfa_reauthenticate"),
    path("security/", security.security, name="mfa_index"),
    path("security/app/", set_up_second_factor, name="mfa_activate_totp"),
    path("security/app/remove/", in_house(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("security/codes/", in_house(recovery.view_recovery_codes), name="mfa_view_recovery_codes"),
    path("security/codes/new/", in_house(recovery.generate_recovery_codes), name="mfa_generate_recovery_codes"),
    path("security/codes/file/", in_house(recovery.download_recovery_codes), name="mfa_download_recovery_codes"),
    path("", include((mine, "account"))),
]
