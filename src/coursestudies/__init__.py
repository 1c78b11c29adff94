"""The long runs behind ``data/results``: plans as data, one engine, and the writing of records."""
