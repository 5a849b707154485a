# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All errors of the engine.

    SyncError
    |-- InvalidRequest            the options of the task cannot be carried out
    |   |-- InvalidPattern        an include or exclude pattern is not valid
    |   |-- ClientMissing         neither an OpenSSH client nor paramiko is installed
    |   |-- AccountMissing        a jail without its account
    |   `-- AccountsUnlisted      accounts of jails that are not in the list
    |-- TrustError                the peer is not proven; nothing secret was sent
    |   |-- UnknownHost           no pin for this host
    |   |-- HostKeyChanged        the host has pins, and none matches this key
    |   |-- HostKeyRevoked        the key is marked @revoked
    |   |-- PinExpired            the pin of this key, or of this host, is past its valid_until
    |   |-- PinStoreUnsafe        others could write the file of pins, or it is not a regular file
    |   |-- TrustStoreUnreadable  the pins or the certificates of authorities cannot be read
    |   |-- CertificateUntrusted     no chain to a trusted authority, or not a server's certificate
    |   |-- CertificateNameMismatch  the certificate is for another host
    |   |-- CertificateExpired
    |   |-- CertificateNotYetValid
    |   |-- TlsPinMismatch           the chain is valid, and no pin matches the public key
    |   |-- TlsRefused               the server refuses TLS on this connection
    |   |-- TlsFailed                no common version or cipher, or the handshake failed
    |   |   `-- NotTls                 the answer to our handshake is not TLS
    |   `-- DataChannelUntrusted     a data connection is not with the server of the control connection
    |-- AuthenticationFailed      the peer does not accept the credentials
    |   |-- PrivateKeyUnusable    wrong passphrase, open permissions, not a key
    |   `-- SecondFactorRequired  the server accepts the first factor and asks for a one-time code
    |-- ConnectionFailed          no session could be made            (retryable)
    |   |-- ConnectTimeout        `answered`: the server has sent something
    |   |   `-- SilentServer      the server accepted the connection and sent nothing   (not retryable)
    |   |-- NotSsh                the server speaks another protocol (not retryable)
    |   |-- AlgorithmsRefused     the server has only algorithms that are too weak (not retryable)
    |   `-- TooManyConnections    the server admits no further session
    |-- ConnectionLost            the session ended in the middle     (retryable)
    |   `-- Stalled               no byte moved within `stall_timeout`
    |-- ProtocolViolation         the peer's bytes break the protocol
    |-- ItemError                 one file, directory or link
    |   |-- NotFound
    |   |-- AlreadyExists
    |   |-- PermissionDenied
    |   |-- NoSpace
    |   |-- QuotaExceeded
    |   |-- SourceChanged         the source changed while it was read
    |   |-- ProofFailed           the stored bytes are not the sent bytes
    |   |-- UnsafeName            a name that would leave the tree
    |   |-- DuplicateName         a peer listed one name twice
    |   |-- NameCollision         two names are the same for the destination
    |   |-- NotSupported          the server lacks a required feature
    |   `-- OperationFailed       any other error of the system
    |-- RunEnded                  a signal ended the run
    `-- Refused                   the engine refuses, for safety
        |-- SourceMissing
        |-- EmptySource
        |-- OverlappingRoots
        |-- TooManyDeletions
        |-- KindConflict          a directory exists where a file must go
        |-- PinConflict           another line of the file pins this host too
        |-- UnsafePath            an account other than root can change where a path leads
        |-- AccountTaken          the account or group does not belong to a jail
        |-- AccountLocked         an administrator locked the account
        |-- VaultLocked           the files are in a vault that is locked
        `-- Locked                another run works on this tree

`code` is stable and part of the public result; `retryable` is true if the same call may succeed in a new session.
`cure` names the action for the operator. Only `at` attaches an error to an item after it was made.
"""

from __future__ import annotations

from typing import Any, Optional, Tuple, TypeVar

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
    """A signal ended the run."""

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


class Refused(SyncError):
    code = "refused"


class SourceMissing(Refused):
    code = "source_missing"


class EmptySource(Refused):
    code = "empty_source"


class OverlappingRoots(Refused):
    code = "overlapping_roots"


class TooManyDeletions(Refused):
    """removals: the actions that were refused, as in a plan (`Remove`)."""

    code = "too_many_deletions"
    removals: Tuple[Any, ...] = ()


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
