"""HearAndSee seen from Python: what it computes, writes and refuses."""

import base64
import io
import re
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from tests.browser.generators import CALLS, CREATURES, DIGITS, WORDS, flow, randomised, vae
from torch import nn

from avtutor.models import CallEncoder, ConditionalVAE, GeneratorConfig, LatentFlow, PictureVAE
from avtutor.spectral import SpectrogramConfig, below_peak, log_mel
from avtutor.synth import chirp
from avtutor.waveform import Waveform
from avtutor.widgets import HearAndSee, forming
from avtutor.widgets.base import page_script
from avtutor.widgets.generator_weights import pack_generator
from avtutor.widgets.still_forming import as_image

NAMES = ("up", "down", "deep")
GLIDES = {
    name: chirp(*ends, seconds=0.8, sample_rate=8000)
    for name, ends in zip(NAMES, ((300.0, 3000.0), (3000.0, 300.0), (100.0, 200.0)), strict=True)
}
TRUTH = {"up": torch.eye(8)[None]}


def explorer(**changes: Any) -> HearAndSee:
    given: dict[str, Any] = {
        "model": flow(DIGITS, kind="lenet"), "recordings": GLIDES, "config": WORDS, "truth": TRUTH,
        "about": {"up": "a line"},
    }  # fmt: skip
    given |= changes
    return HearAndSee(given.pop("model"), given.pop("recordings"), given.pop("config"), **given)


def test_a_flow_goes_the_way_of_its_own_draws() -> None:
    """The same noise comes to the same latents and the same picture as in `LatentFlow`."""
    model = forming.exact(flow())
    assert isinstance(model, LatentFlow)
    heard = torch.randn(1, CREATURES.n_features, dtype=torch.float64)
    for n_steps in (1, 3, 16):
        with torch.no_grad():
            own = model.flow(
                heard.expand(3, -1), generator=torch.Generator().manual_seed(5), n_steps=n_steps
            )
            found = forming.way(model, heard.expand(3, -1), own[0], n_steps=n_steps)
            drawn = forming.drawn(model, found[-1], heard)
            expected = model.pictures.decoder(own[-1])
        assert (found - own).abs().max() < 1e-6  # theirs tells the time in float32
        assert (drawn - expected).abs().max() < 1e-6


def test_a_conditional_vae_comes_to_what_it_draws() -> None:
    model = forming.exact(vae())
    assert isinstance(model, ConditionalVAE)
    levels = -60 * torch.rand(1, 40, 161, dtype=torch.float64)
    with torch.no_grad():
        expected = model.draw(levels, generator=torch.Generator().manual_seed(3))
        noise = torch.randn(1, CREATURES.n_latents, generator=torch.Generator().manual_seed(3))
        heard = model.hear(levels)
        places = forming.way(model, heard, noise.double(), n_steps=8)
        found = forming.drawn(model, places[-1], heard)
    assert (places[0] == 0).all() and (places[4] * 2 == places[8]).all()
    assert (found - expected).abs().max() < 1e-12


def test_what_is_heard_is_the_models_own_and_the_model_stays_as_it_was() -> None:
    model = flow(DIGITS, kind="lenet").train()
    before = {name: values.clone() for name, values in model.state_dict().items()}
    widget = explorer(model=model)
    formed = widget.formed()
    assert model.training
    assert all(bool((before[name] == values).all()) for name, values in model.state_dict().items())
    samples = torch.from_numpy(widget.samples("up"))
    levels = below_peak(log_mel(samples, WORDS), 60.0)
    assert (formed.levels == levels.numpy()).all()
    with torch.no_grad():
        heard = model.eval().hear(levels.float()[None])[0]
    assert formed.heard == pytest.approx(heard.numpy(), abs=1e-4)
    sent, shown = widget.weights, formed.pictures
    with torch.no_grad():
        for values in model.parameters():
            values.add_(0.5)
    assert (widget.formed().pictures == shown).all()
    assert sent == pack_generator(flow(DIGITS, kind="lenet"))[1] != pack_generator(model)[1]


def test_settings_move_what_is_drawn_and_reset_brings_it_back() -> None:
    widget = explorer()
    start = widget.formed()
    widget.seed = 1
    other = widget.formed()
    assert (other.heard == start.heard).all()
    assert (other.places[0] != start.places[0]).all()
    widget.recording = "down"
    assert (widget.formed().places[0] == other.places[0]).all()
    assert (widget.formed().heard != other.heard).any()
    widget.recording, widget.step, widget.truth_shown = "up", 3, True
    widget.reset()
    assert repr(widget) == repr(explorer())
    assert (widget.formed().pictures == start.pictures).all()


def test_the_spread_is_that_of_the_draws() -> None:
    formed = explorer(n_draws=3).formed()
    pictures = formed.pictures[7]  # [draw, channel, height, width]
    mean = pictures.sum(axis=0) / 3
    variance = sum((one - mean) ** 2 for one in pictures) / 3
    assert formed.spread(7) == pytest.approx(np.sqrt(variance.mean(axis=0)), abs=1e-12)
    assert formed.spread(7).max() > 0.01


def test_what_is_stored_is_the_same_each_time() -> None:
    widget, again = explorer(), explorer()
    for one in (widget, again):
        one.recording, one.step, one.seed, one.truth_shown = "up", 9, 4, True
    data, metadata = widget._repr_mimebundle_()
    assert data["text/plain"] == repr(widget) == repr(again)
    assert repr(widget) == (
        "HearAndSee(up, down, deep; recording='up', step=9, seed=4, truth_shown=True)"
    )
    assert "0x" not in repr(widget) and widget.model_id not in repr(widget)
    png = base64.b64decode(data["image/png"])
    assert png == again.still()
    assert len(png) < 100_000 and Image.open(io.BytesIO(png)).size == (760, 336)
    alt = metadata["image/png"]["alt"]
    assert "4 pictures" in alt and "step 9 of 16" in alt and alt.endswith("and what it was")
    widget.recording = "down"
    assert "what it was" not in widget.describe()


def test_the_still_picture_shows_the_draws() -> None:
    widget = explorer()
    widget.step = 5
    page = np.asarray(Image.open(io.BytesIO(widget.still())).convert("L")).astype(float)
    pictures = widget.formed().pictures[5]
    place = (746 - 372) / 4
    for number, picture in enumerate(pictures):
        left = round(372 + number * place)
        cell = (place - 8) / 8
        found = [
            [page[34 + int((y + 0.5) * cell), left + int((x + 0.5) * cell)] for x in range(8)]
            for y in range(8)
        ]
        assert np.abs(np.array(found) - 255 * (1 - picture[0])).mean() < 8
    assert as_image(np.array([[[1.0]], [[0.0]], [[0.5]]])).getpixel((0, 0)) == (255, 0, 128)


def test_the_page_needs_nothing_else() -> None:
    page = explorer().to_html()
    assert page == explorer().to_html()
    script = page_script("hear_and_see")
    assert not re.search(r"https?://|//cdn|0x[0-9a-f]{6}", page.replace(script, ""))
    assert "://" not in script
    assert page.count("<script") == 2 == page.count("</script>")
    assert len(page) < 600_000
    strange = '</script><b>"&'
    odd = explorer(recordings={strange: GLIDES["up"]}, truth=None, about=None).to_html()
    assert "</script><b>" not in odd and odd.count("</script>") == 2


def test_a_convolution_and_its_batch_norm_arrive_as_one() -> None:
    model = flow()
    packed, weights = pack_generator(model)
    values = np.frombuffer(weights, dtype="<f4")

    def sent(place: dict[str, int]) -> np.ndarray:
        return values[place["first"] : place["first"] + place["count"]]

    layers = packed["ear"]["layers"]
    conv = next(layer for layer in layers if layer["kind"] == "quick_conv")
    assert (conv["size"], conv["stride"], conv["padding"], conv["relu"]) == (
        [5, 5], [2, 2], [2, 2], True,
    )  # fmt: skip
    ear = model.sound
    assert isinstance(ear, CallEncoder)
    x = torch.randn(1, 1, 9, 11)
    with torch.no_grad():
        expected = ear.convs[:2](x)
        weight = torch.from_numpy(sent(conv["weight"]).copy()).view(16, 1, 5, 5)
        bias = torch.from_numpy(sent(conv["bias"]).copy())
        found = nn.functional.conv2d(x, weight, bias, stride=2, padding=2)
    assert (found - expected).abs().max() < 1e-5
    assert [layer["kind"] for layer in layers].count("batch_norm") == 1  # before the first one


def not_finite() -> LatentFlow:
    model = flow(DIGITS, kind="lenet")
    with torch.no_grad():
        model.velocity.last.bias[0] = torch.inf
    return model


def with_ear(*layers: nn.Module) -> LatentFlow:
    return LatentFlow(PictureVAE(DIGITS), nn.Sequential(*layers)).eval()


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"recordings": {}}, "recordings must be .* got an empty dict"),
        ({"recordings": {"up": GLIDES["up"].resample(16000)}}, "at 8000 Hz, .* got 16000 Hz"),
        (
            {"recordings": {"up": GLIDES["up"], "hush": Waveform(torch.zeros(1, 6400), 8000)}},
            "under 'hush' the sound is silent",
        ),
        (
            {"recordings": {"up": GLIDES["up"], "tick": GLIDES["up"].slice(0.0, 0.05)}},
            "under 'tick' the sound must last at least 0.1 s, got 0.05 s",
        ),
        ({"seconds": 0.01}, "seconds must be from 0.032 to 10, got 0.01"),
        ({"seconds": 11.0}, "seconds must be from 0.032 to 10, got 11"),
        ({"seconds": 0.7}, r"model must take spectrograms \[20, 36\]"),
        ({"config": CALLS}, r"model must take spectrograms \[40, 81\]"),
        ({"config": SpectrogramConfig(sample_rate=8000, n_fft=400)}, "n_fft .* got 400"),
        ({"range_db": 0.0}, "range_db must be above 0 and at most 200 dB, got 0"),
        ({"n_draws": 0}, "n_draws must be from 1 to 8, got 0"),
        ({"n_steps": 65}, "n_steps must be from 1 to 64, got 65"),
        ({"truth": {"who": TRUTH["up"]}}, "a name in truth and about must be one of up, .* 'who'"),
        ({"about": {"down": "?"}}, "a name in about must be one of up, got 'down'"),
        (
            {"truth": {"up": torch.zeros(3, 8, 8)}},
            r"truth must be pictures \[1, 8, 8\] .* got \[3, 8, 8\] under 'up'",
        ),
        ({"truth": {"up": torch.full((1, 8, 8), 1.5)}}, "truth must be pixels from 0 to 1"),
        ({"truth": {"up": torch.full((1, 8, 8), torch.nan)}}, "truth must be pixels from 0 to 1"),
        ({"model": not_finite()}, "weights of the generator must be finite"),
        (
            {"model": with_ear(nn.Flatten(), nn.Linear(820, 12), nn.GELU())},
            "the generator must have layers that the page knows, got GELU",
        ),
        (
            {"model": with_ear(nn.Unflatten(1, (1, 20)), nn.Conv2d(1, 2, 3, dilation=2))},
            "the generator must have layers that the page knows, got Conv2d",
        ),
        (
            {"model": with_ear(nn.Flatten(), nn.Linear(820, 9))},
            "what hears must give 12 features, got .9.",
        ),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        explorer(**changes)


@pytest.mark.bad_input
def test_other_types_are_refused() -> None:
    with pytest.raises(TypeError, match="model must be a LatentFlow or .* got Linear"):
        explorer(model=nn.Linear(2, 2))
    with pytest.raises(TypeError, match="truth must be tensors, got ndarray under 'up'"):
        explorer(truth={"up": np.zeros((1, 8, 8))})


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("recording", "left", "recording must be one of up, down, deep, got 'left'"),
        ("step", 17, "step must be from 0 to 16, got 17"),
        ("step", -1, "step must be from 0 to 16, got -1"),
        ("seed", 1000, "seed must be from 0 to 999, got 1000"),
    ],
)
def test_settings_outside_their_range_are_refused(name: str, value: object, message: str) -> None:
    widget = explorer()
    with pytest.raises(ValueError, match=message):
        setattr(widget, name, value)


def test_sounds_of_other_lengths_fit() -> None:
    """A shorter one is followed by silence; of a longer one the loudest part is taken."""
    ear = CallEncoder(GeneratorConfig(n_mels=20, picture_shape=(1, 8, 8), widths=(8, 4)),
                      n_frames=41)  # fmt: skip
    model = randomised(LatentFlow(PictureVAE(ear.config), ear), 0)
    quiet = torch.zeros(8000)
    long = Waveform.from_mono(torch.cat([quiet, GLIDES["up"].samples[0], quiet]), 8000)
    short = GLIDES["down"].slice(0.0, 0.3)
    widget = HearAndSee(model, {"long": long, "short": short}, WORDS, seconds=0.8)
    assert widget.n_samples == 6400
    at_first = widget.formed().samples
    start = int(np.argmax(np.abs(at_first) > 0.01))
    assert 4 * 160 <= start < 6 * 160
    widget.recording = "short"
    assert np.abs(widget.formed().samples[2400:]).max() == 0.0
    assert (widget.formed().samples[:2400] == widget.samples("short")).all()
