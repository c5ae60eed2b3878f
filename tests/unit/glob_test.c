/* base/glob.h */
#include "base/glob.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/util.h"
#include "support/guard.h"

static const struct {
    struct ps_slice pattern, text;
    bool matches;
} rows[] = {
    /* no wildcard: equal, and nothing else */
    {PS_SLICE(""), PS_SLICE(""), true},
    {PS_SLICE(""), PS_SLICE("a"), false},
    {PS_SLICE("a"), PS_SLICE(""), false},
    {PS_SLICE("sent"), PS_SLICE("sent"), true},
    {PS_SLICE("sent"), PS_SLICE("sen"), false},
    {PS_SLICE("sent"), PS_SLICE("sent "), false},
    {PS_SLICE("sent"), PS_SLICE("Sent"), false},
    {PS_SLICE("[ab]"), PS_SLICE("a"), false},
    {PS_SLICE("[ab]"), PS_SLICE("[ab]"), true},
    {PS_SLICE("\\*"), PS_SLICE("*"), false}, /* nothing is quoted */
    {PS_SLICE("\\*"), PS_SLICE("\\x"), true},
    {PS_SLICE("a"), PS_SLICE("a\0"), false},

    {PS_SLICE("*"), PS_SLICE(""), true},
    {PS_SLICE("*"), PS_SLICE("/a\0b"), true},
    {PS_SLICE("**"), PS_SLICE(""), true},
    {PS_SLICE("a*"), PS_SLICE("a"), true},
    {PS_SLICE("a*"), PS_SLICE("ba"), false},
    {PS_SLICE("*a"), PS_SLICE("aaab"), false},
    {PS_SLICE("*a"), PS_SLICE("aabaa"), true},
    {PS_SLICE("*ab*"), PS_SLICE("aab"), true},
    {PS_SLICE("*ab*"), PS_SLICE("aacb"), false},
    {PS_SLICE("a*b*c"), PS_SLICE("abbcbc"), true},
    {PS_SLICE("a*b*c"), PS_SLICE("abbcb"), false},
    {PS_SLICE("a*a"), PS_SLICE("a"), false},
    {PS_SLICE("*.example.org"), PS_SLICE("mx.example.org"), true},
    {PS_SLICE("*.example.org"), PS_SLICE("example.org"), false},

    {PS_SLICE("?"), PS_SLICE(""), false},
    {PS_SLICE("?"), PS_SLICE("a"), true},
    {PS_SLICE("?"), PS_SLICE("\0"), true},
    {PS_SLICE("?"), PS_SLICE("ab"), false},
    {PS_SLICE("4.?.?"), PS_SLICE("4.4.1"), true},
    {PS_SLICE("4.?.?"), PS_SLICE("4.4.10"), false},
    {PS_SLICE("?*?"), PS_SLICE("a"), false},
    {PS_SLICE("?*?"), PS_SLICE("ab"), true},
    {PS_SLICE("*?b"), PS_SLICE("bb"), true},
    {PS_SLICE("*?b"), PS_SLICE("b"), false},

    /* one character of several bytes */
    {PS_SLICE("b?cher"), PS_SLICE("b\303\274cher"), true},
    {PS_SLICE("b??cher"), PS_SLICE("b\303\274cher"), false},
    {PS_SLICE("*??"), PS_SLICE("\346\227\245"), false},
    {PS_SLICE("*??"), PS_SLICE("\346\227\245\346\234\254"), true},
    {PS_SLICE("b\303\274*"), PS_SLICE("b\303\274cher"), true},
    {PS_SLICE("?x"), PS_SLICE("\377x"), true},
    {PS_SLICE("??x"), PS_SLICE("\377x"), false},
    {PS_SLICE("??x"), PS_SLICE("\377\377x"), true},
    {PS_SLICE("a?"), PS_SLICE("a\346\227"), true}, /* cut off: one U+FFFD */
};

static void patterns_fit_whole_texts(void **state)
{
    (void)state;
    struct guard patterns, texts;
    guard_open(&patterns, 64);
    guard_open(&texts, 64);
    for (size_t i = 0; i < PS_COUNT(rows); i++) {
        bool matches = ps_glob_matches(guard_copy(&patterns, rows[i].pattern), guard_copy(&texts, rows[i].text));
        if (matches != rows[i].matches)
            fail_msg("row %zu: '%s', '%s'", i, rows[i].pattern.p, rows[i].text.p);
    }
    guard_close(&patterns);
    guard_close(&texts);
}

static void wildcards_are_seen(void **state)
{
    (void)state;
    assert_false(ps_glob_has_wildcards(PS_SLICE("")));
    assert_false(ps_glob_has_wildcards((struct ps_slice){0}));
    assert_false(ps_glob_has_wildcards(PS_SLICE("a[b]\\")));
    assert_true(ps_glob_has_wildcards(PS_SLICE("a*")));
    assert_true(ps_glob_has_wildcards(PS_SLICE("?")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patterns_fit_whole_texts),
        cmocka_unit_test(wildcards_are_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
