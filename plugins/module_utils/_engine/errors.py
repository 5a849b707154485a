# Copyright: (c) 2026, secure.ftp_synchronize contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""All errors of the engine.

    SyncError
    |-- RunEnded                    a signal ended the run
    |-- InvalidRequest              the options of the task cannot be carried out
    |   |-- InvalidPattern          an include or exclude pattern is not valid
    |   |-- ClientMissing           neither an OpenSSH client nor paramiko is installed
    |   |-- AccountMissing          a jail without its account
    |   |-- AccountsUnlisted        accounts of jails that are not in the list
    |   |-- RecipientInvalid        a recipient is not a public key that can be used
    |   |-- SealingUnavailable      neither a library nor a program for the format
    |   |-- SecretUnavailable       the source of a secret has no usable secret
    |   `-- ServiceMissing          the server to configure is not installed
    |-- TrustError                  the peer is not proven; nothing secret was sent
    |   |-- UnknownHost             no pin for this host
    |   |-- HostKeyChanged          the host has pins, and none matches this key
    |   |-- HostKeyRevoked          the key is marked @revoked
    |   |-- PinExpired              the pin of this key, or of this host, is past its valid_until
    |   |-- PinStoreUnsafe          others could write the file of pins, or it is not a regular file
    |   |-- TrustStoreUnreadable    the pins or the certificates of authorities cannot be read
    |   |-- CertificateUntrusted    no chain to a trusted authority, or not a server's certificate
    |   |-- CertificateNameMismatch the certificate is for another host
    |   |-- CertificateExpired
    |   |-- CertificateNotYetValid
    |   |-- TlsPinMismatch          the chain is valid, and no pin matches the public key
    |   |-- TlsRefused              the server refuses TLS on this connection
    |   |-- TlsFailed               no common version or cipher, or the handshake failed
    |   |   `-- NotTls              the answer to our handshake is not TLS
    |   |-- DataChannelUntrusted    a data connection is not with the server of the control connection
    |   |-- SignatureInvalid        the signature is not of these bytes, or not of this purpose
    |   |-- SignerUnknown           no line of allowed signers names this key for this principal
    |   |-- SignerRevoked           the key is in the list of revoked keys
    |   |-- SignerExpired           the key is not valid at this time
    |   `-- IssuerUnproven          the issuer did not prove who it is; nothing secret was sent
    |-- AuthenticationFailed        the peer does not accept the credentials
    |   |-- PrivateKeyUnusable      wrong passphrase, open permissions, not a key
    |   |-- SecondFactorRequired    the server accepts the first factor and asks for a one-time code
    |   `-- IssuerRefused           the issuer refused the login or the request
    |-- ConnectionFailed            no session could be made (retryable)
    |   |-- ConnectTimeout          `answered`: the server has sent something
    |   |   `-- SilentServer        the server accepted the connection and sent nothing (not retryable)
    |   |-- NotSsh                  the server speaks another protocol (not retryable)
    |   |-- AlgorithmsRefused       the server has only algorithms that are too weak (not retryable)
    |   |-- TooManyConnections      the server admits no further session
    |   `-- IssuerUnavailable       the issuer could not be reached, or could not answer
    |-- ConnectionLost              the session ended in the middle (retryable)
    |   `-- Stalled                 no byte moved within `stall_timeout`
    |-- ProtocolViolation           the peer's bytes break the protocol
    |-- ItemError                   one file, directory or link
    |   |-- NotFound
    |   |-- AlreadyExists
    |   |-- PermissionDenied
    |   |-- NoSpace
    |   |-- QuotaExceeded
    |   |-- SourceChanged           the source changed while it was read
    |   |-- ProofFailed             the stored bytes are not the sent bytes
    |   |   `-- DigestMismatch      the content of a file is not the signed content
    |   |-- UnsafeName              a name that would leave the tree
    |   |-- DuplicateName           a peer listed one name twice
    |   |-- NameCollision           two names are the same for the destination
    |   |-- NotSupported            the server lacks a required feature
    |   |-- OperationFailed         any other error of the system
    |   |-- WaitTimeout             the state that was waited for did not come
    |   |-- ContentUnsigned         an entry that the manifest does not name
    |   |-- ContentRefused          the scanner or the program refused the content
    |   |-- ContentUnchecked        the content got no verdict
    |   |-- QuarantineFailed        a refused content could not be kept
    |   |-- IdentityMissing         no identity opens the file
    |   `-- SealedDamaged           the file was changed or cut, or is not a sealed file
    |-- Refused                     the engine refuses, for safety
    |   |-- SourceMissing
    |   |-- EmptySource
    |   |-- OverlappingRoots
    |   |-- TooManyDeletions
    |   |-- KindConflict            a directory exists where a file must go
    |   |-- PinConflict             another line of the file pins this host too
    |   |-- UnsafePath              an account other than root can change where a path leads
    |   |-- AccountTaken            the account or group does not belong to a jail
    |   |-- AccountLocked           an administrator locked the account
    |   |-- VaultLocked             the files are in a vault that is locked
    |   |-- Locked                  another run works on this tree
    |   |-- ManifestMissing         no complete pair of manifest and signature
    |   |-- ManifestExpired         its validity has ended, or it is older than the reader accepts
    |   |-- ManifestNotYetValid     it was issued in the future
    |   |-- ManifestRollback        an older manifest than the newest known
    |   |-- ManifestFork            another manifest under a known number, or after another predecessor
    |   |-- ManifestForeign         a manifest of another tree
    |   |-- ManifestMisnamed        the number in the name is not the number in the text
    |   |-- ManifestUnknown         a sender has no state of the manifests that are published
    |   |-- ManifestTooLarge        more bytes, entries or header lines than a reader accepts
    |   |-- ReceiptBroken           a chain of receipts was changed
    |   |-- DrillOverdue            the last restore drill is older than its limit
    |   |-- SetIncomplete           the files at the server are not the files of the manifest
    |   |-- ScannerUnavailable      the scanner of contents does not work
    |   |   `-- SignaturesOld       its signatures are older than their limit, or of an unknown age
    |   |-- KrlDamaged              the file is not a whole key revocation list
    |   |-- KrlEmpty                the list revokes nothing, or not the key that every such list revokes
    |   |-- KrlRollback             an older list than the installed list, or another list of the same version
    |   |-- KrlIncomplete           a key that must be refused is not in the list
    |   |-- KrlWrong                the list refuses a key that is not revoked, or lacks an entry of its source
    |   |-- EvidenceTooLarge        the lists of a capture, or an announced archive, do not fit into max_size
    |   |-- EvidenceChanged         a host sent other bytes than it announced
    |   |-- CustodyBroken           the custody chain of a case, or a bundle in it, was changed
    |   |-- KeyCompromised          a key was in the account before it was closed, or sshd refuses it
    |   |-- KeyUnnamed              a key, a line or a setting would open the account besides the named keys
    |   |-- LedgerChanged           another run began to close or open the account after this run had begun
    |   |-- NotClosed               the account is not closed completely: its former keys are not known
    |   |-- PasswordCompromised     a password was valid before the account was closed
    |   |-- PasswordUnnamed         a password was set meanwhile, and nothing shows that it is new
    |   |-- UserShared              another account has the same user id, so their processes look alike
    |   |-- ConfigUnsafe            the configuration file is a link, or others could write it
    |   |-- CandidateFailed         the new configuration does not serve, or does not keep the policy
    |   |-- CustodyUnavailable      no TPM, no tang server, or a tang server with another key
    |   |-- PassphraseWrong         the passphrase does not open the vault
    |   |-- VaultUnsafe             content would reach the disk unencrypted, or did
    |   |-- CheckFailed             the job failed in check mode, in a unit like its own
    |   `-- ExposureTooHigh         the unit is open further than the limit
    |-- SigningFailed               no signature could be made; the published files stay
    |-- SshdMissing                 there is no sshd on this host
    |-- ConfigurationInvalid        sshd itself refuses the configuration
    |-- NotAsWanted                 sshd would not apply the requested settings
    |-- OwnerLockedOut              the account that makes the change could not log in afterwards
    |-- PortTaken                   another service uses a port for sshd
    |-- NotOverSsh                  the module was not reached over SSH: no login could prove anything
    |-- NotConfirmed                no new login proved the change; the previous files are restored
    |-- NotRotatable                the host keys of this server cannot be rotated with a second key
    |-- BanFailed                   fail2ban does not take the configuration, or does not start the jail
    |-- ServiceFailed               the server on this host does not work
    `-- CertificateNotRotatable     a certificate cannot be replaced or served

`code` is stable and part of the public result; `retryable` is true if the same call may succeed in a new session.
Only `at` attaches an error to an item after it was made.
"""

from __future__ import annotations

from typing import Any, Callable, Iterable, Optional, TypeVar

E = TypeVar("E", bound="SyncError")


class SyncError(Exception):
    """Base of all errors of the engine.

    message: one sentence for people, without the path
    path: the item (bytes, relative to the root) or None
    cure: one imperative for the operator, or ""
    """

    code = "error"
    retryable = False

    def __init__(self, message: str, *, path: Optional[bytes] = None, cure: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.path = path
        self.cure = cure

    def at(self: E, path: Optional[bytes], *, message: str = "", cure: str = "") -> E:
        """Return this error as the error of the item at `path`, with `cure` if it has none."""
        placed = type(self)(message or self.message, path=path, cure=self.cure or cure)
        placed.__cause__ = self
        return placed


class RunEnded(SyncError):
    code = "interrupted"

    @classmethod
    def by(cls, cause: object) -> RunEnded:
        return cls("the run was ended: %s" % cause, cure="Run it again: it continues from this state.")


class InvalidRequest(SyncError):
    code = "invalid_request"


class InvalidPattern(InvalidRequest):
    code = "invalid_pattern"


class ClientMissing(InvalidRequest):
    code = "client_missing"


class AccountMissing(InvalidRequest):
    code = "account_missing"


class AccountsUnlisted(InvalidRequest):
    code = "accounts_unlisted"


class TrustError(SyncError):
    code = "trust"


class UnknownHost(TrustError):
    code = "unknown_host"


class HostKeyChanged(TrustError):
    code = "host_key_changed"


class HostKeyRevoked(TrustError):
    code = "host_key_revoked"


class PinExpired(TrustError):
    code = "pin_expired"


class PinStoreUnsafe(TrustError):
    code = "pin_store_unsafe"


class TrustStoreUnreadable(TrustError):
    code = "trust_store_unreadable"


class CertificateUntrusted(TrustError):
    code = "certificate_untrusted"


class CertificateNameMismatch(TrustError):
    code = "certificate_name_mismatch"


class CertificateExpired(TrustError):
    code = "certificate_expired"


class CertificateNotYetValid(TrustError):
    code = "certificate_not_yet_valid"


class TlsPinMismatch(TrustError):
    code = "tls_pin_mismatch"


class TlsRefused(TrustError):
    code = "tls_refused"


class TlsFailed(TrustError):
    code = "tls_failed"


class NotTls(TlsFailed):
    code = "not_tls"


class DataChannelUntrusted(TrustError):
    code = "data_channel_untrusted"


class AuthenticationFailed(SyncError):
    code = "authentication_failed"


class PrivateKeyUnusable(AuthenticationFailed):
    code = "private_key_unusable"


class SecondFactorRequired(AuthenticationFailed):
    code = "second_factor_required"


class ConnectionFailed(SyncError):
    code = "connection_failed"
    retryable = True


class ConnectTimeout(ConnectionFailed):
    code = "connect_timeout"

    def __init__(self, message: str, *, path: Optional[bytes] = None, cure: str = "", answered: bool = False) -> None:
        super().__init__(message, path=path, cure=cure)
        self.answered = answered


class SilentServer(ConnectTimeout):
    code = "silent_server"
    retryable = False


class NotSsh(ConnectionFailed):
    code = "not_ssh"
    retryable = False


class AlgorithmsRefused(ConnectionFailed):
    code = "algorithms_refused"
    retryable = False


class TooManyConnections(ConnectionFailed):
    code = "too_many_connections"


class ConnectionLost(SyncError):
    code = "connection_lost"
    retryable = True


class Stalled(ConnectionLost):
    code = "stalled"


class ProtocolViolation(SyncError):
    code = "protocol_violation"


class ItemError(SyncError):
    code = "item"


class NotFound(ItemError):
    code = "not_found"


class AlreadyExists(ItemError):
    code = "already_exists"


class PermissionDenied(ItemError):
    code = "permission_denied"


class NoSpace(ItemError):
    code = "no_space"


class QuotaExceeded(ItemError):
    code = "quota_exceeded"


class SourceChanged(ItemError):
    code = "source_changed"


class ProofFailed(ItemError):
    code = "proof_failed"


class UnsafeName(ItemError):
    code = "unsafe_name"


class DuplicateName(ItemError):
    code = "duplicate_name"


class NameCollision(ItemError):
    code = "name_collision"


class NotSupported(ItemError):
    code = "not_supported"


class OperationFailed(ItemError):
    code = "operation_failed"


class WaitTimeout(ItemError):
    code = "wait_timeout"


class Refused(SyncError):
    code = "refused"


class SourceMissing(Refused):
    code = "source_missing"


class EmptySource(Refused):
    code = "empty_source"


class OverlappingRoots(Refused):
    code = "overlapping_roots"


class TooManyDeletions(Refused):
    """refused: the actions that were refused, as in a plan."""

    code = "too_many_deletions"
    refused: Iterable[Any] = ()


class KindConflict(Refused):
    code = "kind_conflict"


class PinConflict(Refused):
    code = "pin_conflict"


class UnsafePath(Refused):
    code = "unsafe_path"


class AccountTaken(Refused):
    code = "account_taken"


class AccountLocked(Refused):
    code = "account_locked"


class VaultLocked(Refused):
    code = "vault_locked"


class Locked(Refused):
    code = "locked"


class ManifestMissing(Refused):
    code = "manifest_missing"


class ManifestExpired(Refused):
    code = "manifest_expired"


class ManifestNotYetValid(Refused):
    code = "manifest_not_yet_valid"


class ManifestRollback(Refused):
    code = "manifest_rollback"


class ManifestFork(Refused):
    code = "manifest_fork"


class ManifestForeign(Refused):
    code = "manifest_foreign"


class ManifestMisnamed(Refused):
    code = "manifest_misnamed"


class ManifestUnknown(Refused):
    code = "manifest_unknown"


class ManifestTooLarge(Refused):
    code = "manifest_too_large"


class ReceiptBroken(Refused):
    code = "receipt_broken"


class DrillOverdue(Refused):
    code = "drill_overdue"


class SetIncomplete(Refused):
    code = "set_incomplete"


class SignatureInvalid(TrustError):
    code = "signature_invalid"


class SignerUnknown(TrustError):
    code = "signer_unknown"


class SignerRevoked(TrustError):
    code = "signer_revoked"


class SignerExpired(TrustError):
    code = "signer_expired"


class SigningFailed(SyncError):
    code = "signing_failed"


class ContentUnsigned(ItemError):
    code = "content_unsigned"


class DigestMismatch(ProofFailed):
    code = "digest_mismatch"


class ContentRefused(ItemError):
    code = "content_refused"


class ContentUnchecked(ItemError):
    code = "content_unchecked"


class QuarantineFailed(ItemError):
    code = "quarantine_failed"


class ScannerUnavailable(Refused):
    code = "scanner_unavailable"


class SignaturesOld(ScannerUnavailable):
    code = "signatures_old"


class KrlDamaged(Refused):
    code = "krl_damaged"


class KrlEmpty(Refused):
    code = "krl_empty"


class KrlRollback(Refused):
    code = "krl_rollback"


class KrlIncomplete(Refused):
    code = "krl_incomplete"


class KrlWrong(Refused):
    code = "krl_wrong"


class RecipientInvalid(InvalidRequest):
    code = "recipient_invalid"


class SealingUnavailable(InvalidRequest):
    code = "sealing_unavailable"


class IdentityMissing(ItemError):
    code = "identity_missing"


class SealedDamaged(ItemError):
    code = "sealed_damaged"


class EvidenceTooLarge(Refused):
    code = "evidence_too_large"


class EvidenceChanged(Refused):
    code = "evidence_changed"


class CustodyBroken(Refused):
    code = "custody_broken"


class KeyCompromised(Refused):
    code = "key_compromised"


class KeyUnnamed(Refused):
    code = "key_unnamed"


class LedgerChanged(Refused):
    code = "ledger_changed"


class NotClosed(Refused):
    code = "not_closed"


class PasswordCompromised(Refused):
    code = "password_compromised"


class PasswordUnnamed(Refused):
    code = "password_unnamed"


class UserShared(Refused):
    code = "user_shared"


class SshdMissing(SyncError):
    code = "sshd_missing"


class ConfigurationInvalid(SyncError):
    code = "sshd_config_invalid"


class NotAsWanted(SyncError):
    code = "sshd_not_as_wanted"


class OwnerLockedOut(SyncError):
    code = "owner_locked_out"


class PortTaken(SyncError):
    code = "port_taken"


class NotOverSsh(SyncError):
    code = "not_over_ssh"


class NotConfirmed(SyncError):
    code = "not_confirmed"


class NotRotatable(SyncError):
    code = "host_keys_not_rotatable"


class BanFailed(SyncError):
    code = "ban_failed"


class ServiceMissing(InvalidRequest):
    code = "service_missing"


class ServiceFailed(SyncError):
    code = "service_failed"


class ConfigUnsafe(Refused):
    code = "config_unsafe"


class CandidateFailed(Refused):
    code = "candidate_failed"


class CertificateNotRotatable(SyncError):
    code = "certificate_not_rotatable"


class IssuerUnproven(TrustError):
    code = "issuer_unproven"


class IssuerRefused(AuthenticationFailed):
    code = "issuer_refused"


class IssuerUnavailable(ConnectionFailed):
    code = "issuer_unavailable"


class SecretUnavailable(InvalidRequest):
    code = "secret_unavailable"


class CustodyUnavailable(Refused):
    code = "custody_unavailable"


class PassphraseWrong(Refused):
    code = "passphrase_wrong"


class VaultUnsafe(Refused):
    code = "vault_unsafe"


class CheckFailed(Refused):
    code = "check_failed"


class ExposureTooHigh(Refused):
    code = "exposure_too_high"


def failure_of(step: Callable[[], object]) -> Optional[SyncError]:
    """Return the error with which a step fails, RunEnded for a KeyboardInterrupt."""
    try:
        step()
    except SyncError as error:
        return error
    except KeyboardInterrupt as interruption:
        return RunEnded.by(interruption)
    return None
