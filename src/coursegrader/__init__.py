"""Grading: release homework, run what comes back in a sandbox, score it, report.

Nothing is loaded here: a job in the sandbox begins with ``coursegrader.runner``, and pays for every import.
"""
