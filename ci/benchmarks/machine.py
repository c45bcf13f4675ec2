"""The machine that a benchmark ran on, and who else was busy on it."""

from __future__ import annotations

import datetime
import importlib.metadata
import os
import platform
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import psutil

_ROOT = Path(__file__).resolve().parent.parent.parent
_BUSY = 0.25  # of a core: a process above it disturbs what is measured


def describe(packages: Iterable[str]) -> dict[str, Any]:
    """The machine, the versions of what is measured, and the date."""
    return {
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "cpu": _cpu(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "packages": {name: version for name in packages if (version := _version(name))},
        "code": _code(),
        "date": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC"),
    }


def others() -> dict[str, Any]:
    """The load average, and which processes other than this one are busy now."""
    processes = [process for process in psutil.process_iter() if process.pid != os.getpid()]
    before = {process.pid: _seconds(process) for process in processes}
    began = time.monotonic()
    time.sleep(0.5)
    lasted = time.monotonic() - began
    busy = []
    for process in processes:
        share = (_seconds(process) - before[process.pid]) / lasted
        if share > _BUSY:
            busy.append({"pid": process.pid, "name": _name(process), "cores": round(share, 2)})
    return {"load": [round(load, 2) for load in os.getloadavg()], "busy": busy}


def lines(machine: dict[str, Any], start: dict[str, Any], end: dict[str, Any]) -> list[str]:
    """The head of a table."""
    versions = ", ".join(f"{name} {version}" for name, version in machine["packages"].items())
    head = [
        f"machine   {machine['cores']} cores, {machine['cpu']}, {machine['memory_gib']:g} GiB, {machine['system']}",
        f"versions  Python {machine['python']}, {versions}",
        f"date      {machine['date']}, code {machine['code']}",
        f"load      {_loads(start)} at the start, {_loads(end)} at the end (1, 5, 15 minutes)",
    ]
    for when, seen in (("start", start), ("end", end)):
        if seen["busy"]:
            names = ", ".join(f"{each['name']} ({each['pid']}, {each['cores']:.0%})" for each in seen["busy"])
            head.append(f"WARNING   other processes were busy at the {when}, so the times are too long: {names}")
    if not start["busy"] and start["load"][0] > 0.5:
        head.append(f"WARNING   a load of {start['load'][0]:g} at the start: something else was busy a moment before")
    return head


def _loads(seen: dict[str, Any]) -> str:
    return ", ".join(f"{load:.2f}" for load in seen["load"])


def _seconds(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.Error:
        return 0.0
    return float(times.user + times.system)


def _name(process: psutil.Process) -> str:
    try:
        return process.name()
    except psutil.Error:
        return "a process that has ended"


def _cpu() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor() or platform.machine()
    names = (line.split(":", 1)[1].strip() for line in text.splitlines() if line.startswith("model name"))
    return next(names, platform.machine())


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _code() -> str:
    """The commit that is measured; with a + where files differ from it."""
    git = ["git", "-C", str(_ROOT)]
    try:
        commit = subprocess.run([*git, "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True)
        changed = subprocess.run([*git, "status", "--porcelain"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return commit.stdout.strip() + ("+" if changed.stdout.strip() else "")
