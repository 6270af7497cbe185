#!/bin/sh
# Make the files of this folder (see README.md).
set -e
ff="ffmpeg -v error -y -fflags +bitexact -flags:v +bitexact -flags:a +bitexact"
# Frame n has the brightness 4 n + 16: its number can be read off. Two seconds, 25 frames a second.
grey="nullsrc=s=64x48:r=25:d=2,format=yuv420p,geq=lum='16+4*N':cb=128:cr=128"
# A click at 1 s.
click="aevalsrc='0.9*eq(n,48000)':s=48000:d=2"
# Red above, blue below; a white square in the top left corner.
corner="color=red:s=64x32:r=25:d=0.2[a];color=blue:s=64x16:r=25:d=0.2[b];[a][b]vstack,drawbox=0:0:16:16:white:fill"

# A phone held upright: the picture is stored lying, and a matrix says how to turn it.
$ff -filter_complex "$corner" -c:v libx264 -pix_fmt yuv420p -g 1 plain.mp4
for turn in 90 180 270; do
  $ff -i plain.mp4 -c copy -metadata:s:v:0 rotate=$turn rotated_$turn.mp4
done
rm plain.mp4

# An edit list that leaves out the beginning: cut by 0.5 s without encoding again, between key
# frames, so that frames 0 to 12 are in the file and must not be shown.
$ff -f lavfi -i "$grey" -f lavfi -i "$click" -c:v libx264 -g 100 -bf 2 -c:a aac whole.mp4
$ff -ss 0.52 -i whole.mp4 -c copy edited.mp4
# The sound 0.4 s after the picture, and the picture 0.4 s after the sound: empty edits.
$ff -i whole.mp4 -itsoffset 0.4 -i whole.mp4 -map 0:v -map 1:a -c copy sound_late.mp4
$ff -itsoffset 0.4 -i whole.mp4 -i whole.mp4 -map 0:v -map 1:a -c copy picture_late.mp4
rm whole.mp4

# Three languages, the second one marked as default.
$ff -f lavfi -i "$grey" -f lavfi -i "sine=300:r=16000:d=0.5" -f lavfi -i "sine=600:r=16000:d=0.5" \
  -f lavfi -i "sine=1200:r=16000:d=0.5" -map 0 -map 1 -map 2 -map 3 -c:v libx264 -c:a aac \
  -metadata:s:a:0 language=eng -metadata:s:a:1 language=fra -metadata:s:a:2 language=spa \
  -t 0.5 -metadata:s:a:2 title=commentary -disposition:a:0 0 -disposition:a:1 default three_tracks.mkv
# A cover, which is no video.
$ff -f lavfi -i "sine=300:r=16000:d=0.5" -f lavfi -i "color=red:s=16x16:d=0.04" -map 0 -map 1 \
  -c:a aac -c:v mjpeg -pix_fmt yuvj420p -disposition:v attached_pic cover.m4a

# AV1: PyAV writes it by SVT-AV1 alone, which, for root, moves the calling thread to real-time
# priority 99 and leaves it there; a browser started from that thread starves the machine.
(cd ../../.. && python -c "
from pathlib import Path
from tests.video_files import clicks, write_video
sound = clicks([0.5, 1.5], seconds=2.0, rate=48000)
write_video(Path('numbers.mkv'), 'ffv1', sound=sound, sound_codec='pcm_f32le')
") && mv ../../../numbers.mkv .
$ff -i numbers.mkv -c:v libaom-av1 -cpu-used 8 -crf 20 -c:a libopus -b:a 64k av1.mp4
rm numbers.mkv
