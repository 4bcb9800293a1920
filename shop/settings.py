"""Settings, all from the environment and safe by default.

Only two switches loosen anything: DEBUG (development) and KINGPOST_DEMO (the demo shop: test card, mailbox page,
a secret key of its own).  Neither is on unless asked for.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import environ
from django.conf.locale import LANG_INFO
from django.core.exceptions import ImproperlyConfigured

from shop.catalogues.listing import languages_in


def gettext_noop(text: str) -> str:
    """Mark a text for the catalogues.  Django's own would ask for the settings, which are only being read."""
    return text


BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")
for address in ("DATABASE_URL", "REDIS_URL", "EMAIL_URL"):  # a line left empty in .env means the default
    if not os.environ.get(address, "").strip():
        os.environ.pop(address, None)

DEBUG = env.bool("DEBUG", default=False)
DEMO = env.bool("KINGPOST_DEMO", default=False)
TESTING = env.bool("KINGPOST_TESTING", default=False)
BUILDING = "collectstatic" in sys.argv  # the image is built without secrets

DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "var")))

SECRET_KEY = env.str("SECRET_KEY", default="")
if not SECRET_KEY:
    if not (DEMO or TESTING or BUILDING):
        raise ImproperlyConfigured(
            "SECRET_KEY is not set. Put a long random one into the environment or .env: "
            "python3 -c 'import secrets; print(secrets.token_urlsafe(50))'"
        )
    SECRET_KEY = "not-a-secret-for-demo-and-tests-only"  # noqa: S105 -- refused outside demo, tests and image builds
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])

# -- Where we are -------------------------------------------------------------------------------------------------
SITE_URL = env.str("SITE_URL", default="http://127.0.0.1:8000").rstrip("/")  # every link in a mail starts here
HTTPS = SITE_URL.startswith("https://")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = [SITE_URL]
TRUSTED_PROXY = env.bool("TRUSTED_PROXY", default=False)
if TRUSTED_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# -- The shop -----------------------------------------------------------------------------------------------------
SHOP_NAME = env.str("SHOP_NAME", default="Hearth & Thread")
SHOP_CURRENCY = env.str("SHOP_CURRENCY", default="EUR")
SHOP_COUNTRY = env.str("SHOP_COUNTRY", default="PT")  # where a new visitor's dates are shown for
CARE_EMAIL = env.str("CARE_EMAIL", default="care@hearth-and-thread.example")
CARE_PHONE = env.str("CARE_PHONE", default="+351 220 555 010")
CARE_HOURS = env.str(
    "CARE_HOURS", default=gettext_noop("Monday to Friday 9 am to 6 pm, Saturday 10 am to 2 pm")
)  # of the phone
REPLY_DOMAIN = env.str("REPLY_DOMAIN", default=CARE_EMAIL.partition("@")[2])
ORDER_PREFIX = env.str("ORDER_PREFIX", default="KP")
SHOP_LEGAL_NAME = env.str("SHOP_LEGAL_NAME", default="Hearth & Thread, Lda.")  # the holder of the account below
SHOP_ADDRESS = [  # what stands below the name on an invoice; its lines are separated by semicolons
    line.strip() for line in env.str("SHOP_ADDRESS", default="Rua do Almada 210; 4050-032 Porto; Portugal").split(";")
]
SHOP_VAT_ID = env.str("SHOP_VAT_ID", default="PT 500 000 000")
SHOP_REGISTER = env.str("SHOP_REGISTER", default="")  # such as: Registered in Porto, no. 123
SHOP_IBAN = env.str("SHOP_IBAN", default="PT50 0002 0123 1234 5678 9015 4")
SHOP_BIC = env.str("SHOP_BIC", default="EXMPPTPL")
PICKUP_ADDRESS = [  # where shoppers collect what they ordered; its lines are separated by semicolons
    line.strip()
    for line in env.str("PICKUP_ADDRESS", default=f"{SHOP_NAME}; Rua do Almada 210; 4050-032 Porto").split(";")
]
PICKUP_HOURS = env.str("PICKUP_HOURS", default=gettext_noop("Monday to Saturday 10 am to 6 pm"))
GIFT_WRAP_SKU = env.str("GIFT_WRAP_SKU", default="GIFT-WRAP")
REFUND_APPROVAL_FROM_MINOR = env.int(
    "REFUND_APPROVAL_FROM_MINOR", default=20_000
)  # minor units; 0: one person is enough
REFUND_APPROVAL_PER_DAY_MINOR = env.int(
    "REFUND_APPROVAL_PER_DAY_MINOR", default=200_000
)  # what one person may give away within a day, returns apart; minor units; 0: any sum
REFUND_APPROVAL_PER_CUSTOMER_MINOR = env.int(
    "REFUND_APPROVAL_PER_CUSTOMER_MINOR", default=40_000
)  # what one customer may be given over the days below before a second person is asked; minor units; 0: any sum
REFUND_APPROVAL_CUSTOMER_DAYS = env.int("REFUND_APPROVAL_CUSTOMER_DAYS", default=90)
PROMISE_TARGET = env.float("PROMISE_TARGET", default=0.95)  # the share of promised days that is to be kept
DRAFT_HOURS = env.int("DRAFT_HOURS", default=48)  # how long an order put together on the phone is held
DRAFT_DISCOUNT_MOST_BP = env.int("DRAFT_DISCOUNT_MOST_BP", default=1000)  # what may be agreed to be taken off it
TRANSFER_WAIT_DAYS = env.int("TRANSFER_WAIT_DAYS", default=7)  # how long an order waits for its bank transfer
STORE_CREDIT_DAYS = env.int("STORE_CREDIT_DAYS", default=3 * 365)  # how long a gift of ours can be spent
LOW_STOCK_AT = env.int("LOW_STOCK_AT", default=3)  # free pieces from which down an article is to be refilled
RETURN_WINDOW_DAYS = env.int("RETURN_WINDOW_DAYS", default=30)
RETURN_ADDRESS = [  # where parcels come back to; its lines are separated by semicolons
    line.strip()
    for line in env.str(
        "RETURN_ADDRESS", default=f"{SHOP_NAME}, returns; Rua do Almada 210; 4050-032 Porto; Portugal"
    ).split(";")
]

# -- Applications -------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "shop.apps.KingpostAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django.contrib.sitemaps",
    "csp",
    "anymail",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "shop.apps.ShopConfig",
    "orders",
    "returns",
    "support",
    "notifications",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",  # pads each answer at random, so that lengths give no token away (BREACH)
    "csp.middleware.CSPMiddleware",
    "shop.middleware.HeadersMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "shop.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "shop.middleware.AddressMiddleware",
]

ROOT_URLCONF = "shop.urls"
WSGI_APPLICATION = "shop.wsgi.application"
AUTH_USER_MODEL = "shop.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "account:home"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "shop.context.shop",
            ],
        },
    }
]

# -- Database: the only truth --------------------------------------------------------------------------------------
if not env.str("DATABASE_URL", default="postgres:///kingpost").startswith(("postgres://", "postgresql://")):
    raise ImproperlyConfigured("DATABASE_URL names no PostgreSQL: write postgres://user:password@host:5432/name.")
DATABASES = {"default": env.db_url("DATABASE_URL", default="postgres:///kingpost")}
DATABASES["default"] |= {
    "CONN_MAX_AGE": env.int("CONN_MAX_AGE", default=60),
    "CONN_HEALTH_CHECKS": True,
    "ATOMIC_REQUESTS": False,
}
DATABASES["default"].setdefault("OPTIONS", {})
DATABASES["default"]["OPTIONS"].setdefault("connect_timeout", 5)
DATABASES["default"]["OPTIONS"]["options"] = (
    f"-c statement_timeout={env.int('STATEMENT_TIMEOUT_MS', default=15_000)}"
    f" -c lock_timeout={env.int('LOCK_TIMEOUT_MS', default=8_000)}"
    " -c idle_in_transaction_session_timeout=30000"
)

# -- Redis: a door-bell for the workers, disposable -------------------------------------------------------------------
REDIS_URL = env.str("REDIS_URL", default="redis://127.0.0.1:6379/0")
SESSION_ENGINE = "django.contrib.sessions.backends.db"
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"

# The cache keeps which codes of an authenticator app were used: in Postgres, because every worker must know them and
# a sign-in must not wait for Redis.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "shop_cache"}}

# -- Accounts: by e-mail address; codes by mail, never links, so that no scanner of mails uses them up ----------------
STAFF_SECOND_FACTOR = env.bool("STAFF_SECOND_FACTOR", default=not (DEMO or TESTING))
ACCOUNT_ADAPTER = "shop.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1"]
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ACCOUNT_LOGIN_TIMEOUT = 30 * 60
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_RATE_LIMITS = False  # ours are in Postgres: shop/forms/accounts.py
ACCOUNT_FORMS = {
    "login": "shop.forms.accounts.SignInForm",
    "request_login_code": "shop.forms.accounts.CodeRequestForm",
    "confirm_login_code": "shop.forms.accounts.SignInCodeForm",
    "signup": "shop.forms.accounts.SignUpForm",
    "confirm_email_verification_code": "shop.forms.accounts.AddressCodeForm",
    "reset_password": "shop.forms.accounts.ResetForm",
    "confirm_password_reset_code": "shop.forms.accounts.ResetCodeForm",
    "reset_password_from_key": "shop.forms.accounts.NewPasswordForm",
    "change_password": "shop.forms.accounts.ChangePasswordForm",
    "set_password": "shop.forms.accounts.SetPasswordForm",
    "add_email": "shop.forms.accounts.NewAddressForm",
    "reauthenticate": "shop.forms.accounts.PasswordAgainForm",
}
MFA_ADAPTER = "shop.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_RATE_LIMITS = False
MFA_FORMS = {
    "authenticate": "shop.forms.accounts.SecondFactorForm",
    "reauthenticate": "shop.forms.accounts.SecondFactorAgainForm",
    "activate_totp": "shop.forms.accounts.SecondFactorSetupForm",
}

# -- Mail ---------------------------------------------------------------------------------------------------------
try:
    EMAIL_CONFIG = env.email_url("EMAIL_URL", default="smtp://127.0.0.1:25")
except ImproperlyConfigured as unreadable:
    raise ImproperlyConfigured(
        "EMAIL_URL names no mail server: write smtp+tls://user:password@host:587."
    ) from unreadable
EMAIL_BACKEND = env.str("EMAIL_BACKEND", default=EMAIL_CONFIG["EMAIL_BACKEND"])
EMAIL_HOST = EMAIL_CONFIG.get("EMAIL_HOST", "")
EMAIL_PORT = EMAIL_CONFIG.get("EMAIL_PORT", 25)
EMAIL_HOST_USER = EMAIL_CONFIG.get("EMAIL_HOST_USER", "") or ""
EMAIL_HOST_PASSWORD = EMAIL_CONFIG.get("EMAIL_HOST_PASSWORD", "") or ""
EMAIL_USE_TLS = EMAIL_CONFIG.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = EMAIL_CONFIG.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", default=10)  # seconds for each of the four commands of a letter
MESSAGE_LEASE_SECONDS = env.int("MESSAGE_LEASE_SECONDS", default=45)  # longer than four timeouts; + a sweep: 60 s
ANYMAIL = env.json("ANYMAIL", default={})  # keys of a mail provider, with EMAIL_BACKEND=anymail.backends...
MAIL_EVENT_PROVIDERS = env.list("MAIL_EVENT_PROVIDERS", default=[])  # whose bounces and complaints we hear
EMAIL_RATE = env.str("EMAIL_RATE", default="")  # what the provider allows, such as 14/s; empty: whatever it takes
SILENCE_DAYS = env.int("SILENCE_DAYS", default=5)  # working days an open order may go without a word
UNASKED_MOST = env.int("UNASKED_MOST", default=1)  # mails nobody asked for, to one person ...
UNASKED_DAYS = env.int("UNASKED_DAYS", default=14)  # ... in so many days
SMALL_NEWS_MINUTES = env.int("SMALL_NEWS_MINUTES", default=1 if DEMO else 15)  # how long it waits for company
TEXT_URLS = {  # addresses of apprise with {to} where the number stands; an empty one closes the channel
    name: env.str(f"{name.upper()}_URL", default="") for name in ("sms", "whatsapp", "telegram")
}
TEXT_RATES = {name: env.str(f"{name.upper()}_RATE", default="") for name in (*TEXT_URLS, "staff")}
STAFF_NOTICE_URLS = env.str("STAFF_NOTICE_URLS", default="").split()  # addresses of apprise, parted by blanks
DEFAULT_FROM_EMAIL = f"{SHOP_NAME} <{CARE_EMAIL}>"
MAILBOX_DIR = DATA_DIR / "mail"  # where the demo's mail catcher keeps what it received

# -- Webhooks: a secret each, two while rotating --------------------------------------------------------------------
CARRIER_WEBHOOK_SECRETS = env.list(
    "CARRIER_WEBHOOK_SECRETS", default=["demo-courier-secret"] if DEMO or TESTING else []
)
EASYPOST_WEBHOOK_SECRETS = env.list("EASYPOST_WEBHOOK_SECRETS", default=[])
AFTERSHIP_WEBHOOK_SECRETS = env.list("AFTERSHIP_WEBHOOK_SECRETS", default=[])
SHIPPO_WEBHOOK_SECRETS = env.list("SHIPPO_WEBHOOK_SECRETS", default=[])  # for its HMAC, or the token in the address
# Asked about a parcel whose webhooks stay away; without a key nobody is asked.
EASYPOST_API_KEY = env.str("EASYPOST_API_KEY", default="")
EASYPOST_API_URL = env.str("EASYPOST_API_URL", default="https://api.easypost.com/v2")
AFTERSHIP_API_KEY = env.str("AFTERSHIP_API_KEY", default="")
AFTERSHIP_API_URL = env.str("AFTERSHIP_API_URL", default="https://api.aftership.com/tracking/2026-07")
SHIPPO_API_KEY = env.str("SHIPPO_API_KEY", default="")
SHIPPO_API_URL = env.str("SHIPPO_API_URL", default="https://api.goshippo.com")
# code:provider:the provider's word for it:name people read
COURIERS = env.list(
    "COURIERS", default=[*(["demo:demo::Heron Parcels"] if DEMO or TESTING else []), "own:own::our own courier"]
)
INBOUND_MAIL_SECRETS = env.list("INBOUND_MAIL_SECRETS", default=["demo-inbound-secret"] if DEMO or TESTING else [])
TWILIO_AUTH_TOKENS = env.list("TWILIO_AUTH_TOKENS", default=[])  # what signs texts that come in; empty: none are taken
REVIEW_INVITATION_DAYS = env.int("REVIEW_INVITATION_DAYS", default=7)  # after she said that all is well
STUCK_LABEL_DAYS = env.int("STUCK_LABEL_DAYS", default=1)  # whole workshop days a labelled parcel may stay
STUCK_SCAN_DAYS = env.int(
    "STUCK_SCAN_DAYS", default=1
)  # whole courier days without news, before the shopper hears of it
INCIDENT_BATCH = env.int("INCIDENT_BATCH", default=500)  # orders told of a crisis in one transaction
INBOUND_LEASE_SECONDS = env.int("INBOUND_LEASE_SECONDS", default=45)  # a dead worker's batch is taken over after it
WEBHOOK_MAX_BYTES = env.int("WEBHOOK_MAX_BYTES", default=256_000)
INBOUND_MAIL_MAX_BYTES = env.int("INBOUND_MAIL_MAX_BYTES", default=25_000_000)
DATA_UPLOAD_MAX_MEMORY_SIZE = env.int("DATA_UPLOAD_MAX_MEMORY_SIZE", default=2_621_440)
STRIPE_SECRET_KEY = env.str("STRIPE_SECRET_KEY", default="")  # empty: no payment by card
STRIPE_WEBHOOK_SECRETS = env.list("STRIPE_WEBHOOK_SECRETS", default=[])
STRIPE_API = env.str("STRIPE_API", default="https://api.stripe.com")
STRIPE_PAGE = env.str("STRIPE_PAGE", default="https://checkout.stripe.com")  # another with a domain of your own
STRIPE_PAYMENT_METHODS = env.list("STRIPE_PAYMENT_METHODS", default=["card"])
TEST_CARD = DEMO or TESTING  # the pretend card exists nowhere else

# -- Language and time ----------------------------------------------------------------------------------------------
LANGUAGE_CODE = env.str("LANGUAGE_CODE", default="en")
STAFF_LANGUAGE = "en"  # the staff's screens speak it until their texts are in the catalogues
CATALOGUES = BASE_DIR / "shop" / "locale"  # adding a language is adding its file here
LANGUAGES = [
    (code, LANG_INFO.get(code, {}).get("name_local", code).capitalize())
    for code in env.list("SHOP_LANGUAGES", default=["en", *languages_in(CATALOGUES)])
]
LOCALE_PATHS = [CATALOGUES]
LANGUAGE_COOKIE_NAME = "language"
TIME_ZONE = env.str("TIME_ZONE", default="Europe/Lisbon")  # the studio's clock; stored moments are UTC
USE_TZ = True
USE_I18N = True

# -- Static files and media -----------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = DATA_DIR / "media"
# Whom we forgot, salted and hashed; a restore of the database must not take it back.
ERASURE_JOURNAL = Path(env.str("ERASURE_JOURNAL", default=str(DATA_DIR / "erasures.jsonl")))
MANIFEST_STATIC = env.bool("MANIFEST_STATIC", default=not (DEBUG or DEMO or TESTING))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if MANIFEST_STATIC
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not MANIFEST_STATIC
WHITENOISE_MAX_AGE = 3600 if MANIFEST_STATIC else 60

# -- Security -------------------------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        # The order button leads on to the payment page, and Chromium asks about redirects, too.
        "form-action": ["'self'", *([STRIPE_PAGE] if STRIPE_SECRET_KEY else [])],
        "frame-ancestors": ["'none'"],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "strict-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=HTTPS)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]  # probes come without TLS
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000 if HTTPS else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
COOKIE_PREFIX = "__Host-" if HTTPS else ""  # a browser takes such a cookie from this very host alone, over TLS
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}sessionid"
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrftoken"
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# -- Logs: no personal data, no secret link, one line an event --------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "shop.logs.DiscreetFormatter", "format": "%(asctime)s %(levelname)s %(name)s %(message)s"}
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    # Django brings handlers of its own for these two: everything goes through ours.
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "django.server": {"handlers": [], "level": "INFO", "propagate": True},
        "urllib3": {"level": "INFO"},  # below it writes the address of every request, and a number may stand in it
    },
}

# -- Celery: a wake-up and a pool of hands; what is due stands in tables -----------------------------------------------
SWEEP_SECONDS = env.float("SWEEP_SECONDS", default=10.0)
SILENCED_SYSTEM_CHECKS: list[str] = []
