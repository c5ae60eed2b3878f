/* The golden corpus: tests/corpus/golden/NAME.log holds lines as daemons print them, NAME.json the event of each, one
 * JSON object a line in the same order. What a newcomer adds for a new kind of line is one line in each. Every rule
 * must be hit by some line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/ip.h"
#include "base/option.h"
#include "base/util.h"
#include "format/json.h"
#include "line.h"
#include "parse/tables.h"

#define ANCHOR INT64_C(1795305600000000) /* 2026-11-22 00:00 UTC: lines without a year are of the year before that */

enum { JSON_MAX = 1 << 20 };

struct text {
    char *p;
    size_t n;
};

static struct text file_read(const char *path)
{
    FILE *f = fopen(path, "re");
    if (!f)
        fail_msg("%s can't be read", path);
    struct text t = {0};
    FILE *out = open_memstream(&t.p, &t.n);
    for (int c; (c = getc(f)) != EOF;)
        (void)putc(c, out);
    (void)fclose(out);
    (void)fclose(f);
    return t;
}

/* The next line of *rest; false at its end. */
static bool line_next(struct ps_slice *rest, struct ps_slice *ret)
{
    const char *newline = rest->n ? memchr(rest->p, '\n', rest->n) : NULL;
    if (!newline)
        return false;
    *ret = (struct ps_slice){rest->p, (size_t)(newline - rest->p)};
    *rest = ps_slice_after(*rest, ret->n + 1);
    return true;
}

static struct {
    struct ps_parser *parser;
    struct ps_site site;
    bool hit[4096]; /* by rule */
    size_t wrong;
} test;

static void event_of(struct ps_slice line, struct ps_source *source, struct ps_buf *json)
{
    static const struct ps_slice host = {"own.example.org", 15};
    const struct ps_line stages = {.parser = test.parser, .site = &test.site, .own_host = host};
    const struct ps_record record = {.line = line, .source = source};
    struct ps_json_encoder encoder = {0};
    struct ps_event ev;
    ps_event_init(&ev);
    if (ps_line_event(&stages, &record, ANCHOR, &ev) == PS_PARSED)
        test.hit[ev.rule] = true;
    assert_int_equal(ps_json_encode(&encoder, &ev, json), 0);
    ps_event_done(&ev);
}

static void event_compare(const char *log, size_t number, struct ps_slice line, struct ps_source *source,
                          struct ps_slice want)
{
    struct ps_buf json = {.max = JSON_MAX};
    event_of(line, source, &json);
    if (!ps_slice_equal(ps_buf_slice(&json), want)) {
        test.wrong++;
        print_message("%s:%zu: is\n%s\nnot\n%.*s\n", log, number, ps_buf_cstr(&json), (int)want.n,
                      want.n ? want.p : "");
    }
    ps_buf_done(&json);
}

static void file_compare(const char *log)
{
    char name[4096];
    (void)snprintf(name, sizeof name, "%.*s.json", (int)(strlen(log) - strlen(".log")), log);
    struct text lines = file_read(log), events = file_read(name);
    struct ps_slice line, want, rest = {lines.p, lines.n}, rest_wanted = {events.p, events.n};
    struct ps_source source = {.time = {.anchor_usec = ANCHOR, .last_usec = INT64_MIN}};
    size_t number = 0;
    while (line_next(&rest, &line)) {
        number++;
        if (!line_next(&rest_wanted, &want))
            want = (struct ps_slice){0};
        event_compare(log, number, line, &source, want);
    }
    if (rest.n || rest_wanted.n)
        fail_msg("%s and its .json do not have the same number of whole lines", log);
    free(lines.p);
    free(events.p);
}

static void events_are_golden(void **state)
{
    (void)state;
    glob_t logs;
    assert_int_equal(glob(CORPUS "/golden/*.log", 0, NULL, &logs), 0);
    for (size_t i = 0; i < logs.gl_pathc; i++)
        file_compare(logs.gl_pathv[i]);
    globfree(&logs);
    if (test.wrong)
        fail_msg("%zu events are not what they should be", test.wrong);
}

static void every_rule_is_hit(void **state)
{
    (void)state;
    size_t rule = 0, missed = 0;
    for (size_t t = 0; t < ps_rule_tables_n; t++)
        for (size_t i = 0; i < ps_rule_tables[t]->n; i++, rule++)
            if (strcmp(ps_rule_tables[t]->programs, "said") != 0 && !test.hit[rule]) {
                print_message("no line of the corpus for \"%s\"\n", ps_rule_tables[t]->rules[i].pattern);
                missed++;
            }
    assert_true(rule <= PS_COUNT(test.hit));
    if (missed)
        fail_msg("%zu rules have no line", missed);
}

static int corpus_open(void **state)
{
    (void)state;
    static char domain[] = "example.org", *domains[] = {domain};
    static struct ps_network networks[1];
    (void)setenv("TZ", "UTC", 1);
    tzset();
    if (!ps_network_parse(PS_SLICE("192.0.2.0/24"), &networks[0]))
        return -1;
    test.site = (struct ps_site){.own_domains = {domains, 1}, .own_networks = {networks, 1}};
    return ps_parser_new(&test.parser);
}

static int corpus_close(void **state)
{
    (void)state;
    ps_parser_free(test.parser);
    return 0;
}

/* For tests/corpus/draft. */
static int draft(const char *log)
{
    void *none = NULL;
    struct text lines = file_read(log);
    struct ps_slice line, rest = {lines.p, lines.n};
    struct ps_source source = {.time = {.anchor_usec = ANCHOR, .last_usec = INT64_MIN}};
    if (corpus_open(&none) < 0)
        return 1;
    while (line_next(&rest, &line)) {
        struct ps_buf json = {.max = JSON_MAX};
        event_of(line, &source, &json);
        puts(ps_buf_cstr(&json));
        ps_buf_done(&json);
    }
    free(lines.p);
    return corpus_close(&none);
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "--draft") == 0)
        return draft(argv[2]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_are_golden),
        cmocka_unit_test(every_rule_is_hit),
    };
    return cmocka_run_group_tests(tests, corpus_open, corpus_close);
}
