# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One policy, written into one server: read, render, prove on loopback, replace.

1. Read the configuration file, and load key and certificate: they must belong together (`config_file`, `key_pair`).
2. Render the policy as options of this server and release, and merge them into the file as a managed block (`vsftpd`,
   `proftpd`, `config_file`). If the text stays the same, the run ends here.
3. Start the installed program with the new text on a loopback port, next to the service (`candidate`).
4. Prove the candidate over both channels, in a session of the engine: login, LIST, STOR, RETR. Survey its TLS, and
   compare it with the policy (tls/checks). If client certificates are required, start it again with the requirement.
5. Refuse the policy if a finding is of medium severity or above. Otherwise replace the file. The caller restarts the
   service. In check mode all but the replacement is done.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import NamedTuple, Optional, Tuple

from ..errors import CandidateFailed, InvalidRequest, SyncError
from ..ftps.session import FtpsSession
from ..login_probe.ftps_exchange import StepFailed, exchange, loopback_context
from ..model.endpoint import EXPLICIT, FTPS, IMPLICIT, Credentials, Endpoint, PeerIdentity, TlsTrust
from ..model.findings import MEDIUM, Finding, at_least
from ..tls.certificate import read_certificate
from ..tls.checks import Policy, judge
from ..tls.profiles import Profile
from ..tls.spki import pin_of
from ..tls.survey import Identity, Survey
from ..tls_probe.control import control_facts
from ..tls_probe.data import data_facts
from ..tls_probe.dialer import Dialer, Target
from ..tls_probe.identity import shown
from ..tls_probe.offer import offered
from .binary import find_binary
from .candidate import INCOMING, Candidate, running
from .config_file import ConfigFile, read_config, replace_config
from .daemon import Daemon
from .key_pair import KeyPair, load_key_pair, require_authorities
from .proftpd import Proftpd
from .settings import Further, Option, Settings, settings_of
from .vsftpd import Vsftpd

_SECONDS = 20.0
_CREDENTIALS = Credentials(password="tls-policy@localhost")  # noqa: S106  # anonymous: it guards nothing

_DAEMONS = {"vsftpd": Vsftpd, "proftpd": Proftpd}
SERVICES = tuple(_DAEMONS)


class Served(NamedTuple):
    """The result of a test on loopback.

    peer: of the session with the transfers
    survey: the observations of the candidate
    """

    peer: PeerIdentity
    survey: Survey


@dataclass(frozen=True)
class ApplyRequest:
    """The request to write a policy.

    service: one of SERVICES
    config_file: None for the service's default
    certificate_file, private_key_file, client_ca_file: PEM files on this host
    further: options besides TLS
    check_mode: do everything but write
    """

    service: str
    profile: Profile
    certificate_file: str
    private_key_file: str
    config_file: Optional[str] = None
    client_ca_file: Optional[str] = None
    require_client_cert: bool = False
    require_session_reuse: bool = True
    further: Further = field(default_factory=dict)
    check_mode: bool = False


@dataclass(frozen=True)
class ApplyReport:
    """The result.

    before, after: the file's text
    options: the options of the block
    peer, findings: of the candidate, None and () if there was nothing to change and none was started
    """

    service: str
    version: str
    config_file: str
    profile: Profile
    before: str
    after: str
    block: str
    options: Tuple[Option, ...]
    peer: Optional[PeerIdentity] = None
    findings: Tuple[Finding, ...] = ()

    @property
    def changed(self) -> bool:
        """Return whether the file was changed or would be."""
        return self.before != self.after


def apply_policy(request: ApplyRequest) -> ApplyReport:
    """Write the policy. Raises InvalidRequest, ServiceMissing, CandidateFailed, ConfigUnsafe, PrivateKeyUnusable,
    TrustStoreUnreadable, Locked, ItemError. After an error the file is unchanged."""
    daemon = _DAEMONS[request.service]()
    file = read_config(request.config_file or daemon.config_file)
    return _Run(request, daemon, file).run()


class _Run:
    def __init__(self, request: ApplyRequest, daemon: Daemon, file: ConfigFile) -> None:
        self._request, self._daemon, self._file = request, daemon, file
        self._further = tuple(daemon.further(name, value) for name, value in request.further.items())
        self._pair = load_key_pair(request.certificate_file, request.private_key_file)
        self._settings = self._wanted()
        self._binary = find_binary(daemon)

    def _wanted(self) -> Settings:
        request = self._request
        client_ca = request.client_ca_file if request.require_client_cert else None
        if request.require_client_cert:
            if client_ca is None:
                raise InvalidRequest(
                    "require_client_cert: needs an authority for the clients' certificates",
                    cure="Set client_ca_file.",
                )
            require_authorities(client_ca)
        return settings_of(
            request.profile, self._pair, client_ca=client_ca, session_reuse=request.require_session_reuse
        )

    def run(self) -> ApplyReport:
        implicit = self._daemon.is_implicit(self._file.text)
        policy = self._daemon.options(self._settings, self._binary.takes, implicit=implicit)
        options = (*policy, *self._further)
        report = ApplyReport(
            service=self._daemon.name,
            version=self._binary.version,
            config_file=self._file.path,
            profile=self._request.profile,
            before=self._file.text,
            after=self._daemon.merged(self._file.text, options),
            block=self._daemon.block(options),
            options=options,
        )
        return self._carried_out(report) if report.changed else report

    def _carried_out(self, report: ApplyReport) -> ApplyReport:
        proof = self._proven(report.after)
        findings = judge(proof.survey, self._policy(), time.time())
        self._refuse_severe(findings)
        if not self._request.check_mode:
            replace_config(self._file, report.after)
        return replace(report, peer=proof.peer, findings=findings)

    def _proven(self, text: str) -> Served:
        """Test the candidate. There is no client certificate on this host: client operations are tested without the
        requirement, and then the requirement itself is tested."""
        implicit = self._daemon.is_implicit(text)
        with running(self._daemon, self._binary, text, demand=False) as candidate:
            proof = served(candidate, self._pair, implicit=implicit)
        if self._settings.client_ca is not None:
            with running(self._daemon, self._binary, text, demand=True) as candidate:
                demanded = demands_certificate(candidate, self._pair, implicit=implicit)
            identity = proof.survey.identity._replace(client_certificate=demanded)
            proof = proof._replace(survey=replace(proof.survey, identity=identity))
        return proof

    def _policy(self) -> Policy:
        names = read_certificate(self._pair.chain[0]).names
        return Policy(
            profile=self._request.profile,
            # The name that clients use is unknown here: it is only checked that the certificate has a name.
            host=names[0] if names else "a host name that clients use",
            client_certificate=self._request.require_client_cert,
            session_reuse=self._request.require_session_reuse,
        )

    def _refuse_severe(self, findings: Tuple[Finding, ...]) -> None:
        severe = at_least(findings, MEDIUM)
        if severe:
            shown = "; ".join(f"{each.observed} ({each.severity}, wanted: {each.wanted})" for each in severe[:5])
            raise CandidateFailed(
                f"{self._daemon.name} {self._binary.version} cannot keep {self._request.profile.name}: {shown}",
                cure="Nothing was changed. Choose another profile or certificate, or a newer release of the server.",
            )


def served(candidate: Candidate, pair: KeyPair, *, implicit: bool) -> Served:
    """Test the candidate. Raises CandidateFailed with the failed step."""
    target = _target(candidate, pair, implicit=implicit)
    peer = _transfers(candidate, target)
    return Served(peer, _survey(candidate, target, pair))


def demands_certificate(candidate: Candidate, pair: KeyPair, *, implicit: bool) -> str:
    """NOT_ASKED, OPTIONAL or REQUIRED. Raises CandidateFailed."""
    dialer = Dialer(_target(candidate, pair, implicit=implicit))
    try:
        return shown(dialer, asks_client=offered(dialer).asks_client).client_certificate or ""
    except SyncError as error:
        raise _failed("the check of its request for a client certificate", error, candidate) from None


def _target(candidate: Candidate, pair: KeyPair, *, implicit: bool) -> Target:
    tls = TlsTrust(mode=IMPLICIT if implicit else EXPLICIT, ca_file=pair.certificate, pins=(pin_of(pair.chain[0]),))
    endpoint = Endpoint(
        FTPS, "127.0.0.1", candidate.port, "anonymous", connect_timeout=_SECONDS, stall_timeout=_SECONDS
    )
    return Target(endpoint, _CREDENTIALS, tls, pause=0.0, context=loopback_context(tls, Credentials()))


def _transfers(candidate: Candidate, target: Target) -> PeerIdentity:
    session = FtpsSession(target.endpoint, target.credentials, target.tls, context=target.context)
    try:
        return exchange(session, INCOMING)
    except StepFailed as failed:
        raise _failed(failed.step, failed.error, candidate) from None
    finally:
        session.close()


def _survey(candidate: Candidate, target: Target, pair: KeyPair) -> Survey:
    dialer = Dialer(target)
    try:
        return Survey(
            versions=tuple(offered(dialer).versions),
            # Its identity was proven by the pin; the certificate's content is judged as for any server.
            identity=Identity(chains=(pair.chain,), untrusted="", outdated=""),
            control=control_facts(dialer) if target.explicit else None,
            data=data_facts(dialer),
            connections=dialer.connections,
        )
    except SyncError as error:
        raise _failed("the check of its TLS offer", error, candidate) from None


def _failed(step: str, error: SyncError, candidate: Candidate) -> CandidateFailed:
    return CandidateFailed(
        f"with the new configuration {step} fails on loopback: {error.message} "
        f"(last output of the server: {candidate.messages()})",
        cure="Nothing was changed: the old configuration is in place.",
    )
