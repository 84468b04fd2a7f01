"""Everything CascadeFlow raises, in one tree.

CascadeFlowError
├── ConfigError (also ValueError)          a file, key or argument that cannot be used
│   ├── UnsupportedProviderError           a provider outside the nine and ``local``
│   ├── UnknownTierError                   a tier without a policy
│   └── UnknownPresetError                 a preset nobody defined
├── NoModelsError                          no model of the plan can be called (keys, files)
├── BudgetExceededError                    our own refusal, before a paid call
├── LedgerError                            the budget store did not answer
├── HistoryError                           the archive of runs could not be read or written
├── ModelCallError                         one call to one model failed
│   ├── AuthenticationError                401, 403
│   ├── BadRequestError                    400, 422 and other client errors
│   │   ├── ContextLengthError             the prompt does not fit the model
│   │   └── ContentFilterError             the provider's filter refused
│   ├── ModelNotFoundError                 404, or a model file that is not there
│   ├── RateLimitError                     429
│   ├── CallTimeoutError                   408, first-token or total time-out
│   ├── ServerError                        409, 5xx
│   ├── ConnectionLostError                no connection, or a stream cut in the middle
│   └── ClientCrashedError                 the child process that hosts the client died
├── AllModelsFailedError                   nothing answered; lists every attempt and its cost
├── CalibrationError                       labelled answers do not certify what was asked for
├── ModelDownloadError                     an embedded model could not be fetched or verified
├── RemovedNameError (also ImportError)    a name that v0.1.1 had; the text names its successor
└── MissingExtraError                      an optional package is needed
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from cascadeflow.money import format_usd


class CascadeFlowError(Exception):
    """Base of every error raised on purpose. Its text is meant for people.

    Attributes:
        spent: nano-USD that the failed run had cost by then.
    """

    spent: int = 0

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.args, self.__dict__)


def _rebuild(kind: type[CascadeFlowError], args: tuple[Any, ...], state: dict[str, Any]) -> CascadeFlowError:
    error = kind.__new__(kind)
    error.args = args
    error.__dict__.update(state)
    return error


class ConfigError(CascadeFlowError, ValueError):
    """A configuration value cannot be used.

    Args:
        message: what is wrong, what is allowed, what to do.
        file: path of the file it stands in.
        key: dotted key, such as ``budget.user.daily``.
        line: line in the file, from 1.
    """

    def __init__(
        self, message: str, *, file: str | None = None, key: str | None = None, line: int | None = None
    ) -> None:
        self.file, self.key, self.line = file, key, line
        place = ":".join(str(part) for part in (file, line) if part is not None)
        where = ": ".join(part for part in (place, key) if part)
        super().__init__(f"{where}: {message}" if where else message)


class UnsupportedProviderError(ConfigError):
    """The provider is not one of those CascadeFlow supports."""


class UnknownTierError(ConfigError):
    """No policy is defined for the tier."""


class UnknownPresetError(ConfigError):
    """No preset has that name."""


class NoModelsError(CascadeFlowError):
    """No model of the plan can be called; the text names what each one lacks."""


class BudgetExceededError(CascadeFlowError):
    """A paid call was refused because it does not fit a budget.

    Args:
        budget: which one, such as ``user me, daily``.
        spent: nano-USD booked in the period.
        limit: nano-USD allowed in the period.
        held: nano-USD reserved by calls under way.
        resets_at: when the period ends; None for a total.
        needed: nano-USD that the refused call could have cost.
    """

    def __init__(
        self, *, budget: str, spent: int, limit: int, held: int = 0, needed: int = 0, resets_at: datetime | None = None
    ) -> None:
        self.budget, self.limit, self.held, self.needed, self.resets_at = budget, limit, held, needed, resets_at
        self.budget_spent = spent
        reset = f"resets {resets_at:%Y-%m-%d %H:%M %Z}" if resets_at else "does not reset"
        held_text = f", {format_usd(held)} held by calls under way" if held else ""
        needed_text = f"; the call needs {format_usd(needed)}" if needed else ""
        super().__init__(
            f"Budget “{budget}” is used up: {format_usd(spent)} of {format_usd(limit)} spent{held_text}, "
            f"{reset}{needed_text}. Raise the budget, wait for the reset, or use a free (embedded) model."
        )


class LedgerError(CascadeFlowError):
    """The store of budget counters failed; the text says at which operation."""


class HistoryError(CascadeFlowError):
    """The archive of runs could not be read or written; the text says what to do."""


class ModelCallError(CascadeFlowError):
    """One call to one model failed.

    Args:
        message: the provider's words, or ours.
        model: configured model name.
        provider: provider name.
        status: HTTP status, if there was one.
        retry_after: seconds the server asked to wait, as sent (may exceed our cap); None: not said.
    """

    retryable: ClassVar[bool] = False

    def __init__(
        self,
        message: str,
        *,
        model: str = "",
        provider: str = "",
        status: int | None = None,
        retry_after: float | None = None,
    ) -> None:
        self.message, self.model, self.provider = message, model, provider
        self.status, self.retry_after = status, retry_after
        super().__init__(self._text())

    def _text(self) -> str:
        status = f" ({self.status})" if self.status else ""
        return f"{self.model or 'model'}{status}: {self.message}"

    def name_model(self, model: str, provider: str) -> None:
        """Say which model it was, where the client did not.

        Args:
            model: configured name.
            provider: its provider.
        """
        self.model, self.provider = self.model or model, self.provider or provider
        self.args = (self._text(),)


class AuthenticationError(ModelCallError):
    """The provider did not accept the key (401, 403)."""


class BadRequestError(ModelCallError):
    """The provider will not take this request, now or later."""


class ContextLengthError(BadRequestError):
    """The prompt does not fit the model's context window."""


class ContentFilterError(BadRequestError):
    """The provider's content filter refused."""


class ModelNotFoundError(ModelCallError):
    """No such model (404), or its file is not on this machine."""


class RateLimitError(ModelCallError):
    """Too many requests (429)."""

    retryable = True


class CallTimeoutError(ModelCallError):
    """The model took too long (408, first token, or total)."""

    retryable = True


class ServerError(ModelCallError):
    """The provider failed (409, 5xx)."""

    retryable = True


class ConnectionLostError(ModelCallError):
    """No connection, or it broke in the middle of an answer.

    Attributes:
        reached: whether the provider had taken the request; then its prompt counts as billed.
    """

    retryable = True
    reached: bool = True


class ClientCrashedError(ModelCallError):
    """The process that hosts the model client died during the call."""

    retryable = True


class AllModelsFailedError(CascadeFlowError):
    """No model answered.

    Args:
        attempts: one line per call: model, error, cost.
        spent: nano-USD that the attempts cost.
        causes: the errors, in order.
    """

    def __init__(self, attempts: tuple[str, ...], *, spent: int = 0, causes: tuple[CascadeFlowError, ...] = ()) -> None:
        self.attempts, self.spent, self.causes = attempts, spent, causes
        listing = "".join(f"\n  {number}. {line}" for number, line in enumerate(attempts, 1))
        super().__init__(f"No model answered; {format_usd(spent)} was spent.{listing}")


class CalibrationError(CascadeFlowError):
    """Labelled answers do not certify what was asked for; the text says how many would."""


class ModelDownloadError(CascadeFlowError):
    """An embedded model could not be fetched, stored or verified; the text says what to do."""


class RemovedNameError(CascadeFlowError, ImportError):
    """A name of v0.1.1 that this version has not; the text says what takes its place.

    Args:
        message: for people.
        name: what was imported.
    """

    def __init__(self, message: str, *, name: str) -> None:
        super().__init__(message)
        self.name = name


class MissingExtraError(CascadeFlowError):
    """An optional package is needed.

    Args:
        what: what the user asked for.
        extra: the extra that brings it.
    """

    def __init__(self, what: str, *, extra: str) -> None:
        self.extra = extra
        super().__init__(f"{what} needs an optional package: pip install 'cascadeflow-console[{extra}]'")


def error_to_dict(error: BaseException) -> dict[str, Any]:
    """An error as plain JSON data: its class, its text, and what a retry needs to know."""
    data: dict[str, Any] = {"type": type(error).__name__, "message": str(error)}
    if isinstance(error, ModelCallError):
        data["message"] = error.message
        data |= {
            key: value
            for key in ("model", "provider", "status", "retry_after")
            if (value := getattr(error, key)) not in (None, "")
        }
    if isinstance(error, ConnectionLostError):
        data["reached"] = error.reached
    return data


def call_error_from_dict(data: dict[str, Any]) -> ModelCallError:
    """The reverse of `error_to_dict` for errors of a call; an unknown class becomes its base."""
    kind = globals().get(data.get("type", ""), ModelCallError)
    if not (isinstance(kind, type) and issubclass(kind, ModelCallError)):
        kind = ModelCallError
    fields = {key: data[key] for key in ("model", "provider", "status", "retry_after") if key in data}
    error = kind(str(data.get("message", "")), **fields)
    if isinstance(error, ConnectionLostError):
        error.reached = bool(data.get("reached", True))
    return error


def error_for_status(status: int, message: str, **fields: Any) -> ModelCallError:
    """The error class for an HTTP status of a provider."""
    kind: type[ModelCallError]
    if status in (401, 403):
        kind = AuthenticationError
    elif status == 404:
        kind = ModelNotFoundError
    elif status == 408:
        kind = CallTimeoutError
    elif status == 429:
        kind = RateLimitError
    elif status == 409 or status >= 500:
        kind = ServerError
    else:
        kind = BadRequestError
    return kind(message, status=status, **fields)
