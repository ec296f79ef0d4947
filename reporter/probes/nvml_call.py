"""Calls into NVML through pynvml: every failure becomes one exception with the code and what it means.

pynvml's own exception cannot be hashed, compares oddly, and calls the library again for its text.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Protocol, TypeVar

SOURCE = "nvml"

NOT_SUPPORTED, NO_PERMISSION, DRIVER_NOT_LOADED, LIBRARY_NOT_FOUND, UNKNOWN = 3, 4, 9, 12, 999

MEANINGS = {
    NOT_SUPPORTED: "not supported",
    NO_PERMISSION: "no permission",
    DRIVER_NOT_LOADED: "the driver is not loaded",
    10: "timeout",
    LIBRARY_NOT_FOUND: "library not found",
    13: "the driver lacks the function",
    15: "the GPU is lost",
    16: "the GPU needs a reset",
    17: "the operating system blocked it",
    18: "driver and library versions differ",
    27: "not ready",
    28: "the GPU is gone",
}
"""nvmlReturn_t in nvml.h (v13), in our words."""

T = TypeVar("T")


class FieldValue(Protocol):
    """The union in which a field's value comes."""

    uiVal: int  # noqa: N815 - the names are pynvml's
    ullVal: int  # noqa: N815


class NvmlFailure(Exception):
    """A call answered with this code, or with a value that cannot be."""

    def __init__(self, code: int, reason: str | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.reason = reason or f"{MEANINGS.get(code, 'error')} (NVML {code})"


def call(nvml: ModuleType, function: Callable[..., T], *arguments: object) -> T:
    """The function's answer; NvmlFailure for whatever pynvml raises."""
    try:
        return function(*arguments)
    except nvml.NVMLError as error:
        # A mismatch of library and binding raises a subclass without a code.
        raise NvmlFailure(getattr(error, "value", UNKNOWN)) from None


def field_value(nvml: ModuleType, handle: object, field: int, scope: int) -> FieldValue:
    """One field of a GPU. Each field has a return code of its own."""
    answer = call(nvml, nvml.nvmlDeviceGetFieldValues, handle, [(field, scope)])[0]
    if answer.nvmlReturn != 0:
        raise NvmlFailure(answer.nvmlReturn)
    value: FieldValue = answer.value
    return value


def text_of(nvml: ModuleType, function: Callable[..., object], handle: object) -> str:
    """A string of the driver's. The undecorated function gives bytes: the decorator fails on those not in UTF-8."""
    answer = call(nvml, getattr(function, "__wrapped__", function), handle)
    return answer.decode(errors="replace") if isinstance(answer, bytes) else str(answer)
