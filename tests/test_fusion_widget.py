"""The fusion explorer seen from Python: what it computes, writes and refuses."""

import base64
import io
import re
from typing import Any

import numpy as np
import pytest
import torch
from avtutor.augment import mix_at_snr
from avtutor.augment.senses import FRONT, mix_pictures_at_snr
from avtutor.models import AverageLogits, FusionConfig, FusionNet, fusion_net
from avtutor.models.fusion_encoders import ImageEncoder
from avtutor.spectral import SpectrogramConfig, below_peak, log_mel
from avtutor.synth import chirp
from avtutor.waveform import Waveform
from avtutor.widgets import FusionExplorer, fused
from avtutor.widgets.base import page_script
from avtutor.widgets.fusion_weights import pack_nets
from avtutor.widgets.layers import Block, pack_layers
from avtutor.widgets.noisy import draw_noise, with_noise
from avtutor.widgets.still_fusion import in_words, side_of
from PIL import Image
from tests.browser.fusions import NAMES, nets
from torch import nn

DIGITS = [str(digit) for digit in range(10)]
GLIDES = {
    str(digit): chirp(200.0 + 100 * digit, 3000.0, seconds=0.8, sample_rate=8000)
    for digit in range(10)
}
PICTURES = {
    str(digit): torch.rand(8, 8, generator=torch.Generator().manual_seed(digit)) ** 2
    for digit in range(10)
}
NETS = nets()


def explorer(**changes: Any) -> FusionExplorer:
    given: dict[str, Any] = {
        "pictures": PICTURES, "recordings": GLIDES, "nets": NETS, "config": FRONT,
        "classes": DIGITS,
    }  # fmt: skip
    given |= changes
    return FusionExplorer(
        given.pop("pictures"), given.pop("recordings"), given.pop("nets"), given.pop("config"),
        **given,
    )  # fmt: skip


def test_noise_is_normal_and_its_own() -> None:
    n = 200_000
    image, audio = (draw_noise(n, seed=7, sense=sense) for sense in ("image", "audio"))
    for noise in (image, audio):
        assert abs(noise.mean()) < 4 / n**0.5
        assert noise.std() == pytest.approx(1.0, abs=4 / (2 * n) ** 0.5)
        share = (np.abs(noise) < 1.0).mean()
        assert share == pytest.approx(0.6827, abs=4 * (0.22 / n) ** 0.5)
        assert abs(np.corrcoef(noise[1:], noise[:-1])[0, 1]) < 4 / n**0.5
    assert abs(np.corrcoef(image, audio)[0, 1]) < 4 / n**0.5
    other = draw_noise(n, seed=8, sense="image")
    assert abs(np.corrcoef(image, other)[0, 1]) < 4 / n**0.5
    assert (draw_noise(77, seed=7, sense="image") == image[:77]).all()


def test_the_hash_is_the_published_one() -> None:
    """Counted anew with Python's own whole numbers."""

    def mixed(x: int) -> int:
        x ^= x >> 16
        x = x * 0x21F0AAAD % 2**32
        x ^= x >> 15
        x = x * 0x735A2D97 % 2**32
        return x ^ (x >> 15)

    key = mixed((mixed((5 + 0x9E3779B9) % 2**32) + 1) % 2**32)
    one, two = ((mixed((key + i * 0x9E3779B9) % 2**32) + 0.5) / 2**32 for i in (2, 3))
    expected = (-2 * np.log(one)) ** 0.5 * np.cos(2 * np.pi * two)
    assert draw_noise(3, seed=5, sense="audio")[2] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("snr", [-20, -3, 0, 12, 29])
def test_the_noise_is_as_strong_as_in_training(snr: int) -> None:
    samples = GLIDES["3"].samples.double()
    noise = draw_noise(6400, seed=2, sense="audio")
    heard = with_noise(samples[0].numpy(), noise, snr)
    ratio = torch.tensor([float(snr)], dtype=torch.float64)
    expected = mix_at_snr(samples, torch.from_numpy(noise)[None], snr_db=ratio)
    assert np.abs(heard - expected[0].numpy()).max() < 1e-12
    added = heard - samples[0].numpy()
    measured = 10 * np.log10(np.square(samples[0].numpy()).mean() / np.square(added).mean())
    assert measured == pytest.approx(snr, abs=1e-9)

    picture = PICTURES["3"].double()
    grain = draw_noise(64, seed=2, sense="image").reshape(8, 8)
    seen = with_noise(picture.numpy(), grain, snr, about_mean=True)
    shaped = torch.from_numpy(grain)[None, None]
    mixed = mix_pictures_at_snr(picture[None, None], shaped, snr_db=ratio)
    assert np.abs(seen - mixed[0, 0].numpy()).max() < 1e-12


def test_the_answers_are_the_nets_own_and_the_nets_stay_as_they_were() -> None:
    given = {name: net for name, net in NETS.items() if name in ("gated", "sound alone")}
    given["gated"].train()
    before = {name: values.clone() for name, values in given["gated"].state_dict().items()}
    samples = GLIDES["4"].samples[0].double()
    sensed = fused.compute(PICTURES["2"].double().numpy(), samples.numpy(), given, FRONT)
    assert given["gated"].training and not given["sound alone"].training
    given["gated"].eval()
    after = given["gated"].state_dict()
    assert all(bool((before[name] == after[name]).all()) for name in before)
    levels = below_peak(log_mel(samples, FRONT), 60.0)
    assert (sensed.levels == levels.numpy()).all()
    inputs = {"audio": levels.float()[None], "image": PICTURES["2"][None, None]}
    with torch.no_grad():
        expected = given["gated"](inputs)[0]
        alone = given["sound alone"]({"audio": inputs["audio"]})[0]
    assert sensed.logits["gated"] == pytest.approx(expected.numpy(), abs=1e-5)
    assert sensed.logits["sound alone"] == pytest.approx(alone.numpy(), abs=1e-5)
    assert sensed.shares("gated") == pytest.approx(expected.softmax(0).numpy(), abs=1e-6)
    assert sensed.says("gated") == int(expected.argmax())


def test_a_sense_that_is_missing_makes_no_difference() -> None:
    sound, other = (GLIDES[name].samples[0].double().numpy() for name in ("1", "8"))
    picture = PICTURES["5"].double().numpy()
    deaf = [fused.compute(picture, s, NETS, FRONT, audio_present=False) for s in (sound, other)]
    for name, logits in deaf[0].logits.items():
        again = deaf[1].logits[name]
        assert (logits is None) == (again is None) == (name == "sound alone")
        if logits is not None and again is not None:
            assert (logits == again).all()
    blind = fused.compute(picture, sound, NETS, FRONT, image_present=False)
    assert blind.says("picture alone") is None and blind.shares("picture alone") is None
    assert blind.says("two nets averaged") == blind.says("sound alone")
    neither = fused.compute(picture, sound, NETS, FRONT, image_present=False, audio_present=False)
    assert set(neither.logits.values()) == {None}


def test_training_on_changes_nothing_that_is_shown() -> None:
    given = nets(("concat",))
    widget = explorer(nets=given)
    before = widget.sensed().logits["concatenated"]
    sent = widget.weights
    with torch.no_grad():
        for values in given["concatenated"].parameters():
            values.add_(0.5)
    assert (widget.sensed().logits["concatenated"] == before).all()
    assert sent == pack_nets(nets(("concat",)))[1] != pack_nets(given)[1]


def test_settings_move_what_is_sensed_and_reset_brings_it_back() -> None:
    widget = explorer()
    start = widget.sensed()
    assert widget.truth() == (0, 0)
    for name, value, part in (
        ("image_snr", 10, "picture"), ("audio_snr", 10, "samples"), ("seed", 3, "picture"),
        ("seed", 4, "samples"), ("image_snr", 0, "picture"), ("audio_snr", 0, "levels"),
    ):  # fmt: skip
        before = getattr(widget.sensed(), part)
        setattr(widget, name, value)
        assert (getattr(widget.sensed(), part) != before).any(), name
    widget.image_present = False
    assert widget.truth() == (None, 0)
    widget.reset()
    now = widget.sensed()
    assert (now.picture == start.picture).all() and (now.levels == start.levels).all()
    assert repr(widget) == repr(explorer())
    widget.seen, widget.heard = "3", "7"
    assert widget.truth() == (3, 7)
    assert (widget.sensed().picture == PICTURES["3"].double().numpy()).all()


def test_names_tell_their_class() -> None:
    classes = ["lion", "sea", "sea lion"]
    pictures = {"lion": PICTURES["0"], "sea lion again": PICTURES["1"], "sea": PICTURES["2"]}
    sounds = {"sea lion": GLIDES["0"], "lion 2": GLIDES["1"]}
    net = fusion_net(FusionConfig("concat", n_classes=3)).eval()
    widget = explorer(pictures=pictures, recordings=sounds, nets={"net": net}, classes=classes)
    assert [entry["label"] for entry in widget.pictures] == [0, 2, 1]
    assert [entry["label"] for entry in widget.sounds] == [2, 0]


@pytest.mark.parametrize(
    ("bests", "truth", "expected"),
    [
        ([3, 3, 8], (3, 3), "seen and heard: 3 · 2 of 3 are right"),
        ([3], (3, 3), "seen and heard: 3 · 1 of 1 is right"),
        ([3, 7, 7, 1], (3, 7), "seen: 3, heard: 7 · 1 of 4 goes with the picture, 2 with the "
         "sound, 1 with neither"),
        ([7, 3, None], (None, 7), "nothing seen, heard: 7 · 1 of 2 is right"),
        ([4, 4], (3, None), "seen: 3, nothing heard · 0 of 2 are right"),
        ([None, None], (None, None), "nothing seen, nothing heard · no net can answer"),
    ],
)  # fmt: skip
def test_what_is_said(bests: Any, truth: Any, expected: str) -> None:
    assert in_words(bests, truth, DIGITS) == expected


def test_who_is_right() -> None:
    assert [side_of(best, (3, 7)) for best in (3, 7, 1)] == ["as seen", "as heard", "neither"]
    assert [side_of(best, (None, 7)) for best in (7, 3)] == ["right", "wrong"]
    assert side_of(None, (3, 7)) == "no answer"


def test_what_is_stored_is_the_same_each_time() -> None:
    widget, again = explorer(), explorer()
    for one in (widget, again):
        one.seen, one.heard, one.image_snr, one.audio_snr = "3", "7", 3, -4
    data, metadata = widget._repr_mimebundle_()
    assert data["text/plain"] == repr(widget) == repr(again)
    assert "0x" not in repr(widget) and widget.model_id not in repr(widget)
    assert "seen='3', heard='7', image_snr=3, audio_snr=-4" in repr(widget)
    png = base64.b64decode(data["image/png"])
    assert png == again.still()
    assert len(png) < 100_000 and Image.open(io.BytesIO(png)).size == (760, 336)
    assert "seen: 3, heard: 7" in metadata["image/png"]["alt"]


def test_the_still_picture_shows_what_each_net_says() -> None:
    widget = explorer()
    widget.seen, widget.heard = "2", "9"
    picture = np.asarray(Image.open(io.BytesIO(widget.still())).convert("RGB")).astype(int)
    sensed, first, step = widget.sensed(), 352 + 112, (746 - 122 - 464) / 10
    for row, name in enumerate(NETS):
        shares = sensed.shares(name)
        assert shares is not None
        bottom = 46 + 18 + row * 24 + 20
        for digit, share in enumerate(shares):
            column = picture[bottom - 20 : bottom + 1, round(first + (digit + 0.5) * step)]
            filled = (np.abs(column - (242, 244, 247)).sum(axis=1) > 40).sum()
            assert filled == pytest.approx(share * 19 + 1.5, abs=1.6), (name, digit)
    ink = 255 - picture[41:139, 15:113].mean(axis=2)  # the drawing itself, eightfold
    blocks = np.array(
        [[ink[int(12.5 * y) + 5, int(12.5 * x) + 5] for x in range(8)] for y in range(8)]
    )
    assert np.corrcoef(blocks.ravel(), PICTURES["2"].numpy().ravel())[0, 1] > 0.99
    widget.image_present = widget.audio_present = False
    blank = np.asarray(Image.open(io.BytesIO(widget.still())).convert("L"))
    assert (blank[36:140, 10:118] > 240).all() and (blank[150:300, 44:290] > 240).all()


def test_the_page_needs_nothing_else() -> None:
    small = {"one": nets(("audio",))["sound alone"]}
    page = explorer(nets=small).to_html()
    assert page == explorer(nets=small).to_html()
    script = page_script("fusion")
    assert not re.search(r"https?://|//cdn|0x[0-9a-f]{6}", page.replace(script, ""))
    assert "://" not in script
    assert page.count("<script") == 2 == page.count("</script>")
    strange = '</script><b>"&'
    odd = explorer(nets={strange: small["one"]}).to_html()
    assert "</script><b>" not in odd and odd.count("</script>") == 2


def test_the_weights_arrive_as_they_are() -> None:
    net = NETS["low rank"]
    packed, weights = pack_nets({"low rank": net})
    values = np.frombuffer(weights, dtype="<f4")
    fusion = packed["nets"][0]["fusion"]
    for sense, layer in zip(fusion["senses"], fusion["factors"], strict=True):
        expected = net.fusion.factors[sense]  # type: ignore[union-attr, index]
        for part in ("weight", "bias"):
            place = layer[part]
            sent = values[place["first"] : place["first"] + place["count"]]
            assert (sent == getattr(expected, part).detach().numpy().ravel()).all()
    sent = sum(values.numel() for name, values in net.state_dict().items() if "cnn" in name)
    tensors = packed["encoders"][0]["cnn"]["tensors"]
    assert sum(int(np.prod(tensor["shape"])) for tensor in tensors) == sent - 5  # the counters


class Strange(nn.Module):
    def forward(self, features: Any, present: Any) -> Any:
        return features["image"]


def seeing(**parts: Any) -> dict[str, FusionNet]:
    """Return a net of pictures with other parts."""
    net = nets(("image",))["picture alone"]
    for name, part in parts.items():
        setattr(net, name, part)
    return {"net": net}


def not_finite() -> dict[str, FusionNet]:
    net = nets(("late",))["late"]
    with torch.no_grad():
        next(net.encoders["image"].parameters())[0] = torch.nan
    return {"net": net}


def other_sense() -> dict[str, FusionNet]:
    net = FusionNet({"smell": nn.Identity()}, AverageLogits(), nn.Identity(),
                    sense_heads={"smell": nn.Linear(3, 10)})  # fmt: skip
    return {"net": net}


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"pictures": {}}, "pictures must be a dict .* got an empty one"),
        ({"pictures": {"3": torch.zeros(1, 8, 8)}}, r"\[height, width\] .* got \[1, 8, 8\]"),
        ({"pictures": {"3": torch.zeros(65, 64)}}, r"at most 4096 pixels, got \[65, 64\]"),
        ({"pictures": {"3": torch.full((8, 8), torch.inf)}}, "must be finite, got others .* '3'"),
        (
            {"pictures": {"3": torch.zeros(8, 8), "4": torch.zeros(8, 9)}},
            r"pictures must be of one size, got \[\(8, 8\), \(8, 9\)\]",
        ),
        ({"pictures": {"three": torch.zeros(8, 8)}}, "names of pictures must be .* got 'three'"),
        ({"pictures": {"33": torch.zeros(8, 8)}}, "names of pictures must be .* got '33'"),
        ({"recordings": {}}, "recordings must be .* got an empty dict"),
        ({"recordings": {"a 3": GLIDES["3"]}}, "names of recordings must be .* got 'a 3'"),
        ({"recordings": {"3": GLIDES["3"].resample(16000)}}, "at 8000 Hz, .* got 16000 Hz"),
        ({"recordings": {"3": GLIDES["3"].slice(0.0, 0.02)}}, "at least 256 samples .* got 160"),
        (
            {"recordings": {"3": Waveform(torch.zeros(1, 9600), 8000)}},
            "at most 120 frames, got 9600 samples, 121 frames",
        ),
        ({"config": SpectrogramConfig(sample_rate=8000, n_fft=400)}, "n_fft .* got 400"),
        ({"config": SpectrogramConfig(sample_rate=8000, n_fft=256)}, "the net 'sound alone' must"),
        ({"pictures": {"3": torch.zeros(9, 9)}}, r"the net 'picture alone' must .* \[9, 9\]"),
        (
            {"recordings": {"3": GLIDES["3"].slice(0.0, 0.5)}},
            r"the net 'early' must take spectrograms \[40, 51\]",
        ),
        ({"classes": DIGITS[:9] + ["0"]}, "classes must be 2 to 20 different names, got "),
        ({"classes": list(range(10))}, "classes must be 2 to 20 different names, got "),
        ({"classes": [*DIGITS, "10"]}, "net 'sound alone' must know 11 classes, .* got 10"),
        ({"range_db": 0.0}, "range_db must be above 0 and at most 200 dB, got 0"),
        ({"nets": {}}, "nets must be a dict of FusionNets by name, got an empty one"),
        ({"nets": {str(n): NETS["late"] for n in range(13)}}, "nets must be at most 12, got 13"),
        ({"nets": other_sense()}, "must be of audio, image, got smell under 'net'"),
        ({"nets": not_finite()}, "weights of the net 'net' must be finite"),
        ({"nets": seeing(fusion=Strange())}, "fusion of the net 'net' must be .* got Strange"),
        ({"nets": seeing(head=nn.GELU())}, "net 'net' must have layers .* got GELU"),
    ],
)
def test_what_does_not_fit_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        explorer(**changes)


@pytest.mark.bad_input
def test_other_types_are_refused() -> None:
    with pytest.raises(TypeError, match="nets must be FusionNets, got Linear under 'net'"):
        explorer(nets={"net": nn.Linear(2, 2)})
    with pytest.raises(TypeError, match="a picture must be a tensor, got ndarray under '3'"):
        explorer(pictures={"3": np.zeros((8, 8))})


@pytest.mark.bad_input
@pytest.mark.parametrize(
    "layer",
    [
        nn.Conv2d(1, 2, 3, stride=2), nn.Conv2d(1, 2, (3, 5)), nn.Conv2d(2, 2, 3, groups=2),
        nn.Conv2d(1, 2, 3, padding_mode="circular", padding=1), nn.MaxPool2d(3),
        nn.MaxPool2d(2, ceil_mode=True), nn.AvgPool2d(2, stride=1), nn.BatchNorm2d(2, affine=False),
        nn.BatchNorm1d(2, track_running_stats=False), nn.LayerNorm((2, 2)), nn.Softmax(dim=1),
    ],
    ids=str,
)  # fmt: skip
def test_layers_that_the_page_does_not_have_are_refused(layer: nn.Module) -> None:
    with pytest.raises(ValueError, match="a network must have layers that the page knows, got"):
        pack_layers(nn.Sequential(nn.Identity(), layer), Block())


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("seen", "ten", "seen must be one of 0, .* got 'ten'"),
        ("heard", "", "heard must be one of 0, .* got ''"),
        ("image_snr", -21, "image_snr must be from -20 to 30, got -21"),
        ("audio_snr", 31, "audio_snr must be from -20 to 30, got 31"),
        ("seed", 1000, "seed must be from 0 to 999, got 1000"),
    ],
)
def test_settings_outside_their_range_are_refused(name: str, value: object, message: str) -> None:
    widget = explorer()
    with pytest.raises(ValueError, match=message):
        setattr(widget, name, value)


def test_names_on_the_screen_are_those_of_the_nets() -> None:
    assert [net["name"] for net in explorer().nets["nets"]] == list(NETS)
    assert set(NAMES.values()) == set(NETS)
    assert isinstance(NETS["late"].encoders["image"], ImageEncoder)
