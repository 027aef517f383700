"""The books as the law asks for them: entries, fiscal years, the FEC. Pure: nothing here reads a table."""
