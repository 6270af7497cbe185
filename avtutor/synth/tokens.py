"""A task in which order is the label: the same short sounds in every clip, one after another."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from avtutor.units import db_to_amplitude, seconds_to_samples

LOWEST = 250.0
"""The pitch of token 0 in Hz; each further token lies an octave higher."""


@dataclass(frozen=True, eq=False)
class TokenClips:
    """Clips of the order task, with their truth.

    Args:
        samples: the sounds, [item, time].
        tokens: which token stands at which place, [item, place].
        onsets: when each token begins, in seconds, [item, place].
        labels: the class: how far the tokens 0, 1, 2, … are rotated, [item].
    """

    samples: Float[Tensor, "item time"]
    tokens: Int[Tensor, "item place"]
    onsets: Float[Tensor, "item place"]
    labels: Int[Tensor, " item"]


@dataclass(frozen=True, kw_only=True)
class OrderTask:
    """Tokens with gaps between them and quiet before and after; their order is the class.

    Class k is the tokens 0, 1, 2, … rotated by k: with three, ``0 1 2``, ``1 2 0`` and ``2 0 1``.
    Every clip holds each token once, so that nothing that counts them tells the classes apart.
    A network that pools over time is blind to the order only if none of its windows sees two
    tokens at once, or one token and the end of the clip: `gap_seconds` and `margin_seconds` have
    to be longer than its receptive field.

    Args:
        sample_rate: in Hz.
        n_tokens: tokens in a clip, and classes; from 2 to as many as lie below half the rate.
        token_seconds: length of a token.
        gap_seconds: quiet between two tokens, at least.
        jitter_seconds: each gap is longer by up to so much, at random. Without it the tokens stand
            on a grid, and where a network's strides do not divide it, their places show.
        margin_seconds: quiet before the first and after the last one, at least.
        slack_seconds: further quiet, divided between beginning and end at random (see `draw`).
        noise_db: level of the white noise in all of the clip; a token's peak is at -12 to -6 dB.
    Raises:
        ValueError: if a length is out of its range, or a token would lie above half the rate.
    Lesson: 10_order_matters

    >>> task = OrderTask()
    >>> clips = task.draw(2, generator=torch.Generator().manual_seed(0))
    >>> clips.samples.shape, task.seconds
    (torch.Size([2, 20000]), 2.5)
    """

    sample_rate: int = 8000
    n_tokens: int = 3
    token_seconds: float = 0.1
    gap_seconds: float = 0.4
    jitter_seconds: float = 0.1
    margin_seconds: float = 0.4
    slack_seconds: float = 0.4
    noise_db: float = -60.0

    def __post_init__(self) -> None:
        highest = int(math.log2(self.sample_rate / 2 / (1.1 * LOWEST))) + 1
        if not 2 <= self.n_tokens <= highest:
            raise ValueError(
                f"n_tokens must be from 2 to {highest} at {self.sample_rate} Hz, "
                f"got {self.n_tokens}"
            )
        if not self.token_seconds * self.sample_rate >= 2:
            raise ValueError(
                f"token_seconds must be at least two samples, got {self.token_seconds}"
            )
        for name in ("gap_seconds", "jitter_seconds", "margin_seconds", "slack_seconds"):
            if not 0 <= getattr(self, name) < math.inf:
                raise ValueError(f"{name} must be at least 0, got {getattr(self, name)}")

    @property
    def seconds(self) -> float:
        """The length of a clip."""
        gaps = (self.n_tokens - 1) * (self.gap_seconds + self.jitter_seconds)
        quiet = 2 * self.margin_seconds + self.slack_seconds
        return round(self.n_tokens * self.token_seconds + gaps + quiet, 9)

    def order(self, label: int) -> tuple[int, ...]:
        """Return the tokens of a class in their order.

        >>> OrderTask().order(1)
        (1, 2, 0)
        """
        return tuple((label + place) % self.n_tokens for place in range(self.n_tokens))

    def draw(
        self,
        n_items: int,
        *,
        generator: torch.Generator,
        within: tuple[float, float] = (0.0, 1.0),
        orders: Sequence[Sequence[int]] | None = None,
    ) -> TokenClips:
        """Return clips of all classes, equally many, in random order.

        Pitch and level of each token vary, by up to 5 % and 6 dB.

        Args:
            n_items: how many.
            generator: of everything that is drawn.
            within: the part of the slack that may come before the first token: ``(0.0, 0.1)``
                puts all clips early, ``(0.9, 1.0)`` late.
            orders: the tokens of each clip, where they are not to be those of its class: to
                shuffle what is said and keep the label.
        Raises:
            ValueError: if `n_items` is below 1, `within` is not in order from 0 to 1, or `orders`
                is not one permutation an item.
        """
        if n_items < 1:
            raise ValueError(f"n_items must be at least 1, got {n_items}")
        if not 0 <= within[0] <= within[1] <= 1:
            raise ValueError(f"within must be in order from 0 to 1, got {within}")
        labels = torch.arange(n_items) % self.n_tokens
        labels = labels[torch.randperm(n_items, generator=generator)]
        if orders is None:
            orders = [self.order(int(label)) for label in labels]
        if len(orders) != n_items or any(
            sorted(one) != list(range(self.n_tokens)) for one in orders
        ):
            raise ValueError(
                f"orders must be {n_items} permutations of 0 to {self.n_tokens - 1}, "
                f"got {len(orders)}"
            )
        tokens = torch.tensor([list(one) for one in orders])
        share = torch.rand(n_items, 1, generator=generator, dtype=torch.float64)
        before = self.slack_seconds * (within[0] + (within[1] - within[0]) * share)
        longer = torch.rand(
            n_items, self.n_tokens - 1, generator=generator, dtype=torch.float64
        ).cumsum(dim=1)
        steps = self.jitter_seconds * nn.functional.pad(longer, (1, 0))
        steps += (self.token_seconds + self.gap_seconds) * torch.arange(self.n_tokens)
        onsets = self.margin_seconds + before + steps
        samples = db_to_amplitude(torch.tensor(self.noise_db)) * torch.randn(
            n_items, seconds_to_samples(self.seconds, self.sample_rate), generator=generator
        )
        sounds = self._sounds(tokens, generator)
        length = sounds.shape[-1]
        firsts = (onsets * self.sample_rate).round().long()
        places = firsts[..., None] + torch.arange(length)  # [item, place, time]
        samples.scatter_add_(1, places.flatten(1), sounds.flatten(1))
        return TokenClips(samples, tokens, onsets.float(), labels)

    def _sounds(self, tokens: Tensor, generator: torch.Generator) -> Tensor:
        """Return each token as it sounds this time, [item, place, time]."""
        n = seconds_to_samples(self.token_seconds, self.sample_rate)
        time = torch.arange(n) / self.sample_rate
        around = 1 + 0.05 * (2 * torch.rand(tokens.shape, generator=generator) - 1)
        pitch = LOWEST * 2.0**tokens * around
        level = db_to_amplitude(-12 + 6 * torch.rand(tokens.shape, generator=generator))
        swell = torch.hann_window(n, periodic=False)
        waves = torch.sin(2 * math.pi * pitch[..., None] * time)
        return level[..., None] * swell * waves
