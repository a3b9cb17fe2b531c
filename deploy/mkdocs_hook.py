"""MkDocs puts the folder of a hook on Python's path: this one holds no module whose name anybody else uses."""

from nova_cli.docs_pages import on_files

__all__ = ["on_files"]
