/* The world: attaching to it, its lock and log, and which descriptor of this process is what. */
#define _GNU_SOURCE
#include "shim.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define MAGIC 0x63707368696d0001ull
#define DESCRIPTORS 65536
#define NODE_BIT 0x8000

struct world *W;
char world_path[PATH_MAX];

/* What each descriptor is: 0 not ours, slot + 1, or NODE_BIT + node. */
static uint16_t known[DESCRIPTORS];
static pid_t own_pid;

const char *const op_names[OPS] = {
    "", "open", "chipinfo", "lineinfo", "get_line", "set_config", "set_values", "get_values",
    "read_events", "release", "level", "i2c_funcs", "i2c_slave", "i2c_setup", "i2c_rdwr", "i2c_smbus",
    "i2c_read", "i2c_write", "spi_setup", "spi_message", "spi_read", "spi_write", "attr", "pwm",
    "watchdog", "unknown"};

EXPORT const char *cpshim_op(int op) { return op > 0 && op < OPS ? op_names[op] : NULL; }

uint64_t given_ns;

uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000ull + t.tv_nsec;
}

int fail(int error) {
    errno = error;
    return -1;
}

/* A process that is killed inside leaves the lock to the next one, with the state as it was then. */
void lock_world(void) {
    if (!W->lockless && pthread_mutex_lock(&W->mutex) == EOWNERDEAD)
        pthread_mutex_consistent(&W->mutex);
}

void unlock_world(void) {
    if (!W->lockless) pthread_mutex_unlock(&W->mutex);
}

static void prepare(struct world *world) {
    pthread_mutexattr_t mutex;
    pthread_mutexattr_init(&mutex);
    pthread_mutexattr_setpshared(&mutex, PTHREAD_PROCESS_SHARED);
    pthread_mutexattr_setrobust(&mutex, PTHREAD_MUTEX_ROBUST);
    pthread_mutex_init(&world->mutex, &mutex);
    pthread_condattr_t cond;
    pthread_condattr_init(&cond);
    pthread_condattr_setpshared(&cond, PTHREAD_PROCESS_SHARED);
    pthread_condattr_setclock(&cond, CLOCK_MONOTONIC);
    pthread_cond_init(&world->debounces, &cond);
    for (unsigned i = 0; i < LINES; i++) {
        world->lines[i].slot = world->lines[i].hand = -1;
        world->lines[i].next = i;
    }
    world->logging = 1;
    world->magic = MAGIC;
}

static void learn_all(void) {
    for (int fd = 0; fd < 1024; fd++) learn(fd);
}

int attach(const char *folder, int create) {
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/state", folder) >= (int)sizeof path) return fail(ENAMETOOLONG);
    int flags = O_RDWR | O_CLOEXEC | (create ? O_CREAT | O_EXCL : 0);
    int fd = syscall(SYS_openat, AT_FDCWD, path, flags, 0666);
    if (fd < 0) return -1;
    if (create && ftruncate(fd, sizeof *W)) return -1;
    struct world *world = mmap(NULL, sizeof *W, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    syscall(SYS_close, fd);
    if (world == MAP_FAILED) return -1;
    if (create) prepare(world);
    if (world->magic != MAGIC) {
        munmap(world, sizeof *world);
        return fail(EPROTO);
    }
    if (W) detach();
    snprintf(world_path, sizeof world_path, "%s", folder);
    own_pid = syscall(SYS_getpid);
    W = world;
    learn_all();
    return 0;
}

void detach(void) {
    struct world *world = W;
    W = NULL;
    memset(known, 0, sizeof known);
    if (world) munmap(world, sizeof *world);
}

static void after_fork(void) { own_pid = syscall(SYS_getpid); }

__attribute__((constructor)) static void start(void) {
    pthread_atfork(NULL, NULL, after_fork);
    const char *folder = getenv("CPSHIM_WORLD");
    int saved = errno;
    if (folder && *folder) attach(folder, 0);
    errno = saved;
}

/* The child of a vfork runs in its parent's memory: what it closes is still open up there. */
int own_process(void) { return own_pid == (pid_t)syscall(SYS_getpid); }

/* With the option `enter` each emulated call costs what going into the kernel and back costs. */
void enter_kernel(int fd) {
    if (!W->enter) return;
    int saved = errno;
    syscall(SYS_ioctl, fd, 0x5401 /* TCGETS, refused */, 0);
    errno = saved;
}

struct record *log_call(enum op op, int device, int result, uint64_t a, uint64_t b, uint64_t c,
                        const void *data, size_t length) {
    static struct record nowhere;
    if (!W->logging) return &nowhere;
    struct record *record = &W->log[W->logged & (LOG_RECORDS - 1)];
    *record = (struct record){.index = W->logged++, .time_ns = now_ns(), .pid = own_pid,
                              .device = device, .result = result < 0 ? -errno : result, .op = op,
                              .length = length > 65535 ? 65535 : length, .a = a, .b = b, .c = c};
    if (data) memcpy(record->data, data, length < LOG_DATA ? length : LOG_DATA);
    return record;
}

static int ends_with(const char *text, const char *end) {
    size_t a = strlen(text), b = strlen(end);
    return a >= b && !strcmp(text + a - b, end);
}

int fault_for(enum op op, int device, int address, const char *path) {
    if (!W->faulty) return 0;
    for (struct fault *f = W->fault; f < W->fault + FAULTS; f++) {
        if (!f->used || (f->op && f->op != op)) continue;
        if ((f->device >= 0 && f->device != device) || (f->address >= 0 && f->address != address)) continue;
        if (f->path[0] && !(path && ends_with(path, f->path))) continue;
        if (f->skip) {
            f->skip--;
            continue;
        }
        if (f->times && --f->times == 0) f->used = 0;
        return f->error;
    }
    return 0;
}

/* ------------------------------------------------------------------ open descriptions */

void describe(char *path, uint32_t serial) {
    snprintf(path, PATH_MAX, "%.*s/open/%u", PATH_MAX - 32, world_path, serial);
}

/* Every description holds a lock on its own file. The lock belongs to the description, so that it is
 * there as long as any process has a copy of the descriptor, and gone with the last, SIGKILL included.
 * It lies far behind what anybody else would lock. */
static struct flock lifeline(short type) {
    return (struct flock){.l_type = type, .l_whence = SEEK_SET, .l_start = 1ll << 62, .l_len = 1};
}

int alive(int slot) {
    char path[PATH_MAX];
    describe(path, W->slot[slot].serial);
    int fd = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) return 0;
    struct flock lock = lifeline(F_WRLCK);
    int held = !syscall(SYS_fcntl, fd, F_OFD_GETLK, &lock) && lock.l_type != F_UNLCK;
    syscall(SYS_close, fd);
    return held;
}

void forget_slot(int slot) {
    char path[PATH_MAX];
    describe(path, W->slot[slot].serial);
    unlink(path);
    W->slot[slot].kind = K_NONE;
}

static int free_slot(void) {
    for (int turn = 0; turn < 2; turn++) {
        for (int i = 0; i < SLOTS; i++)
            if (W->slot[i].kind == K_NONE) return i;
        for (int i = 0; i < SLOTS; i++)
            if (!alive(i)) W->slot[i].kind == K_REQUEST ? release_request(i) : forget_slot(i);
    }
    return -1;
}

int make_description(enum kind kind, int device, int flags, int *made) {
    int saved = errno, slot = free_slot();
    if (slot < 0) return fail(ENFILE);
    char path[PATH_MAX];
    uint32_t serial = ++W->serial;
    describe(path, serial);
    if (kind == K_REQUEST && mkfifo(path, 0666)) return -1;
    int create = kind == K_REQUEST ? 0 : O_CREAT | O_EXCL;
    int keep = flags & (O_CLOEXEC | O_NONBLOCK);
    int fd = syscall(SYS_openat, AT_FDCWD, path, O_RDWR | create | keep, 0666);
    if (fd < 0) return -1;
    struct flock lock = lifeline(F_WRLCK);
    struct stat status;
    if (syscall(SYS_fcntl, fd, F_OFD_SETLK, &lock) || fstat(fd, &status)) {
        syscall(SYS_close, fd);
        return -1;
    }
    for (int i = 0; i < SLOTS; i++) /* an inode's number may have come back */
        if (W->slot[i].inode == status.st_ino) W->slot[i].inode = 0;
    memset(&W->slot[slot], 0, sizeof W->slot[slot]);
    W->slot[slot].kind = kind;
    W->slot[slot].device = device;
    W->slot[slot].serial = serial;
    W->slot[slot].inode = status.st_ino;
    note_slot(fd, slot);
    errno = saved;
    if (made) *made = slot;
    return fd;
}

/* ------------------------------------------------------------------ descriptors */

static int ours(int fd) { return W && fd >= 0 && fd < DESCRIPTORS; }

struct slot *slot_of(int fd) {
    if (!ours(fd)) return NULL;
    uint16_t what = known[fd];
    return what && !(what & NODE_BIT) ? &W->slot[what - 1] : NULL;
}

struct node *node_of(int fd) {
    return ours(fd) && known[fd] & NODE_BIT ? &W->node[known[fd] & ~NODE_BIT] : NULL;
}

void learn(int fd) {
    struct stat status;
    if (!ours(fd)) return;
    known[fd] = 0;
    int saved = errno;
    if (!fstat(fd, &status) && (S_ISREG(status.st_mode) || S_ISFIFO(status.st_mode))) {
        for (int i = 0; i < SLOTS && !known[fd]; i++)
            if (W->slot[i].kind && W->slot[i].inode == status.st_ino) known[fd] = i + 1;
        for (unsigned i = 0; i < W->nodes && !known[fd]; i++)
            if (W->node[i].kind == K_ATTR && W->node[i].inode == status.st_ino) known[fd] = NODE_BIT | i;
    }
    errno = saved;
}

void note_slot(int fd, int slot) {
    if (ours(fd)) known[fd] = slot + 1;
}

void note_node(int fd, struct node *node) {
    if (ours(fd)) known[fd] = NODE_BIT | (node - W->node);
}

void note_copy(int from, int to) {
    if (ours(from) && ours(to) && (known[from] || known[to]) && own_process()) known[to] = known[from];
}

void note_closed(int fd) {
    if (ours(fd) && known[fd] && own_process()) known[fd] = 0;
}
