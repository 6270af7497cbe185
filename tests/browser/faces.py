"""What every widget on a page must do: fit its width, name its controls, keep its keys."""

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


def cursor_follows(page: Page) -> None:
    """Wait until the line that says where the sound is has moved to the right, and goes with it.

    The clock runs on between two frames: the line may be late by what plays in half a second.
    """
    page.wait_for_function(
        """() => {
          const place = new DOMMatrix(
            getComputedStyle(document.querySelector('.avt-cursor')).transform).m41;
          window.cursorBegan ??= place;
          return place > window.cursorBegan + 2;
        }"""
    )
    late, half = page.evaluate(
        """() => {
          const { player, scales } = document.querySelector('.avt').explorer;
          const place = new DOMMatrix(
            getComputedStyle(document.querySelector('.avt-cursor')).transform).m41;
          const now = player.position();
          return [scales.x(now) - place, scales.x(now) - scales.x(now - 0.5)];
        }"""
    )
    assert -1 <= late <= half, (late, half)
