"""Lesson 16: spoken names without a network: dynamic time warping to every known clip.

The rows are those of 16_names, asked by the same names among the same pictures: a picture is as
near as the nearest clip of its name that is known. Nothing is trained, so there are no seeds.

A trial went before, on 200 of these names in Spanish and 200 in French: recall@10 .075 in both,
with frames of 12.5 ms and steps that weigh 1 and 0.9. Frames of 20 ms and the weights of Sakoe and
Chiba were then taken without a trial. A second form, in which a name may lie anywhere within
another, was at chance on the Spanish names, and is not kept.
"""

import multiprocessing
from typing import Any

import torch

from avtutor.datasets import names, stamps
from avtutor.datasets.name_words import same_name, words_of
from experiments.spoken_names import plain, takes, word_distances
from experiments.stamps import Found, best_of, summary
from experiments.warped import cepstra, nearness

DATA = ("tuxpaint",)
CHOSEN_BY, NEAR = 5, 0.34
"""As in 16_names."""
LANGUAGES = ("es", "fr", "ru", "bg")
OTHERS = ("second takes", "another French voice")


class Clips:
    """All spoken names, as they are compared."""

    def __init__(self) -> None:
        self.names = names()
        self.stamps = [stamp for stamp in stamps() if stamp.named]
        numbers = same_name(self.names)
        self.labels = torch.tensor([numbers[stamp.key] for stamp in self.stamps])
        places = {stamp.key: row for row, stamp in enumerate(self.stamps)}
        self.rows = torch.tensor([places[name.key] for name in self.names])
        self.name_labels = self.labels[self.rows]
        sounds = [name.load() for name in self.names]
        self.cepstra = [cepstra(sound) for sound in sounds]
        self.takes = takes(self.names, [sound.samples[0] for sound in sounds])

    def found(self, asked: list[int], known: list[int]) -> Found:
        """Return which pictures some names find, where others are known."""
        near = nearness([self.cepstra[i] for i in asked], [self.cepstra[i] for i in known])
        scores = best_of(near, self.rows[known], len(self.stamps))
        asks = self.name_labels[asked]
        return Found.of(scores, asks, self.labels, asks.tolist())

    def once(self, these: list[int]) -> list[int]:
        """Return the first clip of each take, without its copies."""
        found: dict[tuple[str, str, int], int] = {}
        for i in these:
            name = self.names[i]
            found.setdefault((name.speaker, plain(name.text), self.takes[i]), i)
        return sorted(found.values())


def left_out(clips: Clips, language: str) -> dict[str, Found]:
    """Return what is found where no clip of the language that asks is known."""
    known = [i for i, name in enumerate(clips.names) if name.language != language]
    asked = [
        i
        for i, name in enumerate(clips.names)
        if name.language == language and int(clips.name_labels[i]) % CHOSEN_BY
    ]
    found = clips.found(asked, known)
    texts = [[words_of(clips.names[i].text) for i in some] for some in (asked, known)]
    own = clips.name_labels[asked][:, None] == clips.name_labels[known]
    near = (word_distances(*texts).masked_fill(~own, 1.0).amin(dim=1) <= NEAR).tolist()
    others = [not one for one in near]
    return {"all": found, "cognate": found.only(near), "not cognate": found.only(others)}


def known_languages(clips: Clips) -> dict[str, Found]:
    """Return what second takes find, and another French voice."""
    others = [i for i, name in enumerate(clips.names) if name.speaker == "french_others"]
    later = [i for i in range(len(clips.names)) if clips.takes[i]]
    known = sorted(set(range(len(clips.names))) - set(others) - set(later))
    asked = dict(zip(OTHERS, (clips.once(later), others), strict=True))
    return {title: clips.found(some, known) for title, some in asked.items()}


def done(what: tuple[str, ...]) -> dict[str, dict[str, Found]]:
    """Return what is found in some languages, each left out, and where all are known if asked."""
    torch.set_num_threads(1)
    clips = Clips()
    return {one: known_languages(clips) if one == "known" else left_out(clips, one) for one in what}


def run() -> dict[str, Any]:
    """Return the table. Two processes, of one thread each."""
    spawn = multiprocessing.get_context("spawn")
    found: dict[str, dict[str, Found]] = {}
    with spawn.Pool(2) as pool:
        for part in pool.imap(done, (LANGUAGES[:2], (*LANGUAGES[2:], "known"))):
            found |= part
    rows = found[LANGUAGES[0]]
    return {
        "a language left out": {
            "all": {row: summary([found[one][row] for one in LANGUAGES]) for row in rows},
            **{
                one: {row: summary([part]) for row, part in found[one].items()} for one in LANGUAGES
            },
        },
        "known languages": {row: summary([part]) for row, part in found["known"].items()},
    }
