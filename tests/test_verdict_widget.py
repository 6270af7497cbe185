"""The verdict explorer seen from Python: what it computes, writes and refuses."""

import base64
import io
import re
from typing import Any

import numpy as np
import pytest
import torch
from avtutor import augment, spectral
from avtutor.explain import noise_floor
from avtutor.models import LeNet, LeNetConfig, SpectrogramCNN
from avtutor.spectral import SpectrogramConfig
from avtutor.synth import chirp
from avtutor.waveform import Waveform
from avtutor.widgets import VerdictExplorer, altered
from avtutor.widgets.altered import Alterations, Entered
from avtutor.widgets.base import page_script
from avtutor.widgets.weights import pack_network
from PIL import Image
from tests.browser.networks import untrained

CONFIG = SpectrogramConfig(sample_rate=8000, n_fft=256, hop_length=80, n_mels=40)
GLIDE = chirp(200.0, 3000.0, seconds=0.6, sample_rate=8000)
DIGITS = [str(digit) for digit in range(10)]
MODEL = untrained(40)
FLIPS = {"frames": "flip_time", "bands": "flip_frequency"}
PICTURE = Entered(-np.arange(12.0).reshape(3, 4), floor=-99.0, peak=9.0)


def explorer(**options: Any) -> VerdictExplorer:
    return VerdictExplorer({"glide": GLIDE}, MODEL, CONFIG, classes=DIGITS, **options)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]),
        ({"flip_time": True}, [[3, 2, 1, 0], [7, 6, 5, 4], [11, 10, 9, 8]]),
        ({"flip_frequency": True}, [[8, 9, 10, 11], [4, 5, 6, 7], [0, 1, 2, 3]]),
        ({"shift_frames": 1}, [[99, 0, 1, 2], [99, 4, 5, 6], [99, 8, 9, 10]]),
        ({"shift_frames": -3}, [[3, 99, 99, 99], [7, 99, 99, 99], [11, 99, 99, 99]]),
        ({"shift_bands": 2}, [[99] * 4, [99] * 4, [0, 1, 2, 3]]),
        ({"shift_bands": -1}, [[4, 5, 6, 7], [8, 9, 10, 11], [99] * 4]),
        ({"shift_bands": -3}, [[99] * 4] * 3),
        ({"flip_time": True, "shift_frames": 1}, [[99, 3, 2, 1], [99, 7, 6, 5], [99, 11, 10, 9]]),
        ({"hidden_bands": (1, 2)}, [[0, 1, 2, 3], [99] * 4, [8, 9, 10, 11]]),
        ({"hidden_frames": (2, 9)}, [[0, 1, 99, 99], [4, 5, 99, 99], [8, 9, 99, 99]]),
        ({"hidden_bands": (2, 1), "hidden_frames": (3, 3)}, np.arange(12).reshape(3, 4)),
        ({"erased": [(0, 1, 3), (7, 0, 9)]}, [[0, 99, 99, 3], [4, 5, 6, 7], [8, 9, 10, 11]]),
        (
            {"hidden_bands": (0, 1), "painted": [(0, 3, 400)]},
            [[99, 99, 99, -9], [4, 5, 6, 7], [8, 9, 10, 11]],
        ),
    ],
)
def test_what_each_alteration_does(settings: dict[str, Any], expected: Any) -> None:
    before = PICTURE.levels.copy()
    assert (altered.alter(PICTURE, Alterations(**settings)) == -np.array(expected)).all()
    assert (PICTURE.levels == before).all()


def test_flips_and_shifts_are_those_of_the_lesson() -> None:
    picture = torch.from_numpy(PICTURE.levels)[None, None]
    for name, axis in (("frames", "width"), ("bands", "height")):
        flipped = altered.alter(PICTURE, Alterations(**{FLIPS[name]: True}))
        assert (flipped == augment.flip(picture, axis)[0, 0].numpy()).all()
        for by in (-9, -1, 2):
            moved = altered.alter(PICTURE, Alterations(**{f"shift_{name}": by}))
            expected = augment.shift(picture, by, axis, fill=PICTURE.floor)[0, 0]
            assert (moved == expected.numpy()).all()


def test_levels_enter_as_in_training() -> None:
    samples = GLIDE.samples[0].double().numpy()
    levels = spectral.log_mel(GLIDE.samples[0].double(), CONFIG)
    below = altered.enter(samples, CONFIG, level="below peak", range_db=40.0)
    assert (below.levels == spectral.below_peak(levels, 40.0).numpy()).all()
    assert (below.levels.min(), below.peak) == (-40.0, 0.0)
    as_recorded = altered.enter(samples, CONFIG, level="as recorded", range_db=40.0)
    assert (as_recorded.levels == levels.numpy()).all()
    assert as_recorded.floor == noise_floor(levels)
    assert (levels < as_recorded.floor).double().mean() == pytest.approx(0.1, abs=0.01)


def test_the_answer_is_the_models_own_and_the_model_stays_as_it_was() -> None:
    model = untrained(40).train()
    before = {name: values.clone() for name, values in model.state_dict().items()}
    samples = GLIDE.samples[0].double().numpy()
    verdict = altered.compute(samples, CONFIG, model, level="as recorded")
    assert model.training
    assert all(bool((before[name] == now).all()) for name, now in model.state_dict().items())
    levels = spectral.log_mel(GLIDE.samples.double(), CONFIG).float()
    with torch.no_grad():
        expected = model.eval()(levels)[0].numpy()
    assert verdict.logits == pytest.approx(expected, abs=1e-4)
    assert verdict.shares.sum() == pytest.approx(1.0)


def test_training_on_changes_nothing_that_is_shown() -> None:
    model = untrained(40)
    widget = VerdictExplorer(GLIDE, model, CONFIG, classes=DIGITS)
    before = widget.verdict().logits
    with torch.no_grad():
        model.classifier.bias.add_(torch.arange(10.0))
    assert (widget.verdict().logits == before).all()
    assert widget.weights == pack_network(untrained(40))[1]


def test_the_weights_arrive_as_they_are() -> None:
    description, weights = pack_network(MODEL)
    values = np.frombuffer(weights, dtype="<f4")
    state = MODEL.state_dict()
    for entry in description["tensors"]:
        size = int(np.prod(entry["shape"]))
        sent = values[entry["first"] : entry["first"] + size].reshape(entry["shape"])
        assert (sent == state[entry["name"]].numpy()).all()
    assert len(values) == sum(
        v.numel() for name, v in state.items() if not name.endswith("batches_tracked")
    )


def test_settings_move_the_verdict_and_reset_brings_it_back() -> None:
    widget = explorer()
    untouched = widget.verdict()
    for name, value in (
        ("flip_time", True), ("flip_frequency", True), ("shift_frames", -4), ("shift_bands", 3),
        ("hide_high", 9), ("hide_end", 12), ("erased", [[20, 0, 60]]), ("painted", [[11, 20, 40]]),
    ):  # fmt: skip
        before = widget.verdict()
        setattr(widget, name, value)
        assert (widget.verdict().levels != before.levels).any(), name
    assert (widget.verdict(untouched=True).logits == untouched.logits).all()
    widget.reset()
    assert (widget.verdict().levels == untouched.levels).all()
    assert repr(widget) == repr(explorer())


def test_what_is_stored_is_the_same_each_time() -> None:
    widget, again = explorer(), explorer()
    data, metadata = widget._repr_mimebundle_()
    assert data["text/plain"] == repr(widget) == repr(again)
    assert "0x" not in repr(widget) and widget.model_id not in repr(widget)
    assert "glide" in repr(widget) and "shift_bands=0" in repr(widget)
    png = base64.b64decode(data["image/png"])
    assert png == again.still()
    assert len(png) < 100_000 and Image.open(io.BytesIO(png)).size == (760, 336)
    assert "glide" in metadata["image/png"]["alt"] and widget._said() in widget.describe()


def test_the_still_picture_shows_the_shares() -> None:
    widget = explorer()
    widget.hide_high = 40
    shares = widget.verdict().shares
    picture = np.asarray(Image.open(io.BytesIO(widget.still())).convert("RGB")).astype(int)
    assert (picture[40:290, 70:450] < 30).all()  # everything hidden is dark
    rows = [round(34 + (number + 0.5) * 26) - 5 for number in range(10)]
    filled = (np.abs(picture[rows, 597:706, 0] - 242) > 20).sum(axis=1)
    assert filled[shares.argmax()] == pytest.approx(110 * shares.max(), abs=5)
    assert filled.argmax() == shares.argmax()


def test_the_page_needs_nothing_else() -> None:
    page = explorer().to_html()
    assert page == explorer().to_html()
    script = page_script("verdict")
    assert not re.search(r"https?://|//cdn|0x[0-9a-f]{6}", page.replace(script, ""))
    assert "://" not in script
    assert page.count("<script") == 2 == page.count("</script>")
    assert 'alt="' in page
    many = VerdictExplorer(
        {'</script><b>"&': GLIDE}, untrained(40, n_classes=40), CONFIG,
        classes=[f"</b>{n}" for n in range(40)],
    )  # fmt: skip
    assert "</script><b>" not in many.to_html() and "</b>0" not in many.to_html()
    assert len(many.still()) < 100_000


class Deeper(SpectrogramCNN):
    """A network with one layer more than the page knows."""

    def __init__(self) -> None:
        super().__init__(MODEL.config)
        self.extra = torch.nn.Linear(3, 3)


def other_weights() -> SpectrogramCNN:
    model = untrained(40)
    model.classifier = torch.nn.Linear(100, 10)
    return model


def not_finite() -> SpectrogramCNN:
    model = untrained(40)
    with torch.no_grad():
        model.convs[1].weight[0] = torch.nan  # type: ignore[index, operator]
    return model


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"recordings": {}}, "recordings must be .* got an empty dict"),
        ({"recordings": GLIDE.resample(16000)}, "at 8000 Hz, .* got 16000 Hz under 'recording'"),
        (
            {"recordings": GLIDE.slice(0.0, 0.02)},
            "at least 256 samples .* got 160 samples, 3 frames",
        ),
        (
            {"recordings": Waveform(torch.zeros(1, 32000), 8000)},
            "at most 400 frames, got 32000 samples, 401 frames",
        ),
        (
            {"config": SpectrogramConfig(sample_rate=8000, n_fft=256)},
            "n_mels must be 40, .* got 64",
        ),
        ({"config": SpectrogramConfig(sample_rate=8000, n_fft=400, n_mels=40)}, "n_fft .* got 400"),
        ({"classes": DIGITS[:9]}, "classes must be 10 different names, got "),
        ({"classes": [*DIGITS[:9], "0"]}, "classes must be 10 different names, got "),
        ({"classes": list(range(10))}, "classes must be 10 different names, got "),
        ({"level": "loud"}, "level must be one of below peak, as recorded, got 'loud'"),
        ({"range_db": 0.0}, "range_db must be above 0 and at most 200 dB, got 0"),
        (
            {"model": Deeper()},
            "model must have the tensors .* got another extra.bias, extra.weight",
        ),
        (
            {"model": other_weights()},
            "model must have the tensors .* got another classifier.weight",
        ),
        ({"model": not_finite()}, "weights of model must be finite, got others in convs.1.weight"),
    ],
)
def test_what_does_not_fit_is_refused(changes: dict[str, Any], message: str) -> None:
    given: dict[str, Any] = {"recordings": GLIDE, "model": MODEL, "config": CONFIG}
    given |= {"classes": DIGITS, **changes}
    with pytest.raises(ValueError, match=message):
        VerdictExplorer(given.pop("recordings"), given.pop("model"), given.pop("config"), **given)


@pytest.mark.bad_input
def test_another_network_is_refused() -> None:
    lenet = LeNet(LeNetConfig(input_shape=(1, 40, 61), n_classes=10))
    with pytest.raises(TypeError, match="model must be a SpectrogramCNN, got LeNet"):
        VerdictExplorer(GLIDE, lenet, CONFIG, classes=DIGITS)  # type: ignore[arg-type]


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("recording", "other", "recording must be one of glide, got 'other'"),
        ("shift_bands", 41, "shift_bands must be from -40 to 40, got 41"),
        ("shift_frames", -401, "shift_frames must be from -400 to 400, got -401"),
        ("hide_low", -1, "hide_low must be from 0 to 40, got -1"),
        ("hide_end", 401, "hide_end must be from 0 to 400, got 401"),
        ("erased", [[40, 0, 1]], "erased must be a list of .* got \\[40, 0, 1\\]"),
        ("painted", [[0, 5, 5]], "painted must be a list of .* got \\[0, 5, 5\\]"),
        ("painted", [[0, 5]], "painted must be a list of .* got \\[0, 5\\]"),
        ("brush", "spray", "brush must be one of erase, paint, look, got 'spray'"),
        ("brush_size", 0, "brush_size must be from 1 to 40, got 0"),
    ],
)
def test_settings_outside_their_range_are_refused(name: str, value: object, message: str) -> None:
    widget = explorer()
    with pytest.raises(ValueError, match=message):
        setattr(widget, name, value)
