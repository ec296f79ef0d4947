/* What other meters ask of a GPU besides the tests' stand-in: memory, temperature, limits. Constants will do.
 *
 * Weak, so that the stand-in may define any of them itself.
 */
#define WEAK __attribute__((weak))

typedef struct { unsigned long long total, free, used; } memory;

int WEAK nvmlDeviceGetMemoryInfo(void *gpu, memory *found) {
    (void)gpu;
    found->total = 80ULL << 30;
    found->used = 1ULL << 30;
    found->free = found->total - found->used;
    return 0;
}

int WEAK nvmlDeviceGetTemperature(void *gpu, int sensor, unsigned *celsius) {
    (void)gpu; (void)sensor;
    *celsius = 50;
    return 0;
}

int WEAK nvmlDeviceGetEnforcedPowerLimit(void *gpu, unsigned *limit_mw) {
    (void)gpu;
    *limit_mw = 300000;
    return 0;
}

int WEAK nvmlDeviceGetPowerManagementDefaultLimit(void *gpu, unsigned *limit_mw) {
    return nvmlDeviceGetEnforcedPowerLimit(gpu, limit_mw);
}

int WEAK nvmlDeviceGetComputeMode(void *gpu, unsigned *mode) {
    (void)gpu;
    *mode = 0;
    return 0;
}

int WEAK nvmlDeviceGetPersistenceMode(void *gpu, unsigned *mode) {
    (void)gpu;
    *mode = 1;
    return 0;
}

int WEAK nvmlDeviceGetGraphicsRunningProcesses_v3(void *gpu, unsigned *count, void *processes) {
    (void)gpu; (void)processes;
    *count = 0;
    return 0;
}
