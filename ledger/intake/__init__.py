"""Files from other systems, turned into actions (design §10).

`service_records` imports what organisations' systems export; `files` reads, `rows` checks,
`people` finds out who is meant, `desk` hands in, `report` adds up.
"""

from ledger.intake.report import Report
from ledger.intake.service_records import BATCH_MAX, import_service_records

__all__ = ["BATCH_MAX", "Report", "import_service_records"]
