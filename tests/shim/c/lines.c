/* The electrical side of GPIO: who drives a wire, what level that makes, and the edges of it. */
#define _GNU_SOURCE
#include "shim.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/gpio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define EVENT ((int)sizeof(struct gpio_v2_line_event))

struct line *line_at(int chip, unsigned offset) { return &W->lines[chip * LINES_PER_CHIP + offset]; }

static unsigned index_of(const struct line *line) { return line - W->lines; }

/* Does this line drive its wire, and how? -1 not at all. */
static int drives(const struct line *line) {
    if (!line->output) return -1;
    if (line->open_drain) return line->value ? -1 : 0;
    if (line->open_source) return line->value ? 1 : -1;
    return line->value;
}

/* Low wins where two drive against each other; resistors count only where nobody drives; a wire with
 * nothing on it keeps its charge. */
int level_of(struct line *line) {
    int low = 0, high = 0, up = 0, down = 0;
    struct line *on = line;
    do {
        int driven = drives(on);
        low |= driven == 0 || on->hand == 0;
        high |= driven == 1 || on->hand == 1;
        int pull = on->resistor ? on->resistor : on->pull; /* ten times as strong as the pad's */
        up |= pull > 0;
        down |= pull < 0;
        on = &W->lines[on->next];
    } while (on != line);
    if (low || high) return !low;
    return up == down ? line->level : up;
}

int logical(const struct line *line) {
    int level = line->debounce_us && line->slot >= 0 ? line->settled : line->level;
    return level ^ !!(line->flags & GPIO_V2_LINE_FLAG_ACTIVE_LOW);
}

/* ------------------------------------------------------------------ edges */

static uint64_t stamp(const struct line *line) {
    struct timespec t;
    if (!(line->flags & GPIO_V2_LINE_FLAG_EVENT_CLOCK_REALTIME)) return given_ns ? given_ns : now_ns();
    clock_gettime(CLOCK_REALTIME, &t);
    return t.tv_sec * 1000000000ull + t.tv_nsec;
}

/* The queue is a FIFO that whoever holds the request reads; a full one loses its oldest event. */
static void queue(const struct slot *slot, const struct gpio_v2_line_event *event) {
    char path[PATH_MAX], oldest[sizeof *event];
    describe(path, slot->serial);
    int fd = syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_NONBLOCK | O_CLOEXEC), bytes = 0;
    if (fd < 0) return;
    while (!syscall(SYS_ioctl, fd, FIONREAD, &bytes) && bytes >= (int)slot->capacity * EVENT)
        if (syscall(SYS_read, fd, oldest, sizeof oldest) <= 0) break;
    syscall(SYS_write, fd, event, sizeof *event);
    syscall(SYS_close, fd);
}

static void edge(struct line *line) {
    int rising = logical(line);
    uint64_t wanted = rising ? GPIO_V2_LINE_FLAG_EDGE_RISING : GPIO_V2_LINE_FLAG_EDGE_FALLING;
    if (!(line->flags & wanted)) return;
    struct slot *slot = &W->slot[line->slot];
    struct gpio_v2_line_event event = {
        .timestamp_ns = stamp(line),
        .id = rising ? GPIO_V2_LINE_EVENT_RISING_EDGE : GPIO_V2_LINE_EVENT_FALLING_EDGE,
        .offset = index_of(line) % LINES_PER_CHIP,
        .line_seqno = ++line->line_seqno};
    /* A request of one line has one count for both (gpiolib-cdev). */
    event.seqno = slot->lines == 1 ? event.line_seqno : ++slot->seqno;
    queue(slot, &event);
}

/* A debounced line waits: only a level that holds counts. The server thread of the test's process
 * looks at it when its time has come. */
static void changed(struct line *line) {
    if (line->slot < 0 || line->output) return;
    if (!line->debounce_us) {
        edge(line);
        return;
    }
    line->settles_ns = line->level == line->settled ? 0 : now_ns() + line->debounce_us * 1000ull;
    if (line->settles_ns) pthread_cond_signal(&W->debounces);
}

void settle(struct line *line) {
    int level = level_of(line);
    if (level == line->level) return;
    struct line *on = line;
    do {
        on->level = level;
        log_call(OP_LEVEL, index_of(on) / LINES_PER_CHIP, 0, index_of(on) % LINES_PER_CHIP, level,
                 on->output, NULL, 0);
        changed(on);
        on = &W->lines[on->next];
    } while (on != line);
}

/* ------------------------------------------------------------------ who has gone */

void release_request(int slot) {
    struct slot *request = &W->slot[slot];
    log_call(OP_RELEASE, request->device, 0, request->serial, request->lines, 0, NULL, 0);
    for (unsigned i = 0; i < request->lines; i++) {
        struct line *line = &W->lines[request->line[i]];
        if (line->slot != slot) continue;
        line->slot = -1;
        line->flags = line->debounce_us = line->settles_ns = 0;
        if (!W->persist) line->output = line->open_drain = line->open_source = 0;
    }
    for (unsigned i = 0; i < request->lines; i++) settle(&W->lines[request->line[i]]);
    forget_slot(slot);
}

/* Frees the lines of a wire whose holders are dead; `self` is known to live. */
void reap_wire(struct line *line, int self) {
    struct line *on = line;
    do {
        if (on->slot >= 0 && on->slot != self && !alive(on->slot)) release_request(on->slot);
        on = &W->lines[on->next];
    } while (on != line);
}

/* ------------------------------------------------------------------ debouncing */

static uint64_t due(uint64_t now) {
    uint64_t first = 0;
    for (struct line *line = W->lines; line < W->lines + LINES; line++) {
        if (!line->settles_ns) continue;
        if (line->settles_ns <= now) {
            line->settles_ns = 0;
            if (line->slot < 0 || line->settled == line->level) continue;
            line->settled = line->level;
            edge(line);
        } else if (!first || line->settles_ns < first) {
            first = line->settles_ns;
        }
    }
    return first;
}

static void *serve(void *nothing) {
    (void)nothing;
    lock_world();
    while (!W->stop_server) {
        uint64_t next = due(now_ns());
        struct timespec until = {next / 1000000000, next % 1000000000};
        int result = next ? pthread_cond_timedwait(&W->debounces, &W->mutex, &until)
                          : pthread_cond_wait(&W->debounces, &W->mutex);
        if (result == EOWNERDEAD) pthread_mutex_consistent(&W->mutex);
    }
    unlock_world();
    return NULL;
}

static pthread_t server;

EXPORT int cpshim_serve(void) {
    W->stop_server = 0;
    return pthread_create(&server, NULL, serve, NULL);
}

EXPORT void cpshim_stop(void) {
    lock_world();
    W->stop_server = 1;
    pthread_cond_broadcast(&W->debounces);
    unlock_world();
    pthread_join(server, NULL);
}
