"""Settings for all tests: neither how busy the machine is nor a lucky draw decides whether a property holds.

The examples are the same in every run. ``HYPOTHESIS_PROFILE=search pytest`` draws new ones, as the nightly job does.
"""

import os

from hypothesis import settings

settings.register_profile("course", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "course"))
