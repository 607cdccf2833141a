/* The test's hand: builds a world and acts on it from outside. `tests/shim/world.py` calls these. */
#define _GNU_SOURCE
#include "shim.h"

#include <linux/gpio.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static void copy(char *to, size_t room, const char *text) { snprintf(to, room, "%s", text ? text : ""); }

EXPORT int cpshim_attach(const char *folder, int create) { return attach(folder, create); }
EXPORT void cpshim_detach(void) { detach(); }

EXPORT void cpshim_options(int enter, int logging, int lockless, int persist, int without_v2) {
    W->enter = enter;
    W->logging = logging;
    W->lockless = lockless;
    W->persist = persist;
    W->without_v2 = without_v2;
}

/* ------------------------------------------------------------------ GPIO */

EXPORT void cpshim_chip(int chip, const char *name, const char *label, unsigned lines) {
    copy(W->chips[chip].name, sizeof W->chips[chip].name, name);
    copy(W->chips[chip].label, sizeof W->chips[chip].label, label);
    W->chips[chip].lines = lines;
}

EXPORT void cpshim_line(int chip, unsigned offset, const char *name, const char *consumer, int pull) {
    struct line *line = line_at(chip, offset);
    lock_world();
    copy(line->name, sizeof line->name, name);
    copy(line->consumer, sizeof line->consumer, consumer);
    line->pull = pull;
    line->level = level_of(line);
    unlock_world();
}

EXPORT void cpshim_wire(int chip, unsigned a, int other, unsigned b) {
    struct line *here = line_at(chip, a), *there = line_at(other, b);
    lock_world();
    uint32_t next = here->next;
    here->next = there->next;
    there->next = next;
    there->level = here->level;
    settle(here);
    unlock_world();
}

/* Edges that come of it are stamped with at_ns, or, when that is 0, with the time that it is. */
EXPORT void cpshim_drive(int chip, unsigned offset, int level, uint64_t at_ns) {
    struct line *line = line_at(chip, offset);
    lock_world();
    reap_wire(line, -1);
    line->hand = level;
    given_ns = at_ns;
    settle(line);
    given_ns = 0;
    unlock_world();
}

EXPORT void cpshim_resistor(int chip, unsigned offset, int pull) {
    struct line *line = line_at(chip, offset);
    lock_world();
    line->resistor = pull;
    settle(line);
    unlock_world();
}

EXPORT int cpshim_level(int chip, unsigned offset) {
    struct line *line = line_at(chip, offset);
    lock_world();
    reap_wire(line, -1);
    int level = line->level;
    unlock_world();
    return level;
}

struct look {
    char name[32], consumer[32];
    uint64_t flags;
    int32_t used, output, value, pull, hand, level;
};

EXPORT void cpshim_look(int chip, unsigned offset, struct look *out) {
    struct line *line = line_at(chip, offset);
    lock_world();
    reap_wire(line, -1);
    *out = (struct look){.flags = line->flags, .used = line->slot >= 0 || line->consumer[0],
                         .output = line->output, .value = line->value, .pull = line->pull,
                         .hand = line->hand, .level = line->level};
    copy(out->name, sizeof out->name, line->name);
    copy(out->consumer, sizeof out->consumer,
         line->slot >= 0 ? W->slot[line->slot].consumer : line->consumer);
    unlock_world();
}

/* Toggles a line so many times, one edge each period, and returns how many it made. */
EXPORT int cpshim_toggle(int chip, unsigned offset, int count, long period_ns) {
    struct line *line = line_at(chip, offset);
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    for (int i = 0; i < count; i++) {
        cpshim_drive(chip, offset, !line->level, 0);
        at.tv_nsec += period_ns;
        at.tv_sec += at.tv_nsec / 1000000000;
        at.tv_nsec %= 1000000000;
        if (period_ns) clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
    }
    return count;
}

/* How many descriptions are open, of a kind or (0) of any. */
EXPORT int cpshim_open(int kind) {
    int count = 0;
    lock_world();
    for (int i = 0; i < SLOTS; i++)
        if (W->slot[i].kind && (!kind || W->slot[i].kind == kind) && alive(i)) count++;
    unlock_world();
    return count;
}

/* ------------------------------------------------------------------ buses */

EXPORT void cpshim_bus(int bus, unsigned number, uint64_t funcs, int nak) {
    W->buses[bus] = (struct bus){.used = 1, .number = number, .funcs = funcs, .nak = nak};
}

EXPORT void cpshim_bind(int bus, unsigned address, int bound) {
    uint64_t bit = 1ull << address % 64;
    if (bound) W->buses[bus].bound[address / 64] |= bit;
    else W->buses[bus].bound[address / 64] &= ~bit;
}

EXPORT int cpshim_part(int bus, unsigned address, int pointer_bytes, unsigned size, int takes, int counts) {
    for (int i = 0; i < PARTS; i++) {
        struct part *part = &W->parts[i];
        if (part->used || size > PART_BYTES) continue;
        memset(part, 0, sizeof *part);
        part->bus = bus;
        part->address = address;
        part->pointer_bytes = pointer_bytes;
        part->size = size;
        part->takes = takes;
        part->counts = counts;
        part->used = 1;
        return i;
    }
    return -1;
}

EXPORT void cpshim_part_remove(int part) { W->parts[part].used = 0; }

EXPORT void cpshim_part_io(int part, unsigned at, uint8_t *data, unsigned length, int writing) {
    struct part *p = &W->parts[part];
    lock_world();
    for (unsigned i = 0; i < length; i++)
        if (writing) p->bytes[(at + i) % p->size] = data[i];
        else data[i] = p->bytes[(at + i) % p->size];
    unlock_world();
}

EXPORT void cpshim_i2c_setup(int bus, uint32_t *timeout, uint32_t *retries) {
    *timeout = W->buses[bus].timeout;
    *retries = W->buses[bus].retries;
}

EXPORT void cpshim_spi(int device, unsigned bus, unsigned select, uint32_t allowed, uint32_t max_hz,
                       uint32_t bufsiz, int part, uint32_t part_modes, int line) {
    W->spi[device] = (struct spi_device){.used = 1, .bus = bus, .select = select, .allowed = allowed,
                                         .max_hz = max_hz, .speed = max_hz, .bufsiz = bufsiz, .bits = 8,
                                         .part = part, .part_modes = part_modes, .line = line, .idle = 0xff};
}

EXPORT void cpshim_spi_look(int device, uint32_t *mode, uint32_t *speed) {
    *mode = W->spi[device].mode;
    *speed = W->spi[device].speed;
}

EXPORT void cpshim_pwm(int chip, unsigned number, unsigned channels, uint64_t min_ns, uint64_t max_ns,
                       const char *folder) {
    W->pwm[chip] = (struct pwm_chip){
        .used = 1, .number = number, .channels = channels, .min_period_ns = min_ns, .max_period_ns = max_ns};
    copy(W->pwm[chip].folder, sizeof W->pwm[chip].folder, folder);
}

struct pulses {
    uint64_t period_ns, duty_ns, since_ns;
    int32_t enabled, exported, inversed;
};

EXPORT void cpshim_pulses(int chip, unsigned channel, struct pulses *out) {
    lock_world();
    const struct pwm_channel *c = &W->pwm[chip].channel[channel];
    *out = (struct pulses){c->period_ns, c->duty_ns, c->since_ns, c->enabled, c->exported, c->inversed};
    unlock_world();
}

EXPORT void cpshim_watchdog(unsigned most, unsigned boot_status) {
    W->watchdog = (struct watchdog){.timeout = most, .most = most, .boot_status = boot_status};
}

EXPORT int cpshim_watchdog_runs(void) { return W->watchdog.running; }

/* ------------------------------------------------------------------ faults and the log */

EXPORT int cpshim_fault(int op, int device, int address, int error, unsigned skip, unsigned times,
                        const char *path) {
    lock_world();
    int made = -1;
    for (int i = 0; i < FAULTS && made < 0; i++) {
        if (W->fault[i].used) continue;
        W->fault[i] = (struct fault){.used = 1, .op = op, .device = device, .address = address,
                                     .error = error, .skip = skip, .times = times};
        copy(W->fault[i].path, sizeof W->fault[i].path, path);
        W->faulty = 1;
        made = i;
    }
    unlock_world();
    return made;
}

EXPORT void cpshim_no_fault(void) {
    lock_world();
    memset(W->fault, 0, sizeof W->fault);
    W->faulty = 0;
    unlock_world();
}

EXPORT uint64_t cpshim_logged(void) { return W->logged; }

EXPORT int cpshim_record(uint64_t index, struct record *out) {
    lock_world();
    int there = index < W->logged && index + LOG_RECORDS >= W->logged;
    if (there) *out = W->log[index & (LOG_RECORDS - 1)];
    unlock_world();
    return there ? 0 : -1;
}
