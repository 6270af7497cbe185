"""From a sound to a picture: two small generators that draw what was heard, each time anew."""

from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from avtutor.models.generator_parts import (
    GeneratorConfig,
    PictureDecoder,
    PictureEncoder,
    Velocity,
    divergence,
    drawn_like,
    misfit,
)


class Terms(NamedTuple):
    """What a generator has to make small.

    Args:
        misfit: how unlikely the pictures are, given what was drawn of them, in nats, [batch].
        told: what the latents tell of them beyond chance, in nats, [batch].
    """

    misfit: Tensor
    told: Tensor


class PictureVAE(nn.Module):
    """Pictures to a few numbers, about normally distributed, and back.

    Args:
        config: the settings.
        edge_weight: see `misfit`.
    Source: Kingma and Welling 2014, Auto-encoding variational Bayes.
    Lesson: 16_hear_a_roar_see_a_lion

    >>> pictures = PictureVAE(GeneratorConfig())
    >>> pictures.latents(torch.zeros(2, 3, 32, 32)).shape
    torch.Size([2, 24])
    """

    def __init__(self, config: GeneratorConfig, *, edge_weight: float = 2.0) -> None:
        super().__init__()
        self.config, self.edge_weight = config, edge_weight
        self.encoder = PictureEncoder(config)
        self.decoder = PictureDecoder(config, config.n_latents)

    def forward(self, pictures: Float[Tensor, "batch channel height width"]) -> Terms:
        """Return what has to be small; what is drawn comes from PyTorch's global generator."""
        mean, log_variance = self.encoder(pictures)
        drawn = self.decoder(drawn_like(mean, log_variance))
        return Terms(
            misfit(drawn, pictures, deviation=self.config.deviation, edge_weight=self.edge_weight),
            divergence(mean, log_variance),
        )

    def latents(
        self, pictures: Float[Tensor, "batch channel height width"]
    ) -> Float[Tensor, "batch latent"]:
        """Return latents of pictures, drawn as the encoder says."""
        return drawn_like(*self.encoder(pictures))


class ConditionalVAE(nn.Module):
    """Draws a picture from what was heard and from latents, which say what the sound does not.

    In training the latents come from the picture, and telling by them costs: what the sound tells
    for nothing is left to it. To draw, they are normal noise.

    Args:
        config: the settings.
        sound: takes spectrograms, and lengths where its forward has them, and gives
            [batch, config.n_features].
        edge_weight: see `misfit`.
    Source: Sohn, Lee and Yan 2015, Learning structured output representation using deep
        conditional generative models.
    Lesson: 16_hear_a_roar_see_a_lion

    >>> from avtutor.models import CallEncoder
    >>> config = GeneratorConfig()
    >>> model = ConditionalVAE(config, CallEncoder(config, n_frames=161))
    >>> model.draw(torch.zeros(2, 40, 161), generator=torch.Generator().manual_seed(0)).shape
    torch.Size([2, 3, 32, 32])
    """

    def __init__(
        self, config: GeneratorConfig, sound: nn.Module, *, edge_weight: float = 2.0
    ) -> None:
        super().__init__()
        self.config, self.edge_weight = config, edge_weight
        self.sound = sound
        self.encoder = PictureEncoder(config, n_given=config.n_features)
        self.decoder = PictureDecoder(config, config.n_latents + config.n_features)

    def forward(
        self,
        sounds: Float[Tensor, "batch mel frame"],
        pictures: Float[Tensor, "batch channel height width"],
        lengths: Int[Tensor, " batch"] | None = None,
    ) -> Terms:
        """Return what has to be small."""
        heard = self.hear(sounds, lengths)
        mean, log_variance = self.encoder(pictures, heard)
        drawn = self.decoder(torch.cat([drawn_like(mean, log_variance), heard], dim=1))
        return Terms(
            misfit(drawn, pictures, deviation=self.config.deviation, edge_weight=self.edge_weight),
            divergence(mean, log_variance),
        )

    def hear(
        self,
        sounds: Float[Tensor, "batch mel frame"],
        lengths: Int[Tensor, " batch"] | None = None,
    ) -> Float[Tensor, "batch feature"]:
        """Return what is heard."""
        return _heard(self.sound, sounds, lengths)

    def draw(
        self,
        sounds: Float[Tensor, "batch mel frame"],
        lengths: Int[Tensor, " batch"] | None = None,
        *,
        generator: torch.Generator,
    ) -> Float[Tensor, "batch channel height width"]:
        """Return one picture a sound.

        Args:
            sounds: levels in dB.
            lengths: the frames that are not padding, where the sound's encoder asks for them.
            generator: of what the sound does not tell.
        """
        heard = self.hear(sounds, lengths)
        noise = _noise(len(heard), self.config.n_latents, generator, heard)
        drawn: Tensor = self.decoder(torch.cat([noise, heard], dim=1))
        return drawn


class LatentFlow(nn.Module):
    """Draws a picture by moving noise to the latents of a picture, on a way that the sound shows.

    A picture's latents are those of a `PictureVAE` that was trained before, on pictures alone, and
    stays as it is. The way from noise to latents is learned as straight lines: at a place between
    the two, the network is asked for their difference.

    Args:
        pictures: the trained VAE.
        sound: takes spectrograms, and lengths where its forward has them, and gives
            [batch, config.n_features].
        n_draws: noises and places on the way for each picture in training: they cost little
            beside a sound that has to be heard.
    Raises:
        ValueError: if `n_draws` is below 1.
    Source: Lipman, Chen, Ben-Hamu, Nickel and Le 2023, Flow matching for generative modeling;
        Rombach et al. 2022 (in the latents of an autoencoder).
    Lesson: 16_hear_a_roar_see_a_lion

    >>> from avtutor.models import CallEncoder
    >>> config = GeneratorConfig()
    >>> model = LatentFlow(PictureVAE(config), CallEncoder(config, n_frames=161))
    >>> model.draw(torch.zeros(2, 40, 161), generator=torch.Generator().manual_seed(0)).shape
    torch.Size([2, 3, 32, 32])
    """

    def __init__(self, pictures: PictureVAE, sound: nn.Module, *, n_draws: int = 8) -> None:
        super().__init__()
        if n_draws < 1:
            raise ValueError(f"n_draws must be at least 1, got {n_draws}")
        self.n_draws = n_draws
        self.config = pictures.config
        self.sound = sound
        self.velocity = Velocity(self.config)
        self.pictures = pictures.eval().requires_grad_(False)

    def train(self, mode: bool = True) -> "LatentFlow":
        """Switch to training, all but the pictures' VAE."""
        super().train(mode)
        self.pictures.eval()
        return self

    def forward(
        self,
        sounds: Float[Tensor, "batch mel frame"],
        pictures: Float[Tensor, "batch channel height width"],
        lengths: Int[Tensor, " batch"] | None = None,
    ) -> Float[Tensor, " batch"]:
        """Return the squared error of the way, a mean over latents."""
        heard = self.hear(sounds, lengths).repeat(self.n_draws, 1)
        with torch.no_grad():
            mean, log_variance = self.pictures.encoder(pictures)
            goal = drawn_like(mean.repeat(self.n_draws, 1), log_variance.repeat(self.n_draws, 1))
        noise = torch.randn_like(goal)
        times = torch.rand(len(goal), device=goal.device)
        between = torch.lerp(noise, goal, times[:, None])
        error: Tensor = self.velocity(between, times, heard) - (goal - noise)
        return error.square().mean(dim=1).view(self.n_draws, -1).mean(dim=0)

    def hear(
        self,
        sounds: Float[Tensor, "batch mel frame"],
        lengths: Int[Tensor, " batch"] | None = None,
    ) -> Float[Tensor, "batch feature"]:
        """Return what is heard."""
        return _heard(self.sound, sounds, lengths)

    def draw(
        self,
        sounds: Float[Tensor, "batch mel frame"],
        lengths: Int[Tensor, " batch"] | None = None,
        *,
        generator: torch.Generator,
        n_steps: int = 16,
    ) -> Float[Tensor, "batch channel height width"]:
        """Return one picture a sound.

        Args:
            sounds: levels in dB.
            lengths: the frames that are not padding, where the sound's encoder asks for them.
            generator: of what the sound does not tell.
            n_steps: into how many steps the way is cut.
        Raises:
            ValueError: if `n_steps` is below 1.
        """
        heard = self.hear(sounds, lengths)
        drawn: Tensor = self.pictures.decoder(
            self.flow(heard, generator=generator, n_steps=n_steps)[-1]
        )
        return drawn

    def flow(
        self,
        heard: Float[Tensor, "batch feature"],
        *,
        generator: torch.Generator,
        n_steps: int = 16,
    ) -> Float[Tensor, "step batch latent"]:
        """Return the latents on their way, noise first: `n_steps` and one.

        Each step looks half a step ahead (the midpoint method).

        Raises:
            ValueError: if `n_steps` is below 1.
        """
        if n_steps < 1:
            raise ValueError(f"n_steps must be at least 1, got {n_steps}")
        places = [_noise(len(heard), self.config.n_latents, generator, heard)]
        step = 1 / n_steps
        for number in range(n_steps):
            at = places[-1]
            times = torch.full((len(heard),), number * step, device=heard.device)
            ahead = at + step / 2 * self.velocity(at, times, heard)
            places.append(at + step * self.velocity(ahead, times + step / 2, heard))
        return torch.stack(places)


def _heard(sound: nn.Module, sounds: Tensor, lengths: Tensor | None) -> Tensor:
    found: Tensor = sound(sounds) if lengths is None else sound(sounds, lengths)
    return found


def _noise(n: int, size: int, generator: torch.Generator, like: Tensor) -> Tensor:
    return torch.randn(n, size, generator=generator, device=generator.device).to(like)
