"""How things look: formats, colours, charts, tiles, tables, the header line and the states of a page.

Nothing here asks the database or decides about rights.
"""
