"""Sandboxes: the ways to confine a process, each an object of one module; :mod:`coursegrader.sandbox` chooses."""
