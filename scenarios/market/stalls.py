"""A market of three stalls with two goods each, at which one of the two is taken."""

from __future__ import annotations

from typing import Literal

from tracer import World, action

__all__ = ["STALLS", "Market"]

CHEAP, DEAR = 2, 8
STALLS = ((0, 1), (1, 2), (2, 0))  # whoever always takes the left one prefers each good to the next, in a circle


class Market(World):
    """A market with three stalls of two goods each, which is walked round twice.

    Attributes:
        goods: The three goods.
        dear: Whether what was taken at a stall on the first round costs more on the second.
        taken: What was taken so far.
        sides: On which side it lay.
    """

    goods: list[str]
    dear: bool
    taken: list[str]
    sides: list[str]

    @action
    def take(self, side: Literal["left", "right"]) -> str:
        """Take the left or the right one of the two goods at this stall."""
        if len(self.taken) >= 2 * len(STALLS):
            return "The market is closed."
        good = self.pair()[0 if side == "left" else 1]
        paid = self.price(good)
        self.taken, self.sides = [*self.taken, good], [*self.sides, side]
        return f"You took {good} for {paid} coins. {self.show()}"

    def pair(self) -> tuple[str, str]:
        """Give what lies left and right at this stall; the sides are swapped on the second round."""
        visit, stall = divmod(len(self.taken), len(STALLS))
        left, right = (self.goods[n] for n in STALLS[stall])
        return (right, left) if visit else (left, right)

    def price(self, good: str) -> int:
        """Give what a good costs at this stall."""
        visit, stall = divmod(len(self.taken), len(STALLS))
        return DEAR if self.dear and visit and self.taken[stall] == good else CHEAP

    def show(self) -> str:
        """Say what is to be had."""
        if len(self.taken) >= 2 * len(STALLS):
            return "The market is closed."
        left, right = self.pair()
        return f"This stall: left {left} for {self.price(left)} coins, right {right} for {self.price(right)} coins."
