"""Django's settings, all from the environment; `suixin.server.start` loads them.

SUIXIN_HOME is the data folder, SUIXIN_DATABASE the database's URL (unless given an SQLite file in the data folder),
SUIXIN_SECRET_KEY the key of Django's own signatures (unless given a file that the first start makes). The keys that sign
consents are read by `suixin.server.sharing.keys`.
"""

from suixin.server.settings import database, home

SECRET_KEY = home.secret_key()
DATABASES = {"default": database.configured()}
INSTALLED_APPS = [
    "suixin.server.identity",
    "suixin.server.audit",
    "suixin.server.idempotency",
    "suixin.server.outbox",
    "suixin.server.ledger",
    "suixin.server.servicing",
    "suixin.server.sharing",
]
AUTH_USER_MODEL = "identity.User"
AUTHENTICATION_BACKENDS = ["suixin.server.identity.backend.Backend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DEBUG = False
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
