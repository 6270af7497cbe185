"""Read and write files of sound and of video. Nothing here changes a rate, a level or a channel."""

from avtutor.media.clip_writing import write_clip
from avtutor.media.clips import iter_clips, read_clip
from avtutor.media.errors import MediaError
from avtutor.media.moving import move_sound
from avtutor.media.reading import AudioInfo, audio_info, read_audio
from avtutor.media.streams import AudioTrack, ClipInfo, clip_info
from avtutor.media.writing import write_audio

__all__ = [
    "AudioInfo",
    "AudioTrack",
    "ClipInfo",
    "MediaError",
    "audio_info",
    "clip_info",
    "iter_clips",
    "move_sound",
    "read_audio",
    "read_clip",
    "write_audio",
    "write_clip",
]
