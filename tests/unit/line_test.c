/* From a record to an event: the envelope, the id, what stands in for what a line lacks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/util.h"
#include "line.h"
#include "support/event_text.h"

enum { NOW = 1000000 };

static struct ps_site nowhere;

struct fixture {
    struct ps_parser *parser;
    struct ps_line line;
    struct ps_source source;
    struct ps_event event;
};

static int fixture_open(void **state)
{
    static struct fixture f;
    f = (struct fixture){.source = {.path = PS_SLICE("/var/log/mail.log"), .has_key = true}};
    memset(f.source.key, 7, sizeof f.source.key);
    f.source.time.last_usec = INT64_MIN;
    ps_event_init(&f.event);
    int r = ps_parser_new(&f.parser);
    f.line = (struct ps_line){.parser = f.parser, .site = &nowhere, .own_host = PS_SLICE("own.example.org")};
    *state = &f;
    return r;
}

static int fixture_close(void **state)
{
    struct fixture *f = *state;
    ps_event_done(&f->event);
    ps_parser_free(f->parser);
    return 0;
}

static enum ps_verdict event_of(struct fixture *f, const char *text, uint64_t offset, unsigned flags)
{
    struct ps_record r = {.line = ps_slice_from_str(text), .offset = offset, .flags = flags, .source = &f->source};
    return ps_line_event(&f->line, &r, NOW, &f->event);
}

/* Which host, which time, which marks. */
static const struct {
    const char *line, *configured_host, *host;
    unsigned flags;
    bool inferred, cut;
} rows[] = {
    {"2026-11-21T22:57:39Z mx1 postfix/smtpd[1]: connect from a[192.0.2.1]", NULL, "mx1", 0, false, false},
    {"2026-11-21T22:57:39Z mx1 postfix/smtpd[1]: connect from a[192.0.2.1]", "cfg.example.org", "cfg.example.org", 0,
     false, false},
    {"2026-11-21T22:57:39Z postfix/smtpd[1]: connect from a[192.0.2.1]", NULL, "own.example.org", 0, false, false},
    {"no syslog", NULL, "own.example.org", 0, true, false},
    {"no syslog", "cfg.example.org", "cfg.example.org", PS_RECORD_CUT, true, true},
};

static void envelope(void **state)
{
    struct fixture *f = *state;
    for (size_t i = 0; i < PS_COUNT(rows); i++) {
        f->line.host = ps_slice_from_str(rows[i].configured_host);
        (void)event_of(f, rows[i].line, 42, rows[i].flags);
        assert_true(ps_slice_equal(f->event.host, ps_slice_from_str(rows[i].host)));
        assert_int_equal(ps_event_has(&f->event, PS_F_TIME_INFERRED), rows[i].inferred);
        assert_int_equal(ps_event_has(&f->event, PS_F_LINE_CUT), rows[i].cut);
        assert_true(f->event.time_usec == (rows[i].inferred ? NOW : INT64_C(1795301859000000)));
        assert_int_equal(f->event.source_offset, 42);
        assert_true(ps_slice_equal(f->event.source_path, f->source.path));
        assert_true(f->event.has_id);
    }
}

/* The id is that of the generation, the offset and the line, and of nothing else. */
static void identity(void **state)
{
    struct fixture *f = *state;
    static const char a[] = "2026-11-21T22:57:39Z mx1 postfix/smtpd[1]: connect from a[192.0.2.1]";
    static const char b[] = "2026-11-21T22:57:39Z mx1 postfix/smtpd[1]: connect from b[192.0.2.1]";
    uint8_t first[PS_EVENT_ID_LEN];
    (void)event_of(f, a, 1, 0);
    memcpy(first, f->event.id, sizeof first);

    (void)event_of(f, a, 1, 0);
    assert_memory_equal(first, f->event.id, sizeof first);
    f->source.path = PS_SLICE("/var/log/mail.log.1");
    f->line.host = PS_SLICE("other.example.org");
    (void)event_of(f, a, 1, 0);
    assert_memory_equal(first, f->event.id, sizeof first);

    (void)event_of(f, a, 2, 0);
    assert_memory_not_equal(first, f->event.id, sizeof first);
    (void)event_of(f, b, 1, 0);
    assert_memory_not_equal(first, f->event.id, sizeof first);
    f->source.key[0] ^= 1;
    (void)event_of(f, a, 1, 0);
    assert_memory_not_equal(first, f->event.id, sizeof first);

    f->source.has_key = false;
    (void)event_of(f, a, 1, 0);
    assert_false(f->event.has_id);
}

static void key(void **state)
{
    struct fixture *f = *state;
    (void)event_of(f, "2026-11-21T22:57:39Z mx1 postfix/qmgr[1]: 4ABCDEF012: removed", 0, 0);
    assert_true(ps_slice_equal(ps_line_key(&f->event), PS_SLICE("4ABCDEF012")));
    (void)event_of(f, "2026-11-21T22:57:39Z mx1 postfix/smtpd[1]: connect from a[192.0.2.1]", 0, 0);
    assert_true(ps_slice_equal(ps_line_key(&f->event), PS_SLICE("mx1")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(envelope, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(identity, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(key, fixture_open, fixture_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
