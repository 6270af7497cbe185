"""JointMap: the items of a joint space as a map, and what lies between two of them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import torch
import traitlets
from torch import Tensor

from avtutor.models import BimodalAutoencoder, Towers
from avtutor.spectral import SpectrogramConfig
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
from avtutor.widgets.joined import (
    SENSES,
    SPACES,
    Item,
    Joined,
    JointNets,
    compute,
)
from avtutor.widgets.joint_inputs import check_nets, levels_of, paired, spaces_of
from avtutor.widgets.joint_weights import pack_joint
from avtutor.widgets.senses import (
    check_config,
    checked_classes,
    checked_pictures,
    label_of,
)
from avtutor.widgets.still_joint import PAST, in_words, joint_still

__all__ = ["JointMap", "Joined", "compute"]


class JointMap(Explorer):
    """Show a joint space as a map: point at an item, see it, hear it, and draw what lies between.

    Every pair is there twice, as its sound and as its picture, joined by a line. The nearest items
    of the other sense are marked right or wrong. Between two items the bimodal autoencoder draws
    both senses, and the towers are asked what they take the drawings for. All of it runs in the
    page, so it also works without a kernel.

    Args:
        pictures: grey values from 0 (paper) to 1 (ink) by name, all of one size. A name is a
            class, or a class, a space and more: "3", "3 b".
        recordings: Waveforms by the same names, all of one length, at the rate of `config`.
            Samples reach the page as 16-bit numbers.
        towers: trained towers of the senses "audio" and "image". What is shown is their state
            now; later training changes nothing.
        autoencoder: a trained autoencoder of the same senses and inputs.
        config: the front end that both were trained with.
        classes: the names of the classes, in their order.
        range_db: where levels below the loudest are cut (`spectral.below_peak`), as in training.
    Raises:
        TypeError: if a network is of another class, or a picture not a tensor.
        ValueError: if pictures, recordings, networks and config do not fit each other, or a
            setting lies outside its range.
    Lesson: 15_joint_representation
    """

    _esm = page_script("joint_map")
    _css = page_style()

    pictures: traitlets.List[dict[str, Any]] = traitlets.List().tag(sync=True)
    picture = traitlets.Bytes().tag(sync=True)
    front_end: "traitlets.Dict[str, Any]" = traitlets.Dict().tag(sync=True)
    joint: "traitlets.Dict[str, Any]" = traitlets.Dict().tag(sync=True)
    weights = traitlets.Bytes().tag(sync=True)
    classes: traitlets.List[str] = traitlets.List().tag(sync=True)
    range_db = traitlets.Float(60.0).tag(sync=True)

    space = traitlets.Unicode(SPACES[0]).tag(sync=True)
    direction = traitlets.Int(1).tag(sync=True)
    first = traitlets.Unicode().tag(sync=True)
    second = traitlets.Unicode().tag(sync=True)
    share = traitlets.Int(0).tag(sync=True)

    face = "joint_map"
    constants = ("sounds", "pictures", "front_end", "joint", "classes", "range_db")
    blocks = ("sound", "picture", "weights")
    settings = ("space", "direction", "first", "second", "share")

    def __init__(
        self,
        pictures: Mapping[str, Tensor],
        recordings: Mapping[str, Waveform],
        towers: Towers,
        autoencoder: BimodalAutoencoder,
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
        sounds = paired(drawn, read_recordings(recordings), config)
        check_nets(towers, autoencoder)
        entries, block = pack_sounds(sounds)
        labels = [label_of(name, names, "pictures") for name in drawn]
        for entry, label in zip(entries, labels, strict=True):
            entry["label"] = label
        self._config, self._drawn = config, drawn
        shape = next(iter(drawn.values())).shape
        levels = [levels_of(entry, block, config, range_db) for entry in entries]
        inputs = {
            "audio": torch.stack(levels).to(torch.float32),
            "image": torch.stack(list(drawn.values()))[:, None],
        }
        self._spaces = spaces_of(towers, autoencoder, inputs)
        self._nets = JointNets(towers, autoencoder)
        self._levels = inputs["audio"].double().numpy()
        packed, weights = pack_joint(towers, autoencoder, self._spaces)
        super().__init__(
            sounds=entries,
            sound=block,
            pictures=[
                {"name": name, "label": label, "shape": list(shape)}
                for name, label in zip(drawn, labels, strict=True)
            ],
            picture=b"".join(grey.numpy().astype("<f4").tobytes() for grey in drawn.values()),
            front_end=asdict(config),
            joint={**packed, "shapes": {name: list(x.shape[1:]) for name, x in inputs.items()}},
            weights=weights,
            classes=names,
            range_db=float(range_db),
            **_start(entries),  # the page gets all of it at once
        )

    def reset(self) -> None:
        """Go to the first sound of the towers' map; the first of another class is B."""
        with self.hold_sync():
            self.space, self.direction, self.share = SPACES[0], 1, 0
            for name, value in _start(self.sounds).items():
                self.set_trait(name, value)

    def item(self, which: str) -> Item:
        """Return the sense and the number of the pair of ``"first"`` or ``"second"``."""
        name, _, past = str(getattr(self, which)).rpartition(", ")
        sense = next(sense for sense in SENSES if PAST[sense] == past)
        return sense, [entry["name"] for entry in self.sounds].index(name)

    def joined(self) -> Joined:
        """Return what there is at the point that is shown, computed here."""
        return compute(
            self._spaces,
            self._nets,
            space=self.space,
            first=self.item("first"),
            second=self.item("second"),
            share=self.share,
            first_direction=self.direction - 1,
        )

    def _said(self, found: Joined) -> str:
        return in_words(
            found,
            first=self.item("first"),
            second=self.item("second"),
            share=self.share,
            names=[entry["name"] for entry in self.sounds],
            labels=[entry["label"] for entry in self.sounds],
            classes=self.classes,
        )

    def still(self) -> bytes:
        """Return the map, the two items and what is drawn between them as PNG."""
        found = self.joined()
        inputs: dict[str, Sequence[np.ndarray]] = {
            "audio": list(self._levels),
            "image": [grey.double().numpy() for grey in self._drawn.values()],
        }
        return joint_still(
            found,
            self._spaces[self.space],
            inputs,
            title=self._said(found).partition(" · ")[0],
            said=self._said(found).partition(" · ")[2],
            space_name=self.space,
            first_direction=self.direction - 1,
            ends=(self.item("first"), self.item("second")),
            labels=[entry["label"] for entry in self.sounds],
            classes=self.classes,
            range_db=self.range_db,
        )

    def describe(self) -> str:
        """Return one sentence that says what the still picture shows."""
        return (
            f"A map of {len(self.sounds)} sounds and their pictures in the space of the "
            f"{self.space}, and what is drawn between two of them: {self._said(self.joined())}"
        )

    @traitlets.validate("space")
    def _check_space(self, proposal: dict[str, Any]) -> str:
        return one_of("space", str(proposal["value"]), SPACES)

    @traitlets.validate("direction")
    def _check_direction(self, proposal: dict[str, Any]) -> int:
        n = min(len(space.directions) for space in self._spaces.values())
        return one_of("direction", int(proposal["value"]), range(1, n, 2))

    @traitlets.validate("first", "second")
    def _check_item(self, proposal: dict[str, Any]) -> str:
        value, names = str(proposal["value"]), [entry["name"] for entry in self.sounds]
        if value not in {f"{name}, {past}" for name in names for past in PAST.values()}:
            raise ValueError(
                f"{proposal['trait'].name} must be the name of a pair, a comma, and heard or seen "
                f"('{names[0]}, heard'), got {value!r}"
            )
        return value

    @traitlets.validate("share")
    def _check_share(self, proposal: dict[str, Any]) -> int:
        return within("share", int(proposal["value"]), 0, 100)


def _start(sounds: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return the first sound as A, and the first of another class as B."""
    another = (entry for entry in sounds if entry["label"] != sounds[0]["label"])
    ends = {"first": sounds[0], "second": next(another, sounds[0])}
    return {which: f"{entry['name']}, {PAST['audio']}" for which, entry in ends.items()}
