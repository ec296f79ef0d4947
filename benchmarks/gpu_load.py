"""Work for one NVIDIA GPU: matrix products by PyTorch where it is installed, else a loop of our own on the driver.

`python -m benchmarks.gpu_load devices` prints the UUIDs that CUDA shows here, one a line, in CUDA's order.
`python -m benchmarks.gpu_load name` prints what the work is.
`python -m benchmarks.gpu_load work SECONDS` works for so long and prints how long that took.
`python -m benchmarks.gpu_load fixed BATCHES` does so many pieces of work and prints how long that took.
"""

from __future__ import annotations

import ctypes
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NamedTuple

LIBRARY = "libcuda.so.1"
PTX = b"""
.version 6.0
.target sm_60
.address_size 64

.visible .entry spin(.param .u64 results, .param .u32 rounds)
{
    .reg .pred %more;
    .reg .f32 %a<9>;
    .reg .b32 %at<6>;
    .reg .b64 %to<4>;

    ld.param.u64 %to1, [results];
    ld.param.u32 %at1, [rounds];
    cvta.to.global.u64 %to1, %to1;
    mov.u32 %at2, %ctaid.x;
    mov.u32 %at3, %ntid.x;
    mov.u32 %at4, %tid.x;
    mad.lo.u32 %at5, %at2, %at3, %at4;
    cvt.rn.f32.u32 %a1, %at5;
    add.f32 %a2, %a1, 0f3F800000;
    add.f32 %a3, %a2, 0f3F800000;
    add.f32 %a4, %a3, 0f3F800000;
    mov.f32 %a5, 0f3F7FFFFE;
    mov.f32 %a6, 0f3A83126F;
again:
    fma.rn.f32 %a1, %a1, %a5, %a6;
    fma.rn.f32 %a2, %a2, %a5, %a6;
    fma.rn.f32 %a3, %a3, %a5, %a6;
    fma.rn.f32 %a4, %a4, %a5, %a6;
    fma.rn.f32 %a1, %a1, %a5, %a6;
    fma.rn.f32 %a2, %a2, %a5, %a6;
    fma.rn.f32 %a3, %a3, %a5, %a6;
    fma.rn.f32 %a4, %a4, %a5, %a6;
    sub.u32 %at1, %at1, 1;
    setp.ne.u32 %more, %at1, 0;
    @%more bra again;

    add.f32 %a1, %a1, %a2;
    add.f32 %a3, %a3, %a4;
    add.f32 %a1, %a1, %a3;
    mul.wide.u32 %to2, %at5, 4;
    add.u64 %to3, %to1, %to2;
    st.global.f32 [%to3], %a1;
    ret;
}

"""
"""Every thread multiplies and adds four numbers over and over, and writes their sum, so that nothing is left out.

The multiply-add units are then busy on every cycle, which draws much of the power limit without touching memory.
The driver compiles it for whatever chip is there (Pascal or newer).
"""

MULTIPROCESSORS = 16
"""CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT in cuda.h."""
THREADS, BLOCKS_PER_MULTIPROCESSOR = 256, 8
BATCH_S = 0.001
"""About how long one piece of work takes: a square load can then be cut to a few percent of 100 ms."""
TRIAL_ROUNDS = 10_000


class NoLoad(Exception):
    """Nothing can be computed here; the text says why."""


class Load(NamedTuple):
    """`batch()` is one piece of work, finished when it returns."""

    name: str
    batch: Callable[[], None]

    def work(self, seconds: float) -> float:
        """Work for so long; the seconds that it took."""
        start_s = time.perf_counter()
        while time.perf_counter() - start_s < seconds:
            self.batch()
        return time.perf_counter() - start_s

    def fixed(self, batches: int) -> float:
        """So many pieces; the seconds that they took."""
        start_s = time.perf_counter()
        for _ in range(batches):
            self.batch()
        return time.perf_counter() - start_s


def open_load() -> Load:
    """Work for the first GPU that CUDA shows; NoLoad where there is none."""
    try:
        return _torch_load()
    except NoLoad as no_torch:
        try:
            return _driver_load()
        except NoLoad as no_driver:
            raise NoLoad(f"{no_torch}, and {no_driver}") from None


def _torch_load() -> Load:
    try:
        import torch  # type: ignore[import-not-found]  # noqa: PLC0415 - hardly ever there
    except ImportError:
        raise NoLoad("PyTorch is not installed") from None
    if not torch.cuda.is_available():
        raise NoLoad("PyTorch sees no GPU")
    size = 2048
    while True:
        left, right = (torch.randn(size, size, device="cuda", dtype=torch.float16) for _ in range(2))
        for _ in range(3):
            torch.matmul(left, right)
        torch.cuda.synchronize()
        start_s = time.perf_counter()
        torch.matmul(left, right)
        torch.cuda.synchronize()
        if time.perf_counter() - start_s > BATCH_S / 4:
            break
        size *= 2

    def batch() -> None:
        torch.matmul(left, right)
        torch.cuda.synchronize()

    return Load(f"PyTorch {torch.__version__}, products of {size} × {size} matrices", batch)


def _driver_load() -> Load:
    cuda = Driver()
    cuda.use_first_device()
    module, kernel, results = ctypes.c_void_p(), ctypes.c_void_p(), ctypes.c_uint64()
    cuda("cuModuleLoadData", ctypes.byref(module), ctypes.c_char_p(PTX))
    cuda("cuModuleGetFunction", ctypes.byref(kernel), module, b"spin")
    blocks = cuda.attribute(MULTIPROCESSORS) * BLOCKS_PER_MULTIPROCESSOR
    cuda("cuMemAlloc_v2", ctypes.byref(results), ctypes.c_size_t(4 * blocks * THREADS))
    rounds = ctypes.c_uint32(TRIAL_ROUNDS)
    arguments = (ctypes.c_void_p * 2)(
        *(ctypes.cast(ctypes.byref(value), ctypes.c_void_p) for value in (results, rounds))
    )

    held = (results, rounds)
    """The driver is given their addresses."""

    def batch(_: object = held) -> None:
        cuda("cuLaunchKernel", kernel, *(blocks, 1, 1), *(THREADS, 1, 1), 0, None, arguments, None)
        cuda("cuCtxSynchronize")

    batch()
    start_s = time.perf_counter()
    batch()
    rounds.value = max(1, round(TRIAL_ROUNDS * BATCH_S / (time.perf_counter() - start_s)))
    return Load(f"multiply-adds in registers, {blocks} blocks of {THREADS} threads", batch)


class Driver:
    """The CUDA driver by its C interface; NoLoad for whatever it refuses."""

    def __init__(self) -> None:
        try:
            self._library = ctypes.CDLL(LIBRARY)
        except OSError:
            raise NoLoad("there is no CUDA driver") from None
        self._device = ctypes.c_int()
        self("cuInit", 0)

    def __call__(self, function: str, *arguments: Any) -> None:  # noqa: ANN401 - as ctypes takes them
        try:
            code = getattr(self._library, function)(*arguments)
        except AttributeError:
            raise NoLoad(f"the CUDA driver lacks {function}") from None
        if code:
            raise NoLoad(f"{function} of the CUDA driver answers {code}")

    def use_first_device(self) -> None:
        """Make a context on the first device that CUDA shows."""
        context = ctypes.c_void_p()
        self("cuDeviceGet", ctypes.byref(self._device), 0)
        self("cuDevicePrimaryCtxRetain", ctypes.byref(context), self._device)
        self("cuCtxSetCurrent", context)

    def attribute(self, number: int) -> int:
        """An attribute of the device in use."""
        value = ctypes.c_int()
        self("cuDeviceGetAttribute", ctypes.byref(value), number, self._device)
        return value.value

    def uuids(self) -> list[str]:
        """Of all devices that CUDA shows, in its order, as NVML writes them; of MIG slices `MIG-…`."""
        count = ctypes.c_int()
        self("cuDeviceGetCount", ctypes.byref(count))
        found = []
        for index in range(count.value):
            device, raw = ctypes.c_int(), (ctypes.c_ubyte * 16)()
            self("cuDeviceGet", ctypes.byref(device), index)
            self("cuDeviceGetUuid_v2", ctypes.byref(raw), device)
            digits = bytes(raw).hex()
            parts = (digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:])
            found.append("-".join(parts))
        return found


def main(arguments: list[str]) -> None:
    """Do what the arguments say."""
    match arguments:
        case ["devices"]:
            # A driver to which the environment shows no device may refuse to start: that is an answer too.
            with suppress(NoLoad):
                print("\n".join(Driver().uuids()))
        case ["name"]:
            print(open_load().name)
        case ["work", seconds]:
            print(open_load().work(float(seconds)))
        case ["fixed", batches]:
            print(open_load().fixed(int(batches)))
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except NoLoad as why:
        sys.exit(str(why))
