#include "format/json.h"

#include "base/utf8.h"
#include "base/util.h"

/* Room for the worst case of a whole object is made once, then all is written through a raw pointer. Copies of fixed
 * length (which the compiler turns into plain loads and stores) may write behind the end of what they are for, within
 * that room; nothing is ever read behind the end of a slice. */
enum {
    STEP = 16,                  /* bytes of text that are looked at and copied at once */
    HEAD_SIZE = 48,             /* bytes copied for the head of a member */
    BYTE_MAX = 6,               /* a byte as \u00XX */
    MEMBER_MAX = HEAD_SIZE + 8, /* a head; quotes, brackets, ".0" */
    ENVELOPE_MAX = 9,           /* members that are not in values[]; encoding_repaired is one */
    FIXED_MAX = 128,            /* values of time stamp, offset, event_id and encoding_repaired, braces, STEP */
    U64_DIGITS_MAX = 20,
};

/* `,"name":` of each field, and its type. */
static const struct head {
    char text[HEAD_SIZE - 2];
    uint8_t n;
    uint8_t type; /* enum ps_field_type */
} heads[PS_FIELD_COUNT] = {
#define PS_FIELD(id, native, type_, ...)                                                                               \
    [PS_F_##id] = {",\"" native "\":", sizeof(",\"" native "\":") - 1, PS_TYPE_##type_},
#include "postship/fields.def"
#undef PS_FIELD
};

static inline char *bytes_put(char *to, const char *from, size_t n)
{
    memcpy(to, from, n);
    return to + n;
}

#define literal_put(to, literal) bytes_put(to, "" literal, sizeof(literal) - 1)

static inline char *head_put(char *to, enum ps_field f)
{
    memcpy(to, &heads[f], sizeof heads[f]);
    return to + heads[f].n;
}

typedef signed char step_bytes __attribute__((vector_size(STEP)));
typedef uint64_t step_words __attribute__((vector_size(STEP)));

/* Whether each byte is written as it is: printable ASCII, neither quote nor backslash. */
static inline bool step_is_plain(step_words words)
{
    const step_bytes none = {0};
    step_bytes b = (step_bytes)words;
    /* as signed numbers, bytes above 0x7F are less than a blank too */
    step_words found = (step_words)((b < none + ' ') | (b == none + '"') | (b == none + '\\'));
    return (found[0] | found[1]) == 0;
}

/* Copies n bytes, 1..STEP-1, by two loads that overlap. Whether all of them were plain. */
static inline bool tail_copy(char *to, const char *from, size_t n)
{
    if (n >= 8) {
        uint64_t first, last;
        memcpy(&first, from, sizeof first);
        memcpy(&last, from + n - sizeof last, sizeof last);
        memcpy(to, &first, sizeof first);
        memcpy(to + n - sizeof last, &last, sizeof last);
        return step_is_plain((step_words){first, last});
    }
    if (n >= 4) {
        uint32_t first, last;
        memcpy(&first, from, sizeof first);
        memcpy(&last, from + n - sizeof last, sizeof last);
        memcpy(to, &first, sizeof first);
        memcpy(to + n - sizeof last, &last, sizeof last);
        uint64_t both = (uint64_t)first << 32 | last;
        return step_is_plain((step_words){both, both});
    }
    to[0] = from[0];
    to[n / 2] = from[n / 2];
    to[n - 1] = from[n - 1];
    uint64_t all = (uint64_t)(uint8_t)from[0] | (uint64_t)(uint8_t)from[n / 2] << 8 |
                   (uint64_t)(uint8_t)from[n - 1] << 16 | UINT64_C(0x6161616161000000); /* filled up with plain bytes */
    return step_is_plain((step_words){all, all});
}

static char *control_put(char *to, uint8_t c)
{
    static const char hex[] = "0123456789abcdef";
    static const char short_forms[' '] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
    if (short_forms[c]) {
        *to++ = '\\';
        *to++ = short_forms[c];
        return to;
    }
    to = literal_put(to, "\\u00");
    *to++ = hex[c >> 4];
    *to++ = hex[c & 15];
    return to;
}

struct cursor {
    char *to;
    const char *from;
};

/* Writes the characters that start before `until`, whatever they are. */
__attribute__((noinline)) static struct cursor characters_put(struct cursor at, const char *until, const char *end,
                                                              bool *repaired)
{
    while (at.from < until) {
        uint8_t c = (uint8_t)*at.from;
        if (c < ' ') {
            at.to = control_put(at.to, c);
            at.from++;
        } else if (c < 0x80) {
            if (c == '"' || c == '\\')
                *at.to++ = '\\';
            *at.to++ = (char)c;
            at.from++;
        } else {
            struct ps_slice rest = {at.from, (size_t)(end - at.from)};
            size_t n = ps_utf8_sequence(rest);
            if (n) {
                at.to = bytes_put(at.to, at.from, n);
            } else {
                n = ps_utf8_bad(rest);
                at.to = literal_put(at.to, "\xEF\xBF\xBD"); /* U+FFFD */
                *repaired = true;
            }
            at.from += n;
        }
    }
    return at;
}

static inline char *text_put(char *to, struct ps_slice s, bool *repaired)
{
    const char *end = s.n ? s.p + s.n : s.p;
    *to++ = '"';
    struct cursor at = {to, s.p};
    while (end - at.from >= STEP) {
        step_words block;
        memcpy(&block, at.from, STEP);
        if (step_is_plain(block)) {
            memcpy(at.to, &block, STEP);
            at.to += STEP;
            at.from += STEP;
        } else {
            at = characters_put(at, at.from + STEP, end, repaired);
        }
    }
    if (at.from < end) {
        size_t n = (size_t)(end - at.from);
        if (tail_copy(at.to, at.from, n))
            at.to += n;
        else
            at = characters_put(at, end, end, repaired);
    }
    *at.to++ = '"';
    return at.to;
}

/* A number as it stands in the line; not empty. */
static inline char *lexeme_put(char *to, struct ps_slice s)
{
    if (s.n >= STEP)
        return bytes_put(to, s.p, s.n);
    (void)tail_copy(to, s.p, s.n);
    return to + s.n;
}

static inline char *value_put(char *to, enum ps_field_type type, struct ps_slice value, bool *repaired)
{
    switch (type) {
    case PS_TYPE_INT:
        return lexeme_put(to, value);
    case PS_TYPE_FLOAT:
        to = lexeme_put(to, value);
        return memchr(value.p, '.', value.n) ? to : literal_put(to, ".0");
    case PS_TYPE_BOOL:
        return literal_put(to, "true");
    case PS_TYPE_KEYWORD:
    case PS_TYPE_TEXT:
    case PS_TYPE_IP:
    case PS_TYPE_TIME:
    case PS_TYPE_LIST:
        break;
    }
    return text_put(to, value, repaired);
}

/* All elements of the list whose first one may be values[i]; nothing where it isn't the first. */
static char *list_put(char *to, const struct ps_event *ev, unsigned i, bool *repaired)
{
    enum ps_field f = ev->values[i].field;
    for (unsigned before = 0; before < i; before++)
        if (ev->values[before].field == f)
            return to;
    to = head_put(to, f);
    char separator = '[';
    for (; i < ev->n; i++)
        if (ev->values[i].field == f) {
            *to++ = separator;
            to = text_put(to, ev->values[i].value, repaired);
            separator = ',';
        }
    *to++ = ']';
    return to;
}

static inline char *row_put(char *to, const struct ps_event *ev, unsigned i, bool *repaired)
{
    const struct ps_value *v = &ev->values[i];
    enum ps_field_type type = heads[v->field].type;
    if (type == PS_TYPE_LIST)
        return list_put(to, ev, i, repaired);
    return value_put(head_put(to, v->field), type, v->value, repaired);
}

static inline char *member_put(char *to, enum ps_field f, struct ps_slice text, bool *repaired)
{
    return text_put(head_put(to, f), text, repaired);
}

static char *u64_put(char *to, uint64_t v)
{
    char digits[U64_DIGITS_MAX];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + v % 10);
        v /= 10;
    } while (v);
    return bytes_put(to, digits + at, sizeof digits - at);
}

static char *id_put(char *to, const uint8_t id[PS_EVENT_ID_LEN])
{
    static const char hex[] = "0123456789abcdef";
    to = head_put(to, PS_F_EVENT_ID);
    *to++ = '"';
    for (int i = 0; i < PS_EVENT_ID_LEN; i++) {
        *to++ = hex[id[i] >> 4];
        *to++ = hex[id[i] & 15];
    }
    *to++ = '"';
    return to;
}

static bool field_is_from_header(enum ps_field f)
{
    return f == PS_F_PROGRAM || f == PS_F_INSTANCE || f == PS_F_SERVICE || f == PS_F_PID || f == PS_F_FACILITY ||
           f == PS_F_SEVERITY;
}

static char *event_put(char *to, struct ps_json_encoder *enc, const struct ps_event *ev)
{
    bool repaired = false;
    char *start = to;
    if (ev->time_usec != INT64_MIN) {
        to = head_put(to, PS_F_TIMESTAMP);
        *to++ = '"';
        ps_timestamp_format_cached(&enc->time, ev->time_usec, to);
        to += PS_TIMESTAMP_LEN;
        *to++ = '"';
    }
    if (ev->host.n)
        to = member_put(to, PS_F_HOST, ev->host, &repaired);
    unsigned i = 0;
    for (; i < ev->n && field_is_from_header(ev->values[i].field); i++)
        to = row_put(to, ev, i, &repaired);
    to = member_put(to, PS_F_EVENT, ps_kind_infos[ev->kind].name, &repaired);
    if (ev->outcome != PS_OUTCOME_NONE)
        to = member_put(to, PS_F_OUTCOME, ps_outcome_name(ev->outcome), &repaired);
    for (; i < ev->n; i++)
        to = row_put(to, ev, i, &repaired);

    if (ev->message.p)
        to = member_put(to, PS_F_MESSAGE, ev->message, &repaired);
    if (ev->source_path.n) {
        to = member_put(to, PS_F_SOURCE_PATH, ev->source_path, &repaired);
        to = u64_put(head_put(to, PS_F_SOURCE_OFFSET), ev->source_offset);
    }
    if (ev->has_id)
        to = id_put(to, ev->id);
    if (repaired && !ps_event_has(ev, PS_F_ENCODING_REPAIRED))
        to = literal_put(head_put(to, PS_F_ENCODING_REPAIRED), "true");
    if (enc->added.n)
        to = bytes_put(to, enc->added.p, enc->added.n);
    *start = '{'; /* instead of the first member's comma */
    *to++ = '}';
    return to;
}

static size_t event_most(const struct ps_json_encoder *enc, const struct ps_event *ev)
{
    size_t text = ev->host.n + ev->message.n + ev->source_path.n + ps_kind_infos[ev->kind].name.n +
                  ps_outcome_name(ev->outcome).n;
    for (unsigned i = 0; i < ev->n; i++)
        text += ev->values[i].value.n;
    return BYTE_MAX * text + (ev->n + ENVELOPE_MAX) * MEMBER_MAX + FIXED_MAX + enc->added.n;
}

/* Where the worst case does not fit into *out what is there may still fit: it was written aside. */
static int aside_append(struct ps_buf *out, const struct ps_buf *aside)
{
    if (aside->error)
        return out->error = aside->error;
    return ps_buf_append_slice(out, ps_buf_slice(aside));
}

int ps_json_encode(struct ps_json_encoder *enc, const struct ps_event *ev, struct ps_buf *out)
{
    size_t most = event_most(enc, ev);
    if (!out->error && most > out->max - out->n) {
        _cleanup_(ps_buf_done) struct ps_buf aside = {.max = most};
        (void)ps_json_encode(enc, ev, &aside);
        return aside_append(out, &aside);
    }
    int r = ps_buf_reserve(out, most);
    if (r < 0)
        return r;
    out->n = (size_t)(event_put(out->p + out->n, enc, ev) - out->p);
    return 0;
}

int ps_json_string_append(struct ps_buf *out, struct ps_slice s, bool *repaired)
{
    size_t most = BYTE_MAX * s.n + 2 + STEP;
    if (!out->error && most > out->max - out->n) {
        _cleanup_(ps_buf_done) struct ps_buf aside = {.max = most};
        (void)ps_json_string_append(&aside, s, repaired);
        return aside_append(out, &aside);
    }
    int r = ps_buf_reserve(out, most);
    if (r < 0)
        return r;
    out->n = (size_t)(text_put(out->p + out->n, s, repaired) - out->p);
    return 0;
}

static bool name_is_free(const struct ps_pairs *pairs, size_t i)
{
    enum ps_field ignored;
    struct ps_slice name = ps_slice_from_str(pairs->v[i].key);
    if (!name.n || ps_field_find(name, &ignored))
        return false;
    for (size_t before = 0; before < i; before++)
        if (strcmp(pairs->v[before].key, pairs->v[i].key) == 0)
            return false;
    return true;
}

int ps_json_added_make(const struct ps_pairs *pairs, struct ps_buf *out)
{
    size_t start = out->n;
    for (size_t i = 0; i < pairs->n; i++) {
        bool repaired = false;
        (void)ps_buf_append_char(out, ',');
        (void)ps_json_string_append(out, ps_slice_from_str(pairs->v[i].key), &repaired);
        (void)ps_buf_append_char(out, ':');
        (void)ps_json_string_append(out, ps_slice_from_str(pairs->v[i].value), &repaired);
        if (out->error || repaired || !name_is_free(pairs, i)) {
            out->n = start;
            return out->error ? out->error : -EINVAL;
        }
    }
    return 0;
}

size_t ps_event_json(const struct ps_event *event, char *dst, size_t size)
{
    struct ps_json_encoder enc = {0};
    _cleanup_(ps_buf_done) struct ps_buf out = {.max = SIZE_MAX};
    if (ps_json_encode(&enc, event, &out) < 0)
        return 0;
    if (out.n <= size)
        memcpy(dst, out.p, out.n);
    return out.n;
}
