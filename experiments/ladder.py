"""Lesson 06: a network is trained on synthetic digits and tested further and further away.

Shared by the experiments of that lesson. Columns are known voices (takes that were not trained
on), synthetic voices never heard, the other engine, and real people. Every row has as many steps
of training.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor, nn

from avtutor.augment.recipe import SpeechRecipe
from avtutor.batch import Batch
from avtutor.datasets import (
    Sounds,
    SpokenDigit,
    SyntheticDigit,
    group_split,
    load_sounds,
    spoken_digits,
    synthetic_digits,
)
from avtutor.metrics import accuracy_by_group
from avtutor.models import LeNet, LeNetConfig, SpectrogramCNN, SpectrogramCNNConfig
from avtutor.spectral import SpectrogramConfig
from avtutor.training import (
    Classification,
    Minibatches,
    Prepared,
    Step,
    TrainConfig,
    fit,
    write_checkpoint,
)

DIGITS = ("espeak", "pico", "tuxpaint", "asterisk")
DIGITS += ("asterisk-es-co", "asterisk-fr-armelle", "asterisk-it-menardi")
SEEDS = (0, 1, 2)
LANGUAGES = ("en", "es", "fr", "it", "ru")
CLASSES = tuple("0123456789")
CONFIG = SpectrogramConfig(sample_rate=8000, n_fft=256, hop_length=80, n_mels=40)
FRAMES = 81  # of a LeNet's picture: 0.8 s
COARSE = replace(CONFIG, hop_length=160)  # of a SpectrogramCNN: half the columns, half the cost
EPOCHS = 14
KEPT = ("CNN, full recipe", 0)  # the network whose weights are kept, for the lesson to look into
WEIGHTS = Path(__file__).with_name("06_ladder.safetensors")
WIDTHS = (12, 24, 36, 48)


FULL = SpeechRecipe(
    config=COARSE,
    range_db=60.0,
    margin_seconds=0.15,
    max_cut=0.1,
    equaliser_db=10.0,
    snr_db=(5.0, 50.0),
    noise_colour_db=12.0,
    alpha=(0.8, 1.25),
    bend=0.2,
    factor=(0.75, 1.4),
    time_bend=0.2,
    max_bins=5,
    max_frames=4,
)


@dataclass(frozen=True)
class Row:
    """One row of the table: a network, what its training clips go through, and how many voices."""

    recipe: SpeechRecipe = FULL
    net: str = "SpectrogramCNN"
    voices: int | None = None


def one_name(speaker: str) -> str:
    """Return the name of a person: the same for what they described."""
    return speaker.removesuffix("_described")


def clips(seed: int) -> dict[str, Sequence[SyntheticDigit | SpokenDigit]]:
    """Return the clips of each part.

    A quarter of the synthetic clips are of voices held out. Of the other voices all first takes
    train, and two in three of the second; the last third is the test of known voices.
    """
    said = synthetic_digits()
    split = group_split([one.group for one in said], test_share=0.25, seed=seed)
    known = [said[row] for row in split.train]
    voices = sorted({one.speaker for one in known})
    spared = set(voices[seed % 3 :: 3])  # their second takes are tested
    return {
        "train": [one for one in known if one.take == 0 or one.speaker not in spared],
        "known voices": [one for one in known if one.take == 1 and one.speaker in spared],
        "unseen voices": [said[row] for row in split.test],
        "other engine": [o for o in synthetic_digits(engine="pico") if o.language in LANGUAGES],
        "real people": [o for o in spoken_digits() if o.language.split("_")[0] in LANGUAGES],
    }


def chosen(said: Sequence[SyntheticDigit], n: int | None, seed: int) -> list[SyntheticDigit]:
    """Return the clips of `n` of the voices; one in four of them speaks all languages."""
    if n is None:
        return list(said)
    of_many = sorted({one.speaker for one in said if one.language != "en"})
    others = sorted({one.speaker for one in said} - set(of_many))
    draw = random.Random(seed)
    draw.shuffle(of_many)
    draw.shuffle(others)
    kept = {*of_many[: n // 4], *others[: n - n // 4]}
    return [one for one in said if one.speaker in kept]


def fixed(batch: Batch, generator: torch.Generator) -> Batch:
    """Return pictures for a LeNet: the middle `FRAMES` frames, or padded at the end; 1 is 0 dB."""
    levels, lengths = batch.inputs["sound"], batch.lengths["sound"]
    made = levels.new_full((*levels.shape[:2], FRAMES), float(levels.amin()))
    for item, n in enumerate(lengths.tolist()):
        first = max(0, n - FRAMES) // 2
        kept = levels[item, :, first : min(n, first + FRAMES)]
        made[item, :, : kept.shape[1]] = kept
    return replace(batch, inputs={"sound": (1 + made / 60)[:, None]}, lengths={})


def steps(row: Row, *, training: bool) -> list[Step]:
    """Return what a batch goes through on its way to the network."""
    recipe = row.recipe if training else row.recipe.plain()
    return [replace(recipe, config=CONFIG), fixed] if row.net == "LeNet" else [recipe]


def sounds_of(row: Row, said: Sequence[SyntheticDigit | SpokenDigit]) -> Sounds:
    """Return decoded clips, for a LeNet all of one length."""
    seconds = 0.8 if row.net == "LeNet" else None
    return load_sounds(said, sample_rate=CONFIG.sample_rate, classes=CLASSES, seconds=seconds)


def train(
    row: Row, said: Sequence[SyntheticDigit], seed: int, *, epochs: int = EPOCHS
) -> nn.Module:
    """Return a network trained on these clips."""
    sounds = sounds_of(row, said)
    some = chosen(said, row.voices, seed)
    kept = {id(one) for one in some}
    rows = [place for place, one in enumerate(said) if id(one) in kept]
    # As many steps for few voices as for many: their clips come more often.
    repeated = (rows * -(-len(said) // len(rows)))[: len(said)]
    batches = Minibatches(sounds.select(repeated), batch_size=64, shuffle_seed=seed, drop_last=True)
    loader = Prepared(batches, *steps(row, training=True), seed=seed)
    torch.manual_seed(seed)
    model: nn.Module
    if row.net == "LeNet":
        model = LeNet(LeNetConfig(input_shape=(1, CONFIG.n_mels, FRAMES), n_classes=10))
    else:
        config = SpectrogramCNNConfig(
            n_mels=CONFIG.n_mels, n_classes=10, widths=WIDTHS, pooling="mean_max"
        )
        model = SpectrogramCNN(config)
    fit(
        model,
        loader,
        None,
        TrainConfig(epochs=epochs, learning_rate=5e-3, seed=seed),
        objective=Classification(label_smoothing=0.1),
    )
    return model


@torch.no_grad()
def logits(model: nn.Module, row: Row, said: Sequence[SyntheticDigit | SpokenDigit]) -> Tensor:
    """Return the logits of these clips, [clip, class]."""
    sounds = sounds_of(row, said)
    loader = Prepared(Minibatches(sounds, batch_size=100), *steps(row, training=False))
    return torch.cat([Classification().logits(model, batch) for batch in loader])


def by_voice(found: Tensor, said: Sequence[SyntheticDigit | SpokenDigit]) -> dict[str, float]:
    """Return the accuracy on each voice."""
    labels = torch.tensor([one.digit for one in said])
    voices = [one_name(one.speaker) for one in said]
    right = accuracy_by_group(found.argmax(dim=1), labels, voices)
    return {voice: round(value, 4) for voice, value in right.items()}


def run_rows(rows: dict[str, Row]) -> dict:
    """Return the accuracy by voice of every row, column and seed; and what real people's gave."""
    table: dict[str, dict[str, list[dict[str, float]]]] = {name: {} for name in rows}
    answers: dict[str, list[list[list]]] = {name: [] for name in rows}
    for seed in SEEDS:
        for name, row in rows.items():
            parts = clips(seed)
            model = train(row, parts.pop("train"), seed)
            if (name, seed) == KEPT:
                write_checkpoint(WEIGHTS, model.state_dict(), {"row": name, "seed": seed})
            for column, said in parts.items():
                found = logits(model, row, said)
                table[name].setdefault(column, []).append(by_voice(found, said))
                if column == "real people" and name.endswith("full recipe"):
                    share, best = found.softmax(dim=1).max(dim=1)
                    answers[name].append(
                        [
                            [one.language, one.speaker, one.digit, int(digit), round(float(p), 3)]
                            for one, digit, p in zip(said, best, share, strict=True)
                        ]
                    )
            done = {c: sum(v[-1].values()) / len(v[-1]) for c, v in table[name].items()}
            print(seed, name, {c: round(value, 3) for c, value in done.items()}, flush=True)
    kept = {name: lists for name, lists in answers.items() if lists}
    return {"seeds": list(SEEDS), "epochs": EPOCHS, "table": table, "answers": kept}
