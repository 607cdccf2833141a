/* The floor of the hardware benchmark: the same kernel calls in a loop in C, with nothing around them.
 * Reads "OPERATION COUNT" lines and answers each with the nanoseconds of one call. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/gpio.h>
#include <linux/i2c-dev.h>
#include <linux/i2c.h>
#include <linux/spi/spidev.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

static int lines, i2c, spi;
static uint8_t reg = 1, value, out[4096], in[4096];

static int request(uint64_t flags) {
    struct gpio_v2_line_request r = {.num_lines = 1, .offsets = {17}, .config = {.flags = flags}};
    int chip = open("/dev/gpiochip0", O_RDWR);
    if (chip < 0 || ioctl(chip, GPIO_V2_GET_LINE_IOCTL, &r)) return -1;
    close(chip);
    return r.fd;
}

static void set_pin(void) {
    struct gpio_v2_line_values v = {.bits = 1, .mask = 1};
    ioctl(lines, GPIO_V2_LINE_SET_VALUES_IOCTL, &v);
}

static void get_pin(void) {
    struct gpio_v2_line_values v = {.mask = 1};
    ioctl(lines, GPIO_V2_LINE_GET_VALUES_IOCTL, &v);
}

static void read_register(void) {
    struct i2c_msg messages[2] = {{.addr = 0x50, .len = 1, .buf = &reg},
                                  {.addr = 0x50, .flags = I2C_M_RD, .len = 1, .buf = &value}};
    struct i2c_rdwr_ioctl_data data = {messages, 2};
    ioctl(i2c, I2C_RDWR, &data);
}

static void exchange(unsigned length) {
    struct spi_ioc_transfer t = {.tx_buf = (uintptr_t)out, .rx_buf = (uintptr_t)in, .len = length,
                                 .speed_hz = 1000000, .bits_per_word = 8};
    ioctl(spi, SPI_IOC_MESSAGE(1), &t);
}

static void exchange_4(void) { exchange(4); }
static void exchange_4096(void) { exchange(4096); }
static void write_4096(void) {
    if (write(spi, out, sizeof out) != sizeof out) perror("write");
}

static const struct {
    const char *name;
    void (*call)(void);
} operations[] = {{"pin_set", set_pin},      {"pin_get", get_pin},
                  {"i2c_read", read_register}, {"i2c_register", read_register},
                  {"spi_4", exchange_4},     {"spi_4096", exchange_4096},
                  {"spi_write", write_4096}};

static double measure(void (*call)(void), int count) {
    struct timespec a, b;
    for (int i = 0; i < count / 4; i++) call(); /* so that it is warm */
    clock_gettime(CLOCK_MONOTONIC, &a);
    for (int i = 0; i < count; i++) call();
    clock_gettime(CLOCK_MONOTONIC, &b);
    return ((b.tv_sec - a.tv_sec) * 1e9 + (b.tv_nsec - a.tv_nsec)) / count;
}

int main(void) {
    char name[32];
    int count;
    i2c = open("/dev/i2c-1", O_RDWR);
    spi = open("/dev/spidev0.0", O_RDWR);
    if (i2c < 0 || spi < 0) return perror("open"), 1;
    puts("pin_set pin_get i2c_read i2c_register spi_4 spi_4096 spi_write");
    fflush(stdout);
    while (scanf("%31s %d", name, &count) == 2) {
        /* The line is held only while it is used: the other contestants use it too. */
        lines = request(strcmp(name, "pin_get") ? GPIO_V2_LINE_FLAG_OUTPUT : GPIO_V2_LINE_FLAG_INPUT);
        for (size_t i = 0; i < sizeof operations / sizeof *operations; i++)
            if (!strcmp(name, operations[i].name)) printf("%f\n", measure(operations[i].call, count));
        close(lines);
        fflush(stdout);
    }
    return 0;
}
