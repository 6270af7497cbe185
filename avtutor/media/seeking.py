"""Begin to decode a file in its middle, at a place from which nothing is missed."""

from collections.abc import Callable, Generator, Iterator
from typing import TypeVar

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.video.stream import VideoStream

from avtutor.clip import SLACK
from avtutor.media.errors import MediaError, PathLike, reason_of

Decoded = TypeVar("Decoded")

_BACK = (0.0, 1.0, 5.0, 30.0)  # seconds


def frames_from(
    container: InputContainer,
    stream: VideoStream | AudioStream,
    decoded: Callable[[], Generator[Decoded, None, None]],
    time_of: Callable[[Decoded], float],
    path: PathLike,
    *,
    start: float,
) -> Iterator[Decoded]:
    """Give what is decoded from some place in front of `start` on.

    An index may name key frames by the time at which they are decoded, which is earlier than the
    time at which they are shown, and sound may lie behind the picture that it is heard with:
    where the first frame turns out to lie behind `start`, we go back further. A file without an
    index is read from its beginning.

    Args:
        container: just opened, or read for a while.
        stream: what `decoded` decodes.
        decoded: gives the frames from where the file stands.
        time_of: the time of a frame, in seconds.
        path: for the message.
        start: the time of the first frame that must not be missed, in seconds.
    Raises:
        MediaError: if the file cannot be rewound.
    """
    for back in _BACK:
        if start - back <= 1:
            break
        try:
            # Through the stream that FFmpeg prefers, the pictures: often they alone are indexed.
            container.seek(int((start - back) * av.time_base))
        except (av.FFmpegError, OSError):
            break
        frames = decoded()
        first = next(frames, None)
        if first is not None and time_of(first) <= start + SLACK:
            yield first
            yield from frames
            return
        frames.close()
    if start > 1:
        try:
            container.seek(0, stream=stream)
        except (av.FFmpegError, OSError) as error:
            reason = f"it cannot be read by parts ({reason_of(error)})"
            raise MediaError(path, reason) from error
    yield from decoded()
