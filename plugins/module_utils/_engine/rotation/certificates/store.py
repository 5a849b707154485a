# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys of an FTPS server, each with its certificate, as files; one rename changes both.

    KEY.d/TIME/key.pem           one generation, made at TIME
    KEY.d/TIME/request.pem       the request for an authority
    KEY.d/TIME/issued.pem        the issued certificate, not yet served
    KEY.d/TIME/certificate.pem   the served certificate, followed by intermediate certificates
    KEY.d/TIME/refused.pem       a certificate that was issued, served, and not proven
    KEY.d/TIME/previous.pem      the certificate that was served before, until the present is proven
    KEY.d/current                link to the served generation; its own time is the start of serving
    KEY.d/unproven               a mark: the served files are not yet proven to clients

KEY and CERTIFICATE, the files that the server's configuration names, are links to `current/key.pem` and
`current/certificate.pem`. So a server that starts finds a matching pair at every moment.

No component of the paths of these directories is a link, and no other account can put something in its place: only
root can change where the paths lead, and files in them may be named by their paths.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import ssl
import stat
from typing import List, NamedTuple, Optional

from ...errors import CertificateNotRotatable, UnsafePath
from ...ftps_service.key_pair import load_key_pair, read_chain
from ...model.utc import in_a_name, parse_name
from ...system.durable_files import LEFT_BEHIND, complete, link, put, unlink
from ...system.root_owned_path import Walker
from ...tls.certificate import CertificateFacts, RequestFacts, read_certificate, read_request
from .openssl_keys import Subject, make_key, make_request, sign_itself

_NAME = re.compile(r"[0-9]{8}T[0-9]{6}Z\Z")
_PEM_REQUEST = re.compile(r"-----BEGIN CERTIFICATE REQUEST-----([^-]+)-----END CERTIFICATE REQUEST-----")
_KEY, _CERTIFICATE, _REQUEST = "key.pem", "certificate.pem", "request.pem"
_ISSUED, _PREVIOUS, _REFUSED = "issued.pem", "previous.pem", "refused.pem"
_CURRENT, _UNPROVEN = "current", "unproven"


class Place(NamedTuple):
    """The files that the server's configuration names."""

    certificate: str
    key: str

    @property
    def directory(self) -> str:
        return self.key + ".d"


class Generation(NamedTuple):
    """A key.

    directory: its own, "" if its files are the server's plain files
    made: the time of the key
    announced: the time in the name
    request, served, issued: None if there is no readable file
    """

    directory: str
    made: float
    announced: float
    request: Optional[RequestFacts] = None
    served: Optional[CertificateFacts] = None
    issued: Optional[CertificateFacts] = None

    @property
    def pin(self) -> str:
        facts = self.served or self.request
        return facts.pin if facts is not None else ""

    @property
    def key_file(self) -> str:
        return f"{self.directory}/{_KEY}"

    @property
    def request_file(self) -> str:
        return f"{self.directory}/{_REQUEST}"

    @property
    def issued_file(self) -> str:
        return f"{self.directory}/{_ISSUED}"


class Store:
    """The stored keys of a place. passphrase: of its keys, "" if there is none.

    Raises CertificateNotRotatable, UnsafePath, PrivateKeyUnusable, OperationFailed.
    """

    def __init__(self, place: Place, passphrase: str = "") -> None:
        self._place, self._passphrase = place, passphrase
        require_private(os.path.dirname(place.certificate), os.path.dirname(place.key), place.directory)
        for path, name in zip(place, (_CERTIFICATE, _KEY)):
            self._check_file(path, self._target(name))

    def require_pair(self) -> None:
        """Require key and certificate, and that they match."""
        if not all(os.path.exists(path) for path in self._place):
            raise CertificateNotRotatable("%s or %s does not exist" % self._place, cure="Set up the server first.")
        load_key_pair(self._place.certificate, self._place.key, self._passphrase)

    # queries

    @property
    def empty(self) -> bool:
        """Return whether there is no certificate. A key without a certificate from another source is never replaced."""
        if os.path.lexists(self._place.certificate):
            return False
        if os.path.exists(self._place.key) and not os.path.islink(self._place.key):
            raise CertificateNotRotatable(
                f"the key {self._place.key} exists, and {self._place.certificate} does not",
                cure="Put its certificate there, or move the key away.",
            )
        return True

    @property
    def adopted(self) -> bool:
        """Return whether the server's files are links into the store."""
        return all(os.path.islink(path) for path in self._place)

    @property
    def unproven(self) -> bool:
        """Return whether the served files are not proven yet."""
        return os.path.exists(self._path(_UNPROVEN))

    @property
    def littered(self) -> bool:
        """Return whether a run was killed while it made a key, or removed a key."""
        return os.path.exists(self._path(LEFT_BEHIND))

    @property
    def renewed(self) -> bool:
        """Return whether the key that is served had another certificate before."""
        return os.path.exists(f"{self._path(_CURRENT)}/{_PREVIOUS}")

    def current(self) -> Generation:
        if self.adopted:
            return self._look(os.path.realpath(self._path(_CURRENT)))
        made = os.stat(self._place.key).st_mtime
        return Generation("", made, made, served=read_certificate(read_chain(self._place.certificate)[0]))

    def since(self) -> float:
        """Return when the served key was first served."""
        return os.lstat(self._path(_CURRENT)).st_mtime if self.adopted else os.stat(self._place.key).st_mtime

    def others(self) -> List[Generation]:
        """Return the keys that are not served, the oldest first."""
        served = os.path.realpath(self._path(_CURRENT))
        found = [self._path(name) for name in sorted(self._names()) if _NAME.match(name)]
        return [self._look(path) for path in found if self.adopted and path != served]

    # steps: each is one rename, or can be done again

    def begin(self, subject: Subject, now: float) -> None:
        """Make and serve a key with a certificate of one day, signed by itself: no server lets it in."""
        os.makedirs(self._place.directory, 0o755, exist_ok=True)
        new, name = self._new_directory(), self._next_name(now)
        make_key(f"{new}/{_KEY}", self._passphrase)
        sign_itself(f"{new}/{_KEY}", subject, self._passphrase, f"{new}/{_CERTIFICATE}")
        self._complete(new, self._path(name))
        link(name, self._path(_CURRENT))
        # The certificate last: while there is none, a run that was killed is done again.
        link(self._target(_KEY), self._place.key)
        link(self._target(_CERTIFICATE), self._place.certificate)

    def adopt(self, now: float) -> None:
        """Take over the server's present files."""
        os.makedirs(self._place.directory, 0o755, exist_ok=True)
        if not os.path.exists(self._path(_CURRENT)):
            link(self._copied() or self._copy_pair(now), self._path(_CURRENT))
        self._take_over_certificate()
        for path, name in zip(self._place, (_CERTIFICATE, _KEY)):
            if not os.path.islink(path):
                link(self._target(name), path)

    def make(self, subject: Subject, now: float) -> Generation:
        """Make a key and its request, which are whole when their directory is there."""
        directory = self._path(self._next_name(now))
        new = self._new_directory()
        key = f"{new}/{_KEY}"
        make_key(key, self._passphrase)
        _give_as(self._place.key, key)
        self._ask_for(new, subject)
        self._complete(new, directory)
        return self._look(directory)

    def ask(self, generation: Generation, subject: Subject) -> None:
        """Make a request for a key, replacing a request for other names; its issued certificate is removed."""
        self._ask_for(generation.directory, subject)
        unlink(generation.issued_file)

    def keep_issued(self, generation: Generation, text: str) -> None:
        put(generation.issued_file, text.encode(), 0o644)

    def promote(self, generation: Generation) -> None:
        """Serve the issued certificate of a key: of the served key, or of another key."""
        put(self._path(_UNPROVEN), b"", 0o644)
        certificate = f"{generation.directory}/{_CERTIFICATE}"
        if generation.directory == self.current().directory:
            put(f"{generation.directory}/{_PREVIOUS}", _content(certificate), 0o644)
        put(certificate, _content(generation.issued_file), 0o644)
        self._turn_to(generation)

    def take_back(self, to: Generation) -> None:
        """Serve the previous state again: the same key with its previous certificate, or another key."""
        with contextlib.suppress(FileNotFoundError):
            served = self.current().issued_file
            os.rename(served, f"{os.path.dirname(served)}/{_REFUSED}")
        with contextlib.suppress(FileNotFoundError):
            os.rename(f"{to.directory}/{_PREVIOUS}", f"{to.directory}/{_CERTIFICATE}")
        self._turn_to(to)
        unlink(self._path(_UNPROVEN))

    def confirm(self) -> None:
        """Record that the served files are proven."""
        current = self.current()
        if current.issued is not None and current.issued == current.served:
            for path in (current.request_file, current.issued_file):
                unlink(path)
        unlink(f"{current.directory}/{_PREVIOUS}")
        unlink(self._path(_UNPROVEN))

    def sweep(self) -> None:
        """Remove half a key."""
        shutil.rmtree(self._path(LEFT_BEHIND))

    def remove(self, generation: Generation) -> None:
        """Remove a key that is not served."""
        new = self._new_directory()
        os.rename(generation.directory, new + "/gone")
        shutil.rmtree(new)

    # parts

    def _path(self, name: str) -> str:
        return os.path.join(self._place.directory, name)

    def _names(self) -> List[str]:
        return os.listdir(self._place.directory) if os.path.isdir(self._place.directory) else []

    def _look(self, directory: str) -> Generation:
        key = os.stat(f"{directory}/{_KEY}")
        return Generation(
            directory,
            key.st_mtime,
            parse_name(os.path.basename(directory)),
            _request(f"{directory}/{_REQUEST}"),
            _certificate(f"{directory}/{_CERTIFICATE}"),
            _certificate(f"{directory}/{_ISSUED}"),
        )

    def _ask_for(self, directory: str, subject: Subject) -> None:
        new = f"{directory}/{_REQUEST}{LEFT_BEHIND}"
        make_request(f"{directory}/{_KEY}", subject, self._passphrase, new)
        os.chmod(new, 0o644)
        os.rename(new, f"{directory}/{_REQUEST}")

    def _copied(self) -> Optional[str]:
        """Return the generation of the server's key, which a run has made that was killed then."""
        key = _content(self._place.key)
        names = filter(_NAME.match, self._names())
        return next((name for name in names if _content(os.path.join(self._path(name), _KEY)) == key), None)

    def _copy_pair(self, now: float) -> str:
        new, name = self._new_directory(), self._next_name(now)
        for path, own in zip(self._place, (_CERTIFICATE, _KEY)):
            shutil.copy2(path, f"{new}/{own}")  # only this user can enter the directory
            _give_as(path, f"{new}/{own}")
        self._complete(new, self._path(name))
        return name

    def _next_name(self, now: float) -> str:
        """Return a name that sorts after all others, even if the clock was set back."""
        newest = max((parse_name(name) for name in self._names() if _NAME.match(name)), default=0.0)
        return in_a_name(max(now, newest + 1))

    def _take_over_certificate(self) -> None:
        """Take over a newer certificate of the same key that was put in the place of the link."""
        current = self._look(os.path.realpath(self._path(_CURRENT)))
        found = read_certificate(read_chain(self._place.certificate)[0])
        if found.pin != current.pin:
            raise CertificateNotRotatable(
                "%s and %s have been replaced outside the rotation" % self._place,
                cure=f"Move {self._place.directory} away; the rotation then begins again with the served files.",
            )
        if current.served is None or found.fingerprint != current.served.fingerprint:
            put(f"{current.directory}/{_CERTIFICATE}", _content(self._place.certificate), 0o644)

    def _turn_to(self, generation: Generation) -> None:
        name = os.path.basename(generation.directory)
        if os.readlink(self._path(_CURRENT)) != name:
            link(name, self._path(_CURRENT))

    def _new_directory(self) -> str:
        new = self._path(LEFT_BEHIND)
        shutil.rmtree(new, ignore_errors=True)
        os.mkdir(new, 0o700)
        return new

    def _complete(self, new: str, directory: str) -> None:
        os.chmod(new, 0o755)  # noqa: S103  # the key in it is closed
        complete(new, directory)

    def _target(self, name: str) -> str:
        """Return the target of the server's links."""
        return os.path.join(self._place.directory, _CURRENT, name)

    def _check_file(self, path: str, target: str) -> None:
        """Require a plain file, or the link that `adopt` makes."""
        with contextlib.suppress(FileNotFoundError):
            info = os.lstat(path)
            if not stat.S_ISREG(info.st_mode) and not (stat.S_ISLNK(info.st_mode) and os.readlink(path) == target):
                raise UnsafePath(
                    f"{path} is not a regular file",
                    cure="Leave its renewal to the program that maintains it, or set a plain file, and rotate that.",
                )


def _certificate(path: str) -> Optional[CertificateFacts]:
    try:
        return read_certificate(read_chain(path)[0]) if os.path.exists(path) else None
    except ValueError:
        return None


def _request(path: str) -> Optional[RequestFacts]:
    try:
        with open(path, encoding="ascii", errors="replace") as file:
            match = _PEM_REQUEST.search(file.read())
        body = "" if match is None else match.group(1)
        pem = f"-----BEGIN CERTIFICATE-----{body}-----END CERTIFICATE-----"  # the same wrapping (RFC 7468)
        return read_request(ssl.PEM_cert_to_DER_cert(pem))
    except (FileNotFoundError, ValueError):
        return None


def _content(path: str) -> bytes:
    with open(path, "rb") as stream:
        return stream.read()


def _give_as(model: str, path: str) -> None:
    """Copy owner, group and mode, so that readers of the old file can read the new file."""
    status = os.stat(model)
    os.chown(path, status.st_uid, status.st_gid)
    os.chmod(path, stat.S_IMODE(status.st_mode))


def require_private(*directories: str) -> None:
    """Raises UnsafePath, and NotFound; the last one need not be there."""
    walker = Walker(owner=os.geteuid(), shared=True)
    *needed, last = directories
    for path in needed:
        os.close(walker.open(path))
    found = walker.open_existing(last)
    if found is not None:
        os.close(found)
