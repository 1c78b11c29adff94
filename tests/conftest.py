"""Settings for all tests: how busy the machine is must not decide whether a property holds."""

from hypothesis import settings

settings.register_profile("course", deadline=None)
settings.load_profile("course")
