/* format/json.h, and ps_event_json of postship/postship.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <yajl/yajl_parse.h>

#include "base/fault.h"
#include "base/util.h"
#include "format/json.h"
#include "lib/json_read.h"
#include "support/guard.h"

PS_CLEANUP_DEFINE(struct ps_json, ps_json_free)

enum { FIELDS_MAX = 10 };
#define REPLACEMENT "\xEF\xBF\xBD"

/* One event and the text that it must become, byte by byte. */
static const struct row {
    const char *json;
    struct ps_slice host, message, path;
    struct {
        enum ps_field f;
        struct ps_slice value; /* p = NULL: no more fields */
    } fields[FIELDS_MAX];
    int64_t time_usec; /* 0: none */
    uint64_t offset;
    enum ps_kind kind;
    enum ps_outcome outcome;
    bool has_id;
    const char *added;
} rows[] = {
    {.json = "{\"event\":\"other\"}", .kind = PS_K_OTHER},
    {.json = "{\"timestamp\":\"2024-11-21T21:57:39.000123Z\",\"host\":\"mx1\",\"program\":\"postfix/smtp\",\"pid\":42,"
             "\"event\":\"delivery\",\"outcome\":\"success\",\"queue_id\":\"4XvRnB\",\"relay_ip\":\"2001:db8::1\","
             "\"message\":\"text\",\"source_path\":\"/var/log/mail.log\",\"source_offset\":18446744073709551615,"
             "\"event_id\":\"000102030405060708090a0b0c0d0eff\",\"site\":\"ams1\"}",
     .time_usec = INT64_C(1732226259000123),
     .kind = PS_K_DELIVERY,
     .outcome = PS_OUTCOME_SUCCESS,
     .host = PS_SLICE("mx1"),
     .message = PS_SLICE("text"),
     .path = PS_SLICE("/var/log/mail.log"),
     .offset = UINT64_MAX,
     .has_id = true,
     .added = ",\"site\":\"ams1\"",
     .fields = {{PS_F_PROGRAM, PS_SLICE("postfix/smtp")},
                {PS_F_PID, PS_SLICE("42")},
                {PS_F_QUEUE_ID, PS_SLICE("4XvRnB")},
                {PS_F_RELAY_IP, PS_SLICE("2001:db8::1")}}},
    /* numbers: integers as they are, floats always with a point, texts that look like numbers as texts */
    {.json =
         "{\"event\":\"queued\",\"size\":0,\"uid\":-1,\"cmd_total\":123456789012345678,\"delay\":0.0,"
         "\"delay_before_qmgr\":12.0,\"delay_in_qmgr\":0.02,\"delay_conn_setup\":123456789012345678.123456789012345,"
         "\"queue_id\":\"123\"}",
     .kind = PS_K_QUEUED,
     .fields = {{PS_F_SIZE, PS_SLICE("0")},
                {PS_F_UID, PS_SLICE("-1")},
                {PS_F_CMD_TOTAL, PS_SLICE("123456789012345678")},
                {PS_F_DELAY, PS_SLICE("0")},
                {PS_F_DELAY_BEFORE_QMGR, PS_SLICE("12")},
                {PS_F_DELAY_IN_QMGR, PS_SLICE("0.02")},
                {PS_F_DELAY_CONN_SETUP, PS_SLICE("123456789012345678.123456789012345")},
                {PS_F_QUEUE_ID, PS_SLICE("123")}}},
    /* a list whose elements are scattered; a true; a time; an empty text */
    {.json = "{\"event\":\"other\",\"tags\":[\"a\",\"\",\"\\\"\"],\"line_cut\":true,\"extra\":[\"x\"],"
             "\"gap_from\":\"2024-01-01T00:00:00Z\",\"reason\":\"\",\"message\":\"\"}",
     .kind = PS_K_OTHER,
     .message = PS_SLICE(""),
     .fields = {{PS_F_TAGS, PS_SLICE("a")},
                {PS_F_LINE_CUT, PS_SLICE("")},
                {PS_F_TAGS, PS_SLICE("")},
                {PS_F_EXTRA, PS_SLICE("x")},
                {PS_F_GAP_FROM, PS_SLICE("2024-01-01T00:00:00Z")},
                {PS_F_TAGS, PS_SLICE("\"")},
                {PS_F_REASON, PS_SLICE("")}}},
    /* what the header says comes first only where it was set first */
    {.json = "{\"severity\":\"info\",\"event\":\"other\",\"to\":\"a\",\"pid\":1}",
     .kind = PS_K_OTHER,
     .fields = {{PS_F_SEVERITY, PS_SLICE("info")}, {PS_F_TO, PS_SLICE("a")}, {PS_F_PID, PS_SLICE("1")}}},
    /* escapes */
    {.json = "{\"event\":\"other\",\"message\":\"\\u0000\\u0001\\b\\t\\n\\u000b\\f\\r\\u001f "
             "\\\"\\\\/\x7F\xC3\xA4\xE2\x80\xA8\"}",
     .kind = PS_K_OTHER,
     .message = PS_SLICE("\0\1\b\t\n\v\f\r\x1F \"\\/\x7F\xC3\xA4\xE2\x80\xA8")},
    /* repairs: each place of text, said once */
    {.json = "{\"host\":\"" REPLACEMENT "h\",\"event\":\"other\",\"tags\":[\"" REPLACEMENT
             "\"],\"to\":\"" REPLACEMENT REPLACEMENT "\",\"message\":\"a" REPLACEMENT "b" REPLACEMENT
             "\",\"source_path\":\"" REPLACEMENT "\",\"source_offset\":0,\"encoding_repaired\":true,\"x\":\"y\"}",
     .kind = PS_K_OTHER,
     .host = PS_SLICE("\xFFh"),
     .message = PS_SLICE("a\xE2\x82"
                         "b\xF0\x9F\x98"),
     .path = PS_SLICE("\x80"),
     .added = ",\"x\":\"y\"",
     .fields = {{PS_F_TAGS, PS_SLICE("\xC3")}, {PS_F_TO, PS_SLICE("\xC0\xAF")}}},
    {.json = "{\"event\":\"other\",\"encoding_repaired\":true,\"message\":\"" REPLACEMENT "\"}",
     .kind = PS_K_OTHER,
     .message = PS_SLICE("\xFF"),
     .fields = {{PS_F_ENCODING_REPAIRED, PS_SLICE("")}}},
};

static void row_build(const struct row *row, struct ps_event *ev)
{
    ps_event_clear(ev);
    ev->time_usec = row->time_usec ? row->time_usec : INT64_MIN;
    ev->kind = row->kind;
    ev->outcome = row->outcome;
    ev->host = row->host;
    ev->message = row->message;
    ev->source_path = row->path;
    ev->source_offset = row->offset;
    ev->has_id = row->has_id;
    for (int i = 0; i < PS_EVENT_ID_LEN; i++)
        ev->id[i] = (uint8_t)i;
    ev->id[PS_EVENT_ID_LEN - 1] = 0xFF;
    for (size_t i = 0; i < FIELDS_MAX && row->fields[i].value.p; i++)
        assert_true(ps_event_set(ev, row->fields[i].f, row->fields[i].value));
}

static int row_encode(const struct row *row, struct ps_event *ev, struct ps_buf *out)
{
    row_build(row, ev);
    struct ps_json_encoder enc = {.added = ps_slice_from_str(row->added)};
    return ps_json_encode(&enc, ev, out);
}

struct fixture {
    struct ps_event ev;
    struct ps_buf out;
    struct guard guard;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    ps_event_init(&f->ev);
    f->out.max = 1 << 22;
    guard_open(&f->guard, 1 << 16);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    ps_event_done(&f->ev);
    ps_buf_done(&f->out);
    guard_close(&f->guard);
    free(f);
    return 0;
}

/* yajl itself, with its own idea of UTF-8 on. */
static bool yajl_takes(struct ps_slice text)
{
    static const yajl_callbacks none;
    yajl_handle parser = yajl_alloc(&none, NULL, NULL);
    bool fine = yajl_parse(parser, (const unsigned char *)text.p, text.n) == yajl_status_ok &&
                yajl_complete_parse(parser) == yajl_status_ok;
    yajl_free(parser);
    return fine;
}

static void test_rows(void **state)
{
    struct fixture *f = *state;
    for (size_t i = 0; i < PS_COUNT(rows); i++) {
        ps_buf_clear(&f->out);
        assert_int_equal(row_encode(&rows[i], &f->ev, &f->out), 0);
        assert_string_equal(ps_buf_cstr(&f->out), rows[i].json);

        struct ps_json *root = NULL;
        assert_int_equal(ps_json_parse(ps_buf_slice(&f->out), &root), 0);
        root = ps_json_free(root);
        assert_true(yajl_takes(ps_buf_slice(&f->out)));
    }
}

/* Appends, and the second object in one buffer is as good as the first. */
static void test_appends(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(ps_buf_append_str(&f->out, "before "), 0);
    assert_int_equal(row_encode(&rows[0], &f->ev, &f->out), 0);
    assert_int_equal(row_encode(&rows[0], &f->ev, &f->out), 0);
    assert_string_equal(ps_buf_cstr(&f->out), "before {\"event\":\"other\"}{\"event\":\"other\"}");
}

/* Each field by itself under its native name, with a value of its type. */
static void test_each_field(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < PS_FIELD_COUNT; i++) {
        enum ps_field field = (enum ps_field)i;
        if (field == PS_F_TIMESTAMP || field == PS_F_HOST || field == PS_F_MESSAGE || field == PS_F_EVENT ||
            field == PS_F_OUTCOME || field == PS_F_EVENT_ID || field == PS_F_SOURCE_PATH || field == PS_F_SOURCE_OFFSET)
            continue;
        ps_event_clear(&f->ev);
        ps_buf_clear(&f->out);
        enum ps_field_type type = ps_field_infos[i].type;
        bool number = type == PS_TYPE_INT || type == PS_TYPE_FLOAT;
        assert_true(ps_event_set(&f->ev, field, number ? PS_SLICE("12") : PS_SLICE("192.0.2.1")));
        struct ps_json_encoder enc = {0};
        assert_int_equal(ps_json_encode(&enc, &f->ev, &f->out), 0);

        _cleanup_(ps_json_freep) struct ps_json *root = NULL;
        assert_int_equal(ps_json_parse(ps_buf_slice(&f->out), &root), 0);
        assert_int_equal(ps_json_length(root), 2);
        const struct ps_json *v = ps_json_member(root, ps_field_name(field));
        struct ps_slice text = {0};
        bool truth = false;
        if (number)
            assert_true(ps_json_number_text(v, &text) &&
                        ps_slice_equal(text, type == PS_TYPE_INT ? PS_SLICE("12") : PS_SLICE("12.0")));
        else if (type == PS_TYPE_BOOL)
            assert_true(ps_json_bool(v, &truth) && truth);
        else
            assert_true(ps_json_string(type == PS_TYPE_LIST ? ps_json_element(v, 0) : v, &text) &&
                        ps_slice_equal(text, PS_SLICE("192.0.2.1")));
    }
}

/* The decoder's side of the substitution, written from Table 3-7 of The Unicode Standard, byte by byte. */
static bool follows(const uint8_t *p, size_t n, size_t at)
{
    if (at >= n)
        return false;
    uint8_t low = 0x80, high = 0xBF;
    if (p[at - 1] == 0xE0)
        low = 0xA0;
    if (p[at - 1] == 0xED)
        high = 0x9F;
    if (p[at - 1] == 0xF0)
        low = 0x90;
    if (p[at - 1] == 0xF4)
        high = 0x8F;
    return p[at] >= low && p[at] <= high;
}

static bool repair_naively(struct ps_slice s, struct ps_buf *out)
{
    const uint8_t *p = (const uint8_t *)s.p;
    bool repaired = false;
    for (size_t at = 0; at < s.n;) {
        size_t want = p[at] < 0x80                     ? 1
                      : p[at] >= 0xC2 && p[at] <= 0xDF ? 2
                      : p[at] >= 0xE0 && p[at] <= 0xEF ? 3
                      : p[at] >= 0xF0 && p[at] <= 0xF4 ? 4
                                                       : 0;
        size_t have = 1;
        while (have < want && follows(p, s.n, at + have))
            have++;
        if (have == want) {
            (void)ps_buf_append(out, p + at, want);
        } else {
            (void)ps_buf_append_str(out, REPLACEMENT);
            repaired = true;
        }
        at += have;
    }
    return repaired;
}

static struct ps_slice string_member(const struct ps_json *root, const char *name)
{
    struct ps_slice text = {0};
    if (!ps_json_string(ps_json_member(root, name), &text))
        fail_msg("no %s", name);
    return text;
}

/* Encodes an event with these bytes, which end at the guard page, as message and as a field, and reads it back. */
static void bytes_check(struct fixture *f, struct ps_slice bytes)
{
    ps_event_clear(&f->ev);
    ps_buf_clear(&f->out);
    f->ev.message = guard_copy(&f->guard, bytes);
    assert_true(ps_event_set(&f->ev, PS_F_HELO, f->ev.message));
    struct ps_json_encoder enc = {0};
    assert_int_equal(ps_json_encode(&enc, &f->ev, &f->out), 0);

    _cleanup_(ps_json_freep) struct ps_json *root = NULL;
    if (ps_json_parse(ps_buf_slice(&f->out), &root) < 0 || !yajl_takes(ps_buf_slice(&f->out)))
        fail_msg("not JSON: %s", ps_buf_cstr(&f->out));
    _cleanup_(ps_buf_done) struct ps_buf expected = {.max = 1 << 20};
    bool repaired = repair_naively(bytes, &expected);
    assert_true(ps_slice_equal(string_member(root, "message"), ps_buf_slice(&expected)));
    assert_true(ps_slice_equal(string_member(root, "helo"), ps_buf_slice(&expected)));
    bool said = false;
    assert_true(ps_json_bool(ps_json_member(root, "encoding_repaired"), &said) == repaired && said == repaired);
    assert_int_equal(ps_json_length(root), repaired ? 4 : 3);
}

static void test_all_bytes_and_pairs(void **state)
{
    struct fixture *f = *state;
    bytes_check(f, PS_SLICE(""));
    for (int a = 0; a < 256; a++) {
        char pair[2] = {(char)a, 0};
        bytes_check(f, ps_slice_make(pair, 1));
        for (int b = 0; b < 256; b++) {
            pair[1] = (char)b;
            bytes_check(f, ps_slice_make(pair, 2));
        }
    }
}

/* Each byte at each place of texts of 1..40 bytes, the others plain: no step may hide it. */
static void test_each_place(void **state)
{
    struct fixture *f = *state;
    static const char special[] = {'\0', '\x1F', '"', '\\', '\x7F', '\x80', '\xC3', '\xFF', ' ', '~'};
    for (size_t n = 1; n <= 40; n++)
        for (size_t at = 0; at < n; at++)
            for (size_t i = 0; i < sizeof special; i++) {
                char text[40];
                memset(text, 'x', sizeof text);
                text[at] = special[i];
                bytes_check(f, ps_slice_make(text, n));
            }
}

/* Ill-formed, well-formed and plain bytes in all mixtures, from a fixed seed. */
static void test_random_bytes(void **state)
{
    struct fixture *f = *state;
    static const char alphabet[] = "ab\"\\\n\x80\xBF\xC3\xA4\xE0\xA0\xE2\x82\xAC\xED\x9F\xF0\x90\x9F\x98\xF4\x8F\xFF";
    uint64_t x = 88172645463325252;
    for (int round = 0; round < 50000; round++) {
        char text[64];
        x ^= x << 13, x ^= x >> 7, x ^= x << 17; /* xorshift64 */
        uint64_t bits = x;
        size_t n = bits % sizeof text;
        for (size_t i = 0; i < n; i++) {
            x ^= x << 13, x ^= x >> 7, x ^= x << 17;
            text[i] = bits >> 62 == 0   ? (char)(x >> 24)
                      : bits >> 62 == 1 ? (x >> 24) % 8 ? 'x' : alphabet[(x >> 32) % (sizeof alphabet - 1)]
                                        : alphabet[(x >> 32) % (sizeof alphabet - 1)];
        }
        bytes_check(f, ps_slice_make(text, n));
    }
}

/* The worst case of all bytes. */
static void test_long_controls(void **state)
{
    struct fixture *f = *state;
    static char text[60000];
    bytes_check(f, ps_slice_make(text, sizeof text));
}

/* The buffer's maximum is what it says: the object fits where there is exactly room for it, and one byte less leaves
 * all as it was. */
static void test_exact_maximum(void **state)
{
    struct fixture *f = *state;
    for (size_t i = 0; i < PS_COUNT(rows); i++) {
        size_t n = strlen(rows[i].json);
        struct ps_buf exact = {.max = n + 3};
        assert_int_equal(ps_buf_append_str(&exact, "abc"), 0);
        assert_int_equal(row_encode(&rows[i], &f->ev, &exact), 0);
        assert_int_equal(exact.n, n + 3);
        assert_memory_equal(exact.p + 3, rows[i].json, n);
        ps_buf_done(&exact);

        struct ps_buf small = {.max = n + 2};
        assert_int_equal(ps_buf_append_str(&small, "abc"), 0);
        assert_int_equal(row_encode(&rows[i], &f->ev, &small), -ENOBUFS);
        assert_int_equal(small.error, -ENOBUFS);
        assert_int_equal(small.n, 3);
        assert_int_equal(row_encode(&rows[i], &f->ev, &small), -ENOBUFS); /* sticky */
        ps_buf_done(&small);
    }
}

/* Each allocation of one encoding fails once; returns how many there were. */
static uint64_t faults_run(const struct row *row, struct ps_event *ev, size_t max)
{
    for (uint64_t nth = 1;; nth++) {
        struct ps_buf out = {.max = max};
        ps_fault_arm(PS_FAULT_MALLOC, nth, ENOMEM);
        int r = row_encode(row, ev, &out);
        bool reached = ps_fault_uses(PS_FAULT_MALLOC) >= nth;
        ps_fault_arm(PS_FAULT_MALLOC, 0, 0);
        assert_int_equal(r, reached ? -ENOMEM : 0);
        assert_int_equal(out.error, r);
        assert_int_equal(out.n, reached ? 0 : strlen(row->json));
        ps_buf_done(&out);
        if (!reached)
            return nth - 1;
    }
}

static void test_faults(void **state)
{
    struct fixture *f = *state;
    for (size_t i = 0; i < PS_COUNT(rows); i++) {
        assert_int_equal(faults_run(&rows[i], &f->ev, 1 << 16), 1);
        assert_int_equal(faults_run(&rows[i], &f->ev, strlen(rows[i].json)), 2); /* no room for the worst case */
    }
}

static void test_string_append(void **state)
{
    struct fixture *f = *state;
    bool repaired = false;
    assert_int_equal(ps_json_string_append(&f->out, PS_SLICE("a\n\"b\""), &repaired), 0);
    assert_false(repaired);
    assert_int_equal(ps_json_string_append(&f->out, PS_SLICE("\xFF"), &repaired), 0);
    assert_true(repaired);
    assert_int_equal(ps_json_string_append(&f->out, (struct ps_slice){0}, &repaired), 0);
    assert_true(repaired);
    assert_string_equal(ps_buf_cstr(&f->out), "\"a\\n\\\"b\\\"\"\"" REPLACEMENT "\"\"\"");

    struct ps_buf exact = {.max = 4};
    assert_int_equal(ps_json_string_append(&exact, PS_SLICE("ab"), &repaired), 0);
    ps_buf_clear(&exact);
    assert_int_equal(ps_json_string_append(&exact, PS_SLICE("abc"), &repaired), -ENOBUFS);
    ps_buf_done(&exact);
}

static void test_added(void **state)
{
    struct fixture *f = *state;
    static const struct {
        struct ps_pair pairs[3];
        size_t n;
        const char *text; /* NULL: refused */
    } cases[] = {
        {.n = 0, .text = ""},
        {{{"site", "ams1"}}, 1, ",\"site\":\"ams1\""},
        {{{"a\"b", ""}, {"rack", "\xC3\xA4\n"}}, 2, ",\"a\\\"b\":\"\",\"rack\":\"\xC3\xA4\\n\""},
        {{{"queue_id", "x"}}, 1, NULL}, /* a field */
        {{{"timestamp", "x"}}, 1, NULL},
        {{{"a", "1"}, {"b", "2"}, {"a", "3"}}, 3, NULL},
        {{{"a", "\xFF"}}, 1, NULL},
        {{{"\xFF", "a"}}, 1, NULL},
        {{{"", "a"}}, 1, NULL},
    };
    for (size_t i = 0; i < PS_COUNT(cases); i++) {
        ps_buf_clear(&f->out);
        assert_int_equal(ps_buf_append_str(&f->out, "x"), 0);
        struct ps_pairs pairs = {(struct ps_pair *)(uintptr_t)cases[i].pairs, cases[i].n};
        assert_int_equal(ps_json_added_make(&pairs, &f->out), cases[i].text ? 0 : -EINVAL);
        assert_string_equal(ps_buf_cstr(&f->out) + 1, cases[i].text ? cases[i].text : "");
    }

    struct ps_pair one = {(char[]){"site"}, (char[]){"ams1"}};
    struct ps_buf small = {.max = 10};
    assert_int_equal(ps_json_added_make(&(struct ps_pairs){&one, 1}, &small), -ENOBUFS);
    assert_int_equal(small.n, 0);
    ps_buf_done(&small);
}

static void test_public_form(void **state)
{
    struct fixture *f = *state;
    for (size_t i = 0; i < PS_COUNT(rows); i++) {
        if (rows[i].added)
            continue;
        row_build(&rows[i], &f->ev);
        char dst[1024];
        size_t n = strlen(rows[i].json);
        assert_int_equal(ps_event_json(&f->ev, NULL, 0), n);
        assert_int_equal(ps_event_json(&f->ev, dst, n - 1), n);
        memset(dst, '!', sizeof dst);
        assert_int_equal(ps_event_json(&f->ev, dst, n), n);
        assert_memory_equal(dst, rows[i].json, n);
        assert_int_equal(dst[n], '!');
        ps_fault_arm(PS_FAULT_MALLOC, 1, ENOMEM);
        assert_int_equal(ps_event_json(&f->ev, dst, sizeof dst), 0);
        ps_fault_arm(PS_FAULT_MALLOC, 0, 0);
    }
}

#define row_test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        row_test(test_rows),          row_test(test_appends),
        row_test(test_each_field),    row_test(test_all_bytes_and_pairs),
        row_test(test_each_place),    row_test(test_random_bytes),
        row_test(test_long_controls), row_test(test_exact_maximum),
        row_test(test_faults),        row_test(test_string_append),
        row_test(test_added),         row_test(test_public_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
