/* Attributes of sysfs that answer on write, PWM (drivers/pwm/core.c) among them, and /dev/pwmchipN.
 *
 * An attribute is a plain file below root/ that any program can read; a write is looked at first, and
 * what was accepted becomes the file's new content. */
#define _GNU_SOURCE
#include "shim.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum attr { A_NUMBER, A_EXPORT, A_UNEXPORT, A_PERIOD, A_DUTY, A_ENABLE, A_POLARITY };

/* linux/pwm.h, which came with Linux 6.17 and is not in every C library's headers yet. */
struct waveform {
    uint32_t hwpwm, pad;
    uint64_t period_ns, duty_ns, offset_ns;
};
#define PWM_REQUEST _IO(0x75, 1)
#define PWM_FREE _IO(0x75, 2)
#define PWM_ROUNDWF _IOWR(0x75, 3, struct waveform)
#define PWM_GETWF _IOWR(0x75, 4, struct waveform)
#define PWM_SETROUNDEDWF _IOW(0x75, 5, struct waveform)
#define PWM_SETEXACTWF _IOW(0x75, 6, struct waveform)

static void file_of(const char *path, char *out) {
    snprintf(out, PATH_MAX, "%.*s/root%s", PATH_MAX - 256, world_path, path);
}

static void put(const char *path, const char *text) {
    char file[PATH_MAX];
    file_of(path, file);
    int fd = syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0664);
    if (fd < 0) return;
    syscall(SYS_write, fd, text, strlen(text));
    syscall(SYS_close, fd);
}

static void put_number(const char *path, uint64_t value) {
    char text[32];
    snprintf(text, sizeof text, "%" PRIu64 "\n", value);
    put(path, text);
}

static struct node *new_node(void) {
    for (unsigned i = 0; i < W->nodes; i++)
        if (!W->node[i].kind) return &W->node[i];
    return W->nodes < NODES ? &W->node[W->nodes++] : NULL;
}

/* Adds a node for a file that exists below root/. */
static struct node *add_node(enum kind kind, int device, const char *path) {
    char file[PATH_MAX];
    struct stat status;
    file_of(path, file);
    if (syscall(SYS_newfstatat, AT_FDCWD, file, &status, 0)) return NULL;
    struct node *node = new_node();
    if (!node) return NULL;
    *node = (struct node){.inode = status.st_ino, .kind = kind, .device = device};
    snprintf(node->path, sizeof node->path, "%s", path);
    return node;
}

EXPORT int cpshim_node(int kind, int device, const char *path, unsigned major, unsigned minor, unsigned gid,
                       const char *target) {
    lock_world();
    struct node *node = add_node(kind, device, path);
    if (node) {
        node->major = major;
        node->minor = minor;
        node->gid = gid;
        snprintf(node->target, sizeof node->target, "%s", target ? target : "");
    }
    unlock_world();
    return node ? 0 : -1;
}

EXPORT int cpshim_attr(int attr, int device, const char *path, int64_t low, int64_t high) {
    lock_world();
    struct node *node = add_node(K_ATTR, device, path);
    if (node) {
        node->attr = attr;
        node->low = low;
        node->high = high;
    }
    unlock_world();
    return node ? 0 : -1;
}

/* ------------------------------------------------------------------ PWM by sysfs */

static const struct {
    const char *name;
    enum attr attr;
    const char *text;
} channel_files[] = {{"period", A_PERIOD, "0\n"},
                     {"duty_cycle", A_DUTY, "0\n"},
                     {"enable", A_ENABLE, "0\n"},
                     {"polarity", A_POLARITY, "normal\n"}};

static void channel_path(const struct pwm_chip *chip, unsigned channel, const char *name, char *out) {
    snprintf(out, 160, "%.120s/pwm%u%s%.20s", chip->folder, channel, *name ? "/" : "", name);
}

static void show(int device, unsigned channel) {
    const struct pwm_channel *c = &W->pwm[device].channel[channel];
    char path[160];
    channel_path(&W->pwm[device], channel, "period", path);
    put_number(path, c->period_ns);
    channel_path(&W->pwm[device], channel, "duty_cycle", path);
    put_number(path, c->duty_ns);
    channel_path(&W->pwm[device], channel, "enable", path);
    put_number(path, c->enabled);
    channel_path(&W->pwm[device], channel, "polarity", path);
    put(path, c->inversed ? "inversed\n" : "normal\n");
}

static int export_channel(int device, uint64_t channel) {
    struct pwm_chip *chip = &W->pwm[device];
    char path[160], file[PATH_MAX];
    if (channel >= chip->channels) return ENODEV;
    if (chip->channel[channel].exported || chip->channel[channel].requested) return EBUSY;
    channel_path(chip, channel, "", path);
    file_of(path, file);
    if (mkdir(file, 0775) && errno != EEXIST) return errno;
    chip->channel[channel].exported = 1;
    show(device, channel);
    for (size_t i = 0; i < sizeof channel_files / sizeof *channel_files; i++) {
        channel_path(chip, channel, channel_files[i].name, path);
        struct node *node = add_node(K_ATTR, device, path);
        if (!node) return ENOSPC;
        node->attr = channel_files[i].attr;
        node->channel = channel;
    }
    return 0;
}

static int unexport_channel(int device, uint64_t channel) {
    struct pwm_chip *chip = &W->pwm[device];
    char path[160], file[PATH_MAX];
    if (channel >= chip->channels || !chip->channel[channel].exported) return ENODEV;
    chip->channel[channel].exported = 0;
    for (size_t i = 0; i < sizeof channel_files / sizeof *channel_files; i++) {
        channel_path(chip, channel, channel_files[i].name, path);
        for (unsigned n = 0; n < W->nodes; n++)
            if (W->node[n].kind && !strcmp(W->node[n].path, path)) W->node[n].kind = K_NONE;
        file_of(path, file);
        unlink(file);
    }
    channel_path(chip, channel, "", path);
    file_of(path, file);
    rmdir(file);
    return 0;
}

/* Every write applies the whole state, and the core refuses one without a period. */
static int apply(int device, unsigned channel, struct pwm_channel wanted) {
    struct pwm_chip *chip = &W->pwm[device];
    if (!wanted.period_ns || wanted.duty_ns > wanted.period_ns) return EINVAL;
    if (wanted.period_ns < chip->min_period_ns || wanted.period_ns > chip->max_period_ns) return EINVAL;
    if (!chip->channel[channel].enabled && wanted.enabled) wanted.since_ns = now_ns();
    chip->channel[channel] = wanted;
    return 0;
}

static int write_channel(const struct node *node, const char *text, uint64_t value, int is_number) {
    struct pwm_channel wanted = W->pwm[node->device].channel[node->channel];
    if (node->attr == A_POLARITY) {
        if (strcmp(text, "normal") && strcmp(text, "inversed")) return EINVAL;
        if (wanted.enabled) return EBUSY;
        wanted.inversed = text[0] == 'i';
        W->pwm[node->device].channel[node->channel].inversed = wanted.inversed;
        return 0;
    }
    if (!is_number || (node->attr == A_ENABLE && value > 1)) return EINVAL;
    if (node->attr == A_PERIOD) wanted.period_ns = value;
    if (node->attr == A_DUTY) wanted.duty_ns = value;
    if (node->attr == A_ENABLE) wanted.enabled = value;
    return apply(node->device, node->channel, wanted);
}

/* ------------------------------------------------------------------ writing an attribute */

static int accept_text(struct node *node, const char *text) {
    char *end;
    errno = 0;
    long long number = strtoll(text, &end, 0);
    int is_number = end != text && !*end && !errno;
    int error;
    switch (node->attr) {
    case A_EXPORT: return is_number && number >= 0 ? export_channel(node->device, number) : EINVAL;
    case A_UNEXPORT: return is_number && number >= 0 ? unexport_channel(node->device, number) : EINVAL;
    case A_NUMBER:
        if (!is_number || number < node->low || number > node->high) return EINVAL;
        char line[32];
        snprintf(line, sizeof line, "%lld\n", number);
        put(node->path, line);
        return 0;
    default:
        if (is_number && number < 0) return EINVAL;
        error = write_channel(node, text, number, is_number);
        if (!error) show(node->device, node->channel);
        return error;
    }
}

ssize_t attr_write(int fd, struct node *node, const void *data, size_t size) {
    char text[64];
    size_t length = size < sizeof text ? size : sizeof text - 1;
    memcpy(text, data, length);
    if (length && text[length - 1] == '\n') length--;
    text[length] = 0;
    enter_kernel(fd);
    lock_world();
    int error = node->kind == K_ATTR ? fault_for(OP_ATTR, node->device, node->channel, node->path) : ENODEV;
    if (!error) error = accept_text(node, text);
    int result = error ? fail(error) : (int)size;
    log_call(OP_ATTR, node->device, result, node->channel, node->attr, 0, text, length);
    unlock_world();
    return result;
}

/* ------------------------------------------------------------------ PWM by character device */

static struct pwm_channel *requested(struct slot *slot, uint32_t channel) {
    struct pwm_chip *chip = &W->pwm[slot->device];
    if (channel >= chip->channels) return NULL;
    struct pwm_channel *c = &chip->channel[channel];
    return c->requested == slot - W->slot + 1 ? c : NULL;
}

static int request_channel(struct slot *slot, unsigned long channel) {
    struct pwm_chip *chip = &W->pwm[slot->device];
    if (channel >= chip->channels) return EINVAL;
    struct pwm_channel *c = &chip->channel[channel];
    int holder = c->requested - 1, self = slot - W->slot;
    if (holder == self) return 0;
    if (c->exported || (holder >= 0 && W->slot[holder].kind == K_PWM && alive(holder))) return EBUSY;
    c->requested = self + 1;
    return 0;
}

static int set_waveform(struct slot *slot, const struct waveform *w) {
    struct pwm_chip *chip = &W->pwm[slot->device];
    struct pwm_channel *c = requested(slot, w->hwpwm);
    if (w->pad || !c) return EINVAL;
    if (w->period_ns && (w->duty_ns > w->period_ns || w->offset_ns >= w->period_ns)) return EINVAL;
    if (!w->period_ns && (w->duty_ns || w->offset_ns)) return EINVAL;
    if (w->period_ns && w->period_ns < chip->min_period_ns) return EINVAL;
    c->period_ns = w->period_ns;
    c->duty_ns = w->duty_ns;
    c->offset_ns = w->offset_ns;
    if (!c->enabled) c->since_ns = now_ns();
    c->enabled = w->period_ns > 0;
    return 0;
}

static int pwm_call(struct slot *slot, unsigned long request, void *arg) {
    struct waveform *w = arg;
    struct pwm_channel *c;
    switch (request) {
    case PWM_REQUEST: return request_channel(slot, (unsigned long)arg);
    case PWM_FREE:
        if (!(c = requested(slot, (unsigned long)arg))) return EINVAL;
        c->requested = 0;
        return 0;
    case PWM_ROUNDWF: return w->pad || !requested(slot, w->hwpwm) ? EINVAL : 0;
    case PWM_GETWF:
        if (w->pad || !(c = requested(slot, w->hwpwm))) return EINVAL;
        *w = (struct waveform){w->hwpwm, 0, c->enabled ? c->period_ns : 0, c->duty_ns, c->offset_ns};
        return 0;
    case PWM_SETROUNDEDWF:
    case PWM_SETEXACTWF: return set_waveform(slot, w);
    }
    return ENOTTY;
}

int pwm_ioctl(struct slot *slot, unsigned long request, void *arg) {
    int error = fault_for(OP_PWM, slot->device, _IOC_NR(request), NULL);
    if (!error) error = pwm_call(slot, request, arg);
    int result = error ? fail(error) : 0;
    log_call(OP_PWM, slot->device, result, _IOC_NR(request), 0, 0, NULL, 0);
    return result;
}
