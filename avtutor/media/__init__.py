"""Read and write sound files. Nothing here changes a sampling rate, a level or a channel."""

from avtutor.media.errors import MediaError
from avtutor.media.reading import AudioInfo, audio_info, read_audio
from avtutor.media.writing import write_audio

__all__ = ["AudioInfo", "MediaError", "audio_info", "read_audio", "write_audio"]
