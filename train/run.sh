#!/usr/bin/env bash
# Makes the networks of ocr/models and their card anew: fetch, draw, train, calibrate.  Some hours on two cores.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

python=$(command -v python3.11 || command -v python3)
wanted=$(sha256sum train/requirements.txt | cut -d ' ' -f 1)
if [ "$(cat .venv-train/.set-up 2>/dev/null)" != "$wanted" ]; then
  "$python" -m venv .venv-train
  .venv-train/bin/python -m pip install --quiet --disable-pip-version-check -r train/requirements.txt
  printf '%s' "$wanted" > .venv-train/.set-up
fi
for tool in npm apt-get dpkg-deb; do
  command -v "$tool" >/dev/null || { echo "$tool が必要です（学習に使うデータの取得に使います）" >&2; exit 4; }
done

run() { PYTHONPATH=. OPENBLAS_NUM_THREADS=1 .venv-train/bin/python -m "$@"; }
run train.fetch
[ "${1:-}" != data ] || exit 0   # the data alone: for the bench
seq 0 25 | PYTHONPATH=. OPENBLAS_NUM_THREADS=1 xargs -P 2 -n 1 .venv-train/bin/python -m train.make_sets
printf '%s\n' characters digits kana | PYTHONPATH=. xargs -P 2 -n 1 .venv-train/bin/python -m train.fit
run train.calibrate
