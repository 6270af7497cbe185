# %% [markdown]
# # 10 · Order matters
#
# > "A plain CNN does not capture the temporal characteristics, so its output was fed to a time-delay neural network." That was part of the answer that the question of this course got in 2015; the time-delay network is Montavon's of 2009 (Sources). What does it mean, and when is it true?
#
# **You will be able to**
#
# - say which networks can read an order in time, which cannot, and prove it by a permutation;
# - compute what one output of a CNN looks at, in seconds, and choose what must come after it;
# - build a time-delay network, and tell a network that cannot learn from one that has not.
#
# **Time:** 30 minutes · **First:** lesson 06
#
# ## Predict
#
# Every clip holds the same three tones, once each, with half a second from one to the next. Only their order differs, and the order is the class: three of them. A CNN is trained, then the mean over time is taken, then a dense layer names the class. On new clips it will be right
#
# - **A** nearly always: this is an easy task
# - **B** in about one of three: it guesses
# - **C** in about two of three: it sees which tone comes first
#
# <details><summary>Answer, after the run</summary>
#
# **B**. Each output of the convolutions looks at less than the quiet between two tones, so that none of them ever sees two. The mean then throws away where each tone stood. What is left, three tones, once each, is the same in all classes. (Without the quiet at both ends of the clips the answer would be **A**: the end of this lesson shows it.)
#
# </details>

# %%
import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn

# %%
from avtutor import plots
from avtutor.batch import Batch
from avtutor.checks import check, claim, stored
from avtutor.metrics import t_interval
from avtutor.models import TDNN, AttentionPool, ConvSettings, GRUHead, LanguageCNN
from avtutor.models import LanguageCNNConfig, MeanPool, StatisticsPool, TransformerHead, sines
from avtutor.player import play_side_by_side
from avtutor.spectral import SpectrogramConfig, below_peak, log_mel
from avtutor.synth import OrderTask, TokenClips
from avtutor.training import Minibatches, TrainConfig, evaluate, fit
from avtutor.waveform import Waveform
from avtutor.widgets import SpectrogramExplorer

plots.use_style()

# %% [markdown]
# ## A task in which order is the label
#
# `OrderTask` makes clips of three short tones, called **tokens** here: 0 is low, 1 an octave higher, 2 two octaves higher. Class 0 is the order `0 1 2`, class 1 is `1 2 0`, class 2 is `2 0 1`. Pitch, level and the gaps vary a little, and noise too faint to be seen below lies under all of it. There is quiet before the first and after the last token.

# %%
task = OrderTask(slack_seconds=0.6)
clips = task.draw(300, generator=torch.Generator().manual_seed(0), within=(0.0, 0.1))
first = {int(label): place for place, label in reversed(list(enumerate(clips.labels.tolist())))}
sounds = {
    f"class {label}: {' '.join(map(str, task.order(label)))}": Waveform.from_mono(
        clips.samples[first[label]], task.sample_rate
    )
    for label in range(3)
}
play_side_by_side(sounds)

# %% alt="Three spectrograms, one above another. Each has the same three short marks, low, middle and high, in another order, with dark gaps between them."
config = SpectrogramConfig(sample_rate=8000, n_fft=256, hop_length=128, n_mels=16)
fig, axes = plt.subplots(3, 1, figsize=(8, 4.2), sharex=True)
for ax, (name, sound) in zip(axes, sounds.items(), strict=True):
    levels = below_peak(log_mel(sound.samples, config), 50.0)[0]
    ax.imshow(levels, origin="lower", aspect="auto", extent=(0, task.seconds, 0, 16))
    ax.set(title=name, ylabel="mel band")
axes[-1].set_xlabel("time (s)")
_ = fig.suptitle("The same three tokens in every clip: only the order differs", fontsize="medium")

# %% [markdown]
# A network gets these log-mel pictures, as in lesson 06. 900 clips to train on and 1200 to test, all of which begin early; the *late* ones are for a later section.


# %%
def pictures(clips: TokenClips) -> Batch:
    """Return the log-mel pictures of clips, with their classes."""
    levels = below_peak(log_mel(clips.samples, config), 50.0)
    return Batch(
        inputs={"sound": levels}, labels=clips.labels, groups=["made"] * len(clips.labels)
    )


# %%
def drawn(n_items: int, seed: int, **options) -> Batch:
    """Return pictures of new clips; the first token comes early unless `within` says otherwise."""
    generator = torch.Generator().manual_seed(seed)
    return pictures(task.draw(n_items, generator=generator, **{"within": (0.0, 0.1), **options}))


train, test = drawn(900, seed=1000), drawn(1200, seed=2000)
print(train)

# %% [markdown]
# ## What one output looks at
#
# The **receptive field** of an output is the stretch of input that has any effect on it. Begin with 1 frame, and let the **jump** be how many input frames lie between two neighbours. A layer with a kernel of $k$ adds $(k-1)$ times the jump; a layer with stride $s$ multiplies the jump by $s$. Pooling is a layer like any other here.

# %% tags=["by-hand"]
convs = (
    ConvSettings(12, kernel=5, stride=2, pool=1, pool_stride=1),
    ConvSettings(24),  # kernel 3, then max-pooling of 3 with stride 2
    ConvSettings(32, pool=1, pool_stride=1),
)
field, jump = 1, 1
for conv in convs:
    for kernel, stride in ((conv.kernel, conv.stride), (conv.pool, conv.pool_stride)):
        field += (kernel - 1) * jump
        jump *= stride
seconds = ((field - 1) * config.hop_length + config.n_fft) / config.sample_rate
print(f"{field} frames, each {jump} further: with the STFT's window {seconds:.3f} s")
print(f"quiet: {task.gap_seconds} s in the gaps, {task.margin_seconds} s at the ends, at least")

# %% [markdown]
# The window of the STFT counts too: a frame has already seen 32 ms of sound. The quiet between two tokens is at least `gap_seconds`, that before the first and after the last at least `margin_seconds`. Both are longer.

# %%
shape = LanguageCNNConfig(n_rows=16, n_classes=3, convs=convs, projection=32, dropout=0.0)
sees_one = seconds < min(task.gap_seconds, task.margin_seconds)
claim("10.1", "no output sees two tokens, or a token and an edge of the clip", sees_one)
claim("10.2", "the package counts the same field", shape.receptive_field == field)

# %% [markdown]
# ## The plain CNN: a mean over time
#
# `LanguageCNN` is convolutions (`ConvBody`), which give one vector a **step** of time (here 64 ms), then a **head**, which makes one vector of all of them, then a dense layer. The plainest head is the mean.


# %%
def trained(head: str, data: Batch = train) -> nn.Module:
    """Return a network with this head, trained on the early clips, or on others."""
    torch.manual_seed(0)
    network = LanguageCNNConfig(16, 3, convs=convs, projection=32, dropout=0.0, head=head)
    model = LanguageCNN(network)
    loader = Minibatches(data, batch_size=50, shuffle_seed=0)
    fit(model, loader, None, TrainConfig(epochs=10, learning_rate=1e-2))
    return model


# %%
def right(model: nn.Module, data: Batch) -> float:
    """Return the share of right answers."""
    return evaluate(model, Minibatches(data, batch_size=200))["accuracy"]


plain = trained("mean")
learned, known = right(plain, train), right(plain, test)
claim("10.3", "a mean over time: within 6 points of guessing (1 in 3)", abs(known - 1 / 3) < 0.06)

# %% [markdown]
# Is it perhaps not trained enough? Look at the *training* clips before you judge. A network that has not learned what it was shown is **untrained**, whatever it does in the test; more passes or another learning rate may help. So compare with a head that can do it, trained in the same way (below), and look for a reason why this one cannot.

# %%
claim("10.4", "nor has it learned the clips that it was shown", learned < 0.45)

# %% [markdown]
# The reason: put the steps in any other order, and the mean is the same. So all heads that treat the steps as a *set* are blind to order. Here are five heads on random steps, then on the same ones permuted: the three that pool, and two that come below, the **TDNN** and the **GRU** (gated recurrent unit), which reads one step after another and keeps a memory. None is trained yet.

# %%
torch.manual_seed(0)
steps = torch.randn(4, 32, 40)  # [clip, channel, step]
full = torch.full((4,), 40)
order = torch.randperm(40)
heads = {
    "mean": MeanPool(32), "mean and standard deviation": StatisticsPool(32),
    "attention": AttentionPool(32), "TDNN": TDNN(32), "GRU": GRUHead(32),
}  # fmt: skip
changes = {}
for name, one in heads.items():
    one.eval()
    with torch.no_grad():
        change = (one(steps, full) - one(steps[..., order], full)).abs().max()
    changes[name] = float(change)
    print(f"{name:28s} changes: {change > 1e-4}")

# %%
blind = max(changes[name] for name in list(heads)[:3])
sees = min(changes[name] for name in list(heads)[3:])
claim("10.5", "mean, statistics and attention: the same for any order", blind < 1e-5)
claim("10.6", "TDNN and GRU: not the same; they can learn an order", sees > 1e-3)

# %% [markdown]
# ## Attention reads no order
#
# An attention pool gives each step a weight, by what the step holds, and takes the weighted mean. It is often said to "look at the right moments". It goes by *what* is there, not by *where*.

# %% alt="Bars over steps of time before and after a permutation: the same heights at other places."
with torch.no_grad():
    weights = heads["attention"].weights(steps, full)[0]
    moved = heads["attention"].weights(steps[..., order], full)[0]
fig, (left, right_ax) = plt.subplots(1, 2, figsize=(9, 2.4), sharey=True)
left.bar(range(40), weights, color=plots.COLOURS[0])
left.set(title="Weights of 40 steps", xlabel="step", ylabel="weight")
right_ax.bar(range(40), moved, color=plots.COLOURS[1])
_ = right_ax.set(title="Steps permuted: the same weights, permuted", xlabel="step")

# %%
same = bool(torch.allclose(weights[order], moved, atol=1e-6))
claim("10.7", "permuted steps carry their attention weights with them", same)

# %% [markdown]
# Self-attention, the core of a transformer, compares every step with every other, and is blind in the same way, until each step is told its position. That is done by adding to each step a vector that depends on its number alone.

# %% alt="A picture with steps from left to right and 64 values from bottom to top: fast waves below, ever slower ones above."
fig, ax = plt.subplots(figsize=(7, 2.6))
ax.imshow(sines(40, 64).T, aspect="auto", origin="lower", cmap="cividis")
ax.set(title="Added to each step: waves, fast ones below", xlabel="step", ylabel="value")
ax.grid(False)

# %%
torch.manual_seed(0)
told = {}
for positions in (False, True):
    one = TransformerHead(32, positions=positions).eval()
    with torch.no_grad():
        told[positions] = float((one(steps, full) - one(steps[..., order], full)).abs().max())
apart = told[False] < 1e-4 < 1e-2 < told[True]
claim("10.8", "a transformer can read the order if it is told positions, and only then", apart)

# %% [markdown]
# ## A time-delay network
#
# The **TDNN** (1989) is a convolution along time over the steps: a *tap* is one step that an output looks at. In later ones (2015) the taps stand apart. With a **dilation** $d$ and a kernel of 5, an output at step $t$ sees the steps $t-2d$, $t-d$, $t$, $t+d$, $t+2d$. A few such layers, and one output sees a token *and* the next one, half a second later. First one layer by hand.

# %% tags=["by-hand"]
layer = nn.Conv1d(32, 64, kernel_size=5, dilation=3, padding=6, bias=False)
one_clip = steps[:1]  # [clip, channel, step]
padded = nn.functional.pad(one_clip, (6, 6))
own = torch.zeros(1, 64, 40)
for tap in range(5):
    seen = padded[..., 3 * tap : 3 * tap + 40]  # the step that this tap looks at, for all t at once
    own += torch.einsum("oc,bct->bot", layer.weight[:, :, tap], seen)
with torch.no_grad():
    close = float((own - layer(one_clip)).abs().max())
claim("10.9", "a dilated convolution is five shifted sums", close < 1e-4)

# %% [markdown]
# `TDNN` has three of them, with dilations 1, 2 and 3: each output sees 25 steps, 1.9 s of sound. Their mean over time then counts how often an *order of neighbours* occurred, wherever it was. (It pools over all of the time, too. But each of its outputs has seen several tokens before that.)

# %%
print("steps that one output sees:", TDNN(32, kernel=5, dilations=(1, 2, 3)).receptive_field)
delayed = trained("tdnn")
reached = right(delayed, test)
claim("10.10", "the same convolutions and a TDNN: over 85 % right", reached > 0.85)

# %% [markdown]
# Same clips, same passes, same learning rate as the plain one. Does it read the tokens? Take their order away: new clips whose tokens come in an order that has nothing to do with the label. (That rules out other cues, such as loudness. That it is not the distance from an edge, the longer clips below show.)

# %%
orders = torch.rand(1200, 3, generator=torch.Generator().manual_seed(5)).argsort(dim=1).tolist()
shuffled = right(delayed, drawn(1200, seed=3000, orders=orders))
back = abs(shuffled - 1 / 3) < 0.06
claim("10.11", "tokens in random order: back within 6 points of guessing", back)

# %% [markdown]
# ## All of them, three seeds
#
# Nine heads behind the same convolutions, trained on early clips. Two are new:
#
# - **flatten**: no pooling at all; every step has its own weights in the dense layer. That is what LeNet does (lesson 06).
# - **TDNN of 1 tap**: as many layers as the TDNN, about four fifths of its numbers, but each layer sees one step only. It is the control: if it fails where the TDNN succeeds, it is not the size that counts.
#
# They are tested on new early clips, on **later** ones (the first token half a second later), on **longer** ones (0.3 s more quiet at both ends), and with tokens shuffled.

# %%
table = stored("10_order")
table

# %% alt="Nine rows, one a head, with a dot for each test and seed. Mean, statistics, attention, the transformer without positions and the TDNN of one tap stand at one third. Flatten is near 1 on early clips and far lower on later ones. TDNN and GRU stand near 1 in all tests but the shuffled one."
rows = table.result["rows"]
tests = ("same place", "later", "longer", "tokens shuffled")
fig, ax = plt.subplots(figsize=(8, 4.4))
for number, name in enumerate(tests):
    for row, kind in enumerate(rows):
        values = [one[name] for one in rows[kind] if one[name] is not None]
        places = [row + 0.18 * (number - 1.5)] * len(values)
        label = name if row == 0 else None
        ax.plot(values, places, "o", ms=4.5, alpha=0.7, color=plots.COLOURS[number], label=label)
ax.axvline(1 / 3, ls="--", color="grey")
ax.set_yticks(range(len(rows)), list(rows))
ax.set(xlabel="share of right answers, one dot a seed; dashed: guessing", xlim=(-0.03, 1.03))
ax.invert_yaxis()
ax.set_title("A set of steps has no order; flatten keeps it at one place")
_ = ax.legend(loc="center", bbox_to_anchor=(0.62, 0.82), fontsize="small")


# %%
def values(kind: str, what: str) -> list[float]:
    """Return a column of one head, one number a seed."""
    return [one[what] for one in rows[kind] if one[what] is not None]


for kind in rows:
    means = {name: np.mean(values(kind, name) or [np.nan]) for name in ("train", *tests)}
    print(f"{kind:28s}", *(f"{name} {mean:.2f} ·" for name, mean in means.items()))

# %%
sets = ("mean", "statistics", "attention", "transformer without positions", "TDNN of 1 tap")
near = max(abs(value - 1 / 3) for kind in sets for value in values(kind, "same place"))
claim("10.12", "what sees a set of steps: within 5 points of guessing, every seed", near < 0.05)

# %%
worst = min(v for kind in ("tdnn", "gru") for name in tests[:3] for v in values(kind, name))
claim("10.13", "TDNN and GRU: over 85 %, early, late and in longer clips, every seed", worst > 0.85)

# %%
fixed = min(values("flatten", "same place"))
away = max(values("flatten", "later"))
print("longer clips for flatten:", values("flatten", "longer") or "it cannot take them")
placed = fixed > 0.85 and away < 0.6
claim("10.14", "flatten: over 85 % where it learned it, under 60 % later", placed)

# %%
fixed = min(values("transformer", "same place"))
away = max(values("transformer", "later"))
placed = fixed > 0.85 and away < 0.6
claim("10.15", "and the transformer with positions: the same", placed)

# %% [markdown]
# Look at *how* these two fail. Five of the six networks are far below guessing: nearly every answer is wrong (one flatten guesses). Half a second is about the distance between two tokens, so the first token now stands where the second one used to: probably they name the class that has it there. They have learned places, not order. On longer clips, where the first token comes 0.3 s later, the transformer is wrong in about half.
#
# So the sentence of 2015 can be made exact. *Convolutions* do read order, as far as their receptive field reaches. A *pool over all of the time* forgets the rest. *Flatten and a dense layer* keep it, at a fixed length and place, and so does a transformer that has seen no other place. A *TDNN*, and a *recurrent network*, which reads one step after another, keep it wherever it occurred here. One number of the table you have made yourself, TDNN at the same place:

# %%
stored_values = values("tdnn", "same place")
inside = min(stored_values) - 0.05 <= reached <= max(stored_values) + 0.05
claim("10.16", "this run lies within 0.05 of the stored spread", inside)

# %% [markdown]
# ## How a plain CNN cheats
#
# It is easy to make this task wrong, and then to believe that a mean reads order. Leave out the quiet at both ends. Now the first token stands beside the edge of the clip, where the convolutions see the zeros that were added as padding, and the STFT its reflection. So probably "token 1 at the left edge" looks different from "token 1 elsewhere", and a mean can count that.

# %% alt="Three rows, mean, statistics and attention, with dots of three seeds: at one third with margins, far to the right without."
fig, ax = plt.subplots(figsize=(8, 2.2))
for row, kind in enumerate(("mean", "statistics", "attention")):
    for colour, name in ((0, "same place"), (1, "no margins")):
        label = ("with quiet at both ends", "without")[colour] if row == 0 else None
        dots = values(kind, name)
        ax.plot(dots, [row] * len(dots), "o", color=plots.COLOURS[colour], label=label, alpha=0.7)
ax.axvline(1 / 3, ls="--", color="grey")
ax.set_yticks(range(3), ("mean", "statistics", "attention"))
ax.set(xlabel="share of right answers, one dot a seed; dashed: guessing", xlim=(0, 1.03))
ax.set_ylim(2.5, -0.5)
ax.set_title("Without margins the edge of the clip gives the order away")
_ = ax.legend(loc="center", bbox_to_anchor=(0.68, 0.5))

# %%
cheat = min(values("mean", "no margins"))
claim("10.17", "no quiet at the ends: a mean over time reaches over 80 %", cheat > 0.8)

# %% [markdown]
# There is a second way: tokens on an even grid. Let every clip begin at the same time, and let 0.6 s lie between the beginnings of two tokens: 37.5 frames. The network looks at every fourth. So the first, second and third token lie differently to its steps, look slightly different to it, and can be told apart. Quiet there is enough, at the ends and between.

# %%
grid = OrderTask(gap_seconds=0.5, jitter_seconds=0.0, slack_seconds=0.0)
on_grid, other = (
    pictures(grid.draw(n, generator=torch.Generator().manual_seed(seed)))
    for n, seed in ((900, 1000), (1200, 2000))
)
cheated = right(trained("mean", data=on_grid), other)
claim("10.18", "tokens on an even grid: a mean over time reaches over 80 %", cheated > 0.8)

# %% [markdown]
# That is why `OrderTask` varies its gaps. Both ways are general. Before you praise a network for reading time, train the one that cannot.
#
# ## The heads on the languages
#
# English against Spanish, as in lesson 09: its network, front end, remedies and folds, with each of the heads in turn, and nothing else changed. Sixteen roles of one game, never heard in training, three seeds, 240 steps each.

# %%
heads = stored("10_heads")
heads

# %% alt="Six rows of sixteen dots with mean and interval. All means lie near 0.8, those of GRU and transformer a little lower, and most dots between 0.5 and 1; two roles of each row are near 0."
by_voice = heads.result["by voice"]
points = {kind: [both[1] for both in some.values()] for kind, some in by_voice.items()}
fig, ax = plt.subplots(figsize=(8, 3.2))
title = "On the languages, no head is better than a mean"
plots.voices(ax, points, line=0.5, title=title)
_ = ax.set_xlabel("share of right answers over 10 s; dots: voices; orange: mean and interval")

# %%
for kind, some in heads.result["by seed"].items():
    known, new = np.mean(some["trained on, 3 s"]), np.mean(some["never heard, 10 s"])
    print(f"{kind:12s} known voices, 3 s: {known:.2f}   never heard, 10 s: {new:.2f}")
learned = min(min(some["trained on, 3 s"]) for some in heads.result["by seed"].values())
claim("10.19", "every head learned its training voices: over 80 %, each seed", learned > 0.8)

# %% [markdown]
# Voice by voice, what does a head add to the plain mean? As in lesson 09, with an interval over voices.

# %%
plain = points["mean"]
added = {
    kind: t_interval([b - a for a, b in zip(plain, some, strict=True)])
    for kind, some in points.items()
    if kind != "mean"
}
for kind, gap in added.items():
    print(f"{kind:12s} {gap.mean:+.2f} ({gap.low:+.2f} to {gap.high:+.2f})")
none = all(gap.low < 0 and gap.mean < 0.02 for gap in added.values())
claim("10.20", "TDNN, GRU, transformer and other pools: none is better than a mean", none)

# %% [markdown]
# All have learned their training voices. On new ones, a head that reads order adds nothing here; the GRU, if anything, loses. And yet order counts in this task: shuffled frames cost much (lesson 09). The two fit together, if the order that helps is *short*. One output of these convolutions sees 0.7 s, some syllables, and so reads it already. Whether a longer memory would pay with more voices and more training, sixteen roles of one game cannot say.
#
# ## Play
#
# The three clips again. Every kind of column in one of them is in the others too; only the places differ.

# %% alt="The spectrogram explorer with the three orders to choose from."
SpectrogramExplorer(sounds, n_fft=256, hop_length=80)

# %% [markdown]
# ## Exercises
#
# 1. Write `receptive_field(kernels, strides)`: the frames that one output of a stack of layers looks at. Each layer has a kernel and a stride, given in the order in which they come.


# %% tags=["exercise"]
def receptive_field(kernels: list[int], strides: list[int]) -> int:
    """Return the number of input frames that one output depends on."""
    ### BEGIN SOLUTION
    field, jump = 1, 1
    for kernel, stride in zip(kernels, strides, strict=True):
        field += (kernel - 1) * jump
        jump *= stride
    return field
    ### END SOLUTION


# %%
check("10.receptive_field", receptive_field)

# %% [markdown]
# 2. Write `taps(step, kernel, dilation)`: the list of steps that one output of a dilated convolution looks at, from the earliest to the latest. The kernel is odd, and the middle tap is at `step`.


# %% tags=["exercise"]
def taps(step: int, kernel: int, dilation: int) -> list[int]:
    """Return the steps that the output at `step` sees."""
    ### BEGIN SOLUTION
    return [step + dilation * (tap - kernel // 2) for tap in range(kernel)]
    ### END SOLUTION


# %%
check("10.taps", taps)

# %% [markdown]
# 3. Untrained or incapable? A head is at chance in the test. Write `verdict(train, control, chance)` from its accuracy on its *training* clips, that of the *control* (another head, trained in the same way, on the same training clips), and chance. Within 0.1 of chance counts as at chance. Return `"untrained"` if neither has learned its training clips (nothing is known about the head), `"incapable"` if the control has and the head has not, and `"memorised"` if the head has learned its training clips.


# %% tags=["exercise"]
def verdict(train: float, control: float, chance: float) -> str:
    """Return what a head at chance in the test tells us."""
    ### BEGIN SOLUTION
    if train > chance + 0.1:
        return "memorised"
    return "incapable" if control > chance + 0.1 else "untrained"
    ### END SOLUTION


# %%
check("10.verdict", verdict)

# %% [markdown]
# ("Incapable" is a word to be careful with: the control shows that *this* training suffices for some head. What settles it is a reason, such as the permutation above.)
#
# ## What would break this
#
# - **Gaps shorter than the receptive field.** Then the convolutions read the order themselves, and any head may look good. Neighbouring sounds of speech are that close, which may be why a plain CNN does well on words.
# - **A memory that is too short.** A TDNN sees 25 steps here and not one more. Tokens 2 s apart would leave it blind; a GRU could carry them, if it learns to.
# - **Places never shown.** Train flatten, or a transformer with positions, on early *and* late clips, and they can learn both (not tried here). Positions told as *distances* between steps, as many transformers have them today, are meant to mend that.
# - **Clips cut at random.** If a token falls outside, there is no order left to read.
# - **Another cue.** If the tones of class 1 were a little higher, every head could find that first.
#
# ## The short answer
#
# A CNN reads order as far as one of its outputs can see, 0.35 s here. What comes behind decides about the rest. A mean, statistics, attention, or self-attention without positions see a set of steps: three tones in three orders are the same to them, and they guess. Flatten and a dense layer, and a transformer that is told positions, read the order where it always stood in training. A TDNN and a GRU read it at every place that was tried. Feeding a CNN into a time-delay network, as the answer of 2015 says, is right where what matters is further apart than the CNN can see.
#
# ## Sources
#
# - A. Waibel, T. Hanazawa, G. Hinton, K. Shikano and K. Lang, *Phoneme recognition using time-delay neural networks*, IEEE Transactions on Acoustics, Speech and Signal Processing 37, 1989: shared weights along time, for "b", "d" and "g": the first network of this kind.
# - G. Montavon, *Deep learning for spoken language identification*, NIPS Workshop on Deep Learning for Speech Recognition, 2009: three convolutional layers on a spectrogram of 39 mel bands, then a time-delay network whose outputs are summed over time; three languages.
# - H. Harutyunyan, *Spoken language identification with deep convolutional networks*, YerevaNN blog, 2015, and the sequel with recurrent networks, 2016, on the contest's recordings: a CNN with batch norm 97.14 %, two GRU layers on the spectrogram's lower 5.5 kHz 98.42 %, a CNN of four layers and one GRU over 54 steps 99.20 %. Speakers were not labelled there, so that the same voices may be on both sides (lesson 09).
# - V. Peddinti, D. Povey and S. Khudanpur, *A time delay neural network architecture for efficient modeling of long temporal contexts*, Interspeech 2015: taps that stand further apart from layer to layer.
# - K. Cho and others, *Learning phrase representations using RNN encoder-decoder for statistical machine translation*, EMNLP 2014: the gated recurrent unit.
# - A. Vaswani and others, *Attention is all you need*, NeurIPS 2017: self-attention, and the sines of positions.
