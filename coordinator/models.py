"""Every table of the hub, gathered where all of them must be known at once: migrations and the test that holds them equal."""

from coordinator import heartbeats
from coordinator.access import models as access
from coordinator.briefings import models as briefings
from coordinator.db import Base
from coordinator.deliveries import models as deliveries
from coordinator.exports import models as exports
from coordinator.messages import models as messages
from coordinator.operations import models as operations
from coordinator.reconciliation import models as reconciliation
from coordinator.releases import models as releases
from coordinator.reports import models as reports
from coordinator.situation import models as situation
from coordinator.totals import models as totals
from coordinator.verification import models as verification

ROOMS = (
    *(access, operations, reports, totals, deliveries, messages, briefings, reconciliation, releases, exports, situation, verification),
    heartbeats,
)
metadata = Base.metadata
