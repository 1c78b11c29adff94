"""Drawings that one chapter uses: ``ch00`` to ``ch10``. What several chapters share lives in ``coursekit.figures``."""
