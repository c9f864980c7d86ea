"""The files in ``deploy/``: they parse, they name what exists, and systemd takes them."""

from __future__ import annotations

import configparser
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
import typer.main
import yaml

from annotate.cli.app import app

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
UNITS = sorted([*DEPLOY.glob("*.service"), *DEPLOY.glob("*.timer")])
PROGRAM = "/opt/annotate/bin/annotate"


class Unit(configparser.RawConfigParser):
    """A unit file; of options given twice all values are kept, a line each."""

    optionxform = staticmethod(str)

    @classmethod
    def read_from(cls, path: Path) -> Unit:
        made = cls(strict=False, delimiters=("=",), dict_type=_Many)
        made.read_string(path.read_text(encoding="utf-8"))
        return made


class _Many(dict):
    def __setitem__(self, key, value):
        if isinstance(value, list) and key in self:
            self[key].extend(value)
        else:
            super().__setitem__(key, value)


def check_command(words: list[str]) -> None:
    """Words after ``annotate`` must name a command and its options."""
    command = typer.main.get_command(app)
    while words and words[0] in getattr(command, "commands", {}):
        command = command.commands[words.pop(0)]
    assert not getattr(command, "commands", {}), f"{words} names no whole command"
    options = {name for parameter in command.params for name in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= options


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_units_name_commands_that_exist(path):
    unit = Unit.read_from(path)
    if path.suffix == ".timer":
        assert (DEPLOY / f"{path.stem}.service").is_file()
        assert unit["Timer"]["Persistent"] == "true"
        assert unit["Install"]["WantedBy"] == "timers.target"
        return
    lines = unit["Service"]["ExecStart"].splitlines()
    ours = [line for line in lines if PROGRAM in line]
    assert ours
    for line in ours:
        words = shlex.split(line.rpartition(PROGRAM)[2].replace("'", ""))
        check_command(words)
    assert unit["Service"]["UMask"] == "0077"
    assert unit["Service"]["User"] == "annotate"


def test_systemd_takes_the_units(tmp_path):
    program = shutil.which("systemd-analyze")
    for path in UNITS:
        # systemd looks whether the program is there.
        text = path.read_text(encoding="utf-8").replace(PROGRAM, "/bin/true")
        (tmp_path / path.name).write_text(text, encoding="utf-8")
        known = [line for line in text.splitlines() if line and not line.startswith("#")]
        assert all(line.startswith("[") or re.match(r"[A-Z]\w*=", line) for line in known)
    if program is None:  # no systemd here: the shape above is what can be known
        return
    done = subprocess.run(
        [program, "verify", *map(str, sorted(tmp_path.iterdir()))],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert not [line for line in done.stderr.splitlines() if str(tmp_path) in line]


def test_compose_file():
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    services = compose["services"]
    assert set(services) == {"database", "server", "proxy"}
    for service in services.values():
        # By name and version, from whatever registry the machine is set up for.
        assert re.fullmatch(r"[a-z]+:[0-9.]+", service.get("image", "nginx:1"))
        assert set(service.get("depends_on", [])) <= set(services)
        assert set(service.get("secrets", [])) <= set(compose["secrets"])
        for volume in service.get("volumes", []):
            name = volume.partition(":")[0]
            assert name.startswith((".", "$")) or name in compose["volumes"]
    build = services["server"]["build"]
    assert (DEPLOY / build["context"] / build["dockerfile"]).is_file()
    assert services["proxy"]["network_mode"] == "service:server"  # the server listens on 127.0.0.1 only
    command = services["server"]["command"][-1]
    check_command(shlex.split(command.partition("exec annotate")[2]))
    assert not re.search(r"postgresql://[^@\s]*:[^@\s]*@", command)


def test_the_image_is_made_of_what_exists():
    lines = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    assert re.search(r"^FROM python:3\.1[12]-slim$", lines, re.MULTILINE)
    for found in re.findall(r"annotate (server [^\\\n&]+)", lines):
        check_command(shlex.split(found))
    start = re.search(r"^CMD (\[.*\])$", lines, re.MULTILINE)
    assert start
    check_command(yaml.safe_load(start[1])[1:])
    assert (ROOT / "constraints.txt").is_file()


@pytest.mark.parametrize("path", sorted(DEPLOY.iterdir()), ids=lambda path: path.name)
def test_no_file_holds_a_secret_or_an_address_of_ours(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"(?i)password[ \t]*[:=][ \t]*[\"']?[a-z0-9]{4}", text)
    hosts = set(re.findall(r"https?://([a-z0-9.-]*[a-z0-9])", text))
    assert hosts <= {"annotate.example.org", "127.0.0.1"}
