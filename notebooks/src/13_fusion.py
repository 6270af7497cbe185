# %% [markdown]
# # 13 · Fusion
#
# > "I want to feed the network video, images and audio together. What is a way to join both?"
#
# There are seven ways in this lesson. All of them are small. Which one is right depends on what the senses have in common, on how noisy each is, and on how much there is to learn from. So each is measured here beside the better sense alone, beside two networks that never met, and beside the best that is possible.
#
# **You will be able to**
#
# - join two senses early, in the middle and late, also where one of them is missing;
# - compute the best accuracy that two senses allow, and see what a network leaves of it;
# - set noise in dB, find where one sense overtakes the other, and test a conflict;
# - recognise the cases in which two senses do worse than one.
#
# **Time:** 40 minutes · **First:** lesson 06
#
# ## Predict
#
# Four classes, 150 examples to learn from. A sound tells the class well: a network that has only the sound is right in nearly 8 of 10 cases. A picture of 600 values tells something too. A network that is given both, trained in the same way, is right
#
# - **A** more often: it knows more
# - **B** as often: it can ignore the picture
# - **C** less often
#
# <details><summary>Answer, after the run</summary>
#
# **C**. It could ignore the picture, but nobody tells it to: with 150 examples, 600 values explain the training set by accident. The section "Few examples" shows it, and what becomes of it with more of them.
#
# </details>

# %%
import matplotlib.pyplot as plt
import numpy as np
import torch
from scipy.stats import norm
from torch import nn

from avtutor import plots, training
from avtutor.checks import check, claim, experiments, stored
from avtutor.player import play_side_by_side
from avtutor.waveform import Waveform
from avtutor.widgets import FusionExplorer

# %%
from avtutor.augment import FRONT, AddNoise, DropSenses, ToSpectrogram, mix_pictures_at_snr
from avtutor.datasets import audit_pairs, seen_and_heard
from avtutor.models import KINDS, FusionConfig, FusionNet, ensemble, fusion_net, latent_net
from avtutor.models import AverageLogits, Concatenate, GatedFusion, sense_net
from avtutor.synth import LatentSense, LatentWorld, optimum
from avtutor.training import Minibatches, Prepared, SensesClassification, TrainConfig

plots.use_style()

# %% [markdown]
# ## Digits seen and heard
#
# The pictures are the handwritten digits of lesson 06, the sounds are spoken digits: English ones, by eSpeak's synthetic voices. `seen_and_heard` draws **pairs**: a picture and a sound of the same digit, independent of each other in all else. It returns three parts, to train, to choose and to test. No voice and no block of pictures is in two of them. (The handwriting names no writers. The blocks are stretches of its table, and writers by approximation only.)

# %%
train, valid, test = seen_and_heard(seed=0, sizes=(1000, 300, 1000))
for sense in test.senses:
    print(sense, [len(set(part.groups_of(sense))) for part in (train, valid, test)], "groups")
print(test.select(range(4)))

# %%
refused = ""
try:
    audit_pairs(train, train.shuffled_by(1))
except ValueError as error:
    refused = str(error)
both = [set(train.groups_of(sense)) & set(test.groups_of(sense)) for sense in test.senses]
claim("13.1", "no voice and no block of pictures is on both sides", not any(both))
claim("13.2", "the audit refuses a side that shares voices", refused.startswith("audio: "))

# %% [markdown]
# `Pairs` are made by `pair`, from any two sets of items with the same classes; `pictures_of` makes such a set of handwritten digits. `audit_pairs` looks at each sense by itself: a known voice helps in the test even where the picture is new.
#
# The sound goes to the network as a spectrogram: `ToSpectrogram` is a step for `Prepared` (lesson 05), with the front end `FRONT`: 40 mel bands, 81 frames, levels in dB below the peak.

# %% alt="Five handwritten digits in small grey pictures above, and below each the spectrogram of a voice that says the same digit."
five = ToSpectrogram()(test.select(range(5)), torch.Generator())
fig, axes = plt.subplots(2, 5, figsize=(9, 3.2))
for n, (above, below) in enumerate(axes.T):
    above.imshow(five.inputs["image"][n, 0], cmap="gray_r")
    above.set_title(f"digit {int(five.labels[n])}", fontsize="small")
    below.imshow(five.inputs["audio"][n], origin="lower", aspect="auto", extent=(0, 0.8, 0, 40))
    below.set(xlabel="time (s)", ylabel="" if n else "mel band")
    above.set_axis_off()
    below.grid(visible=False)
_ = fig.suptitle("A pair shares its digit, and nothing else", fontsize="medium")

# %% [markdown]
# ## Noise in an ear, noise in an eye
#
# Both senses are too good here: alone each is right in more than nine of ten cases. So noise is added, at a **signal-to-noise ratio** in dB (SNR): $10 \log_{10}$ of the power of the signal over that of the noise. At 0 dB both are equally strong.
#
# - **Sound**: the power is the mean of the squares over the whole clip, pauses included (`mix_at_snr`, lesson 05).
# - **Picture**: the same of its values *about their mean* (`mix_pictures_at_snr`), as grey paper shows nothing. The values are not cut off at 0 and 1.
#
# `AddNoise` is a step with one ratio, or a range of them, for each sense. By hand, for pictures:

# %% tags=["by-hand"]
clean = test.select(range(200)).inputs["image"]
grain = torch.randn(clean.shape, generator=torch.Generator().manual_seed(0))
varying = clean - clean.mean(dim=(1, 2, 3), keepdim=True)
signal = varying.square().mean(dim=(1, 2, 3), keepdim=True)
power = grain.square().mean(dim=(1, 2, 3), keepdim=True)
wanted = -5.0  # dB
own = clean + grain * (signal / power / 10 ** (wanted / 10)).sqrt()

packaged = mix_pictures_at_snr(clean, grain, snr_db=torch.full((200,), wanted))
claim("13.3", "noise by hand = mix_pictures_at_snr", bool(torch.allclose(own, packaged, atol=1e-5)))

# %% alt="The same handwritten digit five times, with more and more noise from left to right; at minus ten dB hardly anything of it is left."
fig, axes = plt.subplots(1, 5, figsize=(9, 2.1))
for ax, ratio in zip(axes, (None, 10.0, 0.0, -5.0, -10.0), strict=True):
    step = AddNoise({"image": ratio})
    shown = step(test.select([0]), torch.Generator().manual_seed(1)).inputs["image"][0, 0]
    ax.imshow(shown, cmap="gray_r")
    ax.set_axis_off()
    ax.set_title("clean" if ratio is None else f"{ratio:.0f} dB", fontsize="small")
_ = fig.suptitle("Below 0 dB the noise is stronger than the digit", fontsize="medium")


# %%
def heard(ratio: float | None) -> Waveform:
    """Return a sound of the test side, in noise, at half its level."""
    noisy = AddNoise({"audio": ratio})(test.select([1]), torch.Generator().manual_seed(1))
    return Waveform.from_mono(0.5 * noisy.inputs["audio"][0], FRONT.sample_rate)


play_side_by_side({"clean": heard(None), "0 dB": heard(0.0), "-10 dB": heard(-10.0)})

# %% [markdown]
# Can you tell the digit at −10 dB? White noise is spread over all bands and frames, speech is not: where it is loud, it stands out. The picture has nowhere to stand out.
#
# ## Two opinions, multiplied
#
# Say the sound makes it 90 % a "5" and 10 % a "9"; the picture 40 % a "5" and 60 % a "9". What do both say?
#
# If nothing connects the two but the digit (knowing the digit, the voice tells nothing about the hand), then probabilities multiply. Bayes' rule, with all digits equally frequent: $p(c \mid a, v) \propto p(c \mid a) \, p(c \mid v)$. Here $0.9 \cdot 0.4$ against $0.1 \cdot 0.6$, that is 86 % against 14 %. A sense that doesn't know (50 %, 50 %) changes nothing; one that is sure decides.
#
# `AverageLogits` does that with logs: it takes the mean of the log-softmax of the senses that are there. A mean instead of a sum takes the root of the product: the same winner, less sure.

# %% tags=["by-hand"]
says = {"audio": torch.tensor([[0.9, 0.1]]), "image": torch.tensor([[0.4, 0.6]])}
product = says["audio"] * says["image"]
product = product / product.sum(dim=1, keepdim=True)
print("multiplied:", [round(share, 2) for share in product[0].tolist()])

there = {sense: torch.tensor([True]) for sense in says}
mean_log = AverageLogits()({sense: share.log() for sense, share in says.items()}, there)
doubled = (2 * mean_log).softmax(dim=1)  # twice the mean of two logs is their sum
same = bool(torch.allclose(doubled, product))
claim("13.4", "the mean of log-softmax is the product of the shares, but for a root", same)

# %% [markdown]
# ## The best that is possible
#
# How good can anybody be with two noisy senses? For digits nobody knows. So here is a world in which it can be computed. In a `LatentWorld` each sense shows the class as one of several points that lie 1 apart, in **latents**: numbers that no network ever sees. Noise of a standard deviation $\sigma$ is added to them (`LatentSense`). Then the latents are turned and bent into what is observed. That can be undone, so nothing is lost by it, and whoever knows the world can look at the latents themselves: the **ideal observer**. It takes the likeliest class, and nothing beats it.
#
# With two classes this is a formula. The points lie 1 apart, the noise is $\sigma$, the distance in deviations is $d' = 1/\sigma$. Half of the way must be bridged by noise to be wrong, so the accuracy is $\Phi(d'/2)$, where $\Phi$ is the share of a normal distribution below a value. Two independent senses span two directions: their distances add as the sides of a right triangle, $d' = \sqrt{d_a'^2 + d_v'^2}$.

# %% tags=["by-hand"]
two = LatentWorld(
    senses={"audio": LatentSense(noise=0.5), "image": LatentSense(noise=0.8)}, n_classes=2
)
by_formula = {
    ("audio",): norm.cdf(1 / 0.5 / 2),
    ("image",): norm.cdf(1 / 0.8 / 2),
    ("audio", "image"): norm.cdf((0.5**-2 + 0.8**-2) ** 0.5 / 2),
}
apart = 0.0
for senses, accuracy in by_formula.items():
    found = optimum(two, senses=senses)  # the ideal observer, on 100 000 drawn items
    apart = max(apart, abs(found.accuracy - accuracy) / found.error)
    print(f"{' and '.join(senses):16s} {accuracy:.3f}")
claim("13.5", "the ideal observer's accuracy is the formula's, within 4 standard errors", apart < 4)

# %% [markdown]
# `optimum` measures the observer where there is no formula: with any number of classes, missing senses, mixed levels of noise (`observed` gives its answer item by item). And the product of what each sense says, if each says it exactly, *is* the ideal observer:

# %%
ten = LatentWorld(senses={"audio": LatentSense(noise=0.4), "image": LatentSense(noise=0.5)})
items = ten.draw(500, generator=torch.Generator().manual_seed(0))
alone = [
    ten.scores({sense: items.latents[sense]}, items.noise).softmax(dim=1) for sense in ten.senses
]
together = ten.scores(items.latents, items.noise).softmax(dim=1)
multiplied = alone[0] * alone[1]
multiplied = multiplied / multiplied.sum(dim=1, keepdim=True)
exact = float((multiplied - together).abs().max())
claim("13.6", "exact shares of both senses, multiplied, are those of the best", exact < 1e-9)

# %% [markdown]
# So for pairs that share their class and nothing else, two networks that never met, each perfect and honest about its doubts, cannot be beaten. What follows asks how far real ones are from that.
#
# ## Seven ways
#
# | kind | where the senses meet | class |
# |---|---|---|
# | `early` | at the input: both brought to one grid and stacked as channels, one CNN for all | `CommonGrid` |
# | `concat` | in the middle: the features side by side, dense layers for both | `Concatenate` |
# | `gated` | in the middle: a gate decides for each value and item how much of it comes from which sense | `GatedFusion` |
# | `low_rank` | in the middle: products of features, a few of them | `LowRankFusion` |
# | `bottleneck` | in the middle: attention, through a few shared tokens | `BottleneckFusion` |
# | `late` | at the end: the mean of what each says, trained together | `AverageLogits` |
# | `mix` | at the end: a learned weight for each sense and class | `LearnedMix` |
#
# Beside them stands the **ensemble**: a network for each sense, trained apart, averaged by `ensemble`.
#
# A `FusionNet` is made of an encoder for each sense, a fusion and a head. The encoders run on the items that have the sense; a missing one is zeros, or has no say. Here is the gate by hand: $h = z \tanh(W_a x_a) + (1 - z) \tanh(W_v x_v)$ with $z = \sigma(W_z [x_a, x_v])$, where $\sigma$ is the sigmoid.

# %% tags=["by-hand"]
torch.manual_seed(0)
gate = GatedFusion({"audio": 3, "image": 2}, width=4)
x = {"audio": torch.randn(5, 3), "image": torch.randn(5, 2)}
side_by_side = torch.cat([x["audio"], x["image"]], dim=1)
with torch.no_grad():
    # Two gates and a softmax over them are one sigmoid of their difference.
    z = (gate.gates["audio"](side_by_side) - gate.gates["image"](side_by_side)).sigmoid()
    own = z * gate.values["audio"](x["audio"]).tanh()
    own = own + (1 - z) * gate.values["image"](x["image"]).tanh()
    packaged = gate(x, {sense: torch.ones(5, dtype=torch.bool) for sense in x})
claim("13.7", "the gate by hand = GatedFusion, to 1e-6", float((own - packaged).abs().max()) < 1e-6)

# %% [markdown]
# With encoders that do nothing, `Concatenate` can be seen at work. The second item has no picture:

# %%
both = {"audio": nn.Identity(), "image": nn.Identity()}
net = FusionNet(both, Concatenate({"audio": 3, "image": 2}), nn.Identity())
inputs = {"audio": torch.ones(2, 3), "image": 7 * torch.ones(2, 2)}
joined = net(inputs, present={"image": torch.tensor([True, False])})
print(joined)
gone = bool((joined[1, 3:] == 0).all())
claim("13.8", "what stands in the place of a missing sense has no effect", gone)

# %% [markdown]
# `fusion_net(FusionConfig(kind))` makes the net for digits: a `SpectrogramCNN` for the ear and a `LeNet` for the eye, both without their last layer; `sense_net` is one of them alone, with a last layer of its own; `latent_net` is the same for plain vectors. What they cost:

# %%
alone = {sense: sense_net(sense, FusionConfig("concat")) for sense in ("audio", "image")}
made = {**alone, **{kind: fusion_net(FusionConfig(kind)) for kind in KINDS}}
for kind, one in made.items():
    print(f"{kind:10s} {sum(p.numel() for p in one.parameters()):7d} parameters")

# %% [markdown]
# ## All of them beside the best
#
# In the latent world: ten classes, two senses alike. Each network learns from 6000 items whose noise lies anywhere from 0.1 to 1.2, in each sense by itself. Then the noise of the picture is held at 0.35, and that of the sound goes from very little to very much.

# %%
world = stored("13_world")
world

# %%
levels = world.result["levels"]
noise, best = levels["sweep"], levels["optimum"]


def over_seeds(kind: str, learned: str = "range") -> np.ndarray:
    """Return the mean accuracy over the seeds, at each noise."""
    return np.mean([seed[kind] for seed in levels[learned]], axis=0)


# %% alt="Accuracy over the noise of the sound. A thick grey line, the best of both senses, lies above all. The sound alone falls from 1 to 0.2, the picture alone stays at 0.66. The fusions lie a little below the best on the left and in the middle; on the right early, concat and late (concat's line hides behind late's) fall far below the picture alone, the ensemble less far, gated stays near it."
fig, ax = plt.subplots(figsize=(8, 4))
ax.plot(noise, best["both"], "k", lw=3, alpha=0.5, label="best of both")
for number, kind in enumerate(("early", "concat", "late", "gated", "ensemble")):
    ax.plot(noise, over_seeds(kind), "o-", ms=4, color=plots.COLOURS[number], label=kind)
ax.plot(noise, over_seeds("audio"), "--", color="grey", label="sound alone")
ax.plot(noise, over_seeds("image"), ":", color="grey", label="picture alone")
ax.set(xscale="log", xlabel="noise of the sound (standard deviation)")
ax.set_xticks(noise, [f"{one:g}" for one in noise])
ax.set_ylabel("share of right answers")
ax.set_title("Two senses gain in the middle; with one ruined, most lose")
_ = ax.legend(fontsize="small", ncols=2)

# %%
middle, ruined = noise.index(0.33), noise.index(1.2)
above = max(float((over_seeds(kind) - best["both"]).max()) for kind in (*KINDS, "ensemble"))
better = max(over_seeds("audio")[middle], over_seeds("image")[middle])
gain = min(over_seeds(kind)[middle] for kind in ("early", "concat", "late", "mix", "ensemble"))
claim("13.9", "nothing is above the best by more than chance allows (2 points)", above < 0.02)
claim(
    "13.10",
    "equal senses: early, concat, late, mix, ensemble 10 points above one",
    gain - better > 0.1,
)

# %%
lost = over_seeds("image")[ruined] - over_seeds("concat")[ruined]
kept = over_seeds("image")[ruined] - over_seeds("gated")[ruined]
claim("13.11", "a ruined sound: concat is 10 points or more below the picture alone", lost > 0.1)
claim("13.12", "a ruined sound: gated loses less than half as much as concat", kept < lost / 2)

# %% [markdown]
# Three things to see.
#
# 1. **In the middle** both senses are about equally good, and joining them gains much, for most ways about the same.
# 2. **Nobody reaches the line.** The ideal observer is told how noisy each item is. A network must find that out from the item itself.
# 3. **On the right** the sound is next to nothing. The ideal observer leaves it aside and loses nothing. Early, concat, late, mix and, less so, low_rank and the ensemble do not: they give the ruined sense a say, and end up far below the picture alone. The gate, whose shares depend on the item, has learned to close; attention (`bottleneck`) has learned some of it.
#
# The gate could learn that only because it met bad sound in training. Here are the same networks after training on one low noise, 0.2 in both senses:

# %% alt="Dots for eight networks at the highest noise of the sound: trained on a range of noise, gated and bottleneck stand near the picture alone; trained on low noise only, all stand far below it."
fig, ax = plt.subplots(figsize=(8, 3.4))
kinds = (*KINDS, "ensemble")
for number, (learned, label) in enumerate((("range", "noise 0.1 to 1.2"), ("low", "noise 0.2"))):
    dots = [[seed[kind][ruined] for seed in levels[learned]] for kind in kinds]
    for row, values in enumerate(dots):
        places = [row + 0.24 * number - 0.12] * len(values)
        shown = f"trained on {label}" if row == 0 else None
        ax.plot(values, places, "o", color=plots.COLOURS[number], alpha=0.7, label=shown)
ax.axvline(over_seeds("image")[ruined], ls=":", color="grey")
ax.set_yticks(range(len(kinds)), kinds)
ax.invert_yaxis()
ax.set(xlabel="share of right answers at a noise of 1.2 in the sound; dotted: the picture alone")
ax.set_title("A gate learns to close only if it has met bad sound")
_ = ax.legend(fontsize="small")

# %%
unmet = over_seeds("gated", "range")[ruined] - over_seeds("gated", "low")[ruined]
claim("13.13", "the gate, trained on low noise only: 10 points lower there", unmet > 0.1)

# %% [markdown]
# **A common belief: more senses cannot hurt.** To the ideal observer they cannot. A network can lose by them in two ways. The first was this one: one sense ruined, and a fusion that does not close it, be it untrained for that or not made for it. The second comes below: too few examples.
#
# ## Digits, in every condition
#
# Now the digits. `experiments/13_digits.py` trained every kind with three seeds: 1000 pairs, the same number of steps for all, in noise of −12 to 20 dB in each sense. Each kind, those of one sense too, got the best of three learning rates by the loss on the validation pairs. The best is not the same for all: `bottleneck` and `low_rank` want the lowest, `concat` and `late` the highest, and with the other's they would look far worse. (For the sound too it is the highest; 0.1, tried apart, was worse.) Noise in the ear is −10 dB, in the eye −5 dB.

# %%
digits = stored("13_digits")
print(digits)
for kind, losses in digits.result["learning rates"]["validation loss"].items():
    print(f"{kind:7s} validation loss by learning rate: {losses}")

# %%
runs = [seed["trained in noise"] for seed in digits.result["seeds"]]
rows = ("audio", "image", "ensemble", *KINDS)
columns = ["clean", "noise in the ear", "noise in the eye", "noise in both"]
columns += ["sound missing", "picture missing"]
cells = np.array([[[np.nan if run[r][c] is None else run[r][c] for c in columns] for r in rows]
                  for run in runs])  # fmt: skip
mean, spread = cells.mean(axis=0), np.ptp(cells, axis=0)

# %% alt="A table in colours: rows are the sound alone, the picture alone, the ensemble and seven fusions; columns are clean, noise in the ear, noise in the eye, noise in both, sound missing, picture missing. Each cell holds the mean accuracy and the spread over three seeds."
fig, ax = plt.subplots(figsize=(9, 4.6))
ax.imshow(mean, cmap="cividis", vmin=0.1, vmax=1, aspect="auto")
for r, c in np.ndindex(mean.shape):
    text = "" if np.isnan(mean[r, c]) else f"{mean[r, c]:.2f} ±{spread[r, c] / 2:.2f}"
    ax.text(c, r, text, ha="center", va="center", color="w" if mean[r, c] < 0.6 else "k", size=9)
ax.set_xticks(range(len(columns)), [name.replace(" ", "\n", 1) for name in columns])
ax.set_yticks(range(len(rows)), rows)
ax.grid(visible=False)
_ = ax.set_title("In noise the ensemble leads all with its encoders (mean ± half the spread)")


# %%
def at(kind: str, column: str) -> float:
    """Return the mean accuracy over the seeds."""
    return float(mean[rows.index(kind), columns.index(column)])


single = max(at("audio", "noise in both"), at("image", "noise in both"))
gains = {kind: at(kind, "noise in both") - single for kind in ("ensemble", *KINDS)}
for kind, gain in gains.items():
    print(f"{kind:10s} noise in both: {gain:+.2f} over the better sense alone")

# %%
tower = at("ensemble", "noise in both") - single
claim("13.14", "noise in both: the ensemble is 5 points or more above one sense", tower > 0.05)
six = KINDS[1:]  # all but early: their encoders are the same
apart = [run["ensemble"]["noise in both"] - run[kind]["noise in both"]
         for run in runs for kind in six]  # fmt: skip
claim(
    "13.15", "noise in both: the ensemble is above each of six fusions, each seed", min(apart) > 0
)
eye = at("audio", "noise in the eye") - max(at(kind, "noise in the eye") for kind in six)
claim("13.16", "noise in the eye: six fusions are 2 points or more below the sound", eye > 0.02)
lacks = at("image", "sound missing") - at("concat", "sound missing")
claim("13.17", "sound missing: concat is 10 points or more below the picture alone", lacks > 0.1)

# %% [markdown]
# Read it column by column.
#
# - **Clean**: two senses are better than one, by one to five points in the fusions, by six in the ensemble.
# - **Noise in the eye**: the sound is clean, and alone it is right in 0.92 of the cases. The six fusions that have the same encoders are all *below* it, though they met such pictures in training. This is the loss of the last section, with digits. (With noise in the ear it is the same with the roles exchanged, but for `late` and `mix`, which are level with the picture.)
# - **Noise in both**: here the senses need each other most. The ensemble, whose halves were never trained together, is ahead of all six. They gain little over the better sense, or nothing. Why training together does worse, and what repairs it, is lesson 14.
# - **Missing**: nobody had missed a sense in training. The ensemble is then the other sense's network. The others were given zeros, or the half that remains, and had never learned to do with it (`early` minds the missing picture little: it goes by the sound).
#
# One row seems to break the rule: `early` is the best with noise in both. But look at what it is: another network. Its `LeNet` has eighteen times the parameters of the small `SpectrogramCNN` that listens in all others. The control is the same network, trained and tested with the sound alone:

# %%
blind = [run["early, no picture"]["noise in the ear"] for run in runs]
heard_by = {"the sound's network": at("audio", "noise in the ear"), "early's": np.mean(blind)}
for name, value in heard_by.items():
    print(f"{name:20s} noise in the ear, no picture: {value:.2f}")
other = heard_by["early's"] - heard_by["the sound's network"]
claim("13.18", "without any picture early's network hears 5 points better in noise", other > 0.05)

# %% [markdown]
# So part of its lead, at least, is that of a better ear; it is no proof of a better way to join. **Compare fusions only where the encoders are the same**, or with such a control.

# %% [markdown]
# The stored weights of the first seed answer here and now; that the table is theirs is a claim.

# %%
tensors, _ = training.read_checkpoint(experiments.FOLDER / "13_digits.safetensors")
nets = {}
for kind, made_net in made.items():
    own = {n.split("/", 1)[1]: t for n, t in tensors.items() if n.startswith(f"{kind}/")}
    made_net.load_state_dict(own)
    nets[kind] = made_net.eval()
nets["ensemble"] = ensemble({sense: nets[sense] for sense in ("audio", "image")})


# %%
def right(net: FusionNet, pairs, *steps) -> float:
    """Return the share of right answers after some steps, noise and front end among them."""
    loader = Prepared(Minibatches(pairs, batch_size=250), *steps, seed=0)
    objective = SensesClassification(senses=net.senses)
    return training.evaluate(net, loader, objective=objective)["accuracy"]


noisy = (AddNoise({"audio": -10.0, "image": -5.0}), ToSpectrogram())
live = {kind: right(nets[kind], test, *noisy) for kind in ("audio", "image", "concat")}
first = runs[0]
off = max(abs(live[kind] - first[kind]["noise in both"]) for kind in live)
claim("13.19", "measured here, three cells of the table come out within 2 points", off < 0.02)

# %% [markdown]
# And the control that every set of pairs needs. Move the pictures on by one row, so that they no longer belong to their sounds. The labels stay with the sounds. A network that is as right as before does not look at the picture; one that falls to chance looks at nothing else.

# %%
clean = ToSpectrogram()
before, after = (right(nets["concat"], pairs, clean) for pairs in (test, test.shuffled_by(1)))
fell = before > 0.9 and after < 0.7
claim("13.20", "pictures moved on by one row: concat falls from above 0.9 to below 0.7", fell)

# %% [markdown]
# `DropSenses` takes a sense away from a share of the items, here from all. The ensemble then is the network of the other sense:

# %%
deaf = right(nets["ensemble"], test, clean, DropSenses({"audio": 1.0}))
seeing = right(nets["image"], test, clean)
claim("13.21", "the sound missing: the ensemble is as right as the picture alone", deaf == seeing)

# %% [markdown]
# ## Play
#
# Two faders: noise on the picture and noise on the sound, in dB. They begin at the noise of the table. All ten networks answer at each move: the two that have one sense, the ensemble, the seven fusions. Take the picture to −10 dB and leave the sound clean: who is still right? Let the digit that is seen and the digit that is heard differ (**Conflict**). Close an eye.

# %%
shown = {}
for row in range(len(test)):
    shown.setdefault(str(int(test.labels[row])), row)
chosen = test.select([shown[digit] for digit in "0123456789"])
pictures = {d: x[0] for d, x in zip("0123456789", chosen.inputs["image"], strict=True)}
spoken = {
    d: Waveform.from_mono(x, FRONT.sample_rate)
    for d, x in zip("0123456789", chosen.inputs["audio"], strict=True)
}

# %% alt="The fusion explorer: a picture and a spectrogram of the same digit, both noisy, and a row of bars for the answer of each of ten networks."
titles = {"audio": "sound alone", "image": "picture alone", "ensemble": "two nets averaged"}
shown_as = {titles.get(name, name): net for name, net in nets.items()}
explorer = FusionExplorer(pictures, spoken, shown_as, FRONT, classes=tuple("0123456789"))
explorer.audio_snr, explorer.image_snr = -10, -5
explorer

# %% [markdown]
# ## Conflict
#
# The picture of one digit, the sound of another, both clean. Nobody is right or wrong here; the question is whom the network believes.

# %% alt="Stacked bars, one a network: how often it sides with the sound, with the picture, or with neither. The shares differ from network to network."
sides = ("sound", "picture", "neither")
both_kinds = ("ensemble", *KINDS)
believed = np.array(
    [[[run[kind]["conflict"][side] for side in sides] for kind in both_kinds] for run in runs]
)
fig, ax = plt.subplots(figsize=(8, 3.4))
left = np.zeros(len(both_kinds))
for number, side in enumerate(sides):
    share = believed.mean(axis=0)[:, number]
    ax.barh(both_kinds, share, left=left, color=plots.COLOURS[number], label=side)
    left += share
ax.invert_yaxis()
ax.set(xlabel="share of the test pairs, mean of three seeds", xlim=(0, 1))
ax.set_title("In a conflict some follow one sense, some are torn")
_ = ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize="small")

# %% [markdown]
# `early` believes its ear nine times in ten; `late` and the ensemble are about even. Nothing in the training asked for any of this: it is what is left of how well each sense was learned, and how sure it is. Where both are clean, the ideal observer would know that something is wrong: that both come from one digit is as good as impossible. None of these networks can say so.
#
# ## Where one sense overtakes the other
#
# Hold the picture at 0 dB and let the noise of the sound grow. The ratio at which the sound alone equals the picture alone is the **crossover**.

# %%
sweep = digits.result["settings"]["sweep"]
lines = [seed["swept"] for seed in digits.result["seeds"]]


def line(which: str, kind: str) -> np.ndarray:
    """Return the mean over seeds of the accuracy at each ratio."""
    return np.mean([seed[which][kind] for seed in lines], axis=0)


# %% alt="Two panels of accuracy over the signal-to-noise ratio. Left, the sound is swept and the picture held at 0 dB: the fusions gain most where the lines of the two senses cross, and all but the ensemble fall below the picture at the lowest ratios. Right, the picture is swept and the sound is clean: at low ratios all lie under the sound alone, concat and gated up to about 0 dB."
fig, axes = plt.subplots(1, 2, figsize=(9.5, 3.6), sharey=True)
held = ("picture at 0 dB", "sound clean")
for ax, which, other in zip(axes, ("sound", "picture"), held, strict=True):
    for number, kind in enumerate(("early", "concat", "gated", "ensemble")):
        ax.plot(sweep, line(which, kind), "o-", ms=4, color=plots.COLOURS[number], label=kind)
    ax.plot(sweep, line(which, "audio"), "--", color="grey", label="sound alone")
    ax.plot(sweep, line(which, "image"), ":", color="grey", label="picture alone")
    ax.axvline(-12, color="k", lw=0.5)
    ax.set(xlabel=f"SNR of the {which} (dB); {other}")
axes[0].set_ylabel("share of right answers")
axes[1].legend(fontsize="small")
_ = fig.suptitle(
    "Two senses gain where they are about equal, and lose by a ruined one", fontsize="medium"
)

# %%
gaps = line("sound", "audio") - line("sound", "image")
place = int(np.argmax(gaps > 0))
meet = np.interp(0.0, gaps[place - 1 : place + 1], sweep[place - 1 : place + 1])
ahead = line("sound", "ensemble") - np.maximum(line("sound", "audio"), line("sound", "image"))
most = sweep[int(ahead.argmax())]
print(f"sound and picture are equally good at {meet:.0f} dB")
claim("13.22", "the ensemble gains most within 5 dB of the crossover", abs(most - meet) <= 5)

# %%
sound, ruin = line("picture", "audio")[0], sweep[0]
last = {kind: line("picture", kind)[0] for kind in ("early", "concat", "gated", "ensemble")}
claim(
    "13.23", "sound clean, picture at -20 dB: all below the sound alone", max(last.values()) < sound
)
for kind in ("concat", "gated", "ensemble"):
    gaps = line("picture", kind) - sound
    place = int(np.argmax(gaps > 0))
    even = np.interp(0.0, gaps[place - 1 : place + 1], sweep[place - 1 : place + 1])
    print(f"{kind:8s} a picture adds to a clean sound above {even:.1f} dB")

# %% [markdown]
# The thin line marks −12 dB, the worst that was trained. The sound crosses the picture far below 0 dB: speech stands out of white noise, a digit of 64 values does not. Around the crossover the gain is largest. At the left end the sound knows next to nothing, and the question is only whether the network notices: the ensemble does, by and large, `concat` and `gated` do not.
#
# With the sound clean (right), there is little to gain and much to lose. A picture that is better than the ratio printed above adds to the sound, a worse one takes away, and for `concat` that begins early. The line of an ideal observer would never go below the sound's.

# %% [markdown]
# ## Noise that was not trained for
#
# All of these networks had met noise. Here are some that learned from clean pairs only, tested in noise in the ear (−10 dB), with a clean picture before them.

# %% alt="Dots for the sound alone, the picture alone, concat and the ensemble with noise in the ear: trained in noise, concat and the ensemble are near the clean picture alone (concat somewhat below it) or above it; trained on clean pairs only, concat falls far below the picture alone."
kinds = ("audio", "image", "concat", "ensemble")
fig, ax = plt.subplots(figsize=(8, 2.6))
for number, how in enumerate(("trained in noise", "trained on clean only")):
    for row, kind in enumerate(kinds):
        values = [seed[how][kind]["noise in the ear"] for seed in digits.result["seeds"]]
        places = [row + 0.24 * number - 0.12] * len(values)
        label = how if row == 0 else None
        ax.plot(values, places, "o", color=plots.COLOURS[number], alpha=0.7, label=label)
ax.set_yticks(range(len(kinds)), kinds)
ax.invert_yaxis()
ax.set(xlabel="share of right answers, a dot a seed; noise in the ear at -10 dB", xlim=(0, 1.02))
ax.set_title("One sense in strange noise takes the other one with it")
_ = ax.legend(fontsize="small")

# %%
quiet = [seed["trained on clean only"] for seed in digits.result["seeds"]]
drop = [one["image"]["noise in the ear"] - one["concat"]["noise in the ear"] for one in quiet]
claim(
    "13.24", "concat, trained clean: 20 points below the picture alone, each seed", min(drop) > 0.2
)

# %% [markdown]
# The picture is clean, and alone it would be right. But features of a kind never met go through weights that were made for others, and can come out as anything. The ensemble suffers as well: probably its ear is wrong *and* sure (not measured here).
#
# So: train with the noise that you expect, in each sense by itself. It has a price: on clean digits the sound's network was right in 0.98 of the cases after clean training, in 0.92 after training in noise.

# %% [markdown]
# ## Few examples
#
# Back to the prediction. Four classes in the latent world. The sound has 12 values and tells the class well, the picture has 600 and tells it less well; the ideal observer is right in 0.82 of the cases by the sound, in 0.75 by the picture, in 0.92 by both. Each network learns from 150 items, then from more. Learning rate and decay were chosen for each of them, and for each number of items, on 150 other items.
#
# Two rows are new. **heads**: `concat` with a loss for each sense beside the joint one (lesson 14 explains it). **two audio**: two networks of the sound that differ in their first weights alone, averaged. It is the control of the ensemble: averaging gains something by itself, and that should not be put down to the picture. Blue in the figure: one sense; orange: two networks that never met; green: trained together. The dashed line is the sound alone.

# %% alt="Four panels, for 150, 500, 2000 and 8000 items to learn from. With 150 the sound alone and the ensemble lie near 0.8 and concat, late and gated far below; with 8000 the joint networks lie above the sound alone."
few = world.result["few items"]
counts = [name for name in few if name.isdigit()]
kinds = ("audio", "two audio", "image", "ensemble", "concat", "heads", "late", "gated")
fig, axes = plt.subplots(1, 4, figsize=(9.5, 3.4), sharey=True, sharex=True)
for ax, n in zip(axes, counts, strict=True):
    for row, kind in enumerate(kinds):
        values = few[n]["scores"][kind]
        colour = plots.COLOURS[0 if row < 3 else 1 if row == 3 else 2]
        ax.plot(values, [row] * len(values), "o", ms=4, alpha=0.6, color=colour)
    ax.axvline(np.mean(few[n]["scores"]["audio"]), ls="--", color="grey")
    ax.set(title=f"{n} items", xlabel="right answers", xlim=(0.2, 1))
axes[0].set_yticks(range(len(kinds)), kinds)
axes[0].invert_yaxis()
_ = fig.suptitle("With 150 items every joint network is below the sound alone", fontsize="medium")


# %%
def gap(n: str, kind: str, other: str) -> np.ndarray:
    """Return by how much a kind is ahead of another one, seed by seed."""
    scores = few[n]["scores"]
    return np.array(scores[kind]) - np.array(scores[other])


# %%
below = max(float(gap("150", kind, "audio").max()) for kind in ("concat", "late", "gated"))
heads, average = gap("150", "heads", "audio"), gap("150", "ensemble", "audio")
claim("13.25", "150 items: concat, late and gated are below the sound alone, each seed", below < 0)
claim(
    "13.26",
    "150 items: with a loss for each sense still 5 points below the sound",
    heads.max() < -0.05,
)
averaged = gap("150", "ensemble", "two audio")
claim(
    "13.27",
    "150 items: the ensemble is above two networks of the sound, each seed",
    averaged.min() > 0,
)

# %%
more = gap("2000", "concat", "audio")
claim("13.28", "2000 items: concat is above the sound alone, in each seed", more.min() > 0)

# %% [markdown]
# The picture is not useless: with 150 items too the ensemble gains by it, and by more than averaging gives. What fails is to learn both *at once* from so few. The likely reason: a training set of 150 can be explained by 600 values in many ways, most of them accidental. As soon as it is explained, the loss is small, and with it the gradient, and what the sound could have taught is not learned. (Lesson 14 measures that.) (Look at `late`: it has the very form of the ensemble, layer by layer. Its two halves were trained together, and with one learning rate for both.) With more items accidents become rare, and the loss turns into a gain.
#
# Two rows of that figure, here and now: the sound alone and `concat`, 150 items, the first seed.

# %%
world_of_few = LatentWorld(
    senses={
        "audio": LatentSense(width=12, noise=0.36),
        "image": LatentSense(width=600, noise=0.42),
    },
    n_classes=4,
    bend=1.0,
)


def drawn(n_items: int, seed: int):
    """Return items of that world."""
    return world_of_few.draw(n_items, generator=torch.Generator().manual_seed(seed)).batch


# %%
def learned(sizes: dict[str, int], kind: str) -> float:
    """Train on 150 items as the experiment did; return the accuracy on 3000 others."""
    torch.manual_seed(0)
    net = latent_net("concat", sizes, n_classes=4)
    rate, decay = few["150"]["settings"][kind]
    config = TrainConfig(
        epochs=40, learning_rate=rate, weight_decay=decay, seed=0, monitor="joint/loss"
    )
    loader = Minibatches(drawn(150, 0), batch_size=30, shuffle_seed=0)
    judge = Minibatches(drawn(150, 500), batch_size=500)
    objective = SensesClassification(senses=net.senses)
    training.fit(net, loader, judge, config, objective=objective)
    return training.evaluate(net, [drawn(3000, 100)], objective=objective)["accuracy"]


# %%
again = {
    "audio": learned({"audio": 12}, "audio"),
    "concat": learned({"audio": 12, "image": 600}, "concat"),
}
for kind, value in again.items():
    scores = few["150"]["scores"][kind]
    print(f"{kind:7s} below 0.7: {value < 0.7}")
spans = {kind: few["150"]["scores"][kind] for kind in again}
inside = all(min(spans[k]) - 0.03 < again[k] < max(spans[k]) + 0.03 for k in again)
claim("13.29", "trained here: within the stored spread, to 3 points", inside)

# %% [markdown]
# ## What no sense shows alone
#
# So the ensemble is hard to beat, and was ahead with digits and with few examples (not with a ruined sound, where the gate was). Is late always enough? It is where the senses have nothing in common but the class. Here is a class of another kind: **same or different**. Each item shows one of four symbols to the ear and one of four to the eye, and the question is whether they are the same. Each sense alone says nothing about that.

# %% alt="Dots of eight networks and the two senses: the senses alone, late, mix and the ensemble stand at one half; early, concat, gated, low rank and bottleneck near 0.97, but for one seed of bottleneck at 0.90."
question = world.result["same or different"]
kinds = ("audio", "image", "ensemble", "late", "mix", "early", "concat", "gated", "low_rank")
kinds += ("bottleneck",)
fig, ax = plt.subplots(figsize=(8, 3.4))
for row, kind in enumerate(kinds):
    values = [seed[kind] for seed in question["seeds"]]
    ax.plot(values, [row] * len(values), "o", alpha=0.7, color=plots.COLOURS[int(row > 4)])
ax.axvline(question["optimum"], color="k", lw=3, alpha=0.5)
ax.axvline(0.5, ls="--", color="grey")
ax.set_yticks(range(len(kinds)), kinds)
ax.invert_yaxis()
ax.set(xlabel="right answers, a dot a seed; grey line: the best; dashed: guessing", xlim=(0.4, 1.02))
_ = ax.set_title("Averaged answers cannot compare: each answer is 'I don't know'")

# %%
apart = [max(seed[kind] for seed in question["seeds"]) for kind in ("ensemble", "late", "mix")]
joint = [min(seed[kind] for seed in question["seeds"]) for kind in ("early", "concat", "gated")]
claim("13.30", "same or different: late, mix and the ensemble guess", max(apart) < 0.55)
claim(
    "13.31", "same or different: early, concat and gated above 0.93, each seed", min(joint) > 0.93
)

# %% [markdown]
# Lips and voice in time (lesson 17), a voice that fits a face, a picture that the text contradicts: such questions need features of both senses in one place, before anyone has answered.

# %% [markdown]
# ## Exercises
#
# 1. Write `fuse(shares, present)`: the shares of the classes by what several senses say of one item. `shares` is [sense, class], each row adds up to 1; `present` is bool [sense]. Multiply, as above, and leave out what is missing.


# %% tags=["exercise"]
def fuse(shares: torch.Tensor, present: torch.Tensor) -> torch.Tensor:
    """Return the shares [class] of all senses that are there, multiplied; they add up to 1."""
    ### BEGIN SOLUTION
    product = shares[present].prod(dim=0)
    return product / product.sum()
    ### END SOLUTION


# %%
check("13.fuse", fuse)

# %% [markdown]
# 2. Write `snr_db(clean, noisy)`: the signal-to-noise ratio of a picture, in dB, from the picture before and after noise was added.


# %% tags=["exercise"]
def snr_db(clean: torch.Tensor, noisy: torch.Tensor) -> float:
    """Return the ratio of the power of a picture about its mean to that of its noise, in dB."""
    ### BEGIN SOLUTION
    signal = (clean - clean.mean()).square().mean()
    noise = (noisy - clean).square().mean()
    return float(10 * (signal / noise).log10())
    ### END SOLUTION


# %%
check("13.snr_db", snr_db)

# %% [markdown]
# 3. Write `crossover(ratios, sound, picture)`: the ratio at which the sound alone is as often right as the picture alone. All three are lists; the ratios ascend, the sound starts below the picture and ends above it. Between two neighbours, take straight lines.


# %% tags=["exercise"]
def crossover(ratios: list[float], sound: list[float], picture: list[float]) -> float:
    """Return the ratio, in dB, at which two lines of accuracies meet."""
    ### BEGIN SOLUTION
    ahead = [a - b for a, b in zip(sound, picture, strict=True)]
    n = next(place for place, gap in enumerate(ahead) if gap >= 0)
    share = -ahead[n - 1] / (ahead[n] - ahead[n - 1])
    return ratios[n - 1] + share * (ratios[n] - ratios[n - 1])
    ### END SOLUTION


# %%
check("13.crossover", crossover)

# %% [markdown]
# 4. Somebody's pictures have slipped against the sounds, and so against the labels. You have only what a good network says to each picture (`seen`) and the labels. Write `moved(seen, labels)`: by how many rows the pictures were moved, from −3 to 3. Moved by 2 means that the picture of row 0 now stands in row 2, and those pushed over the end come in at the beginning (`torch.roll`).


# %% tags=["exercise"]
def moved(seen: torch.Tensor, labels: torch.Tensor) -> int:
    """Return by how many rows the pictures were moved."""
    ### BEGIN SOLUTION
    agree = {n: int((seen.roll(-n) == labels).sum()) for n in range(-3, 4)}
    return max(agree, key=lambda n: agree[n])
    ### END SOLUTION


# %%
check("13.moved", moved)

# %% [markdown]
# ## What would break this
#
# - **A pair that shares more than its class.** Here picture and sound were drawn independently. Real ones share time, place and noise; then multiplying counts the same evidence twice, and a joint network has more to find.
# - **Voices or hands on both sides.** One known sense is enough to spoil a test of both: audit each.
# - **Other noise.** It was white, and the same kind in training and test. A siren or a smudge is neither.
# - **Networks that are too sure.** The ensemble multiplies what they say. One that is always sure always wins, right or wrong (lesson 06, calibration).
# - **A missing sense that was never missing in training.** Zeros are an input like any other to `concat`. Lesson 14 trains for it.
# - **Another budget.** 1000 pairs and 240 steps are little, and the joint networks have more to learn in them. With more of both, the gaps may close, as they did with 8000 items above.
# - **Other sizes.** The fusions differ in parameters by a factor of seven, and the encoders are small. An order among them that was found here is an order here.
#
# ## The short answer
#
# There are three places: early (inputs on one grid), in the middle (features side by side, gated, multiplied, or through attention), or late (answers averaged). If the senses share the class and nothing else, answers multiplied are as good as anything can be, if each is honest. Then begin with the plainest: one well-trained network for each sense, averaged. With the same encoders it was the best way here for digits in noise or with a sense missing, and with few examples; with one sense ruined in the latent world the gate was better. Where the question lies *between* the senses (same or different, in time or not), averaged answers know nothing, and features must be joined.
#
# Two senses can do worse than one: with a ruined sense that the network does not learn to leave aside, and with too few examples. So whatever you build, put three rows beside it: each sense alone, the two averaged, and one sense twice.
#
# ## Sources
#
# - J. Kittler, M. Hatef, R. Duin, J. Matas, *On combining classifiers*, IEEE Transactions on Pattern Analysis and Machine Intelligence 20, 1998: the product and the sum of opinions derived from Bayes' rule; in their tests the sum was the more robust of the two.
# - D. Green, J. Swets, *Signal detection theory and psychophysics*, 1966: d', and how it adds over independent observations.
# - M. Ernst, M. Banks, *Humans integrate visual and haptic information in a statistically optimal fashion*, Nature 415, 2002: people weigh sight and touch by their noise, nearly as the ideal observer does.
# - J. Ngiam and others, *Multimodal deep learning*, ICML 2011: features of sound and lips joined by autoencoders.
# - T. Baltrušaitis, C. Ahuja, L.-P. Morency, *Multimodal machine learning: a survey and taxonomy*, 2019: early, late and hybrid fusion.
# - J. Arevalo and others, *Gated multimodal units for information fusion*, 2017: on film genres from poster and plot, the gate was ahead of concatenation and of either sense.
# - Z. Liu and others, *Efficient low-rank multimodal fusion with modality-specific factors*, ACL 2018: the product of senses without its large tensor.
# - A. Nagrani and others, *Attention bottlenecks for multimodal fusion*, NeurIPS 2021: a few shared tokens did better than full attention between the senses, at less cost.
# - P. Liang and others, *MultiBench*, NeurIPS 2021: 15 data sets and 20 methods side by side; methods carried over from another field were ahead on 9 of the 15.
# - W. Wang, D. Tran, M. Feiszli, *What makes training multi-modal classification networks hard?*, CVPR 2020: joint networks below their best single sense on large video sets (lesson 14).
# - B. Lakshminarayanan, A. Pritzel, C. Blundell, *Simple and scalable predictive uncertainty estimation using deep ensembles*, NeurIPS 2017: networks that differ in their seed alone, averaged, are better and better calibrated.
# - E. Alpaydin, C. Kaynak, *Optical recognition of handwritten digits*, UCI repository, 1998: the pictures. The sounds are eSpeak NG's; licences stand in `data/README.md`.
