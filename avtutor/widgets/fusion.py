"""FusionExplorer: what networks of two senses say while noise grows on a picture and on a sound."""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import torch
import traitlets
from torch import Tensor

from avtutor.models import FusionNet
from avtutor.spectral import SpectrogramConfig, n_frames
from avtutor.waveform import Waveform
from avtutor.widgets.base import (
    Explorer,
    one_of,
    pack_sounds,
    page_script,
    page_style,
    read_recordings,
    within,
)
from avtutor.widgets.fused import Sensed, answer, compute
from avtutor.widgets.fusion_weights import pack_nets
from avtutor.widgets.noisy import NO_NOISE
from avtutor.widgets.senses import (
    check_config,
    check_sound,
    checked_classes,
    checked_pictures,
    label_of,
)
from avtutor.widgets.still_fusion import fusion_still, in_words

__all__ = ["FusionExplorer", "Sensed", "compute"]

LEAST_SNR = -20
MOST_SEEDS = 1000
MOST_NETS = 12


class FusionExplorer(Explorer):
    """Show what networks of two senses say while noise grows on a picture and on a sound.

    Two faders add noise, each at a signal-to-noise ratio; which class is seen and which is heard
    is chosen, so that the senses can contradict each other; and each sense can be missing. The
    networks run in the page, all of them at every move, so it also works without a kernel. The
    noise is seeded: the same seed is the same noise, in the page and in Python.

    Args:
        pictures: grey values from 0 (paper) to 1 (ink) by name, all of one size. A name is a
            class, or a class, a space and more: "3", "3 again".
        recordings: Waveforms by name, named likewise, at the rate of `config`. Samples reach the
            page as 16-bit numbers.
        nets: trained networks by name, of the senses "audio" and "image" or of one of them. What
            is shown is their state now; later training changes nothing.
        config: the front end that they were trained with.
        classes: the names of the classes, in their order.
        range_db: where levels below the loudest are cut (`spectral.below_peak`), as in training.
    Raises:
        TypeError: if a network is not a FusionNet, or a picture not a tensor.
        ValueError: if pictures, recordings, networks and config do not fit each other, or a
            setting lies outside its range.
    Lesson: 13_fusion
    """

    _esm = page_script("fusion")
    _css = page_style()

    pictures: traitlets.List[dict[str, Any]] = traitlets.List().tag(sync=True)
    picture = traitlets.Bytes().tag(sync=True)
    front_end: "traitlets.Dict[str, Any]" = traitlets.Dict().tag(sync=True)
    nets: "traitlets.Dict[str, Any]" = traitlets.Dict().tag(sync=True)
    weights = traitlets.Bytes().tag(sync=True)
    classes: traitlets.List[str] = traitlets.List().tag(sync=True)
    range_db = traitlets.Float(60.0).tag(sync=True)

    seen = traitlets.Unicode().tag(sync=True)
    heard = traitlets.Unicode().tag(sync=True)
    image_snr = traitlets.Int(NO_NOISE).tag(sync=True)
    audio_snr = traitlets.Int(NO_NOISE).tag(sync=True)
    image_present = traitlets.Bool(True).tag(sync=True)
    audio_present = traitlets.Bool(True).tag(sync=True)
    seed = traitlets.Int(0).tag(sync=True)

    face = "fusion"
    constants = ("sounds", "pictures", "front_end", "nets", "classes", "range_db")
    blocks = ("sound", "picture", "weights")
    settings = (
        "seen", "heard", "image_snr", "audio_snr", "image_present", "audio_present", "seed",
    )  # fmt: skip

    def __init__(
        self,
        pictures: Mapping[str, Tensor],
        recordings: Mapping[str, Waveform],
        nets: Mapping[str, FusionNet],
        config: SpectrogramConfig,
        *,
        classes: Sequence[str],
        range_db: float = 60.0,
    ) -> None:
        names = checked_classes(classes)
        check_config(config)
        if not 0 < range_db <= 200:
            raise ValueError(f"range_db must be above 0 and at most 200 dB, got {range_db:g}")
        drawn = checked_pictures(pictures)
        sounds = read_recordings(recordings)
        for name, sound in sounds.items():
            check_sound(name, sound, config)
        entries, block = pack_sounds(sounds)
        for entry in entries:
            entry["label"] = label_of(entry["name"], names, "recordings")
        packed, weights = pack_nets(nets)
        shape = next(iter(drawn.values())).shape
        for frames in {n_frames(sound.n_samples, config) for sound in sounds.values()}:
            _check_nets(nets, (config.n_mels, frames), shape, n_classes=len(names))
        super().__init__(
            sounds=entries,
            sound=block,
            pictures=[
                {"name": name, "label": label_of(name, names, "pictures"), "shape": list(shape)}
                for name in drawn
            ],
            picture=b"".join(grey.numpy().astype("<f4").tobytes() for grey in drawn.values()),
            front_end=asdict(config),
            nets=packed,
            weights=weights,
            classes=names,
            range_db=float(range_db),
            seen=next(iter(drawn)),
            heard=next(iter(sounds)),
        )
        self._config = config
        self._drawn = drawn
        self._nets = {name: copy.deepcopy(net).eval() for name, net in nets.items()}

    def reset(self) -> None:
        """Take all noise away, and let both senses be there."""
        with self.hold_sync():
            for name in ("image_snr", "audio_snr", "image_present", "audio_present", "seed"):
                self.set_trait(name, self.traits()[name].default())

    def sensed(self) -> Sensed:
        """Return what the networks are given now, and what they say, computed here."""
        return compute(
            self._drawn[self.seen].double().numpy(),
            self.samples(self.heard),
            self._nets,
            self._config,
            image_snr=self.image_snr,
            audio_snr=self.audio_snr,
            image_present=self.image_present,
            audio_present=self.audio_present,
            seed=self.seed,
            range_db=self.range_db,
        )

    def truth(self) -> tuple[int | None, int | None]:
        """Return the numbers of the class seen and of the class heard; None where missing."""
        seen = next(entry["label"] for entry in self.pictures if entry["name"] == self.seen)
        heard = next(entry["label"] for entry in self.sounds if entry["name"] == self.heard)
        return (seen if self.image_present else None, heard if self.audio_present else None)

    def _said(self, sensed: Sensed) -> str:
        bests = [sensed.says(name) for name in self._nets]
        return in_words(bests, self.truth(), self.classes)

    def still(self) -> bytes:
        """Return the picture, the spectrogram and what every network says as PNG."""
        sensed = self.sensed()
        return fusion_still(
            sensed,
            self._config,
            title=self._said(sensed),
            range_db=self.range_db,
            image_snr=self.image_snr,
            audio_snr=self.audio_snr,
            truth=self.truth(),
            classes=self.classes,
        )

    def describe(self) -> str:
        """Return one sentence that says what the still picture shows."""
        return (
            "A picture, a spectrogram, and what each network says to the two: "
            f"{self._said(self.sensed())}"
        )

    @traitlets.validate("seen")
    def _check_seen(self, proposal: dict[str, Any]) -> str:
        names = [str(entry["name"]) for entry in self.pictures]
        return one_of("seen", str(proposal["value"]), names)

    @traitlets.validate("heard")
    def _check_heard(self, proposal: dict[str, Any]) -> str:
        names = [str(entry["name"]) for entry in self.sounds]
        return one_of("heard", str(proposal["value"]), names)

    @traitlets.validate("image_snr", "audio_snr")
    def _check_snr(self, proposal: dict[str, Any]) -> int:
        return within(str(proposal["trait"].name), int(proposal["value"]), LEAST_SNR, NO_NOISE)

    @traitlets.validate("seed")
    def _check_seed(self, proposal: dict[str, Any]) -> int:
        return within("seed", int(proposal["value"]), 0, MOST_SEEDS - 1)


def _check_nets(
    nets: Mapping[str, FusionNet],
    audio: tuple[int, ...],
    image: tuple[int, ...],
    *,
    n_classes: int,
) -> None:
    """Refuse networks that do not take such inputs, or know other classes."""
    if len(nets) > MOST_NETS:
        raise ValueError(f"nets must be at most {MOST_NETS}, got {len(nets)}")
    inputs = {"audio": torch.zeros(1, *audio), "image": torch.zeros(1, 1, *image)}
    for name, net in nets.items():
        try:
            logits = answer(net, inputs, dict.fromkeys(inputs, True))
        except (RuntimeError, ValueError) as error:
            raise ValueError(
                f"the net {name!r} must take spectrograms {list(audio)} and pictures "
                f"{list(image)}: {error}"
            ) from error
        if logits is None or logits.shape != (n_classes,):
            got = None if logits is None else logits.shape[0]
            raise ValueError(
                f"the net {name!r} must know {n_classes} classes, as classes does, got {got}"
            )
