# %% [markdown]
# # 15 · Joint representation
#
# > "If we hear a lion roar, we instantly compose a mental image of a lion, and vice versa: joint representation." What is that, in numbers, and how does a network come by it?
#
# **You will be able to**
#
# - train two networks whose answers to a sound and to a picture of the same thing meet in one space, and search one sense with the other;
# - say how much of a result is chance, how much a linear method finds, and how much a shortcut does;
# - test a joint representation: learn from one sense, be asked about the other; let the two disagree.
#
# **Time:** 40 minutes · **First:** lesson 13
#
# ## Predict
#
# A network gets a sound and a picture and says whether they belong together. It learns that from thousands of pairs, and is then right in most cases about new ones. Inside, it makes a vector of the sound and one of the picture, lays both side by side, and a small network judges them. Now you take the vectors alone: for each of 100 sounds, which of 100 pictures have the nearest vectors? The right picture is among the first ten
#
# - **A** nearly always: the network knows what belongs together
# - **B** in about half of the cases
# - **C** in about one of ten cases: chance
#
# <details><summary>Answer, after the run</summary>
#
# **C**. Nothing in that training asked the two vectors to be *near* each other. The judge behind them knows how to read the one and the other; a distance does not. Ask the judge about all 10 000 pairs, and for most sounds the right one is among its first ten.
#
# </details>

# %%
import math

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

# %%
from avtutor import plots
from avtutor.augment import ToSpectrogram
from avtutor.batch import Batch
from avtutor.checks import check, claim, experiments, stored
from avtutor.datasets import seen_and_heard
from avtutor.metrics import recall_at_k
from avtutor.models import CCA, BimodalAutoencoder, LeNetConfig, PartByPart, Rescaled, Towers
from avtutor.models import info_nce
from avtutor.models.fusion_encoders import ImageEncoder
from avtutor.player import play_side_by_side
from avtutor.retrieval import Index
from avtutor.spectral import SpectrogramConfig
from avtutor.training import Contrastive, Minibatches, TrainConfig, fit, linear_probe
from avtutor.training import read_checkpoint
from avtutor.waveform import Waveform

# %% [markdown]
# ## One thing, seen and heard
#
# Digits again, as in lesson 13: handwriting, and words of a speech synthesiser. The voices of the test and its stretches of handwriting (blocks of the collection, each kept whole) were not in training. A picture of a 3 and the word "three" share one thing only: *which digit* it is. That one thing is what a **joint representation** of them should hold: a vector that comes out (nearly) the same, whether the digit was seen or heard.

# %%
plots.use_style()
config = SpectrogramConfig(sample_rate=8000, n_fft=256, hop_length=160, n_mels=20)
levels = ToSpectrogram(config)
parts = seen_and_heard(seed=0)
train, valid, test = (levels(pairs.batch(), torch.Generator()) for pairs in parts)
print("train", train)
print("test ", test)

# %% [markdown]
# Ten digits make a small search. So for searching we put two of them together: numbers from 00 to 99, two words one after the other, two pictures side by side. A **gallery** holds each number once.


# %%
def gallery(source: Batch, seed: int) -> Batch:
    """Return the numbers 00 to 99, each once; each digit of them is drawn at random."""
    generator, inputs = torch.Generator().manual_seed(seed), {}
    digits = [int(letter) for number in range(100) for letter in f"{number:02d}"]
    of_digit = [(source.labels == digit).nonzero()[:, 0] for digit in range(10)]
    for name, x in source.inputs.items():
        drawn = torch.rand(200, generator=generator)
        rows = [of_digit[d][int(len(of_digit[d]) * r)] for d, r in zip(digits, drawn, strict=True)]
        both = x[torch.stack(rows)].unflatten(0, (100, 2))  # [number, place, ...]
        inputs[name] = torch.cat([both[:, 0], both[:, 1]], dim=-1)
    return Batch(inputs=inputs, labels=torch.arange(100), groups=("made",) * 100)


# %%
sounds = gallery(parts[2].batch(), seed=1)  # the same draw, as samples: to be heard
numbers = gallery(test, seed=1)
play_side_by_side({f"{n}": Waveform.from_mono(sounds.inputs["audio"][n], 8000) for n in (37, 82)})

# %% alt="Two handwritten numbers, 37 and 82, each above the spectrogram of its two words."
fig, axes = plt.subplots(2, 2, figsize=(7, 3.6))
for column, n in enumerate((37, 82)):
    axes[0, column].imshow(numbers.inputs["image"][n, 0], cmap="Greys")
    axes[0, column].set_axis_off()
    axes[1, column].imshow(numbers.inputs["audio"][n], origin="lower", aspect="auto",
                           extent=(0, 1.6, 0, 20))  # fmt: skip
    axes[1, column].set(xlabel="time (s)", ylabel="mel band")
    axes[1, column].grid(visible=False)
_ = fig.suptitle("37 and 82: what is seen and what is heard share the number alone",
                 fontsize="medium")  # fmt: skip

# %% [markdown]
# ## Two towers that meet
#
# Each sense has its own network, a **tower**: an encoder, as in lesson 13, then a linear layer to 32 numbers, scaled to length 1: the **embedding**. Two embeddings are compared by their scalar product, which is the cosine of the angle between them.
#
# Take a batch of $n$ pairs, with embeddings $a_i$ of the sounds and $b_i$ of the pictures. Their similarities, times a scale $s$ that is learned, are logits. Row $i$ asks: which picture belongs to sound $i$? Column $i$ asks: which sound belongs to picture $i$? In both the right answer is $i$, and all others in the batch are the wrong ones. The mean cross-entropy of both questions is **InfoNCE**, the loss of CLIP (Sources):
#
# $$ L = -\frac{1}{2n} \sum_i \left( \log \frac{e^{s\, a_i \cdot b_i}}{\sum_j e^{s\, a_i \cdot b_j}} + \log \frac{e^{s\, a_i \cdot b_i}}{\sum_j e^{s\, a_j \cdot b_i}} \right) $$

# %% tags=["by-hand"]
generator = torch.Generator().manual_seed(0)
a, b = (F.normalize(torch.randn(5, 3, generator=generator), dim=1) for _ in range(2))
logits = 4.0 * a @ b.T  # [sound, picture]
right = logits.diagonal()
by_rows = (logits.logsumexp(dim=1) - right).mean()
by_columns = (logits.logsumexp(dim=0) - right).mean()
own = (by_rows + by_columns) / 2
claim("15.1", "InfoNCE by hand is that of the package",
      torch.allclose(own, info_nce(a, b, scale=4.0), atol=1e-6))  # fmt: skip

# %% [markdown]
# If all embeddings are alike, every candidate is as good as any, and the loss is $\log n$. It depends on the batch: a loss means little without $n$.
#
# And what of two pairs that show the *same* digit? The one's picture is a perfectly good answer to the other's sound. To call it wrong would teach the towers to hold apart what is one. Such pairs, given as `same`, are left out of the sum in the denominator.

# %%
alike = torch.ones(80, 32) / math.sqrt(32)
at_chance = float(info_nce(alike, alike, scale=14.0))
claim("15.2", "80 embeddings that are all alike: a loss of ln 80",
      math.isclose(at_chance, math.log(80), abs_tol=1e-4))  # fmt: skip

# %%
labels = torch.tensor([3, 3, 7, 9, 1])
same = labels[:, None] == labels[None]
masked = logits.masked_fill(same & ~torch.eye(5, dtype=torch.bool), -math.inf)
rows = (masked.logsumexp(dim=1) - right + masked.logsumexp(dim=0) - right).mean() / 2
left_out = info_nce(a, b, scale=4.0, same=same)
claim("15.3", "another 3 is no wrong answer: left out by hand and by the package",
      torch.allclose(rows, left_out, atol=1e-6) and bool(left_out < own))  # fmt: skip

# %% [markdown]
# Train it, on single digits. `Contrastive` is the objective for `fit`; items with the same label are left out, as above.


# %%
def encoders() -> dict[str, nn.Module]:
    """Return untrained encoders of a digit, said and written: the LeNet of lesson 06, twice."""
    heard = ImageEncoder(LeNetConfig((1, 20, 41), 10, padding=0))  # padding would be 0 dB: loud
    seen = ImageEncoder(LeNetConfig((1, 8, 8), 10))
    return {"audio": nn.Sequential(nn.Unflatten(1, (1, 20)), heard), "image": seen}


sizes = {"audio": 84, "image": 84}  # the last hidden layer of a LeNet
torch.manual_seed(0)
towers = Towers(encoders(), sizes, size=32)

# %%
loader = Minibatches(train, batch_size=80, shuffle_seed=0, drop_last=True)
settings = TrainConfig(epochs=12, learning_rate=5e-3)
with torch.no_grad():
    untrained = towers.eval()(test.inputs)
history = fit(towers, loader, None, settings, objective=Contrastive())
with torch.no_grad():
    trained = towers(test.inputs)


# %%
def by_digit(found: dict[str, torch.Tensor]) -> torch.Tensor:
    """Return the mean cosine of each spoken digit (row) with each written one (column)."""
    means = [
        torch.stack([found[name][test.labels == digit].mean(dim=0) for digit in range(10)])
        for name in ("audio", "image")
    ]
    return means[0] @ means[1].T


before, after = by_digit(untrained), by_digit(trained)

# %% alt="Two tables of ten by ten. Before training all cells look alike; after it the diagonal is bright and the rest is dark."
fig, axes = plt.subplots(1, 2, figsize=(8, 3.6))
for ax, table, name in zip(axes, (before, after), ("before", "after training"), strict=True):
    picture = ax.imshow(table, vmin=-0.3, vmax=1, cmap="cividis")
    ax.set(title=name, xlabel="digit seen", xticks=range(10), yticks=range(10))
    ax.grid(visible=False)
axes[0].set_ylabel("digit heard")
fig.colorbar(picture, ax=axes, label="mean cosine")
_ = fig.suptitle("Voices and handwriting never met before: each word is near its own digit",
                 fontsize="medium")  # fmt: skip

# %%
diagonal = after.argmax(dim=1) == torch.arange(10)
claim("15.4", "each digit's nearest picture, in the mean, is its own: all ten of them",
      bool(diagonal.all()))  # fmt: skip

# %% [markdown]
# Before training each sense has a direction of its own, and everything in it lies there: all cosines are about the same, and below 0. Training has brought the two senses together, and parted the digits.
#
# ## Search, and what chance finds
#
# Now the numbers. Their towers cut picture and sound in two, encode both halves with the same encoder (`PartByPart`), and join them. Two kinds of numbers were not in their training:
#
# - 18 are **new pairs**: 02, 11, 16, 20, 61 and others. Both digits stood in these places in training, and never together.
# - 10 end in 7: a **new place**. No 7 ever stood there. 37 is one of them.
#
# The training takes longer than a lesson has. It was done beforehand, three times from other random starts (**seeds**, each with other voices in the test), and the weights of the first were kept.


# %%
def number_towers() -> Towers:
    """Return untrained towers for numbers of two digits."""
    halves = {name: PartByPart(net, 2) for name, net in encoders().items()}
    return Towers(halves, {name: 2 * n for name, n in sizes.items()}, size=32)


# %%
kept, _ = read_checkpoint(experiments.FOLDER / "15_numbers.safetensors")


def weights(start: str) -> dict[str, torch.Tensor]:
    """Return the kept weights of one net."""
    return {k.removeprefix(start): v for k, v in kept.items() if k.startswith(start)}


meeting = number_towers().eval()
_ = meeting.load_state_dict(weights("towers."))

# %%
with torch.no_grad():
    found = meeting(numbers.inputs)
scores = found["audio"] @ found["image"].T  # [sound, picture]
own = torch.arange(100)
for name, table in {"sound to picture": scores, "picture to sound": scores.T}.items():
    first = recall_at_k(table, own, k=1)
    claimed = {k: recall_at_k(table, own, k=k) > 0.5 for k in (1, 5, 10)}
    print(name, "· recall above one half, by k:", claimed)

# %% [markdown]
# **Recall@k** is the share of the queries whose right answer is among the first $k$. Whoever guesses has a recall of $k$ divided by the size of the gallery: 0.01, 0.05 and 0.1 for 100. So "recall@10 of 0.9" means nothing yet: in a gallery of 11 that is chance. A bigger $k$ gives a better recall, and gives it to a guess too.
#
# To search among many, keep the embeddings in an `Index`, with a key each. A search is then one matrix product and a choice of the best. (For 100 thousand items that takes little longer than the product itself, which `make bench ARGS=retrieval` measures.) The index remembers which model made it, by a fingerprint of its class and all its weights (`model_fingerprint`).

# %%
index = Index.build(found["image"], [f"{n:02d}" for n in range(100)], model=meeting)
asked = (37, 82, 5, 61)
hits = index.search(found["audio"][list(asked)], 5, model=meeting)
print(index)

# %% alt="Four rows, one for each spoken number, with the five pictures that were found first."
fig, axes = plt.subplots(len(asked), 5, figsize=(7, 4.2))
for row, (n, keys) in enumerate(zip(asked, hits.keys, strict=True)):
    for column, key in enumerate(keys):
        ax = axes[row, column]
        ax.imshow(numbers.inputs["image"][int(key), 0], cmap="Greys")
        ax.set(xticks=[], yticks=[])
        ax.set_title(key, color=plots.COLOURS[2 if int(key) == n else 3], fontsize="small")
    axes[row, 0].set_ylabel(f"heard: {n:02d}", rotation=0, ha="right", va="center")
_ = fig.suptitle("The five pictures found first; most misses share a digit, not all (see 05)", fontsize="medium")

# %%
try:
    index.search(found["audio"][:1], 5, model=number_towers())
except ValueError as error:
    print(str(error).partition(":")[0])
    refused = "another model" in str(error)
claim("15.5", "an index that another model built is refused", refused)

# %% [markdown]
# ## The linear baseline: canonical correlation
#
# Before a contrastive loss there was a closed form. **Canonical correlation analysis** (CCA, 1936) looks for a direction in the features of each sense, such that the two are correlated as much as can be; then the next, and so on. Whiten both sides (make every direction equally wide), and take the singular vectors of what is left of their covariance.
#
# Whitening is its danger. Where features are many, and some hardly vary, it blows their noise up, and on few items noise is correlated with noise. A **penalty** on the diagonal holds that down. Its size must be chosen on validation data.

# %% tags=["by-hand"]
with torch.no_grad():
    x, y = (towers.features(name, train.inputs[name]).double() for name in ("audio", "image"))
penalty = 0.1
halves = []
for side in (x, y):
    side = side - side.mean(dim=0)
    covariance = side.T @ side / (len(side) - 1)
    covariance += penalty * covariance.diagonal().mean() * torch.eye(len(covariance))
    values, vectors = torch.linalg.eigh(covariance)
    halves.append((side, vectors / values.sqrt() @ vectors.T))  # centred, and what whitens it
(x, wide_x), (y, wide_y) = halves
strength = torch.linalg.svdvals(wide_x @ (x.T @ y / (len(x) - 1)) @ wide_y)
features = [towers.features(name, train.inputs[name]).detach() for name in ("audio", "image")]
package = CCA.fitted(*features, penalty=penalty, components=9)  # nine can part ten digits
claim("15.6", "canonical correlations by hand are the package's",
      torch.allclose(strength[:9].float(), package.correlations, atol=1e-3))  # fmt: skip

# %% [markdown]
# The experiment gives CCA two sets of features: those of *untrained* encoders (random weights), and those of the towers' own encoders, before the linear layer that leads to the 32 numbers. It learns from the same 4000 pairs of numbers as the towers. Penalty and number of components are chosen on validation numbers, for each. Three seeds, each with other voices and handwriting in the test, and five galleries each.

# %%
table = stored("15_numbers")
rows = table.result["rows"]
table

# %% alt="Two panels, sound to picture and picture to sound. Over k of 1, 5 and 10 the curves of the towers and of CCA on their encoders lie together at the top, that of CCA on untrained encoders far lower, and chance lowest."
WAYS = {"audio to image": "sound to picture", "image to audio": "picture to sound"}
METHODS = {"towers": "towers", "cca, the towers' encoders": "CCA, the towers' encoders",
           "cca, untrained encoders": "CCA, untrained encoders"}  # fmt: skip
fig, axes = plt.subplots(1, 2, figsize=(9, 3.4), sharey=True)
for ax, (way, title) in zip(axes, WAYS.items(), strict=True):
    for number, (name, label) in enumerate(METHODS.items()):
        curves = np.array([[row[name]["all"][way][k] for k in ("1", "5", "10")] for row in rows])
        ax.plot([1, 5, 10], curves.mean(axis=0), "-o", color=plots.COLOURS[number], label=label)
        ax.plot([1, 5, 10], curves.T, "o", ms=3, alpha=0.5, color=plots.COLOURS[number])
    ax.plot([1, 5, 10], [0.01, 0.05, 0.1], "--", color="grey", label="chance")
    ax.set(title=title, xlabel="k, of a gallery of 100", xticks=[1, 5, 10], ylim=(0, 1.03))
axes[0].set_ylabel("recall@k, mean and three seeds")
axes[1].legend(fontsize="small", loc="center left", bbox_to_anchor=(1.0, 0.5))
_ = fig.suptitle("The towers' encoders carry it; from there a linear map is as good",
                 fontsize="medium")  # fmt: skip


# %%
def means(name: str, k: str, which: str = "all") -> list[float]:
    """Return the recall of both ways averaged, for each seed; the gallery is always all 100."""
    return [sum(row[name][which][way][k] for way in WAYS) / 2 for row in rows]


# %%
print("recall@1, 5 and 10 of all numbers, both ways averaged, mean of three seeds")
for name, label in METHODS.items():
    print(f"{label:26s}", *(f"{np.mean(means(name, k)):.2f}" for k in ("1", "5", "10")))
print("recall@1 by what training had, for each seed")
for name, label in METHODS.items():
    for part in ("as in training", "new pair", "new place"):
        print(f"{label:26s} {part:15s}", *(f"{v:.2f}" for v in means(name, "1", part)))

# %%
linear = means("cca, untrained encoders", "1")
margin = min(a - b for a, b in zip(means("towers", "1"), linear, strict=True))
claim("15.7", "recall@1 of the towers: over 40 times chance, every seed",
      min(means("towers", "1")) > 0.4)  # fmt: skip
claim("15.8", "and at least 0.2 above CCA on untrained encoders, every seed", margin > 0.2)
known, pair, place = (np.array(means("towers", "1", part))
                      for part in ("as in training", "new pair", "new place"))  # fmt: skip
claim("15.9", "new pairs: recall@1 within 0.1 of numbers as in training, every seed",
      np.abs(pair - known).max() < 0.1)  # fmt: skip
claim("15.10", "a digit in a new place: lower by over 0.25, every seed",
      (known - place).min() > 0.25)  # fmt: skip

# %%
PENALTIES = (1e-6, 1e-4, 1e-2, 0.1, 1.0, 10.0, 100.0, 1000.0)


def of_penalty(tried: dict) -> list[float]:
    """Return the best recall that each penalty reached, whatever the number of components."""
    return [max(v for one, v in tried.items() if one.startswith(f"{p:g},")) for p in PENALTIES]


# %%
def seen_and_said(batch: Batch) -> list[torch.Tensor]:
    """Return the features of the number towers' encoders."""
    with torch.no_grad():
        return [meeting.features(name, batch.inputs[name]) for name in ("audio", "image")]


few = [
    torch.cat(x) for x in zip(*(seen_and_said(gallery(train, s)) for s in (100, 101)), strict=True)
]
checks = [seen_and_said(gallery(valid, s)) for s in range(3)]


# %%
def with_few_pairs(penalty: float) -> float:
    """Return recall@1 on validation numbers, of a CCA that saw 200 pairs."""
    cca, found = CCA.fitted(*few, penalty=penalty, components=20), []
    for a, b in checks:
        a, b = cca.project("audio", a), cca.project("image", b)
        found.append(recall_at_k(F.normalize(a, dim=1) @ F.normalize(b, dim=1).T, own, k=1))
    return float(np.mean(found))


by_penalty = [with_few_pairs(penalty) for penalty in PENALTIES]

# %% alt="Recall@1 on validation over penalties from a millionth to a thousand. With 200 pairs it rises steeply with the penalty, with 4000 a little; on untrained encoders it stays low, and falls for large penalties."
fig, ax = plt.subplots(figsize=(7, 3.4))
ax.semilogx(PENALTIES, by_penalty, "-o", color=plots.COLOURS[3], 
            label="200 pairs, the towers' encoders, 20 components")
for number, (name, label) in enumerate(list(METHODS.items())[1:], start=1):
    best = np.mean([of_penalty(row[name]["recall@1 on validation"]) for row in rows], axis=0)
    label = label.replace("CCA", "4000 pairs") + ", best number of components"
    ax.semilogx(PENALTIES, best, "-o", color=plots.COLOURS[number], label=label)
ax.axhline(0.01, ls="--", color="grey", label="chance")
ax.set(xlabel="penalty, as a share of the mean variance", ylabel="recall@1 on validation",
       title="With few pairs the penalty decides what CCA finds")  # fmt: skip
_ = fig.legend(fontsize="small", loc="outside lower center", ncols=2)

# %%
tables = [row["cca, the towers' encoders"]["recall@1 on validation"] for row in rows]
for n in (5, 10, 20, 40, 80):
    best = np.mean([max(v for k, v in one.items() if k.endswith(f", {n}")) for one in tables])
    print(f"CCA on the towers' encoders, {n:2d} components, best penalty: {best:.2f}")
lifted = max(by_penalty) - by_penalty[0]
claim(
    "15.11", "200 pairs of 168 features: the penalty alone lifts recall@1 by over 0.2", lifted > 0.2
)

# %% [markdown]
# Five things are to be read here. **New pairs** are found as often as numbers that training had. A tower that encodes each half by itself puts known halves together anew. A digit in a **new place** is another matter. The encoder knows a 7 from the first place, but the linear layer behind it, which has weights of its own for each place, never had one in the second: about half of these numbers are found, and in one seed hardly any. On *untrained* encoders CCA finds far more than chance (but hardly a digit in a new place), and far less than the towers: what digits look and sound like must be learned first. On the *towers' own* encoders it finds about as much as their last layer does. So what the contrastive training has made is in the encoders. The last step from there into a joint space is linear, and a method of 1936 takes it as well. And how many components are kept counts as much as the penalty: with five of them CCA finds far less.

# %% [markdown]
# ## "Do they belong together?" is another question
#
# The prediction. Two more nets, each with towers like those above, were asked about pairs: a sound with its own picture, and with those of eight other numbers (`BelongTogether`; right and wrong pairs weigh the same, so that a guess costs $\ln 2$, and is *right about pairs* in one half). A `PairNet` is towers and a `PairHead`, and the heads differ:
#
# - **concatenation**: both embeddings side by side into a small network;
# - **distance**: nothing but the distance of the two, times a number, plus a number.

# %%
for kind in ("concat", "distance"):
    values = [row[kind] for row in rows]
    told = np.mean([one["belong together"] for one in values])
    best = np.mean([one["by every pair"]["all"][way]["1"] for one in values for way in WAYS])
    print(f"{kind:9s} right about new pairs: {told:.2f} · recall@1, every pair scored: {best:.2f}")

# %%
PARTS = {"right about\npairs": 0.5, "recall@10,\nembeddings": 0.1, "recall@10,\nevery pair": 0.1}


def parts_of(one: dict) -> list[float]:
    """Return the three numbers of a net."""
    hows = ("by embeddings", "by every pair")
    ten = [np.mean([one[how]["all"][way]["10"] for way in WAYS]) for how in hows]
    return [one["belong together"], *ten]


heads = {
    kind: np.array([parts_of(row[kind]) for row in rows]) for kind in ("concat", "distance")
}  # [seed, part]

# %% alt="For each of the two heads three groups of dots: right about pairs, recall@10 by embeddings, recall@10 by scoring every pair. Of the concatenation head the second stands at chance, the others high; of the distance head all are high."
fig, axes = plt.subplots(1, 2, figsize=(9, 3), sharey=True)
for ax, (kind, values) in zip(axes, heads.items(), strict=True):
    for place, chance in enumerate(PARTS.values()):
        ax.plot([place] * len(values), values[:, place], "o", color=plots.COLOURS[place])
        ax.plot([place - 0.3, place + 0.3], [chance, chance], "--", color="grey")
    ax.set_xticks(range(3), PARTS, fontsize="small")
    ax.set(title=f"head: {kind}", ylim=(0, 1.03))
axes[0].set_ylabel("share; dashed: chance")
_ = fig.suptitle("Both heads know which belong together; only one has embeddings to search",
                 fontsize="medium")  # fmt: skip

# %%
concat, distance = heads.values()
able = concat[:, 0].min() > 0.8
claim("15.12", "concatenation: right about new pairs in over 80 %, every seed", able)
claim("15.13", "but its embeddings find nothing: recall@10 under 0.15, chance 0.1, every seed",
      concat[:, 1].max() < 0.15)  # fmt: skip
able = concat[:, 2].min() > 0.6
claim("15.14", "asked about all 10 000 pairs, it finds: recall@10 over 0.6", able)
claim("15.15", "distance head: its embeddings find as much as all pairs do, over 0.9",
      distance[:, 1].min() > 0.9 and np.allclose(distance[:, 1], distance[:, 2]))  # fmt: skip

# %% [markdown]
# The judge of the concatenation head has its own way to read each side, and nothing makes the two sides alike. What the net knows of pairs is in the judge, not in the vectors. And the judge was asked for a yes or a no, not for an order: it has the right one among its first ten, and seldom as its first (above: recall@1 of every pair scored). Its knowledge can only be had by asking about every pair: $N^2$ runs for $N$ sounds and $N$ pictures, against one matrix product.

# %%
one = rows[0]["concat"]
print("runs of the head for one gallery:", one["runs of the head"])
slower = one["ms for every pair"] / one["ms for the product"]
claim("15.16", "scoring every pair takes over 20 times as long as the product", slower > 20)

# %% [markdown]
# ## Wrong pairs that give themselves away
#
# A net that is asked about pairs will use whatever tells the right from the wrong. Suppose that all recordings carry faint ticks, one every 40 ms, as a codec that works in frames can leave them. A right pair is cut where the picture is, and pictures begin on a tick. A wrong sound is taken from *anywhere*. Then nobody has to look: a sound whose ticks do not begin at its start is a wrong one. (This happened to the authors of *Objects that sound*; see Sources.)

# %%
said = parts[2].batch().inputs["audio"][int((test.labels == 3).nonzero()[0])]
ticks = torch.zeros(len(said))
ticks[::320] = 0.03 * said.abs().max()  # 30 dB below the peak
play_side_by_side({"three": Waveform.from_mono(said, 8000),
                   "with ticks": Waveform.from_mono(said + ticks, 8000)})  # fmt: skip

# %% [markdown]
# Four trainings on single digits with ticks: a concatenation and a distance head with wrong sounds cut anywhere; a concatenation head with wrong sounds cut on the ticks, like the right ones (these three have eight wrong sounds to each right one, as above); and InfoNCE, whose wrong sounds are those of the batch. The first three are asked three times: about wrong sounds as in its training, about wrong sounds cut alike, and as in training but with *all pictures hidden*. The last is the control. All four are also searched by their embeddings: one sound or picture a digit, a gallery of ten, all cut on the ticks. Who is right without the picture has not compared anything.

# %%
grid = stored("15_grid")
grid

# %%
ASKED = {"cut as in training": 0.5, "cut as in training, no picture": 0.5,
         "cut alike": 0.5, "search": 0.1}  # fmt: skip
ways = list(grid.result["rows"][0])


def answer(row: dict, what: str) -> float:
    """Return one number of a training; of the search, recall@1 of both ways averaged."""
    return np.mean(list(row["search"].values())) if what == "search" else row.get(what, np.nan)


# %% alt="For four trainings dots of three seeds. Concatenation, cut anywhere: high as in training, high in two seeds with the picture hidden, near one half in two when cut alike, and search near chance. Distance, cut anywhere: one seed is high with the picture hidden too. Concatenation, cut alike: lower as in training, one half with the picture hidden. InfoNCE: search near 0.95."
fig, axes = plt.subplots(1, 4, figsize=(10, 2.8), sharey=True)
for ax, way in zip(axes, ways, strict=True):
    for place, (what, chance) in enumerate(ASKED.items()):
        dots = [answer(seed[way], what) for seed in grid.result["rows"]]
        ax.plot([place] * len(dots), dots, "o", color=plots.COLOURS[place], label=what)
        if not np.isnan(dots).all():
            ax.plot([place - 0.3, place + 0.3], [chance, chance], "--", color="grey")
    ax.set(title=way.replace(", ", ",\n"), xticks=[], ylim=(0, 1.05))
axes[0].set_ylabel("share right, recall@1 of 10")
labels = axes[0].get_legend_handles_labels()
_ = fig.legend(*labels, loc="outside lower center", ncols=4, fontsize="small")
_ = fig.suptitle("Concatenation, cut anywhere: right without looking, and lost in a search", fontsize="medium")


# %%
def every(way: str, what: str) -> np.ndarray:
    """Return one number of all seeds."""
    return np.array([answer(seed[way], what) for seed in grid.result["rows"]])


print("one number a seed")
for way in ways:
    for what in ASKED:
        if not np.isnan(every(way, what)).any():
            print(f"{way:22s} {what:31s}", *(f"{v:.2f}" for v in every(way, what)))

# %%
told, hidden, alike, search = (every("concat, cut anywhere", what) for what in ASKED)
claim("15.17", "cut anywhere: right in over 80 %, every seed", told.min() > 0.8)
claim("15.18", "and in over 60 % with no picture to look at, every seed", hidden.min() > 0.6)
lost = (told - alike).min()
claim("15.19", "asked about wrong sounds cut alike, it loses over 0.15, every seed", lost > 0.15)
honest = every("concat, cut alike", "cut as in training, no picture")
claim("15.20", "trained with wrong sounds cut alike: without a picture it guesses, within 0.05",
      np.abs(honest - 0.5).max() < 0.05)  # fmt: skip
better = (every("concat, cut alike", "search") - search).min() > 0.05
claim("15.21", "and its search is better by over 0.05 in recall@1, every seed", better)
claim("15.22", "InfoNCE, with the same ticks: its search is right in over 80 %",
      every("InfoNCE", "search").min() > 0.8)  # fmt: skip

# %% [markdown]
# Cut anywhere, the concatenation head found the ticks in all three seeds. In two of them it stopped looking altogether: it is as right with no picture as with one. In the other it does both. The distance head is no safeguard: in one seed it is right without a picture as well, and about sounds cut alike it is at chance, though its embeddings still find four times what chance finds. And the number that one watches in training tells nothing of all this: on average the concatenation heads that cheat have a better one than those that cannot.
#
# The wrong sounds of InfoNCE are the right ones of other pictures. Whatever marks a right sound marks the wrong ones too, and there is nothing to find. That, and a search that is right in over nine of ten, is one reason why wrong answers are taken from the same batch today.
#
# ## The other way: draw what is missing
#
# An older way to one representation is the **bimodal autoencoder** (2011): both senses go into one vector of 32 numbers, and from that vector *both* are drawn again. In training (`Reconstruction`) a third of the items lose the sound, a third the picture, and both must still be drawn. So the vector has to hold what was seen when only a sound came in.


# %%
def decoder(shape: tuple[int, ...], centre: float, spread: float) -> nn.Module:
    """Return layers from the shared vector to one sense."""
    layers = nn.Linear(32, 128), nn.ReLU(), nn.Linear(128, math.prod(shape))
    return nn.Sequential(*layers, Rescaled(shape, centre=centre, spread=spread))


shared = nn.Sequential(
    nn.Linear(sum(sizes.values()), 128), nn.BatchNorm1d(128), nn.ReLU(), nn.Linear(128, 32)
)
decoders = {"audio": decoder((20, 41), -40.0, 20.0), "image": decoder((1, 8, 8), 0.3, 0.4)}
drawing = BimodalAutoencoder(encoders(), sizes, shared, decoders).eval()
kept, _ = read_checkpoint(experiments.FOLDER / "15_shared.safetensors")
_ = drawing.load_state_dict(weights("autoencoder."))

# %% alt="Two rows of ten small pictures: handwritten digits 0 to 9, and below each a blurred digit that was drawn from the sound alone."
first = torch.stack([(test.labels == digit).nonzero()[0, 0] for digit in range(10)])
with torch.no_grad():
    drawn = drawing({"audio": test.inputs["audio"][first]}).reconstructions["image"]
fig, axes = plt.subplots(2, 10, figsize=(9, 2.2))
for digit in range(10):
    for row, picture in enumerate((test.inputs["image"][first[digit]], drawn[digit])):
        axes[row, digit].imshow(picture[0], cmap="Greys", vmin=0, vmax=1)
        axes[row, digit].set(xticks=[], yticks=[])
axes[0, 0].set_ylabel("written", rotation=0, ha="right")
axes[1, 0].set_ylabel("drawn", rotation=0, ha="right")
_ = fig.suptitle("Drawn from a word alone: blurred, like a mean of many; some cannot be read",
                 fontsize="medium")  # fmt: skip

# %% [markdown]
# What it draws is blurred, since many handwritings fit one word, and the mean of them all has the least squared error. Lesson 16 draws single ones.
#
# ## Learn from one sense, be asked about the other
#
# A test of a joint representation that no search can replace: fit a linear classifier to the vectors of *sounds*, with their labels, and ask it about the vectors of *pictures*. It has never seen one. If the vectors mean the same, it works. First the towers above, then the table of the experiment: three seeds, and two controls. "Both always there" is the autoencoder without its gaps in training; "apart" are two classifiers of one sense each that never met.


# %%
def vectors(sense: str, batch: Batch) -> torch.Tensor:
    """Return the towers' embeddings of one sense."""
    with torch.no_grad():
        return towers.embed(sense, batch.inputs[sense])


crossed = linear_probe(
    (vectors("audio", train), train.labels), (vectors("image", test), test.labels), n_classes=10
)
claim("15.23", "learned from words, asked about handwriting: over 70 % right", crossed > 0.7)

# %%
crossing = stored("15_shared")
crossing

# %%
NAMES = {"towers": "towers", "autoencoder": "autoencoder, a sense missing at times",
         "both always there": "autoencoder, both always there",
         "apart": "two classifiers, apart"}  # fmt: skip
TESTS = ("audio to image", "image to audio", "audio to audio", "image to image")


def probe(name: str, what: str) -> list[float]:
    """Return one accuracy of one net, for each seed."""
    return [one[name]["probe"][what] for one in crossing.result["rows"]]


# %% alt="Four nets with dots for learned from sound and asked about pictures, and the other way. The towers stand high, the autoencoder trained with gaps lower, the autoencoder without gaps near 0.2, the classifiers that never met at chance."
fig, ax = plt.subplots(figsize=(8, 3))
for place, what in enumerate(TESTS):
    for row, name in enumerate(NAMES):
        dots, label = probe(name, what), what if row == 0 else None
        height = [row + 0.14 * (place - 1.5)] * len(dots)
        ax.plot(dots, height, "o", ms=5, color=plots.COLOURS[place], label=label)
ax.axvline(0.1, ls="--", color="grey")
ax.set_yticks(range(4), NAMES.values())
ax.set(xlabel="share right, one dot a seed; dashed: chance", xlim=(0, 1), ylim=(3.6, -0.6))
beside = {"loc": "center left", "bbox_to_anchor": (1.0, 0.5)}
ax.set_title("Towers carry a lesson across, the autoencoder in part")
_ = ax.legend(title="learned from, asked about", fontsize="small", **beside)

# %%
for name, label in NAMES.items():
    print(f"{label:38s}", *(f"{what} {np.mean(probe(name, what)):.2f} ·" for what in TESTS))

# %%
stored_values = probe("towers", "audio to image")
inside = min(stored_values) - 0.05 <= crossed <= max(stored_values) + 0.05
claim("15.24", "this lesson's towers lie within 0.05 of the stored spread", inside)
across = TESTS[:2]
claim("15.25", "the autoencoder crosses too, over 30 %, every seed and both ways",
      min(v for what in across for v in probe("autoencoder", what)) > 0.3)  # fmt: skip
apart = max(v for what in across for v in probe("apart", what))
claim("15.26", "two classifiers that never met: below 20 %, every seed and both ways", apart < 0.2)

# %% [markdown]
# Within a sense all four are far above chance: each holds the digit. What differs is whether the other sense can read it. And the autoencoder's gaps in training are what counts: without them it draws the picture from the sound *worse* than one who always draws the mean picture. It had never met a sound alone. (Its squared error is given as a share of that of the mean picture: 1 is no better than the mean.)

# %%
means_of = {
    name: [one[name]["not explained"]["audio to image"] for one in crossing.result["rows"]]
    for name in ("autoencoder", "both always there")
}
for name, values in means_of.items():
    print(f"{NAMES[name]:38s}", *(f"{value:.2f}" for value in values))
better = max(means_of["autoencoder"]) < 0.9 < 1.2 < min(means_of["both always there"])
claim("15.27", "picture from sound: with gaps better than the mean, without them worse", better)

# %% [markdown]
# ## When the two disagree
#
# Hear "ba", see lips that say "ga", and many people report "da": the McGurk effect (1976). It is often told as proof that something new arises when senses are joined. Let us see what it takes.
#
# Three classes, ba, da and ga; each sense shows a noisy place, as 12 values that depend smoothly on it. In the first world the places lie on a line, *da between ba and ga*. In the second they are the corners of a triangle, and nothing lies between. All nets are trained on pairs that agree, and on nothing else. Then all nine pairs are asked, six of which nobody has ever seen. Beside the joint net stands the control: two nets of one sense each, trained apart, whose probabilities are **multiplied**. Where each sense's noise is its own, the product is the best that can be done.

# %%
mcgurk = stored("15_mcgurk")
classes = mcgurk.result["classes"]
mcgurk


# %%
def shares(world: str, who: str) -> np.ndarray:
    """Return how often each class was the answer, [seed, heard, seen, answer]."""
    seeds = [one["answers"][who] for one in mcgurk.result["worlds"][world]]
    return np.array([[[one[f"{h}, {s}"] for s in classes] for h in classes] for one in seeds])


# %%
WHO = ("audio alone", "image alone", "product", "joint net")
WORLDS = {"between": "da lies between", "corners": "three corners"}


def answers(ax: plt.Axes, mean: np.ndarray) -> None:
    """Write the most frequent answer, and its share, into each of nine cells."""
    colours = plt.matplotlib.colors.ListedColormap(plots.COLOURS[:3])
    ax.imshow(mean.argmax(axis=2), cmap=colours, vmin=0, vmax=2, alpha=0.45)
    for h, s in np.ndindex(3, 3):
        best = mean[h, s].argmax()
        ax.text(s, h, f"{classes[best]}\n{mean[h, s, best]:.2f}", ha="center", va="center")
    ax.set(xticks=range(3), xticklabels=classes, yticks=range(3), yticklabels=classes)
    ax.grid(visible=False)


# %% alt="Two rows of four tables of three by three, with what is heard in rows and what is seen in columns, and in each cell the most frequent answer with its share. In the upper row, where da lies between, product and joint net both answer da to ba with ga; in the lower row, the triangle, neither does."
fig, axes = plt.subplots(2, 4, figsize=(10, 5), sharex=True, sharey=True)
for row, (world, told) in zip(axes, WORLDS.items(), strict=True):
    for ax, who in zip(row, WHO, strict=True):
        answers(ax, shares(world, who).mean(axis=0))
        ax.set_title(who)
    row[0].set_ylabel(f"{told}\n\nheard")
for ax in axes[1]:
    ax.set_xlabel("seen")
title = "The third class wins where it lies between, with a joint net and without one"
_ = fig.suptitle(title, fontsize="medium")

# %%
ba, da, ga = range(3)
joint, product = shares("between", "joint net"), shares("between", "product")
agree = joint[:, range(3), range(3), range(3)].mean(axis=1)
able = agree.min() > 0.9
claim("15.28", "pairs that agree: the joint net is right in over 90 %, every seed", able)
third = min(joint[:, ba, ga, da].min(), joint[:, ga, ba, da].min()) > 0.8
claim("15.29", "ba with ga, both ways round: da in over 80 %, every seed", third)
heard, seen = shares("between", "audio alone"), shares("between", "image alone")
otherwise = min(heard[:, ba, ga, ba].min(), seen[:, ba, ga, ga].min())
claim("15.30", "where each sense alone says ba, or ga, in over 80 %", otherwise > 0.8)

# %%
added = joint[:, [ba, ga], [ga, ba], da] - product[:, [ba, ga], [ga, ba], da]
six = [(h, s) for h in range(3) for s in range(3) if h != s]
corner = shares("corners", "joint net")
never = max(corner[:, h, s, 3 - h - s].max() for h, s in six)
print("what the joint net adds, one row a seed; ba with ga, ga with ba:")
print(added.round(2))
little = np.abs(added).max() < 0.1
claim("15.31", "the joint net adds less than 0.1 to the product of the two", little)
claim("15.32", "three corners: the third class wins in under 15 %, all six pairs", never < 0.15)

# %% [markdown]
# So the third answer needs no joint net, and no illusion. Two probabilities, each of which leaves a little to its neighbour, give da when they are multiplied, *if da lies between*. The joint net's answer in these cells is that of the product, and it carries it to pairs that it never met. What it adds is small, and not of one sign. More could not be expected: in this world there is nothing to add. A net that is joined could only gain where the noise of the two senses has a common part, or where what they show fits together in more than the class.
#
# And a choice among three words on an input that never occurred is not a percept. People vary: in one sample of 165 adults the share of McGurk answers went from 0 to 100 %, with most people near one of the two ends (Sources). This net, which must choose, does not explain that.
#
# ## The map
#
# Thirty-two numbers on a sheet: the two directions in which the vectors of sixty test pairs vary most. What was heard is round, what was seen is square, and a line joins the two of a pair. They never meet exactly, since a voice and a handwriting have more in them than the digit. The nets are those that the experiment kept: its first towers, and the autoencoder that drew above.
#
# - **Point.** Click a circle, or go from item to item with the arrow keys. Hear it (space), see it, and look at its five nearest pictures. Then choose the **space of the** autoencoder: the same item, among other neighbours. (How many of them are of its digit is counted below.)
# - **Follow a long line.** One of its two ends lies away from its digit. Look at that picture, hear that word: would you have known? Then show the **directions** 3 and 4. Some of what lay together comes apart.
# - **Draw what lies between.** Drag from a 3 to an 8, then move the fader. Towers cannot draw, so what is drawn in the middle, between A and B, is the autoencoder's, from its own vectors of the same two items. Below stands what the towers *take* it *for*: the digits of the nearest items of the other sense. The diamond on the map is the middle of the two vectors, made as long as they are (length 1), so that it need not lie half-way on the sheet.

# %%
from avtutor.widgets import JointMap

places = [row for digit in range(10) for row in (test.labels == digit).nonzero()[:6, 0].tolist()]
names = [f"{digit} {letter}" for digit in range(10) for letter in "abcdef"]
shown = test.select(places)
words = parts[2].batch().select(places).inputs["audio"]
spoken = {n: Waveform.from_mono(x, 8000) for n, x in zip(names, words, strict=True)}
pictures = {n: x[0] for n, x in zip(names, shown.inputs["image"], strict=True)}
met = Towers(encoders(), sizes, size=32).eval()
_ = met.load_state_dict(weights("towers."))

# %% alt="The map of the joint space: sixty orange circles and sixty purple squares, each with its digit, in clusters by digit, some of which overlap; a number of long lines lead from one cluster to another. Beside it the picture and the spectrogram of a heard 3, of a heard 8, and of what is drawn half-way between them."
map_of_digits = JointMap(pictures, spoken, met, drawing, config, classes=tuple("0123456789"))
map_of_digits.first, map_of_digits.second, map_of_digits.share = "3 a, heard", "8 b, heard", 50
map_of_digits

# %%
with torch.no_grad():
    heard, seen = (met.embed(name, shown.inputs[name]) for name in ("audio", "image"))
    codes = drawing.embed({"audio": shown.inputs["audio"]})
    codes_seen = drawing.embed({"image": shown.inputs["image"]})
both = torch.cat([heard, seen])
variances = torch.linalg.svdvals(both - both.mean(dim=0)).square()
for name, far in {"towers": torch.cdist(heard, seen),
                  "autoencoder": torch.cdist(codes, codes_seen)}.items():  # fmt: skip
    nearest = shown.labels[far.topk(5, largest=False).indices]
    own_digit = (nearest == shown.labels[:, None]).float().mean()
    print(f"{name}: of a word's five nearest pictures {own_digit:.2f} are of its digit")
claim("15.33", "the two directions of the map hold less than half of what varies",
      bool(variances[:2].sum() < 0.5 * variances.sum()))  # fmt: skip


# %%
def third(taken: torch.Tensor) -> float:
    """Return how often a point between a and b is taken for neither of the two digits."""
    return float(((taken != shown.labels[a]) & (taken != shown.labels[b])).float().mean())


a, b = (shown.labels[:, None] < shown.labels[None]).nonzero().T  # all pairs of two digits
with torch.no_grad():
    half_way = F.normalize(heard[a] + heard[b], dim=1)
    found = [met.embed("image", drawing.decoders["image"](x))
             for x in (codes[a], (codes[a] + codes[b]) / 2, codes[b])]  # fmt: skip
ends_and_middle = [third(shown.labels[(x @ heard.T).argmax(dim=1)]) for x in found]

# %%
jump = third(shown.labels[(half_way @ seen.T).argmax(dim=1)]) < 0.2
claim("15.34", "half-way between two words: the towers' nearest picture shows one of the two in "
      "over 80 %", jump)  # fmt: skip
at_a, middle, at_b = ends_and_middle
print(f"taken for a third digit: {middle:.2f} half-way, {(at_a + at_b) / 2:.2f} at the ends")
claim("15.35", "what is drawn there is taken for a third digit in over 25 %, at the ends, on "
      "average, in under 20 %", (at_a + at_b) / 2 < 0.2 and middle > 0.25)  # fmt: skip

# %% [markdown]
# Half-way from a 3 to an 8 there is nothing that is half a 3. In the towers' space the nearest pictures are 3s up to about the middle, and then 8s. In the autoencoder's the drawing fades from one into the other, and about a third of what it draws half-way is taken for neither (at the ends, one in seven). The line between two meanings is not made of meanings: no training asked for that.
#
# ## What this says about a brain
#
# Little. A joint embedding is a table of what belongs together, learned from pairs that somebody cut out and put side by side. Nothing in it chooses what to look at, waits for a second look, or knows that a lion is an animal. In people, what one sense does to another depends on attention, on time and on what they expect: people filter what comes in, and a joint embedding does not. "We hear a roar and see a lion" is a good description of what a joint representation is *for*. It is no evidence that a brain does it in this way.
#
# ## Exercises
#
# 1. Write `both_ways(similarity, scale)`: InfoNCE from a table of similarities. `similarity[i, j]` is that of sound `i` and picture `j`, and what belongs together stands on the diagonal.


# %% tags=["exercise"]
def both_ways(similarity: torch.Tensor, scale: float) -> torch.Tensor:
    """Return the mean cross-entropy of the right answers, from sounds and from pictures."""
    ### BEGIN SOLUTION
    logits = scale * similarity
    right = logits.diagonal()
    rows = (logits.logsumexp(dim=1) - right).mean()
    columns = (logits.logsumexp(dim=0) - right).mean()
    return (rows + columns) / 2
    ### END SOLUTION


# %%
check("15.both_ways", both_ways)

# %% [markdown]
# 2. In a gallery of pictures several may be right: ten pictures of a 3 among a hundred. Write `chance_at(n_right, n_gallery, k)`: how likely it is that at least one right one is among `k` that are drawn at random, without putting back. (`math.comb(n, k)` counts the ways to choose `k` of `n`.)


# %% tags=["exercise"]
def chance_at(n_right: int, n_gallery: int, k: int) -> float:
    """Return recall@k of guessing, where `n_right` of the gallery count as right."""
    ### BEGIN SOLUTION
    none = math.comb(n_gallery - n_right, k) / math.comb(n_gallery, k)
    return 1 - none
    ### END SOLUTION


# %%
check("15.chance_at", chance_at)

# %% [markdown]
# 3. A colleague shows you how often a net is right about pairs (chance is one half): `told`, as in its training; `alike`, with wrong pairs made just like the right ones; and `hidden`, as in training but with no picture shown. Within 0.1 of one half is chance. Write `verdict(told, alike, hidden)`. Return `"content"` if it is above chance when made alike, and at chance when hidden; `"shortcut"` if it is the other way round; `"both"` if it is above chance in both; `"nothing"` if in neither. (`told` decides nothing. That is the point.)


# %% tags=["exercise"]
def verdict(told: float, alike: float, hidden: float) -> str:
    """Return what a net that was asked about pairs goes by."""
    ### BEGIN SOLUTION
    looks, cheats = alike > 0.6, hidden > 0.6
    if looks and cheats:
        return "both"
    if looks or cheats:
        return "content" if looks else "shortcut"
    return "nothing"
    ### END SOLUTION


# %%
check("15.verdict", verdict)

# %% [markdown]
# ## What would break this
#
# - **Pairs that share more than the thing.** If each voice always came with the same hand, the towers would find the person, and the digit only as far as it helps. Here every sound may meet every picture of its digit.
# - **Same name, called wrong.** Train with items of one label as wrong answers (`Contrastive("apart")`), and the towers are told to hold apart what nobody can tell apart.
# - **Right and wrong sounds in two passes.** (A warning, not measured here.) Batch norm takes its statistics from what goes through together. Sent through apart, right and wrong ones are each brought to the same mean, and what tells them apart is gone, or is in the statistics, which no test has.
# - **A batch that is too small, or too easy.** With ten classes and a batch of eight, there are few wrong answers to learn from.
# - **A gallery whose size is not told.** Recall@10 of 0.9 is chance in a gallery of 11.
# - **A sound that is none of these.** Every query has a nearest picture, also silence. A distance tells which is nearest, not whether it is near enough.
# - **Thresholds set afterwards.** The bounds of the claims on stored tables were set when the tables were known. They describe what was found, and predict nothing. (The bound of 15.13 had been "within 0.06 of chance"; in the table as it is now one seed lies 0.07 *below* chance, which finds nothing either.)
# - **An old index.** Train the towers for one more step, and all embeddings of the index are of another model. The fingerprint refuses it.
#
# ## The short answer
#
# A joint representation is a vector that means the same whether it came from a sound or from a picture. Two towers learn it from pairs alone: each item's own partner against all others of the batch. They then find the picture of a number that was said, first of a hundred, in about eight of ten cases (as often where two digits never stood together, but half as often, or hardly at all, where a digit never stood in that place), with voices and handwriting that they never met, and a classifier that learned from words alone reads handwriting in about nine of ten. An autoencoder that must draw what is missing gets there too, less well. A net that only answers "do they belong together?" has no such vector unless its head is a distance: it can judge pairs, and is at chance when its vectors are searched. The controls say whether a success is one: chance at that $k$ and that gallery; a linear method on the same features; the picture hidden; the product of the two senses. The last shows that the "da" between "ba" and "ga" needs no joint net at all.
#
# ## Sources
#
# - J. Ngiam, A. Khosla, M. Kim, J. Nam, H. Lee and A. Y. Ng, *Multimodal deep learning*, ICML 2011: bimodal autoencoders on spoken letters and digits with lips, trained with one sense set to zero; learning from one sense and testing on the other; and McGurk pairs as a test of the joint features.
# - H. Hotelling, *Relations between two sets of variates*, Biometrika 28, 1936: canonical correlation. H. D. Vinod, *Canonical ridge and econometrics of joint production*, Journal of Econometrics 4, 1976: the penalty.
# - A. Radford and others, *Learning transferable visual models from natural language supervision*, ICML 2021 (CLIP): two towers, pictures and their captions, InfoNCE both ways with a learned scale (a temperature is one over it).
# - A. van den Oord, Y. Li and O. Vinyals, *Representation learning with contrastive predictive coding*, 2018: the loss.
# - R. Arandjelović and A. Zisserman, *Look, listen and learn*, ICCV 2017: "do they belong together?" with a concatenation head. The same, *Objects that sound*, ECCV 2018: the distance alone as the head, so that embeddings can be searched; and the shortcut by the times at which sounds were cut.
# - H. McGurk and J. MacDonald, *Hearing lips and seeing voices*, Nature 264, 1976: the effect.
# - D. Basu Mallick, J. F. Magnotti and M. S. Beauchamp, *Variability and stability in the McGurk effect*, Psychonomic Bulletin & Review 22, 2015: 165 adults, 12 stimuli; from 0 to 100 % by person, 17 to 58 % by stimulus; 77 % of the people answered almost always or almost never so.
