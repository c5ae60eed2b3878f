#include "retry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/util.h"

static void delays_double_up_to_half_a_minute(void **state)
{
    (void)state;
    static const int64_t most_ms[] = {100, 200, 400, 800, 1600, 3200, 6400, 12800, 25600, 30000, 30000, 30000};
    for (uint64_t seed = 1; seed <= 200; seed++) {
        struct ps_retry r = {.random = seed};
        for (size_t i = 0; i < PS_COUNT(most_ms); i++) {
            int64_t delay = ps_retry_delay(&r);
            assert_in_range(delay, most_ms[i] * 500, most_ms[i] * 1000);
        }
    }
}

static void a_success_starts_anew(void **state)
{
    (void)state;
    struct ps_retry r = {.random = 1};
    for (int i = 0; i < 6; i++)
        (void)ps_retry_delay(&r);
    ps_retry_succeeded(&r);
    assert_in_range(ps_retry_delay(&r), 50000, 100000);
}

static void an_endless_row_of_failures_keeps_the_longest(void **state)
{
    (void)state;
    struct ps_retry r = {.failures = UINT32_MAX, .random = 1};
    for (int i = 0; i < 3; i++)
        assert_in_range(ps_retry_delay(&r), 15000000, 30000000);
}

/* The jitter reaches both ends of its range, and two zero-initialised ones don't go in step. */
static void delays_are_spread(void **state)
{
    (void)state;
    enum { DRAWS = 400 };
    int low = 0, high = 0, same = 0;
    struct ps_retry a = {0}, b = {0};
    for (int i = 0; i < DRAWS; i++) {
        ps_retry_succeeded(&a);
        ps_retry_succeeded(&b);
        int64_t delay = ps_retry_delay(&a);
        low += delay < 60000;
        high += delay > 90000;
        same += delay == ps_retry_delay(&b);
    }
    assert_true(low > DRAWS / 20 && high > DRAWS / 20);
    assert_true(same < DRAWS / 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(delays_double_up_to_half_a_minute),
        cmocka_unit_test(a_success_starts_anew),
        cmocka_unit_test(an_endless_row_of_failures_keeps_the_longest),
        cmocka_unit_test(delays_are_spread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
