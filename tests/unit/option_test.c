#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/fault.h"
#include "base/ip.h"
#include "base/option.h"
#include "base/suggest.h"
#include "base/util.h"

static const char *const colours[] = {"red", "green", NULL};

struct values {
    char *string;
    bool flag;
    int64_t number;
    int colour;
    struct ps_strings strings;
    struct ps_pairs pairs;
    struct ps_networks networks;
    struct ps_conditions conditions;
};

#define NUMBER offsetof(struct values, number)
#define S      INT64_C(1000000)

static const struct ps_option row_string = {
    .name = "r", .type = PS_OPTION_STRING, .offset = offsetof(struct values, string), .standard = "x"};
static const struct ps_option row_bool = {.name = "r", .type = PS_OPTION_BOOL, .offset = offsetof(struct values, flag)};
static const struct ps_option row_enum = {
    .name = "r", .type = PS_OPTION_ENUM, .offset = offsetof(struct values, colour), .choices = colours};
static const struct ps_option row_int = {.name = "r", .type = PS_OPTION_INT, .offset = NUMBER, .min = -5, .max = 10};
static const struct ps_option row_int_open = {.name = "r", .type = PS_OPTION_INT, .offset = NUMBER, .min = 1};
static const struct ps_option row_size = {
    .name = "r", .type = PS_OPTION_SIZE, .offset = NUMBER, .min = 4 << 20, .max = 1 << 30};
static const struct ps_option row_size_open = {.name = "r", .type = PS_OPTION_SIZE, .offset = NUMBER};
static const struct ps_option row_size_most = {
    .name = "r", .type = PS_OPTION_SIZE, .offset = NUMBER, .min = 1, .max = INT64_MAX};
static const struct ps_option row_duration = {.name = "r", .type = PS_OPTION_DURATION, .offset = NUMBER, .min = S};
static const struct ps_option row_duration_both = {
    .name = "r", .type = PS_OPTION_DURATION, .offset = NUMBER, .min = 0, .max = 90 * S};
static const struct ps_option row_strings = {
    .name = "r", .type = PS_OPTION_STRING_LIST, .offset = offsetof(struct values, strings)};
static const struct ps_option row_pairs = {
    .name = "r", .type = PS_OPTION_STRING_MAP, .offset = offsetof(struct values, pairs)};
static const struct ps_option row_networks = {
    .name = "r", .type = PS_OPTION_NETWORK_LIST, .offset = offsetof(struct values, networks)};
static const struct ps_option row_conditions = {
    .name = "r", .type = PS_OPTION_CONDITIONS, .offset = offsetof(struct values, conditions)};

#define INT_WORDS     "a whole number, from -5 to 10"
#define SIZE_WORDS    "a size such as 16MiB, from 4MiB to 1GiB"
#define NETWORK_WORDS "a network such as 192.0.2.0/24 or 2001:db8::/32, with all host bits zero"

/* Numbers: the text, then the value, or the words that say what was expected. */
static const struct {
    const struct ps_option *row;
    const char *text;
    int64_t value;
    const char *words; /* NULL: the text is good */
} number_rows[] = {
    {&row_int, "10", 10, NULL},
    {&row_int, "-5", -5, NULL},
    {&row_int, "007", 7, NULL},
    {&row_int, "11", 0, INT_WORDS},
    {&row_int, "-6", 0, INT_WORDS},
    {&row_int, "", 0, INT_WORDS},
    {&row_int, "-", 0, INT_WORDS},
    {&row_int, "+1", 0, INT_WORDS},
    {&row_int, "1.0", 0, INT_WORDS},
    {&row_int, "1 ", 0, INT_WORDS},
    {&row_int, " 1", 0, INT_WORDS},
    {&row_int, "0x1", 0, INT_WORDS},
    {&row_int, "18446744073709551617", 0, INT_WORDS}, /* 2^64 + 1 */
    {&row_int_open, "9223372036854775807", INT64_MAX, NULL},
    {&row_int_open, "9223372036854775808", 0, "a whole number, at least 1"},
    {&row_int_open, "0", 0, "a whole number, at least 1"},

    {&row_size, "16MiB", 16 << 20, NULL},
    {&row_size, "4MiB", 4 << 20, NULL},
    {&row_size, "1GiB", 1 << 30, NULL},
    {&row_size, "5 MB", 5000000, NULL},
    {&row_size, "8192KiB", 8 << 20, NULL},
    {&row_size, "5000kB", 5000000, NULL},
    {&row_size, "4194304", 4194304, NULL},
    {&row_size, "4194303", 0, SIZE_WORDS},
    {&row_size, "1073741825", 0, SIZE_WORDS},
    {&row_size, "16M", 0, SIZE_WORDS},
    {&row_size, "16mib", 0, SIZE_WORDS},
    {&row_size, "16  MiB", 0, SIZE_WORDS},
    {&row_size, "16 ", 0, SIZE_WORDS},
    {&row_size, "MiB", 0, SIZE_WORDS},
    {&row_size, "-16MiB", 0, SIZE_WORDS},
    {&row_size, "1.5GiB", 0, SIZE_WORDS},
    {&row_size_open, "0", 0, NULL},
    {&row_size_open, "3GB", 3000000000, NULL},
    {&row_size_open, "8589934591GiB", 8589934591 << 30, NULL},
    {&row_size_open, "8589934592GiB", 0, "a size such as 16MiB"}, /* 2^63 */
    {&row_size_most, "0", 0, "a size such as 16MiB, at least 1"},

    {&row_duration, "30s", 30 * S, NULL},
    {&row_duration, "5m", 300 * S, NULL},
    {&row_duration, "2h", 7200 * S, NULL},
    {&row_duration, "28d", 28 * 86400 * S, NULL},
    {&row_duration, "1000ms", S, NULL},
    {&row_duration, "1000000us", S, NULL},
    {&row_duration, "2 h", 7200 * S, NULL},
    {&row_duration, "999ms", 0, "a duration such as 30s, 5m or 2h, at least 1s"},
    {&row_duration, "30", 0, "a duration such as 30s, 5m or 2h, at least 1s"},
    {&row_duration, "1h30m", 0, "a duration such as 30s, 5m or 2h, at least 1s"},
    {&row_duration, "30S", 0, "a duration such as 30s, 5m or 2h, at least 1s"},
    {&row_duration, "106751991168d", 0, "a duration such as 30s, 5m or 2h, at least 1s"}, /* over 2^63 us */
    {&row_duration_both, "0s", 0, NULL},
    {&row_duration_both, "90s", 90 * S, NULL},
    {&row_duration_both, "2m", 0, "a duration such as 30s, 5m or 2h, from 0s to 90s"},
};

static void numbers_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < PS_COUNT(number_rows); i++) {
        struct values v = {.number = 4242};
        char words[256] = "";
        int r = ps_option_scalar_set(number_rows[i].row, &v, NULL, number_rows[i].text, words, sizeof words);
        print_message("%s\n", number_rows[i].text);
        assert_int_equal(r, number_rows[i].words ? -EINVAL : 0);
        assert_string_equal(words, number_rows[i].words ? number_rows[i].words : "");
        assert_int_equal(v.number, number_rows[i].words ? 4242 : number_rows[i].value);
    }
}

/* The other scalars. */
static const struct {
    const struct ps_option *row;
    const char *text;
    const char *words;
} text_rows[] = {
    {&row_string, "x", NULL},
    {&row_string, "", "a text"},
    {&row_bool, "true", NULL},
    {&row_bool, "false", NULL},
    {&row_bool, "yes", "true or false"},
    {&row_bool, "", "true or false"},
    {&row_enum, "green", NULL},
    {&row_enum, "Green", "one of red, green"},
    {&row_enum, "gree", "one of red, green"},
    {&row_strings, "a", NULL},
    {&row_strings, "", "a text"},
    {&row_networks, "192.0.2.0/24", NULL},
    {&row_networks, "2001:db8::/32", NULL},
    {&row_networks, "192.0.2.1", NULL},
    {&row_networks, "192.0.2.1/24", NETWORK_WORDS},
    {&row_networks, "192.0.2.0/33", NETWORK_WORDS},
    {&row_networks, "mx.example.org", NETWORK_WORDS},
};

static void texts_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < PS_COUNT(text_rows); i++) {
        struct values v = {0};
        char words[256] = "";
        int r = ps_option_scalar_set(text_rows[i].row, &v, NULL, text_rows[i].text, words, sizeof words);
        print_message("%s\n", text_rows[i].text);
        assert_int_equal(r, text_rows[i].words ? -EINVAL : 0);
        assert_string_equal(words, text_rows[i].words ? text_rows[i].words : "");
        ps_option_value_clear(text_rows[i].row, &v);
    }
}

static void members_hold_what_was_read(void **state)
{
    (void)state;
    struct values v = {0};
    char words[256];
    assert_int_equal(ps_option_scalar_set(&row_string, &v, NULL, "one", words, sizeof words), 0);
    assert_int_equal(ps_option_scalar_set(&row_string, &v, NULL, "two", words, sizeof words), 0);
    assert_string_equal(v.string, "two");
    assert_int_equal(ps_option_scalar_set(&row_string, &v, NULL, "", words, sizeof words), -EINVAL);
    assert_string_equal(v.string, "two");

    assert_int_equal(ps_option_scalar_set(&row_bool, &v, NULL, "true", words, sizeof words), 0);
    assert_true(v.flag);
    assert_int_equal(ps_option_scalar_set(&row_enum, &v, NULL, "green", words, sizeof words), 0);
    assert_int_equal(v.colour, 1);

    assert_int_equal(ps_option_scalar_set(&row_strings, &v, NULL, "a", words, sizeof words), 0);
    assert_int_equal(ps_option_scalar_set(&row_strings, &v, NULL, "a", words, sizeof words), 0);
    assert_int_equal(v.strings.n, 2);
    assert_string_equal(v.strings.v[1], "a");

    assert_int_equal(ps_option_scalar_set(&row_pairs, &v, "k", "1", words, sizeof words), 0);
    assert_int_equal(ps_option_scalar_set(&row_pairs, &v, "l", "", words, sizeof words), 0);
    assert_int_equal(ps_option_scalar_set(&row_pairs, &v, "k", "2", words, sizeof words), -EINVAL);
    assert_string_equal(words, "each name once");
    assert_int_equal(v.pairs.n, 2);
    assert_string_equal(v.pairs.v[0].key, "k");
    assert_string_equal(v.pairs.v[0].value, "1");
    assert_string_equal(v.pairs.v[1].value, "");

    assert_int_equal(ps_option_scalar_set(&row_networks, &v, NULL, "198.51.100.0/24", words, sizeof words), 0);
    assert_int_equal(v.networks.n, 1);
    assert_int_equal(v.networks.v[0].prefix, 24);

    assert_int_equal(ps_option_scalar_set(&row_conditions, &v, "status", "sent", words, sizeof words), -EINVAL);
    assert_int_equal(ps_option_set_begin(&row_conditions, &v), 0);
    assert_int_equal(ps_option_scalar_set(&row_conditions, &v, NULL, "sent", words, sizeof words), -EINVAL);
    assert_int_equal(ps_option_scalar_set(&row_conditions, &v, "status", "sent", words, sizeof words), 0);
    assert_int_equal(ps_option_scalar_set(&row_conditions, &v, "from", "", words, sizeof words), 0);
    assert_int_equal(ps_option_scalar_set(&row_conditions, &v, "status", "bounced", words, sizeof words), 0);
    assert_int_equal(ps_option_set_begin(&row_conditions, &v), 0);
    assert_int_equal(ps_option_scalar_set(&row_conditions, &v, "status", "deferred", words, sizeof words), 0);
    assert_int_equal(v.conditions.n, 2);
    assert_int_equal(v.conditions.v[0].n, 2);
    assert_string_equal(v.conditions.v[0].v[0].name, "status");
    assert_int_equal(v.conditions.v[0].v[0].values.n, 2);
    assert_string_equal(v.conditions.v[0].v[0].values.v[1], "bounced");
    assert_string_equal(v.conditions.v[0].v[1].name, "from");
    assert_string_equal(v.conditions.v[0].v[1].values.v[0], "");
    assert_int_equal(v.conditions.v[1].n, 1);
    assert_string_equal(v.conditions.v[1].v[0].values.v[0], "deferred");

    const struct ps_option rows[] = {row_string, row_bool,     row_enum,      row_strings,
                                     row_pairs,  row_networks, row_conditions};
    const struct ps_option_table table = {rows, PS_COUNT(rows), sizeof v, NULL};
    ps_option_values_done(&table, &v);
    const struct values zero = {0};
    assert_memory_equal(&v, &zero, sizeof v);
    ps_option_values_done(&table, NULL);
}

static void words_of_whole_values(void **state)
{
    (void)state;
    static const struct {
        const struct ps_option *row;
        const char *words;
    } rows[] = {
        {&row_strings, "a text or a list of texts"},
        {&row_pairs, "a mapping of names to texts"},
        {&row_networks, "a list of networks such as 192.0.2.0/24 or 2001:db8::/32"},
        {&row_conditions, "a list of conditions such as {event: delivery, status: [deferred, bounced]}"},
        {&row_size, SIZE_WORDS},
        {&row_string, "a text"},
    };
    for (size_t i = 0; i < PS_COUNT(rows); i++) {
        char words[256];
        ps_option_expect(rows[i].row, words, sizeof words);
        assert_string_equal(words, rows[i].words);
    }
    /* a short buffer cuts */
    char cut[8];
    ps_option_expect(&row_enum, cut, sizeof cut);
    assert_string_equal(cut, "one of ");
}

static void defaults_are_filled_in(void **state)
{
    (void)state;
    const struct ps_option rows[] = {
        {.name = "a", .type = PS_OPTION_STRING, .offset = offsetof(struct values, string), .standard = "text"},
        {.name = "b", .type = PS_OPTION_SIZE, .offset = NUMBER, .standard = "16MiB"},
        {.name = "c",
         .type = PS_OPTION_ENUM,
         .offset = offsetof(struct values, colour),
         .standard = "green",
         .choices = colours},
        {.name = "d", .type = PS_OPTION_STRING_LIST, .offset = offsetof(struct values, strings)},
    };
    const struct ps_option_table table = {rows, PS_COUNT(rows), sizeof(struct values), NULL};
    struct values v = {0};
    assert_int_equal(ps_option_defaults_set(&table, &v), 0);
    assert_string_equal(v.string, "text");
    assert_int_equal(v.number, 16 << 20);
    assert_int_equal(v.colour, 1);
    assert_int_equal(v.strings.n, 0);
    ps_option_values_done(&table, &v);
}

/* Each allocation fails once; the member is as before, and nothing leaks (ASan, valgrind). */
static void no_memory(void **state)
{
    (void)state;
    const struct ps_option *rows[] = {&row_string, &row_strings, &row_pairs, &row_networks, &row_conditions};
    for (size_t i = 0; i < PS_COUNT(rows); i++) {
        struct values v = {0};
        char words[256];
        if (rows[i]->type == PS_OPTION_CONDITIONS)
            assert_int_equal(ps_option_set_begin(rows[i], &v), 0);
        assert_int_equal(ps_option_scalar_set(rows[i], &v, "k", "192.0.2.1", words, sizeof words), 0);
        uint64_t points = 0;
        for (int r = -ENOMEM; r < 0; points++) {
            struct values before = v;
            ps_fault_arm(PS_FAULT_MALLOC, points + 1, ENOMEM);
            r = ps_option_scalar_set(rows[i], &v, "l", "192.0.2.2", words, sizeof words);
            assert_true(r == 0 || r == -ENOMEM);
            if (r < 0) { /* the arrays may have moved, their length has not changed */
                assert_ptr_equal(v.string, before.string);
                assert_int_equal(v.strings.n, before.strings.n);
                assert_int_equal(v.pairs.n, before.pairs.n);
                assert_int_equal(v.networks.n, before.networks.n);
                assert_int_equal(v.conditions.n ? v.conditions.v[0].n : 0, v.conditions.n);
            }
        }
        ps_fault_arm(PS_FAULT_MALLOC, 0, 0);
        assert_true(points >= 2);
        ps_option_value_clear(rows[i], &v);
    }
}

static void the_nearest_word_is_suggested(void **state)
{
    (void)state;
    static const struct {
        const char *word, *best;
    } rows[] = {
        {"outputz", "outputs"},
        {"input", "inputs"},
        {"ouptuts", "outputs"},
        {"pipeline", "pipelines"},
        {"window-bytes", "window_bytes"},
        {"host", NULL},
        {"", NULL},
        {"zzzzzzz", NULL},
        {"wnidow", "window"},
        {"windwo", "window"},
        {"ipnust", "inputs"},
        {"WINDOW", NULL}, /* all six letters differ */
        {"a_word_that_is_longer_than_any_word_which_the_function_wants_to_look_at", NULL},
    };
    static const char *const words[] = {"inputs", "outputs", "pipelines", "window", "window_bytes"};
    for (size_t i = 0; i < PS_COUNT(rows); i++) {
        struct ps_suggest s = {.word = rows[i].word};
        for (size_t j = 0; j < PS_COUNT(words); j++)
            ps_suggest_offer(&s, words[j]);
        print_message("%s\n", rows[i].word);
        if (rows[i].best)
            assert_string_equal(s.best, rows[i].best);
        else
            assert_null(s.best);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_read),
        cmocka_unit_test(texts_are_read),
        cmocka_unit_test(members_hold_what_was_read),
        cmocka_unit_test(words_of_whole_values),
        cmocka_unit_test(defaults_are_filled_in),
        cmocka_unit_test(no_memory),
        cmocka_unit_test(the_nearest_word_is_suggested),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
