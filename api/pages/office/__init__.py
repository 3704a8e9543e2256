"""The desk of an organisation and of its reviewers: what awaits them, files, records, reviews."""

from __future__ import annotations

from api.pages.office import home, review

__all__ = ["home", "review"]
