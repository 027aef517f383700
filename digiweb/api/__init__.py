"""The REST API under /api/v1/ (SPEC P1): the same filters, rights and verbs as the pages."""
