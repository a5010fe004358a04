"""Places on a board, for players and for teams of any size."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

PRIOR = 5
"""How many average members a team is given (k of the shrunk mean)."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What somebody has earned in a period. `reached` is when the points were last added to."""

    subject: int
    name: str
    points: int
    right: int
    answered: int
    reached: datetime

    @property
    def order(self) -> tuple[int, int, datetime]:
        """Best first: points, then right answers, then who got there first."""
        return (-self.points, -self.right, self.reached)


@dataclass(frozen=True, slots=True)
class Standing:
    """A place on the board of players. Equal tallies share a rank (1, 2, 2, 4)."""

    rank: int
    tally: Tally


def rank(tallies: Sequence[Tally], above: int = 0) -> list[Standing]:
    """Places for tallies already in order, `above` players being strictly ahead of the first."""
    places: list[Standing] = []
    for index, tally in enumerate(tallies):
        tied = index > 0 and tallies[index - 1].order == tally.order
        places.append(Standing(places[-1].rank if tied else above + index + 1, tally))
    return places


@dataclass(frozen=True, slots=True, order=True)
class TeamTally:
    """What a team has earned: points of those who `played` for it, of `enrolled` members now."""

    team: int
    name: str
    points: int
    right: int
    answered: int
    played: int
    enrolled: int
    reached: datetime

    @property
    def counted(self) -> int:
        """Members the mean is taken over: those who played, but at least half of the enrolled (the rest count 0)."""
        return max(self.played, math.ceil(self.enrolled / 2))

    @property
    def mean(self) -> float:
        """Plain mean of points per member who played."""
        return self.points / self.played if self.played else 0.0

    def score(self, average: float) -> float:
        """Mean shrunk towards the space's `average` points per player: (points + k·average) / (counted + k)."""
        return (self.points + PRIOR * average) / (self.counted + PRIOR)


@dataclass(frozen=True, slots=True)
class TeamStanding:
    """A team's place with the score it was ordered by."""

    rank: int
    tally: TeamTally
    score: float


def rank_teams(teams: Iterable[TeamTally], average: float) -> list[TeamStanding]:
    """Teams by shrunk mean, then right answers, then who got there first; equal means a shared rank."""
    places: list[TeamStanding] = []
    previous = None
    for index, (order, team) in enumerate(sorted((_order(team, average), team) for team in teams)):
        place = places[-1].rank if order == previous else index + 1
        places.append(TeamStanding(place, team, team.score(average)))
        previous = order
    return places


def _order(team: TeamTally, average: float) -> tuple[float, int, datetime]:
    return (-round(team.score(average), 6), -team.right, team.reached)
