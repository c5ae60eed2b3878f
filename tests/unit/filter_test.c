/* transform/filter.h */
#include "transform/filter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/fault.h"
#include "base/util.h"

/* An event as text: its kind, then "|name=value" for each field. */
#define SENT     "delivery|queue_id=4F1A2B3C4D|from=anna@example.org|smtp_code=250|delay=1.20|status=sent"
#define DEFERRED "delivery|queue_id=4F1A2B3C4D|from=|smtp_code=451|delay=0|status=deferred|client_ip=192.0.2.7"
#define LISTED   "other|extra=a=1|extra=b=2|line_cut="

/* Lists as text: entries are separated by '|', the conditions of one by ';', the values of one by ' '. NULL: there is
 * no such list. */
static const struct {
    const char *event;
    const char *keep, *drop;
    bool passes;
} rows[] = {
    {SENT, NULL, NULL, true},

    /* the kind alone */
    {"debug", NULL, "event=debug", false},
    {"debug", NULL, "event=anvil_statistics|event=debug", false},
    {"debug", NULL, "event=anvil_statistics debug", false},
    {"other", NULL, "event=anvil_statistics debug", true},
    {"login_failed", NULL, "event=login_*", false},
    {"login_aborted", NULL, "event=login_*", false},
    {"login", NULL, "event=login_*", true},
    {"login", NULL, "event=no_such_kind", true},
    {"heartbeat", NULL, "event=heartbeat", false}, /* the last one: the end of the bit set */
    {"connect", NULL, "event=connect", false},     /* the first one */
    {"delivery", "event=delivery", NULL, true},
    {"removed", "event=delivery", NULL, false},

    /* all conditions of one entry, one entry of all */
    {SENT, "event=delivery;status=deferred bounced", NULL, false},
    {DEFERRED, "event=delivery;status=deferred bounced", NULL, true},
    {"other|status=deferred", "event=delivery;status=deferred bounced", NULL, false},
    {SENT, "event=delivery;status=deferred|event=delivery;status=sent", NULL, true},
    {SENT, "status=sent;smtp_code=250;from=*@example.org", NULL, true},
    {SENT, "status=sent;smtp_code=250;from=*@example.net", NULL, false},
    {SENT, "smtp_code=251|smtp_code=252", NULL, false},
    {SENT, NULL, "event=delivery;status=deferred|event=delivery", false},
    {DEFERRED, NULL, "event=removed;status=deferred|event=delivery;status=sent", true},

    /* both: to drop takes from what is kept */
    {SENT, "event=delivery", "status=sent", false},
    {DEFERRED, "event=delivery", "status=sent", true},
    {"removed", "event=delivery", "status=sent", false},
    {SENT, "event=delivery", "event=delivery", false},

    /* values */
    {SENT, "status=sen", NULL, false},
    {SENT, "status=sent_", NULL, false},
    {SENT, "status=SENT", NULL, false},
    {SENT, "status=s?nt", NULL, true},
    {SENT, "status=*", NULL, true},
    {"other", "status=*", NULL, false}, /* it has none */
    {"other", "status=", NULL, false},
    {SENT, "from=", NULL, false},
    {DEFERRED, "from=", NULL, true}, /* the null sender */
    {DEFERRED, "from=*", NULL, true},
    {DEFERRED, "from=?*", NULL, false},
    {SENT, "smtp_code=2*", NULL, true},
    {DEFERRED, "smtp_code=2*", NULL, false},
    {SENT, "delay=1.20", NULL, true},
    {SENT, "delay=1.2", NULL, false}, /* the text of the line */
    {DEFERRED, "client_ip=192.0.2.*", NULL, true},
    {DEFERRED, "client_ip=192.0.3.*", NULL, false},

    /* lists: any element */
    {LISTED, "extra=a=1", NULL, true},
    {LISTED, "extra=b=2", NULL, true},
    {LISTED, "extra=b=*", NULL, true},
    {LISTED, "extra=a=1b=2", NULL, false},
    {SENT, "extra=*", NULL, false},

    /* there or not */
    {LISTED, "line_cut=true", NULL, true},
    {LISTED, "line_cut=false", NULL, false},
    {SENT, "line_cut=true", NULL, false},
    {SENT, "line_cut=false", NULL, true},

    /* the envelope */
    {"other|host=mx1.example.org", "host=mx?.example.org", NULL, true},
    {"other|host=mx1.example.org", "host=mx1", NULL, false},
    {"other", "host=*", NULL, false},
    {"login|outcome=success", "outcome=success unknown", NULL, true},
    {"login", "outcome=*", NULL, false},
    {"other|message=a b c", "message=*?b?*", NULL, true},
    {"other|source_path=/var/log/mail.log", "source_path=/var/log/*", NULL, true},
    {"other|source_path=/var/log/mail.log", "source_offset=1234567", NULL, true},
    {"other|source_path=/var/log/mail.log", "source_offset=123456", NULL, false},
    {"other", "source_offset=*", NULL, false},
    {"other|event_id=", "event_id=000102030405060708090a0b0c0d0eff", NULL, true},
    {"other|event_id=", "event_id=*0f", NULL, false},
    {"other", "event_id=*", NULL, false},
    {"other", "timestamp=2026-11-21T*", NULL, true},
    {"other", "timestamp=2026-11-21T21:57:39.123456Z", NULL, true},
    {"other", "timestamp=2026-11-22T*", NULL, false},
};

static const struct ps_option row_list = {.name = "r", .type = PS_OPTION_CONDITIONS};

/* The text up to one of `ends`, NUL-terminated in buf; *at moves behind it, not behind what ended it. */
static const char *part_take(const char **at, const char *ends, char buf[128])
{
    size_t n = strcspn(*at, ends);
    assert_true(n < 128);
    memcpy(buf, *at, n);
    buf[n] = '\0';
    *at += n;
    return buf;
}

static void list_make(const char *text, struct ps_conditions *list)
{
    char name[128], value[128], words[64];
    *list = (struct ps_conditions){0};
    for (bool more = text != NULL; more; text++) {
        assert_int_equal(ps_option_set_begin(&row_list, list), 0);
        do {
            text += *text == ';';
            part_take(&text, "=", name);
            do {
                text++;
                part_take(&text, " ;|", value);
                assert_int_equal(ps_option_scalar_set(&row_list, list, name, value, words, sizeof words), 0);
            } while (*text == ' ');
        } while (*text == ';');
        more = *text == '|';
    }
}

static void member_set(struct ps_event *ev, enum ps_field f, struct ps_slice value)
{
    if (f == PS_F_HOST)
        ev->host = value;
    else if (f == PS_F_MESSAGE)
        ev->message = value;
    else if (f == PS_F_SOURCE_PATH)
        ev->source_path = value;
    else if (f == PS_F_OUTCOME)
        ev->outcome = PS_OUTCOME_SUCCESS;
    else if (f == PS_F_EVENT_ID)
        ev->has_id = true;
    else
        assert_true(ps_event_set(ev, f, value));
}

/* Values are borrowed from the text, so none ends with a NUL but the last. */
static void event_make(const char *text, struct ps_event *ev)
{
    ps_event_clear(ev);
    size_t n = strcspn(text, "|");
    assert_true(ps_kind_find(ps_slice_make(text, n), &ev->kind));
    ev->time_usec = INT64_C(1795298259123456); /* 2026-11-21 21:57:39.123456 UTC */
    ev->source_offset = 1234567;
    for (uint8_t i = 0; i < PS_EVENT_ID_LEN; i++)
        ev->id[i] = i == 15 ? 255 : i;
    for (text += n; *text; text += n) {
        enum ps_field f;
        size_t name = strcspn(++text, "=");
        assert_true(ps_field_find(ps_slice_make(text, name), &f));
        text += name + 1;
        n = strcspn(text, "|");
        member_set(ev, f, ps_slice_make(text, n));
    }
}

static void what_fits_is_kept_or_dropped(void **state)
{
    (void)state;
    struct ps_event ev;
    ps_event_init(&ev);
    for (size_t i = 0; i < PS_COUNT(rows); i++) {
        struct ps_conditions keep, drop;
        struct ps_filter *filter = NULL;
        list_make(rows[i].keep, &keep);
        list_make(rows[i].drop, &drop);
        event_make(rows[i].event, &ev);
        assert_int_equal(ps_filter_new(&keep, &drop, &filter), 0);
        if (ps_filter_passes(filter, &ev) != rows[i].passes)
            fail_msg("row %zu: %s, keep %s, drop %s", i, rows[i].event, rows[i].keep ? rows[i].keep : "-",
                     rows[i].drop ? rows[i].drop : "-");
        ps_filter_free(filter);
        ps_option_value_clear(&row_list, &keep);
        ps_option_value_clear(&row_list, &drop);
    }
    ps_event_done(&ev);
}

static void no_filter_lets_all_pass(void **state)
{
    (void)state;
    struct ps_event ev;
    ps_event_init(&ev);
    assert_true(ps_filter_passes(NULL, &ev));
    assert_null(ps_filter_free(NULL));
    ps_event_done(&ev);
}

static void a_name_that_is_no_fields_is_refused(void **state)
{
    (void)state;
    const struct ps_conditions none = {0};
    struct ps_conditions list;
    struct ps_filter *filter = NULL;
    list_make("event=debug|status=sent;evnet=debug", &list);
    assert_int_equal(ps_filter_new(&none, &list, &filter), -EINVAL);
    assert_int_equal(ps_filter_new(&list, &none, &filter), -EINVAL);
    assert_null(filter);
    ps_option_value_clear(&row_list, &list);
}

/* Each allocation fails once; nothing leaks (ASan, valgrind). */
static void no_memory(void **state)
{
    (void)state;
    struct ps_conditions keep, drop;
    struct ps_filter *filter = NULL;
    uint64_t nth = 0;
    list_make("event=delivery;status=sent bounced", &keep);
    list_make("from=*@example.org", &drop);
    while (!filter) {
        ps_fault_arm(PS_FAULT_MALLOC, ++nth, ENOMEM);
        int r = ps_filter_new(&keep, &drop, &filter);
        ps_fault_arm(PS_FAULT_MALLOC, 0, 0);
        assert_int_equal(r, filter ? 0 : -ENOMEM);
    }
    assert_true(nth > 2);
    ps_filter_free(filter);
    ps_option_value_clear(&row_list, &keep);
    ps_option_value_clear(&row_list, &drop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_fits_is_kept_or_dropped),
        cmocka_unit_test(no_filter_lets_all_pass),
        cmocka_unit_test(a_name_that_is_no_fields_is_refused),
        cmocka_unit_test(no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
