"""The nets that experiments 16_eye and 16_creatures train: what an eye teaches, and who draws.

The eye that teaches, `taught_by`, has learned from real pictures, as the reader that measures has,
and it is another one: other creatures, other first weights. It teaches the pen what counts in a
picture, and the ear what of a picture is to be heard. Then a flow has only to find its way.
"""

import torch
from torch import Tensor, nn

from avtutor.datasets import Bestiary, FreshBatches
from avtutor.models import (
    CallEncoder,
    ConditionalVAE,
    CreatureReader,
    LatentFlow,
    PictureVAE,
    TaughtEar,
)
from avtutor.training import Drawing, DrawingSeen, TaughtByEye, TrainConfig, fit
from experiments.creatures import (
    BATCH,
    EDGE_PASSES,
    EDGE_WEIGHT,
    LED_CONFIG,
    N_FRAMES,
    PAINTED,
    Pool,
    SeenAnew,
    reader_of_pictures,
)

EYE_SEED = 100
EYE_WEIGHT = 2000.0
EAR_PASSES, FLOW_PASSES, ALONE_PASSES, CVAE_PASSES = 8, 12, 8, 9


def taught_by() -> CreatureReader:
    """Return the eye that teaches; it stays as it is."""
    return reader_of_pictures(EYE_SEED).eval().requires_grad_(False)


def longer(net: PictureVAE, seed: int, eye: CreatureReader | None = None) -> None:
    """Train a VAE of pictures further, in place, on new pictures; an eye looks on if one is given.

    All else is as in `creatures.sharpened`.
    """
    net.edge_weight = EDGE_WEIGHT
    net.train().requires_grad_(True)
    data = Bestiary(4096, seed=seed, first=PAINTED + 2_000_000, heard=False)
    config = TrainConfig(epochs=EDGE_PASSES, learning_rate=3e-3, seed=seed + 2)
    objective = Drawing() if eye is None else DrawingSeen(eye, EYE_WEIGHT)
    fit(net, FreshBatches(data, batch_size=BATCH), None, config, objective=objective)


def taught_ear(eye: CreatureReader, pool: Pool, seed: int) -> TaughtEar:
    """Return an ear that says of a call what the eye says of the picture."""
    torch.manual_seed(seed)
    ear = TaughtEar(CallEncoder(LED_CONFIG, n_frames=N_FRAMES), LED_CONFIG.n_features)
    config = TrainConfig(epochs=EAR_PASSES, learning_rate=3e-3, seed=seed, clip_norm=5.0)
    loader = SeenAnew(pool, seed, batch_size=64)
    fit(ear, loader, None, config, objective=TaughtByEye(eye))
    return ear


class Settled(nn.Module):
    """A net that stays as it is, whatever is trained around it."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner.eval().requires_grad_(False)

    def train(self, mode: bool = True) -> "Settled":
        """Stay in eval mode."""
        super().train(False)
        return self

    def forward(self, x: Tensor) -> Tensor:
        """Return what the net gives."""
        found: Tensor = self.inner(x)
        return found


def led(vae: PictureVAE) -> PictureVAE:
    """Return a copy of a VAE with the settings of the nets that calls lead."""
    copy = PictureVAE(LED_CONFIG)
    copy.load_state_dict(vae.state_dict())
    return copy.eval()


def flow(vae: PictureVAE, ear: TaughtEar, pool: Pool, seed: int) -> LatentFlow:
    """Return a flow in the latents of a VAE, led by what an ear hears; both stay as they are."""
    torch.manual_seed(seed)
    net = LatentFlow(led(vae), Settled(ear.ear), n_draws=16)
    config = TrainConfig(epochs=FLOW_PASSES, learning_rate=3e-3, seed=seed, clip_norm=1.0)
    loader = SeenAnew(pool, seed, batch_size=64)
    fit(net, loader, None, config, objective=Drawing())
    net.sound = ear.ear
    return net


def flow_alone(vae: PictureVAE, pool: Pool, seed: int) -> LatentFlow:
    """Return a flow whose ear nobody teaches: it learns to hear by what it has to draw."""
    torch.manual_seed(seed)
    net = LatentFlow(led(vae), CallEncoder(LED_CONFIG, n_frames=N_FRAMES), n_draws=16)
    config = TrainConfig(epochs=ALONE_PASSES, learning_rate=3e-3, seed=seed, clip_norm=1.0)
    fit(net, SeenAnew(pool, seed), None, config, objective=Drawing())
    return net


def conditional_vae(eye: CreatureReader, ear: TaughtEar, pool: Pool, seed: int) -> ConditionalVAE:
    """Return a conditional VAE that hears by the same ear from its first step, the eye looking on.

    Its latents begin with little noise, as those of `creatures.picture_vae`.
    """
    torch.manual_seed(seed)
    net = ConditionalVAE(LED_CONFIG, Settled(ear.ear), edge_weight=EDGE_WEIGHT)
    with torch.no_grad():
        net.encoder.dense.bias[LED_CONFIG.n_latents :] = -4.0
    config = TrainConfig(epochs=CVAE_PASSES, learning_rate=3e-3, seed=seed)
    loader = SeenAnew(pool, seed)
    fit(net, loader, None, config, objective=DrawingSeen(eye, EYE_WEIGHT))
    net.sound = ear.ear
    return net
