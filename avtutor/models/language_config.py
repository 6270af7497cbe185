"""The settings of the networks that name a language; those of 2015 and 2016 among them."""

from dataclasses import dataclass
from typing import Literal

from avtutor.models.temporal import HeadName

Head = HeadName | Literal["flatten"]


@dataclass(frozen=True)
class ConvSettings:
    """One convolution with its pooling; both are padded, so that only strides shrink a picture.

    Args:
        channels: of the output.
        kernel: rows and columns that each output sees, an odd number.
        stride: of the convolution, in both directions.
        pool: rows and columns of the max-pooling after it, an odd number; 1 pools nothing.
        pool_stride: of the pooling.
    Raises:
        ValueError: if a number is out of its range.
    Lesson: 09_which_language
    """

    channels: int
    kernel: int = 3
    stride: int = 1
    pool: int = 3
    pool_stride: int = 2

    def __post_init__(self) -> None:
        if min(self.channels, self.kernel, self.stride, self.pool, self.pool_stride) < 1:
            raise ValueError(f"every number must be at least 1, got {self}")
        if self.kernel % 2 == 0 or self.pool % 2 == 0:
            raise ValueError(f"kernel and pool must be odd, got {self.kernel} and {self.pool}")
        if self.pool_stride > self.pool:
            raise ValueError(
                f"pool_stride must be at most pool ({self.pool}), got {self.pool_stride}"
            )


@dataclass(frozen=True)
class LanguageCNNConfig:
    """The settings of a LanguageCNN.

    Args:
        n_rows: rows of a spectrogram: mel bands or frequency bins.
        n_classes: how many languages there are.
        convs: the convolutions, in their order.
        head: what becomes of the time: one of `temporal.HeadName`, or ``"flatten"``: every step
            keeps weights of its own, for clips of one length.
        n_frames: length of every clip; needed by ``"flatten"``, and by nothing else.
        projection: channels between the convolutions, whose rows are kept apart, and the head;
            None hands channels times rows to the head.
        dense: sizes of dense layers after the head.
        batch_norm: whether each convolution is followed by it, and the input normalised by it.
        dropout: share left out before each dense layer, in training.
    Raises:
        ValueError: if a number is out of its range, or ``"flatten"`` and `n_frames` do not go
            together.
    Lesson: 09_which_language
    """

    n_rows: int
    n_classes: int
    convs: tuple[ConvSettings, ...]
    head: Head = "mean"
    n_frames: int | None = None
    projection: int | None = None
    dense: tuple[int, ...] = ()
    batch_norm: bool = True
    dropout: float = 0.2

    def __post_init__(self) -> None:
        if min(self.n_rows, self.n_classes, *self.dense, self.projection or 1) < 1:
            raise ValueError(f"rows, classes and layers must be at least 1, got {self}")
        if not self.convs:
            raise ValueError("convs must hold at least one convolution, got none")
        if (self.head == "flatten") != (self.n_frames is not None):
            raise ValueError(
                f"n_frames goes with the head 'flatten', and only with it, got {self.n_frames} "
                f"and {self.head!r}"
            )
        if not 0 <= self.dropout < 1:
            raise ValueError(f"dropout must be in [0, 1), got {self.dropout}")

    @classmethod
    def contest_2015(cls, *, n_classes: int = 176) -> "LanguageCNNConfig":
        """Return the shape of the net of the 2015 answer: six convolutions, two dense layers.

        256 linear bins, 9 of the 10 s: 772 of 858 columns. The source names kernels, channels
        and pooling; how the edges were padded is not known to us: here as in `contest_2016_gru`,
        where the reported number of steps tells it.

        Source: H. Harutyunyan, YerevaNN blog, 2015.
        """
        return cls(
            256,
            n_classes,
            convs=_contest(32, 64, 64, 128, 128, 256),
            head="flatten",
            n_frames=772,
            dense=(1024, 1024),
            batch_norm=False,
            dropout=0.5,
        )

    @classmethod
    def contest_2016(cls, *, n_classes: int = 176) -> "LanguageCNNConfig":
        """Return the CNN of 2016: narrower, and with batch norm.

        Source: T. Nazaretyan and H. Harutyunyan, YerevaNN blog, 2016.
        """
        return cls(
            256,
            n_classes,
            convs=_contest(16, 32, 64, 128, 128, 256),
            head="flatten",
            n_frames=858,
            dense=(1024,),
            dropout=0.5,
        )

    @classmethod
    def contest_2016_gru(cls, *, n_classes: int = 176) -> "LanguageCNNConfig":
        """Return the better net of 2016: four convolutions, then one GRU over 54 steps.

        On the lower 5.5 kHz: 128 of the 256 bins. The source's GRU has 500 units; build it with
        ``LanguageCNN(config, head=GRUHead(config.n_head_channels, width=500))``.

        Source: T. Nazaretyan and H. Harutyunyan, YerevaNN blog, 2016.
        """
        return cls(128, n_classes, convs=_contest(16, 32, 32, 32), head="gru", dropout=0.0)

    @classmethod
    def compact(
        cls, *, n_classes: int, n_rows: int = 40, head: HeadName = "mean"
    ) -> "LanguageCNNConfig":
        """Return a network that two cores train in minutes: 8 kHz, 40 mel bands, 16 ms hop."""
        return cls(
            n_rows,
            n_classes,
            convs=(
                ConvSettings(16, kernel=5, stride=2, pool=1, pool_stride=1),
                ConvSettings(32),
                ConvSettings(48),
                ConvSettings(64, pool=1, pool_stride=1),
            ),
            head=head,
            projection=64,
        )

    @property
    def steps_per_frame(self) -> int:
        """How many frames of the spectrogram stand behind one step of the head."""
        factor = 1
        for conv in self.convs:
            factor *= conv.stride * conv.pool_stride
        return factor

    @property
    def receptive_field(self) -> int:
        """How many frames of the spectrogram one step of the head looks at."""
        field, jump = 1, 1
        for conv in self.convs:
            field += (conv.kernel - 1) * jump
            jump *= conv.stride
            field += (conv.pool - 1) * jump
            jump *= conv.pool_stride
        return field

    @property
    def n_head_channels(self) -> int:
        """Channels that the head is given."""
        return self.projection or self.convs[-1].channels * shrunk(self.n_rows, self.convs)

    def n_steps(self, n_frames: int) -> int:
        """Return how many steps the head is given for a clip of `n_frames` frames.

        >>> LanguageCNNConfig.contest_2016_gru().n_steps(858)
        54
        """
        return shrunk(n_frames, self.convs)


def _contest(*channels: int) -> tuple[ConvSettings, ...]:
    """Return the convolutions of both contest nets: 7 × 7, 5 × 5, then 3 × 3."""
    kernels = (7, 5, *[3] * len(channels))
    return tuple(ConvSettings(n, kernel) for n, kernel in zip(channels, kernels, strict=False))


def shrunk(size: int, convs: tuple[ConvSettings, ...]) -> int:
    """Return what is left of a number of rows or frames: each stride rounds up."""
    for conv in convs:
        for stride in (conv.stride, conv.pool_stride):
            size = -(-size // stride)
    return size
