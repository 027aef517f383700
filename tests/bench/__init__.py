"""`make bench`: what pages and jobs cost with 1,000 and with 1,000,000 contacts (docs/measures.md)."""
