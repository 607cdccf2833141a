/* The kernel shim: an emulation of the kernel's hardware interfaces for programs under test.
 *
 * A *world* is a folder: `root/` holds the device nodes and sysfs files that a program sees instead of
 * the host's, `open/` one file per open description, and `state` what all processes of the world share.
 *
 *   world.c   the world, its lock, its log, faults, descriptions, which descriptor is what
 *   paths.c   calls that take a path: they are led into `root/`
 *   calls.c   calls that take a descriptor: ioctl, read, write, close, dup, recvmsg ...
 *   lines.c   the electrical side of GPIO: who drives a line, its level, edges
 *   gpio.c    the GPIO character device, version 2 (linux/gpio.h)
 *   i2c.c     i2c-dev (linux/i2c-dev.h) and register-file parts
 *   spi.c     spidev (linux/spi/spidev.h) and its part
 * *   watchdog.c  a hardware watchdog (linux/watchdog.h)
 *   attrs.c   sysfs attributes that answer on write, PWM among them, and /dev/pwmchipN
 *   hand.c    what a test calls: the hand that builds a world and drives its lines
 */
#ifndef CPSHIM_H
#define CPSHIM_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define CHIPS 4
#define LINES_PER_CHIP 64
#define LINES (CHIPS * LINES_PER_CHIP)
#define BUSES 4
#define PARTS 16
#define PART_BYTES 65536
#define SPI_DEVICES 4
#define PWM_CHIPS 4
#define PWM_CHANNELS 8
#define NODES 256
#define SLOTS 512
#define FAULTS 16
#define LOG_RECORDS 65536 /* a power of two */
#define LOG_DATA 64
#define SHORT -1 /* no error: less is done than was asked for */
#define EXPORT __attribute__((visibility("default")))

/* What an emulated call was; names are in world.c. */
enum op {
    OP_OPEN = 1, OP_CHIPINFO, OP_LINEINFO, OP_GET_LINE, OP_SET_CONFIG, OP_SET_VALUES, OP_GET_VALUES,
    OP_READ_EVENTS, OP_RELEASE, OP_LEVEL, OP_I2C_FUNCS, OP_I2C_SLAVE, OP_I2C_SETUP, OP_I2C_RDWR,
    OP_I2C_SMBUS, OP_I2C_READ, OP_I2C_WRITE, OP_SPI_SETUP, OP_SPI_MESSAGE, OP_SPI_READ, OP_SPI_WRITE,
    OP_ATTR, OP_PWM, OP_WATCHDOG, OP_UNKNOWN, OPS
};

/* What a device node or an open description is. */
enum kind { K_NONE, K_CHIP, K_REQUEST, K_I2C, K_SPI, K_PWM, K_ATTR, K_TTY, K_WATCHDOG };

/* One record of the log. */
struct record {
    uint64_t index, time_ns;
    int32_t pid, device, result; /* result: as the call returned, or -errno */
    uint16_t op, length;         /* length: of the data, which is kept up to LOG_DATA */
    uint64_t a, b, c;
    uint8_t data[LOG_DATA];
};

/* One GPIO line: its pad, and who has it. Levels are physical: active-low is the holder's affair. */
struct line {
    char name[32], consumer[32];  /* consumer: a driver of the kernel that holds it, or "" */
    int32_t slot;                 /* the request that holds it, or -1 */
    uint32_t index;               /* its place in that request */
    uint64_t flags;               /* of the request, GPIO_V2_LINE_FLAG_* */
    uint32_t debounce_us, line_seqno;
    uint64_t settles_ns;          /* when a debounced level counts, 0 for none on its way */
    uint32_t next;                /* the ring of lines on the same wire; itself when alone */
    uint8_t output, value;        /* the pad's direction, and what it would drive */
    uint8_t said_output;          /* the direction that LINEINFO tells */
    uint8_t open_drain, open_source;
    uint8_t level, settled;       /* of the wire; of the debounced input */
    int8_t hand;                  /* the outside world's hand: -1 away, 0, 1 */
    int8_t pull, resistor;        /* the pad's, one on the board: -1 down, 0 none, 1 up */
};

struct chip {
    char name[32], label[32];
    uint32_t lines;
};

/* A part on an I2C bus: memory behind a pointer. */
struct part {
    uint8_t used, bus, address, pointer_bytes, counts; /* counts: STOP makes the last byte count up */
    int32_t takes;    /* bytes of one write that it acknowledges, or -1 for all */
    uint32_t size, pointer;
    uint8_t bytes[PART_BYTES];
};

struct bus {
    uint8_t used;
    uint32_t number;
    uint64_t funcs;
    int32_t nak;                   /* the errno of a byte that nobody acknowledged */
    uint32_t timeout, retries;
    uint64_t bound[2];             /* addresses that a driver of the kernel has */
};

struct spi_device {
    uint8_t used, bus, select, part, bits, idle; /* part: 0 none, 1 loop-back, 2 complement */
    uint32_t mode, allowed, part_modes, speed, max_hz, bufsiz;
    int32_t line;                  /* the line that selects the part when low; -1: its own select */
};

struct pwm_channel {
    uint8_t exported, requested, enabled, inversed;
    int32_t line;                  /* where its pulses come out */
    uint64_t period_ns, duty_ns, offset_ns, since_ns;
};

struct pwm_chip {
    uint8_t used;
    uint32_t number, channels;
    uint64_t min_period_ns, max_period_ns;
    char folder[128];              /* of its sysfs files, below root/ */
    struct pwm_channel channel[PWM_CHANNELS];
};

struct watchdog {
    uint8_t running, lets_go;      /* lets_go: a V was the last that was written */
    uint32_t timeout, most, boot_status;
    uint64_t fed_ns;
};

/* A path of the world that is more than a file. */
struct node {
    uint64_t inode;
    uint16_t kind, device;         /* device: chip, bus, SPI device, PWM chip */
    uint16_t channel, attr;        /* of attributes */
    uint32_t major, minor, gid;
    int64_t low, high;             /* what an attribute takes */
    char path[160];                /* below root/; for a terminal, its real path in target */
    char target[64];
};

/* An open description: it ends with the last of its descriptors, in whatever process. */
struct slot {
    uint64_t inode;
    uint16_t kind, device;
    uint32_t serial;               /* its file is open/SERIAL */
    /* of requests */
    uint32_t lines, capacity, seqno;
    uint16_t line[LINES_PER_CHIP];
    char consumer[32];
    /* of I2C */
    uint32_t address;
};

/* An error to come. */
struct fault {
    uint8_t used;
    uint16_t op;                   /* 0 for any */
    int32_t device, address;
    int32_t error;                 /* an errno, or SHORT */
    uint32_t skip, times;
    char path[160];                /* of OP_OPEN: how the path ends */
};

struct world {
    uint64_t magic;
    pthread_mutex_t mutex;
    pthread_cond_t debounces;
    uint32_t serial, faulty;
    uint8_t enter, logging, lockless, persist, without_v2, stop_server;
    struct chip chips[CHIPS];
    struct line lines[LINES];
    struct bus buses[BUSES];
    struct part parts[PARTS];
    struct spi_device spi[SPI_DEVICES];
    struct pwm_chip pwm[PWM_CHIPS];
    struct watchdog watchdog;
    uint32_t nodes;
    struct node node[NODES];
    struct slot slot[SLOTS];
    struct fault fault[FAULTS];
    uint64_t logged;
    struct record log[LOG_RECORDS];
};

extern struct world *W;            /* the world of this process, or NULL */
extern char world_path[];          /* its folder */

/* world.c */
void lock_world(void);
void unlock_world(void);
uint64_t now_ns(void);
extern uint64_t given_ns;          /* when what the hand does is said to happen, or 0: now */
int attach(const char *folder, int create);
void detach(void);
struct record *log_call(enum op op, int device, int result, uint64_t a, uint64_t b, uint64_t c,
                        const void *data, size_t length);
int fault_for(enum op op, int device, int address, const char *path); /* errno, SHORT or 0 */
int fail(int error);               /* sets errno, returns -1 */
int make_description(enum kind kind, int device, int flags, int *slot);
void describe(char *path, uint32_t serial);
int alive(int slot);
void forget_slot(int slot);
struct slot *slot_of(int fd);      /* NULL when it is none of ours */
struct node *node_of(int fd);      /* of attributes */
void learn(int fd);                /* finds out what a descriptor is that came from elsewhere */
void note_slot(int fd, int slot);
void note_node(int fd, struct node *node);
void note_copy(int from, int to);
void note_closed(int fd);
int own_process(void);             /* 0 in the child of a vfork, which has its parent's memory */
void enter_kernel(int fd);

/* paths.c */
int lead(const char *path, char *out); /* 0 as it is, 1 led into the world, -1 hidden: errno is set */
int open_node(struct node *node, int flags);

/* lines.c */
struct line *line_at(int chip, unsigned offset);
int level_of(struct line *line);
void settle(struct line *line);    /* after a change: computes the wire's level, makes edges */
void reap_wire(struct line *line, int self);
void release_request(int slot);
int logical(const struct line *line);

/* the devices */
int chip_ioctl(int fd, struct slot *slot, unsigned long request, void *arg);
int request_ioctl(int fd, struct slot *slot, unsigned long request, void *arg);
ssize_t request_read(int fd, struct slot *slot, void *buffer, size_t size);
int i2c_ioctl(struct slot *slot, unsigned long request, void *arg);
ssize_t i2c_io(struct slot *slot, int reading, void *buffer, size_t size);
int spi_ioctl(struct slot *slot, unsigned long request, void *arg);
ssize_t spi_io(struct slot *slot, const void *out, void *in, size_t size);
void spi_opened(int device);
int pwm_ioctl(struct slot *slot, unsigned long request, void *arg);
int watchdog_opened(void);          /* 0, or an errno */
void watchdog_closed(void);
int watchdog_ioctl(struct slot *slot, unsigned long request, void *arg);
ssize_t watchdog_write(struct slot *slot, const void *text, size_t size);
ssize_t attr_write(int fd, struct node *node, const void *text, size_t size);

#endif
