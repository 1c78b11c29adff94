"""What builds and checks the book. Each module runs as ``python -m tools.NAME``; the Makefile calls them.

Left out: anything a reader of the book needs; that lives in ``src/coursekit``.
"""
