/* stages FILE [ROUNDS]: what each stage of a line's path costs, in one thread, over FILE in memory.
 *
 * A stage can't run without those before it, so each measured pass goes one stage further than the one before, and a
 * stage's cost is the difference between two passes. The best of ROUNDS (default 5) counts: the machine can make a
 * pass slower, never faster. Time is CPU time of the process.
 *
 * Prints a line a stage: its name, ns a line, lines a second, separated by tabs. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/util.h"
#include "format/json.h"
#include "line.h"

enum { STANDARD_ROUNDS = 5, MOST_ROUNDS = 1000 };

enum pass { PASS_READ, PASS_HEADER, PASS_PARSE, PASS_EVENT, PASS_ENCODE, PASS_COUNT };
static const char *const stage_names[PASS_COUNT] = {"read", "header", "parse", "enrich and id", "encode"};

struct bench {
    struct ps_slice content;
    struct ps_line line;
    struct ps_source source;
    struct ps_event event;
    struct ps_json_encoder encoder;
    struct ps_buf out;
    int64_t now_usec;
    uint64_t lines;
    uint64_t sum; /* of what the stages made, so that no compiler leaves them out */
};

static void line_run(struct bench *b, const struct ps_record *r, enum pass pass)
{
    struct ps_syslog_header header;
    switch (pass) {
    case PASS_READ:
        b->sum += r->line.n;
        break;
    case PASS_HEADER:
        if (ps_syslog_header_parse(r->line, &b->source.time, &header))
            b->sum += header.message.n;
        break;
    case PASS_PARSE:
        b->sum += ps_parser_run(b->line.parser, &b->event, r->line, &b->source.time);
        break;
    case PASS_EVENT:
        b->sum += ps_line_event(&b->line, r, b->now_usec, &b->event);
        break;
    default:
        (void)ps_line_event(&b->line, r, b->now_usec, &b->event);
        ps_buf_clear(&b->out);
        (void)ps_json_encode(&b->encoder, &b->event, &b->out);
        b->sum += b->out.n;
    }
}

/* One pass over the content; the nanoseconds a line took. */
static double pass_run(struct bench *b, enum pass pass)
{
    b->source.time = (struct ps_time_context){.anchor_usec = b->now_usec, .last_usec = INT64_MIN};
    b->lines = 0;
    int64_t start = ps_clock_read(CLOCK_PROCESS_CPUTIME_ID);
    struct ps_slice rest = b->content;
    while (rest.n > 0) {
        const char *newline = memchr(rest.p, '\n', rest.n);
        size_t n = newline ? (size_t)(newline - rest.p) : rest.n;
        struct ps_record r = {.line = {rest.p, n}, .offset = (uint64_t)(rest.p - b->content.p), .source = &b->source};
        line_run(b, &r, pass);
        b->lines++;
        rest = ps_slice_after(rest, n + 1);
    }
    int64_t took = ps_clock_read(CLOCK_PROCESS_CPUTIME_ID) - start;
    return (double)took * 1000 / (double)b->lines;
}

static void row_print(const char *name, double ns)
{
    printf("%s\t%.1f\t%.0f\n", name, ns, ns > 0 ? 1e9 / ns : 0);
}

static int bench_run(struct bench *b, long rounds)
{
    double best[PASS_COUNT];
    for (long round = 0; round < rounds; round++) {
        for (enum pass pass = 0; pass < PASS_COUNT; pass++) {
            double ns = pass_run(b, pass);
            if (round == 0 || ns < best[pass])
                best[pass] = ns;
        }
    }
    if (b->out.error != 0 || b->sum == 0) {
        fprintf(stderr, "stages: a line could not be encoded\n");
        return 1;
    }
    for (enum pass pass = 0; pass < PASS_COUNT; pass++)
        row_print(stage_names[pass], best[pass] - (pass > 0 ? best[pass - 1] : 0));
    row_print("whole", best[PASS_COUNT - 1]);
    return 0;
}

/* Maps the file; all its pages are touched before anything is measured. 0 or negative errno. */
static int content_map(const char *path, struct ps_slice *ret)
{
    _cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) < 0)
        return -errno;
    if (st.st_size == 0)
        return -ENODATA;
    char *p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
    if (p == MAP_FAILED)
        return -errno;
    *ret = ps_slice_make(p, (size_t)st.st_size);
    return 0;
}

int main(int argc, char **argv)
{
    long rounds = argc == 3 ? strtol(argv[2], NULL, 10) : STANDARD_ROUNDS;
    if (argc < 2 || argc > 3 || rounds < 1 || rounds > MOST_ROUNDS) {
        fprintf(stderr, "usage: stages FILE [ROUNDS]\n");
        return 2;
    }
    struct ps_parser *parser = NULL;
    static const struct ps_site site;
    struct bench b = {
        .source = {.path = PS_SLICE("/var/log/mail.log"), .key = "a key of 16 byte", .has_key = true},
        .out = {.max = 1 << 20},
        .now_usec = ps_clock_realtime(),
    };
    int r = content_map(argv[1], &b.content);
    if (r == 0)
        r = ps_parser_new(&parser);
    if (r < 0) {
        fprintf(stderr, "stages: %s: %s\n", argv[1], strerror(-r));
        return 1;
    }
    b.line = (struct ps_line){.parser = parser, .site = &site, .own_host = PS_SLICE("localhost")};
    ps_event_init(&b.event);
    int status = bench_run(&b, rounds);
    ps_event_done(&b.event);
    ps_buf_done(&b.out);
    parser = ps_parser_free(parser);
    return status;
}
