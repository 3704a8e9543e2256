"""What can be written over HTTP."""

from __future__ import annotations

from api.routes import Routes

writes = Routes("writes", __name__, description="Writing")
