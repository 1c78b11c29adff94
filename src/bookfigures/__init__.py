"""Drawings that one chapter uses: ``ch00`` to ``ch13``. What several chapters share lives in ``coursekit.figures``.

The broken programs of chapter 11 are ``case_texts`` and ``case_models``.
"""
