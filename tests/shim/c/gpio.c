/* The GPIO character device, version 2: linux/gpio.h; what is refused is what
 * drivers/gpio/gpiolib-cdev.c refuses, of which an unknown ioctl is EINVAL too. */
#define _GNU_SOURCE
#include "shim.h"

#include <errno.h>
#include <linux/gpio.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <fcntl.h>
#include <unistd.h>

#define DIRECTIONS (GPIO_V2_LINE_FLAG_INPUT | GPIO_V2_LINE_FLAG_OUTPUT)
#define DRIVES (GPIO_V2_LINE_FLAG_OPEN_DRAIN | GPIO_V2_LINE_FLAG_OPEN_SOURCE)
#define EDGES (GPIO_V2_LINE_FLAG_EDGE_RISING | GPIO_V2_LINE_FLAG_EDGE_FALLING)
#define BIASES                                                              \
    (GPIO_V2_LINE_FLAG_BIAS_PULL_UP | GPIO_V2_LINE_FLAG_BIAS_PULL_DOWN |    \
     GPIO_V2_LINE_FLAG_BIAS_DISABLED)
#define FLAGS                                                               \
    (DIRECTIONS | DRIVES | EDGES | BIASES | GPIO_V2_LINE_FLAG_ACTIVE_LOW |  \
     GPIO_V2_LINE_FLAG_EVENT_CLOCK_REALTIME)

static int more_than_one(uint64_t bits) { return bits & (bits - 1) ? 1 : 0; }

static int good_flags(uint64_t flags) {
    if (flags & ~(uint64_t)FLAGS) return 0;
    if ((flags & DIRECTIONS) == DIRECTIONS || (flags & DRIVES) == DRIVES) return 0;
    if (flags & EDGES && !(flags & GPIO_V2_LINE_FLAG_INPUT)) return 0;
    if (flags & DRIVES && !(flags & GPIO_V2_LINE_FLAG_OUTPUT)) return 0;
    if (flags & BIASES && !(flags & DIRECTIONS)) return 0;
    return !more_than_one(flags & BIASES);
}

static const struct gpio_v2_line_attribute *attribute(const struct gpio_v2_line_config *config,
                                                      unsigned line, uint32_t id) {
    for (unsigned i = 0; i < config->num_attrs; i++)
        if (config->attrs[i].attr.id == id && config->attrs[i].mask >> line & 1) return &config->attrs[i].attr;
    return NULL;
}

static uint64_t flags_for(const struct gpio_v2_line_config *config, unsigned line) {
    const struct gpio_v2_line_attribute *a = attribute(config, line, GPIO_V2_LINE_ATTR_ID_FLAGS);
    return a ? a->flags : config->flags;
}

static int value_for(const struct gpio_v2_line_config *config, unsigned line) {
    const struct gpio_v2_line_attribute *a = attribute(config, line, GPIO_V2_LINE_ATTR_ID_OUTPUT_VALUES);
    return a ? a->values >> line & 1 : 0;
}

static uint32_t debounce_for(const struct gpio_v2_line_config *config, unsigned line) {
    const struct gpio_v2_line_attribute *a = attribute(config, line, GPIO_V2_LINE_ATTR_ID_DEBOUNCE);
    return a ? a->debounce_period_us : 0;
}

static int all_zero(const void *memory, size_t size) {
    const uint8_t *bytes = memory;
    for (size_t i = 0; i < size; i++)
        if (bytes[i]) return 0;
    return 1;
}

static int good_config(const struct gpio_v2_line_config *config, unsigned lines) {
    if (config->num_attrs > GPIO_V2_LINE_NUM_ATTRS_MAX) return 0;
    if (!all_zero(config->padding, sizeof config->padding)) return 0;
    for (unsigned i = 0; i < GPIO_V2_LINE_NUM_ATTRS_MAX; i++) {
        const struct gpio_v2_line_config_attribute *a = &config->attrs[i];
        if (i < config->num_attrs ? a->attr.padding : !all_zero(a, sizeof *a)) return 0;
    }
    for (unsigned i = 0; i < lines; i++) {
        uint64_t flags = flags_for(config, i);
        if (!good_flags(flags)) return 0;
        if (debounce_for(config, i) && !(flags & GPIO_V2_LINE_FLAG_INPUT)) return 0;
    }
    return 1;
}

/* ------------------------------------------------------------------ configuring a request's lines */

static void configure(struct line *line, const struct gpio_v2_line_config *config) {
    uint64_t flags = flags_for(config, line->index);
    line->flags = flags;
    if (!(flags & DIRECTIONS)) return; /* as it is */
    line->output = line->said_output = !!(flags & GPIO_V2_LINE_FLAG_OUTPUT);
    line->open_drain = !!(flags & GPIO_V2_LINE_FLAG_OPEN_DRAIN);
    line->open_source = !!(flags & GPIO_V2_LINE_FLAG_OPEN_SOURCE);
    if (line->output)
        line->value = value_for(config, line->index) ^ !!(flags & GPIO_V2_LINE_FLAG_ACTIVE_LOW);
    if (flags & BIASES)
        line->pull = flags & GPIO_V2_LINE_FLAG_BIAS_PULL_UP     ? 1
                     : flags & GPIO_V2_LINE_FLAG_BIAS_PULL_DOWN ? -1
                                                                : 0;
    line->debounce_us = debounce_for(config, line->index);
}

/* One call is one moment: all lines are set before any level is looked at. */
static void apply(struct slot *request, const struct gpio_v2_line_config *config) {
    int self = request - W->slot;
    for (unsigned i = 0; i < request->lines; i++) configure(&W->lines[request->line[i]], config);
    for (unsigned i = 0; i < request->lines; i++) {
        struct line *line = &W->lines[request->line[i]];
        if (line->next != request->line[i]) reap_wire(line, self);
        /* What the change of configuration does to the level is no edge of the line itself. */
        uint64_t edges = line->flags & EDGES;
        line->flags &= ~(uint64_t)EDGES;
        settle(line);
        line->flags |= edges;
        line->settles_ns = 0;
        line->settled = line->level;
    }
}

static void log_config(enum op op, struct slot *request, int chip, int result,
                       const struct gpio_v2_line_config *config, unsigned lines, const uint32_t *offsets) {
    uint64_t values = 0;
    uint8_t data[LINES_PER_CHIP];
    for (unsigned i = 0; i < lines && i < LINES_PER_CHIP; i++) {
        values |= (uint64_t)value_for(config, i) << i;
        data[i] = offsets ? offsets[i] : request->line[i] % LINES_PER_CHIP;
    }
    log_call(op, chip, result, lines ? flags_for(config, 0) : 0, values,
             lines ? debounce_for(config, 0) : 0, data, lines < LINES_PER_CHIP ? lines : LINES_PER_CHIP);
}

/* ------------------------------------------------------------------ the chip */

static int chip_info(int chip, struct gpiochip_info *info) {
    memset(info, 0, sizeof *info);
    strcpy(info->name, W->chips[chip].name);
    strcpy(info->label, W->chips[chip].label);
    info->lines = W->chips[chip].lines;
    return 0;
}

static int line_info(int chip, struct gpio_v2_line_info *info) {
    unsigned offset = info->offset;
    if (!all_zero(info->padding, sizeof info->padding)) return fail(EINVAL);
    if (offset >= W->chips[chip].lines) return fail(EINVAL);
    struct line *line = line_at(chip, offset);
    reap_wire(line, -1);
    memset(info, 0, sizeof *info);
    info->offset = offset;
    strcpy(info->name, line->name);
    info->flags = line->flags & ~(uint64_t)DIRECTIONS;
    info->flags |= line->said_output ? GPIO_V2_LINE_FLAG_OUTPUT : GPIO_V2_LINE_FLAG_INPUT;
    if (line->slot >= 0) strcpy(info->consumer, W->slot[line->slot].consumer);
    else strcpy(info->consumer, line->consumer);
    if (line->slot >= 0 || line->consumer[0]) info->flags |= GPIO_V2_LINE_FLAG_USED;
    if (line->debounce_us) {
        info->num_attrs = 1;
        info->attrs[0].id = GPIO_V2_LINE_ATTR_ID_DEBOUNCE;
        info->attrs[0].debounce_period_us = line->debounce_us;
    }
    return 0;
}

static int good_request(int chip, const struct gpio_v2_line_request *request) {
    if (request->num_lines < 1 || request->num_lines > GPIO_V2_LINES_MAX) return fail(EINVAL);
    if (!all_zero(request->padding, sizeof request->padding)) return fail(EINVAL);
    if (!good_config(&request->config, request->num_lines)) return fail(EINVAL);
    for (unsigned i = 0; i < request->num_lines; i++) {
        if (request->offsets[i] >= W->chips[chip].lines) return fail(EINVAL);
        struct line *line = line_at(chip, request->offsets[i]);
        reap_wire(line, -1);
        if (line->slot >= 0 || line->consumer[0]) return fail(EBUSY);
        for (unsigned before = 0; before < i; before++)
            if (request->offsets[before] == request->offsets[i]) return fail(EBUSY);
    }
    return 0;
}

static int get_line(int chip, struct gpio_v2_line_request *asked) {
    int index, error = fault_for(OP_GET_LINE, chip, asked->offsets[0], NULL);
    if (error) return fail(error);
    if (good_request(chip, asked)) return -1;
    int fd = make_description(K_REQUEST, chip, O_CLOEXEC, &index);
    if (fd < 0) return -1;
    struct slot *request = &W->slot[index];
    request->lines = asked->num_lines;
    request->capacity = asked->event_buffer_size;
    if (!request->capacity) request->capacity = asked->num_lines * 16;
    if (request->capacity > GPIO_V2_LINES_MAX * 16) request->capacity = GPIO_V2_LINES_MAX * 16;
    snprintf(request->consumer, sizeof request->consumer, "%.31s", asked->consumer[0] ? asked->consumer : "?");
    for (unsigned i = 0; i < asked->num_lines; i++) {
        struct line *line = line_at(chip, asked->offsets[i]);
        request->line[i] = line - W->lines;
        line->slot = index;
        line->index = i;
        line->line_seqno = 0;
    }
    apply(request, &asked->config);
    asked->fd = fd;
    return 0;
}

int chip_ioctl(int fd, struct slot *slot, unsigned long request, void *arg) {
    int chip = slot->device, result;
    (void)fd;
    switch (request) {
    case GPIO_GET_CHIPINFO_IOCTL:
        result = chip_info(chip, arg);
        log_call(OP_CHIPINFO, chip, result, 0, 0, 0, NULL, 0);
        return result;
    case GPIO_V2_GET_LINEINFO_IOCTL:
    case GPIO_V2_GET_LINEINFO_WATCH_IOCTL:
        if (W->without_v2) break;
        result = line_info(chip, arg);
        log_call(OP_LINEINFO, chip, result, ((struct gpio_v2_line_info *)arg)->offset, 0, 0, NULL, 0);
        return result;
    case GPIO_GET_LINEINFO_UNWATCH_IOCTL:
        if (W->without_v2) break;
        return 0;
    case GPIO_V2_GET_LINE_IOCTL: {
        struct gpio_v2_line_request *asked = arg;
        if (W->without_v2) break;
        result = get_line(chip, asked);
        log_config(OP_GET_LINE, NULL, chip, result, &asked->config, asked->num_lines, asked->offsets);
        return result;
    }
    }
    errno = EINVAL;
    log_call(OP_UNKNOWN, chip, -1, request, 0, 0, NULL, 0);
    return -1;
}

/* ------------------------------------------------------------------ a request */

static int set_values(struct slot *request, const struct gpio_v2_line_values *values) {
    int any = 0;
    for (unsigned i = 0; i < request->lines; i++) {
        if (!(values->mask >> i & 1)) continue;
        if (!W->lines[request->line[i]].output) return fail(EPERM);
        any = 1;
    }
    if (!any) return fail(EINVAL);
    for (unsigned i = 0; i < request->lines; i++) {
        struct line *line = &W->lines[request->line[i]];
        if (values->mask >> i & 1)
            line->value = (values->bits >> i & 1) ^ !!(line->flags & GPIO_V2_LINE_FLAG_ACTIVE_LOW);
    }
    for (unsigned i = 0; i < request->lines; i++) {
        struct line *line = &W->lines[request->line[i]];
        if (!(values->mask >> i & 1)) continue;
        if (line->next != request->line[i]) reap_wire(line, request - W->slot);
        settle(line);
    }
    return 0;
}

static int get_values(struct slot *request, struct gpio_v2_line_values *values) {
    uint64_t bits = 0;
    int any = 0;
    for (unsigned i = 0; i < request->lines; i++) {
        if (!(values->mask >> i & 1)) continue;
        any = 1;
        struct line *line = &W->lines[request->line[i]];
        if (line->next != request->line[i]) reap_wire(line, request - W->slot);
        bits |= (uint64_t)logical(line) << i;
    }
    if (!any) return fail(EINVAL);
    values->bits = bits;
    return 0;
}

static int set_config(struct slot *request, const struct gpio_v2_line_config *config) {
    if (!good_config(config, request->lines)) return fail(EINVAL);
    apply(request, config);
    return 0;
}

int request_ioctl(int fd, struct slot *slot, unsigned long request, void *arg) {
    int chip = slot->device, first = slot->line[0] % LINES_PER_CHIP, error, result;
    struct gpio_v2_line_values *values = arg;
    (void)fd;
    switch (request) {
    case GPIO_V2_LINE_SET_VALUES_IOCTL:
        error = fault_for(OP_SET_VALUES, chip, first, NULL);
        result = error ? fail(error) : set_values(slot, values);
        log_call(OP_SET_VALUES, chip, result, values->bits, values->mask, first, NULL, 0);
        return result;
    case GPIO_V2_LINE_GET_VALUES_IOCTL:
        error = fault_for(OP_GET_VALUES, chip, first, NULL);
        result = error ? fail(error) : get_values(slot, values);
        log_call(OP_GET_VALUES, chip, result, values->bits, values->mask, first, NULL, 0);
        return result;
    case GPIO_V2_LINE_SET_CONFIG_IOCTL:
        error = fault_for(OP_SET_CONFIG, chip, first, NULL);
        result = error ? fail(error) : set_config(slot, arg);
        log_config(OP_SET_CONFIG, slot, chip, result, arg, slot->lines, NULL);
        return result;
    }
    errno = EINVAL;
    log_call(OP_UNKNOWN, chip, -1, request, 0, 0, NULL, 0);
    return -1;
}

/* Whole events only, and never less than one (linereq_read of gpiolib-cdev). Not under the lock: it
 * may wait. */
ssize_t request_read(int fd, struct slot *slot, void *buffer, size_t size) {
    size_t whole = size - size % sizeof(struct gpio_v2_line_event);
    if (!whole) return fail(EINVAL);
    int chip = slot->device;
    enter_kernel(fd);
    ssize_t got = syscall(SYS_read, fd, buffer, whole);
    if (W && W->logging) {
        lock_world();
        log_call(OP_READ_EVENTS, chip, got, got > 0 ? got / sizeof(struct gpio_v2_line_event) : 0, 0, 0,
                 NULL, 0);
        unlock_world();
    }
    return got;
}
