"""A demonstration town: invented people, real rules.

`people` invents the town and writes the export files that its organisations would send; `town`
tells three years of its story through the same intake and the same book as everybody else's.
The same seed tells the same story, but for ids and keys, which are always random.
"""

from __future__ import annotations

from api.demo.people import Scale
from api.demo.town import Town, build_town

__all__ = ["Scale", "Town", "build_town"]
