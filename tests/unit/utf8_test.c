/* base/utf8.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/utf8.h"
#include "base/util.h"
#include "support/guard.h"

/* Of the bytes at the start: `good` is the length of a valid sequence; else `bad` bytes are one U+FFFD. */
static const struct row {
    struct ps_slice bytes;
    size_t good, bad;
} rows[] = {
    {PS_SLICE("a"), 1, 0},
    {PS_SLICE("\0"), 1, 0},
    {PS_SLICE("\x7F"), 1, 0},
    {PS_SLICE("\xC2\x80"), 2, 0},
    {PS_SLICE("\xDF\xBF"), 2, 0},
    {PS_SLICE("\xE0\xA0\x80"), 3, 0},
    {PS_SLICE("\xED\x9F\xBF"), 3, 0}, /* U+D7FF */
    {PS_SLICE("\xEE\x80\x80"), 3, 0}, /* U+E000 */
    {PS_SLICE("\xEF\xBF\xBF"), 3, 0},
    {PS_SLICE("\xF0\x90\x80\x80"), 4, 0},
    {PS_SLICE("\xF4\x8F\xBF\xBF"), 4, 0}, /* U+10FFFF */
    {PS_SLICE("\xC3\xA4z"), 2, 0},
    /* no first bytes */
    {PS_SLICE("\x80"), 0, 1},
    {PS_SLICE("\xBF\xBF"), 0, 1},
    {PS_SLICE("\xC0\x80"), 0, 1},
    {PS_SLICE("\xC1\xBF"), 0, 1},
    {PS_SLICE("\xF5\x80\x80\x80"), 0, 1},
    {PS_SLICE("\xFF"), 0, 1},
    /* a second byte that can't follow */
    {PS_SLICE("\xC3\x28"), 0, 1},
    {PS_SLICE("\xE0\x9F\xBF"), 0, 1},     /* overlong */
    {PS_SLICE("\xED\xA0\x80"), 0, 1},     /* a surrogate */
    {PS_SLICE("\xF0\x8F\xBF\xBF"), 0, 1}, /* overlong */
    {PS_SLICE("\xF4\x90\x80\x80"), 0, 1}, /* above U+10FFFF */
    /* cut short */
    {PS_SLICE("\xC3"), 0, 1},
    {PS_SLICE("\xE2\x82"), 0, 2},
    {PS_SLICE("\xE2\x82z"), 0, 2},
    {PS_SLICE("\xF0\x9F\x98"), 0, 3},
    {PS_SLICE("\xF0\x9F\x98\xC3"), 0, 3},
    {PS_SLICE("\xF0\x9Fz"), 0, 2},
};

static void test_sequences(void **state)
{
    (void)state;
    struct guard g;
    guard_open(&g, 64);
    for (size_t i = 0; i < PS_COUNT(rows); i++) {
        struct ps_slice s = guard_copy(&g, rows[i].bytes);
        if (ps_utf8_sequence(s) != rows[i].good || (!rows[i].good && ps_utf8_bad(s) != rows[i].bad))
            fail_msg("row %zu: sequence %zu, bad %zu", i, ps_utf8_sequence(s), ps_utf8_bad(s));
    }
    guard_close(&g);
}

/* Each row's bytes between 0..16 and 0 or 8 ASCII bytes, where no step of eight may hide them. */
static void test_valid(void **state)
{
    (void)state;
    struct guard g;
    guard_open(&g, 64);
    assert_true(ps_utf8_valid((struct ps_slice){0}));
    for (size_t i = 0; i < PS_COUNT(rows); i++)
        for (size_t before = 0; before <= 16; before++)
            for (size_t behind = 0; behind <= 8; behind += 8) {
                char text[32];
                memset(text, 'x', sizeof text);
                memcpy(text + before, rows[i].bytes.p, rows[i].bytes.n);
                struct ps_slice s = guard_copy(&g, ps_slice_make(text, before + rows[i].bytes.n + behind));
                if (ps_utf8_valid(s) != (rows[i].good > 0))
                    fail_msg("row %zu behind %zu, before %zu", i, before, behind);
            }
    guard_close(&g);
}

/* Every code point but the surrogates, encoded by the rule of RFC 3629, and nothing else among all of its length. */
static void test_all_code_points(void **state)
{
    (void)state;
    size_t valid = 0;
    for (uint32_t bytes = 0; bytes < 1 << 24; bytes++) {
        char text[3] = {(char)(bytes >> 16), (char)(bytes >> 8), (char)bytes};
        valid += ps_utf8_sequence(ps_slice_make(text, 3)) == 3;
    }
    assert_int_equal(valid, 0x10000 - 0x800 - 0x800); /* U+0800..U+FFFF without the surrogates */
    for (uint32_t c = 0x10000; c <= 0x10FFFF; c++) {
        char text[4] = {(char)(0xF0 | c >> 18), (char)(0x80 | (c >> 12 & 0x3F)), (char)(0x80 | (c >> 6 & 0x3F)),
                        (char)(0x80 | (c & 0x3F))};
        assert_int_equal(ps_utf8_sequence(ps_slice_make(text, 4)), 4);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sequences),
        cmocka_unit_test(test_valid),
        cmocka_unit_test(test_all_code_points),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
