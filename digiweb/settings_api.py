"""Settings of the API (SPEC P1): nothing of it depends on the installation."""

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "digiweb.api.auth.TokenAuthentication",
        "digiweb.api.auth.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["digiweb.api.permissions.GrantPermission"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser", "rest_framework.parsers.MultiPartParser"],
    "DEFAULT_PAGINATION_CLASS": "digiweb.api.paging.KeysetPagination",
    "DEFAULT_THROTTLE_CLASSES": ["digiweb.api.throttling.RoleThrottle"],
    "DEFAULT_SCHEMA_CLASS": "digiweb.api.schema.Schema",
    "EXCEPTION_HANDLER": "digiweb.api.errors.problem_response",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "DATETIME_FORMAT": "iso-8601",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "DigiWeb ERP",
    "DESCRIPTION": "The same filters, rights and verbs as the pages. Errors are RFC 9457 problem details.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    # Lists of choices stand where they are used: no names to collide.
    "POSTPROCESSING_HOOKS": ["digiweb.api.schema.either"],
}
