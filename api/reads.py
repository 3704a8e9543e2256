"""What can be read over HTTP."""

from __future__ import annotations

from api.routes import Routes

reads = Routes("reads", __name__, description="Reading")
