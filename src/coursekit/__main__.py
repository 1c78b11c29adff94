"""``python -m coursekit`` is the ``coursekit`` command.

Left out: everything; see ``coursekit.cli``.
"""

import sys

from coursekit.cli import main

sys.exit(main())
