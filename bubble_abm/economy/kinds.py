"""Who there is: one line for each kind of agent, from which views, plain agents, luck and documentation are derived."""

from __future__ import annotations

from dataclasses import dataclass

from bubble_abm.economy.agents.central_government import CentralGovernmentRow
from bubble_abm.economy.agents.investor import InvestorLuck, InvestorRow
from bubble_abm.economy.agents.local_government import LocalGovernmentRow
from bubble_abm.economy.agents.operator import OperatorLuck, OperatorRow
from bubble_abm.economy.agents.platform import PlatformRow
from bubble_abm.economy.agents.smuggler import SmugglerLuck, SmugglerRow
from bubble_abm.economy.agents.startup import StartupLuck, StartupRow
from bubble_abm.economy.tables import Row

# Streams of luck: one number for each kind of decision-maker. Never renumber: the number is part of the luck.
INVESTOR, OPERATOR, SMUGGLER, STARTUP, PLATFORM, PROVINCE, CHAT = 1, 2, 3, 4, 5, 6, 7


@dataclass(frozen=True)
class Kind:
    """A kind of agent: its name, its table in the world, its columns, and its luck if it has any.

    Of a ``listed`` kind, only those under way take part in a month, and only for them is luck drawn.
    """

    name: str
    table: str
    row: type[Row]
    luck: type[Row] | None = None
    stream: int = 0
    listed: bool = False


KINDS = (
    Kind("LocalGovernment", "provinces", LocalGovernmentRow),
    Kind("CentralGovernment", "centre", CentralGovernmentRow),
    Kind("Investor", "investors", InvestorRow, InvestorLuck, INVESTOR),
    Kind("Operator", "operators", OperatorRow, OperatorLuck, OPERATOR, listed=True),
    Kind("Smuggler", "smugglers", SmugglerRow, SmugglerLuck, SMUGGLER),
    Kind("Startup", "startups", StartupRow, StartupLuck, STARTUP),
    Kind("Platform", "platforms", PlatformRow),
)
#: Those whose decisions are partly left to chance.
LUCKY = tuple(kind for kind in KINDS if kind.luck is not None)
