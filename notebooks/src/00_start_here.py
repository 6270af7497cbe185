# %% [markdown]
# # 00 · Start here
#
# > "I built a CNN for images. I want to feed it video, images and audio together. What is audio, how is it broken down to go into the network, can I use spectrograms as images?"
#
# This lesson goes the whole way once, quickly: from a recording to numbers, to a picture, to a convolutional network, to the name of a language. Each step has a lesson of its own, and is named here with it.
#
# **You will be able to**
#
# - say which steps lie between a sound file and the answer of a network;
# - turn a recording into a picture that a CNN can read, in three lines;
# - ask the one question that every accuracy should be asked: *on whom was it measured?*
#
# **Time:** 20 minutes · **First:** nothing. You have trained a CNN on images before, and read Python.
#
# ## Predict
#
# A small CNN learns to tell Spanish, French, Italian and Russian apart. For each language it hears one person speak for a few minutes. You then play it (1) other recordings of the *same four people*, and (2) recordings of *four other people*. Guessing is right in one of four cases. How often will the network be right?
#
# - **A** often in both: it has learned the languages
# - **B** often with the people it knows, hardly better than guessing with the others
# - **C** hardly better than guessing in both: a few minutes are too little
#
# <details><summary>Answer, after the run</summary>
#
# **B**. With one person a language, *who speaks* and *which language* are the same thing, and nothing tells the network which of the two to learn. The last figure of this lesson shows it; lesson 09 takes it apart.
#
# </details>
#
# ## Is everything here?
#
# One line looks for what the lessons need, and names the mend for what is missing.

# %%
from avtutor import doctor

doctor.report()

# %%
import matplotlib.pyplot as plt
import torch
from torch import nn

from avtutor import load_model, plots
from avtutor.checks import check, claim
from avtutor.datasets import example, stack, videos, voices, windows
from avtutor.language import identify
from avtutor.media import read_audio
from avtutor.player import play, play_side_by_side
from avtutor.spectral import SpectrogramConfig, log_mel
from avtutor.widgets import SpectrogramExplorer

plots.use_style()

# %% [markdown]
# ## Sound is a row of numbers
#
# Sound is air pressure that swings up and down. A microphone follows it, and 16,000 times a second (**16,000 Hz**, hertz) one number is written down: a **sample**, between -1 and 1, with 0 for air at rest. `Waveform` holds the samples and their rate together; its samples have the shape `[channel, time]`, and one microphone gives one channel. (Lesson 01)

# %%
voice = example("speech_es")
print(voice)
print("samples:", list(voice.samples.shape), voice.samples.dtype)

# %%
play(voice, label="a sentence in Spanish")

# %% alt="Waveform of a Spanish sentence: bursts of large values for the syllables, small values between them."
fig, ax = plt.subplots(figsize=(9, 2.4))
_ = plots.waveform(ax, voice, title=f"Speech: {voice.n_samples:,} numbers, one after another")

# %% [markdown]
# ## The same sound as a picture
#
# The row of numbers hides what the ear hears at once: which tones sound, and when. A tone's **frequency** is the number of its swings in a second, in Hz; the higher it is, the higher the tone. A **spectrogram** shows how strong each frequency is at each time. The sound is cut into short overlapping pieces (**frames**: here 512 samples long, a new one every 160 samples), and each becomes one column of the picture. (Lessons 02 and 03)
#
# `log_mel` does this with two habits of the ear built in. The rows stand closer together at low frequencies (the **mel** scale). The level is in **decibels** (dB): 10 dB more is ten times the power, and 0 dB is a power of 1, not silence. (Lesson 04)

# %%
config = SpectrogramConfig(sample_rate=16000)
picture = log_mel(voice.samples, config)  # [channel, mel, frame]
print("shape:", list(picture.shape))

# %% alt="Log-mel spectrogram of the Spanish sentence: bright stacked lines for vowels, bright patches at high frequencies for s sounds, dark gaps between words."
fig, ax = plt.subplots(figsize=(9, 3.4))
_ = plots.spectrogram(
    ax, picture[0], config, scale="mel", title="The same sentence: what sounds, and when"
)

# %% [markdown]
# One channel, 64 rows, and a column every 160 / 16,000 s, a hundredth of a second: that is a grey image (the colours are only for you). A CNN for images can read it as it is.
#
# Try it yourself. Choose a recording, click into the picture to hear from there, move the sliders (lessons 03 and 04 say what each does). Look for the stacked lines of a vowel, and for the cloud of an *s* at the top.

# %% alt="The spectrogram explorer with a Spanish sentence: waveform, spectrogram, and sliders for the settings."
SpectrogramExplorer(
    {"Spanish": voice, "Russian": example("speech_ru"), "lion": example("lion")}, n_mels=64
)

# %% [markdown]
# ## Many pictures with their labels
#
# For each language there is one known **voice**: one person, in some hundred short recordings. They are divided once and for all: three in four to train with, every fourth to test with. No recording is on both sides. On each side, the recordings of a voice are put end to end and cut into **clips** of three seconds.

# %%
KNOWN = {"es": "allison", "fr": "june", "it": "carlo", "ru": "ivrvoice"}
NAMES = ["Spanish", "French", "Italian", "Russian"]


def three_seconds(speakers: dict[str, str], part: str | None) -> list:
    """Return up to 70 clips of three seconds of each of these speakers."""
    found = []
    for language, speaker in speakers.items():
        said = voices(language=language, speaker=speaker, part=part)
        found += windows(said, seconds=3.0)[:70]
    return found


train, test = three_seconds(KNOWN, "train"), three_seconds(KNOWN, "test")
print(len(train), "clips to train with,", len(test), "to test with")

# %% [markdown]
# Now every clip becomes a picture. As with images, the mean is subtracted and the result divided by the standard deviation. Both come from the *training* pictures alone: the test side must stay unseen.

# %%
levels = log_mel(stack(train), config)  # [clip, mel, frame]
mean, spread = levels.mean(), levels.std()

# %% [markdown]
# Two small functions make the pictures and the labels of any clips.


# %%
def pictures(clips: list) -> torch.Tensor:
    """Return [batch, channel, mel, frame]: log-mel pictures, shifted and scaled."""
    return ((log_mel(stack(clips), config) - mean) / spread)[:, None]


def labels(clips: list) -> torch.Tensor:
    """Return the number of each clip's language, [batch]."""
    return torch.tensor([list(KNOWN).index(clip.language) for clip in clips])


x, y = pictures(train), labels(train)
print("batch of pictures:", list(x.shape), "labels:", list(y.shape))

# %% [markdown]
# ## A CNN, as for images
#
# Three convolutions, each followed by batch normalisation and a ReLU; then the mean over the whole picture, and one linear layer that gives four numbers (**logits**), one a language. Nothing in it knows about sound.


# %%
def block(n_in: int, n_out: int, size: int) -> nn.Sequential:
    """Return a convolution that halves the picture."""
    return nn.Sequential(nn.Conv2d(n_in, n_out, size, stride=2), nn.BatchNorm2d(n_out), nn.ReLU())


torch.manual_seed(0)
network = nn.Sequential(
    block(1, 16, 5),
    block(16, 32, 3),
    block(32, 64, 3),
    nn.AdaptiveAvgPool2d(1),
    nn.Flatten(),
    nn.Linear(64, 4),
)
print("weights to learn:", sum(p.numel() for p in network.parameters()))

# %% [markdown]
# How often is it right? Ask that before training too: what the training is worth is the difference.


# %%
@torch.no_grad()
def answers(clips: list) -> torch.Tensor:
    """Return the number of the language that the network names for each clip, [batch]."""
    network.eval()
    logits = torch.cat([network(batch) for batch in pictures(clips).split(32)])
    return logits.argmax(dim=1)


def accuracy(clips: list) -> float:
    """Return the share of clips whose language the network names."""
    return float((answers(clips) == labels(clips)).float().mean())


untrained = accuracy(test)

# %% [markdown]
# Training is what you know from images: show a batch, compare the logits with the labels (cross entropy), move the weights a little downhill. The step size grows first and then shrinks to almost nothing (*one-cycle*), so that the last batches no longer shake the weights. Seven rounds through all clips take some ten seconds. (Lessons 05 and 06 do it with more care.)

# %%
optimizer = torch.optim.AdamW(network.parameters())
steps = 7 * len(x[::32])
pace = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=1e-2, total_steps=steps)
network.train()
for _ in range(7):
    for batch in torch.randperm(len(x)).split(32):
        loss = nn.functional.cross_entropy(network(x[batch]), y[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        pace.step()

# %% [markdown]
# ## Which language is this?
#
# Here is a clip that the network has not met in training. Listen, then look at what it says. A *softmax* turns the logits into shares that add up to 1. They are often called probabilities; how far they can be trusted is a question of its own (lesson 09).

# %%
clip = next(clip for clip in test if clip.language == "it")
play(clip.load(), label="which language is this?")

# %% alt="Four bars, one a language: by far the longest is Italian."
with torch.no_grad():
    shares = network.eval()(pictures([clip])).softmax(dim=1)[0]
fig, ax = plt.subplots(figsize=(7, 2.4))
said = NAMES[int(shares.argmax())]
_ = ax.barh(NAMES[::-1], shares.flip(0))
_ = ax.set(xlim=(0, 1), xlabel="share of the softmax", title=f"The network says: {said}")

# %% [markdown]
# One clip proves nothing. Here are all the test clips: from recordings that it never heard, by voices that it knows.

# %%
known = accuracy(test)
claim(
    "00.1",
    "known voices: of over 100 clips, all unseen, over 3 in 4 are named (guessing: 1 in 4)",
    len(test) > 100 and known > 0.75,
)

# %% [markdown]
# ## On whom was it measured?
#
# The test was fair in one way: no recording was on both sides. In another way it was not: every *voice* was. So here are **strangers**: four other people, one a language, whom the network has never heard.

# %%
OTHERS = {"es": "july", "fr": "armelle", "it": "paola", "ru": "shmyrev"}
strangers = three_seconds(OTHERS, None)
named = answers(strangers)
unknown = float((named == labels(strangers)).float().mean())
print(len(strangers), "clips of strangers")

# %%
play_side_by_side(
    {"Spanish, known voice": test[0].load(), "Spanish, stranger": strangers[0].load()}
)

# %% alt="Three bars: the untrained network near chance or below, the trained one near 1 on known voices, and near chance on strangers."
fig, ax = plt.subplots(figsize=(8, 2.6))
_ = plots.accuracies(
    ax,
    ["known voices, untrained", "known voices", "strangers"],
    [untrained, known, unknown],
    chance=0.25,
    title="Right on the voices it knows, lost on strangers",
)

# %%
claim("00.2", "strangers: over 30 points below the known voices", known - unknown > 0.30)

# %% [markdown]
# Is what is left a little knowledge of the languages? Look at the answers for the stranger who speaks French.

# %%
french = named[labels(strangers) == NAMES.index("French")]
spanish = float((french == NAMES.index("Spanish")).float().mean())
claim("00.3", "of the French stranger's clips, over half are called Spanish", spanish > 0.5)

# %% [markdown]
# So naming the Spanish stranger right means little. The network did what it was asked: it found a difference between four heaps of clips. With one person a heap, anything about that person will do: the voice, the room, the microphone. A test on the same people cannot tell you so.
#
# Nor can this one say *which* of these it was. You may have heard it: three of the strangers, all but the Russian, were recorded in telephone quality, with nothing above 4,000 Hz. To take that difference away, write `SpectrogramConfig(sample_rate=16000, f_max=3500)` above, which ends every picture at 3,500 Hz, and run all cells again. Do the strangers do better?
#
# ## A network that may say "not sure"
#
# The network above must choose one of four, whatever it hears. Lesson 09 takes this apart, and trains another with more voices and more care: it asks first whether anybody speaks, and then names English, or says that it is not sure. It comes with the package. Here it listens to three videos that it never saw: two of one man, who speaks English to the camera, and a cartoon with music.

# %%
model = load_model("language")
for name, video in videos().items():
    verdict = identify(read_audio(video.path), model=model)
    print(f"{name}: {verdict.language or 'not sure, ' + verdict.reason}")

# %%
play(read_audio(videos()["talking_head"].path).mono(), label="a man whom it never heard")

# %%
heard = {name: identify(read_audio(video.path)) for name, video in videos().items()}
english = heard["talking_head"].language == "en"
claim("00.4", "a speaker that it never heard, from a video file: English", english)
silent = heard["big_buck_bunny"].reason == "no speech found"
claim("00.5", "music and noises: it says that it found no speech", silent)

# %% [markdown]
# One clip of the man is named, and the other is not. It stays silent more often than it speaks: of calm English voices that it never heard it names about half, on another microphone fewer, and of shouting actors none. Why so few, and how one knows, is lesson 09. On the command line, `avtutor language FILE` does the same with a file of yours.
#
# ## Exercises
#
# 1. Guessing blindly among four languages is right in 1 of 4 cases. Where one language has more clips than the others, there is a cheaper trick. Write `baseline(labels)`: the share of right answers, from 0 to 1, that you reach by always giving the most frequent label. Every accuracy should stand beside it.


# %% tags=["exercise"]
def baseline(labels: torch.Tensor) -> float:
    """Return the accuracy of always giving the most frequent of `labels`, [item], 0 or above."""
    ### BEGIN SOLUTION
    return float(torch.bincount(labels).max() / len(labels))
    ### END SOLUTION


# %%
check("00.baseline", baseline)

# %% [markdown]
# 2. Write `both_sides(train_voices, test_voices)`: a list of the voices that are in both lists, each once, in alphabetical order. If it is not empty, the test does not say how people fare whom the network never heard.


# %% tags=["exercise"]
def both_sides(train_voices: list[str], test_voices: list[str]) -> list[str]:
    """Return the voices that are in both lists, each once, sorted."""
    ### BEGIN SOLUTION
    return sorted(set(train_voices) & set(test_voices))
    ### END SOLUTION


# %%
check("00.both_sides", both_sides)

# %% [markdown]
# ## What would break this
#
# - **Another sampling rate.** The rows of the picture mean other frequencies then. `SpectrogramConfig` has no default rate on purpose.
# - **Another person, another room, another microphone.** You have seen it: the accuracy falls to about that of guessing.
# - **A fifth language, music, silence.** The four shares add up to 1 whatever you play. The network with four outputs cannot say "none of these".
# - **A random split of the clips.** Two clips of one recording could stand on both sides, and the test would be easier still. Here whole recordings were divided.
#
# ## The short answer
#
# Audio is a row of numbers, many thousand a second. Cut it into short frames, take the level at each frequency, and you have a spectrogram: a grey picture that the CNN you know can be trained on. In 2015 larger networks of this kind named the language of about 95 % of recordings. This lesson reached a high number too, and then lost it on people whom the network had not heard. Both belong to the answer.
#
# | step | here | taught in |
# |---|---|---|
# | sound, samples, rates | `Waveform` | 01 |
# | which frequencies sound | the Fourier transform | 02 |
# | and when | the spectrogram | 03 |
# | as the ear divides them | `log_mel` | 04 |
# | recordings as data, split by voice | `voices`, `windows` | 05 |
# | the same CNN for both senses | `network` | 06 |
# | what a spectrogram is not | | 07 |
# | what the network listened to | | 08 |
# | which language, honestly | `strangers`, `identify` | 09 |
# | what came first, and what next | | 10 |
# | sound and picture together | | 12 to 17 |
# | your own recordings | | 18 |
#
# The README lists all lessons, and says which are here already.
#
# ## Sources
#
# - H. Harutyunyan, *Spoken language identification with deep convolutional networks*, YerevaNN blog, 2015: about 95 % accuracy with CNNs on spectrograms in the contest *Spoken Languages 2* of TopCoder (66,176 training recordings of about 10 s, 176 languages). It reports no split by speaker, so voices on both sides cannot be excluded.
# - G. Montavon, *Deep learning for spoken language identification*, NIPS Workshop on Deep Learning for Speech Recognition, 2009: convolutional layers on a spectrogram, followed by a time-delay network.
# - The recordings: Asterisk prompts by Allison Smith, June Wallack, Carlo Flora and others; July Jiménez, Armelle Desjardins, Paola Dal Zot, N. Shmyrev. Sources and licences stand in `data/README.md`.
