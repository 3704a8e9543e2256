"""Offline verification, as `bench/verify.py` measures it."""

from __future__ import annotations

from bench import verify
from bench.figure import Figure, Settings
