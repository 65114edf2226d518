"""`python -m gridmap`."""

import sys

from gridmap.cli.main import main

sys.exit(main())
