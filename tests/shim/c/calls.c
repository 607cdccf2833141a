/* Calls that take a descriptor: what is ours goes to the device behind it. */
#define _GNU_SOURCE
#include "shim.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define REAL(name, type, ...)                                          \
    static type (*real)(__VA_ARGS__);                                  \
    if (!real) real = (type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name);

/* ------------------------------------------------------------------ ioctl */

/* What the kernel itself answers for every descriptor. */
static int of_every_descriptor(unsigned long request) {
    return request == FIONBIO || request == FIOCLEX || request == FIONCLEX || request == FIOASYNC ||
           request == FIONREAD;
}

EXPORT int ioctl(int fd, unsigned long request, ...) {
    va_list rest;
    va_start(rest, request);
    void *arg = va_arg(rest, void *);
    va_end(rest);
    struct slot *slot = slot_of(fd);
    request = (uint32_t)request;
    if (!slot || of_every_descriptor(request)) return syscall(SYS_ioctl, fd, request, arg);
    enter_kernel(fd);
    lock_world();
    int result;
    switch (slot->kind) {
    case K_CHIP: result = chip_ioctl(fd, slot, request, arg); break;
    case K_REQUEST: result = request_ioctl(fd, slot, request, arg); break;
    case K_I2C: result = i2c_ioctl(slot, request, arg); break;
    case K_SPI: result = spi_ioctl(slot, request, arg); break;
    case K_PWM: result = pwm_ioctl(slot, request, arg); break;
    case K_WATCHDOG: result = watchdog_ioctl(slot, request, arg); break;
    default: result = fail(ENOTTY);
    }
    unlock_world();
    return result;
}

/* ------------------------------------------------------------------ read and write */

static ssize_t locked_io(struct slot *slot, int fd, const void *out, void *in, size_t size) {
    enter_kernel(fd);
    lock_world();
    ssize_t result = slot->kind == K_I2C   ? i2c_io(slot, !!in, in ? in : (void *)out, size)
                     : slot->kind == K_SPI ? spi_io(slot, out, in, size)
                     : slot->kind == K_WATCHDOG && out ? watchdog_write(slot, out, size)
                                           : fail(EINVAL);
    unlock_world();
    return result;
}

static ssize_t read_ours(struct slot *slot, int fd, void *buffer, size_t size) {
    if (slot->kind == K_REQUEST) return request_read(fd, slot, buffer, size);
    return locked_io(slot, fd, NULL, buffer, size);
}

EXPORT ssize_t read(int fd, void *buffer, size_t size) {
    struct slot *slot = slot_of(fd);
    return slot ? read_ours(slot, fd, buffer, size) : syscall(SYS_read, fd, buffer, size);
}
EXPORT ssize_t __read_chk(int fd, void *buffer, size_t size, size_t room) {
    (void)room;
    return read(fd, buffer, size);
}

EXPORT ssize_t write(int fd, const void *buffer, size_t size) {
    struct slot *slot = slot_of(fd);
    struct node *node = slot ? NULL : node_of(fd);
    if (slot) return locked_io(slot, fd, buffer, NULL, size);
    return node ? attr_write(fd, node, buffer, size) : syscall(SYS_write, fd, buffer, size);
}

/* These drivers know no vectors: the kernel calls them once for each piece. */
EXPORT ssize_t readv(int fd, const struct iovec *pieces, int count) {
    struct slot *slot = slot_of(fd);
    if (!slot) return syscall(SYS_readv, fd, pieces, count);
    ssize_t total = 0;
    for (int i = 0; i < count; i++) {
        ssize_t got = read_ours(slot, fd, pieces[i].iov_base, pieces[i].iov_len);
        if (got < 0) return total ? total : got;
        total += got;
        if ((size_t)got < pieces[i].iov_len) break;
    }
    return total;
}

EXPORT ssize_t writev(int fd, const struct iovec *pieces, int count) {
    struct slot *slot = slot_of(fd);
    if (!slot && !node_of(fd)) return syscall(SYS_writev, fd, pieces, count);
    ssize_t total = 0;
    for (int i = 0; i < count; i++) {
        ssize_t put = write(fd, pieces[i].iov_base, pieces[i].iov_len);
        if (put < 0) return total ? total : put;
        total += put;
    }
    return total;
}

/* An attribute takes what is written at once; where it is written does not matter. */
EXPORT ssize_t pwrite64(int fd, const void *buffer, size_t size, off64_t at) {
    struct node *node = node_of(fd);
    return node ? attr_write(fd, node, buffer, size) : syscall(SYS_pwrite64, fd, buffer, size, at);
}
EXPORT ssize_t pwrite(int fd, const void *buffer, size_t size, off_t at) {
    return pwrite64(fd, buffer, size, at);
}
/* Seeking: i2c-dev, spidev and GPIO requests are streams. */
EXPORT ssize_t pread64(int fd, void *buffer, size_t size, off64_t at) {
    if (slot_of(fd)) return fail(ESPIPE);
    return syscall(SYS_pread64, fd, buffer, size, at);
}
EXPORT ssize_t pread(int fd, void *buffer, size_t size, off_t at) { return pread64(fd, buffer, size, at); }

/* Opening an attribute "for writing" truncates a plain file, but means nothing to sysfs. */
EXPORT int ftruncate64(int fd, off64_t length) {
    return node_of(fd) ? 0 : (int)syscall(SYS_ftruncate, fd, length);
}
EXPORT int ftruncate(int fd, off_t length) { return ftruncate64(fd, length); }

/* ------------------------------------------------------------------ the life of descriptors */

/* Lines are free at once when their last descriptor is closed here; a copy elsewhere keeps them, and
 * one that ends with its process is noticed by whoever looks at the line next. */
static void closed(struct slot *slot) {
    lock_world();
    int index = slot - W->slot;
    if (slot->kind == K_REQUEST && !alive(index)) release_request(index);
    else if (slot->kind && slot->kind != K_REQUEST && !alive(index)) {
        if (slot->kind == K_WATCHDOG) watchdog_closed();
        forget_slot(index);
    }
    unlock_world();
}

EXPORT int close(int fd) {
    struct slot *slot = slot_of(fd);
    note_closed(fd);
    int result = syscall(SYS_close, fd);
    if (slot && W && own_process()) {
        int saved = errno;
        closed(slot);
        errno = saved;
    }
    return result;
}

static void close_many(unsigned first, unsigned last) {
    for (unsigned fd = first; fd <= last && fd < 65536; fd++)
        if (slot_of(fd) || node_of(fd)) close(fd);
}

EXPORT void closefrom(int first) {
    close_many(first < 0 ? 0 : first, ~0u);
    syscall(SYS_close_range, first < 0 ? 0 : first, ~0u, 0);
}

EXPORT int close_range(unsigned first, unsigned last, int flags) {
    if (!flags && W) close_many(first, last);
    return syscall(SYS_close_range, first, last, flags);
}

EXPORT int dup(int fd) {
    int copy = syscall(SYS_dup, fd);
    if (copy >= 0) note_copy(fd, copy);
    return copy;
}
EXPORT int dup3(int fd, int to, int flags) {
    int copy = syscall(SYS_dup3, fd, to, flags);
    if (copy >= 0) note_copy(fd, copy);
    return copy;
}
EXPORT int dup2(int fd, int to) {
    REAL(dup2, int, int, int)
    int copy = real(fd, to);
    if (copy >= 0 && fd != to) note_copy(fd, copy);
    return copy;
}

#define FCNTL(name)                                                          \
    EXPORT int name(int fd, int command, ...) {                              \
        REAL(name, int, int, int, ...)                                       \
        va_list rest;                                                        \
        va_start(rest, command);                                             \
        void *arg = va_arg(rest, void *);                                    \
        va_end(rest);                                                        \
        int result = real(fd, command, arg);                                 \
        if (result >= 0 && (command == F_DUPFD || command == F_DUPFD_CLOEXEC)) \
            note_copy(fd, result);                                           \
        return result;                                                       \
    }
FCNTL(fcntl)
FCNTL(fcntl64)

/* Descriptors that another process passes on. */
EXPORT ssize_t recvmsg(int fd, struct msghdr *message, int flags) {
    REAL(recvmsg, ssize_t, int, struct msghdr *, int)
    ssize_t got = real(fd, message, flags);
    if (got < 0 || !W) return got;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
        int *passed = (int *)CMSG_DATA(c);
        for (size_t i = 0; i < (c->cmsg_len - CMSG_LEN(0)) / sizeof(int); i++) learn(passed[i]);
    }
    return got;
}
