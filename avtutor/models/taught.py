"""An eye that has learned to see teaches others: a pen what counts, and an ear what is to be heard.

The eye is a `CreatureReader` that stays as it is. Whoever measures what was drawn with an eye
needs another one: the pen learns the habits of its teacher.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from avtutor.models.reader import N_LIMBS, N_VALUES, CreatureReader, Reading, reading_of

STAGES = (2, 4, 5)
"""The layers that are looked at: the third and the fifth convolution, and the dense layer."""


def stages(
    eye: CreatureReader, pictures: Float[Tensor, "batch 3 height width"]
) -> list[Float[Tensor, "batch feature"]]:
    """Return what an eye makes of pictures on its way, after the layers of `STAGES`.

    Args:
        eye: the eye.
        pictures: of its size.
    Raises:
        ValueError: if the pictures are of another size.
    Lesson: 16_hear_a_roar_see_a_lion

    >>> [list(x.shape) for x in stages(CreatureReader(32).eval(), torch.zeros(2, 3, 32, 32))]
    [[2, 3072], [2, 1024], [2, 128]]
    """
    if pictures.shape[1:] != (3, eye.size, eye.size):
        raise ValueError(
            f"pictures must be [batch, 3, {eye.size}, {eye.size}], got {list(pictures.shape)}"
        )
    x = pictures.contiguous(memory_format=torch.channels_last)
    found = []
    for layer in eye.body:
        x = layer(x)
        if isinstance(layer, nn.ReLU):
            found.append(x.flatten(1))
    return [found[number] for number in STAGES]


def seen_apart(
    eye: CreatureReader,
    drawn: Float[Tensor, "batch 3 height width"],
    real: Float[Tensor, "batch 3 height width"],
) -> Float[Tensor, " batch"]:
    """Return how different two pictures are to an eye: 0 where it sees no difference.

    For each of the `stages` the squared distance, as a share of the square of the real picture's;
    and the Kullback-Leibler divergence of what the eye says of the legs. All of them are added.

    Args:
        eye: the eye; gradients go through it to what was drawn.
        drawn, real: pictures of its size.
    Source: Johnson, Alahi and Fei-Fei 2016, Perceptual losses for real-time style transfer and
        super-resolution (distances between the features of a network).
    Lesson: 16_hear_a_roar_see_a_lion

    >>> eye, some = CreatureReader(32).eval(), torch.rand(2, 3, 32, 32)
    >>> seen_apart(eye, some, some)
    tensor([0., 0.], grad_fn=<AddBackward0>)
    """
    mine = stages(eye, drawn)
    with torch.no_grad():
        goal = stages(eye, real)
        legs = nn.functional.log_softmax(eye.limbs(goal[-1]), dim=1)
    apart = [
        (a - b).square().sum(dim=1) / b.square().sum(dim=1).clamp(min=1e-9)
        for a, b in zip(mine, goal, strict=True)
    ]
    said = nn.functional.log_softmax(eye.limbs(mine[-1]), dim=1)
    return torch.stack(apart).sum(dim=0) + (legs.exp() * (legs - said)).sum(dim=1)


class TaughtEar(nn.Module):
    """An ear, and what it says that an eye will read in the picture that belongs to a sound.

    Args:
        ear: takes spectrograms, and gives [batch, n_features].
        n_features: numbers that the ear gives.
    Source: Aytar, Vondrick and Torralba 2016, SoundNet: learning sound representations from
        unlabeled video (networks that see teach one that hears).
    Lesson: 16_hear_a_roar_see_a_lion

    >>> from avtutor.models import CallEncoder, GeneratorConfig
    >>> ear = TaughtEar(CallEncoder(GeneratorConfig(), n_frames=161), 64)
    >>> [list(x.shape) for x in ear(torch.zeros(2, 40, 161))]
    [[2, 12], [2, 5]]
    """

    def __init__(self, ear: nn.Module, n_features: int) -> None:
        super().__init__()
        self.ear = ear
        self.values = nn.Linear(n_features, N_VALUES)
        self.limbs = nn.Linear(n_features, N_LIMBS)

    def forward(
        self, spectrograms: Float[Tensor, "batch mel frame"]
    ) -> tuple[Float[Tensor, "batch value"], Float[Tensor, "batch class"]]:
        """Return values and logits as a `CreatureReader` gives them."""
        heard = self.ear(spectrograms)
        return self.values(heard), self.limbs(heard)

    @torch.no_grad()
    def read(self, spectrograms: Float[Tensor, "batch mel frame"]) -> Reading:
        """Return what the ear expects to be seen; call ``eval()`` before."""
        return reading_of(*self(spectrograms))


def imitation(
    values: Float[Tensor, "batch value"],
    logits: Float[Tensor, "batch class"],
    eye_values: Float[Tensor, "batch value"],
    eye_logits: Float[Tensor, "batch class"],
) -> Float[Tensor, ""]:
    """Return how far what an ear says is from what an eye says: a mean over the batch.

    The squared error of the values, all of them added, and half the Kullback-Leibler divergence of
    the legs. What no sound tells costs the same whatever is heard, and teaches nothing.

    Lesson: 16_hear_a_roar_see_a_lion

    >>> imitation(torch.ones(3, 12), torch.zeros(3, 5), torch.zeros(3, 12), torch.zeros(3, 5))
    tensor(12.)
    """
    said = nn.functional.log_softmax(logits, dim=1)
    goal = nn.functional.log_softmax(eye_logits, dim=1)
    legs = (goal.exp() * (goal - said)).sum(dim=1).mean()
    found: Tensor = (values - eye_values).square().mean(dim=0).sum() + 0.5 * legs
    return found
