/* Any bytes as a line: parsed, enriched, encoded; then read again by libyajl, which must find the same values. */
#include <string.h>

#include "base/utf8.h"
#include "base/util.h"
#include "format/json.h"
#include "fuzz.h"
#include "lib/json_read.h"
#include "line.h"

enum { NOW_SEC = 1795302000 }; /* 21 November 2026, where the seeds are from */

static const struct ps_parser *parser_get(void)
{
    static struct ps_parser *parser;
    if (!parser) {
        fuzz_check(setenv("TZ", "UTC", 1) == 0);
        fuzz_check(ps_parser_new(&parser) == 0);
    }
    return parser;
}

/* Text comes back byte for byte; ill-formed UTF-8 comes back repaired, and the event says so. */
static void text_check(const struct ps_json *root, const struct ps_json *v, struct ps_slice expected)
{
    struct ps_slice found;
    fuzz_check(ps_json_string(v, &found));
    bool repaired = false;
    if (ps_utf8_valid(expected)) {
        fuzz_check(ps_slice_equal(found, expected));
    } else {
        fuzz_check(ps_json_bool(ps_json_member(root, "encoding_repaired"), &repaired) && repaired);
        fuzz_check(ps_utf8_valid(found));
    }
}

static void list_check(const struct ps_json *root, const struct ps_json *list, const struct ps_event *ev,
                       enum ps_field f)
{
    size_t i = 0;
    for (unsigned at = 0; at < ev->n; at++)
        if (ev->values[at].field == f)
            text_check(root, ps_json_element(list, i++), ev->values[at].value);
    fuzz_check(ps_json_length(list) == i);
}

static void value_check(const struct ps_json *root, const struct ps_event *ev, const struct ps_value *value)
{
    const struct ps_field_info *info = &ps_field_infos[value->field];
    const struct ps_json *v = ps_json_member(root, ps_field_name(value->field));
    struct ps_slice number;
    bool is_true = false;
    switch (info->type) {
    case PS_TYPE_INT:
        fuzz_check(ps_json_number_text(v, &number));
        fuzz_check(ps_slice_equal(number, value->value));
        break;
    case PS_TYPE_FLOAT:
        fuzz_check(ps_json_number_text(v, &number));
        fuzz_check(memchr(number.p, '.', number.n) != NULL);
        break;
    case PS_TYPE_BOOL:
        fuzz_check(ps_json_bool(v, &is_true) && is_true);
        break;
    case PS_TYPE_LIST:
        list_check(root, v, ev, value->field);
        break;
    default:
        text_check(root, v, value->value);
    }
}

static void event_check(const struct ps_event *ev, struct ps_slice text)
{
    struct ps_json *root = NULL;
    fuzz_check(ps_json_parse(text, &root) == 0);

    struct ps_slice found;
    fuzz_check(ps_json_string(ps_json_member(root, "event"), &found));
    fuzz_check(ps_slice_equal(found, ps_slice_from_str(ps_kind_name(ev->kind))));
    fuzz_check(ps_json_string(ps_json_member(root, "timestamp"), &found) && found.n == PS_TIMESTAMP_LEN);
    text_check(root, ps_json_member(root, "message"), ev->message);
    if (ev->host.n)
        text_check(root, ps_json_member(root, "host"), ev->host);
    for (unsigned i = 0; i < ev->n; i++)
        value_check(root, ev, &ev->values[i]);
    ps_json_free(root);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct ps_site site;
    struct ps_source source = {
        .path = PS_SLICE("/var/log/mail.log"),
        .has_key = true,
        .time = {.anchor_usec = NOW_SEC * PS_USEC_PER_SEC, .last_usec = INT64_MIN},
    };
    struct ps_record record = {.line = ps_slice_make((const char *)data, size), .source = &source};
    struct ps_line line = {.parser = parser_get(), .site = &site, .own_host = PS_SLICE("mx.example.org")};

    struct ps_event ev = {0};
    ps_event_init(&ev);
    enum ps_verdict verdict = ps_line_event(&line, &record, NOW_SEC * PS_USEC_PER_SEC, &ev);
    fuzz_check(verdict != PS_NOT_SYSLOG || ev.kind == PS_K_UNPARSED);
    fuzz_check(verdict != PS_UNKNOWN || ev.kind == PS_K_OTHER);
    /* the message is a part of the line, up to its end */
    if (!ps_event_has(&ev, PS_F_SECRET_REMOVED)) {
        fuzz_check(ev.message.n <= size);
        fuzz_check(ev.message.n == 0 || memcmp(ev.message.p, data + size - ev.message.n, ev.message.n) == 0);
    }

    struct ps_json_encoder encoder = {0};
    struct ps_buf text = {.max = (size_t)16 << 20};
    fuzz_check(ps_json_encode(&encoder, &ev, &text) == 0);
    event_check(&ev, ps_buf_slice(&text));

    ps_buf_done(&text);
    ps_event_done(&ev);
    return 0;
}
