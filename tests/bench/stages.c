/* stages FILE [ROUNDS]: what each stage of a line's path costs, in one thread. FILE is in the page cache: a first
 * pass is not counted.
 *
 * A stage can't run without those before it, so each measured pass goes one stage further than the one before, and a
 * stage's cost is the difference between two passes. The best of ROUNDS (default 5) counts: the machine can make a
 * pass slower, never faster. Time is CPU time of the process.
 *
 * Prints a line a stage: its name, ns a line, lines a second, separated by tabs. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/util.h"
#include "format/json.h"
#include "input/lines.h"
#include "line.h"

enum { STANDARD_ROUNDS = 5, MOST_ROUNDS = 1000, MAX_LINE = 64 * 1024, MAX_EVENT = 1024 * 1024 };

enum pass { PASS_READ, PASS_HEADER, PASS_PARSE, PASS_EVENT, PASS_ENCODE, PASS_COUNT };
static const char *const stage_names[PASS_COUNT] = {"read", "header", "parse", "enrich and id", "encode"};

struct bench {
    int fd;
    struct ps_lines reader;
    struct ps_line line;
    struct ps_source source;
    struct ps_event event;
    struct ps_json_encoder encoder;
    struct ps_buf out;
    int64_t now_usec;
    bool failed;           /* a line could not be encoded */
    volatile uint64_t sum; /* of what the stages made, so that no compiler leaves them out */
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
        if (ps_json_encode(&b->encoder, &b->event, &b->out) < 0)
            b->failed = true;
        b->sum += b->out.n;
    }
}

/* One pass over the file: 0 and the nanoseconds that a line took, or negative errno. */
static int pass_run(struct bench *b, enum pass pass, double *ret_ns)
{
    if (lseek(b->fd, 0, SEEK_SET) < 0)
        return -errno;
    b->source.time = (struct ps_time_context){.anchor_usec = b->now_usec, .last_usec = INT64_MIN};
    ps_lines_init(&b->reader, b->fd, 0, MAX_LINE);
    uint64_t lines = 0;
    struct ps_text_line text;
    int64_t start = ps_clock_read(CLOCK_PROCESS_CPUTIME_ID);
    int r;
    while ((r = ps_lines_next(&b->reader, &text)) > 0) {
        struct ps_record record = {.line = text.text, .offset = text.offset, .source = &b->source};
        line_run(b, &record, pass);
        lines++;
    }
    int64_t took = ps_clock_read(CLOCK_PROCESS_CPUTIME_ID) - start;
    ps_lines_done(&b->reader);
    if (r == 0 && lines == 0)
        r = -ENODATA;
    if (r == 0)
        *ret_ns = (double)took * 1000 / (double)lines;
    return r;
}

static void row_print(const char *name, double ns)
{
    printf("%s\t%.1f\t%.0f\n", name, ns, ns > 0 ? 1e9 / ns : 0);
}

/* 0 after the table, or negative errno. */
static int bench_run(struct bench *b, long rounds)
{
    double best[PASS_COUNT], ns;
    int r = pass_run(b, PASS_READ, &ns);
    for (long round = 0; round < rounds; round++) {
        for (enum pass pass = 0; pass < PASS_COUNT && r == 0; pass++) {
            r = pass_run(b, pass, &ns);
            if (r == 0 && (round == 0 || ns < best[pass]))
                best[pass] = ns;
        }
    }
    if (r == 0 && b->failed)
        r = -ENOBUFS;
    if (r < 0)
        return r;
    for (enum pass pass = 0; pass < PASS_COUNT; pass++)
        row_print(stage_names[pass], best[pass] - (pass > 0 ? best[pass - 1] : 0));
    row_print("whole", best[PASS_COUNT - 1]);
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
        .fd = open(argv[1], O_RDONLY | O_CLOEXEC),
        .source = {.path = PS_SLICE("/var/log/mail.log"), .key = "a key of 16 byte", .has_key = true},
        .out = {.max = MAX_EVENT},
        .now_usec = ps_clock_realtime(),
    };
    ps_event_init(&b.event);
    int r = b.fd < 0 ? -errno : ps_parser_new(&parser);
    if (r == 0) {
        b.line = (struct ps_line){.parser = parser, .site = &site, .own_host = PS_SLICE("localhost")};
        r = bench_run(&b, rounds);
    }
    if (r < 0)
        fprintf(stderr, "stages: %s: %s\n", argv[1], strerror(-r));
    ps_event_done(&b.event);
    ps_buf_done(&b.out);
    b.fd = ps_close(b.fd);
    parser = ps_parser_free(parser);
    return r < 0 ? 1 : 0;
}
