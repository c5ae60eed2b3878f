/* Any bytes as a configuration file: a tree, or errors that name file, line and column. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/buf.h"
#include "config.h"
#include "fuzz.h"

static void errors_check(struct ps_slice errors, struct ps_slice path)
{
    fuzz_check(errors.n > 0);
    while (errors.n) {
        const char *end = memchr(errors.p, '\n', errors.n);
        fuzz_check(end); /* whole lines */
        fuzz_check(ps_slice_starts(errors, path));
        errors = ps_slice_after(errors, (size_t)(end - errors.p) + 1);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int fd = memfd_create("config", 0);
    fuzz_check(fd >= 0);
    fuzz_check(write(fd, data, size) == (ssize_t)size);
    char path[64];
    int n = snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    fuzz_check(n > 0);

    struct ps_config *config = NULL;
    struct ps_buf errors = {.max = (size_t)1 << 20};
    int r = ps_config_read(path, &config, &errors);
    if (r == 0) {
        fuzz_check(config && errors.n == 0);
        fuzz_check(config->pipelines_n > 0);
    } else {
        fuzz_check(!config);
        errors_check(ps_buf_slice(&errors), ps_slice_from_str(path));
    }

    ps_config_free(config);
    ps_buf_done(&errors);
    (void)close(fd);
    return 0;
}
