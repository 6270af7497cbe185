"""What every widget on a page must do: fit its width, name its controls, keep its keys."""

from collections.abc import Callable

import numpy as np
from playwright.sync_api import Page

FACE = "document.querySelector('.avt').explorer"


def widths_at(page: Page, width: int) -> tuple[int, int]:
    """Narrow the page to `width`, wait until the widget follows; return canvas and figure.

    Nothing may stick out of the page.
    """
    page.set_viewport_size({"width": width, "height": 900})
    page.wait_for_function(
        f"() => Math.abs({FACE}.width - (document.querySelector('.avt').clientWidth - 28)) < 1"
    )
    wide, there, canvas, figure = page.evaluate(
        """() => [document.documentElement.scrollWidth, document.documentElement.clientWidth,
          document.querySelector('canvas.avt-base').clientWidth,
          document.querySelector('.avt-figure').clientWidth]"""
    )
    assert wide <= there
    return canvas, figure


def named_and_undisturbed(page: Page, *, also: str = "") -> None:
    """Every control has a name, and keeps its keys from JupyterLab.

    Args:
        page: with widgets.
        also: further elements that must keep their keys, as ", button".
    """
    unnamed = page.eval_on_selector_all(
        ".avt :is(input, select, button)",
        "(nodes) => nodes.filter((n) => !(n.labels?.length || n.getAttribute('aria-label')))"
        ".map((n) => n.outerHTML)",
    )
    assert unnamed == []
    assert page.eval_on_selector_all(
        f".avt :is(input, select{also})",
        "(nodes) => nodes.length > 0 && nodes.every((n) => n.dataset.lmSuppressShortcuts)",
    )


# From here no sound goes on: what plays stays where it is, and does not end by itself.
HOLD = f"""() => {{
  const {{ context }} = {FACE}.player;
  context.resume = () => {{}};
  return context.suspend();
}}"""


def hold_clock(page: Page) -> None:
    """Hold every sound from here on, for what is asked while one plays.

    A short one would be over on a busy machine.
    """
    page.evaluate(HOLD)


def heard(page: Page, start: Callable[[], None], *, hold: bool = False) -> np.ndarray:
    """Start a sound, look while it plays whether its cursor goes with it; return its samples.

    The page itself looks, in each frame of its screen, for at most 20: on a busy machine a short
    sound is over before anyone else has asked. The clock runs on between two frames, so the line
    may be late by what plays in half a second.

    Args:
        page: with one widget that has a player.
        start: makes the widget play, as a learner would.
        hold: hold the sound after that, so that it plays on for as long as the test asks.
    """
    page.evaluate(
        f"""(hold) => {{
          const rows = [];
          window.heard = {{ rows, samples: null, done: false }};
          const look = () => {{
            const {{ player, scales, cursor }} = {FACE};
            if (player.playing) {{
              window.heard.samples ??= [...player.sources[0].buffer.getChannelData(0)];
              const place = new DOMMatrix(getComputedStyle(cursor).transform).m41;
              const now = player.position();
              const half = scales.x(now) - scales.x(now - 0.5);
              const {{ height }} = cursor.getBoundingClientRect();
              rows.push([height, place, scales.x(now) - place, half]);
            }}
            window.heard.done = rows.length >= 20 || (rows.length > 0 && !player.playing);
            if (!window.heard.done) requestAnimationFrame(look);
            else if (hold) ({HOLD})();
          }};
          look();
        }}""",
        hold,
    )
    start()
    page.wait_for_function("() => window.heard.done")
    rows, samples = page.evaluate("() => [window.heard.rows, window.heard.samples]")
    height, place, late, half = np.array(rows[1:]).T  # the first look may come before the line
    assert height.min() > 0
    assert place[-1] > place[0] + 2
    assert late.min() >= -1
    assert (late <= half).all(), (late, half)
    return np.array(samples)
