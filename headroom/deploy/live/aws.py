"""The one door to an account. Reading is free; writing needs a confirmed plan, and only what stands in it.

Credentials come from boto3's own chain, a named profile (SSO too) or an assumed role. They are never asked for, shown,
stored or logged here. The SDK's own retries are off: a create has no idempotency token, so whether to send it again is
decided by who knows what it was for.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import boto3
from botocore import xform_name
from botocore.config import Config
from botocore.credentials import AssumeRoleCredentialFetcher, DeferredRefreshableCredentials
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError, ProfileNotFound
from botocore.session import get_session

from headroom.deploy.confirm import Confirmed, NotConfirmed, subject_of
from simulator.errors import HeadroomError

_READS = ("Describe", "List", "Get", "Head")
_THROTTLED = frozenset(
    {"Throttling", "ThrottlingException", "ThrottledException", "TooManyRequestsException", "RequestLimitExceeded"}
)
_ABSENT = frozenset(
    {
        *("ResourceNotFound", "ResourceNotFoundException", "NotFound", "NotFoundException", "ObjectNotFoundException"),
        *("NoSuchEntity", "NoSuchBucket", "NoSuchKey", "404"),
    }
)
_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation", "403"})
_AWS_HOSTS: Final = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws")
_TRIES: Final = 7
_CONFIG: Final = Config(
    retries={"total_max_attempts": 1}, connect_timeout=10, read_timeout=60, user_agent_extra="headroom"
)


class Refused(HeadroomError):
    """AWS answered a call with an error: nothing was done."""

    def __init__(self, operation: str, code: str, message: str) -> None:
        super().__init__(f"AWS refused {operation}: {message} ({code})")
        self.operation, self.code, self.message = operation, code, message

    @property
    def absent(self) -> bool:
        """Whether it says that the thing is not there."""
        return self.code in _ABSENT or (self.code == "ValidationException" and "ould not find" in self.message)

    @property
    def denied(self) -> bool:
        """Whether these credentials may not do it."""
        return self.code in _DENIED

    @property
    def exists(self) -> bool:
        """Whether it says that the thing is there already."""
        return "already exist" in self.message or self.code in {"ResourceInUse", "ConflictException"}


class Throttled(Refused):
    """Too many calls at once: nothing was done, later it may be."""


class InDoubt(Refused):
    """The answer was lost, or says nothing: the work may be done or not."""


class NoAccess(HeadroomError):
    """There are no credentials, or no way to AWS."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How time passes: real for people, virtual for drills. poll_s: from one look at something slow to the next."""

    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], float] = time.time
    poll_s: float = 15.0


@dataclass(frozen=True, slots=True)
class Identity:
    """Who calls, and in which account. partition: "aws", or that of another part of the world."""

    account: str
    arn: str
    partition: str


class Aws:
    """An account in one Region, to be read."""

    def __init__(self, session: boto3.Session, region: str, pace: Pace) -> None:
        self._session, self.region, self.pace = session, region, pace
        self._clients: dict[str, Any] = {}

    @property
    def endpoint(self) -> str:
        """The address that AWS_ENDPOINT_URL or a profile puts in AWS's place; "" where it is AWS itself."""
        address = str(self._client("sagemaker").meta.endpoint_url)
        return "" if (urlsplit(address).hostname or "").endswith(_AWS_HOSTS) else address

    def identity(self) -> Identity:
        """Who these credentials are. Raises NoAccess."""
        told = self.read("sts", "GetCallerIdentity")
        return Identity(told["Account"], told["Arn"], str(told["Arn"]).split(":")[1])

    def read(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        """The answer of an operation that changes nothing, asked again while AWS is busy. Raises Refused."""
        if not operation.startswith(_READS):
            raise NotConfirmed(f"{operation} changes something: it needs a confirmed plan.")
        return self._patiently(service, operation, parameters, (Throttled, InDoubt))

    def pages(self, service: str, operation: str, member: str, **parameters: Any) -> Iterator[dict[str, Any]]:
        """The entries of a list that comes in pages."""
        token: dict[str, str] = {}
        while True:
            answer = self.read(service, operation, **parameters, **token)
            yield from answer.get(member, ())
            if not answer.get("NextToken"):
                return
            token = {"NextToken": answer["NextToken"]}

    def _patiently(
        self, service: str, operation: str, parameters: dict[str, Any], again: tuple[type[Refused], ...]
    ) -> dict[str, Any]:
        for attempt in range(_TRIES):
            try:
                return self._send(service, operation, parameters)
            except again:
                if attempt == _TRIES - 1:
                    raise
                self.pace.sleep(0.5 * 2**attempt)
        raise AssertionError("unreachable")

    def _client(self, service: str) -> Any:
        if service not in self._clients:
            try:
                self._clients[service] = self._session.client(service, region_name=self.region, config=_CONFIG)
            except BotoCoreError as error:
                raise NoAccess(f"There is no way to AWS: {error}") from error
        return self._clients[service]

    def _send(self, service: str, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = getattr(self._client(service), xform_name(operation))(**parameters)
        except ClientError as error:
            raise _refused(operation, error) from error
        except HTTPClientError as error:
            raise InDoubt(operation, "no answer", str(error)) from error
        except BotoCoreError as error:
            raise NoAccess(f"There is no way to AWS: {error}") from error
        return answer


class Writer:
    """The same account, to be changed as far as a confirmed plan says. Raises NotConfirmed for anything else."""

    def __init__(self, aws: Aws, confirmed: Confirmed, account: str) -> None:
        if (confirmed.account, confirmed.region) != (account, aws.region):
            where = f"account {confirmed.account}, Region {confirmed.region}"
            raise NotConfirmed(f"The plan was confirmed for {where}, and this is account {account}, {aws.region}.")
        self._aws, self._confirmed = aws, confirmed

    def write(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        """Change something. While AWS is busy it is asked again; a lost answer raises InDoubt, for the caller knows
        how to find out.
        """
        permit = operation, subject_of(operation, parameters)
        if permit not in self._confirmed.permits:
            raise NotConfirmed(f"{operation} of {permit[1]} is not in the confirmed plan.")
        return self._aws._patiently(service, operation, parameters, (Throttled,))


def _refused(operation: str, error: ClientError) -> Refused:
    told = error.response.get("Error", {})
    code, message = str(told.get("Code", "")), str(told.get("Message", ""))
    if code in _THROTTLED:
        return Throttled(operation, code, message)
    if int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)) >= 500:
        return InDoubt(operation, code, message)
    return Refused(operation, code, message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """By which credentials: names only, never the credentials themselves. Empty: boto3's own chain."""

    profile: str = ""
    role_arn: str = ""
    external_id: str = ""


def connect(region: str, access: Access, pace: Pace) -> Aws:
    """An account in a Region. Raises NoAccess when the profile is not there."""
    try:
        session = boto3.Session(profile_name=access.profile or None, region_name=region)
    except (ProfileNotFound, BotoCoreError) as error:
        raise NoAccess(f"There is no way to AWS: {error}") from error
    return Aws(_assumed(session, access, region) if access.role_arn else session, region, pace)


def _assumed(session: boto3.Session, access: Access, region: str) -> boto3.Session:
    """A session as the role, whose credentials are renewed while it works."""
    extra = {"RoleSessionName": "headroom"} | ({"ExternalId": access.external_id} if access.external_id else {})
    source = session.get_credentials()
    if source is None:
        raise NoAccess("There are no credentials to assume the role with.")
    fetcher = AssumeRoleCredentialFetcher(session._session.create_client, source, access.role_arn, extra_args=extra)
    core = get_session()
    core._credentials = DeferredRefreshableCredentials(fetcher.fetch_credentials, "assume-role")
    return boto3.Session(botocore_session=core, region_name=region)
