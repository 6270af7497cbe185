"""A network that was never trained, with statistics as if it had been."""

import torch
from avtutor.models import SpectrogramCNN, SpectrogramCNNConfig
from avtutor.models.spectrogram_cnn import Pooling


def untrained(
    n_mels: int,
    *,
    n_classes: int = 10,
    widths: tuple[int, int, int, int] = (16, 32, 48, 64),
    pooling: Pooling = "mean",
    seed: int = 8,
) -> SpectrogramCNN:
    """Return a SpectrogramCNN whose every number is drawn: no factor is 1, no mean is 0."""
    g = torch.Generator().manual_seed(seed)
    config = SpectrogramCNNConfig(
        n_mels=n_mels, n_classes=n_classes, widths=widths, pooling=pooling
    )
    model = SpectrogramCNN(config)
    for name, values in model.state_dict().items():
        part = name.split(".")[-1]
        drawn = torch.randn(values.shape, generator=g)
        if part == "running_var":
            values.copy_(0.05 + drawn.abs())  # small ones too: epsilon counts
        elif "conv" in name:
            values.copy_(drawn * (2 / values[0].numel()) ** 0.5)
        elif "classifier" in name:
            values.copy_(drawn * 4 / values[0].numel() ** 0.5 if values.ndim == 2 else drawn)
        elif part != "num_batches_tracked":
            values.copy_(drawn * 0.3 + (1.0 if part == "weight" else 0.0))
    model.normalise.running_mean.sub_(35.0)  # type: ignore[union-attr, operator]
    model.normalise.running_var.mul_(200.0)  # type: ignore[union-attr, operator]
    model.eval()
    with torch.no_grad():  # answers that do not all favour the same class
        pictures = -60 * torch.rand(20, 1, 1, generator=g) * torch.rand(20, n_mels, 30, generator=g)
        weight, features = model.classifier.weight, model.embed(pictures)
        weight.div_((features - features.mean(dim=0)).norm(dim=1).mean() / 4)
        model.classifier.bias.sub_(weight @ features.mean(dim=0))
    return model
