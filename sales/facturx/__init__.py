"""Factur-X (EN 16931): facts of an invoice, their XML, its rules, the PDF with it inside, reading others'.

Pure: no tables, nothing asked of the network; hostile files and the rules run in processes of their own.
"""
