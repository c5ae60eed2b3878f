/* Runs a fuzz target over known inputs, without libFuzzer: so they are a unit test for every compiler and for valgrind.
 * Each argument: a .seeds file, of which each line is an input, or any other file, which is one as a whole. */
#include <errno.h>
#include <string.h>

#include "fuzz.h"
#include "postship/slice.h"
#include "support/guard.h"

enum { MOST = 1 << 20 };

static struct ps_slice file_read(const char *path, char *dst)
{
    FILE *f = fopen(path, "r");
    if (!f) {
        (void)fprintf(stderr, "%s: %s\n", path, strerror(errno));
        exit(1);
    }
    size_t n = fread(dst, 1, MOST, f);
    (void)fclose(f);
    return ps_slice_make(dst, n);
}

static void input_run(struct guard *guard, struct ps_slice input)
{
    struct ps_slice copy = guard_copy(guard, input);
    (void)LLVMFuzzerTestOneInput((const uint8_t *)copy.p, copy.n);
}

int main(int argc, char **argv)
{
    static char content[MOST];
    struct guard guard;
    guard_open(&guard, MOST);

    size_t inputs = 0;
    for (int i = 1; i < argc; i++) {
        struct ps_slice rest = file_read(argv[i], content);
        if (!ps_slice_ends(ps_slice_from_str(argv[i]), PS_SLICE(".seeds"))) {
            input_run(&guard, rest);
            inputs++;
            continue;
        }
        while (rest.n) {
            const char *end = memchr(rest.p, '\n', rest.n);
            size_t n = end ? (size_t)(end - rest.p) : rest.n;
            input_run(&guard, ps_slice_make(rest.p, n));
            inputs++;
            rest = ps_slice_after(rest, n + 1);
        }
    }

    guard_close(&guard);
    (void)printf("%zu inputs\n", inputs);
    return inputs == 0;
}
