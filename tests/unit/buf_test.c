/* base/buf.h, base/arena.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/fault.h"
#include "base/util.h"

static void test_appends(void **state)
{
    (void)state;
    struct ps_buf b = {.max = 4096};
    assert_int_equal(ps_buf_append(&b, "ab", 2), 0);
    assert_int_equal(ps_buf_append(&b, NULL, 0), 0);
    assert_int_equal(ps_buf_append_slice(&b, PS_SLICE("-cd-")), 0);
    assert_int_equal(ps_buf_append_str(&b, "ef"), 0);
    assert_int_equal(ps_buf_append_char(&b, ' '), 0);
    assert_int_equal(ps_buf_append_u64(&b, 0), 0);
    assert_int_equal(ps_buf_append_char(&b, ' '), 0);
    assert_int_equal(ps_buf_append_u64(&b, UINT64_MAX), 0);
    assert_int_equal(ps_buf_append_hex(&b, "\x00\x7f\xff", 3), 0);
    assert_int_equal(ps_buf_printf(&b, " %d%s", -5, "!"), 0);
    assert_string_equal(ps_buf_cstr(&b), "ab-cd-ef 0 18446744073709551615007fff -5!");
    assert_int_equal(b.n, strlen("ab-cd-ef 0 18446744073709551615007fff -5!"));

    ps_buf_consume(&b, 9);
    assert_string_equal(ps_buf_cstr(&b), "0 18446744073709551615007fff -5!");
    ps_buf_consume(&b, 1000);
    assert_int_equal(b.n, 0);
    ps_buf_done(&b);
    assert_null(b.p);
    assert_int_equal(b.max, 4096);
    assert_int_equal(ps_buf_append_str(&b, "again"), 0);
    ps_buf_done(&b);
}

/* The content grows over several allocations and stays what it was. */
static void test_growth(void **state)
{
    (void)state;
    struct ps_buf b = {.max = 1 << 20};
    for (int i = 0; i < 100000; i++)
        assert_int_equal(ps_buf_append_char(&b, (char)(i % 251)), 0);
    assert_int_equal(b.n, 100000);
    for (int i = 0; i < 100000; i++)
        if (b.p[i] != (char)(i % 251))
            fail_msg("byte %d", i);
    ps_buf_done(&b);
}

/* Each append that goes past the maximum takes nothing, and the error stays until the buffer is cleared. */
static void test_maximum(void **state)
{
    (void)state;
    struct ps_buf b = {.max = 8};
    assert_int_equal(ps_buf_append(&b, "12345678", 8), 0);
    assert_int_equal(ps_buf_append_char(&b, '9'), -ENOBUFS);
    assert_int_equal(b.n, 8);
    assert_int_equal(ps_buf_append(&b, NULL, 0), -ENOBUFS);
    assert_null(ps_buf_cstr(&b));
    ps_buf_clear(&b);
    assert_int_equal(b.n, 0);
    assert_int_equal(ps_buf_append_str(&b, "123"), 0);
    assert_int_equal(ps_buf_append_str(&b, "456789"), -ENOBUFS);
    assert_int_equal(b.n, 3);
    ps_buf_clear(&b);
    assert_int_equal(ps_buf_append_hex(&b, "12345", 5), -ENOBUFS);
    ps_buf_clear(&b);
    assert_int_equal(ps_buf_printf(&b, "%s", "1234567"), 0); /* with the NUL that printf writes: 8 */
    assert_int_equal(ps_buf_reserve(&b, SIZE_MAX), -ENOBUFS);
    ps_buf_done(&b);
}

/* The Nth allocation fails, N = 1, 2 … until none does: the error is told, the content is a whole number of appends. */
static void test_buf_faults(void **state)
{
    (void)state;
    for (uint64_t nth = 1;; nth++) {
        struct ps_buf b = {.max = 1 << 16};
        ps_fault_arm(PS_FAULT_MALLOC, nth, ENOMEM);
        size_t taken = 0;
        int r = 0;
        for (int i = 0; i < 300; i++) {
            int one = ps_buf_append_str(&b, "0123456789");
            taken += one == 0;
            r = one < 0 ? one : r;
        }
        bool reached = ps_fault_uses(PS_FAULT_MALLOC) >= nth;
        ps_fault_arm(PS_FAULT_MALLOC, 0, 0);
        assert_int_equal(b.n, 10 * taken);
        assert_int_equal(r, reached ? -ENOMEM : 0);
        assert_int_equal(b.error, r);
        ps_buf_done(&b);
        if (!reached) {
            assert_true(nth > 3);
            assert_int_equal(taken, 300);
            break;
        }
    }
}

static void test_arena(void **state)
{
    (void)state;
    struct ps_arena a = {.max = 20000};
    char *pieces[100];
    for (int i = 0; i < 100; i++) {
        pieces[i] = ps_arena_take(&a, 100);
        assert_non_null(pieces[i]);
        memset(pieces[i], i, 100);
    }
    char *large = ps_arena_take(&a, 10000);
    assert_non_null(large);
    memset(large, 'x', 10000);
    for (int i = 0; i < 100; i++) /* pieces never move, nor overlap */
        for (int j = 0; j < 100; j++)
            assert_int_equal(pieces[i][j], i);

    assert_null(ps_arena_take(&a, 1)); /* the maximum is reached exactly */
    assert_int_equal(a.used, 20000);
    ps_arena_clear(&a);
    assert_int_equal(a.used, 0);
    assert_null(ps_arena_take(&a, 20001));
    assert_null(ps_arena_take(&a, SIZE_MAX));
    assert_non_null(ps_arena_take(&a, 20000));
    ps_arena_done(&a);
    assert_non_null(ps_arena_take(&a, 1));
    ps_arena_done(&a);
}

/* After the first event, usual ones cost no allocation. */
static void test_arena_keeps_a_chunk(void **state)
{
    (void)state;
    struct ps_arena a = {.max = 1 << 20};
    assert_non_null(ps_arena_take(&a, 1000));
    ps_fault_arm(PS_FAULT_MALLOC, 0, 0);
    for (int i = 0; i < 100; i++) {
        ps_arena_clear(&a);
        assert_non_null(ps_arena_take(&a, 1000));
    }
    assert_int_equal(ps_fault_uses(PS_FAULT_MALLOC), 0);
    ps_arena_done(&a);
}

static void test_arena_faults(void **state)
{
    (void)state;
    struct ps_arena a = {.max = 1 << 20};
    ps_fault_arm(PS_FAULT_MALLOC, 1, ENOMEM);
    assert_null(ps_arena_take(&a, 10));
    char *first = ps_arena_take(&a, 10);
    assert_non_null(first);
    memset(first, 'a', 10);
    ps_fault_arm(PS_FAULT_MALLOC, 1, ENOMEM);
    assert_null(ps_arena_take(&a, 10000)); /* needs a chunk of its own */
    assert_memory_equal(first, "aaaaaaaaaa", 10);
    assert_int_equal(a.used, 10);
    assert_non_null(ps_arena_take(&a, 10000));
    ps_fault_arm(PS_FAULT_MALLOC, 0, 0);
    ps_arena_done(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_appends),      cmocka_unit_test(test_growth), cmocka_unit_test(test_maximum),
        cmocka_unit_test(test_buf_faults),   cmocka_unit_test(test_arena),  cmocka_unit_test(test_arena_keeps_a_chunk),
        cmocka_unit_test(test_arena_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
