"""A deployed server: PostgreSQL, two web workers, nginx with TLS below a path, an own authority."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from deployed import Deployed, start_deployed
from ports import free_port
from postgres_cluster import running_cluster

from annotate.doccano import embedded as server

EXAMPLE = Path(__file__).resolve().parents[2] / "deploy" / "nginx.conf"


@dataclass(frozen=True)
class Authority:
    """A private certificate authority, and a certificate of it for ``localhost``."""

    ca: Path
    certificate: Path
    key: Path


def make_authority(folder: Path, *, name: str = "localhost") -> Authority:
    """Made with the openssl command; valid for a day."""
    folder.mkdir()
    usage = "keyUsage=critical,keyCertSign,cRLSign"
    made = Authority(folder / "ca.pem", folder / "server.pem", folder / "server.key")
    new_key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    _openssl("req", "-x509", "-days", "1", *new_key, "-keyout", folder / "ca.key", "-out", made.ca,
             "-subj", "/CN=Private test authority", "-addext", usage)  # fmt: skip
    _openssl("req", *new_key, "-keyout", made.key, "-out", folder / "server.csr", "-subj", f"/CN={name}")
    (folder / "ext").write_text(f"subjectAltName=DNS:{name}\nkeyUsage=critical,digitalSignature\n")
    _openssl("x509", "-req", "-days", "1", "-in", folder / "server.csr", "-CA", made.ca,
             "-CAkey", folder / "ca.key", "-CAcreateserial", "-extfile", folder / "ext",
             "-out", made.certificate)  # fmt: skip
    return made


def _openssl(*arguments: object) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


@dataclass(frozen=True)
class Proxy:
    """A running nginx. ``plain_port`` answers every request with a redirect to the TLS port."""

    port: int
    plain_port: int
    log: Path


@contextmanager
def running_nginx(
    folder: Path, authority: Authority, backend_port: int, *, port: int, path: str
) -> Iterator[Proxy]:
    """The example of ``deploy/``, moved to free ports and these certificates, around a minimal main file."""
    folder.mkdir()
    plain = free_port()
    site = EXAMPLE.read_text(encoding="utf-8")
    for old, new in {
        "listen 80;": f"listen 127.0.0.1:{plain};",
        "listen 443 ssl;": f"listen 127.0.0.1:{port} ssl;",
        "https://$host$request_uri": f"https://$host:{port}$request_uri",
        "annotate.example.org": "localhost",
        "/etc/ssl/annotate/fullchain.pem": str(authority.certificate),
        "/etc/ssl/annotate/privkey.pem": str(authority.key),
        "127.0.0.1:8765": f"127.0.0.1:{backend_port}",
        "/doccano/": f"{path}/",
    }.items():
        assert old in site, old
        site = site.replace(old, new)
    temporary = "\n".join(
        f"    {kind}_temp_path {folder}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;" if os.geteuid() == 0 else ""
    config = folder / "nginx.conf"
    config.write_text(
        f"daemon off;\n{user}\npid {folder}/pid;\nerror_log {folder}/error.log;\nworker_processes 1;\n"
        f"events {{ worker_connections 256; }}\nhttp {{\n    access_log {folder}/access.log;\n"
        f"{temporary}\n{site}\n}}\n",
        encoding="utf-8",
    )
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    checked = subprocess.run([program, "-t", "-c", config], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    nginx = subprocess.Popen([program, "-c", config], **quiet)
    try:
        _wait_for(plain, nginx)
        yield Proxy(port, plain, folder / "access.log")
    finally:
        nginx.terminate()
        nginx.wait(20)


def _wait_for(port: int, nginx: subprocess.Popen[bytes]) -> None:
    for _ in range(100):
        assert nginx.poll() is None
        try:
            requests.get(f"http://127.0.0.1:{port}/", timeout=5, allow_redirects=False)
        except requests.ConnectionError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("nginx did not start")


@dataclass(frozen=True)
class Site:
    """What an annotator sees: an address, and the authority behind its certificate."""

    url: str
    proxy: Proxy
    authority: Authority
    server: Deployed


@contextmanager
def running_site(folder: Path, *, path: str) -> Iterator[Site]:
    """All of it, from the database to the address ``https://localhost:PORT/path``."""
    port = free_port()
    url = f"https://localhost:{port}{path}"
    authority = make_authority(folder / "tls")
    with running_cluster() as cluster, pytest.MonkeyPatch.context() as patch:
        patch.setenv("ANNOTATE_DATABASE_PASSWORD", cluster.password)
        try:
            found = start_deployed(folder / "home", database=cluster.make(), public_url=url + "/")
            backend = int(found.url.rpartition(":")[2])
            with running_nginx(folder / "nginx", authority, backend, port=port, path=path) as proxy:
                yield Site(url, proxy, authority, found)
        finally:
            server.stop(folder / "home")
