"""A world of two senses in which the best possible accuracy is known."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from avtutor.batch import Batch

Noise = float | tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class LatentSense:
    """One sense of a `LatentWorld`.

    Args:
        width: how many latents it has, and how many values are observed. A few of them tell
            something (one for each symbol); the others are noise and nothing else.
        noise: standard deviation of the noise in every latent. Two symbols lie 1 apart, so that
            ``1 / noise`` is their distance in deviations, d'.
        tells: for each class the symbol that this sense shows; classes with the same symbol are
            the same to it. Default: a symbol of its own for each class.
    Raises:
        ValueError: if the noise is not above 0, or there are more symbols than latents.
    Lesson: 13_fusion

    >>> LatentSense(width=12, noise=0.25).d_prime
    4.0
    """

    width: int = 12
    noise: float = 0.5
    tells: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        if not 0 < self.noise < math.inf:
            raise ValueError(f"noise must be above 0 and finite, got {self.noise}")
        if self.tells is not None and not 0 <= min(self.tells) <= max(self.tells) < self.width:
            raise ValueError(
                f"tells must hold symbols from 0 to {self.width - 1} (width - 1), got {self.tells}"
            )

    @property
    def d_prime(self) -> float:
        """The distance of two symbols in standard deviations of the noise."""
        return 1 / self.noise


@dataclass(frozen=True, eq=False, kw_only=True)
class LatentDraw:
    """Items of a `LatentWorld`, with their truth.

    Args:
        batch: what is observed: ``{sense: [batch, width]}``, zeros where a sense is missing.
        latents: what lies behind it, noise included, by sense.
        noise: the standard deviation of each item's noise, by sense.
        classes: the class that each sense shows; they differ in a conflict. The labels of the
            batch are those of the first sense.
    """

    batch: Batch
    latents: Mapping[str, Float[Tensor, "batch latent"]]
    noise: Mapping[str, Float[Tensor, " batch"]]
    classes: Mapping[str, Int[Tensor, " batch"]]


@dataclass(frozen=True, kw_only=True)
class LatentWorld:
    """Classes that two senses show, each through noise; then rendered, which loses nothing.

    Of a class each sense shows a symbol: one of its latents is ``1 / sqrt(2)`` and the rest are 0,
    so that any two symbols lie 1 apart. Noise is added to the latents, independently in each
    sense. They are then turned (a fixed rotation) and bent (``asinh(bend * x) / bend``): a
    network sees neither symbols nor latents. Both steps can be undone, so that whoever knows the
    world loses nothing by them: the best accuracy is that of the ideal observer of the latents.

    Args:
        senses: by name.
        n_classes: how many there are, equally frequent.
        bend: how strongly the observed values are bent; 0 leaves them straight.
        seed: of the rotations.
    Raises:
        ValueError: if there is no sense, or a sense cannot show the classes.
    Source: Green and Swets 1966, Signal detection theory (d', and its sum over observations).
    Lesson: 13_fusion

    >>> world = LatentWorld(senses={"audio": LatentSense(), "image": LatentSense(width=30)})
    >>> drawn = world.draw(5, generator=torch.Generator().manual_seed(0))
    >>> drawn.batch
    Batch(5 items, audio [5, 12], image [5, 30])
    >>> back = world.invert("audio", drawn.batch.inputs["audio"])
    >>> bool(torch.allclose(back, drawn.latents["audio"], atol=1e-5))
    True
    """

    senses: Mapping[str, LatentSense]
    n_classes: int = 10
    bend: float = 2.0
    seed: int = 0

    def __post_init__(self) -> None:
        if not self.senses or self.n_classes < 2:
            raise ValueError(
                f"a world needs at least 1 sense and 2 classes, got {len(self.senses)} and "
                f"{self.n_classes}"
            )
        if not 0 <= self.bend < math.inf:
            raise ValueError(f"bend must be at least 0 and finite, got {self.bend}")
        for name, sense in self.senses.items():
            if sense.tells is None and sense.width < self.n_classes:
                raise ValueError(
                    f"{name}: width must be at least {self.n_classes}, a latent for each class, "
                    f"got {sense.width}"
                )
            if sense.tells is not None and len(sense.tells) != self.n_classes:
                raise ValueError(
                    f"{name}: tells must name {self.n_classes} symbols, got {len(sense.tells)}"
                )

    def symbols(self, sense: str) -> Int[Tensor, " class"]:
        """Return the symbol that one sense shows of each class."""
        tells = self._sense(sense).tells
        return torch.arange(self.n_classes) if tells is None else torch.tensor(tells)

    def render(
        self, sense: str, latents: Float[Tensor, "batch latent"]
    ) -> Float[Tensor, "batch value"]:
        """Return what is observed of latents: turned, then bent.

        >>> straight = LatentWorld(senses={"a": LatentSense()}, bend=0.0)
        >>> x = straight.render("a", torch.ones(1, 12))
        >>> bool(torch.allclose(x.norm(), torch.tensor(12.0).sqrt()))
        True
        """
        turned = latents @ self._rotation(sense).T
        return torch.asinh(self.bend * turned) / self.bend if self.bend else turned

    def invert(
        self, sense: str, values: Float[Tensor, "batch value"]
    ) -> Float[Tensor, "batch latent"]:
        """Return the latents of what is observed: the inverse of `render`."""
        turned = torch.sinh(self.bend * values) / self.bend if self.bend else values
        return turned @ self._rotation(sense)

    def draw(
        self,
        n_items: int,
        *,
        generator: torch.Generator,
        noise: Mapping[str, Noise] | None = None,
        missing: Mapping[str, float] | None = None,
        conflict: float = 0.0,
    ) -> LatentDraw:
        """Return items of all classes, equally many as far as possible, in random order.

        Args:
            n_items: how many.
            generator: of everything that is drawn.
            noise: other noise than that of the senses: a standard deviation, or the lowest and
                the highest, between which each item's is drawn, evenly in dB.
            missing: the share of the items that lack a sense; together at most 1, as one item
                lacks one at most.
            conflict: the share of the items whose last sense shows another class.
        Raises:
            ValueError: if `n_items` is below 1, a noise is not above 0, a share is not from 0 to
                1, or a sense is not of this world.
        """
        missing = dict(missing or {})
        shares = [*missing.values(), conflict]
        if n_items < 1 or not all(0 <= s <= 1 for s in shares) or sum(missing.values()) > 1 + 1e-9:
            raise ValueError(
                f"n_items must be at least 1 and shares from 0 to 1, those of missing senses "
                f"together, got {n_items}, {missing} and {conflict}"
            )
        for name in (*missing, *(noise or {})):
            self._sense(name)
        labels = torch.arange(n_items) % self.n_classes
        labels = labels[torch.randperm(n_items, generator=generator)]
        classes = {name: labels.clone() for name in self.senses}
        other = torch.randint(1, self.n_classes, (n_items,), generator=generator)
        differs = torch.rand(n_items, generator=generator) < conflict
        last = tuple(self.senses)[-1]
        classes[last] = torch.where(differs, (labels + other) % self.n_classes, labels)
        share, below = torch.rand(n_items, generator=generator), 0.0
        latents, levels, inputs, present = {}, {}, {}, {}
        for name, sense in self.senses.items():
            levels[name] = _levels(name, (noise or {}).get(name, sense.noise), n_items, generator)
            latents[name] = levels[name][:, None] * torch.randn(
                n_items, sense.width, generator=generator
            )
            rows = torch.arange(n_items)
            latents[name][rows, self.symbols(name)[classes[name]]] += 0.5**0.5
            lost = missing.get(name, 0.0)
            present[name] = ~((share >= below) & (share < below + lost))
            below += lost
            inputs[name] = self.render(name, latents[name]) * present[name][:, None]
        batch = Batch(inputs=inputs, present=present, labels=labels, groups=("drawn",) * n_items)
        return LatentDraw(batch=batch, latents=latents, noise=levels, classes=classes)

    def scores(
        self,
        latents: Mapping[str, Float[Tensor, "batch latent"]],
        noise: Mapping[str, Float[Tensor, " batch"]],
        *,
        present: Mapping[str, Bool[Tensor, " batch"]] | None = None,
    ) -> Float[Tensor, "batch class"]:
        """Return the ideal observer's log-likelihood of each class, up to a constant an item.

        Of each sense that is given: the latent of the class's symbol, over sqrt(2) times the
        variance of its noise (what else the square of a distance holds is the same for all
        symbols). Over senses they add up, as their noises are independent.

        Args:
            latents: of the senses that are observed.
            noise: their standard deviations, item by item; the observer knows them.
            present: which items have a sense; default: all.
        """
        total = torch.zeros(len(next(iter(latents.values()))), self.n_classes, dtype=torch.float64)
        for name, values in latents.items():
            each = values[:, self.symbols(name)].double() / (
                2**0.5 * noise[name].double()[:, None].square()
            )
            if present is not None:
                each = each * present[name][:, None]
            total += each
        return total

    def _sense(self, name: str) -> LatentSense:
        if name not in self.senses:
            raise ValueError(f"sense must be one of {', '.join(self.senses)}, got {name!r}")
        return self.senses[name]

    def _rotation(self, name: str) -> Tensor:
        return _rotation(self._sense(name).width, self.seed, tuple(self.senses).index(name))


@dataclass(frozen=True)
class Optimum:
    """The accuracy that nothing can beat, by Monte Carlo.

    Args:
        accuracy: of the ideal observer.
        error: standard error of the mean.
    """

    accuracy: float
    error: float


def observed(world: LatentWorld, drawn: LatentDraw) -> Float[Tensor, " batch"]:
    """Return how often the ideal observer is right in each item, over its guesses.

    It knows the noise of each item and which senses it has. Where several classes are equally
    likely it guesses among them: with two, and the true one among them, it is right in half of
    the cases. In a conflict it believes what it sees and hears to be of one class.

    Lesson: 13_fusion

    >>> world = LatentWorld(senses={"audio": LatentSense(noise=0.01)})
    >>> observed(world, world.draw(4, generator=torch.Generator().manual_seed(0)))
    tensor([1., 1., 1., 1.], dtype=torch.float64)
    """
    scores = world.scores(drawn.latents, drawn.noise, present=drawn.batch.present)
    best = (scores == scores.amax(dim=1, keepdim=True)).double()
    chosen = best / best.sum(dim=1, keepdim=True)
    return chosen[torch.arange(len(scores)), drawn.batch.labels]


def optimum(
    world: LatentWorld,
    *,
    senses: tuple[str, ...] | None = None,
    noise: Mapping[str, Noise] | None = None,
    missing: Mapping[str, float] | None = None,
    n_items: int = 100_000,
    seed: int = 0,
) -> Optimum:
    """Return the best accuracy that can be had from some senses of a world.

    An ideal observer looks at the latents, knows their noise, and takes the likeliest class. Its
    accuracy is measured on `n_items`. More latents of nothing but noise change nothing for it,
    so that they are left out.

    Args:
        world: whose classes are asked for.
        senses: what is observed; default: all.
        noise: as for `LatentWorld.draw`.
        missing: as for `LatentWorld.draw`.
        n_items: trials.
        seed: of what is drawn.
    Raises:
        ValueError: if a sense is not of this world, or `n_items` is below 2.
    Lesson: 13_fusion

    >>> two = LatentWorld(senses={"audio": LatentSense(noise=0.5)}, n_classes=2)
    >>> found = optimum(two)  # d' is 2: in theory 0.8413
    >>> round(found.accuracy, 2), found.error < 0.002
    (0.84, True)
    """
    if n_items < 2:
        raise ValueError(f"n_items must be at least 2, got {n_items}")
    names = tuple(world.senses) if senses is None else senses
    small = {}
    for name in names:
        sense = world._sense(name)
        width = int(world.symbols(name).max()) + 1
        small[name] = LatentSense(width=width, noise=sense.noise, tells=sense.tells)
    told = {name: value for name, value in (noise or {}).items() if name in names}
    gone = {name: value for name, value in (missing or {}).items() if name in names}
    for name in (*(noise or {}), *(missing or {})):
        world._sense(name)
    observer = LatentWorld(senses=small, n_classes=world.n_classes, bend=0.0, seed=world.seed)
    drawn = observer.draw(
        n_items, generator=torch.Generator().manual_seed(seed), noise=told, missing=gone
    )
    right = observed(observer, drawn)
    return Optimum(float(right.mean()), float(right.std()) / n_items**0.5)


def _levels(name: str, noise: Noise, n_items: int, generator: torch.Generator) -> Tensor:
    """Return the standard deviation of each item's noise, drawn evenly in dB from a range."""
    low, high = noise if isinstance(noise, tuple) else (noise, noise)
    if not 0 < low <= high < math.inf:
        raise ValueError(f"noise of {name!r} must be above 0, finite and in order, got {noise}")
    share = torch.rand(n_items, generator=generator)
    return low * (high / low) ** share


@cache
def _rotation(width: int, seed: int, place: int) -> Tensor:
    """Return a random orthogonal matrix: that of a Gaussian one, with its signs made even."""
    generator = torch.Generator().manual_seed(1_000_003 * seed + place)
    square = torch.randn(width, width, generator=generator, dtype=torch.float64)
    q, r = torch.linalg.qr(square)
    rotation: Tensor = (q * r.diagonal().sign()).float()
    return rotation
