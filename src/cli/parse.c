#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/util.h"
#include "cli/command.h"
#include "format/json.h"
#include "host_id.h"
#include "input/file.h"
#include "input/file_identity.h"
#include "input/lines.h"
#include "line.h"
#include "metrics.h"

enum {
    FLUSH_SIZE = 512 * 1024, /* written at once, when so much has gathered */
    OUT_MAX = 64 << 20,      /* no event is larger */
    HOST_MAX = 256
};

struct parse_options {
    int schema;
    bool stats;
    char *host;
};

static const char *const schemas[] = {"native", NULL};

static const struct ps_command_option parse_rows[] = {
    {
        .argument = "NAME",
        .row =
            {
                .name = "schema",
                .type = PS_OPTION_ENUM,
                .offset = offsetof(struct parse_options, schema),
                .standard = "native",
                .choices = schemas,
                .doc = "how fields are named",
            },
    },
    {
        .argument = "NAME",
        .row =
            {
                .name = "host",
                .type = PS_OPTION_STRING,
                .offset = offsetof(struct parse_options, host),
                .doc = "host name of all events, instead of the name in the line",
            },
    },
    {
        .row =
            {
                .name = "stats",
                .type = PS_OPTION_BOOL,
                .offset = offsetof(struct parse_options, stats),
                .doc = "at the end, print counts by event to standard error",
            },
    },
};

/* All that one run needs, whatever the number of files. */
struct parse_run {
    struct ps_parser *parser;
    struct ps_line line;
    struct ps_site site;
    struct ps_event event;
    struct ps_json_encoder json;
    struct ps_buf out;
    size_t max_line;
    bool has_host_id;
    uint8_t host_id[PS_HOST_ID_LEN];
    char own_host[HOST_MAX];
    uint64_t kinds[PS_KIND_COUNT];
};

/* A descriptor that another program made non-blocking: waits until it is ready. */
static void ready_wait(int fd, short events)
{
    struct pollfd p = {.fd = fd, .events = events};
    (void)poll(&p, 1, -1);
}

/* Standard output takes no more: 0 or negative errno, for all files. A file's own failure is told where it happens. */
static int out_flush(struct parse_run *run)
{
    size_t at = 0;
    while (at < run->out.n) {
        ssize_t n = ps_fault(PS_FAULT_WRITE) ? -1 : write(STDOUT_FILENO, run->out.p + at, run->out.n - at);
        if (n > 0)
            at += (size_t)n;
        else if (n < 0 && errno == EAGAIN)
            ready_wait(STDOUT_FILENO, POLLOUT);
        else if (n < 0 && errno != EINTR)
            return -errno;
    }
    ps_buf_clear(&run->out);
    return 0;
}

static int event_append(struct parse_run *run)
{
    size_t before = run->out.n;
    int r = ps_json_encode(&run->json, &run->event, &run->out);
    if (r == 0)
        r = ps_buf_append_char(&run->out, '\n');
    if (r < 0)
        run->out.n = before;
    return r;
}

static int line_take(struct parse_run *run, struct ps_source *source, const struct ps_text_line *text, int64_t now)
{
    if (run->has_host_id && !source->has_key)
        source->has_key =
            ps_file_key_of(text->text, ps_slice_make((const char *)run->host_id, PS_HOST_ID_LEN), source->key) == 0;
    const struct ps_record record = {
        .line = text->text,
        .offset = text->offset,
        .position = {0, text->next},
        .flags = text->cut ? PS_RECORD_CUT : 0,
        .source = source,
    };
    (void)ps_line_event(&run->line, &record, now, &run->event);
    run->kinds[run->event.kind]++;
    int r = event_append(run);
    if (r < 0)
        return r;
    return run->out.n >= FLUSH_SIZE ? out_flush(run) : 0;
}

static int reading_fail(const char *name, int error)
{
    (void)fprintf(stderr, "postship parse: %s: %s\n", name, strerror(-error));
    return PS_EXIT_FAILURE;
}

/* Everything of one file. 0 or what out_flush says; a failure to read is told and sets *status. */
static int lines_parse(struct parse_run *run, struct ps_lines *lines, struct ps_source *source, const char *name,
                       int *status)
{
    struct ps_text_line text;
    for (;;) {
        int64_t now = ps_clock_realtime();
        while (ps_lines_take(lines, &text)) {
            int r = line_take(run, source, &text, now);
            if (r < 0)
                return r;
        }
        /* A read may wait, for a terminal or a pipe: what is ready goes out before. */
        int r = out_flush(run);
        if (r < 0)
            return r;
        while ((r = ps_lines_fill(lines)) == -EAGAIN)
            ready_wait(lines->fd, POLLIN);
        if (r < 0)
            *status = reading_fail(name, r);
        if (r <= 0)
            break;
    }
    if (*status == PS_EXIT_OK && ps_lines_rest(lines, &text))
        return line_take(run, source, &text, ps_clock_realtime());
    return 0;
}

static int fd_parse(struct parse_run *run, int fd, const char *path, int *status)
{
    struct stat st;
    bool file = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
    int64_t anchor = file ? (int64_t)st.st_mtim.tv_sec * PS_USEC_PER_SEC : ps_clock_realtime();
    struct ps_source source = {
        .path = ps_slice_from_str(path),
        .time = {.anchor_usec = anchor, .last_usec = INT64_MIN},
    };
    int file_status = PS_EXIT_OK;
    struct ps_lines lines;
    ps_lines_init(&lines, fd, 0, run->max_line);
    int r = lines_parse(run, &lines, &source, path ? path : "standard input", &file_status);
    ps_lines_done(&lines);
    if (file_status != PS_EXIT_OK)
        *status = file_status;
    return r;
}

static int file_parse(struct parse_run *run, const char *path, int *status)
{
    if (strcmp(path, "-") == 0)
        return fd_parse(run, STDIN_FILENO, NULL, status);
    _cleanup_close_ int fd = ps_fault(PS_FAULT_OPEN) ? -1 : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) {
        *status = reading_fail(path, -errno);
        return 0;
    }
    return fd_parse(run, fd, path, status);
}

static void stats_print(const struct parse_run *run)
{
    uint64_t lines = 0;
    for (size_t i = 0; i < PS_KIND_COUNT; i++)
        lines += run->kinds[i];
    ps_metrics_kinds_print(run->kinds, stderr);
    (void)fprintf(stderr, "%12llu lines\n", (unsigned long long)lines);
}

/* Lines are cut where the daemon would, unless it was told otherwise. */
static int max_line_get(size_t *ret)
{
    struct ps_input_file_options file = {0};
    int r = ps_option_defaults_set(&ps_input_file.options, &file);
    *ret = (size_t)file.max_line;
    ps_option_values_done(&ps_input_file.options, &file);
    return r;
}

static int run_init(struct parse_run *run, const struct parse_options *o)
{
    int r = max_line_get(&run->max_line);
    if (r == 0)
        r = ps_parser_new(&run->parser);
    if (r < 0)
        return r;
    ps_event_init(&run->event);
    run->out.max = OUT_MAX;
    /* Without a machine id events have no id: there is nothing to derive it from that the next run would know. */
    run->has_host_id = ps_host_id_read(NULL, run->host_id) == 0;
    (void)gethostname(run->own_host, sizeof run->own_host - 1);
    run->line = (struct ps_line){
        .parser = run->parser,
        .site = &run->site,
        .host = ps_slice_from_str(o->host),
        .own_host = ps_slice_from_str(run->own_host),
    };
    return 0;
}

static struct parse_run *run_free(struct parse_run *run)
{
    if (!run)
        return NULL;
    (void)ps_parser_free(run->parser);
    ps_event_done(&run->event);
    ps_buf_done(&run->out);
    free(run);
    return NULL;
}

PS_CLEANUP_DEFINE(struct parse_run, run_free)

static int files_parse(struct parse_run *run, char **paths, int *status)
{
    int r = *paths ? 0 : file_parse(run, "-", status);
    for (; *paths && r == 0; paths++)
        r = file_parse(run, *paths, status);
    return r < 0 ? r : out_flush(run);
}

static int parse(const void *options, char **args)
{
    const struct parse_options *o = options;
    _cleanup_(run_freep) struct parse_run *run = calloc(1, sizeof *run);
    int status = PS_EXIT_OK;
    int r = run ? run_init(run, o) : -ENOMEM;
    if (r == 0)
        r = files_parse(run, args, &status);
    if (r < 0 && r != -EPIPE) { /* EPIPE: whoever reads has seen enough */
        (void)fprintf(stderr, "postship parse: %s\n", strerror(-r));
        return PS_EXIT_FAILURE;
    }
    if (o->stats)
        stats_print(run);
    return status;
}

const struct ps_command ps_command_parse = {
    .name = "parse",
    .summary = "Parse log files or standard input to JSON on standard output",
    .arguments = "[FILE...]",
    .help = "Without a file, and for '-', standard input is read. One object a line, in the order of the lines.\n",
    .options = parse_rows,
    .options_n = PS_COUNT(parse_rows),
    .size = sizeof(struct parse_options),
    .run = parse,
};
