# %% [markdown]
# # 07 · Not a photo
#
# > "Can I use spectrograms as the input images for the CNN that I have?"
#
# Yes: lesson 06 did. But work with images comes with habits: flip, shift, resize, turn, colour, mix. Each rests on something that is true of photos. This lesson tries them on spectrograms of spoken digits and, beside them, on pictures of handwritten digits, with the same network, and measures what each one does.
#
# **You will be able to**
#
# - say what a habit does to the *sound*, and hear it;
# - test any alteration three ways: at test only, in training and test, as augmentation;
# - choose augmentations for a spectrogram, and say which habits to drop, and why.
#
# **Time:** 40 minutes · **First:** lesson 06 (the same CNN)
#
# ## Predict
#
# A LeNet names the spoken digits of voices that it never heard, and is right in about nine of ten cases. Now every spectrogram is turned upside down: high frequencies at the bottom, low ones at the top. First (1) you turn only the test side. Then (2) you train another LeNet from the beginning with training *and* test side upside down. How often are they right?
#
# - **A** often in both: a CNN looks for patterns, and they are still there
# - **B** seldom in (1), as often as before in (2)
# - **C** seldom in both: nobody speaks upside down, there is nothing to learn
#
# <details><summary>Answer, after the run</summary>
#
# **B**. To a network that starts from nothing, an upside-down spectrogram is as good as any: its filters are learned upside down. What fails is a network that learned one way and is asked the other. So "does this alteration hurt?" has no answer until you say *where* it is applied.
#
# </details>

# %%
import io

import matplotlib.pyplot as plt
import numpy as np
import torch
from PIL import Image

from avtutor import plots, spectral, synth
from avtutor.augment import colour, flip, luminance, permute, rotate, shift, warp_frequencies
from avtutor.batch import Batch
from avtutor.checks import check, claim, stored
from avtutor.datasets import audit_split, group_split, load_sounds, synthetic_digits
from avtutor.explain import to_bins
from avtutor.models import LeNet, LeNetConfig, SpectrogramCNN, SpectrogramCNNConfig, cost

# %%
from avtutor.augment import warped
from avtutor.datasets import stack, voices, windows
from avtutor.player import play_side_by_side
from avtutor.spectral import SpectrogramConfig, below_peak, log_mel
from avtutor.training import Minibatches, Prepared, TrainConfig, fit
from avtutor.units import db_to_power, hz_to_mel, mel_to_hz
from avtutor.waveform import Waveform
from avtutor.widgets.verdict import VerdictExplorer

plots.use_style()

# %% [markdown]
# ## The pictures
#
# As in lesson 06: the *synthetic* spoken digits (eSpeak NG, 73 voices, five languages), log-mel with 40 bands and a frame each 10 ms, dB below the peak of each clip, cut at 60 dB below it, all in 0.8 s. For LeNet the levels are scaled to 0 (60 dB below the peak, or quieter: the **floor**) … 1 (the peak). A quarter of the voices is kept for the test: *voices never heard*. Each voice says each digit twice in each of its languages; to save time, only the first take of the others is trained on.

# %%
config = SpectrogramConfig(sample_rate=8000, n_fft=256, hop_length=80, n_mels=40)
digits = [str(digit) for digit in range(10)]
said = synthetic_digits()
sounds = load_sounds(said, sample_rate=8000, classes=digits, seconds=0.8)
levels = below_peak(spectral.log_mel_batch(sounds.batch(), config).inputs["sound"])  # dB, -60 to 0
pictures = 1 + levels[:, None] / 60  # [batch, channel, mel, frame], 0 to 1
spoken = Batch(inputs={"picture": pictures}, labels=sounds.labels, groups=sounds.groups)
split = group_split(spoken.groups, seed=0)
train = spoken.select([i for i in split.train if said[i].take == 0])
test = spoken.select(split.test)
audit_split(train.groups, test.groups)
print("picture:", list(pictures.shape[1:]))
print(len(train), "to train with,", len(test), "of other voices to test with")

# %% [markdown]
# One word of the test side serves as the example. A second function turns levels back into a sound: each band's power is spread over its Fourier bins, and the phase, which a spectrogram does not have, is guessed (`griffin_lim`, lesson 03). With 40 bands much detail is gone, so compare altered sounds with the *rebuilt* word, not with the original.

# %%
place = next(i for i in split.test if said[i].language == "en" and said[i].digit == 7)
samples = torch.nn.functional.pad(sounds.select([place]).inputs["sound"][0], (0, 1))  # 80 hops
word = below_peak(log_mel(samples, config))  # [mel, frame], dB
band_widths = spectral.mel_filterbank(config).sum(dim=1)[:, None]


def heard(levels: torch.Tensor) -> Waveform:
    """Return a sound with these levels, [mel, frame] in dB below the peak."""
    power = to_bins(db_to_power(levels) / band_widths, config)
    guess = spectral.griffin_lim(power.sqrt(), config)
    return Waveform.from_mono(0.5 * guess / guess.abs().max(), config.sample_rate)


original = Waveform.from_mono(0.5 * samples / samples.abs().max(), config.sample_rate)
play_side_by_side({"seven, as synthesised": original, "rebuilt from 40 bands": heard(word)})

# %% [markdown]
# ## Two axes of different kinds
#
# In a photo a pixel to the right and a pixel up are the same kind of step. An object may stand anywhere, and a step in either direction leaves it what it is. In a spectrogram the axes differ:

# %%
centres = spectral.mel_frequencies(config)  # Hz
print("one column to the right: 10 ms later, anywhere in the picture")
for band in (2, 20, 37):
    low, high = centres[band].item(), centres[band + 1].item()
    print(
        f"one row up from band {band:2d}: {low:4.0f} to {high:4.0f} Hz, a factor {high / low:.2f}"
    )

# %% [markdown]
# To the right means *later*, and a word is the same word later. Up means *higher*, and by a factor that changes with the height. No voice moves up like that, as we will see.
#
# And one sound is not one patch. In a photo the pixels of a cup are neighbours. A voiced sound puts its energy at all multiples of its pitch, its **harmonics** (lesson 02), spread over the whole height; between them another sound may show through.
#
# ## Flips, heard
#
# `flip` mirrors a picture along its `"width"` (left-right) or its `"height"` (up-down). The functions take batches, [batch, channel, height, width], as an image library would.

# %% alt="Three spectrograms of the word seven: as it is, mirrored left-right, and mirrored up-down, where the strong low bands are at the top."
batch = word[None, None]
altered = {
    "as it is": word,
    "left-right": flip(batch, "width")[0, 0],
    "up-down": flip(batch, "height")[0, 0],
}
fig, axes = plt.subplots(1, 3, figsize=(10, 2.8), sharey=True)
for ax, (name, changed) in zip(axes, altered.items(), strict=True):
    plots.spectrogram(ax, changed, config, scale="mel", db_range=60, title=name, colorbar=False)
for ax in axes[1:]:
    ax.set_ylabel("")

# %%
play_side_by_side({name: heard(changed) for name, changed in altered.items()})

# %% [markdown]
# Left-right is the word played backwards; it is the same as reversing the samples. Up-down has no counterpart in a room: the frequencies below become those above. (The Hz labels in the right picture are those of the axis, no longer those of the voice.)

# %%
backwards = below_peak(log_mel(samples.flip(0), config))
gap = (altered["left-right"] - backwards).abs().max()
statement = "mirrored left-right = spectrogram of the reversed samples, to 0.1 dB"
claim("07.1", statement, bool(gap < 0.1))

# %% [markdown]
# ## One network, questioned
#
# A LeNet as in lesson 06, five rounds through the training side. Nothing is altered in training here.

# %%
torch.manual_seed(0)
lenet = LeNet(LeNetConfig(input_shape=(1, 40, 81), n_classes=10))
loader = Minibatches(train, batch_size=32, shuffle_seed=0)
fit(lenet, loader, None, TrainConfig(epochs=5, seed=0))

# %% [markdown]
# Now the test side is altered, and the network is asked again. A shift to the right by 10 columns is 100 ms; what leaves on the right is lost, and the gap on the left is filled with the floor, which is 0 in these scaled pictures (in dB it would be -60; 0 dB would be *loud*, lesson 04).


# %%
def right(model: torch.nn.Module, x: torch.Tensor) -> float:
    """Return the share of the test digits that a model names, given its pictures of them."""
    with torch.no_grad():
        answers = torch.cat([model(some).argmax(dim=1) for some in x.split(128)])
    return float((answers == test.labels).float().mean())


x = test.inputs["picture"]
live = {
    "none": right(lenet, x),
    "flip left-right": right(lenet, flip(x, "width")),
    "flip up-down": right(lenet, flip(x, "height")),
    "shift right": right(lenet, shift(x, 10, "width", fill=0.0)),
    "shift up": right(lenet, shift(x, 4, "height", fill=0.0)),
}

# %% alt="Five bars: unaltered near 1; flipped left-right, flipped up-down and shifted right all far lower; shifted up between."
fig, ax = plt.subplots(figsize=(8, 2.8))
title = "Altered at test only: what the network never met"
_ = plots.accuracies(ax, list(live), list(live.values()), chance=0.1, title=title)

# %% [markdown]
# ## Three ways to apply one alteration
#
# That is one way of asking. There are three, and they answer different questions.
#
# | | in training | at test | the question |
# |---|---|---|---|
# | **test only** | no | yes | does a network that never met it bear it? |
# | **train and test** | yes | yes | does the picture still hold what is needed? |
# | **augmentation** | a random half of the items, or a random amount | no | does it teach something true? |
#
# Seventeen alterations three ways, each with three seeds, for both senses: some two hundred LeNets, which takes longer than a lesson. `experiments/07_spoken.py` and `07_handwritten.py` trained them; here are their tables. Each seed has other test voices; for the handwritten digits, whose data name no writers, other blocks of neighbours (lesson 06).

# %%
experiments = {sense: stored(f"07_{sense}") for sense in ("spoken", "handwritten")}
table = {sense: experiment.result["table"] for sense, experiment in experiments.items()}
for experiment in experiments.values():
    print(experiment)

# %% [markdown]
# The amounts are alike where they can be; *rotate* and *two at once* are stronger for the words (10° move the ends of 81 columns by seven rows of 40; in an 8 by 8 picture by less than one):
#
# | name | spoken, [40, 81] | handwritten, [8, 8] | as augmentation |
# |---|---|---|---|
# | flip | | | a random half |
# | shift right, up | 10 columns, 4 rows | 1 column, 1 row | any amount up to that, either way |
# | warp | all frequencies × 1.1 | 1.1 times as high | 0.88 to 1.12 |
# | squeeze the width | 0.8 times as wide | the same | 0.75 to 1.25 |
# | rotate | by 10° | the same | -10° to 10° |
# | hide rows, columns | a stripe of up to a quarter, drawn for each item | the same | the same, in training only |
# | 8-bit grey, magma, jet | saved with that colour map, read as grey | the same | a random half |
# | two at once | another word at half the amplitude, added to the *samples* | another digit in half the ink; the darker ink covers | a random half |
# | mean of two pictures | 2/3 of one and 1/3 of another | the same | `mixup`: the labels are mixed in the same shares |
# | permute | rows, columns or all cells in another order, the same for all items | the same | a random half |

# %%
WAYS = {"test only": ("X", 1), "train and test": ("o", 0), "augmentation": ("^", 2)}


def draw(ax: plt.Axes, sense: str) -> None:
    """Draw each accuracy of one sense as a dot, a row an alteration; a line for unaltered."""
    rows = list(table[sense])  # "none" first: how far seeds differ by themselves
    for row, name in enumerate(rows):
        for lift, (way, (mark, number)) in zip((-0.25, 0, 0.25), WAYS.items(), strict=True):
            dots = table[sense][name].get(way, [])
            look = {"color": plots.COLOURS[number], "alpha": 0.8, "label": way if not row else None}
            ax.plot(dots, [row + lift] * len(dots), mark, ms=5, **look)
    ax.axvline(np.mean(table[sense]["none"]["test only"]), color="grey", ls="--", lw=1)
    ax.set(title=f"{sense} digits", xlabel="share of right answers", xlim=(0, 1.02))
    ax.set(yticks=range(len(rows)), yticklabels=rows, ylim=(len(rows) - 0.4, -0.6))


# %% alt="Two panels of dots, spoken and handwritten digits, a row for each alteration and three marks a row: test only, train and test, augmentation. Flips and permutations at test only lie far to the left in both; in train and test they lie near the dashed line of the unaltered pictures."
fig, axes = plt.subplots(1, 2, figsize=(10, 8.5), sharey=True)
for ax, sense in zip(axes, ("spoken", "handwritten"), strict=True):
    draw(ax, sense)
axes[0].legend(loc="lower left")
_ = fig.suptitle("What hurts depends on where it is applied, and on the sense", weight="bold")


# %% [markdown]
# The dashed line is the unaltered network. Differences from it, seed by seed, are steadier than the accuracies themselves, since each seed has other voices on the test side. In points (1 point is 0.01):


# %%
def change(sense: str, name: str, way: str) -> float:
    """Return the mean change against the unaltered network of the same seed, in points."""
    pairs = zip(table[sense][name][way], table[sense]["none"]["test only"], strict=True)
    return 100 * float(np.mean([altered - plain for altered, plain in pairs]))


# %%
senses = ("spoken", "handwritten")
print(f"{'in points':22s}{'spoken':>27s}{'handwritten':>30s}")
print(f"{'':22s}" + 2 * f"{'test':>12s}{'both':>8s}{'augm.':>8s}")
for name in [name for name, ways in table["spoken"].items() if len(ways) == 3]:
    numbers = "".join(
        f"{round(change(sense, name, way)):{12 if way == 'test only' else 8}d}"
        for sense in senses
        for way in WAYS
    )
    print(f"{name:22s}{numbers}")

# %% [markdown]
# And is the stored table that of the network above? One column of it can be had live, for seed 0.

# %%
spread = {
    name: table["spoken"][name]["test only"] for name in ("flip up-down", "shift right", "none")
}
inside = all(min(v) - 0.12 < live[name] < max(v) + 0.12 for name, v in spread.items())
statement = "the live network's answers lie within the stored spread, with a margin of 0.12"
claim("07.2", statement, inside)

# %% [markdown]
# ## Flips: what the network learned, and what the sound holds
#
# Read the two rows of flips. At test only they cost most of what there was. In training and test they cost next to nothing: all that was in the picture still is, and filters are learned upside down as well as upright. Both hold for the handwritten digits too.

# %%
flips = ("flip left-right", "flip up-down")
hurt = all(change("spoken", name, "test only") < -40 for name in flips)
unhurt = all(abs(change("spoken", name, "train and test")) < 4 for name in flips)
claim("07.3", "spoken: a flip at test only costs over 40 points", hurt)
claim("07.4", "spoken: the same flip in train and test changes less than 4 points", unhurt)

# %% [markdown]
# This is also how it goes wrong by accident. An array of a spectrogram has its lowest band in row 0. An image file has row 0 at the *top*. Save a figure, read it back, and every picture is upside down against the arrays: nothing is wrong if all of them are, everything if half of them are.
#
# As **augmentation**, a flip says: the mirrored one has the same label. Of a cat in a photo that is true from left to right. Of a written digit it is not, nor of a word: played backwards it is another sound, and upside down it is none that anybody makes. The network spends its filters, and its few rounds of training, on things that it will never be asked.

# %%
wasted = [change(sense, name, "augmentation") for sense in senses for name in flips]
statement = "as augmentation in a short training each flip costs over 2 points, in both senses"
claim("07.5", statement, max(wasted) < -2)

# %% [markdown]
# A **rotation** mixes the two axes. A digit that leans is still the digit. A spectrogram that leans has glides where tones were steady, and a beginning that comes earlier at the top than at the bottom.

# %% alt="The word seven, and the same rotated by ten degrees: the whole word slopes, and its beginning is no longer upright."
fig, axes = plt.subplots(1, 2, figsize=(7, 2.6), sharey=True)
tilted = rotate(batch, 10.0, fill=-60.0)[0, 0]
for ax, (name, changed) in zip(axes, {"as it is": word, "by 10°": tilted}.items(), strict=True):
    plots.spectrogram(ax, changed, config, scale="mel", db_range=60, title=name, colorbar=False)

# %%
leaning = {sense: change(sense, "rotate", "test only") for sense in senses}
print({sense: f"{points:.0f} points" for sense, points in leaning.items()})
statement = "10° of rotation at test only costs words over 10 points more than digits"
claim("07.6", statement, leaning["spoken"] < leaning["handwritten"] - 10)

# %% [markdown]
# ## Moved up: bands against a mouth
#
# A child's vowels lie higher than a man's. So to be ready for other voices, move pictures up and down by some bands in training? Follow two resonances of one mouth, drawn as tones at 200 and at 2000 Hz.

# %%
points = torch.linspace(0, hz_to_mel(4000.0), 42)  # corners of the bands, mel
step = float(points[1] - points[0])  # mel from one band to the next
for f in (200.0, 2000.0):
    by_bands = mel_to_hz(hz_to_mel(f) + 4 * step)
    by_warp = float(warped(torch.tensor([f]), 1.12, sample_rate=8000)[0])
    print(f"{f:4.0f} Hz: 4 bands up {by_bands:4.0f} Hz, × {by_bands / f:.2f}", end="; ")
    print(f"warp by 1.12 {by_warp:4.0f} Hz, × {by_warp / f:.2f}")
low, high = (mel_to_hz(hz_to_mel(f) + 4 * step) / f for f in (200.0, 2000.0))
statement = "4 of 40 bands up is a factor above 1.9 at 200 Hz and below 1.35 at 2000 Hz"
claim("07.7", statement, low > 1.9 and high < 1.35)

# %% [markdown]
# A mouth and throat of another length multiplies *all* resonances by the same factor: shorter by a tenth, higher by about a tenth. That is what `warp_frequencies` does, and `warped` says where a frequency goes. A shift by bands moves the tones by different factors: no mouth does that, and between men and children the factor is far from 1.9. Here are both, drawn on two tones.

# %% alt="Three log-mel pictures of two tones. As it is: lines at 200 and 2000 hertz. Four bands up: lines at 384 and about 2600. Warped by 1.12: both lines a little higher."
tones = synth.harmonics(200.0, [1, 0, 0, 0, 0, 0, 0, 0, 0, 1], seconds=0.5, sample_rate=8000)
two = below_peak(log_mel(0.3 * tones.samples, config))  # [1, mel, frame]
alpha = torch.tensor([1.12])
moves = {
    "200 and 2000 Hz": two,
    "four bands up": shift(two[None], 4, "height", fill=-60.0)[0],
    "warp by 1.12": warp_frequencies(two, alpha, frequencies=centres, sample_rate=8000),
}
fig, axes = plt.subplots(1, 3, figsize=(10, 2.8), sharey=True)
for ax, (name, changed) in zip(axes, moves.items(), strict=True):
    plots.spectrogram(ax, changed[0], config, scale="mel", db_range=60, title=name, colorbar=False)

# %%
higher = warp_frequencies(word[None], alpha, frequencies=centres, sample_rate=8000)[0]
play_side_by_side(
    {
        "rebuilt": heard(word),
        "four bands up": heard(shift(batch, 4, "height", fill=-60.0)[0, 0]),
        "warp by 1.12": heard(higher),
    }
)

# %% [markdown]
# Which of them helps with voices never heard? With 50 voices in training there is little left to gain. So `experiments/07_few_voices.py` trained on six voices, drawn anew for each seed, and tested on all others.

# %% alt="Four rows of dots with their means: shifts by up to two and four bands, narrow and wide warp. All means lie a little above zero; the shift by up to four bands has the lowest, the wide warp the highest."
answers = {name: np.array(dots) for name, dots in stored("07_few_voices").result["table"].items()}
few = {n: 100 * (dots - answers["none"]) for n, dots in answers.items() if n != "none"}
fig, ax = plt.subplots(figsize=(8, 2.8))
title = "Six voices to learn from: what each augmentation changes on all others"
plots.voices(ax, few, line=0.0, title=title)
_ = ax.set_xlabel("points against no augmentation; a dot is a choice of six voices")

# %%
wide, large = few["warp by 0.8 to 1.25"], few["up to 4 bands"]
statement = "six voices: the wide warp gains more than shifts by up to 4 bands, all 6 times"
claim("07.8", statement, bool((wide > large).all()))

# %% [markdown]
# Read it without hope: the gains are small. Six voices leave the network wrong in three of ten cases, and no augmentation along frequency repairs that. A shift by one or two bands is close to a small warp, and gains as much; the larger the shift, the less it resembles another mouth. (All of these voices come from one synthesiser. Lesson 06 does this with more remedies, and up to real people.)

# %% [markdown]
# ## Moved right: who shares weights, and who does not
#
# A shift by 100 ms broke LeNet, although a word is the same word later. Its convolutions are not to blame: they share their weights over the whole picture, so a pattern is found wherever it is. But then LeNet lays out all places in a row for its dense layers, and *those* learn each place on its own. All training words began at the left edge.
#
# With images the mend is augmentation: move the training pictures. What did it do here?

# %%
for sense in senses:
    print(f"{sense}: trained with random shifts right and left, tested unmoved:", end=" ")
    print(f"{change(sense, 'shift right', 'augmentation'):+.0f} points")
costly = change("spoken", "shift right", "augmentation") < -4
claim("07.9", "spoken: random shifts in time as augmentation cost this LeNet over 4 points", costly)

# %% [markdown]
# What is free for the digits costs the words dearly, although the alteration is true of sound. This network must learn every place anew in its dense layers, in five rounds through a thousand words. Give it four times as many rounds (`experiments/07_longer.py`):

# %%
longer = {n: np.array(dots) for n, dots in stored("07_longer").result["table"].items()}
after = {n: 100 * float((dots - longer["none"]).mean()) for n, dots in longer.items()}
print("20 rounds, in points:", {n: round(points) for n, points in after.items() if n != "none"})
moved = change("spoken", "shift right", "augmentation")
statement = "with 20 rounds, random shifts cost less than half of what they cost with 5"
claim("07.10", statement, after["shift right"] > moved / 2)

# %% [markdown]
# With more rounds the network finds room for the moved words, and most of the cost is gone. It finds room for the flipped ones too, which no test will ever ask for. So an augmentation that costs points may be untrue, or only too much for the network and the time it has. The price does not tell you which; the sound does.
#
# The other mend is a network that does not ask when. `SpectrogramCNN` (lesson 06) takes the mean over time before its last layer, and keeps the rows apart. Here is a small one, trained with words that begin anywhere in the first 150 ms.


# %%
def later(batch: Batch, generator: torch.Generator) -> Batch:
    """Return pictures, scaled [batch, 1, mel, frame], as levels that begin up to 150 ms later."""
    steps = torch.randint(0, 16, (len(batch),), generator=generator)
    moved = shift(batch.inputs["picture"], steps, "width", fill=0.0)
    levels = 60 * (moved[:, 0] - 1)  # dB below the peak
    return Batch(inputs={"levels": levels}, labels=batch.labels, groups=batch.groups)


torch.manual_seed(0)
settings = SpectrogramCNNConfig(n_mels=40, n_classes=10, widths=(8, 16, 24, 32))
network = SpectrogramCNN(settings)
loader = Prepared(Minibatches(train, batch_size=32, shuffle_seed=0), later, seed=0)
fit(network, loader, None, TrainConfig(epochs=8, learning_rate=0.01, seed=0))

# %%
in_db = 60 * (x - 1)  # [batch, 1, mel, frame]
asked = {
    "none": in_db,
    "100 ms later": shift(in_db, 10, "width", fill=-60.0),
    "4 bands up": shift(in_db, 4, "height", fill=-60.0),
}
second = {name: right(network, levels[:, 0]) for name, levels in asked.items()}

# %% alt="Three bars: unaltered near 1, 100 milliseconds later about the same, four bands up far lower."
fig, ax = plt.subplots(figsize=(8, 2.3))
title = "With a mean over time: later is the same word, higher is not"
_ = plots.accuracies(ax, list(second), list(second.values()), chance=0.1, title=title)

# %%
same_later = second["none"] - second["100 ms later"] < 0.05
not_higher = second["none"] - second["4 bands up"] > 0.15
statement = "mean over time: 100 ms later costs under 5 points, 4 bands up over 15"
claim("07.11", statement, same_later and not_higher)

# %% [markdown]
# ### Is a pattern the same pattern higher up?
#
# A convolution shares its weights along *both* axes. Along time that is right: nothing in a sound says what the clock shows. Along frequency it is a guess: an *s* has no low version. This can be measured. Take 5 × 5 cells out of spoken sentences, anywhere, and try to tell from those 25 levels which band they come from, and which time. If patterns were the same everywhere, neither could be told.

# %%
sentences = windows(voices(language="en", speaker="allison"), seconds=3.0)[:60]
wide = SpectrogramConfig(sample_rate=16000, n_fft=512, hop_length=160, n_mels=40)
clips = below_peak(log_mel(stack(sentences), wide))  # [clip, mel, frame]
generator = torch.Generator().manual_seed(0)
tiles = clips.unfold(1, 5, 1).unfold(2, 5, 1).flatten(3)  # [clip, mel, frame, cell]


def some(tiles: torch.Tensor, n: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return n tiles, [n, feature], and from where each is, [n, 2]: its band and its frame."""
    at = [torch.randint(0, size, (n,), generator=generator) for size in tiles.shape[:3]]
    cells = (tiles[at[0], at[1], at[2]] + 30) / 15  # about -2 to 2
    features = torch.cat([cells, cells.square(), torch.ones(n, 1)], dim=1)
    return features, torch.stack(at[1:], dim=1).float()


# %%
known, where = some(tiles[:40], 8000)
fresh, truth = some(tiles[40:], 3000)
weights = torch.linalg.lstsq(known, where).solution  # least squares on the levels and their squares
errors = (fresh @ weights - truth).square().mean(dim=0)
told = 1 - errors / (truth - where.mean(dim=0)).square().mean(dim=0)
print(f"share of the variance that 25 cells tell: band {told[0]:.1f}, time {abs(told[1]):.1f}")
statement = "5 × 5 cells of speech tell over 20 % of the band's variance, under 5 % of the time's"
claim("07.12", statement, bool(told[0] > 0.2 and told[1] < 0.05))

# %% [markdown]
# So sharing along frequency pays for some patterns (an onset is a line upwards at any height) and not for others; later layers must know the row. `SpectrogramCNN` keeps its rows apart up to the last layer for that reason. If you average over frequency too, as many networks for photos do at their end, test what it costs.
#
# ## Play
#
# The verdict of the small network above, computed in the page at every move. Shift the word in time, then by bands. Flip it. Hide bands or paint. When does it change its mind? (From Python: `Alterations` says what is done, `enter` makes the picture, `alter` changes it, `compute` does both and asks the network; all in `avtutor.widgets.verdict`.)

# %% alt="The verdict explorer: the spectrogram of a spoken seven with controls to flip, shift, hide and paint, and the shares of the ten digits."
english = [i for i in split.test if said[i].language == "en"]
chosen = {digit: next(i for i in english if said[i].digit == digit) for digit in (7, 3, 6)}
examples = {
    f"the digit {digit}": Waveform(sounds.select([i]).inputs["sound"], 8000)
    for digit, i in chosen.items()
}
VerdictExplorer(examples, network, config, classes=digits)

# %% [markdown]
# ## Saved as a picture
#
# Some pipelines save spectrograms as coloured images and read those. Three things happen to a level on that way.
#
# 1. **Eight bits**: 60 dB in 256 steps, 0.24 dB each (lesson 04).
# 2. **A colour map** makes three numbers of one.
# 3. **Reading it as grey** (`convert("L")`) makes one of three again: 0.299 red + 0.587 green + 0.114 blue. Is that the level? Only if the colour map rises evenly in brightness.

# %% alt="Brightness against level for three colour maps. Grey is a straight line. Magma rises along it with bends. Jet rises, stays high in the middle and falls again at the top."
maps = {}
fig, ax = plt.subplots(figsize=(7, 3))
ramp = torch.linspace(0, 1, 256)
for name in ("grey", "magma", "jet"):
    shades = np.round(255 * plt.get_cmap(name)(np.arange(256))[:, :3]).astype("uint8")
    maps[name] = torch.from_numpy(shades)
    brightness = luminance(colour(ramp.reshape(1, 1, 1, 256), maps[name])).flatten()
    ax.plot(60 * (ramp - 1), brightness, label=name)
ax.legend()
ax.set(xlabel="level below the peak (dB)", ylabel="brightness of the colour")
_ = ax.set_title("Jet gives loud and soft the same grey")

# %%
jet = luminance(colour(ramp.reshape(1, 1, 1, 256), maps["jet"])).flatten()
falls = jet[-1] < 0.5 * jet.max()
print("jet: the loudest cell is less than half as bright as the brightest:", bool(falls))

# %%
file = io.BytesIO()
coloured = colour(flip(pictures[place][None], "height"), maps["magma"])  # row 0 of a file: the top
Image.fromarray(coloured[0].movedim(0, -1).numpy()).save(file, format="PNG")
back = torch.from_numpy(np.array(Image.open(file))).flip(0).flatten(0, 1)  # [cell, colour]
apart = (back[:, None].float() - maps["magma"].float()).square().sum(dim=-1)  # [cell, shade]
shade = apart.argmin(dim=1).reshape(40, 81)  # the nearest colour of the map
error = 60 * (shade / 255 - pictures[place][0]).abs().max()  # dB
statement = "magma to PNG and back, with the map at hand, costs at most 0.12 dB"
claim("07.13", statement, bool(error < 0.12))

# %% [markdown]
# The file loses nothing beyond the eight bits: PNG is exact, and with the map at hand each colour leads back to its level. What loses is to read colours as grey. By how much, the table says: magma a little, jet a lot at test only.

# %%
harmless = abs(change("spoken", "8-bit grey", "test only")) < 1
jet_hurts = change("spoken", "jet, read as grey", "test only") < -15
claim("07.14", "spoken: at test only, 8-bit grey changes less than 1 point", harmless)
claim("07.15", "spoken: at test only, jet read as grey costs over 15 points", jet_hurts)

# %% [markdown]
# Three channels instead of one? They carry the same one number a cell. What they cost:

# %%
shapes = {1: "grey", 3: "red, green, blue"}
for channels, name in shapes.items():
    model = LeNet(LeNetConfig(input_shape=(channels, 40, 81), n_classes=10))
    first = cost(model, torch.zeros(1, channels, 40, 81)).layers[0]
    print(f"{name:17s}first layer: {first.parameters} weights, {first.multiplies:,} products")
for name in ("magma, 3 channels", "jet, 3 channels"):
    points = change("spoken", name, "train and test")
    print(f"{name}: {points:+.0f} points against one channel of levels")

# %% [markdown]
# ## Sounds add where objects occlude
#
# Put a cup before a book: the cup hides what is behind it. Play two words at once: their samples add, and each is still there. What does that do to the picture? Below, two words of two voices: the picture of their sum, and the mean of their two pictures, which is what a blend or a mixup of images computes.

# %% alt="Four spectrograms: a seven, a four, the sum of both sounds, in which the bright parts of both stand at full strength, and the mean of the two pictures, in which both are pale."
other = next(i for i in split.test if said[i].digit == 4 and said[i].speaker != said[place].speaker)
pair = sounds.select([place, other]).inputs["sound"]  # [2, time]
both = log_mel(pair, config)  # dB, not below the peak: here levels must stay comparable
panels = {"seven": both[0], "four": both[1], "samples added": log_mel(pair.sum(dim=0), config)}
panels["mean of the pictures"] = both.mean(dim=0)
fig, axes = plt.subplots(1, 4, figsize=(11, 2.7), sharey=True)
for ax, (name, changed) in zip(axes, panels.items(), strict=True):
    top = float(both.max())
    plots.spectrogram(
        ax, changed, config, scale="mel", db_range=60, top=top, title=name, colorbar=False
    )
    ax.set_ylabel("" if ax is not axes[0] else "frequency (Hz, mel scale)")

# %%
summed = Waveform.from_mono(0.4 * pair.sum(dim=0) / pair.sum(dim=0).abs().max(), 8000)
faded = below_peak(panels["mean of the pictures"])
play_side_by_side({"samples added": summed, "mean of the pictures": heard(faded)})

# %%
louder = both.max(dim=0).values
matters = louder > louder.max() - 60
of_sum = (panels["samples added"] - louder).abs()[matters]
of_mean = (panels["mean of the pictures"] - panels["samples added"]).abs()[matters]
near = (of_sum < 3).float().mean() > 0.8
statement = "added samples: over 80 % of the cells lie within 3 dB of the louder word's level"
claim("07.16", statement, bool(near))
statement = "the mean of two pictures in dB is over 5 dB off the sum in half of the cells"
claim("07.17", statement, bool(of_mean.median() > 5))

# %% [markdown]
# So powers add, and after the logarithm a cell shows nearly the *louder* of the two. That does resemble hiding, but cell by cell: the harmonics of one voice stand between those of the other, and no edge runs round either word. The mean of two levels in dB is the geometric mean of their powers, a mixture that no microphone records. To mix sounds for training, add samples before the spectrogram: with other sounds as noise (lesson 05), or with `mixup` on the samples.
#
# How much does the second one disturb? In the table, *two at once* adds another word at half the amplitude; in the other sense another digit shows through in half the ink. Trained for it and tested with it, the digits get by. The words do not: everything that the second voice says lies on the same cells. Part of that is the amount: half the amplitude is only 6 dB less, a tenth of the picture's 60 dB, while half the ink is half of its range.

# %%
for name in ("two at once", "mean of two pictures"):
    for sense in senses:
        row = ", ".join(f"{way} {change(sense, name, way):+.0f}" for way in WAYS)
        print(f"{name}, {sense}: {row}")
together = {sense: change(sense, "two at once", "train and test") for sense in senses}
apart = together["spoken"] < -15 and together["handwritten"] > -8
statement = "two at once, in train and test: words lose over 15 points, digits under 8"
claim("07.18", statement, apart)

# %% [markdown]
# As augmentation, `mixup` of pictures in dB gained nothing here. It has helped elsewhere (see the sources): it asks for answers that change evenly between examples, whether the mixture could be a sound or not.

# %% [markdown]
# ## Neighbours
#
# What does a convolution need? That neighbours belong together. The hardest test: put all rows of all pictures into another order, always the same, in training and test. Nothing is lost, and a fully connected network would not notice. A 5 × 5 filter then sees five bands from anywhere.

# %% alt="The word seven with its rows in another order: stripes; with its columns in another order; with all cells in another order, which looks like noise."
fig, axes = plt.subplots(1, 3, figsize=(10, 2.6))
names = {"height": "rows", "width": "columns", "both": "all cells"}
for ax, (axis, name) in zip(axes, names.items(), strict=True):
    ax.imshow(permute(batch, axis, seed=7)[0, 0], origin="lower", aspect="auto", cmap="magma")
    ax.set(title=f"{name} permuted", xlabel="column", ylabel="row")
    ax.grid(visible=False)

# %% [markdown]
# LeNet's row in the table says: it hardly minds, in either sense. Its dense layers see all places anyway and find new neighbours. The network with the mean over time has no such layers: all that it knows of time is what stands side by side in its filters. `experiments/07_pooled.py` trained it with the same three orders.

# %% alt="Two groups of dots, LeNet and the network with a mean over time, in train and test: unaltered, rows, columns and all cells permuted. LeNet's dots stay high throughout. The other network's fall from rows to columns to all cells."
pooled = stored("07_pooled").result
fig, ax = plt.subplots(figsize=(8, 3.2))
for place, name in enumerate(pooled["permuted"]):
    row = table["spoken"]["none" if name == "none" else f"permute {name}"]
    dots = row["test only" if name == "none" else "train and test"]
    for lift, values, number in ((-0.12, dots, 0), (0.12, pooled["permuted"][name], 1)):
        ax.plot(values, [place + lift] * len(values), "o", alpha=0.8, color=plots.COLOURS[number])
ax.legend(["LeNet", "mean over time"], loc="lower left")
ax.set(yticks=range(4), yticklabels=list(pooled["permuted"]), ylim=(3.5, -0.5), xlim=(0, 1.02))
ax.set(xlabel="share of right answers, permuted in train and test")
_ = ax.set_title("Neighbours in time matter to the network with a mean over time")

# %%
lost = {
    name: 100 * (np.mean(pooled["permuted"]["none"]) - np.mean(pooled["permuted"][name]))
    for name in ("rows", "columns", "all cells")
}
lenet_loses = [-change("spoken", f"permute {name}", "train and test") for name in lost]
print("mean over time loses, in points:", {name: round(points) for name, points in lost.items()})
statement = "spoken: LeNet loses less than 10 points to any of the three orders"
claim("07.19", statement, max(lenet_loses) < 10)
statement = "with a mean over time, permuted columns cost over 5 points, all cells over 20"
claim("07.20", statement, bool(lost["columns"] > 5 and lost["all cells"] > 20))
statement = "with a mean over time, permuted rows cost less than permuted columns"
claim("07.21", statement, bool(lost["rows"] < lost["columns"]))

# %% [markdown]
# Two things lie in these dots. Without neighbours a filter finds less: all cells permuted, a good part of the right answers is gone. And what hurts depends again on the network: this one keeps its rows apart up to the last layer, and so can learn another order of rows, but it averages over columns, and for it an order of columns is lost. LeNet treats both alike; for it they cost about the same.
#
# That another order of rows costs so little says something about sound, too. What belongs together along frequency, the harmonics of a voice or the resonances of a mouth, was never side by side to begin with.
#
# ## What augmentation gained
#
# One more look at the big figure: which triangles lie to the right of the line?

# %%
tried = [name for name, ways in table["spoken"].items() if "augmentation" in ways]
most = max(change(sense, name, "augmentation") for sense in senses for name in tried)
statement = "in this short training no augmentation gains 2 points, in either sense"
claim("07.22", statement, most < 2)

# %% [markdown]
# Some do, but so do blue dots: seeds differ. Against the same seed, the mean gain is nowhere 2 points. Fifty voices of one synthesiser and five rounds leave little to gain: an augmentation pays where voices are few, the training is long, and the test differs from the training in just that way. Lesson 06 has such a case, from synthetic voices to people. What the table can tell is which augmentations cost nothing, and which do.
#
# ## What to keep, what to drop
#
# | habit | what it says of a photo | of a spectrogram | so |
# |---|---|---|---|
# | flip left-right | the mirror image is as likely | the sound runs backwards | drop |
# | flip up-down | (rarely used) | no such sound | drop; check which row is row 0 |
# | shift right | the object stands elsewhere | the same sound, later | keep, or use a network that does not ask when |
# | shift up | the object stands elsewhere | low and high tones move by different factors | warp in Hz (shifts of one or two bands did as well here) |
# | resize to a fixed size | the object is as wide | the clip lasts longer or shorter: duration is lost, speech gets slower or faster | keep a fixed hop; stretch time a little as augmentation |
# | rotate | the camera was tilted | steady tones become glides, clicks are smeared over time | drop |
# | hide a patch | something stands before it | stripes: a band lost to a channel, a moment lost | keep, as stripes (SpecAugment) |
# | brightness | more light | a gain: the same sound, louder | normalise it away, or keep |
# | colour | | a map for eyes | one channel of levels; never read colours as grey |
# | blend, mixup | two photos on one film | a mixture that no microphone records | add samples before the spectrogram; try mixup, and measure |
#
# The test behind the table: *is there a sound with this picture and this label?* If yes, the alteration tells the network something true. If not, it may still help or be harmless, but then only a measurement says so. And the answer depends on the task: a gain changes no word, but it matters if you want to know how far away a dog barks.
#
# ## Exercises
#
# 1. A mel picture with bands from `f_min` to `f_max` is flipped up-down. Write `flipped_frequency(frequency, f_min, f_max)`: the frequency in Hz at whose place a tone of `frequency` Hz is found after the flip. Bands are evenly spaced in mel; `hz_to_mel` and `mel_to_hz` are at hand.


# %% tags=["exercise"]
def flipped_frequency(frequency: float, f_min: float, f_max: float) -> float:
    """Return where a tone of `frequency` Hz is found in a mel picture that is upside down, in Hz."""
    ### BEGIN SOLUTION
    return mel_to_hz(hz_to_mel(f_min) + hz_to_mel(f_max) - hz_to_mel(frequency))
    ### END SOLUTION


# %%
check("07.flipped_frequency", flipped_frequency)

# %% [markdown]
# 2. Write `later_by(levels, frames, floor)`: the picture, [mel, frame] in dB, with everything `frames` columns later (0 or more, at most the width). What leaves on the right is lost; the gap on the left gets the level `floor`. The size stays, and the input is left as it is.


# %% tags=["exercise"]
def later_by(levels: torch.Tensor, frames: int, floor: float) -> torch.Tensor:
    """Return levels [mel, frame] moved `frames` columns to the right, the gap filled with `floor`."""
    ### BEGIN SOLUTION
    moved = torch.full_like(levels, floor)
    moved[:, frames:] = levels[:, : levels.shape[1] - frames]
    return moved
    ### END SOLUTION


# %%
check("07.later_by", later_by)

# %% [markdown]
# 3. Write `band_factor(frequency, bands, n_mels, f_max)`: by which factor a tone of `frequency` Hz moves when a mel picture is shifted up by `bands`. The picture has `n_mels` bands from 0 Hz to `f_max`; the corners of the bands, of which there are two more than bands, are evenly spaced in mel from 0 Hz to `f_max`, both included (lesson 04).


# %% tags=["exercise"]
def band_factor(frequency: float, bands: int, n_mels: int, f_max: float) -> float:
    """Return the factor in Hz of a shift by `bands` mel bands, for a tone of `frequency` Hz."""
    ### BEGIN SOLUTION
    step = hz_to_mel(f_max) / (n_mels + 1)  # mel from one band to the next
    return mel_to_hz(hz_to_mel(frequency) + bands * step) / frequency
    ### END SOLUTION


# %%
check("07.band_factor", band_factor)

# %% [markdown]
# 4. Write `safe(task)`: the set of alterations after which the label is sure to be still true. The alterations:
#
# - `"flip left-right"`, `"flip up-down"`
# - `"shift right"`: by 5 % of the width; nothing leaves the picture
# - `"shift up"`: by a tenth of the height; nothing leaves the picture
# - `"stretch the height"`: by 5 %; in a spectrogram, all frequencies × 1.05
# - `"brighter"`: ink 10 % darker; in a spectrogram, a gain
#
# The tasks: `"handwritten digits"` (which digit?), `"spoken words"` (log-mel; which word?), `"bird calls"` (log-mel; which of two species, one of which calls exactly as the other does but 3 % higher, with a call that rises at its end?).


# %% tags=["exercise"]
def safe(task: str) -> set[str]:
    """Return the names of the alterations that leave the label of this task true."""
    ### BEGIN SOLUTION
    always = {"shift right", "brighter"}
    more = {
        "handwritten digits": {"shift up", "stretch the height"},
        "spoken words": {"stretch the height"},
        "bird calls": set(),
    }
    return always | more[task]
    ### END SOLUTION


# %%
check("07.safe", safe)

# %% [markdown]
# ## What would break this
#
# - **Other sounds.** For a siren or an engine a shift up may be harmless, and for music a transposition keeps the melody: on an axis in octaves that *is* a shift. The test question stays the same.
# - **Other networks.** LeNet's dense layers know every place. A network with a mean over time bears shifts in time; one with a mean over frequency too would bear shifts up, and could not tell a low sound from a high one.
# - **Other data.** Synthetic voices are cleaner and more alike than people; accuracies on real voices are lower, and augmentations matter more (lesson 06). The digits' pictures have only 8 × 8 cells, so one cell is a large step there.
# - **More training.** Flipped or permuted halves cost a small network capacity and time. A large one with much data may bear them without loss; that makes them harmless, not useful.
# - **Three seeds.** Accuracies differ between seeds by about 10 points, at test only by up to 30; differences against the same seed are steadier, but below some 3 points they mean nothing here.
#
# ## The short answer
#
# A spectrogram goes into the CNN that you have, with one channel. But its two axes differ: to the right is the same sound later, upwards is another frequency, by a factor that changes with the height. One sound is spread over many rows, and sounds add. So of the habits of image work keep small shifts in time, stripes and gains, replace large shifts up by a warp in Hz and blends by sums of samples, and drop flips, rotations and colours. And before you believe any of it for your task, measure it three ways.
#
# ## Sources
#
# - L. Wyse (2017), *Audio spectrogram representations for processing with convolutional neural networks*: a review of representations that asks what of images does not carry over: the axes differ in kind, and the frequencies of one sound are not neighbours. It is about generating sound (style transfer), not about classification.
# - S. Hershey and others (2017), *CNN architectures for large-scale audio classification*: networks made for images (AlexNet, VGG, Inception, ResNet), given log-mel patches of 64 bands × 96 frames, do well on the soundtracks of 70 million training videos.
# - D. S. Park and others (2019), *SpecAugment: A simple data augmentation method for automatic speech recognition*: time warp and stripes over bands and over frames; 6.8 % word errors on LibriSpeech test-other without a language model, better than all systems before it.
# - H. Zhang, M. Cissé, Y. Dauphin, D. Lopez-Paz (2018), *mixup: Beyond empirical risk minimization*: linear mixtures of two inputs and of their labels improve image networks, and also one for spoken commands that is given spectrograms.
# - N. Jaitly, G. Hinton (2013), *Vocal tract length perturbation (VTLP) improves speech recognition*: warped frequencies as augmentation lower the phone error rate on TIMIT.
# - O. Abdel-Hamid and others (2014), *Convolutional neural networks for speech recognition*: convolution along frequency with weights shared only within a part of the bands, since patterns differ between low and high ones.
