/* spidev (linux/spi/spidev.h): mode, word length and clock belong to the device, not to the open
 * description; only the clock goes back to the driver's when the last description is closed. */
#define _GNU_SOURCE
#include "shim.h"

#include <errno.h>
#include <linux/spi/spidev.h>
#include <string.h>

enum { PART_NONE, PART_LOOP, PART_COMPLEMENT };

void spi_opened(int device) {
    for (int i = 0; i < SLOTS; i++)
        if (W->slot[i].kind == K_SPI && W->slot[i].device == device && alive(i)) return;
    W->spi[device].speed = W->spi[device].max_hz;
}

static int selected(const struct spi_device *device) {
    if (device->line >= 0) {
        reap_wire(&W->lines[device->line], -1);
        return !W->lines[device->line].level;
    }
    return !(device->mode & SPI_NO_CS);
}

static void complement(const uint8_t *out, uint8_t *in, size_t size) {
    for (size_t i = 0; i < size; i++) in[i] = ~out[i];
}

/* Bytes that pass both ways at once. A part in the wrong clock mode sees every bit a half clock late.
 * No more is done to each byte than copying it, so that the time taken is the driver's. */
static void exchange(const struct spi_device *device, const uint8_t *out, uint8_t *in, size_t size) {
    if (!in) return;
    int wired = device->part == PART_LOOP || (device->part != PART_NONE && selected(device));
    if (!wired) {
        memset(in, device->idle, size);
        return;
    }
    if (!out) memset(in, 0, size);
    else if (in != out) memmove(in, out, size);
    if (device->part == PART_COMPLEMENT) complement(in, in, size);
    if (!(device->part_modes >> (device->mode & 3) & 1))
        for (size_t i = 0; i < size; i++) in[i] >>= 1;
}

static int message(struct slot *slot, const struct spi_ioc_transfer *transfers, unsigned count) {
    struct spi_device *device = &W->spi[slot->device];
    uint64_t total = 0, in = 0, out = 0;
    int error = fault_for(OP_SPI_MESSAGE, slot->device, -1, NULL);
    if (error > 0) return fail(error);
    for (unsigned i = 0; i < count; i++) {
        const struct spi_ioc_transfer *t = &transfers[i];
        total += t->len;
        if (t->rx_buf) in += t->len;
        if (t->tx_buf) out += t->len;
        if (in > device->bufsiz || out > device->bufsiz || total > 0x7fffffff) return fail(EMSGSIZE);
        if (t->bits_per_word && t->bits_per_word != 8) return fail(EINVAL);
    }
    for (unsigned i = 0; i < count; i++)
        exchange(device, (const void *)(uintptr_t)transfers[i].tx_buf, (void *)(uintptr_t)transfers[i].rx_buf,
                 transfers[i].len);
    return error == SHORT && total ? total - 1 : total;
}

static int log_message(struct slot *slot, const struct spi_ioc_transfer *t, unsigned count) {
    int result = message(slot, t, count);
    const struct spi_device *device = &W->spi[slot->device];
    uint32_t speed = count && t->speed_hz && t->speed_hz < device->speed ? t->speed_hz : device->speed;
    const void *out = count ? (const void *)(uintptr_t)t->tx_buf : NULL;
    log_call(OP_SPI_MESSAGE, slot->device, result, speed, count, count ? t->cs_change : 0, out,
             out ? t->len : 0);
    return result;
}

static int set_mode(struct spi_device *device, uint32_t mode) {
    if (mode & ~device->allowed) return fail(EINVAL);
    device->mode = mode;
    return 0;
}

static int set_bits(struct spi_device *device, uint8_t bits) {
    if (bits && bits != 8) return fail(EINVAL);
    device->bits = 8;
    return 0;
}

static int set_speed(struct spi_device *device, uint32_t hz) {
    if (!hz) return fail(EINVAL);
    device->speed = hz < device->max_hz ? hz : device->max_hz;
    return 0;
}

static int setup(struct spi_device *device, unsigned long request, void *arg) {
    uint8_t *byte = arg;
    uint32_t *word = arg;
    switch (request) {
    case SPI_IOC_RD_MODE: *byte = device->mode; return 0;
    case SPI_IOC_RD_MODE32: *word = device->mode; return 0;
    case SPI_IOC_RD_LSB_FIRST: *byte = !!(device->mode & SPI_LSB_FIRST); return 0;
    case SPI_IOC_RD_BITS_PER_WORD: *byte = device->bits; return 0;
    case SPI_IOC_RD_MAX_SPEED_HZ: *word = device->speed; return 0;
    case SPI_IOC_WR_MODE: return set_mode(device, *byte | (device->mode & ~0xffu));
    case SPI_IOC_WR_MODE32: return set_mode(device, *word);
    case SPI_IOC_WR_LSB_FIRST:
        return set_mode(device, *byte ? device->mode | SPI_LSB_FIRST : device->mode & ~SPI_LSB_FIRST);
    case SPI_IOC_WR_BITS_PER_WORD: return set_bits(device, *byte);
    case SPI_IOC_WR_MAX_SPEED_HZ: return set_speed(device, *word);
    }
    return fail(ENOTTY);
}

int spi_ioctl(struct slot *slot, unsigned long request, void *arg) {
    if (_IOC_TYPE(request) == SPI_IOC_MAGIC && _IOC_NR(request) == 0 && _IOC_DIR(request) == _IOC_WRITE) {
        if (_IOC_SIZE(request) % sizeof(struct spi_ioc_transfer)) return fail(EINVAL);
        return log_message(slot, arg, _IOC_SIZE(request) / sizeof(struct spi_ioc_transfer));
    }
    int error = fault_for(OP_SPI_SETUP, slot->device, _IOC_NR(request), NULL);
    int result = error ? fail(error) : setup(&W->spi[slot->device], request, arg);
    uint64_t value = result ? 0 : _IOC_SIZE(request) == 4 ? *(uint32_t *)arg : *(uint8_t *)arg;
    log_call(OP_SPI_SETUP, slot->device, result, _IOC_NR(request), _IOC_DIR(request) & _IOC_WRITE ? 1 : 0, value,
             NULL, 0);
    return result;
}

ssize_t spi_io(struct slot *slot, const void *out, void *in, size_t size) {
    const struct spi_device *device = &W->spi[slot->device];
    enum op op = in ? OP_SPI_READ : OP_SPI_WRITE;
    int error = size > device->bufsiz ? EMSGSIZE : fault_for(op, slot->device, -1, NULL);
    if (error == SHORT) size--;
    if (error <= 0) exchange(device, out, in, size);
    int result = error > 0 ? fail(error) : (int)size;
    log_call(op, slot->device, result, device->speed, size, 0, out, out ? size : 0);
    return result;
}
