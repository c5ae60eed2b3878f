/* lib/json_read.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/fault.h"
#include "base/util.h"
#include "lib/json_read.h"
#include "support/guard.h"

PS_CLEANUP_DEFINE(struct ps_json, ps_json_free)

static const struct row {
    struct ps_slice text;
    bool fine;
} rows[] = {
    {PS_SLICE("{}"), true},
    {PS_SLICE(" [ ] \t\r\n"), true},
    {PS_SLICE("null"), true},
    {PS_SLICE("12"), true},
    {PS_SLICE("-0.5e+10"), true},
    {PS_SLICE("\"\""), true},
    {PS_SLICE("{\"a\":1,\"b\":{\"a\":2}}"), true}, /* the same name in another object */
    {PS_SLICE("\"\xC3\xA4 \xF4\x8F\xBF\xBF\""), true},
    {PS_SLICE("\"\\ud83d\\ude00\""), true},
    {PS_SLICE("\"\\\\ud83d\""), true}, /* an escaped backslash, then letters */
    /* not JSON */
    {PS_SLICE(""), false},
    {PS_SLICE(" "), false},
    {PS_SLICE("{"), false},
    {PS_SLICE("[1,"), false},
    {PS_SLICE("[1,]"), false},
    {PS_SLICE("{\"a\":1,}"), false},
    {PS_SLICE("{\"a\"}"), false},
    {PS_SLICE("{a:1}"), false},
    {PS_SLICE("'a'"), false},
    {PS_SLICE("\"a"), false},
    {PS_SLICE("\"a\nb\""), false}, /* a raw control character */
    {PS_SLICE("\"\\x\""), false},
    {PS_SLICE("\"\\u12g4\""), false},
    {PS_SLICE("01"), false},
    {PS_SLICE("1."), false},
    {PS_SLICE(".5"), false},
    {PS_SLICE("+1"), false},
    {PS_SLICE("-"), false},
    {PS_SLICE("1e"), false},
    {PS_SLICE("nul"), false},
    {PS_SLICE("NaN"), false},
    /* something behind the value */
    {PS_SLICE("{}x"), false},
    {PS_SLICE("{} {}"), false},
    {PS_SLICE("1 2"), false},
    {PS_SLICE("{}\0"), false},
    /* comments */
    {PS_SLICE("{} // end"), false},
    {PS_SLICE("[1, /* two */ 2]"), false},
    /* a name twice, also where one is escaped */
    {PS_SLICE("{\"a\":1,\"b\":2,\"a\":3}"), false},
    {PS_SLICE("{\"a\":1,\"\\u0061\":3}"), false},
    {PS_SLICE("{\"a\\u0000b\":1}"), false}, /* no C string */
    /* not UTF-8 */
    {PS_SLICE("\"\xFF\""), false},
    {PS_SLICE("\"\xC3\""), false},
    {PS_SLICE("\"\xC0\xAF\""), false},
    {PS_SLICE("\"\xED\xA0\x80\""), false},
    {PS_SLICE("\"\xF4\x90\x80\x80\""), false},
    {PS_SLICE("{\"\xFF\":1}"), false},
    {PS_SLICE("\xEF\xBB\xBF{}"), false}, /* a byte order mark */
    /* lone surrogates */
    {PS_SLICE("\"\\ud800\""), false},
    {PS_SLICE("\"\\ud800x\""), false},
    {PS_SLICE("\"\\ud800\\u0041\""), false},
    {PS_SLICE("\"\\uDC00\""), false},
    {PS_SLICE("\"\\ud83d\\ude00\\ude00\""), false},
};

static void test_strictness(void **state)
{
    (void)state;
    struct guard g;
    guard_open(&g, 128);
    for (size_t i = 0; i < PS_COUNT(rows); i++) {
        _cleanup_(ps_json_freep) struct ps_json *root = NULL;
        int r = ps_json_parse(guard_copy(&g, rows[i].text), &root);
        if (r != (rows[i].fine ? 0 : -EINVAL) || (root != NULL) != rows[i].fine)
            fail_msg("row %zu, %.*s: %d", i, (int)rows[i].text.n, rows[i].text.p, r);
    }
    guard_close(&g);
}

static void nested_make(struct ps_buf *b, size_t depth)
{
    for (size_t i = 0; i < depth; i++)
        (void)ps_buf_append_str(b, i % 2 ? "{\"a\":" : "[");
    (void)ps_buf_append_char(b, '1');
    for (size_t i = depth; i-- > 0;)
        (void)ps_buf_append_char(b, i % 2 ? '}' : ']');
}

static void test_depth(void **state)
{
    (void)state;
    for (size_t depth = 62; depth < 68; depth++) {
        _cleanup_(ps_buf_done) struct ps_buf b = {.max = 4096};
        _cleanup_(ps_json_freep) struct ps_json *root = NULL;
        nested_make(&b, depth);
        assert_int_equal(ps_json_parse(ps_buf_slice(&b), &root), depth <= 64 ? 0 : -EINVAL);
    }
    _cleanup_(ps_buf_done) struct ps_buf deep = {.max = 4 << 20};
    struct ps_json *root = NULL;
    nested_make(&deep, 500000);
    assert_int_equal(ps_json_parse(ps_buf_slice(&deep), &root), -EINVAL);
}

static const char document[] =
    "{\"s\":\"a\\u0000\\ud83d\\ude00\\n\",\"i\":-12,\"f\":1.50,\"t\":true,\"n\":null,\"list\":[1,[],{\"x\":false}],"
    "\"max\":9223372036854775807,\"over\":9223372036854775808,\"empty\":\"\"}";

static void test_access(void **state)
{
    (void)state;
    _cleanup_(ps_json_freep) struct ps_json *root = NULL;
    assert_int_equal(ps_json_parse(ps_slice_from_str(document), &root), 0);
    assert_int_equal(ps_json_length(root), 9);
    assert_string_equal(ps_json_name(root, 0), "s");
    assert_string_equal(ps_json_name(root, 8), "empty");
    assert_null(ps_json_name(root, 9));
    assert_null(ps_json_value(root, 9));
    assert_ptr_equal(ps_json_value(root, 1), ps_json_member(root, "i"));

    struct ps_slice text;
    assert_true(ps_json_string(ps_json_member(root, "s"), &text));
    assert_true(ps_slice_equal(text, PS_SLICE("a\0\xF0\x9F\x98\x80\n")));
    assert_true(ps_json_string(ps_json_member(root, "empty"), &text));
    assert_int_equal(text.n, 0);
    int64_t number = 7;
    assert_true(ps_json_i64(ps_json_member(root, "i"), &number));
    assert_int_equal(number, -12);
    assert_true(ps_json_i64(ps_json_member(root, "max"), &number));
    assert_true(number == INT64_MAX);
    assert_false(ps_json_i64(ps_json_member(root, "over"), &number));
    assert_false(ps_json_i64(ps_json_member(root, "f"), &number));
    assert_true(ps_json_number_text(ps_json_member(root, "f"), &text));
    assert_true(ps_slice_equal(text, PS_SLICE("1.50")));
    bool truth = false;
    assert_true(ps_json_bool(ps_json_member(root, "t"), &truth));
    assert_true(truth);

    const struct ps_json *list = ps_json_member(root, "list");
    assert_int_equal(ps_json_length(list), 3);
    assert_true(ps_json_bool(ps_json_member(ps_json_element(list, 2), "x"), &truth));
    assert_false(truth);
    assert_null(ps_json_element(list, 3));
    assert_int_equal(ps_json_length(ps_json_element(list, 1)), 0);
}

/* What isn't there, or is of another type, gives NULL or false and changes nothing. */
static void test_absent(void **state)
{
    (void)state;
    _cleanup_(ps_json_freep) struct ps_json *root = NULL;
    assert_int_equal(ps_json_parse(ps_slice_from_str(document), &root), 0);
    struct ps_slice text = PS_SLICE("kept");
    int64_t number = 7;
    bool truth = true;
    const struct ps_json *string = ps_json_member(root, "s");
    const struct ps_json *others[] = {NULL,
                                      root,
                                      ps_json_member(root, "nothing"),
                                      ps_json_member(root, "n"),
                                      ps_json_member(string, "s"),
                                      ps_json_element(root, 0)};
    for (size_t i = 0; i < PS_COUNT(others); i++) {
        assert_false(ps_json_string(others[i], &text));
        assert_false(ps_json_number_text(others[i], &text));
        assert_false(ps_json_i64(others[i], &number));
        assert_false(ps_json_bool(others[i], &truth));
        assert_null(ps_json_element(others[i], 0));
    }
    assert_true(ps_slice_equal(text, PS_SLICE("kept")));
    assert_int_equal(number, 7);
    assert_true(truth);
    assert_int_equal(ps_json_length(NULL), 0);
    assert_int_equal(ps_json_length(string), 0);
    assert_null(ps_json_free(NULL));
}

static void test_faults(void **state)
{
    (void)state;
    uint64_t nth = 0;
    for (bool reached = true; reached;) {
        struct ps_json *root = NULL;
        ps_fault_arm(PS_FAULT_MALLOC, ++nth, ENOMEM);
        int r = ps_json_parse(ps_slice_from_str(document), &root);
        reached = ps_fault_uses(PS_FAULT_MALLOC) >= nth;
        ps_fault_arm(PS_FAULT_MALLOC, 0, 0);
        assert_int_equal(r, reached ? -ENOMEM : 0);
        assert_true((root == NULL) == reached);
        root = ps_json_free(root);
    }
    assert_true(nth > 20); /* 13 values and 10 names */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_strictness), cmocka_unit_test(test_depth),  cmocka_unit_test(test_access),
        cmocka_unit_test(test_absent),     cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
