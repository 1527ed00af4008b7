"""Settings shared by all tests."""

import os

from hypothesis import settings

# A busy machine makes any deadline a coin toss; the time-out of the test run catches what hangs.
settings.register_profile("local", deadline=None)
settings.register_profile("ci", deadline=None, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")
