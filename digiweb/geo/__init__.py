"""France offline: departments, towns by postcode and name, and maps of both. No request leaves for it."""
