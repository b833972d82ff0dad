"""Real recordings of many makers, where a collection lies at hand."""

import csv

import pytest

from callqa.errors import DamagedRecording, EmptyRecording, NotAudio
from callqa.ingest.audio import decode
from callqa.ingest.metadata import Metadata
from callqa.ingest.scan import Aside, scan


def manifest(collection):
    with (collection / "MANIFEST.tsv").open(encoding="utf-8") as file:
        return [row for row in csv.DictReader(file, delimiter="\t") if row["category"] != "damaged"]


def test_all_recordings_have_the_length_their_list_says(collection):
    wrong = {}
    for row in manifest(collection):
        path = collection / row["file"]
        if path.suffix == ".raw":
            continue
        decoded = decode(path)
        stated = (float(row["seconds"]), int(row["rate"]), min(2, int(row["channels"])))
        found = (decoded.seconds, decoded.native_rate, decoded.samples.shape[0])
        channels = 1 if stated[2] > 2 or int(row["channels"]) > 2 else stated[2]
        if found[1:] != (stated[1], channels) or abs(found[0] - stated[0]) > 0.05:
            wrong[row["file"]] = (stated, found)
    assert wrong == {}


def test_whole_recordings_give_no_warning(collection):
    warned = {
        path.name: decode(path).warnings
        for path in sorted(collection.glob("codec/**/*"))
        if path.is_file() and path.suffix not in (".raw", ".mp4")
    }
    assert {name: warnings for name, warnings in warned.items() if warnings} == {}


DAMAGED = {
    "azure_missing_wav_header.wav": DamagedRecording,
    "derived_20bytes.wav": DamagedRecording,
    "lfs_pointer_named.wav": NotAudio,
    "scipy_test-44100Hz-be-1ch-4bytes.wav": DamagedRecording,
    "scipy_test-44100Hz-le-1ch-4bytes-early-eof-no-data.wav": DamagedRecording,
    "scipy_test-44100Hz-le-1ch-4bytes-incomplete-chunk.wav": DamagedRecording,
    "scipy_test-8000Hz-le-1ch-1byte-ulaw.wav": EmptyRecording,
    "zaf_dtmf-1234.raw": DamagedRecording,
}


@pytest.mark.parametrize("name", DAMAGED)
def test_damaged_files_are_told_apart(collection, name):
    with pytest.raises(DAMAGED[name]) as caught:
        decode(collection / "damaged" / name)
    assert type(caught.value) is DAMAGED[name]
    assert caught.value.remedy


def test_the_truncated_one_is_decoded(collection):
    decoded = decode(collection / "damaged/derived_truncated60_TEST_MEETING.wav")
    assert decoded.warnings == ("cut short: the header promises 12.37 s, 7.42 s are there",)


def test_every_file_of_the_folder_is_accounted_for(collection):
    aside: list[Aside] = []
    found = list(scan([collection], Metadata(), aside.append))
    files = {path for path in collection.rglob("*") if path.is_file()}
    assert {item.path for item in found} | {item.path for item in aside} == files
    assert {item.path.suffix for item in aside} == {".tsv", ".rttm"}
