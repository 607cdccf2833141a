/* Calls that take a path.
 *
 * What exists below `root/` of the world is what the program sees. What the world does not have falls
 * through to the host, but for the host's own hardware, which is hidden: a test neither finds nor
 * touches it. */
#define _GNU_SOURCE
#include "shim.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static const char *const tops[] = {"/dev", "/sys", "/proc", "/boot", "/etc", "/run/lock"};
static const char *const hidden[] = {
    "/dev/gpio", "/dev/i2c-", "/dev/spidev", "/dev/pwm", "/dev/serial", "/dev/ttyAMA", "/dev/ttyS",
    "/dev/iio:", "/dev/pio", "/proc/device-tree", "/sys/firmware/devicetree", "/sys/class/gpio",
    "/sys/class/i2c", "/sys/class/spi", "/sys/class/pwm", "/sys/class/tty", "/sys/bus/gpio", "/sys/bus/i2c",
    "/sys/bus/spi", "/sys/bus/iio", "/sys/bus/pwm", "/dev/watchdog", "/sys/module/spidev", "/sys/module/i2c"};

static int starts(const char *path, const char *start) { return !strncmp(path, start, strlen(start)); }

static int below_a_top(const char *path) {
    for (size_t i = 0; i < sizeof tops / sizeof *tops; i++) {
        size_t length = strlen(tops[i]);
        if (!strncmp(path, tops[i], length) && (path[length] == '/' || !path[length])) return 1;
    }
    return 0;
}

int lead(const char *path, char *out) {
    if (!W || !path || path[0] != '/' || !below_a_top(path)) return 0;
    if (snprintf(out, PATH_MAX, "%s/root%s", world_path, path) >= PATH_MAX) return 0;
    int saved = errno;
    struct stat status;
    if (!syscall(SYS_newfstatat, AT_FDCWD, out, &status, AT_SYMLINK_NOFOLLOW)) {
        errno = saved;
        return 1;
    }
    errno = saved;
    for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++)
        if (starts(path, hidden[i])) return fail(ENOENT);
    return 0;
}

/* ------------------------------------------------------------------ open */

static struct node *node_at(const char *led) {
    struct stat status;
    if (syscall(SYS_newfstatat, AT_FDCWD, led, &status, 0)) return NULL;
    for (unsigned i = 0; i < W->nodes; i++)
        if (W->node[i].kind && W->node[i].inode == status.st_ino) return &W->node[i];
    return NULL;
}

/* Opens what a node stands for; the world is locked. */
int open_node(struct node *node, int flags) {
    if (node->kind == K_TTY) return syscall(SYS_openat, AT_FDCWD, node->target, flags, 0);
    if (node->kind == K_ATTR) {
        char path[PATH_MAX];
        snprintf(path, sizeof path, "%.*s/root%s", PATH_MAX - 256, world_path, node->path);
        int fd = syscall(SYS_openat, AT_FDCWD, path, flags & ~(O_TRUNC | O_CREAT | O_EXCL), 0);
        if (fd >= 0) note_node(fd, node);
        return fd;
    }
    if (node->kind == K_SPI) spi_opened(node->device);
    int error = node->kind == K_WATCHDOG ? watchdog_opened() : 0;
    if (error) return fail(error);
    return make_description(node->kind, node->device, flags, NULL);
}

static int open_led(const char *path, const char *led, int flags, mode_t mode) {
    lock_world();
    struct node *node = node_at(led);
    int error = fault_for(OP_OPEN, node ? node->device : -1, -1, path);
    int fd = error ? fail(error)
             : node ? open_node(node, flags)
                    : (int)syscall(SYS_openat, AT_FDCWD, led, flags, mode);
    if (node || error) log_call(OP_OPEN, node ? node->device : -1, fd, flags, node ? node->kind : 0, 0, path, strlen(path));
    unlock_world();
    return fd;
}

static int open_any(int folder, const char *path, int flags, mode_t mode) {
    char led[PATH_MAX];
    int where = lead(path, led);
    if (where < 0) return -1;
    return where ? open_led(path, led, flags, mode) : (int)syscall(SYS_openat, folder, path, flags, mode);
}

#define WITH_MODE                                     \
    mode_t mode = 0;                                  \
    if (flags & (O_CREAT | O_TMPFILE)) {              \
        va_list rest;                                 \
        va_start(rest, flags);                        \
        mode = va_arg(rest, int);                     \
        va_end(rest);                                 \
    }

EXPORT int open(const char *path, int flags, ...) {
    WITH_MODE return open_any(AT_FDCWD, path, flags, mode);
}
EXPORT int open64(const char *path, int flags, ...) {
    WITH_MODE return open_any(AT_FDCWD, path, flags, mode);
}
EXPORT int openat(int folder, const char *path, int flags, ...) {
    WITH_MODE return open_any(folder, path, flags, mode);
}
EXPORT int openat64(int folder, const char *path, int flags, ...) {
    WITH_MODE return open_any(folder, path, flags, mode);
}
EXPORT int __open_2(const char *path, int flags) { return open_any(AT_FDCWD, path, flags, 0); }
EXPORT int __open64_2(const char *path, int flags) { return open_any(AT_FDCWD, path, flags, 0); }
EXPORT int __openat_2(int folder, const char *path, int flags) { return open_any(folder, path, flags, 0); }
EXPORT int __openat64_2(int folder, const char *path, int flags) { return open_any(folder, path, flags, 0); }

/* ------------------------------------------------------------------ calls that only need the path */

/* The next definition of a function: the C library's. */
#define REAL(name, type, ...)                                          \
    static type (*real)(__VA_ARGS__);                                  \
    if (!real) real = (type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name);

#define LED(on_hidden)                  \
    char led[PATH_MAX];                 \
    int where = lead(path, led);        \
    if (where < 0) return on_hidden;    \
    if (where) path = led;

EXPORT FILE *fopen(const char *path, const char *mode) {
    REAL(fopen, FILE *, const char *, const char *)
    LED(NULL)
    return real(path, mode);
}
EXPORT FILE *fopen64(const char *path, const char *mode) {
    REAL(fopen64, FILE *, const char *, const char *)
    LED(NULL)
    return real(path, mode);
}
EXPORT int access(const char *path, int how) {
    REAL(access, int, const char *, int)
    LED(-1)
    return real(path, how);
}
EXPORT int faccessat(int folder, const char *path, int how, int flags) {
    REAL(faccessat, int, int, const char *, int, int)
    LED(-1)
    return real(folder, path, how, flags);
}
EXPORT ssize_t readlink(const char *path, char *out, size_t size) {
    REAL(readlink, ssize_t, const char *, char *, size_t)
    LED(-1)
    return real(path, out, size);
}
EXPORT ssize_t readlinkat(int folder, const char *path, char *out, size_t size) {
    REAL(readlinkat, ssize_t, int, const char *, char *, size_t)
    LED(-1)
    return real(folder, path, out, size);
}
EXPORT ssize_t __readlink_chk(const char *path, char *out, size_t size, size_t room) {
    (void)room;
    return readlink(path, out, size);
}
EXPORT ssize_t __readlinkat_chk(int folder, const char *path, char *out, size_t size, size_t room) {
    (void)room;
    return readlinkat(folder, path, out, size);
}
EXPORT DIR *opendir(const char *path) {
    REAL(opendir, DIR *, const char *)
    LED(NULL)
    return real(path);
}
EXPORT int scandir(const char *path, struct dirent ***out, int (*want)(const struct dirent *),
                   int (*order)(const struct dirent **, const struct dirent **)) {
    REAL(scandir, int, const char *, struct dirent ***, int (*)(const struct dirent *),
         int (*)(const struct dirent **, const struct dirent **))
    LED(-1)
    return real(path, out, want, order);
}
EXPORT int scandir64(const char *path, struct dirent64 ***out, int (*want)(const struct dirent64 *),
                     int (*order)(const struct dirent64 **, const struct dirent64 **)) {
    REAL(scandir64, int, const char *, struct dirent64 ***, int (*)(const struct dirent64 *),
         int (*)(const struct dirent64 **, const struct dirent64 **))
    LED(-1)
    return real(path, out, want, order);
}

/* The answer is a path as the program knows it, without the world's folder before it. */
EXPORT char *realpath(const char *path, char *out) {
    REAL(realpath, char *, const char *, char *)
    char inside[PATH_MAX], start[PATH_MAX];
    LED(NULL)
    if (!where) return real(path, out);
    if (!real(led, inside)) return NULL;
    snprintf(start, sizeof start, "%.*s/root", PATH_MAX - 8, world_path);
    const char *seen = inside;
    char *own = real(start, NULL);
    if (own && starts(inside, own)) seen += strlen(own);
    free(own);
    if (!out) return strdup(seen);
    return strcpy(out, seen);
}
EXPORT char *__realpath_chk(const char *path, char *out, size_t room) {
    (void)room;
    return realpath(path, out);
}
EXPORT char *canonicalize_file_name(const char *path) { return realpath(path, NULL); }

/* ------------------------------------------------------------------ stat */

static struct node *device_node(uint64_t inode) {
    for (unsigned i = 0; i < W->nodes; i++)
        if (W->node[i].kind && W->node[i].kind != K_ATTR && W->node[i].inode == inode) return &W->node[i];
    return NULL;
}

/* The placeholder of a device node shows itself as the character device that it stands for. */
#define AS_DEVICE(status)                                                       \
    if (where && !result && S_ISREG((status)->st_mode)) {                       \
        struct node *node = device_node((status)->st_ino);                      \
        if (node) {                                                             \
            (status)->st_mode = S_IFCHR | ((status)->st_mode & 07777);          \
            (status)->st_rdev = makedev(node->major, node->minor);              \
            (status)->st_gid = node->gid;                                       \
            (status)->st_size = 0;                                              \
        }                                                                       \
    }                                                                           \
    return result;

#define STAT(name, type)                                            \
    EXPORT int name(const char *path, type *status) {               \
        REAL(name, int, const char *, type *)                       \
        LED(-1)                                                     \
        int result = real(path, status);                            \
        AS_DEVICE(status)                                           \
    }
#define XSTAT(name, type)                                           \
    EXPORT int name(int version, const char *path, type *status) {  \
        REAL(name, int, int, const char *, type *)                  \
        LED(-1)                                                     \
        int result = real(version, path, status);                   \
        AS_DEVICE(status)                                           \
    }
#define STATAT(name, type)                                                      \
    EXPORT int name(int folder, const char *path, type *status, int flags) {    \
        REAL(name, int, int, const char *, type *, int)                         \
        LED(-1)                                                                 \
        int result = real(folder, path, status, flags);                         \
        AS_DEVICE(status)                                                       \
    }
#define XSTATAT(name, type)                                                                 \
    EXPORT int name(int version, int folder, const char *path, type *status, int flags) {   \
        REAL(name, int, int, int, const char *, type *, int)                                \
        LED(-1)                                                                             \
        int result = real(version, folder, path, status, flags);                            \
        AS_DEVICE(status)                                                                   \
    }

STAT(stat, struct stat)
STAT(lstat, struct stat)
STAT(stat64, struct stat64)
STAT(lstat64, struct stat64)
STATAT(fstatat, struct stat)
STATAT(fstatat64, struct stat64)
/* What programs use that were built against a C library older than 2.33. */
XSTAT(__xstat, struct stat)
XSTAT(__lxstat, struct stat)
XSTAT(__xstat64, struct stat64)
XSTAT(__lxstat64, struct stat64)
XSTATAT(__fxstatat, struct stat)
XSTATAT(__fxstatat64, struct stat64)

EXPORT int statx(int folder, const char *path, int flags, unsigned mask, struct statx *status) {
    REAL(statx, int, int, const char *, int, unsigned, struct statx *)
    LED(-1)
    int result = real(folder, path, flags, mask, status);
    struct node *node = where && !result ? device_node(status->stx_ino) : NULL;
    if (node && S_ISREG(status->stx_mode)) {
        status->stx_mode = S_IFCHR | (status->stx_mode & 07777);
        status->stx_rdev_major = node->major;
        status->stx_rdev_minor = node->minor;
        status->stx_gid = node->gid;
    }
    return result;
}
