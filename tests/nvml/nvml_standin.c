/* A stand-in for libnvidia-ml.so.1: GPUs that follow a trace, so that the real pynvml can be tested without one.
 *
 * Built by the tests: cc -shared -fPIC -Wl,-soname,libnvidia-ml.so.1
 * Driven by the environment, read at the first init:
 *   EMISSIONS_STANDIN_GPUS       number of GPUs (1)
 *   EMISSIONS_STANDIN_NAMES      names, divided by |
 *   EMISSIONS_STANDIN_UUIDS      UUIDs, divided by |
 *   EMISSIONS_STANDIN_TRACE      file of "t gpu watts" lines: from t seconds on; without one every GPU takes 100 W
 *   EMISSIONS_STANDIN_TICK_MS    the counter moves every so many ms (100); 0: always
 *   EMISSIONS_STANDIN_START_MJ   the counter at t = 0 (1000000)
 *   EMISSIONS_STANDIN_RESETS     file of "t gpu" lines: the counter restarts from 0
 *   EMISSIONS_STANDIN_FAULTS     file of "function gpu code from to delay_ms [value]" lines; gpu -1: any;
 *                                function is a C name, or field:ID, or field:ID:SCOPE;
 *                                a value replaces the answer ("+N" adds to it) when the code is 0
 *   EMISSIONS_STANDIN_LIMIT_W    power limit (300)
 *   EMISSIONS_STANDIN_MIG        file of "gpu uuid" lines: the GPU is in MIG mode and has this slice
 *   EMISSIONS_STANDIN_PIDS       file of "gpu pid" lines: compute processes; read anew at each call
 *   EMISSIONS_STANDIN_UTILISATION  file of "t gpu percent" lines: from t seconds on; without one 100 where the GPU takes
 *                                more than the idle power, else 0; a GPU in MIG mode has none
 *   EMISSIONS_STANDIN_IDLE_W     the idle power (60)
 *   EMISSIONS_STANDIN_ARCHITECTURE  nvmlDeviceArchitecture_t (9: Hopper)
 *   EMISSIONS_STANDIN_WINDOW_MS  nvmlDeviceGetPowerUsage and field 185 are the mean of the last so many ms (0: no mean)
 *   EMISSIONS_STANDIN_MODULE     1: power has the scope MODULE only
 *   EMISSIONS_STANDIN_CLOCK      file that holds "now" in seconds; without one, seconds since the first init
 *   EMISSIONS_STANDIN_LOG        file that each call of init and shutdown is appended to
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MAX_GPUS 64
#define MAX_ROWS 4096
#define OK 0
#define UNINITIALIZED 1
#define INVALID 2
#define NOT_SUPPORTED 3
#define NOT_FOUND 6
#define TOO_SHORT 7

typedef struct { int gpu; int slice; } device;
typedef struct { double t; int gpu; double value; } row;
typedef struct { char function[64]; int gpu; int code; double from, to; double delay_ms; char value[32]; } fault;
typedef struct { int gpu; char text[96]; } pair;
typedef struct { unsigned id, scope; long long timestamp, latency; int type, result; union { double d; unsigned u; unsigned long long ull; } value; } field;
typedef struct { unsigned gpu, memory; } utilisation;
typedef struct { unsigned pid; unsigned long long memory; unsigned gpu_instance, compute_instance; } process;

static int initialized, loaded, gpus, module_only;
static row trace[MAX_ROWS], resets[MAX_ROWS], uses[MAX_ROWS];
static fault faults[MAX_ROWS];
static pair slices[MAX_ROWS], pids[MAX_ROWS];
static int traced, used, reset_count, fault_count, slice_count, pid_count;
static double tick_s, start_mj, limit_w, idle_w, window_s, t0;
static unsigned architecture;
static device handles[MAX_GPUS], slice_handles[MAX_ROWS];

static double monotonic(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec + now.tv_nsec * 1e-9;
}

static double now_s(void) {
    const char *path = getenv("EMISSIONS_STANDIN_CLOCK");
    double value = 0;
    FILE *file;
    if (!path) return monotonic() - t0;
    file = fopen(path, "r");
    if (file) { if (fscanf(file, "%lf", &value) != 1) value = 0; fclose(file); }
    return value;
}

static double number(const char *name, double otherwise) {
    const char *text = getenv(name);
    return text && *text ? atof(text) : otherwise;
}

static FILE *open_named(const char *variable) {
    const char *path = getenv(variable);
    return path && *path ? fopen(path, "r") : NULL;
}

static int read_rows(const char *variable, row *rows, int with_value) {
    FILE *file = open_named(variable);
    int count = 0;
    if (!file) return 0;
    while (count < MAX_ROWS && fscanf(file, "%lf %d", &rows[count].t, &rows[count].gpu) == 2) {
        if (with_value && fscanf(file, "%lf", &rows[count].value) != 1) break;
        count++;
    }
    fclose(file);
    return count;
}

static int read_pairs(const char *variable, pair *pairs) {
    FILE *file = open_named(variable);
    int count = 0;
    if (!file) return 0;
    while (count < MAX_ROWS && fscanf(file, "%d %95s", &pairs[count].gpu, pairs[count].text) == 2) count++;
    fclose(file);
    return count;
}

static void read_faults(void) {
    char line[256];
    FILE *file = open_named("EMISSIONS_STANDIN_FAULTS");
    if (!file) return;
    while (fault_count < MAX_ROWS && fgets(line, sizeof line, file)) {
        fault *f = &faults[fault_count];
        memset(f, 0, sizeof *f);
        if (sscanf(line, "%63s %d %d %lf %lf %lf %31s", f->function, &f->gpu, &f->code, &f->from, &f->to, &f->delay_ms, f->value) >= 6) fault_count++;
    }
    fclose(file);
}

static void load(void) {
    int i;
    if (loaded) return;
    loaded = 1;
    t0 = monotonic();
    gpus = (int)number("EMISSIONS_STANDIN_GPUS", 1);
    tick_s = number("EMISSIONS_STANDIN_TICK_MS", 100) / 1000;
    start_mj = number("EMISSIONS_STANDIN_START_MJ", 1e6);
    limit_w = number("EMISSIONS_STANDIN_LIMIT_W", 300);
    module_only = (int)number("EMISSIONS_STANDIN_MODULE", 0);
    idle_w = number("EMISSIONS_STANDIN_IDLE_W", 60);
    window_s = number("EMISSIONS_STANDIN_WINDOW_MS", 0) / 1000;
    architecture = (unsigned)number("EMISSIONS_STANDIN_ARCHITECTURE", 9);
    used = read_rows("EMISSIONS_STANDIN_UTILISATION", uses, 1);
    traced = read_rows("EMISSIONS_STANDIN_TRACE", trace, 1);
    reset_count = read_rows("EMISSIONS_STANDIN_RESETS", resets, 0);
    slice_count = read_pairs("EMISSIONS_STANDIN_MIG", slices);
    read_faults();
    for (i = 0; i < MAX_GPUS; i++) { handles[i].gpu = i; handles[i].slice = -1; }
    for (i = 0; i < slice_count; i++) { slice_handles[i].gpu = slices[i].gpu; slice_handles[i].slice = i; }
}

static void note(const char *what) {
    const char *path = getenv("EMISSIONS_STANDIN_LOG");
    FILE *file = path ? fopen(path, "a") : NULL;
    if (file) { fprintf(file, "%s\n", what); fclose(file); }
}

/* The first fault that applies now, after its delay; NULL when there is none. */
static const fault *fault_of(const char *function, int gpu) {
    double now = now_s();
    int i;
    for (i = 0; i < fault_count; i++) {
        const fault *f = &faults[i];
        if (strcmp(f->function, function) || (f->gpu != -1 && f->gpu != gpu) || now < f->from || now >= f->to) continue;
        if (f->delay_ms > 0) {
            struct timespec pause = {(time_t)(f->delay_ms / 1000), (long)(fmod(f->delay_ms, 1000) * 1e6)};
            nanosleep(&pause, NULL);
        }
        return f;
    }
    return NULL;
}

static int check(const char *function, int gpu, const fault **found) {
    const fault *f;
    if (found) *found = NULL;
    if (!initialized) return UNINITIALIZED;
    if (gpu < -1 || gpu >= gpus) return INVALID;
    f = fault_of(function, gpu);
    if (f && f->code) return f->code;
    if (found) *found = f;
    return OK;
}

static unsigned long long answer(const fault *f, unsigned long long value) {
    if (!f || !f->value[0]) return value;
    return f->value[0] == '+' ? value + strtoull(f->value + 1, NULL, 10) : strtoull(f->value, NULL, 10);
}

/* The last step of a GPU up to t. */
static double step_of(const row *rows, int count, int gpu, double t, double value) {
    double best = -1e300;
    int i;
    for (i = 0; i < count; i++)
        if (rows[i].gpu == gpu && rows[i].t <= t && rows[i].t >= best) { best = rows[i].t; value = rows[i].value; }
    return value;
}

static double watts(int gpu, double t) { return step_of(trace, traced, gpu, t, traced ? 0 : 100); }

/* The exact integral of the steps from 0 to t, millijoules. Steps of one GPU are in order of time. */
static double integral_mj(int gpu, double t) {
    double sum = 0, last = 0, power = traced ? 0 : 100;
    int i;
    for (i = 0; i < traced; i++) {
        if (trace[i].gpu != gpu || trace[i].t > t) continue;
        if (trace[i].t > last) { sum += power * (trace[i].t - last); last = trace[i].t; }
        power = trace[i].value;
    }
    if (t > last) sum += power * (t - last);
    return sum * 1000;
}

/* The mean over the window before t, as if the power at 0 had always been so. */
static double mean_w(int gpu, double t) {
    double from = t - window_s, before = from < 0 ? -from : 0;
    if (window_s <= 0) return watts(gpu, t);
    return (before * watts(gpu, 0) * 1000 + integral_mj(gpu, t) - integral_mj(gpu, from + before)) / window_s / 1000;
}

static unsigned long long counter_mj(int gpu) {
    double t = now_s(), since = -1;
    int i;
    if (tick_s > 0) t = floor(t / tick_s + 1e-6) * tick_s;
    for (i = 0; i < reset_count; i++)
        if (resets[i].gpu == gpu && resets[i].t <= t && resets[i].t > since) since = resets[i].t;
    if (since >= 0) return (unsigned long long)floor(integral_mj(gpu, t) - integral_mj(gpu, since) + 1e-3) + 1;
    return (unsigned long long)floor(start_mj + integral_mj(gpu, t) + 1e-3);
}

static int copy(char *target, unsigned size, const char *text) {
    if (strlen(text) + 1 > size) return TOO_SHORT;
    strcpy(target, text);
    return OK;
}

/* The i-th part of a variable divided by |, or else what the format makes of the number. */
static void part(const char *variable, int i, const char *format, char *text, size_t size) {
    const char *rest = getenv(variable);
    int at = 0;
    while (rest && *rest) {
        size_t length = strcspn(rest, "|");
        if (at == i) { snprintf(text, size, "%.*s", (int)length, rest); return; }
        rest += length + (rest[length] == '|');
        at++;
    }
    snprintf(text, size, format, i);
}

int nvmlInitWithFlags(unsigned flags) {
    const fault *f;
    (void)flags;
    load();
    note("init");
    f = fault_of("nvmlInit", -1);
    if (f && f->code) return f->code;
    initialized++;
    return OK;
}

int nvmlInit_v2(void) { return nvmlInitWithFlags(0); }
int nvmlInit(void) { return nvmlInitWithFlags(0); }

int nvmlShutdown(void) {
    const fault *f;
    if (!initialized) return UNINITIALIZED;
    note("shutdown");
    f = fault_of("nvmlShutdown", -1);
    if (f && f->code) return f->code;
    initialized--;
    return OK;
}

const char *nvmlErrorString(int code) {
    (void)code;
    return "stand-in error";
}

int nvmlSystemGetDriverVersion(char *text, unsigned size) { return initialized ? copy(text, size, "550.54.15") : UNINITIALIZED; }
int nvmlSystemGetNVMLVersion(char *text, unsigned size) { return initialized ? copy(text, size, "12.550.54.15") : UNINITIALIZED; }

int nvmlDeviceGetCount_v2(unsigned *count) {
    int code = check("nvmlDeviceGetCount", -1, NULL);
    if (!code) *count = (unsigned)gpus;
    return code;
}

int nvmlDeviceGetHandleByIndex_v2(unsigned index, device **handle) {
    int code;
    if (!initialized) return UNINITIALIZED;
    if ((int)index >= gpus) return INVALID;
    code = check("nvmlDeviceGetHandleByIndex", (int)index, NULL);
    if (!code) *handle = &handles[index];
    return code;
}

int nvmlDeviceGetUUID(device *handle, char *text, unsigned size) {
    char uuid[96];
    int code = check("nvmlDeviceGetUUID", handle->gpu, NULL);
    if (code) return code;
    if (handle->slice >= 0) return copy(text, size, slices[handle->slice].text);
    part("EMISSIONS_STANDIN_UUIDS", handle->gpu, "GPU-00000000-0000-0000-0000-%012d", uuid, sizeof uuid);
    return copy(text, size, uuid);
}

int nvmlDeviceGetHandleByUUID(const char *uuid, device **handle) {
    char other[96];
    int i;
    if (!initialized) return UNINITIALIZED;
    for (i = 0; i < gpus; i++)
        if (nvmlDeviceGetUUID(&handles[i], other, sizeof other) == OK && !strcmp(uuid, other)) { *handle = &handles[i]; return OK; }
    return NOT_FOUND;
}

int nvmlDeviceGetIndex(device *handle, unsigned *index) {
    int code = check("nvmlDeviceGetIndex", handle->gpu, NULL);
    if (!code) *index = (unsigned)handle->gpu;
    return code;
}

int nvmlDeviceGetArchitecture(device *handle, unsigned *number) {
    int code = check("nvmlDeviceGetArchitecture", handle->gpu, NULL);
    if (!code) *number = architecture;
    return code;
}

int nvmlDeviceGetName(device *handle, char *text, unsigned size) {
    char name[96];
    int code = check("nvmlDeviceGetName", handle->gpu, NULL);
    if (code) return code;
    part("EMISSIONS_STANDIN_NAMES", handle->gpu, "NVIDIA Stand-in", name, sizeof name);
    return copy(text, size, name);
}

int nvmlDeviceGetTotalEnergyConsumption(device *handle, unsigned long long *energy) {
    const fault *f;
    int code = check("nvmlDeviceGetTotalEnergyConsumption", handle->gpu, &f);
    if (!code) *energy = answer(f, counter_mj(handle->gpu));
    return code;
}

int nvmlDeviceGetPowerUsage(device *handle, unsigned *power) {
    const fault *f;
    int code = check("nvmlDeviceGetPowerUsage", handle->gpu, &f);
    if (!code && module_only) return NOT_SUPPORTED;
    if (!code) *power = (unsigned)answer(f, (unsigned long long)(mean_w(handle->gpu, now_s()) * 1000 + 0.5));
    return code;
}

int nvmlDeviceGetPowerManagementLimit(device *handle, unsigned *limit) {
    int code = check("nvmlDeviceGetPowerManagementLimit", handle->gpu, NULL);
    if (!code) *limit = (unsigned)(limit_w * 1000);
    return code;
}

static void fill(device *handle, field *f) {
    const fault *found, *scoped;
    char name[64];
    int known = f->id == 83 || f->id == 191 || f->id == 185 || f->id == 186, energy = f->id == 83 || f->id == 191;
    snprintf(name, sizeof name, "field:%u", f->id);
    f->result = known ? check(name, handle->gpu, &found) : NOT_SUPPORTED;
    if (f->result) return;
    snprintf(name, sizeof name, "field:%u:%u", f->id, f->scope);
    f->result = check(name, handle->gpu, &scoped);
    if (!f->result && !energy && f->scope != (unsigned)(module_only ? 1 : 0)) f->result = NOT_SUPPORTED;
    if (f->result) return;
    f->type = energy ? 3 : 1;
    if (energy) f->value.ull = answer(scoped ? scoped : found, counter_mj(handle->gpu));
    else {
        double power = f->id == 185 ? mean_w(handle->gpu, now_s()) : watts(handle->gpu, now_s());
        f->value.u = (unsigned)answer(scoped ? scoped : found, (unsigned long long)(power * 1000 + 0.5));
    }
}

int nvmlDeviceGetFieldValues(device *handle, int count, field *fields) {
    int i, code = check("nvmlDeviceGetFieldValues", handle->gpu, NULL);
    if (code) return code;
    for (i = 0; i < count; i++) fill(handle, &fields[i]);
    return OK;
}

static int processes_of(int gpu) {
    int i, count = 0;
    for (i = 0; i < pid_count; i++) count += pids[i].gpu == gpu;
    return count;
}

int nvmlDeviceGetComputeRunningProcesses_v3(device *handle, unsigned *count, process *processes) {
    int i, found, code = check("nvmlDeviceGetComputeRunningProcesses", handle->gpu, NULL);
    if (code) return code;
    pid_count = read_pairs("EMISSIONS_STANDIN_PIDS", pids);
    found = processes_of(handle->gpu);
    if (!found) { *count = 0; return OK; }
    if (!processes || *count < (unsigned)found) { *count = (unsigned)found; return TOO_SHORT; }
    for (i = 0, found = 0; i < pid_count; i++)
        if (pids[i].gpu == handle->gpu) {
            memset(&processes[found], 0, sizeof *processes);
            processes[found++].pid = (unsigned)atoi(pids[i].text);
        }
    *count = (unsigned)found;
    return OK;
}

static int is_sliced(int gpu) {
    int i;
    for (i = 0; i < slice_count; i++) if (slices[i].gpu == gpu) return 1;
    return 0;
}

int nvmlDeviceGetUtilizationRates(device *handle, utilisation *rates) {
    const fault *f;
    double now = now_s();
    int code = check("nvmlDeviceGetUtilizationRates", handle->gpu, &f);
    if (!code && is_sliced(handle->gpu)) return NOT_SUPPORTED;
    if (code) return code;
    double busy = watts(handle->gpu, now) > idle_w ? 100 : 0;
    rates->gpu = (unsigned)answer(f, (unsigned long long)step_of(uses, used, handle->gpu, now, used ? 0 : busy));
    rates->memory = 0;
    return OK;
}

int nvmlDeviceGetMigMode(device *handle, unsigned *current, unsigned *pending) {
    int code = check("nvmlDeviceGetMigMode", handle->gpu, NULL);
    if (code) return code;
    *current = *pending = (unsigned)is_sliced(handle->gpu);
    return OK;
}

int nvmlDeviceGetMaxMigDeviceCount(device *handle, unsigned *count) {
    int code = check("nvmlDeviceGetMaxMigDeviceCount", handle->gpu, NULL);
    if (!code) *count = 7;
    return code;
}

int nvmlDeviceGetMigDeviceHandleByIndex(device *handle, unsigned index, device **slice) {
    int i, code = check("nvmlDeviceGetMigDeviceHandleByIndex", handle->gpu, NULL);
    unsigned at = 0;
    if (code) return code;
    for (i = 0; i < slice_count; i++)
        if (slices[i].gpu == handle->gpu && at++ == index) { *slice = &slice_handles[i]; return OK; }
    return NOT_FOUND;
}

int nvmlDeviceGetDeviceHandleFromMigDeviceHandle(device *slice, device **handle) {
    if (!initialized) return UNINITIALIZED;
    if (slice->slice < 0) return INVALID;
    *handle = &handles[slice->gpu];
    return OK;
}
