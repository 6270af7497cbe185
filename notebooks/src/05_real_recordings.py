# %% [markdown]
# # 05 · Real recordings
#
# > "What is audio, how is it broken down to be fed into the network? How do I feed my own recordings to it?"
#
# Lessons 01 to 04 took one clean sound at a time. A folder of recordings is another thing: files of all rates, lengths and levels, some of them broken. This lesson goes from such a folder to batches that a network can train on, and to a test whose number means what it says.
#
# **You will be able to**
#
# - bring any sound files to one rate, one channel and one batch, with lengths and masks, so that padding has no effect;
# - feed a network many times faster than by reading one file after the other;
# - alter recordings so that the network learns to ignore what does not matter, and say when that is wrong;
# - split recordings so that the test cannot be passed by recognising a voice or a file.
#
# **Time:** 40 minutes · **First:** lesson 04 (mel)
#
# ## Predict
#
# Four people each say the ten digits many times, 400 recordings in all. You shuffle them, train on 300 and test on the other 100. You want to know how your network will fare with people whom it has not met. How many of the 100 test recordings tell you that?
#
# - **A** all 100: no recording is on both sides
# - **B** about 25: one in four
# - **C** none
#
# <details><summary>Answer, after the run</summary>
#
# **C**. Every test recording is by one of the four people trained on. Below, the same network is tested both ways on the same recordings.
#
# </details>

# %%
import queue
import shutil
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

# %%
import matplotlib.pyplot as plt
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from avtutor import augment, plots, spectral
from avtutor.batch import Batch, mask_of
from avtutor.checks import check, claim
from avtutor.media import audio_info, read_audio, write_audio
from avtutor.player import play_side_by_side
from avtutor.synth import sine
from avtutor.units import power_to_db
from avtutor.waveform import Waveform

# %%
from avtutor.datasets import AudioFolder, bundled_root, calls, credit, example, load_sounds
from avtutor.datasets import audit_labels, audit_split, group_split, leave_one_group_out
from avtutor.datasets import number_labels, speakers, spoken_digits, synthetic_digits
from avtutor.models import SpectrogramCNN, SpectrogramCNNConfig
from avtutor.spectral import SpectrogramConfig, below_peak, log_mel, log_mel_batch
from avtutor.training import Minibatches, Prepared, TrainConfig, fit
from avtutor.widgets import SpectrogramExplorer

plots.use_style()

# %% [markdown]
# ## Files as they come
#
# The course brings recordings along. These come from a painting program, and were made by many people over many years. `audio_info` reads the header of a file, `read_audio` the whole of it, at its own rate and with all its channels.

# %%
files = sorted((bundled_root() / "tuxpaint" / "sounds").rglob("*.ogg"))
sounds = [read_audio(file) for file in files]
moon = bundled_root() / "tuxpaint/sounds/space/apollo_lander.ogg"
print(len(files), "files; one of them:", audio_info(moon))
print(credit(moon).author, "·", credit(moon).licence)

# %% [markdown]
# `credit` says whose a bundled file is. Note the same of your own recordings, from the first day on.
#
# What is there? For each rate and number of channels: how many files, how long they are, and their level (the mean power, in dB: 0 dB would be a power of 1).

# %%
kinds = sorted({(sound.sample_rate, sound.n_channels) for sound in sounds})
print("   Hz  channels  files  seconds     dB")
for rate, channels in kinds:
    these = [s for s in sounds if (s.sample_rate, s.n_channels) == (rate, channels)]
    seconds = [s.duration for s in these]
    levels = [float(power_to_db(s.samples.square().mean())) for s in these]
    length = f"{min(seconds):.1f} to {max(seconds):.1f}"
    level = f"{min(levels):.0f} to {max(levels):.0f}"
    print(f"{rate:5d}  {channels:8d}  {len(these):5d}  {length}  {level}")

# %%
rates = {sound.sample_rate for sound in sounds}
durations = [sound.duration for sound in sounds]
levels = [float(power_to_db(sound.samples.square().mean())) for sound in sounds]
mixed = len(rates) >= 5 and max(durations) > 20 * min(durations) and max(levels) - min(levels) > 20
statement = "one collection: 5 rates or more, lengths over 20 times and levels over 20 dB apart"
claim("05.1", statement, mixed)

# %%
glass = next(file for file in files if file.stem == "glass")
ghost = next(file for file in files if file.stem == "ghost")
play_side_by_side(
    {
        "5,000 Hz: from the moon": read_audio(moon, end=1.5),
        "44,100 Hz, 40 dB below full power": read_audio(glass),
        "two channels": read_audio(ghost),
    }
)

# %% [markdown]
# The first sounds dull: at 5,000 samples a second nothing above 2,500 Hz can be there. The second is hardly heard. Both differences are plain to see in a spectrogram, and neither says *what* was recorded. A network does not know that.
#
# ## Files that cannot be read
#
# A folder of your own has one sub-folder for each class. Here is one, made from bundled calls of animals, with two files that are no good: notes that somebody saved under the wrong name, and a download that broke off.

# %%
scratch = tempfile.TemporaryDirectory()
folder = Path(scratch.name) / "animals"
for animal in ("cow", "dog"):
    (folder / animal).mkdir(parents=True)
    for number, call in enumerate(calls(animal=animal)):
        shutil.copy(call.path, folder / animal / f"{number}{call.path.suffix}")
(folder / "dog" / "notes.wav").write_text("ask Ann about the microphone")
whole = (folder / "cow" / "0.ogg").read_bytes()
_ = (folder / "cow" / "broken.ogg").write_bytes(whole[: len(whole) // 2])

# %% [markdown]
# `AudioFolder` reads every file once before anything is trained. It does not stop at the first bad file, and it does not pass over any in silence: one message names all of them, each with the reason.

# %%
try:
    AudioFolder(folder)
except ValueError as error:
    message = str(error).replace(str(folder), "animals")
    print(message)

# %% [markdown]
# Leave them out if you have looked at them. What was left out stays in `skipped`.

# %%
animals = AudioFolder(folder, skip_unreadable=True)
print(len(animals), "files of the classes", animals.classes)
bad = sorted(error.path.name for error in animals.skipped)
named = all(name in message for name in bad) and bad == ["broken.ogg", "notes.wav"]
claim("05.2", "one message names every file that cannot be read", named)

# %% [markdown]
# ## One channel
#
# A network for one microphone wants one channel. The mean of the channels is the usual way: what both microphones heard stays as it is. `Waveform.mono` does that.

# %%
stereo = read_audio(ghost)  # [channel, time]
left, right = stereo.samples
print("by hand the same:", torch.equal((left + right) / 2, stereo.mono().samples[0]))

# %% [markdown]
# The mean can also destroy. If one channel is the other with its sign turned, as after a swapped cable, nothing is left:

# %%
turned = Waveform(torch.stack([left, -left]), stereo.sample_rate)
silent = float(turned.mono().samples.abs().max())
claim("05.3", "the mean of a channel and its negative is silence", silent == 0 < left.abs().max())

# %% [markdown]
# ## One rate
#
# `Waveform` keeps samples and rate together; a tensor does not. What does a network see if recordings of several rates are stacked into one tensor? Here is the English word *seven*, said by one woman: at 16,000 Hz, and the same recording brought to 8,000 Hz, whose samples are then taken for samples at 16,000 Hz.

# %%
seven = next(said for said in spoken_digits(language="en") if said.digit == 7)
word = seven.load()  # at 16,000 Hz
mistaken = Waveform(word.resample(8000).samples, 16000)
play_side_by_side({"as it was said": word, "taken for 16,000 Hz": mistaken})

# %% alt="Two spectrograms of the word seven on the same axes. The second is half as long, and its harmonics lie twice as far apart."
wide = SpectrogramConfig(sample_rate=16000)
shown = {"As it was said": word, "Wrong rate: half as long, twice as high": mistaken}
fig, axes = plt.subplots(1, 2, figsize=(10, 3), sharey=True)
for ax, (title, sound) in zip(axes, shown.items(), strict=True):
    levels = power_to_db(spectral.power(sound.samples[0], wide))
    plots.spectrogram(ax, levels, wide, title=title, top=30.0)
    ax.set(xlim=(0, word.duration), ylim=(0, 4000))

# %%
def strongest(sound: Waveform) -> float:
    """Return the frequency in Hz at which the whole sound is strongest."""
    magnitude = torch.fft.rfft(sound.samples[0]).abs()
    return float(magnitude.argmax()) * sound.sample_rate / sound.n_samples


ratio = strongest(mistaken) / strongest(word)
halved = abs(mistaken.duration / word.duration - 0.5) < 0.01
statement = "8,000 Hz taken for 16,000 Hz: half as long, and all frequencies doubled"
claim("05.4", statement, halved and abs(ratio - 2) < 0.05)

# %% [markdown]
# No error is raised: the tensor has the right type and a possible shape. So bring every file to one rate *before* the samples leave their `Waveform`. Which rate? Raising one adds nothing:

# %%
low = word.resample(8000)  # as if it had been recorded so
raised = low.resample(16000)
above = spectral.frequencies(wide) > 4500  # Hz


def level_above(sound: Waveform) -> float:
    """Return the mean level in dB of what lies above 4,500 Hz."""
    power = spectral.power(sound.samples[0], wide)  # [freq, frame]
    return float(power_to_db(power[above].mean()))


gap = level_above(word) - level_above(raised)
claim("05.5", "raised from 8,000 to 16,000 Hz: over 30 dB missing above 4,500 Hz", gap > 30)

# %% [markdown]
# That gap is a danger of its own. If your dogs were recorded at 44,100 Hz and your cats at 8,000 Hz, then after raising the cats all pictures have equally many rows, and the upper ones tell dog from cat without any animal. Lower all recordings to the lowest rate among them instead, if the task allows it. Speech is understood at 8,000 Hz, as telephones have shown, and this lesson stays there.
#
# ## Different lengths
#
# The digit 3 in five languages, by four voices (Allison speaks two of them). A batch is one tensor, and a tensor is rectangular. By hand: make one as long as the longest, lay each sound into its row, and note how long each is.

# %% tags=["by-hand"]
chosen = [said for said in spoken_digits() if said.digit == 3][:5]
rows = [said.load().resample(8000).samples[0] for said in chosen]  # each [time]
lengths = torch.tensor([len(row) for row in rows])
padded = torch.zeros(len(rows), int(lengths.max()))  # [batch, time]
for number, row in enumerate(rows):
    padded[number, : len(row)] = row
mask = torch.arange(padded.shape[1]) < lengths[:, None]  # True where there is sound
print([said.language for said in chosen])
print("lengths:", lengths.tolist(), "padded:", list(padded.shape))
print(f"padding: about {round(100 * float((~mask).float().mean()), -1):.0f} % of the batch")

# %% [markdown]
# The **mask** says which steps are sound and which are padding; `mask_of` makes it from the lengths. In the package all of the above is one call: `load_sounds` decodes every item once, mixes it to one channel, brings it to one rate, and keeps the result in a cache on disk. What it returns, `Sounds`, cuts batches out of it with `select`.

# %%
digits = load_sounds(chosen, sample_rate=8000)
batch = digits.select([0, 1, 2, 3, 4])
print(digits)
print(batch)

# %%
step = 2**-15  # 16-bit samples are this far apart
same = (batch.inputs["sound"] - padded).abs().max() <= step
same &= torch.equal(batch.lengths["sound"], lengths)
same &= torch.equal(batch.mask("sound"), mask) and torch.equal(mask_of(lengths, len(mask[0])), mask)
claim("05.6", "padding, lengths and mask by hand = those of load_sounds, to 16 bits", same)

# %% [markdown]
# A `Batch` is what every network of this course is given:
#
# | part | what it holds |
# |---|---|
# | `inputs` | a tensor for each sense, by its name: here `{"sound": [batch, time]}` |
# | `lengths` | how many steps of the last axis are real, for each sense |
# | `labels` | what is to be found, as numbers [batch] |
# | `groups` | for each item what a split must keep together, such as its voice; networks never see it |

# %%
print("labels:", batch.labels.tolist(), "of the classes", digits.classes)
print("groups:", batch.groups)

# %% [markdown]
# All five are the same digit, so there is one class, with the number 0. `number_labels` turns names into numbers; give it the classes of the training side on both sides, or the same number means different things:

# %%
print(number_labels(["cow", "dog"], classes=["cow", "dog"]), "the classes of the training side")
print(number_labels(["dog"], classes=["dog"]), "a test side that was numbered by itself: wrong")

# %% [markdown]
# ### Pictures of padded sounds
#
# Take log-mel of the padded batch, and the last frames of a short sound reach into its padding: their window is half zeros. Alone, the sound would have been reflected at its end. So the same clip has other frames in other company. `log_mel_batch` computes each sound at its own length and pads the *picture*, with the level of silence.

# %%
config = SpectrogramConfig(sample_rate=8000, n_fft=256, hop_length=80, n_mels=40)
together = log_mel(batch.inputs["sound"], config)  # [batch, mel, frame]
pictures = log_mel_batch(batch, config)
n_frames = pictures.lengths["sound"]
differs, equal = 0.0, 0.0
for number, n in enumerate(n_frames.tolist()):
    alone = log_mel(batch.inputs["sound"][number, : lengths[number]], config)
    differs = max(differs, float((together[number, :, :n] - alone).abs().max()))
    equal = max(equal, float((pictures.inputs["sound"][number, :, :n] - alone).abs().max()))
print("frames:", n_frames.tolist())

# %%
statement = "log_mel_batch = each sound alone to 0.01 dB; of the padded batch, over 3 dB off"
claim("05.7", statement, equal < 0.01 and differs > 3)

# %% [markdown]
# ## A common belief: padding is harmless
#
# Silence carries no information, so more of it should not matter. Look at what layers do with it. Take the shortest clip, pad it further and further, and ask for its mean level over time, once over all frames and once over its own frames only. Ask a network for its logits, too: `SpectrogramCNN` can be told the lengths.
#
# Its weights are random here: that padding moves the answers does not depend on training; how far, does. (It is shown the batch twenty times, so that its batch norms know what levels to expect.)

# %%
torch.manual_seed(0)
network = SpectrogramCNN(SpectrogramCNNConfig(n_mels=40, n_classes=10))
with torch.no_grad():
    for _ in range(20):
        network(pictures.inputs["sound"], n_frames)
network.eval()
short = int(n_frames.argmin())
n = n_frames[short : short + 1]
clip = pictures.inputs["sound"][short : short + 1, :, : int(n)]  # [1, mel, frame]

# %%
added = list(range(0, 101, 10))  # frames of padding, 10 ms each
means, logits = {"all frames": [], "own frames": []}, {"all frames": [], "own frames": []}
with torch.no_grad():
    for extra in added:
        longer = nn.functional.pad(clip, (0, extra), value=-100.0)
        own = mask_of(n, longer.shape[-1])[:, None]
        means["all frames"].append(float(longer.mean()))
        means["own frames"].append(float((longer * own).sum() / (own.sum() * 40)))
        logits["all frames"].append(network(longer)[0])
        logits["own frames"].append(network(longer, n)[0])

# %%
def largest_change(values: Sequence[Tensor]) -> float:
    """Return how far any logit moves from where it was without padding."""
    return max(float((value - values[0]).abs().max()) for value in values)


scale = float(logits["own frames"][0].abs().max())
statement = "one second of padding: the plain mean moves by over 20 dB, the masked one by none"
steady = max(means["own frames"]) - min(means["own frames"])
claim("05.8", statement, means["all frames"][0] - means["all frames"][-1] > 20 and steady < 0.001)
masked, plain = largest_change(logits["own frames"]), largest_change(logits["all frames"])
statement = "told the lengths, padding moves no logit by 1e-4; not told, by over a tenth of the largest"
claim("05.9", statement, masked < 1e-4 and plain > 0.1 * scale)

# %% alt="Left: mean level over seconds of padding, a falling curve for all frames and a flat line for its own frames. Right: the logits of ten classes, which drift apart for all frames; dashed lines of the masked network are flat."
fig, (left, right) = plt.subplots(1, 2, figsize=(10, 3.2))
seconds = [extra / 100 for extra in added]
for name, style in (("all frames", "-"), ("own frames", "--")):
    left.plot(seconds, means[name], style, label=name)
    right.plot(seconds, torch.stack(logits[name])[:, :5], style, color=plots.COLOURS[style == "--"])
left.set(title="The mean falls with the padding", xlabel="padding (s)", ylabel="mean level (dB)")
left.legend()
_ = right.set(title="Five logits drift, unless masked", xlabel="padding (s)", ylabel="logit")

# %% [markdown]
# So a clip's answer would depend on the longest clip in its batch. In training that is worse than noise: if one class is said more briefly than the others, the padding is a clue. `SpectrogramCNN` sets padding to 0 before each convolution, leaves it out of its batch norms, and takes the mean over time over what is left.
#
# A network with dense layers on top, such as LeNet, needs one size for all, and has no mask. There, give every batch the same size, `load_sounds(…, seconds=0.8)`: longer clips lose as much at the beginning as at the end, shorter ones are padded, and the padding of a clip at least never changes.
#
# ## A loader that keeps the network fed
#
# The network to be fed is small: three convolutions, as in lesson 00. It is used to the end of this lesson.

# %%
def block(n_in: int, n_out: int, size: int) -> nn.Sequential:
    """Return a convolution that halves the picture."""
    conv = nn.Conv2d(n_in, n_out, size, stride=2, padding=size // 2)
    return nn.Sequential(conv, nn.BatchNorm2d(n_out), nn.ReLU())


def small_network() -> nn.Sequential:
    """Return a new network for pictures [batch, 1, 40, 81] and ten classes."""
    torch.manual_seed(0)
    blocks = block(1, 8, 5), block(8, 16, 3), block(16, 32, 3)
    return nn.Sequential(*blocks, nn.Flatten(), nn.Linear(32 * 5 * 11, 10))

# %% [markdown]
# Its data are digits in French, **synthetic**: computed by the speech synthesiser eSpeak NG, in many voices; nobody said them. (People said those of `spoken_digits`, but there are few.)
#
# Many tutorials write a data set like this one: for each item, open the file, decode, resample, compute the picture. PyTorch's `DataLoader` shuffles, asks for one item after the other, and stacks them.

# %% tags=["by-hand"]
french = synthetic_digits(language="fr")[:160]


class OneByOne(Dataset):
    """A data set that does all the work for each item each time."""

    def __len__(self) -> int:
        return len(french)

    def __getitem__(self, place: int) -> tuple[Tensor, int]:
        item = french[place]
        sound = read_audio(item.path, start=item.start, end=item.end).mono().resample(8000)
        samples = sound.samples[0, :6400]  # 0.8 s
        samples = nn.functional.pad(samples, (0, 6400 - len(samples)))
        return 1 + below_peak(log_mel(samples, config))[None] / 60, item.digit


one_by_one = DataLoader(OneByOne(), batch_size=32, shuffle=True)

# %% [markdown]
# `below_peak` is new: it gives levels in dB below the loudest cell of the clip, and cuts 60 dB under it. Divided by 60, plus 1: the floor is 0 and the peak 1.
#
# Three things can be saved:
#
# 1. **Decode once.** The second pass through the data decodes and resamples the same files again, for the same samples. `load_sounds` did it the first time and maps the result from disk.
# 2. **A batch at a time.** One large transform costs less than 32 small ones: `log_mel_batch`.
# 3. **Work ahead.** While the network computes on one batch, a thread can prepare the next. By hand, with a queue that holds two batches:

# %% tags=["by-hand"]
def ahead(batches: Iterable[Batch], n: int = 2) -> Iterator[Batch]:
    """Yield the batches, up to `n` of them made in advance by a thread."""
    ready: queue.Queue[Batch | None] = queue.Queue(n)

    def work() -> None:
        for batch in batches:
            ready.put(batch)  # waits while the queue is full
        ready.put(None)

    threading.Thread(target=work, daemon=True).start()
    while (batch := ready.get()) is not None:
        yield batch

# %% [markdown]
# In the package: `Minibatches` cuts the data into batches, shuffled by a seed; `Prepared` takes each through some *steps*, ahead of the network. A step is a function of a batch and a random generator that returns a batch. (`Prepared` also hands on errors, and stops its thread when the network stops early.)

# %%
def to_pictures(batch: Batch, generator: torch.Generator | None = None) -> Batch:
    """Return sounds as pictures [batch, 1, mel, frame], 0 at the floor and 1 at the peak."""
    levels = below_peak(log_mel_batch(batch, config).inputs["sound"])
    return replace(batch, inputs={"sound": 1 + levels[:, None] / 60}, lengths={})


spoken = load_sounds(french, sample_rate=8000, seconds=0.8)
loader = Prepared(Minibatches(spoken, batch_size=32, shuffle_seed=0), to_pictures)
own = ahead(map(to_pictures, Minibatches(spoken, batch_size=32, shuffle_seed=0)))
same = [torch.equal(a.inputs["sound"], b.inputs["sound"]) for a, b in zip(own, loader, strict=True)]
claim("05.10", "a queue by hand and Prepared give the same batches, in the same order", all(same))

# %% [markdown]
# Do both ways give the network the same pictures? At the seam between sound and padding they should differ, as above. Then race them: the same network, the same training step, the loaders in turn, and the best of three passes each.

# %%
picture, digit = OneByOne()[7]
theirs = to_pictures(spoken.select([7]))
apart = (picture - theirs.inputs["sound"][0])[0].abs().amax(dim=0)  # largest of each frame
seam = int(spoken.lengths[7]) // config.hop_length - 1  # from here windows reach into the padding
print("same label:", digit == int(spoken.classes[theirs.labels[0]]))
print("same picture, to a hundredth, up to the seam:", bool((apart[:seam] < 0.01).all()))
print("and at the seam:", bool((apart[seam : seam + 3] < 0.01).all()))

# %%
racer = small_network()
optimizer = torch.optim.AdamW(racer.parameters())


def seconds_of_a_pass(pairs: Iterable[tuple[Tensor, Tensor]]) -> float:
    """Train on all pairs of pictures and labels once, and return the seconds it took."""
    start = time.perf_counter()
    for x, y in pairs:
        loss = nn.functional.cross_entropy(racer(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return time.perf_counter() - start

# %%
took = {"one by one": [], "decoded once, in batches, ahead": []}
for _ in range(3):
    took["one by one"].append(seconds_of_a_pass(one_by_one))
    pairs = ((batch.inputs["sound"], batch.labels) for batch in loader)
    took["decoded once, in batches, ahead"].append(seconds_of_a_pass(pairs))
best = [min(seconds) for seconds in took.values()]
claim("05.11", "a pass of training takes over twice as long one by one", best[0] > 2 * best[1])

# %% alt="Two bars: a pass of training one by one takes many times as long as with sounds decoded once and batches made ahead."
fig, ax = plt.subplots(figsize=(8, 1.8))
_ = ax.barh(list(took)[::-1], best[::-1])
_ = ax.set(title="A pass of training, by loader", xlabel=f"seconds for {len(french)} clips")

# %% [markdown]
# `DataLoader(…, num_workers=2)` would do the same work in two other processes: sooner done, but not less of it, and the cores are then not free for the network. `make bench` measures the loader with the larger network of lesson 06.
#
# ## Augmentation: what the network should ignore
#
# A word stays the same word when a fan hums beside it, when it begins a little later, through another microphone, from another mouth. Few recordings show all that. **Augmentation** alters each recording anew whenever it comes up, in ways that leave the label true, and so tells the network what to ignore.
#
# Everything works on a batch, takes its random numbers from a generator that is passed in, and leaves its input as it was. The batch here is one word four times, so that you can compare.

# %%
voice = load_sounds([seven], sample_rate=8000)
copies = voice.select([0, 0, 0, 0])
words = copies.inputs["sound"]  # [batch, time]


def drawn(seed: int) -> torch.Generator:
    """Return a generator that begins at a seed."""
    return torch.Generator().manual_seed(seed)


def heard(samples: Tensor) -> Waveform:
    """Return samples [time] to be played, at most at full level."""
    return Waveform.from_mono(samples / samples.abs().max().clamp(min=1), 8000)

# %% [markdown]
# **Noise.** The *signal-to-noise ratio* (SNR) is the mean power of the sound over that of the noise, in dB: at 0 dB both are equally strong. `mix_at_snr` scales a given noise to a ratio, `add_noise` draws the ratio, and white noise or a stretch of a recording (`bank`). Here it is rain. Measured back by hand:

# %%
rain = example("rain").mono().resample(8000).samples[0]
noise = rain[: 4 * words.shape[1]].reshape(4, -1)
wanted = torch.tensor([20.0, 10.0, 0.0, -5.0])
noisy = augment.mix_at_snr(words, noise, snr_db=wanted)
measured = power_to_db(words.square().mean(1) / (noisy - words).square().mean(1))
print("SNR measured (dB):", [round(value) for value in measured.tolist()])
as_asked = bool(((measured - wanted).abs() < 0.01).all())
claim("05.12", "the SNR measured back is the one asked for, to 0.01 dB", as_asked)

# %%
somewhere = augment.add_noise(words, snr_db=(0.0, 20.0), bank=rain, generator=drawn(5))
play_side_by_side(
    {"20 dB": heard(noisy[0]), "0 dB": heard(noisy[2]), "drawn": heard(somewhere[0])}
)

# %% [markdown]
# **Place in time.** `random_shift` moves each sound earlier or later by up to a number of samples; zeros fill the place it left. `random_margins` gives each end of a sound some silence or cuts a little off, so that the *length* changes too: those who cut recordings by hand all have a habit.

# %%
moved = augment.random_shift(words, max_samples=1600, generator=drawn(1))
longer, new_lengths = augment.random_margins(
    words, max_samples=2000, max_cut=0.1, generator=drawn(2)
)  # [batch, new time] and the length of each
print("lengths:", copies.lengths["sound"].tolist(), "become", new_lengths.tolist())

# %% [markdown]
# **Gain.** `random_gain` makes each sound louder or softer. Whether that teaches anything depends on what comes after:

# %%
softer = augment.random_gain(words, db=(-20.0, -1.0), generator=drawn(3))
before, after = log_mel(words, config), log_mel(softer, config)
raw = float((before - after).abs().mean())
relative = float((below_peak(before) - below_peak(after)).abs().max())
statement = "a gain moves log-mel by over 1 dB, and after below_peak by less than 0.01 dB"
claim("05.13", statement, raw > 1 and relative < 0.01)

# %% [markdown]
# After `below_peak` a gain is moot. It is not wrong, only wasted.
#
# **Channel.** A microphone and a room let some frequencies through better than others (lesson 04). `random_equaliser` draws a gain for some points in frequency and filters each sound with them; `equalise` takes gains that you choose, such as here 20 dB less and less towards the top:

# %%
slope = torch.linspace(0.0, -40.0, 8).expand(4, 8)  # dB at 8 points from 0 to 4000 Hz
behind_a_door = augment.equalise(words, slope, sample_rate=8000)
channels = augment.random_equaliser(
    words, sample_rate=8000, max_db=12.0, generator=drawn(4)
)
play_side_by_side(
    {
        "as recorded": heard(words[0]),
        "behind a door": heard(behind_a_door[0]),
        "a channel drawn": heard(channels[0]),
        "another": heard(channels[1]),
    }
)

# %% [markdown]
# **Another mouth.** A shorter vocal tract moves all resonances up by one *factor* α (alpha). `random_warp` moves what was at f Hz to αf, on spectrograms whose rows have known frequencies. Test it with a tone of 1000 Hz:

# %%
centres = spectral.frequencies(config)  # Hz, of the rows of a plain spectrogram
tone = sine(1000, seconds=0.4, sample_rate=8000, amplitude=0.5).samples
magnitude = spectral.power(tone, config).sqrt()  # [1, freq, frame]
ends = []
for alpha in (0.8, 1.25):
    warp = augment.random_warp(
        magnitude, frequencies=centres, sample_rate=8000, alpha=(alpha,) * 2, generator=drawn(0)
    )
    ends.append(float(centres[warp[0].mean(dim=1).argmax()]))
print("1000 Hz moves to", [round(end) for end in ends], "Hz; rows are 31 Hz apart")
right_place = abs(ends[0] - 800) < 32 and abs(ends[1] - 1250) < 32
claim("05.14", "a vocal-tract warp by 0.8 and 1.25 moves 1000 Hz to 800 and 1250 Hz", right_place)

# %% [markdown]
# **A common slip: shift the picture up by some mel bands.** It is easy, and it is no vocal tract. Four bands are not one factor:

# %%
bands = spectral.mel_frequencies(config)  # Hz, 40 of them
factors = bands[4:] / bands[:-4]
at = {f: float(factors[(bands[:-4] - f).abs().argmin()]) for f in (200, 2000)}
print({f"{f} Hz": f"× {factor:.1f}" for f, factor in at.items()})
statement = "4 of 40 mel bands: a factor above 1.7 at 200 Hz and below 1.4 at 2000 Hz"
claim("05.15", statement, at[200] > 1.7 and at[2000] < 1.4)

# %% [markdown]
# No other mouth nearly doubles its low resonances and moves its high ones by a third.
#
# **Faster and slower, and mouths that differ in more than length.** `random_stretch` makes a spectrogram longer or shorter in time, evenly or not, without a change of pitch. `random_bend` bends the frequency axis smoothly, each part by its own amount. (`stretch` and `bend_rows` do the same with numbers that you choose; the curve of both is `bent`.)
#
# To hear what was done to a spectrogram, guess a phase for it (Griffin-Lim, lesson 03).

# %%
magnitude = spectral.power(words, config).sqrt()  # [batch, freq, frame]
larger, smaller = (
    augment.random_warp(
        magnitude, frequencies=centres, sample_rate=8000, alpha=(alpha,) * 2, generator=drawn(0)
    )
    for alpha in (0.8, 1.25)
)
slower, _ = augment.stretch(magnitude, torch.full((4,), 1.4), fill=0.0)
bent_up = augment.bend_rows(magnitude, torch.tensor([[0.3, 0.2]]).expand(4, 2))
by_ear = {"α = 0.8": larger, "α = 1.25": smaller, "1.4 times slower": slower, "bent": bent_up}
play_side_by_side(
    {name: heard(spectral.griffin_lim(x[0], config)) for name, x in by_ear.items()}
)

# %% [markdown]
# Warp and bend move the pitch along with the resonances, since both are in the spectrogram: so it is another mouth *and* another pitch. The stretch leaves both.
#
# **Stripes.** *SpecAugment* hides a few neighbouring bands and a few neighbouring frames, so that the network cannot rely on a single spot. `spec_augment` fills them with the mean of the clip; in a dB picture 0 would be very loud. To hear it, the same stripes are cut out of the STFT here:

# %%
spectrum = spectral.stft(words, config)  # [batch, freq, frame], complex
stripes = augment.spec_augment(
    torch.ones_like(magnitude), max_bins=40, max_frames=20, fill=0.0, generator=drawn(8)
)  # 0 where hidden, 1 elsewhere
hidden = 1 - float(stripes.mean())
print(f"hidden: about {round(100 * hidden, -1):.0f} % of the cells")
gaps = spectral.istft(spectrum * stripes, config)
play_side_by_side({"with stripes cut out": heard(gaps[0]), "others": heard(gaps[1])})

# %% [markdown]
# **Mixup.** Two items of the batch are added, with shares that add up to 1, and so are their labels: 70 % *seven* and 30 % *two*. Samples add in the air, so a mixed sound is a sound that could be (lesson 07 mixes pictures). The loss, cross entropy, takes such labels as they are.

# %%
spanish = load_sounds(spoken_digits(language="es")[:10], sample_rate=8000).batch()
mixed, shares = augment.mixup(
    spanish.inputs["sound"], spanish.labels, n_classes=10, alpha=0.4, generator=drawn(6)
)
third = shares.max(dim=1).values.argmin()  # the most even mixture
one, other = shares[third].topk(2).indices.tolist()
by_hand = shares[third] @ spanish.inputs["sound"]  # the ten sounds are in order of their labels
mixed_right = torch.allclose(by_hand, mixed[third], atol=1e-6)
claim("05.16", "mixup by hand, shares times sounds, = augment.mixup", mixed_right)
play_side_by_side({f"{one} and {other}, in Spanish": heard(mixed[third])})

# %% [markdown]
# All but gain, as the network sees them:

# %%
rows = spectral.mel_frequencies(config)
levels = log_mel(words, config)  # [batch, mel, frame]
warp = augment.random_warp(levels, frequencies=rows, sample_rate=8000, generator=drawn(1))
curve = augment.random_bend(levels, bend=0.4, generator=drawn(1))
fast, _ = augment.random_stretch(levels, factor=(0.6, 0.8), bend=0.3, generator=drawn(1))
cut = augment.spec_augment(levels, max_bins=8, max_frames=16, generator=drawn(8))

# %%
by_sound = {
    "as recorded": words[0], "noise, 0 dB": noisy[2], "shift": moved[0], "margins": longer[0],
    "channel": channels[0],
}  # fmt: skip
gallery = {name: log_mel(sound, config) for name, sound in by_sound.items()}
gallery |= {"warp": warp[0], "bend": curve[0], "stretch": fast[0], "stripes": cut[0]}
gallery["mixup"] = log_mel(mixed[third], config)

# %% alt="Ten small spectrograms: the word seven as recorded, and with noise, shifted, with other margins, through a channel, warped, bent, stretched, with stripes hidden, and two mixed words."
fig, axes = plt.subplots(2, 5, figsize=(11, 4.2), sharey=True)
for ax, (name, picture) in zip(axes.flat, gallery.items(), strict=True):
    picture = below_peak(picture)
    plots.spectrogram(ax, picture, config, scale="mel", db_range=60, title=name, colorbar=False)
    ax.set(xlim=(0, 1.1), xlabel="time (s)" if ax in axes[1] else "", ylabel="")
first = axes[0, 0]  # every second label, for which there is room
first.set_yticks(first.get_yticks()[::2], [t.get_text() for t in first.get_yticklabels()[::2]])
_ = fig.supylabel("frequency (Hz, mel scale)")

# %% [markdown]
# | alteration | teaches to ignore | wrong, or no use |
# |---|---|---|
# | noise | the room, other sounds | where the noise is the label (is the engine running?); at an SNR at which people fail as well |
# | shift, margins | when the word begins, who cut it | where the time is the label (which came first?) |
# | gain | distance to the microphone | after `below_peak`: no effect |
# | channel | microphone, telephone, room | where the channel is the label |
# | warp, bend | the size and shape of a mouth | where the speaker or the pitch is the label; with factors that no mouth has |
# | stretch | how fast one speaks | where duration is the label (long and short vowels) |
# | stripes | single spots of the picture | so wide that the word is gone |
# | mixup | nothing real: it smooths the steps between classes | where two labels may both be true |
#
# In training they are steps of a `Prepared`, in front of the pictures. What is drawn depends on the seed, the pass and the number of the batch, and on nothing else.

# %%
def altered(batch: Batch, generator: torch.Generator) -> Batch:
    """Return the sounds of a batch through other channels, in noise."""
    sounds = batch.inputs["sound"]
    sounds = augment.random_equaliser(sounds, sample_rate=8000, max_db=10.0, generator=generator)
    sounds = augment.add_noise(sounds, snr_db=(5.0, 40.0), generator=generator)
    return replace(batch, inputs={"sound": sounds})


def first_batch(seed: int, epoch: int) -> Tensor:
    """Return the pictures of the first batch of a pass."""
    train = Prepared(Minibatches(spoken, batch_size=8), altered, to_pictures, seed=seed)
    train.set_epoch(epoch)  # `fit` does this before each pass
    return next(iter(train)).inputs["sound"]

# %%
first = first_batch(seed=0, epoch=0)
again = torch.equal(first, first_batch(seed=0, epoch=0))
anew = not torch.equal(first, first_batch(seed=0, epoch=1))
claim("05.17", "the same seed and pass: the same batch; the next pass: another", again and anew)

# %% [markdown]
# `augment.recipe.SpeechRecipe` is such a step with most of these alterations in it; lesson 06 takes it on, and measures what each is worth. What is *tested* is never altered.
#
# ## Play
#
# The word and its alterations. Which could you tell from a real recording?

# %% alt="The spectrogram explorer with the word seven as recorded, and a list of altered versions to choose from."
SpectrogramExplorer(
    {
        "as recorded": heard(words[0]), "rain, 10 dB": heard(noisy[1]),
        "behind a door": heard(behind_a_door[0]), "shifted": heard(moved[0]),
        "α = 1.25": heard(spectral.griffin_lim(smaller[0], config)),
        "stripes": heard(gaps[0]), "two digits": heard(mixed[third]),
    },
    n_fft=256, hop_length=80, n_mels=40,
)  # fmt: skip

# %% [markdown]
# ## A common belief: a random split is fair
#
# Now the split. Four synthetic voices say the digits in five languages, twice each: 400 clips. (The names are those of eSpeak's voices; of the 14 that speak all five languages, the first four are taken. `speakers` lists the real voices of the course.)

# %%
every = synthetic_digits()
polyglots = sorted({said.speaker for said in every if said.language == "fr"})
four = [said for said in every if said.speaker in polyglots[:4]]
clips = to_pictures(load_sounds(four, sample_rate=8000, seconds=0.8).batch())
print(clips, "by", polyglots[:4])
print("real voices in the course:", len(speakers()))

# %% [markdown]
# `group_split` keeps each voice on one side. `audit_split` looks at the groups of both sides, and refuses a split in which one is on both. Call it each time: it costs nothing.

# %%
fair = group_split(clips.groups, test_share=0.25)
print("voice held out:", fair.held_out, len(fair.train), "to train,", len(fair.test), "to test")
audit_split([clips.groups[i] for i in fair.train], [clips.groups[i] for i in fair.test])

shuffled = torch.randperm(400, generator=drawn(0)).tolist()
try:
    audit_split([clips.groups[i] for i in shuffled[:300]], [clips.groups[i] for i in shuffled[300:]])
except ValueError as error:
    refusal = str(error)
    print(refusal)

# %%
all_named = all(repr(name) in refusal for name in polyglots[:4])
claim("05.18", "audit_split refuses the random split, and names all four voices", all_named)

# %% [markdown]
# How much does a voice on both sides help? Train the same network both ways. With four voices, hold each out in turn: `leave_one_group_out` gives four splits, 300 clips to train and 100 to test. Every clip is tested once, by a network that never heard its voice.
#
# For the random split, shuffle the names of the groups and do the same: again four splits of 300 and 100, and again every clip is tested once. Only the company differs.

# %%
def right_answers(data: Batch, train: Sequence[int], test: Sequence[int], epochs: int) -> Tensor:
    """Train a new network on some rows, and return for each of the others if it is right."""
    network = small_network()
    batches = Minibatches(data.select(train), batch_size=32, shuffle_seed=0)
    fit(network, batches, None, TrainConfig(epochs=epochs))
    others = data.select(test)
    with torch.no_grad():
        return network(others.inputs["sound"]).argmax(dim=1) == others.labels

# %%
def each_tested_once(data: Batch, groups: Sequence[str]) -> Tensor:
    """Hold out each group in turn; return for each item if it was named rightly, bool [item]."""
    right = torch.zeros(len(data), dtype=torch.bool)
    for split in leave_one_group_out(groups):
        right[list(split.test)] = right_answers(data, split.train, split.test, epochs=10)
    return right

# %%
random_groups = [clips.groups[i] for i in shuffled]
results = {
    "random split": each_tested_once(clips, random_groups).float(),
    "split by voice": each_tested_once(clips, clips.groups).float(),
}
by_voice = {}
for name, right in results.items():
    own = [torch.tensor([group == voice for group in clips.groups]) for voice in polyglots[:4]]
    by_voice[name] = [float(right[rows].mean()) for rows in own]

# %% alt="Accuracy of four voices under two splits: with the random split all dots lie high, with the split by voice every dot lies lower and they are spread widely."
fig, ax = plt.subplots(figsize=(8, 2.4))
for row, (name, values) in enumerate(by_voice.items()):
    ax.plot(values, [row] * 4, "o", ms=8, color=plots.COLOURS[row])
    ax.plot(sum(values) / 4, row, "|", ms=26, color="black")
ax.axvline(0.1, color="grey", ls="--", lw=1)
ax.set_yticks([0, 1], list(by_voice))
ax.set(xlim=(0, 1), ylim=(1.6, -0.6), xlabel="share of right answers, each voice a dot")
_ = ax.set_title("Same network, same clips: worse on voices not heard in training")

# %%
gap = float(results["random split"].mean() - results["split by voice"].mean())
worse = sum(known > new for known, new in zip(*by_voice.values(), strict=True))
statement = "a voice on both sides is worth over 8 points, and helps 3 of the 4 voices or all"
claim("05.19", statement, gap > 0.08 and worse >= 3)

# %% [markdown]
# (The dashed line is guessing, the black strokes are the means.) The random split did not lie: the network *is* that good, on the voices that it has heard. It answers another question than the one you have.
#
# These voices are all of one synthesiser, so they are more alike than people are. Lesson 06 goes on to real ones, and lowers the gap honestly.
#
# ## Your own folder
#
# The last step is the one you will take: a folder of your own. Somebody recorded animals, and cut each recording into pieces of half a second, to have more data. Ten animals, some forty recordings; the name of a piece tells its recording.

# %%
pieces = Path(scratch.name) / "pieces"
for call in calls():
    (pieces / call.label).mkdir(parents=True, exist_ok=True)
    sound = call.load()
    quieter = Waveform(sound.samples / 2, sound.sample_rate)  # some decode to peaks beyond 1
    for number in range(int(sound.duration / 0.5)):
        name = f"{call.recording.replace('/', '.')}-{number}.flac"
        part = quieter.slice(number / 2, (number + 1) / 2)
        write_audio(part, pieces / call.label / name)
print(AudioFolder(pieces)[0].path.name)

# %% [markdown]
# `AudioFolder` needs to be told what belongs together. Without that, each file is a group by itself, and the audit sees nothing wrong:

# %%
unaware = AudioFolder(pieces)
blind = group_split(unaware.groups, test_share=0.25)
audit_split([unaware.groups[i] for i in blind.train], [unaware.groups[i] for i in blind.test])
print(len(unaware), "files,", len(set(unaware.groups)), "groups: nothing to complain of")

# %%
def recording_of(path: Path) -> str:
    """Return the recording that a piece was cut from, by its name: all before the last '-'."""
    return path.stem.rpartition("-")[0]


mine = AudioFolder(pieces, group=recording_of)
print(len(mine), "files,", len(set(mine.groups)), "groups:", mine.groups[0], "and others")
try:
    audit_split([mine.groups[i] for i in blind.train], [mine.groups[i] for i in blind.test])
except ValueError as error:
    print(str(error)[:60], "…")

# %% [markdown]
# An audit knows only the groups that you give it.
#
# With few recordings a fair split can fail in another way: all recordings of an animal may land on the test side. `audit_labels` refuses a split in which a label is only tested, or a class has too few training items to learn from.

# %%
for seed in range(10):
    split = group_split(mine.groups, test_share=0.25, seed=seed)
    sides = [[mine.labels[i] for i in side] for side in (split.train, split.test)]
    try:
        audit_labels(*sides, at_least=5)
        break
    except ValueError as error:
        print(f"seed {seed}: {error}")
print(f"seed {seed}: every label can be learnt")

# %%
audit_split([mine.groups[i] for i in split.train], [mine.groups[i] for i in split.test])
shared = {mine.groups[i] for i in split.train} & {mine.groups[i] for i in split.test}
fair = not shared and set(sides[1]) <= set(sides[0])
claim("05.20", "no recording on both sides, and no label without training items", fair)

# %% [markdown]
# Sounds to batches, as above, with the classes of the whole folder. Normalise with the mean and spread of the *training* side alone (lesson 04), over real frames: here padding is masked out, since every piece was padded from 0.5 to 0.8 s.

# %%
barn = load_sounds(mine, sample_rate=8000, seconds=0.8, cache=False)
levels = log_mel_batch(barn.batch(), config)  # [item, mel, frame], with lengths
real = levels.mask("sound")[:, None]  # [item, 1, frame]
train = torch.tensor(split.train)
inside = levels.inputs["sound"][train].movedim(1, 0)[:, real[train, 0]]  # [mel, all real frames]
mean, spread = inside.mean(dim=1), inside.std(dim=1)
normal = (levels.inputs["sound"] - mean[:, None]) / spread[:, None]
normal = normal * real  # padding becomes 0, the mean of the training side
ready = replace(levels, inputs={"sound": normal[:, None]}, lengths={})
print(ready)

# %% [markdown]
# ### A common belief: n clips are n samples
#
# There are some two hundred pieces. Are they two hundred examples? Train twice more: on pieces split at random, as the unaware audit let pass, and on pieces split by recording.

# %%
right_random = right_answers(ready, blind.train, blind.test, epochs=15).float()
right_fair = right_answers(ready, split.train, split.test, epochs=15).float()

# %% alt="Two bars: with pieces at random about seven in ten are right, with whole recordings held out few are, near guessing."
fig, ax = plt.subplots(figsize=(8, 2.2))
_ = plots.accuracies(
    ax,
    ["pieces at random", "by recording"],
    [float(right_random.mean()), float(right_fair.mean())],
    chance=0.1,
    title="It knew the recordings, not the animals",
)

# %%
gap = float(right_random.mean() - right_fair.mean())
statement = "pieces at random seem over 25 points better than recordings never heard"
claim("05.21", statement, gap > 0.25)
few = bool(right_fair.mean() < 0.5)
claim("05.22", "by recording, less than half of the pieces are named rightly", few)

# %% [markdown]
# Two pieces of one recording share the animal, the barn, the microphone and the noise. A network that has heard one piece knows the other by any of these. Cutting a recording into pieces makes more *clips*; it makes no more cows. How many samples you have is the number of recordings, or of voices, whichever is smaller.
#
# So the honest result here is: three or four recordings an animal are too few for this network. Better to know that before the network is used. What to do: more recordings rather than more pieces, augmentation, a network that was trained on more.
#
# The public sets that the package knows have their groups, too: `datasets.fsdd` (digits; its official split has every voice on both sides), `speech_commands`, `esc50`.

# %%
scratch.cleanup()

# %% [markdown]
# ## Exercises
#
# 1. Write `crop_or_pad(samples, size)`: samples [time], brought to `size`. A shorter sound is followed by zeros. A longer one loses as much at its beginning as at its end; where that does not come out even, one sample more at its end.

# %% tags=["exercise"]
def crop_or_pad(samples: torch.Tensor, size: int) -> torch.Tensor:
    """Return samples [time] as [size]: padded with zeros behind, or cut at both ends."""
    ### BEGIN SOLUTION
    start = max(0, len(samples) - size) // 2
    kept = samples[start : start + size]
    return torch.nn.functional.pad(kept, (0, size - len(kept)))
    ### END SOLUTION

# %%
check("05.crop_or_pad", crop_or_pad)

# %% [markdown]
# 2. Write `mean_level(levels, lengths)`: the mean level of each clip over its bands and its own frames. `levels` is [batch, mel, frame], with padding of any value behind the first `lengths[i]` frames of clip i.

# %% tags=["exercise"]
def mean_level(levels: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    """Return the mean of levels [batch, mel, frame] over what is not padding, [batch]."""
    ### BEGIN SOLUTION
    frames = torch.arange(levels.shape[-1])
    inside = frames < lengths[:, None]  # [batch, frame]
    total = (levels * inside[:, None]).sum(dim=(1, 2))
    return total / (lengths * levels.shape[1])
    ### END SOLUTION

# %%
check("05.mean_level", mean_level)

# %% [markdown]
# 3. Write `scale_noise(signal, noise, snr_db)`: the noise, scaled so that the mean power of the signal over its own is `snr_db` in dB. Both are [time], of the same length. (Return the noise alone; adding it is easy.)

# %% tags=["exercise"]
def scale_noise(signal: torch.Tensor, noise: torch.Tensor, snr_db: float) -> torch.Tensor:
    """Return noise [time] at the level that gives the signal-to-noise ratio snr_db."""
    ### BEGIN SOLUTION
    wanted = signal.square().mean() / 10 ** (snr_db / 10)  # the power that the noise shall have
    return noise * torch.sqrt(wanted / noise.square().mean())
    ### END SOLUTION

# %%
check("05.scale_noise", scale_noise)

# %% [markdown]
# 4. A network shall name spoken digits on the telephones of people whom it has never met. Five people report how they tested theirs. Sort the tests by how honest they are *for this purpose*: `honest_order()` returns the five letters, the most honest first, such as `"ABCDE"`.
#
# - **A** Each person recorded many digits in our studio. All recordings were shuffled, and a quarter of them kept for the test.
# - **B** Each person recorded many digits in our studio. Five of the twenty people were kept for the test.
# - **C** Each recording was copied five times, each copy with other noise. The copies were shuffled, and a quarter of them kept for the test.
# - **D** Twenty people recorded digits in our studio, for training. Five others, for the test, recorded theirs at home, on their own telephones.
# - **E** Each recording in the studio was cut into three pieces. The pieces were shuffled, and a quarter of them kept for the test.

# %% tags=["exercise"]
def honest_order() -> str:
    """Return the letters of the five tests, the most honest first."""
    ### BEGIN SOLUTION
    # Shared by both sides: D nothing, B the studio, A the voices, E the recordings, C the sounds.
    return "DBAEC"
    ### END SOLUTION

# %%
check("05.honest_order", honest_order)

# %% [markdown]
# ## What would break this
#
# - **A rate in a file name only.** Raw samples without a header have no rate. Note it, and make `Waveform`s at the edge.
# - **A label that goes along with the recording.** If all dogs were recorded outdoors, a split by recording does not help: the test has the same fault. Look for what else differs between your classes: rate, level, length, noise, day.
# - **Groups that you do not know.** Two names for one person, or the same file under two names, pass every audit.
# - **Very long files.** `load_sounds` keeps every item whole; a recording of two hours is better cut by `read_audio(path, start=…, end=…)`.
# - **Masks that stop half-way.** One layer that ignores the lengths (a plain batch norm, a plain mean) is enough, and padding counts again.
# - **Augmented copies made before the split.** Copies of one clip then stand on both sides. Split first, alter while training.
#
# ## The short answer
#
# Decode, mix to one channel, resample to one rate, all before the samples leave their `Waveform`. Pad to a batch, keep the lengths, and use layers that respect them. Decode once, compute features a batch at a time, and work ahead. Alter the training sounds in the ways in which the world will. And before anything else decide what a test must not share with training (voice, recording, room), give it a name, the group, and have the split audited.
#
# | | by hand | in the package |
# |---|---|---|
# | files of a folder | | `AudioFolder` |
# | one channel, one rate, cached | `mean`, `resample` | `load_sounds` |
# | padding with lengths | `padded`, `mask` | `Sounds.select`, `Batch`, `mask_of` |
# | pictures | `log_mel` of each | `log_mel_batch`, `below_peak` |
# | batches ahead | a thread and a queue | `Prepared` |
# | a fair split | | `group_split`, `leave_one_group_out`, `audit_split`, `audit_labels` |
#
# ## Sources
#
# - D. S. Park and others (2019), *SpecAugment: a simple data augmentation method for automatic speech recognition*: stripes hidden in log-mel spectrograms (and a small warp of time); state-of-the-art word error rates on LibriSpeech and Switchboard at its time.
# - N. Jaitly, G. E. Hinton (2013), *Vocal tract length perturbation (VTLP) improves speech recognition*: a random warp of the frequency axis for each utterance, on TIMIT.
# - T. Ko, V. Peddinti, D. Povey, S. Khudanpur (2015), *Audio augmentation for speech recognition*: copies at 0.9 and 1.1 times the speed lowered word errors by 4.3 % on average over four tasks.
# - H. Zhang, M. Cisse, Y. N. Dauphin, D. Lopez-Paz (2018), *mixup: beyond empirical risk minimization*: mixed items and labels, on images, speech commands and tables.
# - S. Kapoor, A. Narayanan (2023), *Leakage and the reproducibility crisis in machine-learning-based science*: leaks of eight kinds in 17 fields, 294 papers affected.
# - The recordings: Tux Paint (Bill Kendrick and many others), GCompris, OpenVoiceOS (Joseph Sardin), Asterisk (Allison Smith and others); the synthetic digits: eSpeak NG. Sources and licences stand in `data/README.md`.
