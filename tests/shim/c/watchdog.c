/* A hardware watchdog (linux/watchdog.h): it runs from its opening on, and ends only when a V was
 * written before it is closed. Nothing is reset when its time is up. */
#define _GNU_SOURCE
#include "shim.h"

#include <errno.h>
#include <linux/watchdog.h>
#include <string.h>

int watchdog_opened(void) {
    for (int i = 0; i < SLOTS; i++)
        if (W->slot[i].kind == K_WATCHDOG && alive(i)) return EBUSY;
    W->watchdog.running = 1;
    W->watchdog.lets_go = 0;
    W->watchdog.fed_ns = now_ns();
    return 0;
}

void watchdog_closed(void) {
    if (W->watchdog.lets_go) W->watchdog.running = 0;
}

static int left_s(void) {
    uint64_t gone_s = (now_ns() - W->watchdog.fed_ns) / 1000000000ull;
    return gone_s < W->watchdog.timeout ? (int)(W->watchdog.timeout - gone_s) : 0;
}

static int set_timeout(int *seconds) {
    if (*seconds < 1 || (uint32_t)*seconds > W->watchdog.most) return fail(EINVAL);
    W->watchdog.timeout = *seconds;
    W->watchdog.fed_ns = now_ns();
    return 0;
}

static int answer(unsigned long request, void *arg) {
    struct watchdog_info info = {.options = WDIOF_SETTIMEOUT | WDIOF_KEEPALIVEPING | WDIOF_MAGICCLOSE};
    switch (request) {
    case WDIOC_GETSUPPORT:
        strcpy((char *)info.identity, "cpshim");
        memcpy(arg, &info, sizeof info);
        return 0;
    case WDIOC_GETBOOTSTATUS: *(int *)arg = W->watchdog.boot_status; return 0;
    case WDIOC_KEEPALIVE: W->watchdog.fed_ns = now_ns(); return 0;
    case WDIOC_SETTIMEOUT: return set_timeout(arg);
    case WDIOC_GETTIMEOUT: *(int *)arg = W->watchdog.timeout; return 0;
    case WDIOC_GETTIMELEFT: *(int *)arg = left_s(); return 0;
    }
    return fail(ENOTTY);
}

int watchdog_ioctl(struct slot *slot, unsigned long request, void *arg) {
    int error = fault_for(OP_WATCHDOG, slot->device, -1, NULL);
    int result = error ? fail(error) : answer(request, arg);
    log_call(OP_WATCHDOG, slot->device, result, _IOC_NR(request), 0, 0, NULL, 0);
    return result;
}

ssize_t watchdog_write(struct slot *slot, const void *text, size_t size) {
    int error = fault_for(OP_WATCHDOG, slot->device, -1, NULL);
    if (error > 0) return fail(error);
    W->watchdog.lets_go = memchr(text, 'V', size) != NULL;
    W->watchdog.fed_ns = now_ns();
    log_call(OP_WATCHDOG, slot->device, size, 0, 1, 0, text, size);
    return size;
}
