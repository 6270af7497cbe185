# %% [markdown]
# # 14 · Training two senses
#
# > "What is the proper way to train a CNN with multi-modal data?"
#
# **You will be able to**
#
# - train the baselines without which no joint network can be judged;
# - see in the history of a training that each sense stays below what it reaches alone, and say why;
# - choose among the known remedies, and say what each costs, and where it does not help.
#
# **Time:** 40 minutes · **First:** lesson 13
#
# ## Predict
#
# A network hears and sees digits, in noise, and is trained on both at once, end to end. Beside it: one network that only hears, one that only sees, each trained alone, and their answers averaged. On new voices and new handwriting, the one that was trained on both at once is
#
# - **A** clearly better: it can learn what belongs together
# - **B** as good
# - **C** worse, though it is right about nine in ten pairs in training
#
# <details><summary>Answer, after the run</summary>
#
# **C**, here. Together they fitted the training pairs before either was learned as well as alone. What is right already leaves little error, and the error is all that there is to learn from.
#
# </details>

# %%
import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn

# %%
from avtutor import plots
from avtutor.augment import AddNoise, ToSpectrogram
from avtutor.batch import Batch
from avtutor.checks import check, claim, stored
from avtutor.datasets import Pairs, audit_pairs, seen_and_heard
from avtutor.metrics import t_interval
from avtutor.models import FusionConfig, FusionNet, ensemble, fusion_net, sense_net
from avtutor.models.fusing import Concatenate
from avtutor.player import play_side_by_side

# %%
from avtutor.spectral import SpectrogramConfig
from avtutor.synth import LatentSense, LatentWorld
from avtutor.training import Learned, Minibatches, ModalityDropout, SensesClassification
from avtutor.training import TrainConfig, blending_weights, fit, modulation_factors, probe_senses
from avtutor.waveform import Waveform
from avtutor.widgets import FusionExplorer

plots.use_style()

# %% [markdown]
# ## Why one sense silences the other, by hand
#
# A world from lesson 13. *Audio* is 12 numbers that tell much. *Image* is 600 numbers, each of which tells very little: together they tell much, but only to those who have many items to learn from. Four classes, 150 items to learn from.

# %%
world = LatentWorld(
    senses={
        "audio": LatentSense(width=12, noise=0.36),
        "image": LatentSense(width=600, noise=0.48),
    },
    n_classes=4,
)
few, new = (
    world.draw(n, generator=torch.Generator().manual_seed(k)).batch
    for k, n in enumerate((150, 4000))
)
print(few)

# %% [markdown]
# The smallest joint network: the logits are $z = x_a W_a + x_i W_i$. With the shares $p = \mathrm{softmax}(z)$ and the truth $y$ (1 for the right class, else 0), the gradients of the cross-entropy are
#
# $$\frac{\partial L}{\partial W_a} = \frac{1}{n} x_a^{\top} (p - y), \qquad \frac{\partial L}{\partial W_i} = \frac{1}{n} x_i^{\top} (p - y).$$
#
# Both senses learn from **one** error, $p - y$. Who takes it away first, takes it away from both.


# %% tags=["by-hand"]
def descend(senses: tuple[str, ...], steps: int = 100) -> tuple[dict, list[dict[str, float]]]:
    """Return the weights after some steps downhill, and the length of each gradient on the way."""
    weights = {sense: torch.zeros(few.inputs[sense].shape[1], 4) for sense in senses}
    truth = nn.functional.one_hot(few.labels, 4).float()
    lengths = []
    for _ in range(steps):
        logits = sum(few.inputs[sense] @ weights[sense] for sense in senses)
        error = (logits.softmax(dim=1) - truth) / len(few)
        gradients = {sense: few.inputs[sense].T @ error for sense in senses}
        lengths.append({sense: float(g.norm()) for sense, g in gradients.items()})
        weights = {sense: weights[sense] - gradients[sense] for sense in senses}
    return weights, lengths


def named(weights: dict, batch: Batch) -> float:
    """Return the share of items that these weights name rightly."""
    logits = sum(batch.inputs[sense] @ weights[sense] for sense in weights)
    return float((logits.argmax(dim=1) == batch.labels).double().mean())


# %% [markdown]
# The same numbers come out of the package. `SensesClassification` is the objective for a `FusionNet`: while `fit` trains, it logs the length of the gradient in each encoder, as `audio/gradient`. Here its encoders are the two matrices, and a fixed head adds them up.

# %%
encoders = {"audio": nn.Linear(12, 4, bias=False), "image": nn.Linear(600, 4, bias=False)}
for one in encoders.values():
    nn.init.zeros_(one.weight)
add = nn.Linear(8, 4, bias=False)
add.weight.data = torch.cat([torch.eye(4), torch.eye(4)], dim=1)
linear = FusionNet(encoders, Concatenate({"audio": 4, "image": 4}), add)
objective = SensesClassification()
loss, _ = objective(linear, few)
loss.backward()
logged = objective.after_backward(linear)

# %%
alone, alone_lengths = descend(("audio",))
both, both_lengths = descend(("audio", "image"))
same = all(
    abs(logged[f"{sense}/gradient"] - length) < 1e-5 for sense, length in both_lengths[0].items()
)
claim("14.1", "the gradient by hand is the one that the package logs", same)

# %% alt="Length of the gradient in the audio weights over 100 steps, on a logarithmic axis. Trained alone it falls slowly; beside the image it falls several times lower."
fig, ax = plt.subplots(figsize=(7, 2.8))
for lengths, name, colour in ((alone_lengths, "alone", 0), (both_lengths, "beside the image", 1)):
    ax.semilogy([one["audio"] for one in lengths], color=plots.COLOURS[colour], label=name)
ax.set(xlabel="step", ylabel="length of the gradient", ylim=(1e-3, 1))
ax.set_title("Beside a sense that learns by heart, the ear's gradient falls faster")
_ = ax.legend()

# %%
told = both_lengths[-1]["audio"] / alone_lengths[-1]["audio"]
claim(
    "14.2", "after 100 steps, the ear is told less than a quarter of what it is alone", told < 0.25
)
learned_all = named(both, few) == 1.0
worse = named(both, new) < named(alone, new) - 0.1
claim(
    "14.3",
    "together: all training items right, new ones over 10 points worse",
    learned_all and worse,
)

# %% [markdown]
# 600 numbers for 150 items are enough to tell any item from any other, by its noise. So the image learned the *items*, the error shrank fast, and the ear learned ever more slowly. What it had learned by then is not wrong. It is too small: beside the noise of 600 numbers, its voice is lost.

# %%
ear = {"audio": both["audio"]}
print("length of the ear's weights: alone", f"{float(alone['audio'].norm()):.0f}", end=", ")
print("together", f"{float(both['audio'].norm()):.0f}")
intact = named(ear, new) > named(alone, new) - 0.05
claim("14.4", "the ear's weights, taken out of the joint net, are as good as those alone", intact)

# %% [markdown]
# That was the extreme case. Now for a CNN that hears and a CNN that sees.
#
# ## Digits, seen and heard in noise
#
# Pairs of lesson 13: a voice says a digit, somebody has written it. No voice is in two parts, and no block of handwriting (its writers are not named; blocks are the nearest to it). The noise is drawn once and for all, so that every network learns from the same 500 noisy pairs.

# %%
table = stored("14_digits")
snr = table.result["snr in dB"]
print(table)
print(snr)

# %%
front = SpectrogramConfig(sample_rate=8000, n_fft=256, hop_length=160, n_mels=40)
drawn = seen_and_heard(seed=0, sizes=tuple(table.result["sizes"]))
train_pairs, _, test_pairs = drawn


def noisy(pairs: Pairs, number: int) -> Batch:
    """Return all pairs with their noise, the sound as a spectrogram."""
    generator = torch.Generator().manual_seed(number)
    return ToSpectrogram(front)(AddNoise(snr)(pairs.batch(), generator), generator)


train, valid, test = (noisy(pairs, number) for number, pairs in enumerate(drawn))


# %%
audit_pairs(train_pairs, test_pairs)
voices = set(train_pairs.groups_of("audio")) & set(test_pairs.groups_of("audio"))
blocks = set(train_pairs.groups_of("image")) & set(test_pairs.groups_of("image"))
claim("14.5", "no voice and no block of handwriting on both sides", not voices | blocks)

# %%
clean = test_pairs.select([0, 1])
heard = AddNoise(snr)(clean, torch.Generator().manual_seed(2))
sounds = {
    name: Waveform.from_mono(batch.inputs["audio"][0], 8000)
    for name, batch in (("clean", clean), ("as the network gets it", heard))
}
play_side_by_side(sounds)

# %% alt="A spectrogram of a spoken digit in noise, of which only a trace is seen, and six pictures of digits in noise, some of which can be read."
fig, axes = plt.subplots(1, 7, figsize=(10, 1.9), width_ratios=[2.5, *[1] * 6])
levels = test.inputs["audio"][0]
axes[0].imshow(levels, origin="lower", aspect="auto", extent=(0, 0.8, 0, 40), cmap="magma")
axes[0].set(xlabel="time (s)", ylabel="mel band", title="heard")
for ax, picture, digit in zip(axes[1:], test.inputs["image"], test.labels, strict=False):
    ax.imshow(picture[0], cmap="gray_r")
    ax.set(title=f"seen: {digit}", xticks=[], yticks=[])
for ax in axes:
    ax.grid(False)
_ = fig.suptitle("The network gets this much of each digit", fontsize="medium", y=1.15)

# %% [markdown]
# ## First the baselines
#
# Before anything is joined: how far does each sense come **alone**? With the same encoder, as many passes, and a learning rate tuned for it, on the validation part. A joint network that was compared with an untuned ear has beaten nobody.
#
# `train_net` is all there is to it: the one `fit`, with `SensesClassification`. The epoch with the best validation accuracy is kept. The three learning rates that were tried, and what was taken, come from the stored table (below).

# %%
rates = {name: found["rate"] for name, found in table.result["tuned"].items()}
for name in ("audio", "image", "naive"):
    tried = ", ".join(table.result["tuned"][name]["tried"])
    print(f"{name:6s} tried {tried}: took {rates[name]}")


def train_net(net: FusionNet, objective, rate: float, *, watch=None, rates=None):
    """Train a net on the noisy pairs; return it with its history."""
    torch.set_num_threads(1)
    config = TrainConfig(
        table.result["epochs"], rate, monitor="accuracy", higher_is_better=True, rates=rates or {}
    )
    loader = Minibatches(train, batch_size=50, shuffle_seed=0)
    checked = Minibatches(valid, batch_size=300)
    return net, fit(net, loader, checked, config, objective=objective, watch=watch)


# %%
def of_one(sense: str) -> FusionNet:
    """Return the tuned net of one sense."""
    torch.manual_seed(0)
    net = sense_net(sense, FusionConfig("concat", n_frames=41))
    net, _ = train_net(net, SensesClassification(senses=(sense,)), rates[sense])
    return net


@torch.no_grad()
def right(net: FusionNet, batch: Batch = test) -> float:
    """Return the share of right answers on the test side."""
    inputs = {sense: batch.inputs[sense] for sense in net.senses}
    logits = net(inputs, present={sense: batch.present[sense] for sense in net.senses})
    return float((logits.argmax(dim=1) == batch.labels).double().mean())


# %%
nets = {sense: of_one(sense) for sense in ("audio", "image")}
averaged = ensemble(nets)


# %% [markdown]
# ## Then together, without care
#
# The same two encoders, their features side by side, one dense layer for both (`Concatenate`), one loss. This is what "train it end to end" means. `watch` looks at the net after every epoch: a **linear probe** takes the features of one encoder, as they are, and fits the best linear classifier to them. It asks what the encoder *offers*, whatever the rest of the network makes of it. (`linear_probe`, on what `sense_features` returns; `probe_senses` makes a watcher of the two.)


# %%
def new_net() -> FusionNet:
    """Return a net of both senses, untrained: the same weights in each call."""
    torch.manual_seed(0)
    return fusion_net(FusionConfig("concat", n_frames=41))


parts = [[data] for data in (train, valid)]  # a list of one batch is a loader
watch = probe_senses(*parts, n_classes=10, strength=30.0)
naive, history = train_net(new_net(), SensesClassification(), rates["naive"], watch=watch)

# %%
live = {
    "audio": right(nets["audio"]),
    "image": right(nets["image"]),
    "two nets averaged": right(averaged),
    "naive": right(naive),
}

# %%
rows = table.result["rows"]


def scores(way: str, what: str = "accuracy") -> list[float]:
    """Return a value of every seed from the stored table."""
    return [found[what] for found in rows[way]]


def stands(name: str) -> bool:
    """Return whether a live accuracy lies within 5 points of the stored ones."""
    return min(scores(name)) - 0.05 <= live[name] <= max(scores(name)) + 0.05


claim("14.6", "this run: all four within 5 points of the stored spread", all(map(stands, live)))

# %%
epochs = range(1, len(history.epochs) + 1)
offers = {sense: watch(nets[sense])[f"{sense}/probe"] for sense in ("audio", "image")}

# %% alt="Three panels over 12 epochs. Accuracy rises to 0.9 in training and to 0.6 on the validation pairs. The gradients of both encoders rise, and fall again with ups and downs. The probes of both encoders rise and stay below dotted lines that mark the encoders trained alone."
fig, (left, middle, last) = plt.subplots(1, 3, figsize=(10, 2.8))
for part, label in (("train", "in training"), ("valid", "validation")):
    left.plot(epochs, history.values(part, "accuracy"), color="black", label=label)
left.lines[1].set_linestyle("--")
for sense, colour in zip(("audio", "image"), plots.COLOURS, strict=False):
    middle.plot(epochs, history.values("train", f"{sense}/gradient"), color=colour, label=sense)
    last.plot(epochs, history.values("valid", f"{sense}/probe"), color=colour)
    last.axhline(offers[sense], color=colour, ls=":")
for ax, title in ((left, "accuracy"), (middle, "gradient of the encoder"), (last, "probe")):
    ax.set(title=title, xlabel="epoch", xticks=(1, 4, 8, 12))
    ax.set_ylim(0, None if ax is middle else 1.03)
left.legend(fontsize="small")
middle.legend(fontsize="small")
last.text(6, 0.9, "dotted: trained alone", fontsize="small")
_ = fig.suptitle("Nine in ten right in training, six in ten on the validation pairs", y=1.0, va="bottom")

# %% [markdown]
# `History` keeps all of this for each sense. The gradients never vanish here, as they did in the world of 600 numbers: alone they would not warn you. The probes do (fitted to the training pairs, judged on the validation pairs; `strength` holds their weights down): each encoder stays below its dotted line, which is what the same encoder offers when it is trained alone.
#
# ## Three seeds, and every remedy
#
# One run is one draw. `experiments/14_digits.py` did this three times, with voices and handwriting split anew, other noise and other first weights, and with every remedy below. Rows of one seed share all of that, so that they can be compared pair by pair.

# %%
mean = {name: float(np.mean(scores(name))) for name in rows}
for name in ("audio", "audio twice", "image", "image twice", "two nets averaged", "naive"):
    print(f"{name:20s} {mean[name]:.2f}")


# %%
def above(one: str, other: str) -> list[float]:
    """Return by how much one way is above another, seed by seed."""
    return [a - b for a, b in zip(scores(one), scores(other), strict=True)]


gap = t_interval(above("two nets averaged", "naive"))
print(f"two nets averaged - naive: {gap.mean:.2f} ({gap.low:.2f} to {gap.high:.2f})")
claim("14.7", "two nets averaged: at least 3 points above the naive joint net", gap.low >= 0.03)
best_alone = max(above("naive", "audio"))
claim("14.8", "the naive net is not even above the ear alone, each seed", best_alone <= 0)

# %% [markdown]
# So trained together, without care, two senses are worse than the better one of them. A network that ignored the picture would have done better.
#
# Mind how these pairs were made: a voice and a handwriting share the digit and nothing else. That is the case in which averaging is at its best. Where two senses share more, or mean something only together, it has less to give.
#
# "Twice" is a control. Two nets of the *same* sense, averaged, are better than one, though nothing new was heard. So of what two averaged senses gain, a part is mere averaging. Not all of it:

# %%
senses_gain = min(above("two nets averaged", "audio twice"))
claim("14.9", "a second sense is worth more than a second net of the first", senses_gain > 0.02)

# %%
weaker = []
for sense in ("audio", "image"):
    inside = [one[sense] for one in scores("naive", "probes")]
    outside = [one[sense] for one in scores(sense, "probes")]
    print(f"probe of {sense}: alone {np.mean(outside):.2f}, in the naive net {np.mean(inside):.2f}")
    weaker += [a < b for a, b in zip(inside, outside, strict=True)]
claim("14.10", "both encoders offer less in the naive net than alone, each seed", all(weaker))

# %% [markdown]
# Here it is not one sense that wins and one that loses: both offer a little less. That alone does not explain 13 points. The layer that joins them was learned from the same 500 pairs, and one learning rate served two encoders that took different ones alone.

# %% [markdown]
# ## The remedies
#
# **A head for each sense.** Each encoder also gets a last layer of its own, with a loss of its own, and the losses are added up. Now there is an error left for the ear when the joint loss has little. The joint head answers, as before; the others only teach. `SensesClassification({"joint": 1, "audio": 1, "image": 1})`.
#
# **Gradient blending** (2020) asks how much each loss should weigh. Train a net with each loss (the sound's, the picture's, the joint one), and take two numbers from each history. $G$: by how much the loss on new data fell. $O$: by how much the gap between new data and training data grew, which is what was learned by heart. The weight of a loss is $G / O^2$, divided by the sum of all.

# %% tags=["by-hand"]
start = {"train": 2.30, "valid": 2.30}
end = {"audio": (0.80, 1.30), "image": (0.60, 2.00), "joint": (0.10, 1.40)}
raw = {}
for name, (seen_loss, new_loss) in end.items():
    generalisation = start["valid"] - new_loss
    overfitting = (new_loss - seen_loss) - (start["valid"] - start["train"])
    raw[name] = generalisation / overfitting**2
own = {name: value / sum(raw.values()) for name, value in raw.items()}
for name, weight in own.items():
    print(f"{name:6s} {weight:.2f}")

# %%
package = blending_weights(
    {name: Learned.between((2.30, 2.30), losses) for name, losses in end.items()}
)
equal = all(abs(package[name] - own[name]) < 1e-9 for name in own)
claim("14.11", "the weights by hand are those of the package", equal)

# %% [markdown]
# The image learned little and much by heart: it gets almost nothing to say. The package has `learned(history)` to take $G$ and $O$ out of the `History` of a training. In the stored runs the weights came from each seed's own nets of one sense and its naive net. They come out much less uneven than in the example:

# %%
for one in scores("blending", "weights"):
    print("   ".join(f"{name} {weight:.2f}" for name, weight in one.items()))

# %% [markdown]
# **On-the-fly modulation** (OGM-GE, 2022) watches, in every batch, which sense alone gives more to the right class. $s_u$ is the mean share that the joint layer gives to the right class when it is shown the features of sense $u$, and zeros for the other, and $\rho_u = s_u / s_{other}$. The sense that is ahead ($\rho_u > 1$) has its gradient multiplied by $1 - \tanh(\alpha \rho_u)$, and noise is added to both (the GE, *generalisation enhancement*), to make up for the smaller steps.

# %%
by_hand = 1 - np.tanh(0.5 * 0.6 / 0.3)
factors = modulation_factors({"audio": 0.6, "image": 0.3}, alpha=0.5)
held_back = abs(factors["audio"] - by_hand) < 1e-9 and factors["image"] == 1.0
claim("14.12", "the sense that is ahead is slowed as by hand, the other is not", held_back)

# %% [markdown]
# `GradientModulation` does that between the backward pass and the step.
#
# **Modality dropout**: in training, the sound of some items is left out, and the picture of some others, never both. Then neither can rely on the other. `ModalityDropout(…, {"audio": 0.3, "image": 0.3})`.
#
# **Pre-training**: each encoder is trained alone first (the baselines are there anyhow), and then joined: *frozen* (only what comes after is trained, with `FrozenSenses`), or *fine-tuned* (the encoders go on at a tenth of the learning rate). `net.load_encoders` takes them over.
#
# **A learning rate for each sense**: the sense that is too quick learns at a tenth of the rate. `TrainConfig(rates={"encoders.image": 0.1})`. Which one that is, one must know: both are tried.
#
# All of these are objectives and options of the one `fit`, and go around each other: `ModalityDropout(GradientModulation(SensesClassification(…)), …)`. Each way below, the naive one too, has the learning rate that is best for it, of the same three, on the validation part of the first seed.

# %%
names = {
    "two nets averaged": "two nets averaged", "naive": "naive", "heads": "+ a head for each sense",
    "blending": "+ blended heads", "OGM-GE, alpha 0.1": "OGM-GE, α 0.1",
    "OGM-GE, alpha 0.5": "OGM-GE, α 0.5", "modality dropout": "modality dropout",
    "pre-trained, frozen": "pre-trained, frozen",
    "pre-trained, fine-tuned": "pre-trained, fine-tuned",
    "image slower": "image at a tenth", "audio slower": "audio at a tenth",
}  # fmt: skip
added = {
    label: [a - b for a, b in zip(scores(name), scores("naive"), strict=True)]
    for name, label in names.items()
    if name != "naive"
}

# %% alt="Ten rows with a dot for each of three seeds and an interval. Two nets averaged are 0.13 above the naive net, pre-trained ones 0.09, heads 0.05, blended heads 0.04; modality dropout and a slower image are near 0.02, OGM-GE just below 0, a slower audio at minus 0.03."
fig, ax = plt.subplots(figsize=(8, 4.6))
plots.voices(ax, added, line=0.0, title="Averaging and pre-training help most, OGM-GE not at all")
_ = ax.set_xlabel("accuracy minus that of the naive net; dots: seeds; orange: mean and interval")

# %%
closed = {name: np.mean(values) / gap.mean for name, values in added.items()}
for name, label in names.items():
    cost = np.mean(scores(name, "seconds")) / np.mean(scores("naive", "seconds"))
    print(f"{label:24s} accuracy {mean[name]:.2f}, time of training {cost:.1f}")

# %%
heads_close = max(closed["+ a head for each sense"], closed["+ blended heads"])
claim(
    "14.13",
    "heads, or blended heads, recover half of what was lost",
    heads_close >= 0.5,
    miss="two fifths with heads, less with blended ones",
)
pre_trained = min(closed["pre-trained, frozen"], closed["pre-trained, fine-tuned"])
claim("14.14", "pre-trained encoders, frozen or fine-tuned, recover over half", pre_trained > 0.5)
modulated = max(np.mean(added[f"OGM-GE, α {alpha}"]) for alpha in (0.1, 0.5))
claim("14.15", "gradient modulation does not help here: nothing gained", modulated < 0.01)
wrong_one = max(added["audio at a tenth"])
claim("14.16", "slowing down the wrong sense makes it worse, each seed", wrong_one < 0)

# %% [markdown]
# Read it like this.
#
# - **Two nets averaged** are the best of all, and cost what one joint training costs. No remedy reaches them. (Two nets are compared with one. The control says what that is worth: a second net of the ear alone added 5 points.)
# - **Pre-trained encoders** come closest. What was learned alone is not unlearned so fast; and they cost the baselines, which you have trained anyhow.
# - **Heads** help, at hardly any cost. **Blending** needs three trainings to find its weights, and with them does no better than equal weights did.
# - **OGM-GE** does not help, with either α. It slows the sense that is ahead, and that costs more than the other gains: compare the last row, where the sound is slowed.
# - **A rate for each sense**: with the picture slowed, one seed of three gains; with the sound slowed, all lose.
#
# One of them, here, once more, with the encoders from above:

# %%
joined = new_net()
joined.load_encoders(nets)
fine, _ = train_net(
    joined, SensesClassification(), rates["pre-trained, fine-tuned"], rates={"encoders": 0.1}
)
live["pre-trained, fine-tuned"] = right(fine)
better = live["pre-trained, fine-tuned"] - live["naive"] > 0.03
claim("14.17", "this run: pre-trained, over 3 points above the naive net", better)
claim("14.18", "and within 5 points of the stored spread", stands("pre-trained, fine-tuned"))

# %% [markdown]
# ## When the sound is missing

# %% alt="Four falling lines over the share of items without sound. Two nets averaged are on top, from 0.73 to 0.39; the naive net is lowest, from 0.60 to 0.31; heads and modality dropout lie between."
shares = table.result["shares"]
fig, ax = plt.subplots(figsize=(7, 3))
for number, name in enumerate(("naive", "heads", "modality dropout", "two nets averaged")):
    each = np.array(scores(name, "audio missing"))
    ax.plot(shares, each.mean(axis=0), "o-", color=plots.COLOURS[number], label=names[name])
ax.set(xlabel="share of the items without sound", ylabel="accuracy", ylim=(0, 0.8))
ax.set_title("Two nets averaged are on top at every share of missing sound")
_ = ax.legend(fontsize="small")


# %%
def without(sense: str) -> list[float]:
    """Return what modality dropout gains over the naive net where a sense is missing in all."""
    both = (scores(way, f"{sense} missing") for way in ("modality dropout", "naive"))
    return [a[-1] - b[-1] for a, b in zip(*both, strict=True)]


for sense in ("audio", "image"):
    print(f"all {sense} missing:", "  ".join(f"{value:+.2f}" for value in without(sense)))
complete = np.mean(above("modality dropout", "naive"))
deaf, blind = np.mean(without("audio")), min(without("image"))
claim("14.19", "modality dropout: 3 points better without sound, on average", deaf >= 0.03)
claim("14.20", "over 5 points better without the picture, each seed", blind > 0.05)
claim("14.21", "at most 2 points are lost where nothing is missing", complete >= -0.02)

# %% [markdown]
# Without the sound it is an average that hides much: one seed gains 11 points, another loses some. Three seeds are too few to be sure of that one. Without the picture, all three gain.
#
# A net that never missed a sense in training meets zeros in the place of its features for the first time. And the two nets averaged? They need no such training: an ear that hears nothing is not asked. They are better at every share of missing sound. So are heads, against the naive net, and without the sound they do as well as dropout: an encoder that was trained to answer by itself is of use by itself.
#
# ## Few items, and a sense that is wide and weak
#
# Back to the world of the beginning, now with networks that have a hidden layer for each sense and one for both, and all remedies, with 150 items and with 3000. What the best possible observer reaches is known there.

# %%
far = stored("14_world")
print(far)
best = {name: float(value) for name, value in far.result["optimum"].items()}
print("the best possible:", {name: round(value, 2) for name, value in best.items()})

# %% alt="Two panels with the same rows. With 150 items, audio alone, audio twice, two nets averaged and a slower image are near 0.77; image alone near 0.38; the other joint nets between 0.43 and 0.77, one blending dot at 0.25. With 3000 items, nearly all joint nets lie near 0.85, above audio at 0.81."
fig, axes = plt.subplots(1, 2, figsize=(10, 4.6), sharey=True)
titles = {"150": "150 items: joint training loses", "3000": "3000 items: joint training gains"}
for ax, (n_items, kept) in zip(axes, far.result["rows"].items(), strict=True):
    plots.voices(ax, kept, line=best["both"], title=titles[n_items])
    ax.axvline(np.mean(kept["audio"]), color=plots.COLOURS[2], lw=1)
    ax.set_xlim(0.2, 1.0)
    ax.set_xlabel("accuracy; dashed: the optimum; green: audio alone", fontsize="small")

# %%
little, much = far.result["rows"]["150"], far.result["rows"]["3000"]


def ahead(kept: dict, one: str, other: str) -> list[float]:
    """Return by how much one way is above another, seed by seed."""
    return [a - b for a, b in zip(kept[one], kept[other], strict=True)]


# %%
below = min(ahead(little, "audio", "naive"))
claim(
    "14.22", "150 items: joint over 10 points below the best single sense, each seed", below > 0.1
)
never = max(max(ahead(little, way, "audio")) for way in ("heads", "OGM-GE, alpha 0.5"))
claim("14.23", "heads and modulation stay below the best single sense, each seed", never < -0.03)
slowed = min(ahead(little, "image slower", "naive"))
claim("14.24", "the wide sense at a tenth of the rate: over 15 points regained", slowed > 0.15)
many = min(ahead(much, "naive", "audio"))
claim(
    "14.25", "3000 items: joint over 3 points above the best single sense, each seed", many > 0.03
)

# %% [markdown]
# With 150 items, nothing is clearly better than the ear alone; averaging is as good. Everything trained together is worse. Only the right learning rate brings back nearly all: slowed down, the wide sense has no time to learn the items by heart. On the digits the same remedy did little. OGM-GE, which did nothing there, gives back some points here (with α 0.5). No remedy is right everywhere.
#
# The dot of blending at 0.25 is no slip. The joint loss on new items had *risen* in its training: so it had taught nothing, its weight became 0, nobody trained the joint head, and it guesses. Look at the weights before you use them.
#
# With 3000 items, the loss is gone. The naive net is above the ear, and as good as the average. In this world, two senses together did worse for want of *data*, not because two are too many. (Dots are seeds: six on the left, three on the right. Intervals here and elsewhere: 95 %, over seeds.)
#
# ## Real speakers
#
# The voices so far are synthetic. The same, less three of the ways, with the six people of the Free Spoken Digit Dataset (lesson 06), at 0 dB for the sound and -4 dB for the picture. Each seed splits the people anew. The table is stored.

# %%
people = stored("14_fsdd")
print(people)
spoken = {way: [one["accuracy"] for one in kept] for way, kept in people.result["rows"].items()}
for way in ("audio", "image", "two nets averaged", "naive"):
    print(f"{way:18s} {np.mean(spoken[way]):.2f}")

# %% alt="Seven rows with three dots each and wide intervals. Two nets averaged are 0.03 to 0.23 above the naive net; heads, blending, modality dropout and a pre-trained net less; OGM-GE and a slower image near 0."
fig, ax = plt.subplots(figsize=(8, 3.6))
gains = {
    way: ahead(spoken, way, "naive")
    for way in spoken
    if way not in ("naive", "audio", "audio twice", "image", "image twice")
}
plots.voices(ax, gains, line=0.0, title="Real speakers: averaging is best on average, with wide intervals")
_ = ax.set_xlabel("accuracy minus that of the naive net; dots: seeds; orange: mean and interval")

# %%
claim(
    "14.26",
    "real speakers: two nets averaged are above the naive net, each seed",
    min(gains["two nets averaged"]) > 0.02,
)
regained = np.mean(gains["heads"]) / np.mean(gains["two nets averaged"])
claim("14.27", "heads recover over half of it there, on average", regained > 0.5)
silent = {
    way: [one["audio missing"][-1] for one in people.result["rows"][way]]
    for way in ("modality dropout", "naive")
}
deaf = min(ahead(silent, "modality dropout", "naive"))
claim("14.28", "without sound, modality dropout is over 5 points better, each seed", deaf > 0.05)

# %% [markdown]
# With so few people in each test, the intervals are wide, and every one of them holds 0. The naive net is above the ear in two seeds, and below it in one. The average is the best, taken over seeds; in one of the three, modality dropout and blended heads are above it.
#
# ## Play
#
# Four networks at once: the two averaged, the naive one, the one with pre-trained encoders, and one with modality dropout, trained now. Take the sound away, or the picture; let one digit be seen and another heard. The faders stand where the networks were trained: sound at -9 dB, pictures at -5 dB. Then take the noise away.

# %%
objective = ModalityDropout(SensesClassification(), {"audio": 0.3, "image": 0.3})
dropout, _ = train_net(new_net(), objective, rates["modality dropout"])
place = {int(digit): row for row, digit in reversed(list(enumerate(test_pairs.labels.tolist())))}
shown = test_pairs.select([place[digit] for digit in range(10)])
pictures = {str(digit): shown.inputs["image"][digit, 0] for digit in range(10)}
recordings = {
    str(digit): Waveform.from_mono(shown.inputs["audio"][digit], 8000) for digit in range(10)
}

# %%
playing = {"two averaged": averaged, "naive": naive, "pre-trained": fine, "dropout": dropout}
clean_test = ToSpectrogram(front)(test_pairs.batch(), torch.Generator())
strange = [right(net, clean_test) < right(net) - 0.05 for net in playing.values()]
claim("14.29", "clean digits: each net names fewer of them than of noisy ones", all(strange))

# %% alt="The fusion explorer: a noisy picture, a noisy spectrogram, two faders, and the verdicts of four networks as bars."
explorer = FusionExplorer(
    pictures,
    recordings,
    playing,
    front,
    classes=[str(digit) for digit in range(10)],
)
explorer.audio_snr, explorer.image_snr = -9, -5
explorer

# %% [markdown]
# Clean digits are the easier ones, to you. To a network that never met one they are strange: no noise is another noise than that of the training. Who wants to use a network in quiet and in noise trains it on both, as lesson 13 does.
#
# ## To take away
#
# Time counts in trainings of the naive joint net; "gap" is what it lacks to two nets averaged.
#
# | you have | train | join | time | on these digits |
# |---|---|---|---|---|
# | any two senses | each alone, tuned | late: average the log shares (`ensemble`) | 1.0 | the best; a missing sense costs no training |
# | need of *one* network (later layers see both senses) | each alone, then together, frozen or fine-tuned | intermediate (`concat`, `gated`, …) | 1.6 to 2.0 | about two thirds of the gap closed |
# | no time for that | together, a head for each sense | intermediate | 1.0 | two fifths of the gap |
# | the same, weights measured | gradient blending | intermediate | 3.0 | no better than equal weights |
# | senses that will be missing | late; or together with modality dropout | any with a mask | 0.8 | better where the picture is missing, nothing lost where it is there |
# | one sense that learns by heart first | together, this one at a tenth of the rate | intermediate | 1.0 | little; in the small world, nearly all |
# | a sense that is ahead, another behind | OGM-GE | intermediate | 1.0 | nothing; in the small world, a little |
# | very many items | together, plainly; and compare | any | 1.0 | (3000 items of the small world: as good as the average) |
# | classes that no sense tells alone | together: an average cannot do it | early or intermediate | 1.0 | (not here; in lesson 13 an average stays at chance) |
#
# In all rows: tune each sense alone first, on voices and pictures that the test does not have. Without these two numbers you will not notice which row you are in.
#
# ## Exercises
#
# 1. Write `blend(train_start, train_end, valid_start, valid_end)`: the weights of gradient blending from four losses. Each argument is a row with one number for every loss (joint, audio, image, …); at least one of them has taught something. Return a row of weights that sums to 1. A loss whose validation loss rose has taught nothing: weight 0.


# %% tags=["exercise"]
def blend(
    train_start: torch.Tensor,
    train_end: torch.Tensor,
    valid_start: torch.Tensor,
    valid_end: torch.Tensor,
) -> torch.Tensor:
    """Return the weight of each loss."""
    ### BEGIN SOLUTION
    generalisation = (valid_start - valid_end).clamp(min=0)
    overfitting = (valid_end - train_end) - (valid_start - train_start)
    raw = generalisation / overfitting.square()
    return raw / raw.sum()
    ### END SOLUTION


# %%
check("14.blend", blend)

# %% [markdown]
# 2. In which run has the ear given up? `runs` maps the name of each run to its history: `accuracy` (of the joint net, in training), `audio/gradient` and `audio/probe`, each a list with a value for every epoch. `alone` is the probe of the ear that was trained alone. Write `gave_up(runs, alone)`: the list of the runs whose ear, at the end, offers more than 0.03 less than alone. Not every list tells.


# %% tags=["exercise"]
def gave_up(runs: dict[str, dict[str, list[float]]], alone: float) -> list[str]:
    """Return the names of the runs in which the ear has given up."""
    ### BEGIN SOLUTION
    return [name for name, run in runs.items() if run["audio/probe"][-1] < alone - 0.03]
    ### END SOLUTION


# %%
check("14.gave_up", gave_up)

# %% [markdown]
# 3. Write modality dropout, `drop(drawn, share_audio, share_image)`. `drawn` holds a random number from 0 to 1 for each item. Return two masks of bools, which items have the sound and which the picture: so that `share_audio` of the items lack the sound, `share_image` lack the picture, and none lacks both. The shares sum to at most 1.


# %% tags=["exercise"]
def drop(
    drawn: torch.Tensor, share_audio: float, share_image: float
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return which items have the sound, and which have the picture."""
    ### BEGIN SOLUTION
    deaf = drawn < share_audio
    blind = ~deaf & (drawn < share_audio + share_image)
    return ~deaf, ~blind
    ### END SOLUTION


# %%
check("14.drop", drop)

# %% [markdown]
# ## What would break this
#
# - **More data.** In the small world the gap to the average was gone with 3000 items in place of 150. That is no rule: on the 200 thousand clips of Kinetics the joint net still lost (Wang and others, below). Train both, and compare.
# - **Untuned baselines.** With one learning rate for all (0.003, say), the ear alone would have been poor (0.48 on the validation pairs, the naive net 0.56), and the naive net would have looked like progress. The rates that were taken go from 0.003 to 0.02.
# - **Averaging, counted as two senses.** Two nets of the same sense are better than one. So should two joint nets be, averaged (not tried here).
# - **Classes that need both.** If what is meant is only told by sound *and* picture together, as when a raised hand with a word means something else than without, no average of two that know nothing knows it.
# - **One pair, taken twice.** A voice on both sides, or a block of handwriting, and the items learned by heart are right in the test. The gap disappears, and so does the warning.
# - **Another noise in use than in training**, or none at all, as the last claim shows.
# - **Three seeds.** The large differences stand. Which of two neighbours in the table is better, they do not say.
#
# ## The short answer
#
# Train one good network for each sense first, each tuned by itself, on a split without shared voices or pictures. Average their answers: with few data no joint net here was better, taken over seeds, and it costs no more than one joint training. If you need one network, start it from these encoders, and compare it with the average. Trained together from scratch, two senses share one error. As their sum comes to fit the training items, the error shrinks, and each encoder stays below what it reaches alone: with the synthetic voices the joint net was no better than its ear, with real ones hardly. Heads for each sense repair part of that at hardly any cost. Measured weights for them gained no more than equal ones in any of the tables, and modulation helped only in the small world, though both do more in the papers they come from. Modality dropout is for senses that will be missing. With many data, the plain joint net may be all you need: measure it beside the baselines.
#
# ## Sources
#
# - W. Wang, D. Tran and M. Feiszli, *What makes training multi-modal classification networks hard?*, CVPR 2020: on Kinetics, the best network of one sense beats the joint one; senses overfit at different rates; gradient blending, with the weights used above.
# - X. Peng, Y. Wei, A. Deng, D. Wang and D. Hu, *Balanced multimodal learning via on-the-fly gradient modulation*, CVPR 2022: OGM-GE; probes of the encoders inside joint networks are below those alone.
# - Y. Huang, J. Lin, C. Zhou, H. Yang and L. Huang, *Modality competition: what makes joint training of multi-modal network fail in deep learning? (Provably)*, ICML 2022: why only some of the senses are learned.
# - N. Neverova, C. Wolf, G. Taylor and F. Nebout, *ModDrop: adaptive multi-modal gesture recognition*, IEEE Transactions on Pattern Analysis and Machine Intelligence 38, 2016: senses left out at random in training; robust where they are missing.
# - G. Alain and Y. Bengio, *Understanding intermediate layers using linear classifier probes*, ICLR workshop 2017: the linear probe.
# - P. Liang and others, *MultiBench: multiscale benchmarks for multimodal representation learning*, NeurIPS 2021 datasets and benchmarks: many ways of fusion and training on many data sets; none is best on all.
