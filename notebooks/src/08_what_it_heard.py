# %% [markdown]
# # 08 · What it heard
#
# > "If we hear a lion roar, we compose a mental image of a lion." And what did the network hear? It names the right word; from which part of the sound?
#
# **You will be able to**
#
# - make a map of what a network's answer rests on, in three ways: by hiding, by a gradient, by its layers;
# - test such a map against maps that know nothing, and drop the ones that fail;
# - listen to what the network kept, and to what it could do without.
#
# **Time:** 35 minutes · **First:** lesson 06 (lesson 07 helps)
#
# ## Predict
#
# A network names spoken digits of voices that it never heard. You take the tenth of the spectrogram's cells that a map calls the most important, make a sound of nothing but these, and play it to the network. Then you play it the other nine tenths. When does it still name the digit?
#
# - **A** with the tenth only: the rest does not matter to it
# - **B** with the nine tenths only: a tenth is too little
# - **C** with either
#
# <details><summary>Answer, after the run</summary>
#
# **C**, for most clips. The tenth is enough, and it is not needed: speech says everything several times. A map of what *suffices* is not a map of *the cause*. The claims at the end put numbers to it.
#
# </details>

# %%
from dataclasses import replace

import matplotlib.pyplot as plt
import torch

from avtutor import explain, plots
from avtutor.batch import Batch
from avtutor.checks import check, claim
from avtutor.datasets import group_split, load_sounds, synthetic_digits
from avtutor.metrics import t_interval
from avtutor.models import SpectrogramCNN, SpectrogramCNNConfig
from avtutor.player import play_side_by_side

# %%
from avtutor.spectral import SpectrogramConfig, below_peak, log_mel, log_mel_batch
from avtutor.training import Minibatches, Prepared, TrainConfig, evaluate, fit
from avtutor.waveform import Waveform
from avtutor.widgets import VerdictExplorer

plots.use_style()

# %% [markdown]
# ## A network to question
#
# The English digits of eSpeak NG (synthetic voices, lesson 06), a fifth of the voices kept out. Pictures as in lesson 06: log-mel, in dB below each clip's peak, cut at 60 dB. A `SpectrogramCNN` with few channels, six passes.

# %%
config = SpectrogramConfig(sample_rate=8000, n_fft=256, hop_length=80, n_mels=40)
said = synthetic_digits(language="en")
split = group_split([one.group for one in said], test_share=0.2, seed=0)
train = load_sounds([said[n] for n in split.train], sample_rate=8000)
test = load_sounds([said[n] for n in split.test], sample_rate=8000)


def pictures(batch: Batch, generator: torch.Generator | None = None) -> Batch:
    """Return log-mel pictures in dB below each clip's peak."""
    batch = log_mel_batch(batch, config)
    return replace(batch, inputs={"sound": below_peak(batch.inputs["sound"])})


# %%
torch.manual_seed(0)
model = SpectrogramCNN(SpectrogramCNNConfig(n_mels=40, n_classes=10, widths=(8, 16, 24, 32)))
batches = Prepared(Minibatches(train, batch_size=32, shuffle_seed=0), pictures)
_ = fit(model, batches, None, TrainConfig(epochs=6, learning_rate=5e-3))
reached = evaluate(model, Prepared(Minibatches(test, batch_size=64), pictures))["accuracy"]
claim("08.1", "voices never heard: over 90 % of the digits are named", reached > 0.9)

# %% [markdown]
# One clip will be with us: a seven, by a voice that is not in training.

# %%
seven = test.classes.index("7")
place = next(n for n, label in enumerate(test.labels.tolist()) if label == seven)
clip = test.select([place])
sound = clip.inputs["sound"][0]  # [time]
picture = pictures(clip).inputs["sound"][0]  # [mel, frame]


@torch.no_grad()
def shares(picture: torch.Tensor) -> torch.Tensor:
    """Return the softmax shares of the ten digits for one picture."""
    return model(picture[None]).softmax(dim=1)[0]


print("picture:", list(picture.shape), "· it says", test.classes[int(shares(picture).argmax())])

# %% alt="Log-mel spectrogram of the word seven: a faint hiss, then two bright voiced stretches with a dark gap between them."
fig, ax = plt.subplots(figsize=(7, 3))
_ = plots.spectrogram(
    ax, picture, config, scale="mel", db_range=60, title="se-ven: a faint hiss, then two voiced parts"
)

# %% [markdown]
# ## Look at the filters
#
# The first thing people look at in a CNN for photos. Here are the eight filters of the first layer, 3 bands by 3 frames each, and what each makes of the word.

# %% alt="Left: eight small squares of three by three cells in orange and purple. Right: eight pictures of the word, each filter bright at other parts."
maps = explain.activations(model, picture, layer="convs.0")
fig, axes = plt.subplots(1, 2, figsize=(9, 2.6), width_ratios=(1, 2.2))
plots.filters(axes[0], explain.first_filters(model), per_row=4, title="Eight filters …")
tiles = torch.cat([torch.cat(list(row), dim=1) for row in maps.reshape(2, 4, *maps.shape[1:])])
axes[1].imshow(tiles, origin="lower", aspect="auto", cmap="gray")
axes[1].set(title="… and what they make of the word", xticks=[], yticks=[])
_ = axes[1].grid(visible=False)

# %% [markdown]
# Some answer to a rise in level along time, some along frequency. Nine numbers each: there is little to read. What the *answer* rests on they do not say. For that, one has to ask the network.
#
# ## Hide a part, and ask again
#
# Cover a patch of the picture, look at how much of the class's share is lost, and move on. The map of these losses is called **occlusion**. But what does one cover a patch *with*? In a photo, people take grey. Here are two candidates: 0, and the **noise floor**, the level below which a tenth of this picture's cells lie.

# %% alt="The word twice, with the same blobs hidden. Left, by the noise floor: dark holes. Right, by 0 dB: the blobs are the brightest parts of the picture."
floor = explain.noise_floor(picture)
generator = torch.Generator().manual_seed(1)
blobs = explain.random_blobs(tuple(picture.shape), size=3, generator=generator)
somewhere = explain.top_share(blobs, 0.1)  # a tenth of the cells, in blobs
fig, axes = plt.subplots(1, 2, figsize=(10, 2.8))
for ax, fill, title in ((axes[0], floor, "By the floor: gone"), (axes[1], 0.0, "By 0 dB: loud")):
    hidden = torch.where(somewhere, fill, picture)
    settings = {"scale": "mel", "db_range": 60, "top": 0.0, "colorbar": False}
    _ = plots.spectrogram(ax, hidden, config, **settings, title=title)

# %% [markdown]
# Over sixty clips, four for each unseen voice, of other digits for each, with a tenth of the cells hidden at random:

# %%
# A voice has 20 clips, in order of the digits.
voices = range(len(test) // 20)
places = [20 * voice + (7 * voice + 3 * k) % 20 for voice in voices for k in range(4)]
cases = []
for n in places:
    shown = pictures(test.select([n])).inputs["sound"][0]
    g = torch.Generator().manual_seed(n)
    blobs = explain.random_blobs(tuple(shown.shape), size=3, generator=g)
    answer = int(shares(shown).argmax())
    cases.append((n, shown, answer, explain.noise_floor(shown), blobs))

# %%
left = {"noise floor": [], "0 dB": []}
for _, shown, answer, quiet, blobs in cases:
    for name, fill in (("noise floor", quiet), ("0 dB", 0.0)):
        hidden = torch.where(explain.top_share(blobs, 0.1), fill, shown)
        left[name].append(float(shares(hidden)[answer]))
loud = torch.tensor(left["noise floor"]).mean() - torch.tensor(left["0 dB"]).mean()
claim("08.2", "hidden by 0 dB instead of the floor, the answer loses over 10 points more", loud > 0.1)

# %% [markdown]
# In dB below the peak, 0 is the *loudest* there is. Filling with it does not hide a part: it plays a noise there. So here the floor it is. It has a limit, too: silence filled with silence stays as it is, so no map with this fill can show that a *pause* mattered.
#
# By hand: patches of 5 bands by 5 frames, 3 apart. Each cell gets the mean loss of the patches that covered it. What is watched is the logit, not the share: where the share is close to 1, it hardly moves.

# %% tags=["by-hand"]
@torch.no_grad()
def occlusion_by_hand(picture: torch.Tensor, target: int, fill: float) -> torch.Tensor:
    """Return a map [mel, frame]: what hiding each part costs the target's logit."""
    whole = model(picture[None])[0, target]
    lost, times = torch.zeros_like(picture), torch.zeros_like(picture)
    n_rows, n_columns = picture.shape
    rows = torch.linspace(0, n_rows - 5, -(-(n_rows - 5) // 3) + 1).round().int().tolist()
    columns = torch.linspace(0, n_columns - 5, -(-(n_columns - 5) // 3) + 1).round().int().tolist()
    for top in rows:
        for start in columns:
            hidden = picture.clone()
            hidden[top : top + 5, start : start + 5] = fill
            cost = whole - model(hidden[None])[0, target]
            lost[top : top + 5, start : start + 5] += cost
            times[top : top + 5, start : start + 5] += 1
    return lost / times


own = occlusion_by_hand(picture, seven, floor)
package = explain.occlusion(
    model, picture, target=seven, fill=floor, patch=(5, 5), stride=(3, 3), score="logit"
)
close = float((own - package).abs().max())
claim("08.3", "occlusion by hand is explain.occlusion", close < 1e-3 * float(own.abs().max()))

# %% alt="The spectrogram in grey with the map over it. Orange, where hiding costs the answer: the onsets of both voiced parts, and their low bands. Blue, where hiding helps it: bands around 2000 Hz and the end of the first part."
fig, ax = plt.subplots(figsize=(7, 3))
_ = plots.attribution(ax, picture, package, config, title="Orange: hiding this costs the seven; blue: it helps")

# %% [markdown]
# ## One backward pass instead
#
# Occlusion asks the network once for every patch: some three hundred times. A **gradient** asks once. Backpropagation gives, for every cell, how steeply the logit rises with its level. Multiply that with how far the cell would move if it were hidden, `picture - floor`, and you have a first guess at what occlusion would find for each cell alone.

# %% tags=["by-hand"]
probe = picture.clone().requires_grad_()
model(probe[None])[0, seven].backward()
own_guess = probe.grad * (picture - floor)
model.zero_grad()
guess = explain.input_gradient(model, picture, target=seven, fill=floor)
claim("08.4", "gradient times change by hand is input_gradient", torch.allclose(own_guess, guess))

# %% [markdown]
# ## From a layer: Grad-CAM
#
# The map that most people know from photos. Take the last convolution's maps $A_k$, one for each filter $k$. Weigh each with the mean of the gradient of the logit over that map, add them up, keep what is above 0:
#
# $$\mathrm{relu}\Big(\sum_k a_k A_k\Big), \quad a_k = \text{mean over the map of } \frac{\partial\, \mathrm{logit}}{\partial A_k}$$
#
# After three halvings a cell of that sum covers 8 by 8 cells of the picture. It cannot be finer.

# %% alt="Two maps over the spectrogram. Left, gradient times change: fine dots, the strongest on a line near 2000 Hz. Right, Grad-CAM: one broad blob around the gap between the two voiced parts."
cam = explain.grad_cam(model, picture, target=seven, layer="norms.3")
fig, axes = plt.subplots(1, 2, figsize=(10, 3))
plots.attribution(axes[0], picture, guess, config, title="Gradient × change: fine")
_ = plots.attribution(axes[1], picture, cam, config, title="Grad-CAM: coarse")

# %% [markdown]
# Three maps of one word, and they do not agree: look at the line near 2000 Hz. Which one is right? A map is a claim, so it can be tested.
#
# ## Is the map right?
#
# **Deletion**: hide the cells that the map puts first, and watch the share fall. A good map makes it fall early: the area under the curve is small. **Insertion**: begin with nothing but the floor, bring in the first cells first. A good map makes it rise early: the area is large.
#
# Neither number means anything alone. A picture with holes is strange to the network whatever the holes hide. So the same is done with maps that know nothing of this network:
#
# - **blobs**: noise, blurred until it has patches as wide as those of real maps;
# - **energy**: the louder, the more important;
# - **untrained**: gradient times change, from a network with the same layers and random weights. If its map does as well, the map shows the picture, not what was learned.


# %%
blank = explain.untrained(model, seed=1)
patches = {"patch": (5, 5), "stride": (3, 3), "score": "logit", "batch_size": 64}


def all_maps(shown: torch.Tensor, answer: int, quiet: float, blobs: torch.Tensor) -> dict:
    """Return the maps of one picture by name."""
    settings = {"target": answer, "fill": quiet}
    return {
        "occlusion": explain.occlusion(model, shown, **settings, **patches),
        "gradient × change": explain.input_gradient(model, shown, **settings),
        "Grad-CAM": explain.grad_cam(model, shown, target=answer, layer="norms.3"),
        "energy": explain.energy_map(shown),
        "untrained": explain.input_gradient(blank, shown, **settings),
        "blobs": blobs,
    }


# %% [markdown]
# Every second of the sixty clips: thirty, two for each of the fifteen voices.

# %%
chosen = cases[::2]
print("digits tested:", *sorted({test.classes[int(test.labels[n])] for n, *_ in chosen}))
made = [all_maps(*case[1:]) for case in chosen]
deleted, inserted = {name: [] for name in made[0]}, {name: [] for name in made[0]}
for (_, shown, answer, quiet, _), found in zip(chosen, made, strict=True):
    for name, map in found.items():
        settings = {"target": answer, "fill": quiet, "n_steps": 10}
        deleted[name].append(explain.deletion(model, shown, map, **settings))
        inserted[name].append(explain.insertion(model, shown, map, **settings))

# %% alt="Two panels of six curves. Left, deletion: occlusion and energy fall fastest, then gradient times change; Grad-CAM, blobs and the untrained map fall slowly. Right, insertion: occlusion and energy rise fast, gradient times change a little less, the others slowly."
fig, axes = plt.subplots(1, 2, figsize=(10, 3.6))
down = {name: explain.mean_curve(curves) for name, curves in deleted.items()}
up = {name: explain.mean_curve(curves) for name, curves in inserted.items()}
plots.curves(axes[0], down, title="Deletion: low is good")
_ = plots.curves(axes[1], up, change="inserted", title="Insertion: high is good")

# %%
better = down["blobs"].area - down["occlusion"].area
claim("08.5", "deletion: occlusion's area is over 0.1 below that of blobs", better > 0.1)
better = up["gradient × change"].area - up["blobs"].area
claim("08.6", "insertion: gradient × change is over 0.2 above blobs", better > 0.2)
gap = down["untrained"].area - down["gradient × change"].area
claim("08.7", "deletion: the same map of an untrained network is over 0.1 worse", gap > 0.1)

# %% [markdown]
# So two of the maps know something. The third?

# %%
cam_gain = down["blobs"].area - down["Grad-CAM"].area
claim("08.8", "deletion: Grad-CAM is less than 0.1 better than blobs", cam_gain < 0.1)

# %% [markdown]
# By deletion Grad-CAM, the favourite for photos, is hardly better here than blurred noise; by insertion it is a little better; by both it is far behind loudness. Two reasons. It is coarse: 8 bands by 8 frames a cell, and the lines of a voice lie closer. And the mean over the map supposes that a filter says the same wherever it fires. In a photo that is fair: an ear is an ear at any place. Along frequency it is not (lesson 07): this network keeps its rows apart up to the last layer.
#
# And what of energy, which knows nothing of the network and does so well? The network listens to what is loud; so would anybody. Gradient × change is behind it. Is occlusion truly ahead? The clips of one voice are not independent, so the test is by voice: for each, energy's area minus occlusion's.

# %% alt="Fifteen dots, one a voice, on both sides of 0, and below them their mean with its interval, a little to the right of 0."
by_voice: dict[str, list[float]] = {}
for number, (n, *_) in enumerate(chosen):
    ahead = deleted["energy"][number].area - deleted["occlusion"][number].area
    by_voice.setdefault(test.groups[n], []).append(ahead)
ahead = [sum(values) / len(values) for values in by_voice.values()]
interval = t_interval(ahead)
fig, ax = plt.subplots(figsize=(7, 1.8))
title = "Occlusion against loudness: little between them"
_ = plots.voices(ax, {"energy minus occlusion": ahead}, line=0.0, title=title)
_ = ax.set_xlabel("difference of the areas under the deletion curve; a dot is a voice")

# %%
little = interval.mean < 0.5 * (down["blobs"].area - down["occlusion"].area)
claim("08.9", "occlusion's lead over energy is less than half of that over blobs", little)

# %% [markdown]
# Most voices lie a little to the right of 0, one far to the left, and the interval comes down to about 0. That occlusion knows more of this network than loudness does is, at best, barely shown on fifteen voices. A map that had only been compared with blobs would have looked far better than that.
#
# ## Listen to it
#
# A map over the spectrogram is a filter: multiply the STFT with it, go back to sound with the sound's own phase. `listen_to` returns what was **kept**, and what was **left**; together they are the sound. Here is the tenth of the cells that gradient × change puts first.

# %%
tenth = explain.top_share(guess, 0.1).float()
heard = explain.listen_to(tenth, sound, config)
play_side_by_side({
    "the word": Waveform(sound[None], 8000),
    "kept: a tenth of the cells": Waveform(heard.kept[None], 8000),
    "left: the other nine tenths": Waveform(heard.left[None], 8000),
})  # fmt: skip

# %%
whole = float((heard.kept + heard.left - sound).abs().max())
claim("08.10", "kept and left add up to the sound", whole < 1e-4)

# %% [markdown]
# Now play both to the network: sound, log-mel, below the peak, as with any clip.


# %%
@torch.no_grad()
def names(samples: torch.Tensor) -> int:
    """Return the digit that the network names for a sound [time]."""
    return int(model(below_peak(log_mel(samples[None], config))).argmax())


kept, rest, by_chance = [], [], []
for (n, _, answer, _, blobs), found in zip(chosen, made, strict=True):
    samples = test.select([n]).inputs["sound"][0]
    best = explain.top_share(found["gradient × change"], 0.1).float()
    heard = explain.listen_to(best, samples, config)
    kept.append(names(heard.kept) == answer)
    rest.append(names(heard.left) == answer)
    random = explain.listen_to(explain.top_share(blobs, 0.1).float(), samples, config)
    by_chance.append(names(random.kept) == answer)

# %%
enough = sum(kept) / len(kept)
claim("08.11", "the tenth that the map chose is enough for over 80 % of the clips", enough > 0.8)
claim("08.12", "a tenth in random blobs: for less than 30 %", sum(by_chance) / len(kept) < 0.3)

# %% [markdown]
# One control could kill the first of these. Perhaps fine dots, chosen with a gradient, do not *find* the evidence but *make* it: then a map for any other digit would make the network say that one. So take a digit that was not said, make its map, and keep its tenth.

# %%
made_up = []
for number, (n, shown, answer, quiet, _) in enumerate(chosen):
    other = (answer + 1 + number % 9) % 10  # a digit that was not said
    its_map = explain.input_gradient(model, shown, target=other, fill=quiet)
    samples = test.select([n]).inputs["sound"][0]
    heard = explain.listen_to(explain.top_share(its_map, 0.1).float(), samples, config)
    made_up.append(names(heard.kept) == other)
share = sum(made_up) / len(made_up)
claim("08.13", "the tenth for a digit that was not said: that one in under 40 %", share < 0.4)

# %% [markdown]
# The claim survives: some evidence may be made in this way, most is found. Now the other nine tenths.

# %%
claim("08.14", "without the chosen tenth, over 70 % are still named", sum(rest) / len(rest) > 0.7)

# %% [markdown]
# **The map shows the cause**, people say: this is where it heard the word. But the tenth is enough, *and* the word is named without it. Speech says a thing several times: in the hiss, in the vowel, in the change between. The map shows one way to the answer that suffices. It does not show that the network took no other, and nothing about whether the answer is for good reasons.
#
# The pictures with holes are also ones that no training clip resembles. What does the network say to nothing at all, a picture of noise floor?

# %%
nothing = shares(torch.full_like(picture, floor))
claim("08.15", "to nothing it gives one digit over twice the share of chance", nothing.max() > 0.2)

# %% [markdown]
# It has no way to say "nothing". Where a curve ends, that answer is what it ends at.
#
# ## Play
#
# The network runs in the page. Hide a band or a moment, erase with the brush, and watch the answer; then listen to what you left. Can you make it say another digit by erasing less than a tenth?

# %% alt="The verdict explorer: the spectrogram of the seven, bars with the share of each digit, and controls to flip, shift, hide and paint."
VerdictExplorer(
    {"seven": Waveform(sound[None], 8000)},
    model, config, classes=list(test.classes), level="below peak", range_db=60.0,
)  # fmt: skip

# %% [markdown]
# ## Exercises
#
# 1. Write `hide(picture, top, start, patch, fill)`: a copy of the picture `[mel, frame]` in which the patch of `patch = (rows, columns)` whose lowest corner is at row `top`, column `start` is set to `fill`. The picture itself must not change.


# %% tags=["exercise"]
def hide(
    picture: torch.Tensor, top: int, start: int, patch: tuple[int, int], fill: float
) -> torch.Tensor:
    """Return a copy of the picture with one patch filled."""
    ### BEGIN SOLUTION
    hidden = picture.clone()
    hidden[top : top + patch[0], start : start + patch[1]] = fill
    return hidden
    ### END SOLUTION


# %%
check("08.hide", hide)

# %% [markdown]
# 2. Write `area(shares, probabilities)`: the area under a curve by trapezoids. Between two neighbouring points it is their distance times the mean of their two heights. The points need not be evenly spaced.


# %% tags=["exercise"]
def area(shares: torch.Tensor, probabilities: torch.Tensor) -> float:
    """Return the area under a curve through the points, [step] each."""
    ### BEGIN SOLUTION
    heights = (probabilities[1:] + probabilities[:-1]) / 2
    return float((shares.diff() * heights).sum())
    ### END SOLUTION


# %%
check("08.area", area)

# %% [markdown]
# 3. Write `cam(maps, gradients)`: Grad-CAM from the maps of a layer `[filter, row, column]` and the gradient of the logit at each of their cells, of the same shape. The result is `[row, column]`.


# %% tags=["exercise"]
def cam(maps: torch.Tensor, gradients: torch.Tensor) -> torch.Tensor:
    """Return the Grad-CAM map [row, column], before it is brought to the picture's size."""
    ### BEGIN SOLUTION
    weights = gradients.mean(dim=(1, 2), keepdim=True)
    return torch.relu((weights * maps).sum(dim=0))
    ### END SOLUTION


# %%
check("08.cam", cam)

# %% [markdown]
# ## What would break this
#
# - **Another fill.** With 0 dB the maps show where noise disturbs, not what was heard. With the mean of the training data, pauses count as well. Say which you used.
# - **No baseline.** A deletion curve that falls proves nothing until that of blurred noise is drawn beside it.
# - **One clip.** Any map can be made to look wise on one picture. Use many, and count voices, not clips.
# - **Explaining the wrong network.** If the untrained copy gives the same map, you are looking at the picture.
# - **A confident wrong answer.** Maps explain it as neatly as a right one.
#
# ## The short answer
#
# To see what a network heard, hide parts of the spectrogram and ask again; a gradient gives a cheaper guess. Fill what you hide with the noise floor, since 0 dB is loud. Then test the map: against loudness, against blurred noise, against an untrained network. Here occlusion and gradient × change passed against noise and the untrained network, Grad-CAM hardly; that any of them beats plain loudness was not shown. Turned back into sound, a tenth of the cells was enough for the network, and not needed by it: such a map shows what suffices, not the one cause. And the best claim here was kept only because the control that could have killed it was run.
#
# ## Sources
#
# - M. Zeiler and R. Fergus, *Visualizing and understanding convolutional networks*, ECCV 2014: occlusion maps, on photos.
# - R. Selvaraju and others, *Grad-CAM: visual explanations from deep networks via gradient-based localization*, ICCV 2017.
# - R. Draelos and L. Carin, *Use HiResCAM instead of Grad-CAM for faithful explanations of convolutional neural networks*, arXiv 2011.08891, 2020: the mean of the gradient can point to places that the network did not use.
# - V. Petsiuk, A. Das and K. Saenko, *RISE: randomized input sampling for explanation of black-box models*, BMVC 2018: deletion and insertion curves.
# - J. Adebayo and others, *Sanity checks for saliency maps*, NeurIPS 2018: some maps hardly change when a network's weights are drawn anew.
# - A. Shrikumar and others, *Not just a black box: learning important features through propagating activation differences*, arXiv 1605.01713, 2016: gradient times input.
