/* i2c-dev (linux/i2c-dev.h), and parts that are memory behind a pointer. */
#define _GNU_SOURCE
#include "shim.h"

#include <errno.h>
#include <linux/i2c-dev.h>
#include <linux/i2c.h>
#include <string.h>

#define LONGEST 8192 /* i2c-dev takes no more in one message */

static struct part *part_at(int bus, unsigned address) {
    for (struct part *part = W->parts; part < W->parts + PARTS; part++)
        if (part->used && part->bus == bus && part->address == address) return part;
    return NULL;
}

static int write_part(struct part *part, const uint8_t *data, unsigned length) {
    unsigned taken = part->takes >= 0 && length > (unsigned)part->takes ? (unsigned)part->takes : length;
    if (part->takes >= 0) return taken == length ? 0 : -1;
    if (length >= part->pointer_bytes) {
        part->pointer = 0;
        for (unsigned i = 0; i < part->pointer_bytes; i++) part->pointer = part->pointer << 8 | data[i];
        part->pointer %= part->size;
    }
    for (unsigned i = part->pointer_bytes; i < length; i++) {
        part->bytes[part->pointer] = data[i];
        part->pointer = (part->pointer + 1) % part->size;
    }
    return 0;
}

static void read_part(struct part *part, uint8_t *data, unsigned length) {
    for (unsigned i = 0; i < length; i++) {
        data[i] = part->takes >= 0 ? 0xff : part->bytes[part->pointer];
        if (part->takes < 0) part->pointer = (part->pointer + 1) % part->size;
    }
}

static void stop(struct part *part) {
    if (part && part->counts) part->bytes[part->size - 1]++;
}

/* One transaction: messages with a repeated START between them, and one STOP. Returns how many of
 * them were passed. */
static int transact(int bus, struct i2c_msg *messages, unsigned count, enum op op) {
    struct part *spoken = NULL;
    int error = fault_for(op, bus, messages->addr, NULL);
    if (error > 0) return fail(error);
    if (error == SHORT) count--;
    for (unsigned i = 0; i < count; i++) {
        struct i2c_msg *m = &messages[i];
        struct part *part = part_at(bus, m->addr);
        if (part) spoken = part;
        if (!part || (!(m->flags & I2C_M_RD) && write_part(part, m->buf, m->len))) {
            stop(spoken);
            return fail(W->buses[bus].nak);
        }
        if (m->flags & I2C_M_RD) read_part(part, m->buf, m->len);
    }
    stop(spoken);
    return count;
}

static void log_transfer(enum op op, int bus, int result, const struct i2c_msg *messages, unsigned count) {
    const struct i2c_msg *last = &messages[count - 1];
    int reads = last->flags & I2C_M_RD ? 1 : 0;
    unsigned out = messages[0].flags & I2C_M_RD ? 0 : messages[0].len;
    log_call(op, bus, result, messages[0].addr, count | (uint64_t)reads << 32, reads ? last->len : 0,
             out ? messages[0].buf : NULL, out);
}

static int rdwr(struct slot *slot, const struct i2c_rdwr_ioctl_data *data) {
    int bus = slot->device;
    if (!(W->buses[bus].funcs & I2C_FUNC_I2C)) return fail(EOPNOTSUPP);
    if (!data->msgs || !data->nmsgs || data->nmsgs > I2C_RDWR_IOCTL_MAX_MSGS) return fail(EINVAL);
    for (unsigned i = 0; i < data->nmsgs; i++)
        if (data->msgs[i].len > LONGEST) return fail(EINVAL);
    int result = transact(bus, data->msgs, data->nmsgs, OP_I2C_RDWR);
    log_transfer(OP_I2C_RDWR, bus, result, data->msgs, data->nmsgs);
    return result;
}

/* ------------------------------------------------------------------ SMBus */

static uint64_t needed(const struct i2c_smbus_ioctl_data *data) {
    int reads = data->read_write == I2C_SMBUS_READ;
    switch (data->size) {
    case I2C_SMBUS_QUICK: return I2C_FUNC_SMBUS_QUICK;
    case I2C_SMBUS_BYTE: return reads ? I2C_FUNC_SMBUS_READ_BYTE : I2C_FUNC_SMBUS_WRITE_BYTE;
    case I2C_SMBUS_BYTE_DATA:
        return reads ? I2C_FUNC_SMBUS_READ_BYTE_DATA : I2C_FUNC_SMBUS_WRITE_BYTE_DATA;
    case I2C_SMBUS_WORD_DATA:
        return reads ? I2C_FUNC_SMBUS_READ_WORD_DATA : I2C_FUNC_SMBUS_WRITE_WORD_DATA;
    case I2C_SMBUS_I2C_BLOCK_BROKEN:
    case I2C_SMBUS_I2C_BLOCK_DATA:
        return reads ? I2C_FUNC_SMBUS_READ_I2C_BLOCK : I2C_FUNC_SMBUS_WRITE_I2C_BLOCK;
    case I2C_SMBUS_BLOCK_DATA:
        return reads ? I2C_FUNC_SMBUS_READ_BLOCK_DATA : I2C_FUNC_SMBUS_WRITE_BLOCK_DATA;
    default: return 0;
    }
}

/* How many data bytes there are, besides the command. */
static int data_length(const struct i2c_smbus_ioctl_data *data) {
    switch (data->size) {
    case I2C_SMBUS_BYTE_DATA: return 1;
    case I2C_SMBUS_WORD_DATA: return 2;
    case I2C_SMBUS_BLOCK_DATA:
    case I2C_SMBUS_I2C_BLOCK_BROKEN:
    case I2C_SMBUS_I2C_BLOCK_DATA: return data->data->block[0];
    default: return 0;
    }
}

static int block_of(uint32_t size) { return size >= I2C_SMBUS_BLOCK_DATA && size != I2C_SMBUS_PROC_CALL; }

static int smbus_write(struct slot *slot, const struct i2c_smbus_ioctl_data *data, int length) {
    uint8_t out[2 + I2C_SMBUS_BLOCK_MAX];
    int at = 0;
    if (data->size != I2C_SMBUS_QUICK) out[at++] = data->command;
    if (data->size == I2C_SMBUS_BLOCK_DATA) out[at++] = length;
    if (length && block_of(data->size)) memcpy(out + at, data->data->block + 1, length);
    else if (length == 1) out[at] = data->data->byte;
    else if (length == 2) out[at] = data->data->word & 0xff, out[at + 1] = data->data->word >> 8;
    struct i2c_msg message = {.addr = slot->address, .len = at + length, .buf = out};
    return transact(slot->device, &message, 1, OP_I2C_SMBUS);
}

static int smbus_read(struct slot *slot, const struct i2c_smbus_ioctl_data *data, int length) {
    uint8_t command = data->command, in[1 + I2C_SMBUS_BLOCK_MAX] = {0};
    int alone = data->size == I2C_SMBUS_BYTE || data->size == I2C_SMBUS_QUICK;
    int counted = data->size == I2C_SMBUS_BLOCK_DATA;
    int wanted = data->size == I2C_SMBUS_BYTE ? 1 : counted ? I2C_SMBUS_BLOCK_MAX + 1 : length;
    struct i2c_msg messages[2] = {{.addr = slot->address, .len = 1, .buf = &command},
                                  {.addr = slot->address, .flags = I2C_M_RD, .len = wanted, .buf = in}};
    int result = transact(slot->device, messages + alone, 2 - alone, OP_I2C_SMBUS);
    if (result < 0) return result;
    if (counted) {
        if (in[0] > I2C_SMBUS_BLOCK_MAX) return fail(EPROTO);
        memcpy(data->data->block, in, in[0] + 1);
    } else if (block_of(data->size)) {
        memcpy(data->data->block + 1, in, length);
    } else if (length == 2) {
        data->data->word = in[0] | in[1] << 8;
    } else if (wanted) {
        data->data->byte = in[0];
    }
    return result;
}

static int smbus(struct slot *slot, const struct i2c_smbus_ioctl_data *data) {
    uint64_t need = needed(data);
    if (data->size > I2C_SMBUS_I2C_BLOCK_DATA || data->read_write > 1) return fail(EINVAL);
    if (!need || (W->buses[slot->device].funcs & need) != need) return fail(EOPNOTSUPP);
    int bare = data->size == I2C_SMBUS_QUICK ||
               (data->size == I2C_SMBUS_BYTE && data->read_write == I2C_SMBUS_WRITE);
    if (!data->data && !bare) return fail(EINVAL);
    int length = data_length(data);
    if (length > I2C_SMBUS_BLOCK_MAX) return fail(EINVAL);
    int result = data->read_write == I2C_SMBUS_READ ? smbus_read(slot, data, length)
                                                    : smbus_write(slot, data, length);
    return result < 0 ? -1 : 0;
}

/* ------------------------------------------------------------------ the node */

static int set_address(struct slot *slot, unsigned long address, int force) {
    if (address > 0x7f) return fail(EINVAL);
    int error = fault_for(OP_I2C_SLAVE, slot->device, address, NULL);
    if (error) return fail(error);
    if (!force && W->buses[slot->device].bound[address / 64] >> address % 64 & 1) return fail(EBUSY);
    slot->address = address;
    return 0;
}

int i2c_ioctl(struct slot *slot, unsigned long request, void *arg) {
    struct bus *bus = &W->buses[slot->device];
    int result;
    switch (request) {
    case I2C_FUNCS:
        *(unsigned long *)arg = bus->funcs;
        log_call(OP_I2C_FUNCS, slot->device, 0, bus->funcs, 0, 0, NULL, 0);
        return 0;
    case I2C_SLAVE:
    case I2C_SLAVE_FORCE:
        result = set_address(slot, (unsigned long)arg, request == I2C_SLAVE_FORCE);
        log_call(OP_I2C_SLAVE, slot->device, result, (unsigned long)arg, 0, 0, NULL, 0);
        return result;
    case I2C_TENBIT:
    case I2C_PEC: result = arg ? fail(EINVAL) : 0; break;
    case I2C_TIMEOUT: bus->timeout = (unsigned long)arg, result = 0; break;
    case I2C_RETRIES: bus->retries = (unsigned long)arg, result = 0; break;
    case I2C_RDWR: return rdwr(slot, arg);
    case I2C_SMBUS: {
        const struct i2c_smbus_ioctl_data *data = arg;
        result = smbus(slot, data);
        log_call(OP_I2C_SMBUS, slot->device, result, slot->address, data->size | (uint64_t)data->read_write << 32,
                 data->command, NULL, 0);
        return result;
    }
    default:
        errno = ENOTTY;
        log_call(OP_UNKNOWN, slot->device, -1, request, 0, 0, NULL, 0);
        return -1;
    }
    log_call(OP_I2C_SETUP, slot->device, result, request, (unsigned long)arg, 0, NULL, 0);
    return result;
}

ssize_t i2c_io(struct slot *slot, int reading, void *buffer, size_t size) {
    if (size > LONGEST) size = LONGEST;
    struct i2c_msg message = {
        .addr = slot->address, .flags = reading ? I2C_M_RD : 0, .len = size, .buf = buffer};
    enum op op = reading ? OP_I2C_READ : OP_I2C_WRITE;
    int plain = W->buses[slot->device].funcs & I2C_FUNC_I2C ? 1 : 0;
    int result = plain ? transact(slot->device, &message, 1, op) : fail(EOPNOTSUPP);
    log_transfer(op, slot->device, result, &message, 1);
    return result < 0 ? -1 : result == 0 && size ? (ssize_t)size - 1 : (ssize_t)size;
}
