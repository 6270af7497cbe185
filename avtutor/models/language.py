"""Networks that name the language of a recording: convolutions, then a head over time."""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from avtutor.models.language_config import LanguageCNNConfig, shrunk
from avtutor.models.masking import MaskedBatchNorm, time_mask
from avtutor.models.temporal import head as named


class ConvBody(nn.Module):
    """The convolutions: a spectrogram in, one vector a step of time out.

    Padding is set to 0 before each convolution, which is what a clip alone finds beyond its end:
    it changes nothing.

    Args:
        config: the settings.
    Lesson: 10_order_matters

    >>> body = ConvBody(LanguageCNNConfig.compact(n_classes=2))
    >>> x, lengths = body(torch.zeros(2, 40, 100), torch.tensor([100, 50]))
    >>> x.shape, lengths
    (torch.Size([2, 64, 13]), tensor([13,  7]))
    """

    def __init__(self, config: LanguageCNNConfig) -> None:
        super().__init__()
        self.config = config
        norm = MaskedBatchNorm if config.batch_norm else _Masked
        self.normalise = norm(config.n_rows)
        self.convs, self.norms, self.pools = nn.ModuleList(), nn.ModuleList(), nn.ModuleList()
        before = 1
        for conv in config.convs:
            self.convs.append(
                nn.Conv2d(
                    before, conv.channels, conv.kernel, stride=conv.stride,
                    padding=conv.kernel // 2, bias=not config.batch_norm,
                )
            )  # fmt: skip
            self.norms.append(norm(conv.channels))
            self.pools.append(nn.MaxPool2d(conv.pool, conv.pool_stride, padding=conv.pool // 2))
            before = conv.channels
        n_values = before * shrunk(config.n_rows, config.convs)
        self.project = nn.Conv1d(n_values, config.projection, 1) if config.projection else None
        self.to(memory_format=torch.channels_last)

    def forward(
        self,
        spectrograms: Float[Tensor, "batch row frame"],
        lengths: Int[Tensor, " batch"] | None = None,
    ) -> tuple[Float[Tensor, "batch channel step"], Int[Tensor, " batch"]]:
        """Return the vectors, and how many of each clip are not padding.

        Raises:
            ValueError: if there are not ``config.n_rows`` rows, or `lengths` do not fit.
        """
        if spectrograms.ndim != 3 or spectrograms.shape[1] != self.config.n_rows:
            raise ValueError(
                f"spectrograms must have the shape [batch, {self.config.n_rows}, frame], "
                f"got {list(spectrograms.shape)}"
            )
        if lengths is None:
            lengths = torch.full((len(spectrograms),), spectrograms.shape[-1]).to(
                spectrograms.device
            )
        x = self.normalise(spectrograms, time_mask(spectrograms, lengths))[:, None]
        layers = zip(self.config.convs, self.convs, self.norms, self.pools, strict=True)
        for settings, conv, norm, pool in layers:
            x = conv(x)
            lengths = (lengths + settings.stride - 1) // settings.stride
            x = torch.relu(norm(x, time_mask(x, lengths)))  # padding is 0: never the greatest
            x = pool(x)
            lengths = (lengths + settings.pool_stride - 1) // settings.pool_stride
            x = x.masked_fill(~time_mask(x, lengths), 0.0)
        x = x.flatten(1, 2)  # the rows stay apart: high and low are not the same
        if self.project is not None:
            x = torch.relu(self.project(x)).masked_fill(~time_mask(x, lengths), 0.0)
        return x, lengths


class _Masked(nn.Module):
    """What stands in the place of batch norm where there is none: padding becomes 0."""

    def __init__(self, n_channels: int) -> None:
        super().__init__()

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """Return `x` with 0 where there is padding."""
        return x.masked_fill(~mask, 0.0)


class LanguageCNN(nn.Module):
    """Convolutions, a head over time, and dense layers.

    Args:
        config: the settings.
        head: takes the place of the head that `config` names: any module that is called with
            [batch, channel, step] and lengths, and has ``n_features``.
    Raises:
        ValueError: if `head` is given and `config` flattens.
    Source: the shape of the 2015 and 2016 contest nets; the head as in Montavon 2009.
    Lesson: 09_which_language

    >>> model = LanguageCNN(LanguageCNNConfig.compact(n_classes=3, head="tdnn"))
    >>> model(torch.zeros(2, 40, 100), torch.tensor([100, 60])).shape
    torch.Size([2, 3])
    """

    def __init__(self, config: LanguageCNNConfig, *, head: nn.Module | None = None) -> None:
        super().__init__()
        self.config = config
        self.body = ConvBody(config)
        if config.head == "flatten":
            if head is not None:
                raise ValueError("the config flattens the time; a head of your own has none left")
            n_features = config.n_head_channels * config.n_steps(config.n_frames or 0)
            self.head = None
        else:
            self.head = named(config.head, config.n_head_channels) if head is None else head
            n_features = int(self.head.n_features)  # type: ignore[arg-type]
        layers: list[nn.Module] = []
        for size in config.dense:
            layers += [nn.Dropout(config.dropout), nn.Linear(n_features, size), nn.ReLU()]
            n_features = size
        layers += [nn.Dropout(config.dropout), nn.Linear(n_features, config.n_classes)]
        self.classifier = nn.Sequential(*layers)

    def forward(
        self,
        spectrograms: Float[Tensor, "batch row frame"],
        lengths: Int[Tensor, " batch"] | None = None,
    ) -> Float[Tensor, "batch class"]:
        """Return the logits.

        Args:
            spectrograms: levels in dB.
            lengths: the frames that are not padding; None where there is no padding.
        Raises:
            ValueError: if there are not ``config.n_rows`` rows, `lengths` do not fit, or the
                config flattens clips of another length.
        """
        logits: Tensor = self.classifier(self.embed(spectrograms, lengths))
        return logits

    def embed(
        self,
        spectrograms: Float[Tensor, "batch row frame"],
        lengths: Int[Tensor, " batch"] | None = None,
    ) -> Float[Tensor, "batch feature"]:
        """Return what the dense layers see: one vector a clip."""
        n_frames = self.config.n_frames
        if n_frames is not None:
            given = {spectrograms.shape[-1], *([] if lengths is None else lengths.tolist())}
            if given != {n_frames}:
                raise ValueError(
                    f"this network flattens the time: every clip must have {n_frames} frames, "
                    f"got {sorted(given)}"
                )
        x, steps = self.body(spectrograms, lengths)
        found: Tensor = x.flatten(1) if self.head is None else self.head(x, steps)
        return found
