#include "metrics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/util.h"

static void the_line_says_whether_it_adds_up(void **state)
{
    (void)state;
    static const struct {
        uint64_t read, delivered, filtered, dead, in_flight, gaps, gap_bytes;
        const char *text;
        bool adds_up;
    } rows[] = {
        {0, 0, 0, 0, 0, 0, 0,
         "read 0, delivered 0, filtered 0, dead-lettered 0, in flight 0, adds up; gaps 0 (0 bytes)", true},
        {12, 10, 0, 0, 2, 0, 0,
         "read 12, delivered 10, filtered 0, dead-lettered 0, in flight 2, adds up; gaps 0 (0 bytes)", true},
        {10, 4, 3, 2, 1, 5, 600,
         "read 10, delivered 4, filtered 3, dead-lettered 2, in flight 1, adds up; gaps 5 (600 bytes)", true},
        {11, 4, 3, 2, 1, 0, 0,
         "read 11, delivered 4, filtered 3, dead-lettered 2, in flight 1, DOES NOT ADD UP; gaps 0 (0 bytes)", false},
        {9, 4, 3, 2, 1, 1, 0,
         "read 9, delivered 4, filtered 3, dead-lettered 2, in flight 1, DOES NOT ADD UP; gaps 1 (0 bytes)", false},
    };
    for (size_t i = 0; i < PS_COUNT(rows); i++) {
        struct ps_metrics m = {0};
        char text[256];
        ps_metrics_begin(&m);
        ps_metric_add(&m.read, rows[i].read);
        ps_metric_add(&m.delivered, rows[i].delivered);
        ps_metric_add(&m.filtered, rows[i].filtered);
        ps_metric_add(&m.dead, rows[i].dead);
        ps_metric_add(&m.in_flight, rows[i].in_flight + 3);
        ps_metric_subtract(&m.in_flight, 3);
        ps_metric_add(&m.gaps, rows[i].gaps);
        ps_metric_add(&m.gap_bytes, rows[i].gap_bytes);
        ps_metrics_end(&m);
        assert_int_equal(ps_metrics_format(&m, text, sizeof text), rows[i].adds_up);
        assert_string_equal(text, rows[i].text);
    }
}

static void a_change_is_seen_by_its_generation(void **state)
{
    (void)state;
    struct ps_metrics m = {0};
    struct ps_metrics_view before, after;
    ps_metrics_look(&m, &before);
    ps_metrics_look(&m, &after);
    assert_int_equal(before.generation, after.generation);
    ps_metrics_begin(&m);
    ps_metric_add(&m.rewinds, 1);
    ps_metrics_end(&m);
    ps_metrics_look(&m, &after);
    assert_int_not_equal(before.generation, after.generation);
    assert_int_equal(after.rewinds, 1);
}

static void kinds_are_told_most_frequent_first(void **state)
{
    (void)state;
    uint64_t kinds[PS_KIND_COUNT] = {0};
    kinds[PS_K_CONNECT] = 7;
    kinds[PS_K_DELIVERY] = 1234;
    kinds[PS_K_ACCEPTED] = 7;
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    assert_non_null(out);
    ps_metrics_kinds_print(kinds, out);
    assert_int_equal(fclose(out), 0);
    assert_string_equal(text, "        1234 delivery\n           7 accepted\n           7 connect\n");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_line_says_whether_it_adds_up),
        cmocka_unit_test(a_change_is_seen_by_its_generation),
        cmocka_unit_test(kinds_are_told_most_frequent_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
