"""Django's settings, all from the environment; `suixin.server.start` loads them.

SUIXIN_HOME is the data folder, SUIXIN_DATABASE the database's URL (unless given an SQLite file in the data folder),
SUIXIN_SECRET_KEY the key of Django's own signatures (unless given a file that the first start makes). The keys that sign
consents are read by `suixin.server.sharing.keys`, those that seal second factors and webhooks' secrets by `suixin.server.identity.keys`.
"""

import os

from suixin.server.settings import database, entrance, home, outward, web
from suixin.server.telemetry.logs import configured

SECRET_KEY = home.secret_key()
DATABASES = {"default": database.configured()}
INSTALLED_APPS = [
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "suixin.server.identity",
    "suixin.server.audit",
    "suixin.server.idempotency",
    "suixin.server.outbox",
    "suixin.server.webhooks",
    "suixin.server.ledger",
    "suixin.server.servicing",
    "suixin.server.sharing",
    "suixin.server.merchants",
    "suixin.server.verification",
    "suixin.server.origination",
    "suixin.server.complaints",
    "suixin.server.regions",
    "suixin.server.watching",
    "suixin.server.intake",
    "suixin.server.savedviews",
    "suixin.server.tasks",
    "suixin.server.pages",
]
MIDDLEWARE = web.MIDDLEWARE
TEMPLATES = web.TEMPLATES
ROOT_URLCONF = "suixin.server.urls"
WSGI_APPLICATION = "suixin.server.wsgi.application"
ALLOWED_HOSTS = web.hosts()
CSRF_TRUSTED_ORIGINS = web.origins()
STATIC_URL = "/static/"
STATIC_ROOT = home.place() / "static"
STORAGES = {
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
}
WHITENOISE_USE_FINDERS = True
CONTENT_SECURITY_POLICY = web.CONTENT_SECURITY_POLICY
LOGIN_URL = "sign-in"
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = web.cookie("sessionid"), web.cookie("csrftoken")
LANGUAGE_COOKIE_NAME = web.cookie("django_language")
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = entrance.SESSION_SECONDS
STAFF_IDLE_SECONDS = entrance.STAFF_IDLE_SECONDS
SECOND_FACTOR_REQUIRED = entrance.second_factor_required()
LOCK_ACCOUNT_AFTER = entrance.lock_account_after()
LOCK_ADDRESS_AFTER = entrance.lock_address_after()
TRUSTED_PROXIES = entrance.proxies()
WEBHOOK_NETWORKS = outward.networks()
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = web.behind_tls()
SECURE_REDIRECT_EXEMPT = web.PLAIN
SECURE_PROXY_SSL_HEADER = web.proxy_header()
SECURE_HSTS_SECONDS = web.hsts_seconds()
SECURE_HSTS_INCLUDE_SUBDOMAINS = web.behind_tls()
CSRF_FAILURE_VIEW = "suixin.server.urls.csrf_failure"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = web.LARGEST_BODY
AUTH_USER_MODEL = "identity.User"
AUTHENTICATION_BACKENDS = ["suixin.server.identity.backend.Backend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "suixin.server.identity.passwords.LengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "suixin.server.identity.passwords.UserNameValidator"},
    {"NAME": "suixin.server.identity.passwords.CommonValidator"},
    {"NAME": "suixin.server.identity.passwords.OwnWordsValidator"},
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DEBUG = False
SILENCED_SYSTEM_CHECKS = [
    "security.W021"
]  # whether a domain is put into browsers' lists is its owner's to say
LOGGING = configured(os.environ.get("SUIXIN_LOG", ""))
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
