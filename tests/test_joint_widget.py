"""The map of a joint space seen from Python: what it finds, writes and refuses."""

import base64
import io
import re
from typing import Any

import numpy as np
import pytest
import torch
from avtutor.models import BimodalAutoencoder, Towers
from avtutor.spectral import SpectrogramConfig, below_peak, log_mel
from avtutor.waveform import Waveform
from avtutor.widgets import JointMap, joined
from avtutor.widgets.base import page_script
from avtutor.widgets.joined import SENSES, SPACES, space_of
from avtutor.widgets.joint_weights import pack_joint
from avtutor.widgets.still_joint import PAST, side_of, wanted_of
from PIL import Image
from tests.browser.joints import DIGITS, FRONT, autoencoder, inputs, pairs, towers
from torch import nn
from torch.nn import functional as F

TOWERS, AUTOENCODER = towers(), autoencoder()
PICTURES, SOUNDS = pairs(4, again=2)
NAMES = list(PICTURES)


def joint_map(**changes: Any) -> JointMap:
    given: dict[str, Any] = {
        "pictures": PICTURES, "recordings": SOUNDS, "towers": TOWERS, "autoencoder": AUTOENCODER,
        "config": FRONT, "classes": DIGITS,
    }  # fmt: skip
    given |= changes
    order = ("pictures", "recordings", "towers", "autoencoder", "config")
    first = [given.pop(name) for name in order]
    return JointMap(*first, **given)


@pytest.fixture(scope="module")
def batch() -> dict[str, torch.Tensor]:
    return inputs(PICTURES, SOUNDS)


@torch.no_grad()
def test_items_lie_where_the_nets_put_them(batch: dict[str, torch.Tensor]) -> None:
    widget = joint_map()
    for space in SPACES:
        widget.space = space
        for sense in SENSES:
            net = TOWERS.embed(sense, batch[sense])
            if space == "autoencoder":
                net = AUTOENCODER.embed({sense: batch[sense]})
            for pair, name in enumerate(NAMES):
                widget.first = f"{name}, {PAST[sense]}"
                found = widget.joined()
                # Samples reach the page as int16: levels move by a little.
                apart = np.abs(found.point - net[pair].numpy()).max()
                assert apart < 0.01 * float(net.abs().max()), (space, name)
                assert found.asked == joined.other(sense)


@torch.no_grad()
def test_neighbours_are_those_of_a_sorted_distance(batch: dict[str, torch.Tensor]) -> None:
    widget = joint_map()
    a, b = (TOWERS.embed(sense, batch[sense]).double() for sense in SENSES)
    halfway = F.normalize(a[1] + a[6], dim=0)
    widget.first, widget.second, widget.share = f"{NAMES[1]}, heard", f"{NAMES[6]}, heard", 50
    found = widget.joined()
    assert found.point == pytest.approx(halfway.numpy(), abs=2e-2)
    cosines = b @ torch.from_numpy(found.point)
    order = cosines.argsort(descending=True).tolist()  # of length 1: the order of the cosine
    assert found.order.tolist() == order
    widget.space = "autoencoder"
    codes = AUTOENCODER.embed({"audio": batch["audio"]}).double()
    expected = (codes[1] + codes[6]) / 2
    assert widget.joined().point == pytest.approx(expected.numpy(), abs=5e-2)


@torch.no_grad()
def test_what_is_drawn_is_the_autoencoders_in_both_spaces(batch: dict[str, torch.Tensor]) -> None:
    widget = joint_map()
    widget.first, widget.second, widget.share = f"{NAMES[0]}, heard", f"{NAMES[5]}, seen", 25
    drawn = widget.joined().drawn
    heard = AUTOENCODER.embed({"audio": batch["audio"][:1]})
    seen = AUTOENCODER.embed({"image": batch["image"][5:6]})
    for sense, decoder in AUTOENCODER.decoders.items():
        expected = decoder(0.75 * heard + 0.25 * seen)[0].numpy()
        assert drawn[sense].shape == expected.shape
        spread = 20.0 if sense == "audio" else 0.4
        assert np.abs(drawn[sense] - expected).max() < 0.05 * spread
    met = TOWERS.embed("image", torch.from_numpy(drawn["image"]).float()[None])
    cosines = TOWERS.embed("audio", batch["audio"]) @ met[0]
    assert widget.joined().read["image"][0] == int(cosines.argmax())
    there = widget.joined()
    widget.space = "autoencoder"
    for sense in SENSES:
        assert (widget.joined().drawn[sense] == there.drawn[sense]).all()
        assert (widget.joined().read[sense] == there.read[sense]).all()


def test_the_directions_are_the_principal_ones() -> None:
    """Points on an ellipse in a space of four: known axes, known variances."""
    angle = torch.arange(64).double() * (2 * torch.pi / 64)
    plane = torch.stack([3 * angle.cos(), angle.sin()], dim=1)
    basis = torch.linalg.qr(torch.randn(4, 4, generator=torch.Generator().manual_seed(0)).double())
    vectors = (plane @ basis.Q[:, :2].T + 5.0).reshape(2, 32, 4)
    space = space_of(vectors, unit=False)
    assert space.shares[:2] == pytest.approx([0.9, 0.1], abs=1e-6)
    for k in range(2):
        assert abs(space.directions[k] @ basis.Q[:, k].numpy()) == pytest.approx(1.0, abs=1e-6)
        assert space.directions[k][np.abs(space.directions[k]).argmax()] > 0
    places = space.place(space.vectors, 0)
    assert np.abs(places.mean(axis=(0, 1))).max() < 1e-5
    assert np.abs(places[..., 0]).max() == pytest.approx(3.0, abs=1e-4)
    sizes = np.sqrt(np.square(space.vectors - space.centre).sum(axis=-1))
    assert np.sqrt(np.square(places).sum(axis=-1)) == pytest.approx(sizes, abs=1e-4)


def test_between_keeps_the_length_of_unit_vectors_and_no_other() -> None:
    vectors = torch.tensor([[[1.0, 0.0]], [[0.0, 1.0]]])
    ends = (("audio", 0), ("image", 0))
    on_circle = space_of(vectors, unit=True).between(*ends, 0.25)
    assert np.hypot(*on_circle) == pytest.approx(1.0, abs=1e-12)
    assert on_circle[1] / on_circle[0] == pytest.approx(1 / 3, abs=1e-12)
    assert space_of(vectors, unit=False).between(*ends, 0.25).tolist() == [0.75, 0.25]
    opposite = space_of(torch.tensor([[[1.0, 0.0]], [[-1.0, 0.0]]]), unit=True)
    assert opposite.between(*ends, 0.5).tolist() == [0.0, 0.0]


def test_what_is_said() -> None:
    widget = joint_map()
    found = widget.joined()
    near = [widget.sounds[pair]["label"] for pair in found.order[:5]]
    listed = ", ".join(DIGITS[label] for label in near)
    rank = found.order.tolist().index(0) + 1
    assert widget._said(found) == (
        f"A: 0 a, heard · nearest pictures: {listed} · {near.count(0)} of 5 right · "
        f"its own is number {rank} of 8"
    )
    widget.share, widget.second = 60, "1 b, seen"
    found = widget.joined()
    near = [widget.sounds[pair]["label"] for pair in found.order[:5]]
    other = 5 - near.count(0) - near.count(1)
    assert found.asked == "audio"
    assert widget._said(found).startswith("60 % of the way from 0 a, heard, to 1 b, seen · ")
    counted = f"{near.count(0)} like A, {near.count(1)} like B, {other} neither"
    assert widget._said(found).endswith(counted)
    widget.second, widget.share = "0 b, seen", 60
    found = widget.joined()
    right = [widget.sounds[pair]["label"] for pair in found.order[:5]].count(0)
    assert widget._said(found).endswith(f"{right} of 5 right")
    widget.share = 100
    assert widget._said(widget.joined()).startswith("B: 0 b, seen · nearest sounds: ")
    assert "its own is number" in widget._said(widget.joined())


def test_who_is_right() -> None:
    ends = (("audio", 0), ("image", 1))
    assert [wanted_of(ends, share, [3, 8]) for share in (0, 1, 100)] == [[3], [3, 8], [8]]
    assert [side_of(label, [3, 8]) for label in (3, 8, 5)] == ["like A", "like B", "neither"]


def test_training_on_changes_nothing_that_is_shown() -> None:
    met, drawing = towers(), autoencoder()
    widget = joint_map(towers=met, autoencoder=drawing)
    widget.share = 40
    before, sent = widget.joined(), widget.weights
    with torch.no_grad():
        for net in (met, drawing):
            for values in net.parameters():
                values.add_(0.5)
    after = widget.joined()
    assert (after.point == before.point).all()
    for sense in SENSES:
        assert (after.drawn[sense] == before.drawn[sense]).all()
        assert (after.read[sense] == before.read[sense]).all()
    assert sent == joint_map().weights


def test_nets_in_training_are_shown_as_in_use_and_stay_in_training() -> None:
    met, drawing = towers().train(), autoencoder().train()
    counters = {name: values.clone() for name, values in met.state_dict().items()}
    widget = joint_map(towers=met, autoencoder=drawing)
    assert widget.weights == joint_map().weights
    assert met.training and drawing.training
    assert all(bool((values == counters[name]).all()) for name, values in met.state_dict().items())


def test_recordings_come_in_the_order_of_the_pictures() -> None:
    turned = dict(reversed(SOUNDS.items()))
    assert joint_map(recordings=turned).weights == joint_map().weights
    assert joint_map(recordings=turned).sounds == joint_map().sounds


def test_reset_goes_back_to_the_start() -> None:
    widget, start = joint_map(), joint_map()
    widget.space, widget.direction, widget.share = "autoencoder", 3, 77
    widget.first, widget.second = "3 b, seen", "3 a, heard"
    assert repr(widget) != repr(start)
    widget.reset()
    assert repr(widget) == repr(start)
    assert (start.first, start.second) == ("0 a, heard", "1 a, heard")
    alone = joint_map(pictures={"3": PICTURES["3 a"]}, recordings={"3": SOUNDS["3 a"]})
    assert alone.first == alone.second == "3, heard"
    assert alone._said(alone.joined()).endswith("its own is number 1 of 1")


def test_the_page_gets_all_settings_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that is drawn before the next message comes has its A and B already."""
    opened = []
    monkeypatch.setattr(
        JointMap, "open", lambda widget: opened.append((widget.first, widget.second))
    )
    joint_map()
    assert opened == [("0 a, heard", "1 a, heard")]


def test_what_is_stored_is_the_same_each_time() -> None:
    widget, again = joint_map(), joint_map()
    for one in (widget, again):
        one.first, one.second, one.share = "2 a, heard", "3 b, seen", 45
    data, metadata = widget._repr_mimebundle_()
    assert data["text/plain"] == repr(widget) == repr(again)
    assert "0x" not in repr(widget) and widget.model_id not in repr(widget)
    assert "first='2 a, heard', second='3 b, seen', share=45" in repr(widget)
    png = base64.b64decode(data["image/png"])
    assert png == again.still()
    assert len(png) < 60_000 and Image.open(io.BytesIO(png)).size == (760, 440)
    alt = metadata["image/png"]["alt"]
    assert alt.startswith("A map of 8 sounds and their pictures in the space of the towers, ")
    assert "45 % of the way from 2 a, heard, to 3 b, seen" in alt


def test_the_still_picture_shows_the_ends_and_what_is_drawn() -> None:
    widget = joint_map()
    widget.first, widget.second, widget.share = "2 a, heard", "3 b, seen", 45
    page = np.asarray(Image.open(io.BytesIO(widget.still())).convert("L")).astype(float)
    drawn = np.clip(widget.joined().drawn["image"][0], 0, 1)
    for column, expected in enumerate((PICTURES["2 a"].numpy(), drawn, PICTURES["3 b"].numpy())):
        left = 490 + 90 * column
        cells = 255 - page[76:156, left : left + 80].reshape(8, 10, 8, 10).mean(axis=(1, 3))
        assert np.corrcoef(cells.ravel(), expected.ravel())[0, 1] > 0.99, column
    first = widget.still()
    widget.space = "autoencoder"
    assert widget.still() != first


def test_the_page_needs_nothing_else() -> None:
    page = joint_map().to_html()
    assert page == joint_map().to_html()
    script = page_script("joint_map")
    assert not re.search(r"https?://|//cdn|0x[0-9a-f]{6}", page.replace(script, ""))
    assert "://" not in script
    assert page.count("<script") == 2 == page.count("</script>")


def test_the_weights_arrive_as_they_are(batch: dict[str, torch.Tensor]) -> None:
    vectors = torch.randn(2, 8, 32, generator=torch.Generator().manual_seed(1))
    spaces = {name: space_of(vectors, unit=False) for name in SPACES}
    packed, weights = pack_joint(TOWERS, AUTOENCODER, spaces)
    values = np.frombuffer(weights, dtype="<f4")

    def sent(place: dict[str, int]) -> np.ndarray:
        numbers: np.ndarray = values[place["first"] : place["first"] + place["count"]]
        return numbers

    last = TOWERS.projections["image"]
    assert isinstance(last, nn.Linear)
    assert (
        sent(packed["towers"]["image"][-1]["weight"]) == last.weight.detach().numpy().ravel()
    ).all()
    ends = packed["decoders"]["audio"][-1]
    assert (sent(ends["scale"]).tolist(), sent(ends["shift"]).tolist()) == ([20.0], [-40.0])
    heard = packed["spaces"]["autoencoder"]["vectors"][0]
    assert (sent(heard) == vectors[0].numpy().ravel()).all()
    n_sent = sum(p.numel() for net in AUTOENCODER.encoder.parameters() for p in [net])
    assert len(values) < n_sent + sum(p.numel() for p in TOWERS.parameters()) + 60_000


def strange(kind: str) -> dict[str, Any]:
    """Return nets that do not fit."""
    if kind == "senses":
        net = Towers({"smell": nn.Flatten(), "image": nn.Flatten()}, {"smell": 64, "image": 64})
        return {"towers": net}
    if kind == "layer":
        net = towers()
        net.projections["image"] = nn.Sequential(nn.Linear(84, 32), nn.GELU())
        return {"towers": net}
    if kind == "nan":
        net = towers()
        with torch.no_grad():
            next(net.encoders["image"].parameters())[0] = torch.nan
        return {"towers": net}
    if kind == "ends":  # of what is sent, but not used on the items
        drawing = autoencoder()
        with torch.no_grad():
            drawing.decoders["audio"][0].bias[3] = torch.inf  # type: ignore[index, union-attr]
        return {"autoencoder": drawing}
    if kind == "small":
        return {"towers": towers(size=1)}
    drawing = autoencoder()
    drawing.decoders["image"] = nn.Linear(32, 64)
    assert isinstance(drawing, BimodalAutoencoder)
    return {"autoencoder": drawing}


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"pictures": {}}, "pictures must be a dict .* got an empty one"),
        ({"recordings": {}}, "recordings must be .* got an empty dict"),
        (
            {"pictures": {"3 a": PICTURES["3 a"]}, "recordings": {"3 b": SOUNDS["3 b"]}},
            "every picture must have a recording .* got no partner for 3 a, 3 b",
        ),
        (
            {"pictures": {f"3 {k}": PICTURES["3 a"] for k in range(101)},
             "recordings": {f"3 {k}": SOUNDS["3 a"] for k in range(101)}},
            "at most 100 pairs, got 101 pairs",
        ),
        (
            {"pictures": {"three": PICTURES["3 a"]}, "recordings": {"three": SOUNDS["3 a"]}},
            "names of pictures must be .* got 'three'",
        ),
        (
            {"pictures": {"3": torch.zeros(9, 9)}, "recordings": {"3": SOUNDS["3 a"]}},
            r"towers and autoencoder must take audio \[20, 41\], image \[1, 9, 9\]",
        ),
        (
            {"recordings": {**SOUNDS, "3 b": SOUNDS["3 b"].slice(0.0, 0.5)}},
            r"recordings must have one number of frames, got \[26, 41\]",
        ),
        (
            {"recordings": {k: x.resample(16000) for k, x in SOUNDS.items()}},
            "at 8000 Hz, .* got 16000 Hz",
        ),
        (
            {"config": SpectrogramConfig(sample_rate=8000, n_fft=256, hop_length=160, n_mels=24)},
            r"towers and autoencoder must take audio \[24, 41\]",
        ),
        ({"config": SpectrogramConfig(sample_rate=8000, n_fft=400)}, "n_fft .* got 400"),
        ({"classes": ["0", "0"]}, "classes must be 2 to 20 different names"),
        ({"range_db": 0.0}, "range_db must be above 0 and at most 200 dB, got 0"),
        (strange("senses"), "senses of towers must be audio and image, got smell and image"),
        (strange("layer"), "the towers must have layers that the page knows, got GELU"),
        (strange("nan"), "the vectors of the towers must be finite, got others"),
        (strange("ends"), "weights of the autoencoder must be finite"),
        (strange("small"), "at least 2 numbers to make a map, got 1"),
        (strange("decoder"), r"the autoencoder must draw .* got image \[64\]"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        joint_map(**changes)


@pytest.mark.bad_input
def test_other_types_are_refused() -> None:
    with pytest.raises(TypeError, match="towers must be a Towers, got BimodalAutoencoder"):
        joint_map(towers=AUTOENCODER)
    with pytest.raises(TypeError, match="autoencoder must be a BimodalAutoencoder, got Linear"):
        joint_map(autoencoder=nn.Linear(2, 2))
    with pytest.raises(TypeError, match="a picture must be a tensor, got ndarray under '3 a'"):
        joint_map(pictures={**PICTURES, "3 a": np.zeros((8, 8))})


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("space", "brain", "space must be one of towers, autoencoder, got 'brain'"),
        ("direction", 2, "direction must be one of 1, 3, 5, got 2"),
        ("first", "3 a", r"first must be the name of a pair.*\('0 a, heard'\), got '3 a'"),
        ("second", "9 z, seen", "second must be the name of a pair.* got '9 z, seen'"),
        ("share", 101, "share must be from 0 to 100, got 101"),
        ("share", -1, "share must be from 0 to 100, got -1"),
    ],
)
def test_settings_outside_their_range_are_refused(name: str, value: object, message: str) -> None:
    widget = joint_map()
    with pytest.raises(ValueError, match=message):
        setattr(widget, name, value)


def test_a_name_may_hold_a_comma() -> None:
    name = "3 a, twice, heard"
    widget = joint_map(pictures={name: PICTURES["3 a"]}, recordings={name: SOUNDS["3 a"]})
    assert widget.item("first") == ("audio", 0)
    assert isinstance(SOUNDS["3 a"], Waveform)


def test_the_levels_are_those_of_the_front_end(batch: dict[str, torch.Tensor]) -> None:
    samples = torch.from_numpy(joint_map().samples("2 b"))
    assert batch["audio"][5].numpy() == pytest.approx(
        below_peak(log_mel(samples, FRONT), 60.0).numpy(), abs=0.5
    )
